"""Estimates: what a repair that nothing covers would cost, offered to the customer who says yes or no (docs/rules.md §8).

The billing desk prepares it from the policy's prices and sends it; then the request waits for the customer, and nothing is
dispatched before they accept. Each step locks the request, then the estimate, and is a row of `STEPS`; whether it is legal, the
lifecycle table says. Who comes too late learns what was first: 409, never work that nobody agreed to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Table

from schemas import bill
from schemas.decision import MachineRef
from schemas.dispatch import Place
from schemas.vocabulary import Desk, EstimateState, Milestone, RepairWay, Status
from services.routing import clocks, desks, queues, returns, store
from services.routing.facts import Reference
from services.routing.lifecycle import ESTIMATE
from services.routing.people import Person
from services.routing.queues import WorkOrder
from services.routing.requests import BY_ITSELF, Cause, Life, move
from services.routing.returns import Return
from services.routing.rules.policy import Policy
from services.routing.store import Writes
from services.routing.tables import ESTIMATES, STEPS
from services.runtime.errors import Conflict, NotFound
from services.runtime.identity.owners import require_owner
from services.runtime.identity.principal import Resource
from services.runtime.work import Work

#: An estimate's own timer: the customer did not answer.
GOOD_UNTIL: Final = "estimate"

Answer = Literal["accept", "decline"]

_NEWEST: Final = (ESTIMATES.c.prepared_at.desc(), ESTIMATES.c.id.desc())


@dataclass(slots=True)
class Estimate:
    """The row of `estimates`."""

    TABLE: ClassVar[Table] = ESTIMATES
    KEY: ClassVar[str] = "id"

    id: str
    number: str
    version: int
    status: EstimateState
    way: RepairWay
    machine_type: str
    serial: str
    place: Mapping[str, Any] | None
    queue: str | None
    depot: str | None
    country: str
    province: str | None
    timezone: str
    policy: str
    currency: str
    lines: Sequence[Mapping[str, Any]]
    total: Decimal
    prepared_at: datetime
    sent_at: datetime | None
    good_until: datetime | None
    answered_at: datetime | None
    updated_at: datetime


def answer(
    work: Work,
    policy: Policy,
    reference: Reference,
    number: str,
    said: Answer,
    by: Person,
    seen: int,
    cause: Cause,
    *,
    reason: str | None = None,
    key: str | None = None,
) -> Estimate:
    """The customer accepts, and the work begins; or declines, and the request ends. `seen`: the version that they saw.

    Raises `NotFound` for another's, `Conflict` with what was first where it can be answered no longer.
    """
    life = store.one(work.connection, Life, number, lock=True)
    if life is None:
        raise NotFound
    require_owner(by.principal, Resource(customer_number=life.customer_number, number=number))
    estimate = last_of(work, number)
    if estimate is None or estimate.status is EstimateState.PREPARED:
        raise Conflict("estimate.none")
    if key is not None and store.step_by_key(work.connection, estimate.id, key):
        return estimate
    if seen != estimate.version or not ESTIMATE.may(estimate.status, said) or lapsed(estimate, work.now):
        raise moved_on(work, life, estimate, reason)
    writes = Writes()
    note_step(work, writes, estimate, said, by.id, by.name, reason=reason, key=key)
    estimate.answered_at = work.now
    show(life, estimate)
    writes.stop(estimate.id, GOOD_UNTIL)
    if said == "accept":
        at = begin_work(work, writes, life, estimate, policy, reference, cause)
        move(work, writes, life, policy, *at, cause, reason="estimate_accepted")
    else:
        move(work, writes, life, policy, Status.CANCELLED, Milestone.ESTIMATE_DECLINED, cause, reason=reason)
    writes.flush(work.connection)
    queues.tell_queues(work, [life.queue] if life.queue is not None else [])
    return estimate


def expire(work: Work, writes: Writes, life: Life, estimate: Estimate, policy: Policy) -> list[str]:
    """Nobody answered in time: the request ends, and the customer is told. The events' ids."""
    note_step(work, writes, estimate, "expire", "system", "")
    show(life, estimate)
    return move(work, writes, life, policy, Status.CANCELLED, Milestone.ESTIMATE_EXPIRED)


def withdraw(work: Work, writes: Writes, life: Life, estimate: Estimate, by: str, by_name: str, reason: str) -> None:
    """It is good no longer. What was never sent was never shown."""
    was_shown = estimate.status is not EstimateState.PREPARED
    note_step(work, writes, estimate, "withdraw", by, by_name, reason=reason)
    writes.stop(estimate.id, GOOD_UNTIL)
    if was_shown:
        show(life, estimate)
        writes.change(life)


