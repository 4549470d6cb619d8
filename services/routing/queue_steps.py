"""What a technician or a dispatcher does to a work order: take it, go there, finish it, give it back (docs/rules.md §10).

Each step is a row of `_STEPS`, and each that was done one of the table `steps`; whether it is legal, the lifecycle table says.
Who comes too late learns who was first: 409, never a second visit.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from schemas.dispatch import (
    Accepted,
    Assigned,
    Completed,
    EnRoute,
    Incomplete,
    OnSite,
    Place,
    Requeued,
    WorkOrderMessage,
)
from schemas.request_status import STILL_WAITING
from schemas.vocabulary import Milestone, Role, Status, WorkOrderState
from services.routing import clocks, queues, store
from services.routing.lifecycle import WORK_ORDER
from services.routing.people import NOTHING_SAID, Person, Said
from services.routing.queues import WorkOrder
from services.routing.requests import BY_ITSELF, Cause, Life, move, stop_clock
from services.routing.rules.facts import Areas
from services.routing.rules.policy import Policy
from services.routing.store import Writes
from services.routing.tables import STEPS
from services.runtime.errors import Conflict, Fault, Forbidden, Invalid
from services.runtime.work import Work


@dataclass(frozen=True, slots=True)
class _Step:
    """One thing that can be done: its event in the lifecycle, what it tells, and who may."""

    event: str
    message: type[WorkOrderMessage]
    milestone: Milestone | None = None
    by_holder: bool = False
    by_dispatcher: bool = False
    needs_reason: bool = False


#: By the last word of its address. A step both by holder and by dispatcher is open to either.
_STEPS: Final[dict[str, _Step]] = {
    "claim": _Step("claim", Assigned),
    "assign": _Step("assign", Assigned, by_dispatcher=True),
    "accept": _Step("accept", Accepted, Milestone.TECHNICIAN_ASSIGNED, by_holder=True),
    "decline": _Step("decline", Requeued, by_holder=True, needs_reason=True),
    "release": _Step(
        "release", Requeued, Milestone.QUEUED_FOR_TECHNICIAN, by_holder=True, by_dispatcher=True, needs_reason=True
    ),
    "withdraw": _Step("withdraw", Requeued, Milestone.QUEUED_FOR_TECHNICIAN, by_dispatcher=True, needs_reason=True),
    "en-route": _Step("en_route", EnRoute, Milestone.EN_ROUTE, by_holder=True),
    "arrive": _Step("arrive", OnSite, Milestone.ON_SITE, by_holder=True),
    "complete": _Step("complete", Completed, Milestone.REPAIRED, by_holder=True),
    "leave": _Step("leave", Incomplete, Milestone.VISIT_INCOMPLETE, by_holder=True, needs_reason=True),
}

#: Who goes there waits no longer.
_GOES_THERE: Final = (EnRoute, OnSite)

STEP_NAMES: Final = tuple(name for name in _STEPS if name != "leave")


def take_step(
    work: Work, policy: Policy, areas: Areas, id_: str, name: str, by: Person, seen: int, said: Said = NOTHING_SAID
) -> WorkOrder:
    """Somebody does `name` to the work order that they saw at version `seen`. The work order after it.

    Raises `NotFound` for what is not theirs to see, `Conflict` when things moved on or the step is not legal now,
    `Forbidden` when it is not theirs to do, `Invalid` when a reason is missing.
    """
    life, order = queues.locked(work, id_, by)
    if said.key and store.step_by_key(work.connection, order.id, said.key):
        return order
    step = _STEPS[name]
    if step.needs_reason and not said.reason:
        raise Invalid([Fault("reason", "required")])
    if seen != order.version:
        raise queues.moved_on(work, order, said.note)
    writes = Writes()
    if order.lapsed_at(work.now):
        queues.lapse(work, writes, life, order)
    if not WORK_ORDER.may(order.status, step.event):
        raise queues.moved_on(work, order, said.note, writes)
    _check_who(step, order, by)
    _apply(work, writes, policy, areas, life, order, name, by, said)
    writes.flush(work.connection)
    queues.tell_queues(work, [order.queue])
    return order


def _check_who(step: _Step, order: WorkOrder, by: Person) -> None:
    if step.by_dispatcher and by.dispatches:
        return
    if step.by_dispatcher and not step.by_holder:
        raise Forbidden
    if step.by_holder and order.technician != by.id:
        raise Conflict("work_order.held_by", name=order.technician_name or "")


def _apply(
    work: Work,
    writes: Writes,
    policy: Policy,
    areas: Areas,
    life: Life,
    order: WorkOrder,
    name: str,
    by: Person,
    said: Said,
) -> None:
    step = _STEPS[name]
    happened_at = _believed(said.occurred_at, order.happened_at, work.now)
    unbelieved = said.occurred_at if happened_at is None else None
    at = happened_at or work.now
    held_by = order.technician
    if life.waiting is not None and step.message in _GOES_THERE:
        clocks.go_on(writes, life, policy, areas, at)
        queues.revise(work, writes, life, order, BY_ITSELF, "clock_resumed")
    queues.step_to(work, writes, order, step.event, at)
    noted = queues.noted(order, step.event, by.id, by.name, work.now, happened_at=at, claimed_at=unbelieved)
    writes.add(STEPS, {**noted, "reason": said.reason, "note": said.note, "key": said.key})
    _hold(work, writes, policy, order, by, said)
    more: dict[str, Any] = {"lease_until": order.lease_until} if step.message is Assigned else {}
    if order.done_at is not None:
        order.report = said.report or {"fixed": name == "complete", "reason": said.reason, "note": said.note}
    told = queues.told(order, at) | ({"technician": held_by} if order.done_at is not None else {})
    work.emit(step.message(**told, reason=said.reason, **more))
    life.visit_status = order.status
    writes.change(life)
    shown = _shown(step, order, life)
    if shown is None:
        return
    status = Status.RESOLVED if shown is Milestone.REPAIRED else Status.IN_PROGRESS
    reason = said.reason
    if life.waiting is not None:  # who comes is settled meanwhile; the wait goes on
        status, shown, reason = life.status, life.milestone, STILL_WAITING
    if shown is Milestone.VISIT_INCOMPLETE:
        _again(work, writes, life, order)
    else:
        life.visit = {"work_order": order.id, "technician": order.technician_name}
    if shown is Milestone.ON_SITE:
        clocks.measure(writes, life, policy, areas, at)
        stop_clock(writes, life, at)
    cause = Cause(by=Role.TECHNICIAN if order.technician == by.id or not by.dispatches else Role.DESK)
    move(work, writes, life, policy, status, shown, cause, at=at, reason=reason)


def _hold(work: Work, writes: Writes, policy: Policy, order: WorkOrder, by: Person, said: Said) -> None:
    """Whose it is after the step, and until when without their word."""
    writes.stop(order.id, queues.LEASE)
    match order.status:
        case WorkOrderState.ASSIGNED:
            order.technician = said.technician or by.id
            order.technician_name = said.technician_name or said.technician or by.name
            order.lease_until = work.now + policy.claim_lease
            writes.add_timer(order.number, order.id, queues.LEASE, order.lease_until)
        case WorkOrderState.QUEUED:
            order.technician = order.technician_name = order.lease_until = None
        case WorkOrderState.COMPLETED | WorkOrderState.INCOMPLETE:
            order.done_at = work.now
        case _:
            order.lease_until = None


def _shown(step: _Step, order: WorkOrder, life: Life) -> Milestone | None:
    """The milestone that the customer sees; a job taken back before it was accepted was never shown as taken."""
    if step.milestone is Milestone.QUEUED_FOR_TECHNICIAN and life.milestone is step.milestone:
        return None
    return step.milestone


def _again(work: Work, writes: Writes, life: Life, order: WorkOrder) -> None:
    """Not repaired: a new visit follows, the parts awaited. The response clock has been met and does not start again."""
    queues.offer(work, writes, life, Place(**order.place), order.machine, BY_ITSELF, visit=order.visit + 1)


def _believed(said: datetime | None, last: datetime, now: datetime) -> datetime | None:
    """The device's time, if it lies between the last known step and now; None: not to be believed."""
    return said if said is not None and last <= said <= now else None
