"""A response clock as a small calendar: a row a day, what was counted, what was passed over and by which name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_month_names

from schemas.vocabulary import Language
from services.routing.explain_words import CLOCK
from services.routing.rules.calendars import public_holidays
from services.routing.rules.dates import day_after
from services.routing.rules.policy import Policy, Terms
from services.runtime.web import dates
from services.runtime.web.dates import LOCALES

Json = Mapping[str, Any]

#: More days than this are not drawn one by one.
LONGEST: Final = 60

_HOLIDAY_NAMES: Final = {Language.EN: "en_CA", Language.FR: "fr"}


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of a clock at its place: what happened on it, and whether it was closed."""

    day: date
    marks: tuple[str, ...]
    closed: bool


def lines(clock: Json | None, language: Language, policy: Policy) -> tuple[str, ...]:
    """The clock as a sum, what its level promises, and its days where there is more to see; nothing without a clock."""
    if clock is None:
        return ()
    rows = days(clock, language, policy)
    told = len(rows) > 2 or clock["pauses"] or any(row.closed for row in rows)
    names = [short_day(row.day, language) for row in rows]
    width = max(map(len, names))
    drawn = (f"{name:<{width}}  {' · '.join(row.marks)}".rstrip() for name, row in zip(names, rows, strict=True))
    return (
        _sum(clock, language),
        promise(clock, language),
        *(drawn if told else ()),
    )


def as_sum(clock: Json | None, language: Language, policy: Policy) -> tuple[str, ...]:
    """The same for a page, where the days are drawn anyway: with how long that is on the wall clock and in business time."""
    if clock is None:
        return ()
    drawn = (" · ".join((short_day(row.day, language), *row.marks)) for row in days(clock, language, policy))
    return (_sum(clock, language), promise(clock, language), *_both_times(clock, language, policy), *drawn)


def promise(clock: Json, language: Language) -> str:
    """What the level promises, in words."""
    hours = clock.get("seconds", 0) / 3600
    kind = "next_business_day" if clock.get("days") == 1 else clock["promise"]
    return CLOCK[kind].say(language, hours=f"{hours:g}", cutoff=clock.get("cutoff"), days=clock.get("days"))


def days(clock: Json, language: Language, policy: Policy) -> tuple[DayRow, ...]:
    """Each day from the start to the end of the clock, at its place; the first two months of a very long one."""
    zone = ZoneInfo(clock["zone"])
    start = datetime.fromisoformat(clock["qualified_at"]).astimezone(zone)
    end = _end(clock, start).astimezone(zone)
    terms = policy.of(clock["country"])
    rows: list[DayRow] = []
    day = start.date()
    while day <= end.date() and len(rows) < LONGEST:
        closed = _closed(clock, day, terms, language)
        rows.append(DayRow(day, tuple(_marks(clock, day, start, end, closed, terms, language)), closed is not None))
        day = day_after(day)
    return tuple(rows)


def closed_on(clock: Json, day: date, policy: Policy, language: Language) -> str | None:
    """Why nobody works on `day` at the clock's place, in words; None: somebody does, or the promise knows no closed days."""
    return _closed(clock, day, policy.of(clock["country"]), language)


def paused_for(pause: Json, language: Language) -> str:
    """Why the clock stood still, in words; a reason without words stands as its code."""
    phrase = CLOCK.get(f"pause.{pause['reason']}")
    return str(pause["reason"]) if phrase is None else phrase.say(language)


def short_day(day: date, language: Language) -> str:
    """``Mon 23 Nov``, ``lun. 23 nov.``"""
    locale = LOCALES[language]
    weekday = get_day_names("abbreviated", locale=locale)[day.weekday()]
    return f"{weekday} {day.day} {get_month_names('abbreviated', locale=locale)[day.month]}"


def moment(local: datetime, language: Language) -> str:
    """``Mon 23 Nov 10:00``: a moment that is already at its place."""
    return f"{short_day(local.date(), language)} {local:%H:%M}"


def _sum(clock: Json, language: Language) -> str:
    zone = ZoneInfo(clock["zone"])
    start = datetime.fromisoformat(clock["qualified_at"]).astimezone(zone)
    steps = [f"{moment(start, language)} {CLOCK['qualified'].say(language)}"]
    base = clock["base_day"]
    if base is not None:
        weekday, number, _ = short_day(date.fromisoformat(base), language).split(" ")
        steps.append(f"{CLOCK['base_day'].say(language)} {weekday} {number}")
    if clock["due"] is None:
        steps.append(CLOCK["open_end"].say(language))
    else:
        due = datetime.fromisoformat(clock["due"]).astimezone(zone)
        steps.append(f"{moment(due, language)} ({clock['due']})")
    return " → ".join(steps)


