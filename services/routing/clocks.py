"""Response clocks in production: when they warn, when they stand still, and how much was left when they stopped
(docs/rules.md §5).

An open clock stands still exactly while its request is `pending`: the customer has to answer, or to let us in. What is due
is computed by the pure rule from the start, the pauses and today's calendar; nothing is added up. So a pause that ends and
a calendar that changes are the same thing here: the clock is computed again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from schemas.vocabulary import Outcome
from services.routing.requests import CLOCK, Life, end_pause
from services.routing.rules.clock import Due, Pause, due, used, warn_at
from services.routing.rules.facts import Areas
from services.routing.rules.policy import Policy, Promise
from services.routing.store import Writes
from services.runtime import metrics

#: The share of the promised time that is told first; the whole is told at its end.
FIRST_WARNING: Final = 75
LAST_WARNING: Final = 100


def promise_of(life: Life, policy: Policy) -> Promise | None:
    """What the request was promised; None: no clock."""
    terms = policy.of(life.country)
    match life.outcome:
        case Outcome.ONSITE_DISPATCH:
            return None if life.service_level is None else terms.response.get(life.service_level)
        case Outcome.REMOTE_SUPPORT:
            return terms.remote_response[life.request.get("severity") or terms.default_severity]
        case Outcome.MAIL_IN:
            return terms.depot_turnaround
        case Outcome.BILLABLE_ESTIMATE if life.service_level is not None:  # accepted, and somebody comes
            return terms.response.get(life.service_level)
        case Outcome.BILLABLE_ESTIMATE if life.parcel is not None:
            return terms.depot_turnaround
        case _:
            return None


def clock_from(life: Life, policy: Policy, areas: Areas, started: datetime, pauses: Sequence[Pause] = ()) -> Due | None:
    """The clock that the request has, or would have, from `started` on."""
    promise = promise_of(life, policy)
    if promise is None:
        return None
    terms = policy.of(life.country)
    calendar = areas.calendar(ZoneInfo(life.timezone), life.country, life.province, terms)
    return due(promise, started, calendar, pauses)


def open_clock(life: Life, policy: Policy, areas: Areas) -> Due | None:
    """The clock as its events and today's calendar say; None where none is open."""
    if not life.clock_open or life.clock_started is None:
        return None
    return clock_from(life, policy, areas, life.clock_started, pauses_of(life))


def start(writes: Writes, life: Life, policy: Policy, clock: Due | None) -> None:
    """A new clock in place of the one that was, if any."""
    writes.stop(life.number, CLOCK)
    run(writes, life, policy, clock)


def run(
    writes: Writes, life: Life, policy: Policy, clock: Due | None, pauses: Sequence[Mapping[str, Any]] = ()
) -> None:
    """A clock where none is open. It warns at the policy's share, then at its end; `pauses` were before and count."""
    life.clock_started = None if clock is None else clock.started
    life.clock_stopped, life.warned, life.pauses = None, 0, [] if clock is None else [*pauses]
    if clock is not None and pauses:
        clock = due(clock.promise, clock.started, clock.calendar, pauses_of(life))
    _set(writes, life, policy, clock)


def replace_open(writes: Writes, life: Life, policy: Policy, clock: Due | None) -> None:
    """The clock of another promise in place of the open one, its pauses counted; the same one stays as it is.

    One that was met stays met.
    """
    if life.clock_stopped is not None:
        return
    if clock is not None:
        again = due(clock.promise, clock.started, clock.calendar, pauses_of(life))
        if (again.started, again.at) == (life.clock_started, life.respond_by):
            return
    writes.stop(life.number, CLOCK)
    run(writes, life, policy, clock, life.pauses)


def compute_again(writes: Writes, life: Life, policy: Policy, areas: Areas) -> bool:
    """An open clock by its events and today's calendar; whether it is due at another time than it was."""
    clock = open_clock(life, policy, areas)
    if clock is None or clock.at == life.respond_by:
        return False
    writes.stop(life.number, CLOCK)
    _set(writes, life, policy, clock)
    return True


def go_on(writes: Writes, life: Life, policy: Policy, areas: Areas, now: datetime) -> None:
    """The wait is over: due again, by so much later as it stood still. Nothing where it does not stand still."""
    if life.clock_open and life.waiting is not None:
        end_pause(life, now)
        compute_again(writes, life, policy, areas)


def measure(writes: Writes, life: Life, policy: Policy, areas: Areas, at: datetime) -> None:
    """A clock that is about to stop at `at`: how much was left, and whether it was too late."""
    go_on(writes, life, policy, areas, at)
    clock = open_clock(life, policy, areas)
    if clock is None or life.respond_by is None:
        return
    metrics.CLOCK_REMAINING.observe(1 - used(clock, at))
    if at > life.respond_by and life.warned < LAST_WARNING:
        breached(life)


def breached(life: Life) -> None:
    life.warned = LAST_WARNING
    metrics.CLOCK_BREACHES.labels(level_of(life)).inc()


def level_of(life: Life) -> str:
    """The metric's word for what was promised."""
    return life.service_level.value if life.service_level is not None else life.outcome.value


def pauses_of(life: Life) -> tuple[Pause, ...]:
    return tuple(_pause(one) for one in life.pauses)


def warns_at(life: Life, policy: Policy, clock: Due) -> datetime | None:
    """When an open clock is next told of: at the policy's share, then at its end; None: not before it goes on, or ever."""
    if life.warned >= LAST_WARNING:
        return None
    return warn_at(clock, policy.warn_at[0]) if life.warned < FIRST_WARNING else clock.at


def _set(writes: Writes, life: Life, policy: Policy, clock: Due | None) -> None:
    life.respond_by = None if clock is None else clock.at
    at = None if clock is None else warns_at(life, policy, clock)
    if at is not None:
        writes.add_timer(life.number, life.number, CLOCK, at)


def _pause(kept: Mapping[str, Any]) -> Pause:
    ended = kept["ended"]
    began = datetime.fromisoformat(kept["began"])
    return Pause(began, None if ended is None else datetime.fromisoformat(ended), kept["what_for"])
