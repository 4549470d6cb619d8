"""A request waits for its customer, or for access to the site; and open clocks follow the calendar of today (docs/rules.md §5).

Whoever holds the work says so, with what the customer reads of it. The response clock stands still until somebody says
that it goes on, or goes there, or the customer answers; it is then due by so much later. Everybody who was told when is told
the new time.
"""

from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from sqlalchemy import select

from schemas.request_status import CLOCK_MOVED, CUSTOMER_ANSWERED
from schemas.vocabulary import Desk, Milestone, Role, Status, WaitsFor, WorkOrderState
from services.routing import clocks, decisions, desks, lifecycle, queues, requests, store
from services.routing.decisions import Judge, OpenWork
from services.routing.desks import Case
from services.routing.people import BY_CUSTOMER, Person
from services.routing.queues import WorkOrder
from services.routing.requests import BY_ITSELF, Cause, Life
from services.routing.rules.facts import Areas
from services.routing.rules.policy import Policy
from services.routing.store import Writes
from services.routing.tables import REQUESTS
from services.runtime.errors import Conflict, Fault, Invalid
from services.runtime.work import Work, Workshop

#: Open clocks that are computed again in one transaction.
PORTION: Final = 200

_WAITING: Final = {
    WaitsFor.CUSTOMER: Milestone.WAITING_FOR_CUSTOMER,
    WaitsFor.SITE_ACCESS: Milestone.WAITING_FOR_ACCESS,
}
#: What the customer sees of a visit that goes on, by where it stands.
_GOES_ON: Final = {
    WorkOrderState.QUEUED: Milestone.QUEUED_FOR_TECHNICIAN,
    WorkOrderState.ASSIGNED: Milestone.QUEUED_FOR_TECHNICIAN,
    WorkOrderState.ACCEPTED: Milestone.TECHNICIAN_ASSIGNED,
    WorkOrderState.EN_ROUTE: Milestone.EN_ROUTE,
}


def visit_waits(
    work: Work, by_rules: Judge, id_: str, by: Person, seen: int, what_for: WaitsFor, note: str
) -> WorkOrder:
    """The visit cannot go on: said by who holds it or dispatches. `note` is what the customer reads.

    Raises `Conflict` when it moved on, waits already, or nobody would have to wait; `Invalid` without a note.
    """
    life, order = queues.at_hand(work, id_, by, seen, note)
    writes = Writes()
    _stand_still(work, writes, by_rules.policy, life, what_for, note, Cause(by=_role(by)))
    queues.revise(work, writes, life, order, BY_ITSELF, "clock_stopped")
    writes.flush(work.connection)
    queues.tell_queues(work, [order.queue])
    return order


def visit_goes_on(work: Work, by_rules: Judge, id_: str, by: Person, seen: int) -> WorkOrder:
    """The customer answered, or the site is open: the clock runs again. Raises `Conflict` when it was not waiting."""
    life, order = queues.at_hand(work, id_, by, seen, "")
    writes = Writes()
    areas = by_rules.facts.reference(work.connection).areas
    _go_on(work, writes, by_rules.policy, areas, life, _GOES_ON[order.status], Cause(by=_role(by)))
    queues.revise(work, writes, life, order, BY_ITSELF, "clock_resumed")
    writes.flush(work.connection)
    queues.tell_queues(work, [order.queue])
    return order


def case_waits(work: Work, by_rules: Judge, desk: Desk, id_: str, by: Person, seen: int, note: str) -> Case:
    """The desk has a question for the customer, `note`; raises as `visit_waits` does."""
    life, case = desks.locked(work, desk, id_, by, seen, note)
    writes = Writes()
    _stand_still(work, writes, by_rules.policy, life, WaitsFor.CUSTOMER, note, Cause(by=Role.DESK))
    case.respond_by = None
    desks.note_step(work, writes, case, "wait", by, note=note)
    desks.finish(work, writes, case)
    return case


def case_goes_on(work: Work, by_rules: Judge, desk: Desk, id_: str, by: Person, seen: int) -> Case:
    """The customer answered. Raises `Conflict` when nobody was waiting."""
    life, case = desks.locked(work, desk, id_, by, seen, "")
    writes = Writes()
    areas = by_rules.facts.reference(work.connection).areas
    _go_on(work, writes, by_rules.policy, areas, life, desks.WAITING[desk][1], Cause(by=Role.DESK))
    case.respond_by = life.respond_by
    desks.note_step(work, writes, case, "go_on", by)
    desks.finish(work, writes, case)
    return case