def _both_times(clock: Json, language: Language, policy: Policy) -> Iterator[str]:
    """How long that is on the wall clock and in business time; for a promise that counts both alike, nothing."""
    if clock["due"] is None or clock["promise"] == "elapsed":
        return
    zone, start = ZoneInfo(clock["zone"]), datetime.fromisoformat(clock["qualified_at"])
    end, terms = datetime.fromisoformat(clock["due"]), policy.of(clock["country"])
    business, day = timedelta(), start.astimezone(zone).date()
    while day <= end.astimezone(zone).date():
        if _closed(clock, day, terms, language) is None:
            business += _open_between(day, start, end, terms, zone)
        day = day_after(day)
    yield CLOCK["sum"].say(language, elapsed=dates.duration(end - start, language), business=_hours(business))


def _open_between(day: date, start: datetime, end: datetime, terms: Terms, zone: ZoneInfo) -> timedelta:
    """The opening hours of a business day that lie between two moments."""
    opens = datetime.combine(day, terms.hours.opens, tzinfo=zone).astimezone(UTC)
    closes = datetime.combine(day, terms.hours.closes, tzinfo=zone).astimezone(UTC)
    return max(min(closes, end) - max(opens, start), timedelta())


def _marks(
    clock: Json, day: date, start: datetime, end: datetime, closed: str | None, terms: Terms, language: Language
) -> Iterator[str]:
    """What is said of one day, in the order of its hours."""
    if day == start.date():
        yield f"{start:%H:%M} {CLOCK['qualified'].say(language)}"
    if closed is not None:
        yield closed
    elif str(day) == clock["base_day"]:
        yield CLOCK["base_day"].say(language)
    elif clock["base_day"] is not None and day == start.date():
        yield CLOCK["not_counted"].say(language)
    elif clock["promise"] == "business_time":
        yield _counted(clock, day, start, end, terms, language)
    yield from _pauses(clock, day, start, language)
    if clock["due"] is not None and day == end.date():
        yield f"{end:%H:%M} {CLOCK['due'].say(language)}"


def _counted(clock: Json, day: date, start: datetime, end: datetime, terms: Terms, language: Language) -> str:
    """The business time of a day between the start and the end, without what was paused of it."""
    first = max(datetime.combine(day, terms.hours.opens, tzinfo=start.tzinfo).astimezone(UTC), start)
    last = min(datetime.combine(day, terms.hours.closes, tzinfo=start.tzinfo).astimezone(UTC), end)
    span = max(last - first, timedelta())
    for pause in clock["pauses"]:
        began = datetime.fromisoformat(pause["began"])
        ended = datetime.fromisoformat(pause["ended"]) if pause["ended"] else last
        span -= max(min(ended, last) - max(began, first), timedelta())
    return CLOCK["counted"].say(language, hours=_hours(span))


def _hours(span: timedelta) -> str:
    """``16 h``, ``3 h 05``: business time is never said in days."""
    minutes = int(span / timedelta(minutes=1))
    return f"{minutes // 60} h" + (f" {minutes % 60:02d}" if minutes % 60 else "")


def _pauses(clock: Json, day: date, start: datetime, language: Language) -> Iterator[str]:
    for pause in clock["pauses"]:
        began = datetime.fromisoformat(pause["began"]).astimezone(start.tzinfo)
        ended = pause["ended"] and datetime.fromisoformat(pause["ended"]).astimezone(start.tzinfo)
        if began.date() == day:
            until = moment(ended, language) if ended else "…"
            yield CLOCK["pause"].say(language, began=f"{began:%H:%M}", ended=until, reason=paused_for(pause, language))


def _closed(clock: Json, day: date, terms: Terms, language: Language) -> str | None:
    """Why nobody works on `day`, in words. Promises of elapsed time know no closed days.

    Days that the rules passed over are in the evidence; behind a pause the same calendar is asked again.
    """
    if clock["promise"] == "elapsed":
        return None
    said = {skipped["day"]: skipped for skipped in clock["skipped"]}.get(str(day))
    name = _holiday(clock, day, terms, language)
    if said is None and day.weekday() not in terms.hours.weekdays:
        said = {"why": "weekend", "name": None}
    if said is None and name is not None and clock["pauses"]:
        said = {"why": "holiday", "name": name}
    if said is None:
        return None
    return CLOCK[said["why"]].say(language, name=name or said["name"], place=clock["province"] or clock["country"])


def _holiday(clock: Json, day: date, terms: Terms, language: Language) -> str | None:
    """The holiday's name in the reader's language."""
    named = public_holidays(
        clock["country"], clock["province"], day.year, terms.holiday_category, _HOLIDAY_NAMES[language]
    )
    return named.get(day)


def _end(clock: Json, start: datetime) -> datetime:
    """When it is due; of a clock that stands still, when its last pause began."""
    if clock["due"] is not None:
        return datetime.fromisoformat(clock["due"])
    return max([start, *(datetime.fromisoformat(pause["began"]) for pause in clock["pauses"])])
