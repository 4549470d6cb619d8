"""Where a request stands, and telling it: each change is the next version on `request-status` (docs/rules.md §10).

Whoever calls holds the request's row lock. A status moves only as the lifecycle table allows; where it allows no direct
step, the statuses in between are told too, so that every reader sees a legal life.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Literal

from sqlalchemy import Table

from schemas.bill import Bill
from schemas.decision import Decision
from schemas.envelope import Envelope
from schemas.request import ServiceRequest, parse_request
from schemas.request_status import (
    PASSING,
    ClockWarned,
    CommandRefused,
    Parcel,
    RequestClosed,
    RequestDecided,
    Standing,
    StatusChanged,
    Visit,
    Waiting,
)
from schemas.vocabulary import (
    Action,
    Because,
    Channel,
    EstimateState,
    Kind,
    Language,
    Milestone,
    Outcome,
    ReturnState,
    Role,
    ServiceLevel,
    Status,
    Undone,
    WaitsFor,
    WorkOrderState,
)
from services.routing import invoices, lifecycle
from services.routing.rules.policy import Policy
from services.routing.store import Writes
from services.routing.tables import REQUESTS
from services.runtime.work import Work

By = Literal["customer", "system"] | Role

#: Timers of a request; its work order and return have others.
CLOCK, AUTO_CLOSE = "clock", "auto_close"


@dataclass(slots=True)
class Life:
    """One request as it stands: the row of `requests`."""

    TABLE: ClassVar[Table] = REQUESTS
    KEY: ClassVar[str] = "number"

    number: str
    version: int
    decided: int
    kind: Kind
    status: Status
    milestone: Milestone
    outcome: Outcome
    service_level: ServiceLevel | None
    queue: str | None
    missing: Sequence[str]
    channel: Channel
    received_at: datetime
    submitter: Mapping[str, Any]
    customer_number: str | None
    language: Language
    timezone: str
    country: str
    province: str | None
    device: str | None
    machine_type: str | None
    machine_serial: str | None
    external_id: str | None
    recipients: Sequence[Mapping[str, Any]]
    request: Mapping[str, Any]
    clock_started: datetime | None
    respond_by: datetime | None
    clock_stopped: datetime | None
    pauses: Sequence[Mapping[str, Any]]
    warned: int
    resolved_at: datetime | None
    visit: Mapping[str, Any] | None
    visit_status: WorkOrderState | None
    parcel: Mapping[str, Any] | None
    parcel_status: ReturnState | None
    bill: Mapping[str, Any] | None
    created_at: datetime
    updated_at: datetime

    @property
    def asked(self) -> ServiceRequest:
        return parse_request(self.request)

    @property
    def estimate(self) -> EstimateState | None:
        """What became of the estimate that the customer saw last."""
        shown = None if self.bill is None else self.bill["estimate"]
        return None if shown is None else EstimateState(shown["status"])

    @property
    def disputes(self) -> bool:
        """Whether it holds lines of an invoice until somebody decides."""
        shown = None if self.bill is None else self.bill["dispute"]
        return shown is not None and shown["outcome"] is None

    @property
    def clock_open(self) -> bool:
        """Started, and neither met nor ended; it may stand still."""
        return self.clock_started is not None and self.clock_stopped is None

    @property
    def clock_runs(self) -> bool:
        return self.respond_by is not None and self.clock_stopped is None

    @property
    def waiting(self) -> Waiting | None:
        """Since when an open clock stands still, and what for."""
        if not self.clock_open or not self.pauses or self.pauses[-1]["ended"] is not None:
            return None
        last = self.pauses[-1]
        return Waiting(since=datetime.fromisoformat(last["began"]), what_for=WaitsFor(last["what_for"]))


@dataclass(frozen=True, slots=True)
class Cause:
    """Who made a change and what for: `by` in role words, the event that asked for it, the command that it answers."""

    by: By = "system"
    envelope: Envelope | None = None
    command_id: str | None = None


BY_ITSELF: Final = Cause()


@dataclass(frozen=True, slots=True)
class Correction:
    """A decision that corrects an earlier one of ours: why, and what of the earlier one was taken back."""

    because: Because | None = None
    undone: tuple[Undone, ...] = ()


NO_CORRECTION: Final = Correction()

#: Where a question of ours is open.
_ASKS: Final = frozenset({Milestone.INFORMATION_NEEDED, Milestone.WAITING_FOR_CUSTOMER})


def actions(life: Life, policy: Policy, now: datetime) -> tuple[Action, ...]:
    """What the customer may ask next. An amendment answers a question: it is legal only while one is open, what is missing or
    what somebody who works on it wants to know."""
    legal = lifecycle.actions(
        life.status,
        visit=life.visit_status,
        parcel=life.parcel_status,
        estimate=life.estimate,
        resolved_at=life.resolved_at,
        now=now,
        reopen_days=policy.of(life.country).reopen_days,
    )
    return legal if life.milestone in _ASKS else tuple([action for action in legal if action is not Action.AMEND])


def standing(life: Life, policy: Policy, now: datetime) -> Standing:
    """What everybody is told of where the request stands."""
    return Standing(
        status=life.status,
        milestone=life.milestone,
        respond_by=life.respond_by if life.clock_runs else None,
        missing=tuple(life.missing) if life.milestone is Milestone.INFORMATION_NEEDED else (),
        actions=actions(life, policy, now),
        visit=None if life.visit is None else Visit(**life.visit),
        parcel=None if life.parcel is None else Parcel(**life.parcel),
        bill=None if life.bill is None else Bill.model_validate(life.bill),
        waiting=life.waiting,
    )


def decided(
    work: Work,
    life: Life,
    policy: Policy,
    decision: Decision,
    cause: Cause,
    correction: Correction = NO_CORRECTION,
) -> str:
    """Tell a decision, of which `life` has all that follows already. The event's id."""
    told = RequestDecided(
        **_next(work, life, policy, cause),
        index=life.decided,
        decision=decision,
        because=correction.because,
        undone=correction.undone,
    )
    return work.emit(told, cause=cause.envelope)


