"""Dates, hours and spans as people in Canada write them (docs/decisions/0008-our-own-date-sentences.md).

Babel gives the names of days, months and zones; the order, the hour and the spaces are ours, because its fr_CA
writes "17 h 00 min 00 s" and "mardi 1 décembre". In French every space is a no-break one. The year appears only
when it is not the current one *at the place that is meant*, so each function is told `now`.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_month_names, get_timezone_name

from schemas.vocabulary import Language

NBSP = "\u00a0"
LOCALES = {Language.EN: "en_CA", Language.FR: "fr_CA"}

#: Zones that Babel has no generic name for, by language.
_OWN_NAMES = {
    "America/Whitehorse": {Language.EN: "Yukon Time", Language.FR: "heure du Yukon"},
    "America/Dawson": {Language.EN: "Yukon Time", Language.FR: "heure du Yukon"},
    "UTC": {Language.EN: "UTC", Language.FR: "UTC"},
    "Etc/UTC": {Language.EN: "UTC", Language.FR: "UTC"},
}


def moment(at: datetime, zone: ZoneInfo, language: Language, now: datetime) -> str:
    """A promise to a customer: `Tuesday, November 24, 5:00 p.m. (Eastern Time)`, `mardi 24 novembre, 17 h (heure de l'Est)`."""
    local = at.astimezone(zone)
    weekday = get_day_names("wide", locale=LOCALES[language])[local.weekday()]
    year = _year_if_other(local.date(), zone, now)
    long_date = _long_date(local.date(), language, year)
    comma = ", " if language is Language.EN else " "
    return _spaced(f"{weekday}{comma}{long_date}, {clock(local, language)} ({zone_name(zone, language)})", language)


def short_moment(at: datetime, zone: ZoneInfo, language: Language, now: datetime) -> str:
    """Where the zone is said nearby: `Nov 24, 5:00 p.m.`, `24 nov., 9 h 05`."""
    local = at.astimezone(zone)
    year = _year_if_other(local.date(), zone, now)
    month = get_month_names("abbreviated", locale=LOCALES[language])[local.month]
    if language is Language.EN:
        day = f"{month} {local.day}" + (f", {year}" if year else "")
    else:
        day = f"{_french_day(local.day)} {month}" + (f" {year}" if year else "")
    return _spaced(f"{day}, {clock(local, language)}", language)


def day(d: date, language: Language, today: date) -> str:
    """A date inside a sentence, without article: `November 24`, `24 novembre`, `1er décembre`, `31 mars 2027`."""
    return _spaced(_long_date(d, language, d.year if d.year != today.year else None), language)


def weekday_and_day(d: date, language: Language, today: date) -> str:
    """The head of a day in a timeline: `Tuesday, November 24`, `mardi 24 novembre`."""
    weekday = get_day_names("wide", locale=LOCALES[language])[d.weekday()]
    comma = ", " if language is Language.EN else " "
    year = d.year if d.year != today.year else None
    return _spaced(f"{weekday}{comma}{_long_date(d, language, year)}", language)


def clock(local: datetime, language: Language) -> str:
    """The hour alone, of a datetime already at its place: `5:00 p.m.`, `17 h`, `9 h 05`."""
    if language is Language.EN:
        half = "a.m." if local.hour < 12 else "p.m."
        return f"{local.hour % 12 or 12}:{local.minute:02d} {half}"
    return _spaced(f"{local.hour} h {local.minute:02d}" if local.minute else f"{local.hour} h", language)


def duration(span: timedelta, language: Language) -> str:
    """`6 h 15 min`, `45 min`, from a day on `1 d 3 h` / `1 j 3 h`. Cut to the minute; a span below zero is `0 min`:
    how late something is, is said in words, never as a negative number.
    """
    minutes = max(0, int(span.total_seconds() // 60))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        parts = [f"{days} {'d' if language is Language.EN else 'j'}", f"{hours} h" if hours else ""]
    elif hours:
        parts = [f"{hours} h", f"{minutes} min" if minutes else ""]
    else:
        parts = [f"{minutes} min"]
    return _spaced(" ".join(part for part in parts if part), language)


def stamp(at: datetime, zone: ZoneInfo, language: Language) -> str:
    """For staff tables, sortable: `2026-11-24 17:00 EST`, `2026-11-24 17:00 HNE`."""
    local = at.astimezone(zone)
    return _spaced(f"{local:%Y-%m-%d %H:%M} {_season(local, language)}", language)


def _season(local: datetime, language: Language) -> str:
    """`EST`, `HNE`. Where Babel has not heard that a place gave up changing its clocks, its name is an hour off: the tz
    database, whose hours we show, has another, and the offset is said instead: `UTC-7`.
    """
    if get_timezone_name(local, "short", locale=LOCALES[Language.EN]) != local.tzname():
        hours, minutes = divmod(abs(local.utcoffset() or timedelta()) // timedelta(minutes=1), 60)
        sign = "-" if (local.utcoffset() or timedelta()) < timedelta() else "+"
        return f"UTC{sign}{hours}" + (f":{minutes:02d}" if minutes else "")
    return str(get_timezone_name(local, "short", locale=LOCALES[language]))


def zone_name(zone: ZoneInfo, language: Language) -> str:
    """`Eastern Time`, `heure de l'Est`: never "standard" or "daylight", which people get wrong half of the year."""
    own = _OWN_NAMES.get(zone.key)
    name = own[language] if own else get_timezone_name(zone, "long", locale=LOCALES[language], zone_variant="generic")
    return _spaced(name.replace("\u2019", "'"), language)


def iso(at: datetime, zone: ZoneInfo) -> str:
    """For `<time datetime="…">`: local time with its offset, to the second."""
    return at.astimezone(zone).isoformat(timespec="seconds")


def _long_date(d: date, language: Language, year: int | None) -> str:
    month = get_month_names("wide", locale=LOCALES[language])[d.month]
    if language is Language.EN:
        return f"{month} {d.day}" + (f", {year}" if year else "")
    return f"{_french_day(d.day)} {month}" + (f" {year}" if year else "")


def _french_day(number: int) -> str:
    return "1er" if number == 1 else str(number)


def _year_if_other(d: date, zone: ZoneInfo, now: datetime) -> int | None:
    return d.year if d.year != now.astimezone(zone).year else None


def _spaced(text: str, language: Language) -> str:
    return text.replace(" ", NBSP) if language is Language.FR else text
