"""A response clock drawn as a calendar: a row a day at its place, the hours across (docs/rules.md §5).

Open hours, closed ones, the time that counted, pauses, and marks where three quarters were gone, where it is due and where
it stopped. Geometry only, from the clock's stored JSON; the same facts stand beside it as a sum (`explain_clock`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from schemas.vocabulary import Language
from services.routing import explain_clock as clock_words
from services.routing.explain_words import CLOCK
from services.routing.rules.book import Closure
from services.routing.rules.calendars import Calendar
from services.routing.rules.clock import Pause, due, warn_at
from services.routing.rules.dates import day_after
from services.routing.rules.policy import BusinessDays, BusinessTime, Elapsed, Policy, Promise, SameDay

Json = Mapping[str, Any]

#: In user units; the picture is as wide as a small telephone, and grows with the page.
WIDTH: Final = 360
_LEFT, _RIGHT = 74, 354
_BAR, _LINE, _GAP, _HEAD = 16, 13, 7, 18
_WRAP: Final = 48  # characters of one line of marks


@dataclass(frozen=True, slots=True)
class Box:
    """A stretch of one day: ``open``, ``closed``, ``counted`` or ``paused``."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment of one day: ``qualified``, ``warn``, ``due`` or ``stop``."""

    kind: str
    x: float