def redecided(
    work: Work,
    writes: Writes,
    life: Life,
    policy: Policy,
    decision: Decision,
    cause: Cause,
    correction: Correction = NO_CORRECTION,
) -> None:
    """Tell another decision on a request that had one; the statuses that the lifecycle has it pass are told before.

    Raises `lifecycle.IllegalStep` where the table knows no way.
    """
    for passed in lifecycle.redecided(life.status, decision.status)[:-1]:
        life.status = passed
        arrive(work, writes, life, policy)
        work.emit(StatusChanged(**_next(work, life, policy, cause), reason=PASSING), cause=cause.envelope)
    life.status, life.milestone = decision.status, decision.milestone
    arrive(work, writes, life, policy)
    decided(work, life, policy, decision, cause, correction)
    writes.change(life)


def move(
    work: Work,
    writes: Writes,
    life: Life,
    policy: Policy,
    status: Status,
    milestone: Milestone,
    cause: Cause = BY_ITSELF,
    *,
    at: datetime | None = None,
    reason: str | None = None,
    note: str | None = None,
) -> list[str]:
    """The request comes to `status` and `milestone`. `at`: when it happened. The events' ids.

    Raises `lifecycle.IllegalStep` where the table knows no way.
    """
    way = lifecycle.REQUEST.way(life.status, status) or (status,)
    told = []
    for passed in way[:-1]:
        life.status = passed
        told.append(work.emit(StatusChanged(**_next(work, life, policy, cause, at)), cause=cause.envelope))
    life.status, life.milestone = way[-1], milestone
    arrive(work, writes, life, policy)
    changed = StatusChanged(**_next(work, life, policy, cause, at), reason=reason, note=note)
    told.append(work.emit(changed, cause=cause.envelope))
    writes.change(life)
    return told


