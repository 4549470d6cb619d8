"""What follows from each outcome: the status and milestone right after the decision, and whose queue it is in.

docs/rules.md §2. `inProgress` is work under way, `pending` waits for the customer, `held` for us.
"""

from dataclasses import dataclass
from typing import Final

from schemas.vocabulary import Desk, Milestone, Outcome, Status


@dataclass(frozen=True, slots=True)
class After:
    status: Status
    milestone: Milestone
    queue: Desk | None = None  # a visit's queue is its territory


#: One line an outcome; docs/rules.md's table is made from it.
AFTER: Final = {
    Outcome.ONSITE_DISPATCH: After(Status.IN_PROGRESS, Milestone.QUEUED_FOR_TECHNICIAN),
    Outcome.MAIL_IN: After(Status.PENDING, Milestone.AWAITING_PACKAGE),
    Outcome.PARTS_SHIPMENT: After(Status.IN_PROGRESS, Milestone.PARTS_ORDERED, Desk.PARTS_DESK),
    Outcome.BILLABLE_ESTIMATE: After(Status.HELD, Milestone.ESTIMATE_IN_PREPARATION, Desk.BILLING_DESK),
    Outcome.REMOTE_SUPPORT: After(Status.IN_PROGRESS, Milestone.QUEUED_FOR_SUPPORT, Desk.REMOTE_SUPPORT),
    Outcome.SUBSCRIPTION_LAPSED: After(Status.PENDING, Milestone.RENEWAL_OFFERED),
    Outcome.NOT_ENTITLED: After(Status.REJECTED, Milestone.NOT_ENTITLED),
    Outcome.ANSWERED: After(Status.RESOLVED, Milestone.ANSWERED),
    Outcome.TERMINATION_SCHEDULED: After(Status.RESOLVED, Milestone.TERMINATION_SCHEDULED),
    Outcome.TERMINATION_REFUSED: After(Status.REJECTED, Milestone.NOTICE_TOO_EARLY),
    Outcome.TRIAGE: After(Status.HELD, Milestone.TRIAGE, Desk.TRIAGE),
    Outcome.CONTRACT_DESK: After(Status.HELD, Milestone.CONTRACT_DESK, Desk.CONTRACT_DESK),
    Outcome.BILLING_DESK: After(Status.HELD, Milestone.BILLING_DESK, Desk.BILLING_DESK),
    Outcome.GENERAL_DESK: After(Status.HELD, Milestone.GENERAL_DESK, Desk.GENERAL_DESK),
    Outcome.KEY_CENTRE: After(Status.HELD, Milestone.KEY_CENTRE, Desk.KEY_CENTRE),
    Outcome.APPROVAL: After(Status.HELD, Milestone.UNDER_REVIEW, Desk.APPROVAL),
    Outcome.INCOMPLETE: After(Status.PENDING, Milestone.INFORMATION_NEEDED),
}
