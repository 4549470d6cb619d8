"""Response clocks in production: when they warn, and how much of the promise was left when they stopped (docs/rules.md §5).

What is due is computed by the pure rule from where the request stands; nothing is added up.
"""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from schemas.vocabulary import Outcome
from services.routing.requests import CLOCK, Life
from services.routing.rules.clock import Due, due, used, warn_at
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


def clock_from(life: Life, policy: Policy, areas: Areas, started: datetime) -> Due | None:
    """The clock that the request has, or would have, from `started` on."""
    promise = promise_of(life, policy)
    if promise is None:
        return None
    terms = policy.of(life.country)
    return due(promise, started, areas.calendar(ZoneInfo(life.timezone), life.country, life.province, terms))


def start(writes: Writes, life: Life, policy: Policy, clock: Due | None) -> None:
    """A new clock in place of the one that was, if any. It warns at the policy's share, then at its end."""
    writes.stop(life.number, CLOCK)
    run(writes, life, policy, clock)


def run(writes: Writes, life: Life, policy: Policy, clock: Due | None) -> None:
    """The first clock of a request that never had one."""
    life.clock_started, life.respond_by = (None, None) if clock is None else (clock.started, clock.at)
    life.clock_stopped, life.warned = None, 0
    if clock is not None:
        first = warn_at(clock, policy.warn_at[0])
        if first is not None:
            writes.add_timer(life.number, life.number, CLOCK, first)


def measure(life: Life, policy: Policy, areas: Areas, at: datetime) -> None:
    """A clock that is about to stop at `at`: how much was left, and whether it was too late."""
    if not life.clock_runs or life.clock_started is None or life.respond_by is None:
        return
    clock = clock_from(life, policy, areas, life.clock_started)
    if clock is not None:
        metrics.CLOCK_REMAINING.observe(1 - used(clock, at))
    if at > life.respond_by and life.warned < LAST_WARNING:
        breached(life)


def breached(life: Life) -> None:
    life.warned = LAST_WARNING
    metrics.CLOCK_BREACHES.labels(level_of(life)).inc()


def level_of(life: Life) -> str:
    """The metric's word for what was promised."""
    return life.service_level.value if life.service_level is not None else life.outcome.value