def arrive(work: Work, writes: Writes, life: Life, policy: Policy) -> None:
    """What a status brings with it: an end stops the response clock, a wait has it stand still, what is resolved will
    close by itself and is billed."""
    if life.status is Status.RESOLVED and life.resolved_at is None:
        life.resolved_at = work.now
        close_at = work.now + timedelta(days=policy.of(life.country).reopen_days)
        writes.add_timer(life.number, life.number, AUTO_CLOSE, close_at)
        invoices.bill_done(work, writes, life, policy)
    elif life.status is not Status.RESOLVED and life.resolved_at is not None:
        life.resolved_at = None
        writes.stop(life.number, AUTO_CLOSE)
    if lifecycle.REQUEST.final(life.status) or life.status is Status.RESOLVED:
        stop_clock(writes, life, work.now)
    elif life.clock_open and (life.status is Status.PENDING) != (life.waiting is not None):
        _stand_still_or_go_on(writes, life, work.now)


def stop_clock(writes: Writes, life: Life, at: datetime) -> None:
    """Somebody came, or answered, or nobody needs to: nothing warns any more."""
    if life.clock_open:
        if life.waiting is not None:
            end_pause(life, at)
        life.clock_stopped = at
        writes.stop(life.number, CLOCK)


def end_pause(life: Life, at: datetime) -> None:
    *before, last = life.pauses
    life.pauses = [*before, {**last, "ended": at.isoformat()}]


def _stand_still_or_go_on(writes: Writes, life: Life, now: datetime) -> None:
    """An open clock stands still exactly while the request is `pending`.

    Without a calendar at hand nobody can say here when it is due again: its timer computes that at once.
    """
    writes.stop(life.number, CLOCK)
    if life.status is Status.PENDING:
        access = life.milestone is Milestone.WAITING_FOR_ACCESS
        what_for = WaitsFor.SITE_ACCESS if access else WaitsFor.CUSTOMER
        life.pauses = [*life.pauses, {"began": now.isoformat(), "ended": None, "what_for": what_for.value}]
        life.respond_by = None
    else:
        end_pause(life, now)
        writes.add_timer(life.number, life.number, CLOCK, now)


def refuse(work: Work, writes: Writes, life: Life, policy: Policy, command: Action, reason: str, cause: Cause) -> None:
    """What the customer asked cannot be done; `reason` is a stable code."""
    told = CommandRefused(**_next(work, life, policy, cause), command=command, reason=reason)
    work.emit(told, cause=cause.envelope)
    writes.change(life)


def warn(work: Work, writes: Writes, life: Life, policy: Policy, threshold: Literal[75, 100]) -> str:
    life.warned = threshold
    writes.change(life)
    return work.emit(ClockWarned(**_next(work, life, policy, BY_ITSELF), threshold=threshold))


def close(work: Work, writes: Writes, life: Life, policy: Policy) -> str:
    """Final: nobody reopened it in time."""
    life.status, life.milestone = lifecycle.REQUEST.step(life.status, "close"), Milestone.CLOSED
    writes.change(life)
    return work.emit(RequestClosed(**_next(work, life, policy, BY_ITSELF)))


def _next(work: Work, life: Life, policy: Policy, cause: Cause, at: datetime | None = None) -> dict[str, Any]:
    """The next version, and what every message of it says."""
    life.version += 1
    life.updated_at = work.now
    return {
        "number": life.number,
        "version": life.version,
        "occurred_at": at or work.now,
        "received_at": life.received_at,
        "by": cause.by,
        "kind": life.kind,
        "channel": life.channel,
        "language": life.language,
        "timezone": life.timezone,
        "customer_number": life.customer_number,
        "submitter_known": life.submitter["type"] != "anonymous",
        "external_id": life.external_id,
        "device": life.device,
        "standing": standing(life, policy, work.now),
        "recipients": life.recipients,
        "command_id": cause.command_id,
    }