@dataclass(frozen=True, slots=True)
class DayDrawn:
    """One row: its name, what is drawn on it, why it is closed, and its marks in words."""

    name: str
    y: int
    boxes: tuple[Box, ...]
    ticks: tuple[Tick, ...]
    closed: str | None
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole picture. `hours` are (x, label) of the lines across; `spare` days at the end are not drawn."""

    height: int
    hours: tuple[tuple[float, str], ...]
    days: tuple[DayDrawn, ...]
    spare: int
    bar: int = _BAR
    width: int = WIDTH
    left: int = _LEFT
    right: int = _RIGHT


def draw(clock: Json, language: Language, policy: Policy, *, stopped: datetime | None = None) -> Drawing:
    """The clock as a picture. `stopped`: when somebody came or answered, if so."""
    zone = ZoneInfo(clock["zone"])
    marks = list(_moments(clock, policy, stopped))
    last = max(at for _, at in marks)
    first = min(at for _, at in marks).astimezone(zone).date()
    days = list(_days(first, last.astimezone(zone).date()))
    shown = days[: clock_words.LONGEST]
    rows: list[DayDrawn] = []
    y = _HEAD
    for day in shown:
        row = _row(clock, day, y, marks, language, policy, until=min(last, stopped or last))
        rows.append(row)
        y += _BAR + _LINE * len(row.marks) + _GAP
    hours = policy.of(clock["country"]).hours
    across = [(_x(at), f"{at.hour} h") for at in (time(0), hours.opens, time(12), hours.closes)]
    return Drawing(y, (*across, (float(_RIGHT), "24 h")), tuple(rows), len(days) - len(shown))


def _moments(clock: Json, policy: Policy, stopped: datetime | None) -> Iterator[tuple[str, datetime]]:
    """What happened to the clock, in order of meaning: begun, three quarters gone, due, stopped."""
    yield "qualified", datetime.fromisoformat(clock["qualified_at"])
    if clock["due"] is None:
        yield from (("qualified", datetime.fromisoformat(pause["began"])) for pause in clock["pauses"][-1:])
    else:
        warned = _three_quarters(clock, policy)
        if warned is not None:
            yield "warn", warned
        yield "due", datetime.fromisoformat(clock["due"])
    if stopped is not None:
        yield "stop", stopped


def _row(
    clock: Json,
    day: date,
    y: int,
    moments: Sequence[tuple[str, datetime]],
    language: Language,
    policy: Policy,
    *,
    until: datetime,
) -> DayDrawn:
    zone = ZoneInfo(clock["zone"])
    here = [(kind, at.astimezone(zone)) for kind, at in moments if at.astimezone(zone).date() == day]
    closed = clock_words.closed_on(clock, day, policy, language)
    boxes = tuple(_boxes(clock, day, policy, closed=closed is not None, until=until))
    ticks = tuple(Tick(kind, _x(at.time())) for kind, at in here)
    said = [_said(kind, at, language) for kind, at in here]
    said += [_paused(pause, zone, language) for pause in clock["pauses"] if _begins_on(pause, day, zone)]
    return DayDrawn(clock_words.short_day(day, language), y, boxes, ticks, closed, tuple(_wrapped(said)))


def _boxes(clock: Json, day: date, policy: Policy, *, closed: bool, until: datetime) -> Iterator[Box]:
    zone, hours = ZoneInfo(clock["zone"]), policy.of(clock["country"]).hours
    any_hour = clock["promise"] == "elapsed"
    begins = datetime.combine(day, time(0), tzinfo=zone)
    ends = datetime.combine(day_after(day), time(0), tzinfo=zone)
    opens = begins if any_hour else datetime.combine(day, hours.opens, tzinfo=zone)
    closes = ends if any_hour else datetime.combine(day, hours.closes, tzinfo=zone)
    if closed:
        opens = closes = ends
    yield from _box("closed", begins, opens, day, zone)
    yield from _box("open", opens, closes, day, zone)
    yield from _box("closed", closes, ends, day, zone)
    started = datetime.fromisoformat(clock["qualified_at"])
    free = [(max(opens, started), min(closes, until))]
    for pause in clock["pauses"]:
        began = datetime.fromisoformat(pause["began"])
        over = datetime.fromisoformat(pause["ended"]) if pause["ended"] else max(ends, until)
        free = [piece for one, two in free for piece in ((one, min(two, began)), (max(one, over), two))]
        yield from _box("paused", max(opens, began), min(closes, over), day, zone)
    for one, two in free:
        yield from _box("counted", one, two, day, zone)


def _box(kind: str, begins: datetime, ends: datetime, day: date, zone: ZoneInfo) -> Iterator[Box]:
    if begins >= ends:
        return
    left, local = _x(begins.astimezone(zone).time()), ends.astimezone(zone)
    right = float(_RIGHT) if local.date() > day else _x(local.time())
    yield Box(kind, left, round(right - left, 2))


def _x(at: time) -> float:
    return round(_LEFT + (at.hour + at.minute / 60 + at.second / 3600) / 24 * (_RIGHT - _LEFT), 2)


def _said(kind: str, at: datetime, language: Language) -> str:
    return f"{at:%H:%M} {CLOCK[kind].say(language)}"


def _paused(pause: Json, zone: ZoneInfo, language: Language) -> str:
    began = datetime.fromisoformat(pause["began"]).astimezone(zone)
    ended = pause["ended"] and datetime.fromisoformat(pause["ended"]).astimezone(zone)
    until = clock_words.moment(ended, language) if ended else "…"
    return CLOCK["pause"].say(
        language, began=f"{began:%H:%M}", ended=until, reason=clock_words.paused_for(pause, language)
    )


def _begins_on(pause: Json, day: date, zone: ZoneInfo) -> bool:
    return datetime.fromisoformat(pause["began"]).astimezone(zone).date() == day


def _wrapped(said: Sequence[str]) -> Iterator[str]:
    """Marks side by side, as many as fit on a line."""
    line = ""
    for one in said:
        longer = f"{line} · {one}" if line else one
        if line and len(longer) > _WRAP:
            yield line
            longer = one
        line = longer
    if line:
        yield line


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)


def _three_quarters(clock: Json, policy: Policy) -> datetime | None:
    """When the first warning came, or will: the clock is run again from what is stored of it."""
    terms = policy.of(clock["country"])
    own = [
        Closure(clock["country"], None, date.fromisoformat(one["day"]))
        for one in clock["skipped"]
        if one["why"] == "closure"
    ]
    calendar = Calendar(ZoneInfo(clock["zone"]), clock["country"], clock["province"], terms, own)
    pauses = [
        Pause(
            datetime.fromisoformat(one["began"]),
            datetime.fromisoformat(one["ended"]) if one["ended"] else None,
            one["reason"],
        )
        for one in clock["pauses"]
    ]
    running = due(_promise(clock), datetime.fromisoformat(clock["qualified_at"]), calendar, pauses)
    return warn_at(running, policy.warn_at[0])


def _promise(clock: Json) -> Promise:
    """The other way round than `evidence.promise_json`."""
    match clock["promise"]:
        case "elapsed":
            return Elapsed(timedelta(seconds=clock["seconds"]))
        case "business_time":
            return BusinessTime(timedelta(seconds=clock["seconds"]))
        case "same_day":
            return SameDay(time.fromisoformat(clock["cutoff"]))
        case _:
            return BusinessDays(clock["days"])
