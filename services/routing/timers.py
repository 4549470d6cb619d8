"""What falls due by itself: a claim nobody confirmed, a clock running out, a label nobody used, an
estimate nobody answered, a request to close.

Timers are rows, taken with `FOR UPDATE SKIP LOCKED` so that two workers never fire one twice, and kept with the events
that they fired. Each is checked against what is true when it fires: what has been done meanwhile fires nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import uuid4

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from schemas.vocabulary import EstimateState, ReturnState, Status
from services.routing import clocks, decisions, estimates, queues, requests, returns, store, waits
from services.routing.clocks import FIRST_WARNING, LAST_WARNING
from services.routing.decisions import Judge, OpenWork
from services.routing.queues import tell_queues
from services.routing.requests import AUTO_CLOSE, CLOCK, Life
from services.routing.rules.policy import Policy
from services.routing.store import Writes
from services.routing.tables import REQUESTS, TIMERS
from services.runtime import metrics
from services.runtime.work import Work, Workshop

#: Timers fired in one transaction.
PORTION: Final = 100


@dataclass(frozen=True)
class Firing:
    """Everything that a timer may look at and change."""

    work: Work
    writes: Writes
    judge: Judge
    under_way: OpenWork

    @property
    def policy(self) -> Policy:
        return self.judge.policy


def fire_due(workshop: Workshop, judge: Judge, portion: int = PORTION) -> int:
    """Fire what is due, in order; how many that was. Those whose request somebody holds right now come next time."""
    with workshop.begin(origin=str(uuid4())) as work:
        due = _take(work, portion)
        if not due:
            return 0
        numbers = sorted({timer["number"] for timer in due})
        lives = store.by_keys(work.connection, Life, numbers)
        firing = Firing(work, Writes(), judge, decisions.open_work(work.connection, numbers))
        fired = []
        for timer in due:
            events = _FIRE[timer["kind"]](firing, lives[timer["number"]], timer)
            fired.append({"id_": timer["id"], "events": events, "fired_at": work.now})
        work.connection.execute(_FIRED, fired)
        firing.writes.flush(work.connection)
        tell_queues(work, firing.under_way.queues)
    return len(due)


def history(connection: Connection, number: str) -> list[dict[str, Any]]:
    """A request's timers, fired and waiting, in order."""
    query = select(TIMERS).where(TIMERS.c.number == number).order_by(TIMERS.c.due_at, TIMERS.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]


def _take(work: Work, portion: int) -> list[RowMapping]:
    """The request is locked with its timer; neither waits for anybody, so that nobody waits in a circle."""
    query = (
        select(TIMERS)
        .join(REQUESTS, REQUESTS.c.number == TIMERS.c.number)
        .where(TIMERS.c.fired_at.is_(None), TIMERS.c.due_at <= work.now)
        .order_by(TIMERS.c.due_at, TIMERS.c.id)
        .limit(portion)
        .with_for_update(of=[TIMERS, REQUESTS], skip_locked=True)
    )
    return list(work.connection.execute(query).mappings())


def _lease(firing: Firing, life: Life, timer: RowMapping) -> list[str]:
    order = firing.under_way.orders.get(life.number)
    if order is None or order.id != timer["subject"] or not order.lapsed_at(firing.work.now):
        return []
    return [queues.lapse(firing.work, firing.writes, life, order)]


def _clock(firing: Firing, life: Life, _timer: RowMapping) -> list[str]:
    """Three quarters, then the whole; both at once if nobody was there to tell the first in time.

    Judged by the events and the calendar of now: a clock that is due at another time than was thought is told so first.
    """
    work, writes, policy = firing.work, firing.writes, firing.policy
    areas = firing.judge.facts.reference(work.connection).areas
    moved = clocks.compute_again(writes, life, policy, areas)
    events = waits.retimed(work, writes, policy, life, firing.under_way) if moved else []
    clock = clocks.open_clock(life, policy, areas)
    if clock is None:
        return events
    while (at := clocks.warns_at(life, policy, clock)) is not None and at <= work.now:
        if life.warned < FIRST_WARNING:
            events.append(_warn(firing, life, FIRST_WARNING))
        else:
            clocks.breached(life)
            events.append(_warn(firing, life, LAST_WARNING))
    writes.stop(life.number, CLOCK)
    if at is not None:
        writes.add_timer(life.number, life.number, CLOCK, at)
    return events


def _warn(firing: Firing, life: Life, threshold: Literal[75, 100]) -> str:
    """Told to the manager too (by the notifier), counted, and higher up in its queue."""
    metrics.CLOCK_WARNINGS.labels(str(threshold)).inc()
    for waiting in (firing.under_way.orders.get(life.number), firing.under_way.cases.get(life.number)):
        if waiting is not None:
            waiting.priority, waiting.updated_at = max(waiting.priority, threshold), firing.work.now
            firing.writes.change(waiting)
    return requests.warn(firing.work, firing.writes, life, firing.policy, threshold)


def _expiry(firing: Firing, life: Life, timer: RowMapping) -> list[str]:
    parcel = firing.under_way.parcels.get(life.number)
    if parcel is None or parcel.id != timer["subject"] or parcel.status is not ReturnState.ISSUED:
        return []
    return returns.expire(firing.work, firing.writes, life, parcel, firing.policy)


def _good_until(firing: Firing, life: Life, timer: RowMapping) -> list[str]:
    estimate = firing.under_way.estimates.get(life.number)
    if estimate is None or estimate.id != timer["subject"] or estimate.status is not EstimateState.SENT:
        return []
    return estimates.expire(firing.work, firing.writes, life, estimate, firing.policy)


def _auto_close(firing: Firing, life: Life, _timer: RowMapping) -> list[str]:
    if life.status is not Status.RESOLVED:
        return []
    return [requests.close(firing.work, firing.writes, life, firing.policy)]


_FIRE: Final[dict[str, Callable[[Firing, Life, RowMapping], list[str]]]] = {
    queues.LEASE: _lease,
    CLOCK: _clock,
    returns.EXPIRY: _expiry,
    estimates.GOOD_UNTIL: _good_until,
    AUTO_CLOSE: _auto_close,
}

_FIRED: Final = (
    update(TIMERS)
    .where(TIMERS.c.id == bindparam("id_"))
    .values(fired_at=bindparam("fired_at"), events=bindparam("events"))
)
