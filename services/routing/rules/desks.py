"""What a person answers at a desk: a charge disputed, and anything else (docs/rules.md §2, §8).

A contract number means nothing to either; one that is not this customer's is ignored without a word.
"""

from schemas.request import DisputeDetails, details_of
from schemas.vocabulary import Outcome
from services.routing.rules.case import Case, Ruling, incomplete


def billing_dispute(case: Case) -> Ruling:
    """Only the disputed lines are held, and only once the desk knows the invoice."""
    if details_of(case.request, DisputeDetails).invoice_number is None:
        return incomplete("details.invoice_number")
    return Ruling(Outcome.BILLING_DESK, "billing.dispute")


def inquiry(case: Case) -> Ruling:
    """Whatever was not answered otherwise."""
    return incomplete("text") if case.request.text is None else Ruling(Outcome.GENERAL_DESK, "inquiry.general")
