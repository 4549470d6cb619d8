"""Technicians' work orders: offered in a territory's queue, taken by one, done or given back (docs/rules.md §10).

Every step is one row of `STEPS`; whether it is legal, the lifecycle table says. Each tells `dispatch`, and the request's
next version where the customer sees a difference. Who comes too late learns who was first: 409, never a second visit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Table

from schemas.decision import MachineRef
from schemas.dispatch import (
    Accepted,
    Assigned,
    Completed,
    EnRoute,
    Incomplete,
    Offered,
    OnSite,
    Place,
    Requeued,
    Revised,
    Withdrawn,
    WorkOrderMessage,
)
from schemas.request_status import STILL_WAITING
from schemas.vocabulary import Milestone, Role, ServiceLevel, Status, WorkOrderState
from services.routing import clocks, store
from services.routing.lifecycle import WORK_ORDER
from services.routing.people import NOTHING_SAID, Person, Said, resource
from services.routing.requests import BY_ITSELF, Cause, Life, move, stop_clock
from services.routing.rules.facts import Areas
from services.routing.rules.policy import Policy
from services.routing.store import Writes
from services.routing.tables import STEPS, WORK_ORDERS
from services.runtime.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from services.runtime.identity.owners import require_owner
from services.runtime.work import Work

#: Signal: something changed in these queues; their names, one a line.
QUEUES_CHANGED: Final = "fixline_queues"

#: A work order's own timer: the claim that nobody confirmed in time.
LEASE: Final = "lease"

#: A second visit goes before the first visits of others, like one whose time is running out.
RETURNING: Final = clocks.FIRST_WARNING


@dataclass(slots=True)
class WorkOrder:
    """One onsite visit: the row of `work_orders`. `happened_at` is when its last step took place."""

    TABLE: ClassVar[Table] = WORK_ORDERS
    KEY: ClassVar[str] = "id"

    id: str
    number: str
    visit: int
    version: int
    queue: str
    status: WorkOrderState
    technician: str | None
    technician_name: str | None
    lease_until: datetime | None
    priority: int
    service_level: ServiceLevel
    respond_by: datetime | None
    machine_type: str
    serial: str
    place: Mapping[str, Any]
    opened_at: datetime
    happened_at: datetime
    updated_at: datetime
    done_at: datetime | None
    report: Mapping[str, Any] | None

    @property
    def machine(self) -> MachineRef:
        return MachineRef(self.machine_type, self.serial)

    def free_at(self, now: datetime) -> bool:
        """Whether anybody of the queue may take it: an expired claim is none, also before its timer has fired."""
        return self.status is WorkOrderState.QUEUED or self.lapsed_at(now)

    def lapsed_at(self, now: datetime) -> bool:
        return self.status is WorkOrderState.ASSIGNED and self.lease_until is not None and self.lease_until <= now


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


def offer(
    work: Work, writes: Writes, life: Life, place: Place, machine: MachineRef, cause: Cause, *, visit: int = 1
) -> WorkOrder:
    """A new visit in the queue that the decision named."""
    if life.queue is None or life.service_level is None:
        raise ValueError(f"{life.number}: an onsite visit needs a queue and a service level")
    first = visit == 1
    order = WorkOrder(
        id=f"WO-{life.number}-{visit}",
        number=life.number,
        visit=visit,
        version=1,
        queue=life.queue,
        status=WORK_ORDER.first,
        technician=None,
        technician_name=None,
        lease_until=None,
        priority=0 if first else RETURNING,
        service_level=life.service_level,
        respond_by=life.respond_by if life.clock_runs else None,
        machine_type=machine.type,
        serial=machine.serial,
        place=dict(place),
        opened_at=work.now,
        happened_at=work.now,
        updated_at=work.now,
        done_at=None,
        report=None,
    )
    writes.begin(order)
    life.visit, life.visit_status = {"work_order": order.id, "technician": None}, order.status
    work.emit(
        Offered(
            **_told(order, work.now),
            service_level=order.service_level,
            respond_by=order.respond_by,
            machine_type=order.machine_type,
            serial=order.serial,
            place=place,
        ),
        cause=cause.envelope,
    )
    return order


def take_step(
    work: Work, policy: Policy, areas: Areas, id_: str, name: str, by: Person, seen: int, said: Said = NOTHING_SAID
) -> WorkOrder:
    """Somebody does `name` to the work order that they saw at version `seen`. The work order after it.

    Raises `NotFound` for what is not theirs to see, `Conflict` when things moved on or the step is not legal now,
    `Forbidden` when it is not theirs to do, `Invalid` when a reason is missing.
    """
    life, order = _locked(work, id_, by)
    if said.key and store.step_by_key(work.connection, order.id, said.key):
        return order
    step = _STEPS[name]
    if step.needs_reason and not said.reason:
        raise Invalid([Fault("reason", "required")])
    if seen != order.version:
        raise moved_on(work, order, said.note)
    writes = Writes()
    if order.lapsed_at(work.now):
        lapse(work, writes, life, order)
    if not WORK_ORDER.may(order.status, step.event):
        raise moved_on(work, order, said.note, writes)
    _check_who(step, order, by)
    _apply(work, writes, policy, areas, life, order, name, by, said)
    writes.flush(work.connection)
    tell_queues(work, [order.queue])
    return order


def lapse(work: Work, writes: Writes, life: Life, order: WorkOrder) -> str:
    """The claim's lease ran out: back into the queue, open to all of it. The event's id."""
    holder = order.technician_name or ""
    _to(work, writes, order, "lapse", work.now)
    order.technician = order.technician_name = order.lease_until = None
    life.visit_status = order.status
    writes.change(life)
    writes.stop(order.id, LEASE)
    writes.add(STEPS, _noted(order, "lapse", "system", holder, work.now))
    return work.emit(Requeued(**_told(order, work.now), reason="lease_over"))


def cancel(work: Work, writes: Writes, life: Life, order: WorkOrder, cause: Cause, reason: str) -> None:
    """Nobody needs to go. Raises `IllegalStep` once somebody is on the way."""
    _to(work, writes, order, "cancel", work.now)
    order.technician = order.technician_name = order.lease_until = None
    order.done_at = work.now
    life.visit_status = order.status
    writes.stop(order.id, LEASE)
    writes.add(STEPS, _noted(order, "cancel", str(cause.by), "", work.now, reason=reason))
    work.emit(Withdrawn(**_told(order, work.now), reason=reason), cause=cause.envelope)


def revise(
    work: Work, writes: Writes, life: Life, order: WorkOrder, cause: Cause, reason: str, note: str | None = None
) -> None:
    """What is promised changed, or when it is due; whoever holds the job keeps it. `note`: what they need to read of it."""
    order.version, order.updated_at = order.version + 1, work.now
    order.respond_by = life.respond_by if life.clock_runs else None
    writes.change(order)
    writes.add(STEPS, _noted(order, "revise", str(cause.by), "", work.now, reason=reason, note=note))
    told = Revised(
        **_told(order, work.now),
        reason=reason,
        status=order.status,
        service_level=order.service_level,
        respond_by=order.respond_by,
    )
    work.emit(told, cause=cause.envelope)


def tell_queues(work: Work, queues: Sequence[str]) -> None:
    """Wake who looks at these queues, if and when this commits; one signal however many there are."""
    names = "\n".join(sorted(set(queues)))
    if names:
        work.notify(QUEUES_CHANGED, names if len(names) < 7000 else "")  # PostgreSQL takes 8000 bytes; none: all


def moved_on(work: Work, order: WorkOrder, typed: str | None, pending: Writes | None = None) -> Conflict:
    """Who did what, and when: what the person who came too late needs to know."""
    last = store.step_at(work.connection, order.id, order.version)
    if last is None:
        if pending is not None and order.status is WorkOrderState.QUEUED:
            return Conflict("work_order.lapse", typed=typed or "", name="", time=_clock(order, work.now))
        return Conflict(f"work_order.is_{order.status.value}", typed=typed or "")
    code = f"work_order.{last['step']}"
    return Conflict(code, typed=typed or "", name=last["by_name"], time=_clock(order, last["at"]))


def believed(said: datetime | None, last: datetime, now: datetime) -> datetime | None:
    """The device's time, if it lies between the last known step and now; None: not to be believed."""
    return said if said is not None and last <= said <= now else None


