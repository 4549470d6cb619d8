"""By when must somebody answer? (docs/rules.md §5)

A response clock starts when all that is needed is known and promises one of four things (`policy.Promise`). It stands
still only while waiting for the customer or for site access. What is due is always computed again from the start and
the pauses, never added to: the same events give the same hour.

A pause gives back exactly the promised kind of time that it took: any time for an elapsed promise, business time for
the others. So a promise of business time or days still falls within business hours.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from services.routing.rules.calendars import Calendar, Closed
from services.routing.rules.dates import day_after
from services.routing.rules.policy import BusinessDays, BusinessTime, Elapsed, Promise, SameDay

_NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class Pause:
    """Time that does not count. `ended` None: it still lasts."""

    began: datetime
    ended: datetime | None
    reason: str


class Due(NamedTuple):
    """The end of a response clock and how it was found."""

    at: datetime | None  # None: the clock stands still, nobody can say yet
    started: datetime
    promise: Promise
    base_day: date | None  # where business days are counted from
    skipped: tuple[Closed, ...]  # the days passed over, in order
    pauses: tuple[Pause, ...]
    calendar: Calendar


def due(promise: Promise, started: datetime, calendar: Calendar, pauses: Sequence[Pause] = ()) -> Due:
    """When `promise` ends for a clock started at `started`, UTC."""
    skipped: list[Closed] = []
    base_day: date | None = None
    if isinstance(promise, Elapsed):
        at: datetime | None = started + promise.time
    elif isinstance(promise, BusinessTime):
        at = _after_business_time(started, promise.time, calendar, skipped)
    else:
        base_day, day = _promised_day(promise, started, calendar, skipped)
        at = calendar.closing(day)
    counted = tuple(_in_order(pauses, since=started)) if pauses else ()
    if at is not None and counted and counted[0].began < at:
        at = _with_pauses(promise, started, at, calendar, counted)
    return Due(at, started, promise, base_day, tuple(skipped), counted, calendar)


def used(clock: Due, now: datetime) -> float:
    """The share of the promised time that is gone at `now`: 0 at the start, 1 when due, above 1 when late.

    Never falls as `now` grows, and stands still during a pause.
    """
    whole = _running(clock, _end_of(clock))
    gone = _running(clock, now)
    return gone / whole if whole else float(now >= clock.started)


def warn_at(clock: Due, share: float) -> datetime | None:
    """When `share` (0 to 1) of the promised time is gone; None while the clock stands still."""
    if clock.at is None or share >= 1:
        return clock.at
    part = timedelta(seconds=int(_running(clock, clock.at).total_seconds() * share))
    return _run(clock.promise, clock.started, part, clock.calendar, clock.pauses)


def business_time(first: datetime, last: datetime, calendar: Calendar) -> timedelta:
    """How much business time lies between two moments."""
    total = _NOTHING
    for opens, closes in _openings(first, calendar):
        if opens >= last:
            break
        total += min(closes, last) - max(opens, first)
    return total


def _promised_day(
    promise: SameDay | BusinessDays, started: datetime, calendar: Calendar, skipped: list[Closed]
) -> tuple[date, date]:
    """The base day and the day on whose close the promise ends."""
    local = calendar.local(started)
    today = local.date()
    if isinstance(promise, SameDay):
        in_time, days = local.time() < promise.cutoff, 0
    else:
        in_time, days = started < calendar.closing(today), promise.days
    if not in_time and calendar.closed(today) is None:
        today = day_after(today)  # the day is a business day, but too far gone to count
    coming = calendar.business_days(today, skipped)
    base = day = next(coming)
    for _ in range(days):
        day = next(coming, day)
    return base, day


def _after_business_time(
    started: datetime, time: timedelta, calendar: Calendar, skipped: list[Closed] | None
) -> datetime:
    """The first moment by which `time` of business time has passed."""
    left = time
    end = started
    for opens, closes in _openings(started, calendar, skipped):
        begins = max(opens, started)
        if begins + left <= closes:
            return begins + left
        left -= closes - begins
        end = closes
    return end


def _openings(
    since: datetime, calendar: Calendar, skipped: list[Closed] | None = None
) -> Iterator[tuple[datetime, datetime]]:
    """The opening hours of each business day that are not over at `since`."""
    for day in calendar.business_days(calendar.local(since).date(), skipped):
        hours = calendar.hours(day)
        if hours[1] > since:
            yield hours


def _with_pauses(
    promise: Promise, started: datetime, at: datetime, calendar: Calendar, pauses: Sequence[Pause]
) -> datetime | None:
    promised = at - started if isinstance(promise, Elapsed) else business_time(started, at, calendar)
    return _run(promise, started, promised, calendar, pauses)


def _run(
    promise: Promise, started: datetime, time: timedelta, calendar: Calendar, pauses: Sequence[Pause]
) -> datetime | None:
    """When `time` of running time has passed since `started`; None: not before the last, open pause."""
    begins, left = started, time
    for pause in pauses:
        until = _forward(promise, begins, left, calendar)
        if until <= pause.began:
            return until
        if pause.ended is None:
            return None
        left -= _between(promise, begins, pause.began, calendar)
        begins = pause.ended
    return _forward(promise, begins, left, calendar)


def _forward(promise: Promise, begins: datetime, time: timedelta, calendar: Calendar) -> datetime:
    if isinstance(promise, Elapsed):
        return begins + time
    return _after_business_time(begins, time, calendar, None)


def _between(promise: Promise, first: datetime, last: datetime, calendar: Calendar) -> timedelta:
    return last - first if isinstance(promise, Elapsed) else business_time(first, last, calendar)


def _running(clock: Due, until: datetime) -> timedelta:
    """The promised kind of time from the start to `until`, without pauses."""
    total, begins = _NOTHING, clock.started
    for pause in clock.pauses:
        if pause.began >= until:
            break
        total += _between(clock.promise, begins, pause.began, clock.calendar)
        if pause.ended is None or pause.ended >= until:
            return total
        begins = pause.ended
    return total + _between(clock.promise, begins, until, clock.calendar) if until > begins else total


def _end_of(clock: Due) -> datetime:
    """When it is due; of a clock that stands still, when it would be if it went on without its open pause."""
    if clock.at is not None:
        return clock.at
    ended = tuple(pause for pause in clock.pauses if pause.ended is not None)
    again = due(clock.promise, clock.started, clock.calendar, ended)
    return again.at if again.at is not None else clock.started


def _in_order(pauses: Iterable[Pause], since: datetime) -> Iterator[Pause]:
    """Pauses by their beginning, cut at `since`, overlapping ones as one."""
    current: Pause | None = None
    for pause in sorted(pauses, key=lambda pause: pause.began):
        if pause.ended is not None and pause.ended <= max(since, pause.began):
            continue
        began = max(pause.began, since)
        if current is None:
            current = Pause(began, pause.ended, pause.reason)
        elif current.ended is None or began <= current.ended:
            ended = None if current.ended is None or pause.ended is None else max(current.ended, pause.ended)
            current = Pause(current.began, ended, current.reason)
        else:
            yield current
            current = Pause(began, pause.ended, pause.reason)
    if current is not None:
        yield current
