"""The sample day's clock ticks on from its instant, the same in all processes."""

from datetime import UTC, datetime, timedelta

import pytest

from services.runtime.clock import clock_for, parse_clock

STARTED = datetime(2027, 1, 5, 10, 0, tzinfo=UTC)


def test_a_clock_counts_from_its_process_start() -> None:
    shift = parse_clock("2026-11-23T15:00:00Z", started=STARTED).shift
    assert STARTED + timedelta(seconds=90) + shift == datetime(2026, 11, 23, 15, 1, 30, tzinfo=UTC)


def test_processes_with_the_same_anchor_agree_whenever_they_start() -> None:
    value = "2026-11-23T10:00:00-05:00@2027-01-05T10:00:00Z"
    later = STARTED + timedelta(hours=1)
    assert parse_clock(value, started=STARTED) == parse_clock(value, started=later)


@pytest.mark.parametrize("value", ["noon", "2026-11-23T15:00:00", "2026-11-23T15:00:00Z@soon"])
def test_a_clock_that_is_no_instant_says_the_mend(value: str) -> None:
    with pytest.raises(ValueError, match="FIXLINE_CLOCK"):
        parse_clock(value, started=STARTED)


def test_without_the_setting_the_clock_is_the_real_one() -> None:
    assert abs(clock_for(None).read() - datetime.now(UTC)) < timedelta(seconds=5)
