"""Technicians' work orders: offered in a territory's queue, revised, called off (docs/rules.md §10).

What people do to one is in `queue_steps.py`. Every step is one row of `STEPS`; whether it is legal, the lifecycle table says.
Each tells `dispatch`, and the request's next version where the customer sees a difference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Table

from schemas.decision import MachineRef
from schemas.dispatch import Offered, Place, Requeued, Revised, Withdrawn
from schemas.vocabulary import ServiceLevel, WorkOrderState
from services.routing import clocks, store
from services.routing.lifecycle import WORK_ORDER
from services.routing.people import Person, resource
from services.routing.requests import Cause, Life
from services.routing.store import Writes
from services.routing.tables import STEPS, WORK_ORDERS
from services.runtime.errors import Conflict, NotFound
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
            **told(order, work.now),
            service_level=order.service_level,
            respond_by=order.respond_by,
            machine_type=order.machine_type,
            serial=order.serial,
            place=place,
        ),
        cause=cause.envelope,
    )
    return order


def lapse(work: Work, writes: Writes, life: Life, order: WorkOrder) -> str:
    """The claim's lease ran out: back into the queue, open to all of it. The event's id."""
    holder = order.technician_name or ""
    step_to(work, writes, order, "lapse", work.now)
    order.technician = order.technician_name = order.lease_until = None
    life.visit_status = order.status
    writes.change(life)
    writes.stop(order.id, LEASE)
    writes.add(STEPS, noted(order, "lapse", "system", holder, work.now))
    return work.emit(Requeued(**told(order, work.now), reason="lease_over"))


def cancel(work: Work, writes: Writes, life: Life, order: WorkOrder, cause: Cause, reason: str) -> None:
    """Nobody needs to go. Raises `IllegalStep` once somebody is on the way."""
    step_to(work, writes, order, "cancel", work.now)
    order.technician = order.technician_name = order.lease_until = None
    order.done_at = work.now
    life.visit_status = order.status
    writes.stop(order.id, LEASE)
    writes.add(STEPS, noted(order, "cancel", str(cause.by), "", work.now, reason=reason))
    work.emit(Withdrawn(**told(order, work.now), reason=reason), cause=cause.envelope)


def revise(
    work: Work, writes: Writes, life: Life, order: WorkOrder, cause: Cause, reason: str, note: str | None = None
) -> None:
    """What is promised changed, or when it is due; whoever holds the job keeps it. `note`: what they need to read of it."""
    order.version, order.updated_at = order.version + 1, work.now
    order.respond_by = life.respond_by if life.clock_runs else None
    writes.change(order)
    writes.add(STEPS, noted(order, "revise", str(cause.by), "", work.now, reason=reason, note=note))
    revised = Revised(
        **told(order, work.now),
        reason=reason,
        status=order.status,
        service_level=order.service_level,
        respond_by=order.respond_by,
    )
    work.emit(revised, cause=cause.envelope)


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


def at_hand(work: Work, id_: str, by: Person, seen: int, typed: str) -> tuple[Life, WorkOrder]:
    """The request and its work order, locked, for somebody who holds it or dispatches and saw it as it is.

    Raises `NotFound` for what is not theirs to see, `Conflict` when things moved on, the job is over or another's.
    """
    life, order = locked(work, id_, by)
    if seen != order.version or WORK_ORDER.final(order.status):
        raise moved_on(work, order, typed)
    if not by.dispatches and order.technician != by.id:
        raise Conflict("work_order.held_by", name=order.technician_name or "", typed=typed)
    return life, order


def locked(work: Work, id_: str, by: Person) -> tuple[Life, WorkOrder]:
    """The request's row first, then the work order's: the order in which everybody locks.

    Raises `NotFound` for what is not theirs to see.
    """
    seen = store.one(work.connection, WorkOrder, id_)
    if seen is None:
        raise NotFound
    life = store.one(work.connection, Life, seen.number, lock=True)
    order = store.one(work.connection, WorkOrder, id_, lock=True)
    if life is None or order is None:
        raise NotFound
    require_owner(by.principal, resource(queue=order.queue, customer_number=life.customer_number))
    return life, order


def step_to(work: Work, writes: Writes, order: WorkOrder, event: str, at: datetime) -> None:
    """The next version of the work order, in the status to which `event` leads. Raises `IllegalStep`."""
    order.status = WORK_ORDER.step(order.status, event)
    order.version += 1
    order.happened_at, order.updated_at = max(at, order.happened_at), work.now
    writes.change(order)


def told(order: WorkOrder, at: datetime) -> dict[str, Any]:
    """What every message of `dispatch` says of it."""
    return {
        "work_order": order.id,
        "version": order.version,
        "number": order.number,
        "queue": order.queue,
        "occurred_at": at,
        "technician": order.technician,
    }


def noted(order: WorkOrder, event: str, by: str, by_name: str, at: datetime, **more: Any) -> store.Row:
    """The row of `steps`; `by_name` is for people, empty where nobody in person did it."""
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
