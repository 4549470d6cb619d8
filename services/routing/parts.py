"""Parts that the customer fits themselves: ordered by the decision, sent by the parts desk, and then it is done (docs/rules.md §2)."""

from schemas.vocabulary import Desk, Milestone, Outcome, Role, Status
from services.routing import desks, requests
from services.routing.desks import Case
from services.routing.people import Person
from services.routing.requests import Cause
from services.routing.rules.policy import Policy
from services.routing.store import Writes
from services.runtime.errors import Conflict
from services.runtime.work import Work


def ship(work: Work, policy: Policy, id_: str, by: Person, seen: int, parcel: str, note: str = "") -> Case:
    """The parts are on their way: under which number of the carrier, and what the customer reads with it."""
    life, case = desks.locked(work, Desk.PARTS_DESK, id_, by, seen, note)
    if life.outcome is not Outcome.PARTS_SHIPMENT:
        raise Conflict("parts.not_ordered", typed=note)
    writes = Writes()
    desks.end(work, writes, case, by, "shipped", reason=parcel, note=note or None)
    said = "\n".join(part for part in (parcel, note) if part)
    cause = Cause(by=Role.DESK)
    requests.move(
        work, writes, life, policy, Status.RESOLVED, Milestone.PARTS_SHIPPED, cause, reason="shipped", note=said
    )
    desks.finish(work, writes, case)
    return case
