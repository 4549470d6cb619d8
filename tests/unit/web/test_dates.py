"""Dates, spans and numbers to the letter, in both languages (docs/decisions/0008-our-own-date-sentences.md)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from schemas.vocabulary import Language
from services.runtime.web import dates, numbers

EN, FR = Language.EN, Language.FR
TORONTO, HALIFAX = ZoneInfo("America/Toronto"), ZoneInfo("America/Halifax")
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def at(local: str, zone: ZoneInfo = TORONTO) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=zone)


def spaced(text: str) -> str:
    """Written with plain spaces here, for reading; all of them are no-break ones in French."""
    return text.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("local", "en", "fr"),
    [
        (
            "2026-11-24T17:00",
            "Tuesday, November 24, 5:00 p.m. (Eastern Time)",
            "mardi 24 novembre, 17 h (heure de l'Est)",
        ),
        (
            "2026-12-01T09:05",
            "Tuesday, December 1, 9:05 a.m. (Eastern Time)",
            "mardi 1er décembre, 9 h 05 (heure de l'Est)",
        ),
        (
            "2027-01-04T00:00",
            "Monday, January 4, 2027, 12:00 a.m. (Eastern Time)",
            "lundi 4 janvier 2027, 0 h (heure de l'Est)",
        ),
        (
            "2026-07-15T12:30",
            "Wednesday, July 15, 12:30 p.m. (Eastern Time)",
            "mercredi 15 juillet, 12 h 30 (heure de l'Est)",
        ),
    ],
)
def test_a_promise_names_day_hour_and_zone(local: str, en: str, fr: str) -> None:
    """Summer and winter under one name of the zone; the year only when it is another."""
    assert dates.moment(at(local), TORONTO, EN, NOW) == en
    assert dates.moment(at(local), TORONTO, FR, NOW) == spaced(fr)


def test_the_hour_is_that_of_the_place() -> None:
    """One instant, two sites."""
    instant = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
    assert dates.moment(instant, HALIFAX, EN, NOW) == "Tuesday, November 24, 6:00 p.m. (Atlantic Time)"
    assert dates.moment(instant, ZoneInfo("America/Vancouver"), FR, NOW) == spaced(
        "mardi 24 novembre, 15 h (heure du Pacifique)"
    )


def test_the_year_is_another_by_the_calendar_of_the_place() -> None:
    """At 23:30 in Toronto on December 31 it is already next year in UTC, but not there."""
    new_year = datetime(2027, 1, 1, 4, 30, tzinfo=UTC)
    assert dates.moment(new_year, TORONTO, EN, NOW) == "Thursday, December 31, 11:30 p.m. (Eastern Time)"
    assert dates.moment(new_year, TORONTO, EN, new_year) == "Thursday, December 31, 11:30 p.m. (Eastern Time)"


@pytest.mark.parametrize(
    ("local", "en", "fr"),
    [
        ("2026-11-24T17:00", "Nov 24, 5:00 p.m.", "24 nov., 17 h"),
        ("2026-11-24T09:05", "Nov 24, 9:05 a.m.", "24 nov., 9 h 05"),
        ("2026-12-01T09:00", "Dec 1, 9:00 a.m.", "1er déc., 9 h"),
        ("2027-05-24T09:05", "May 24, 2027, 9:05 a.m.", "24 mai 2027, 9 h 05"),
    ],
)
def test_the_short_form(local: str, en: str, fr: str) -> None:
    """Where the zone is said nearby."""
    assert dates.short_moment(at(local), TORONTO, EN, NOW) == en
    assert dates.short_moment(at(local), TORONTO, FR, NOW) == spaced(fr)


def test_a_day_inside_a_sentence_has_no_article() -> None:
    """`jusqu'au {date}` and `le {date}` bring their own."""
    today = date(2026, 11, 23)
    assert dates.day(date(2026, 12, 1), EN, today) == "December 1"
    assert dates.day(date(2026, 12, 1), FR, today) == spaced("1er décembre")
    assert dates.day(date(2027, 3, 31), EN, today) == "March 31, 2027"
    assert dates.day(date(2027, 3, 31), FR, today) == spaced("31 mars 2027")
    assert dates.weekday_and_day(date(2026, 11, 24), FR, today) == spaced("mardi 24 novembre")
    assert dates.weekday_and_day(date(2026, 11, 24), EN, today) == "Tuesday, November 24"


@pytest.mark.parametrize(
    ("span", "en", "fr"),
    [
        (timedelta(hours=6, minutes=15), "6 h 15 min", "6 h 15 min"),
        (timedelta(hours=2, minutes=40), "2 h 40 min", "2 h 40 min"),
        (timedelta(minutes=59, seconds=59), "59 min", "59 min"),
        (timedelta(hours=1), "1 h", "1 h"),
        (timedelta(days=1, hours=3, minutes=59), "1 d 3 h", "1 j 3 h"),
        (timedelta(days=2), "2 d", "2 j"),
        (timedelta(seconds=59), "0 min", "0 min"),
        (timedelta(minutes=-5), "0 min", "0 min"),
    ],
)
def test_a_span_is_cut_to_the_minute_and_never_negative(span: timedelta, en: str, fr: str) -> None:
    """How late something is, is said in words."""
    assert dates.duration(span, EN) == en
    assert dates.duration(span, FR) == spaced(fr)


def test_staff_tables_sort_and_name_the_season() -> None:
    """EST in winter and EDT in summer, HNE and HAE in French."""
    assert dates.stamp(at("2026-11-24T17:00"), TORONTO, EN) == "2026-11-24 17:00 EST"
    assert dates.stamp(at("2026-07-24T17:00"), TORONTO, EN) == "2026-07-24 17:00 EDT"
    assert dates.stamp(at("2026-11-24T17:00"), TORONTO, FR) == spaced("2026-11-24 17:00 HNE")
    assert dates.stamp(at("2026-07-24T17:00"), TORONTO, FR) == spaced("2026-07-24 17:00 HAE")


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("America/Vancouver", "2026-11-23 08:00 UTC-7"),
        ("America/Winnipeg", "2026-11-23 10:00 UTC-5"),
        ("America/Whitehorse", "2026-11-23 08:00 UTC-7"),
        ("Asia/Kolkata", "2026-11-23 20:30 UTC+5:30"),
    ],
)
def test_a_place_that_gave_up_changing_its_clocks_is_shown_by_its_offset(zone: str, shown: str) -> None:
    """British Columbia, Alberta and Manitoba did in 2026: in winter PST would be an hour off. The data are the pinned ones."""
    with (resources.files("tzdata") / "zoneinfo" / zone).open("rb") as file:
        place = ZoneInfo.from_file(file, key=zone)
    assert dates.stamp(NOW, place, EN) == shown
    assert dates.stamp(NOW, place, FR) == spaced(shown)


@pytest.mark.parametrize(
    ("zone", "en", "fr"),
    [
        ("America/Toronto", "Eastern Time", "heure de l'Est"),
        ("America/Halifax", "Atlantic Time", "heure de l'Atlantique"),
        ("America/St_Johns", "Newfoundland Time", "heure de Terre-Neuve"),
        ("America/Winnipeg", "Central Time", "heure du Centre"),
        ("America/Regina", "Central Time", "heure du Centre"),
        ("America/Edmonton", "Mountain Time", "heure des Rocheuses"),
        ("America/Vancouver", "Pacific Time", "heure du Pacifique"),
        ("America/Whitehorse", "Yukon Time", "heure du Yukon"),
        ("America/New_York", "Eastern Time", "heure de l'Est"),
        ("UTC", "UTC", "UTC"),
    ],
)
def test_zones_have_names_that_people_use(zone: str, en: str, fr: str) -> None:
    """Never "standard" or "daylight"."""
    assert dates.zone_name(ZoneInfo(zone), EN) == en
    assert dates.zone_name(ZoneInfo(zone), FR) == spaced(fr)


def test_numbers_and_money() -> None:
    """Group and decimal signs, and whose dollars."""
    assert numbers.number(Decimal("12345.6"), EN) == "12,345.6"
    assert numbers.number(Decimal("12345.6"), FR) == spaced("12 345,6")
    assert numbers.money(Decimal("1234.5"), "CAD", EN) == "$1,234.50"
    assert numbers.money(Decimal("1234.5"), "CAD", FR) == spaced("1 234,50 $")
    assert numbers.money(Decimal("1234.5"), "USD", EN) == "US$1,234.50"
    assert numbers.money(Decimal("1234.5"), "USD", FR) == spaced("1 234,50 $ US")
    assert numbers.percent(0.624, EN) == "62%"
    assert numbers.percent(Decimal("0.75"), FR) == spaced("75 %")


def test_telephone_and_request_numbers() -> None:
    """As they are said aloud."""
    assert numbers.phone("+15145550123", EN) == "514-555-0123"
    assert numbers.phone("+15145550123", FR) == spaced("514 555-0123")
    assert numbers.phone("+33142685300", EN) == "+33 1 42 68 53 00"
    assert numbers.phone("extension 12", EN) == "extension 12"
    assert numbers.request_number("482190347716") == "4821-9034-7716"