def customer_answered(
    work: Work, writes: Writes, by_rules: Judge, life: Life, under_way: OpenWork, said: str, cause: Cause
) -> list[str]:
    """What the customer was asked is answered: the clock goes on, and who asked reads `said`. The queues to tell.

    Words alone: nothing that decides has changed, so nothing is decided again. Empty where nobody works on it any more.
    """
    order, case = under_way.orders.get(life.number), under_way.cases.get(life.number)
    if order is not None and order.status in _GOES_ON:
        milestone, queue = _GOES_ON[order.status], order.queue
    elif case is not None:
        milestone, queue = desks.WAITING[case.desk][1], case.desk.value
    else:
        return []
    areas = by_rules.facts.reference(work.connection).areas
    policy, reason = by_rules.policy, CUSTOMER_ANSWERED
    clocks.go_on(writes, life, policy, areas, work.now)
    requests.move(work, writes, life, policy, Status.IN_PROGRESS, milestone, cause, reason=reason, note=said)
    if order is not None:
        queues.revise(work, writes, life, order, cause, reason, said)
    if case is not None:
        case.respond_by = life.respond_by if life.clock_runs else None
        desks.note_step(work, writes, case, reason, BY_CUSTOMER, note=said)
    return [queue]


def retimed(work: Work, writes: Writes, policy: Policy, life: Life, under_way: OpenWork) -> list[str]:
    """Tell all who were told when: an open clock is due at another time. The ids of the request's events."""
    told = requests.move(work, writes, life, policy, life.status, life.milestone, reason=CLOCK_MOVED)
    order, case = under_way.orders.get(life.number), under_way.cases.get(life.number)
    if order is not None:
        queues.revise(work, writes, life, order, BY_ITSELF, CLOCK_MOVED)
    if case is not None:
        case.respond_by, case.updated_at = life.respond_by if life.clock_runs else None, work.now
        writes.change(case)
    return told


def follow_calendar(workshop: Workshop, by_rules: Judge) -> int:
    """Compute every open clock again: closed days, holidays or the policy changed. How many are due at another time now.

    Safe at any time and by two at once: a clock that is right stays as it is.
    """
    moved, after = 0, ""
    while True:
        with workshop.begin(origin=str(uuid4())) as work:
            numbers = _open_after(work, after)
            if not numbers:
                return moved
            store.lock_requests(work.connection, numbers)
            moved += _compute_again(work, by_rules, numbers)
            after = numbers[-1]


def _open_after(work: Work, number: str) -> list[str]:
    columns = REQUESTS.c
    running = (columns.clock_started.is_not(None), columns.clock_stopped.is_(None), columns.respond_by.is_not(None))
    query = select(columns.number).where(columns.number > number, *running).order_by(columns.number).limit(PORTION)
    return list(work.connection.execute(query).scalars())


def _compute_again(work: Work, by_rules: Judge, numbers: Sequence[str]) -> int:
    areas = by_rules.facts.reference(work.connection).areas
    lives = store.by_keys(work.connection, Life, numbers)
    writes = Writes()
    moved = [life for life in lives.values() if clocks.compute_again(writes, life, by_rules.policy, areas)]
    under_way = decisions.open_work(work.connection, [life.number for life in moved])
    for life in moved:
        retimed(work, writes, by_rules.policy, life, under_way)
    writes.flush(work.connection)
    queues.tell_queues(work, under_way.queues)
    return len(moved)


def _stand_still(
    work: Work, writes: Writes, policy: Policy, life: Life, what_for: WaitsFor, note: str, cause: Cause
) -> None:
    if not note:
        raise Invalid([Fault("note", "required")])
    if not life.clock_open or life.waiting is not None or not lifecycle.REQUEST.may(life.status, "ask"):
        raise Conflict("wait.waits_already" if life.waiting is not None else "wait.no_clock", typed=note)
    requests.move(work, writes, life, policy, Status.PENDING, _WAITING[what_for], cause, note=note)


def _go_on(
    work: Work, writes: Writes, policy: Policy, areas: Areas, life: Life, milestone: Milestone, cause: Cause
) -> None:
    if life.waiting is None:
        raise Conflict("wait.not_waiting")
    clocks.go_on(writes, life, policy, areas, work.now)
    requests.move(work, writes, life, policy, Status.IN_PROGRESS, milestone, cause, reason="clock_resumed")


def _role(by: Person) -> Role:
    return Role.DESK if by.dispatches else Role.TECHNICIAN
