"""Response clocks (docs/rules.md §5): the worked examples, the edges, and what holds for any moment."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.vocabulary import ServiceLevel
from services.routing.rules.book import Closure
from services.routing.rules.calendars import Calendar
from services.routing.rules.clock import Pause, business_time, due, used, warn_at
from services.routing.rules.policy import Elapsed, Promise
from tests.unit.rules.builders import POLICY, TORONTO

TERMS = POLICY.of("CA")
ONSITE = TERMS.response
NBD = ONSITE[ServiceLevel.ONSITE_NBD]
SBD = ONSITE[ServiceLevel.ONSITE_SBD]
NINE_TO_FIVE = ONSITE[ServiceLevel.ONSITE_4H_9X5]
ROUND_THE_CLOCK = ONSITE[ServiceLevel.ONSITE_4H_24X7]


def calendar(province: str | None = "QC", zone: str = TORONTO, *closures: Closure) -> Calendar:
    return Calendar(ZoneInfo(zone), "CA", province, TERMS, closures)


def local(moment: str, zone: str = TORONTO) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("promise", "qualified", "expected"),
    [
        pytest.param(NBD, "2026-11-23T16:59", "2026-11-24T17:00", id="NBD Mon 2026-11-23 16:59 → Tue 24 17:00"),
        pytest.param(NBD, "2026-11-23T17:00", "2026-11-25T17:00", id="NBD Mon 23 17:00 → Wed 25 17:00"),
        pytest.param(NBD, "2026-11-27T10:00", "2026-11-30T17:00", id="NBD Fri 27 10:00 → Mon 30 17:00"),
        pytest.param(NBD, "2026-11-28T10:00", "2026-12-01T17:00", id="NBD Sat 28 → Tue 2026-12-01 17:00"),
        pytest.param(
            NBD, "2026-06-23T10:00", "2026-06-25T17:00", id="NBD Tue 2026-06-23 10:00 → Thu 25 17:00 (24 June)"
        ),
        pytest.param(
            NINE_TO_FIVE, "2026-11-27T15:00", "2026-11-30T10:00", id="4H_9X5 Fri 2026-11-27 15:00 → Mon 30 10:00"
        ),
        pytest.param(NINE_TO_FIVE, "2026-11-23T13:00", "2026-11-23T17:00", id="4H_9X5 Mon 13:00 → the same day 17:00"),
        pytest.param(NINE_TO_FIVE, "2026-11-23T07:00", "2026-11-23T12:00", id="4H_9X5 Mon 07:00 → 12:00"),
        pytest.param(SBD, "2026-11-23T11:59", "2026-11-23T17:00", id="SBD 11:59 → 17:00 today"),
        pytest.param(SBD, "2026-11-23T12:00", "2026-11-24T17:00", id="SBD 12:00 → 17:00 tomorrow"),
    ],
)
def test_the_worked_examples_in_quebec(promise: Promise, qualified: str, expected: str) -> None:
    assert due(promise, local(qualified), calendar()).at == local(expected)


def test_the_24th_of_june_is_a_working_day_in_ontario() -> None:
    """NBD Tue 2026-06-23 10:00 → in ON it is Wed 24."""
    assert due(NBD, local("2026-06-23T10:00"), calendar("ON")).at == local("2026-06-24T17:00")


def test_four_hours_around_the_clock_are_four_hours_when_the_clocks_change() -> None:
    """4H_24X7 2026-10-31T23:30-04:00 → 2026-11-01T02:30-05:00."""
    started = datetime.fromisoformat("2026-10-31T23:30-04:00").astimezone(UTC)
    assert due(ROUND_THE_CLOCK, started, calendar()).at == datetime.fromisoformat("2026-11-01T02:30-05:00")


@pytest.mark.parametrize(
    ("promise", "qualified", "expected"),
    [
        pytest.param(SBD, "2026-11-28T10:00", "2026-11-30T17:00", id="a Saturday morning is Monday's"),
        pytest.param(SBD, "2026-11-23T05:00", "2026-11-23T17:00", id="before opening is today"),
        pytest.param(SBD, "2026-11-27T12:00", "2026-11-30T17:00", id="Friday noon is Monday"),
        pytest.param(
            NINE_TO_FIVE, "2026-11-23T17:00", "2026-11-24T12:00", id="at closing time nothing of today is left"
        ),
        pytest.param(NINE_TO_FIVE, "2026-11-23T16:59", "2026-11-24T11:59", id="a minute of today counts"),
        pytest.param(
            NINE_TO_FIVE, "2026-12-24T16:00", "2026-12-28T11:00", id="Christmas and a weekend are passed over"
        ),
        pytest.param(NBD, "2026-12-24T16:00", "2026-12-28T17:00", id="the day after Christmas Eve is the 28th"),
        pytest.param(NBD, "2026-12-25T10:00", "2026-12-29T17:00", id="a holiday is no base day"),
    ],
)
def test_the_edges_of_a_business_day(promise: Promise, qualified: str, expected: str) -> None:
    assert due(promise, local(qualified), calendar()).at == local(expected)


def test_an_observed_holiday_is_a_holiday() -> None:
    """Boxing Day 2026 is a Saturday; Ontario observes it on Monday the 28th."""
    assert due(NBD, local("2026-12-24T10:00"), calendar("ON")).at == local("2026-12-29T17:00")


def test_remote_support_by_severity() -> None:
    """1: 2 h elapsed; 2: 4 business hours; 3: as NBD; 4: one business day more."""
    started = local("2026-11-27T15:00")
    remote = [due(TERMS.remote_response[severity], started, calendar()).at for severity in (1, 2, 3, 4)]
    expected = ("2026-11-27T17:00", "2026-11-30T10:00", "2026-11-30T17:00", "2026-12-01T17:00")
    assert remote == [local(moment) for moment in expected]


def test_a_depot_ships_back_within_five_business_days_of_receipt() -> None:
    assert due(TERMS.depot_turnaround, local("2026-11-23T10:00"), calendar()).at == local("2026-11-30T17:00")


def test_a_province_unknown_to_the_library_has_its_countrys_holidays() -> None:
    assert due(NBD, local("2026-06-30T10:00"), calendar("XX")).at == local("2026-07-02T17:00")


def test_the_provider_is_closed_where_its_closures_say() -> None:
    """A closure of another province, or of another country, closes nothing here."""
    closures = (Closure("CA", "QC", date(2026, 11, 24)), Closure("CA", None, date(2026, 11, 25)))
    elsewhere = (Closure("CA", "ON", date(2026, 11, 26)), Closure("US", None, date(2026, 11, 26)))
    clock = due(NBD, local("2026-11-23T10:00"), calendar("QC", TORONTO, *closures, *elsewhere))
    assert clock.at == local("2026-11-26T17:00")
    assert [(day.day.day, day.why) for day in clock.skipped] == [(24, "closure"), (25, "closure")]


def test_the_skipped_days_are_named() -> None:
    clock = due(NBD, local("2026-06-23T10:00"), calendar())
    assert [(day.day, day.why, day.name) for day in clock.skipped] == [
        (date(2026, 6, 24), "holiday", "Saint John the Baptist Day")
    ]
    assert clock.base_day == date(2026, 6, 23)


def test_waiting_for_the_customer_gives_the_time_back() -> None:
    """Three business hours of pause move the end by three business hours, a night in the pause by nothing."""
    pause = Pause(local("2026-11-23T15:00"), local("2026-11-24T09:00"), "customer")
    assert due(NINE_TO_FIVE, local("2026-11-23T14:00"), calendar(), [pause]).at == local("2026-11-24T12:00")
    assert due(NBD, local("2026-11-23T10:00"), calendar(), [pause]).at == local("2026-11-25T11:00")
    assert due(Elapsed(timedelta(hours=4)), local("2026-11-23T14:00"), calendar(), [pause]).at == local(
        "2026-11-24T12:00"
    )


def test_an_open_pause_stops_the_clock() -> None:
    clock = due(NBD, local("2026-11-23T10:00"), calendar(), [Pause(local("2026-11-23T11:00"), None, "access")])
    assert clock.at is None
    assert used(clock, local("2026-11-23T12:00")) == used(clock, local("2026-11-30T12:00"))


def test_a_pause_after_the_end_or_before_the_start_changes_nothing() -> None:
    plain = due(NBD, local("2026-11-23T10:00"), calendar())
    late = Pause(local("2026-11-26T10:00"), None, "customer")
    early = Pause(local("2026-11-20T10:00"), local("2026-11-21T10:00"), "customer")
    assert due(NBD, local("2026-11-23T10:00"), calendar(), [late, early]).at == plain.at


def test_three_quarters_of_four_business_hours() -> None:
    clock = due(NINE_TO_FIVE, local("2026-11-27T15:00"), calendar())
    assert warn_at(clock, 0.75) == local("2026-11-30T09:00")
    assert warn_at(clock, 1.0) == clock.at


START, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2028, 12, 31, tzinfo=UTC)
moments = st.integers(0, int((END - START).total_seconds())).map(lambda seconds: START + timedelta(seconds=seconds))
places = st.sampled_from([("QC", TORONTO), ("BC", "America/Vancouver"), ("NL", "America/St_Johns"), (None, "UTC")])
business = st.sampled_from([NBD, SBD, NINE_TO_FIVE, *(TERMS.remote_response[severity] for severity in (2, 3, 4))])
promises = st.one_of(business, st.sampled_from([ROUND_THE_CLOCK, TERMS.remote_response[1]]))
shared = {place: calendar(*place) for place in [("QC", TORONTO), ("BC", "America/Vancouver")]}


@settings(max_examples=60, deadline=None)
@given(promises, moments, st.timedeltas(timedelta(), timedelta(days=10)), places)
def test_a_later_start_is_never_due_earlier(
    promise: Promise, started: datetime, later: timedelta, place: tuple[str | None, str]
) -> None:
    here = calendar(*place)
    first, second = due(promise, started, here).at, due(promise, started + later, here).at
    assert first is not None
    assert second is not None
    assert started < first <= second


@settings(max_examples=60, deadline=None)
@given(business, moments, places)
def test_nothing_but_elapsed_time_is_due_outside_business_hours(
    promise: Promise, started: datetime, place: tuple[str | None, str]
) -> None:
    here = calendar(*place)
    at = due(promise, started, here).at
    assert at is not None
    end = here.local(at)
    assert here.closed(end.date()) is None
    assert time(8) < end.time() <= time(17)


@settings(max_examples=40, deadline=None)
@given(business, moments, moments, st.timedeltas(timedelta(seconds=1), timedelta(days=5)))
def test_a_pause_gives_back_the_business_time_it_took(
    promise: Promise, started: datetime, paused: datetime, length: timedelta
) -> None:
    """Also: never due outside business hours, never earlier than without the pause."""
    here = shared["QC", TORONTO]
    pause = Pause(paused, paused + length, "customer")
    plain, held = due(promise, started, here), due(promise, started, here, [pause])
    assert plain.at is not None
    assert held.at is not None
    assert held.at >= plain.at
    begins, ends = max(paused, started), min(paused + length, held.at)
    lost = business_time(begins, ends, here) if begins < ends else timedelta()
    assert business_time(started, held.at, here) == business_time(started, plain.at, here) + lost


@settings(max_examples=40, deadline=None)
@given(promises, moments, st.lists(st.timedeltas(timedelta(), timedelta(days=9)), min_size=2, max_size=2).map(sorted))
def test_the_share_of_time_used_never_falls(promise: Promise, started: datetime, later: list[timedelta]) -> None:
    clock = due(promise, started, shared["BC", "America/Vancouver"])
    assert clock.at is not None
    first, second = (used(clock, started + after) for after in later)
    assert 0 <= first <= second
    assert used(clock, clock.at) == 1