def at_hand(work: Work, id_: str, by: Person, seen: int, typed: str) -> tuple[Life, WorkOrder]:
    """The request and its work order, locked, for somebody who holds it or dispatches and saw it as it is.

    Raises `NotFound` for what is not theirs to see, `Conflict` when things moved on, the job is over or another's.
    """
    life, order = _locked(work, id_, by)
    if seen != order.version or WORK_ORDER.final(order.status):
        raise moved_on(work, order, typed)
    if not by.dispatches and order.technician != by.id:
        raise Conflict("work_order.held_by", name=order.technician_name or "", typed=typed)
    return life, order


def _locked(work: Work, id_: str, by: Person) -> tuple[Life, WorkOrder]:
    """The request's row first, then the work order's: the order in which everybody locks."""
    seen = store.one(work.connection, WorkOrder, id_)
    if seen is None:
        raise NotFound
    life = store.one(work.connection, Life, seen.number, lock=True)
    order = store.one(work.connection, WorkOrder, id_, lock=True)
    if life is None or order is None:
        raise NotFound
    require_owner(by.principal, resource(queue=order.queue, customer_number=life.customer_number))
    return life, order


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
    happened_at = believed(said.occurred_at, order.happened_at, work.now)
    unbelieved = said.occurred_at if happened_at is None else None
    at = happened_at or work.now
    held_by = order.technician
    if life.waiting is not None and step.message in _GOES_THERE:
        clocks.go_on(writes, life, policy, areas, at)
        revise(work, writes, life, order, BY_ITSELF, "clock_resumed")
    _to(work, writes, order, step.event, at)
    noted = _noted(order, step.event, by.id, by.name, work.now, happened_at=at, claimed_at=unbelieved)
    writes.add(STEPS, {**noted, "reason": said.reason, "note": said.note, "key": said.key})
    _hold(work, writes, policy, order, by, said)
    more: dict[str, Any] = {"lease_until": order.lease_until} if step.message is Assigned else {}
    if order.done_at is not None:
        order.report = said.report or {"fixed": name == "complete", "reason": said.reason, "note": said.note}
    told = _told(order, at) | ({"technician": held_by} if order.done_at is not None else {})
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
    writes.stop(order.id, LEASE)
    match order.status:
        case WorkOrderState.ASSIGNED:
            order.technician = said.technician or by.id
            order.technician_name = said.technician_name or said.technician or by.name
            order.lease_until = work.now + policy.claim_lease
            writes.add_timer(order.number, order.id, LEASE, order.lease_until)
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
    offer(work, writes, life, Place(**order.place), order.machine, BY_ITSELF, visit=order.visit + 1)


def _to(work: Work, writes: Writes, order: WorkOrder, event: str, at: datetime) -> None:
    order.status = WORK_ORDER.step(order.status, event)
    order.version += 1
    order.happened_at, order.updated_at = max(at, order.happened_at), work.now
    writes.change(order)


def _told(order: WorkOrder, at: datetime) -> dict[str, Any]:
    return {
        "work_order": order.id,
        "version": order.version,
        "number": order.number,
        "queue": order.queue,
        "occurred_at": at,
        "technician": order.technician,
    }


def _noted(order: WorkOrder, event: str, by: str, by_name: str, at: datetime, **more: Any) -> store.Row:
    return store.step(
        number=order.number,
        subject=order.id,
        version=order.version,
        step=event,
        by=by,
        by_name=by_name,
        at=at,
        **more,
    )


def _clock(order: WorkOrder, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(order.place['timezone'])):%H:%M}"