def begin_work(
    work: Work,
    writes: Writes,
    life: Life,
    estimate: Estimate,
    policy: Policy,
    reference: Reference,
    cause: Cause = BY_ITSELF,
) -> tuple[Status, Milestone]:
    """What was accepted is done, as a covered repair would be; where the request then stands."""
    machine = MachineRef(estimate.machine_type, estimate.serial)
    life.country, life.province, life.timezone = estimate.country, estimate.province, estimate.timezone
    life.machine_type, life.machine_serial = machine.type, machine.serial
    life.queue, life.service_level = None, None
    match estimate.way:
        case RepairWay.ONSITE if estimate.place is not None:
            life.queue, life.service_level = estimate.queue, policy.of(life.country).billed_level
            clocks.start(writes, life, policy, clocks.clock_from(life, policy, reference.areas, work.now))
            visit = 1 + store.how_many(work.connection, WorkOrder, life.number)
            queues.offer(work, writes, life, Place(**estimate.place), machine, cause, visit=visit)
            return Status.IN_PROGRESS, Milestone.QUEUED_FOR_TECHNICIAN
        case RepairWay.MAIL_IN if (depot := reference.depots.get(estimate.depot or "")) is not None:
            parcel = 1 + store.how_many(work.connection, Return, life.number)
            returns.issue(work, writes, life, depot, machine, policy, parcel=parcel)
            return Status.PENDING, Milestone.AWAITING_PACKAGE
        case _:
            life.queue = Desk.BILLING_DESK.value
            desks.open_case(work, writes, life, Desk.BILLING_DESK)
            return desks.WAITING[Desk.BILLING_DESK]


def accepted(work: Work, life: Life) -> Estimate | None:
    """The estimate that the request is being, or was, worked on for."""
    if life.estimate is not EstimateState.ACCEPTED:
        return None
    return last_of(work, life.number)


def last_of(work: Work, number: str) -> Estimate | None:
    """The newest estimate of a request, locked; whoever calls holds the request."""
    found = store.found(work.connection, Estimate, ESTIMATES.c.number == number, order=_NEWEST, limit=1)
    return store.one(work.connection, Estimate, found[0].id, lock=True) if found else None


def lapsed(estimate: Estimate, now: datetime) -> bool:
    """Over, also before its timer has fired."""
    return estimate.good_until is not None and estimate.good_until <= now


def show(life: Life, estimate: Estimate) -> None:
    """The customer sees the estimate as it is now."""
    before = life.bill or bill.Bill().model_dump(mode="json")
    life.bill = {**before, "estimate": seen_by_customer(estimate).model_dump(mode="json")}


def seen_by_customer(estimate: Estimate) -> bill.Estimate:
    if estimate.good_until is None:
        raise ValueError(f"{estimate.id} was never sent")
    return bill.Estimate(
        estimate=estimate.id,
        version=estimate.version,
        status=estimate.status,
        way=estimate.way,
        currency=estimate.currency,
        lines=tuple(bill.BillLine.model_validate(line) for line in estimate.lines),
        total=estimate.total,
        good_until=estimate.good_until,
    )


def send(work: Work, writes: Writes, life: Life, estimate: Estimate, policy: Policy, by: Person) -> None:
    """From now on the customer may answer, for the policy's `estimate_days`."""
    until = (work.now + timedelta(days=policy.of(estimate.country).estimate_days)).replace(microsecond=0)
    note_step(work, writes, estimate, "send", by.id, by.name)
    estimate.sent_at, estimate.good_until = work.now, until
    writes.add_timer(life.number, estimate.id, GOOD_UNTIL, until)
    show(life, estimate)


def note_step(
    work: Work, writes: Writes, estimate: Estimate, event: str, by: str, by_name: str, **said: str | None
) -> None:
    """The step, its row, and the estimate's next version. Raises `lifecycle.IllegalStep`."""
    estimate.status = ESTIMATE.step(estimate.status, event)
    estimate.version, estimate.updated_at = estimate.version + 1, work.now
    writes.change(estimate)
    step = store.step(
        number=estimate.number,
        subject=estimate.id,
        version=estimate.version,
        step=event,
        by=by,
        by_name=by_name,
        at=work.now,
        reason=said.get("reason"),
        key=said.get("key"),
    )
    writes.add(STEPS, step)


def moved_on(work: Work, life: Life, estimate: Estimate, typed: str | None) -> Conflict:
    """What was first, and when."""
    zone = ZoneInfo(life.timezone)
    if estimate.status is EstimateState.SENT:
        if lapsed(estimate, work.now) and estimate.good_until is not None:
            return Conflict("estimate.expired", typed=typed or "", time=_moment(estimate.good_until, zone))
        return Conflict("estimate.changed", typed=typed or "")
    return Conflict(f"estimate.{estimate.status.value}", typed=typed or "", time=_moment(estimate.updated_at, zone))


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
