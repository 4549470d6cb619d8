"""The clock drawn: what is open, closed, counted and paused, and where the marks stand (docs/rules.md §5)."""

from datetime import timedelta

import pytest

from schemas.vocabulary import Language, ServiceLevel
from services.routing.evidence import clock_json
from services.routing.explain_calendar import Box, DayDrawn, draw
from services.routing.rules.calendars import zone_of
from services.routing.rules.clock import Pause, due
from services.routing.rules.facts import Areas
from tests.unit.rules.builders import POLICY, TORONTO, at

NOON, MIDNIGHT = 214.0, 354.0  # where they stand across


def drawn(level: ServiceLevel, started: str, *pauses: Pause, stopped: str | None = None) -> tuple[DayDrawn, ...]:
    terms = POLICY.of("CA")
    calendar = Areas().calendar(zone_of(TORONTO), "CA", "QC", terms)
    clock = clock_json(due(terms.response[level], at(started), calendar, pauses))
    return draw(clock, Language.EN, POLICY, stopped=at(stopped) if stopped else None).days


def width(day: DayDrawn, kind: str) -> timedelta:
    """How much of a day is drawn so."""
    units = sum(box.width for box in day.boxes if box.kind == kind)
    return timedelta(hours=round(units / (354 - 74) * 24, 2))


def test_a_holiday_between_is_hatched_and_named() -> None:
    """NBD, Tuesday before Québec's national holiday: three rows, nothing counted on the second."""
    first, holiday, last = drawn(ServiceLevel.ONSITE_NBD, "2026-06-23T14:00:00Z")
    assert holiday.boxes == (Box("closed", 74.0, 280.0),)
    assert holiday.closed is not None
    assert "Day" in holiday.closed
    assert (width(first, "counted"), width(last, "counted")) == (timedelta(hours=7), timedelta(hours=9))
    assert last.marks == ("13:00 75% gone · 17:00 due",)


def test_four_hours_at_any_hour_know_no_closed_time() -> None:
    """Over midnight, on a Sunday: both days are open from end to end."""
    first, second = drawn(ServiceLevel.ONSITE_4H_24X7, "2026-11-29T03:00:00Z")
    assert [box.kind for box in first.boxes] == ["open", "counted"]
    assert (width(first, "counted"), width(second, "counted")) == (timedelta(hours=2), timedelta(hours=2))
    assert [tick.kind for day in (first, second) for tick in day.ticks] == ["qualified", "warn", "due"]


def test_a_pause_cuts_what_counts() -> None:
    """Four business hours, an hour of them paused: due an hour later, and that hour is dotted."""
    pause = Pause(at("2026-11-23T15:30:00Z"), at("2026-11-23T16:30:00Z"), "site_access")
    [day] = drawn(ServiceLevel.ONSITE_4H_9X5, "2026-11-23T15:00:00Z", pause)
    assert (width(day, "counted"), width(day, "paused")) == (timedelta(hours=4), timedelta(hours=1))
    assert any("paused 10:30" in line for line in day.marks)


def test_an_open_pause_is_drawn_to_the_end_of_its_day() -> None:
    """Nobody can say when it is due."""
    pause = Pause(at("2026-11-23T17:00:00Z"), None, "site_access")
    [day] = drawn(ServiceLevel.ONSITE_4H_9X5, "2026-11-23T15:00:00Z", pause)
    assert Box("paused", NOON, round((354 - 74) / 24 * 5, 2)) in day.boxes
    assert [tick.kind for tick in day.ticks] == ["qualified", "qualified"]


def test_counting_ends_where_the_clock_stopped() -> None:
    """Somebody was there after two of the four hours."""
    [day] = drawn(ServiceLevel.ONSITE_4H_9X5, "2026-11-23T15:00:00Z", stopped="2026-11-23T17:00:00Z")
    assert width(day, "counted") == timedelta(hours=2)
    assert [tick.kind for tick in day.ticks] == ["qualified", "warn", "due", "stop"]


def test_a_late_stop_is_drawn_on_its_own_day() -> None:
    days = drawn(ServiceLevel.ONSITE_4H_9X5, "2026-11-23T15:00:00Z", stopped="2026-11-24T15:00:00Z")
    assert [day.name for day in days] == ["Mon 23 Nov", "Tue 24 Nov"]
    assert [tick.kind for tick in days[1].ticks] == ["stop"]


@pytest.mark.parametrize("level", [level for level in ServiceLevel if level in POLICY.terms.response])
def test_nothing_is_drawn_outside_of_its_day(level: ServiceLevel) -> None:
    """Whatever the promise, on the day when the clocks change too."""
    for day in drawn(level, "2026-10-31T23:30:00Z"):
        for box in day.boxes:
            assert box.x >= 74
            assert box.width > 0
            assert box.x + box.width <= MIDNIGHT
