"""What an overload must show, judged from what the floods met."""

from tests.faults.generator.flood import Tide
from tests.faults.overload import Memory, report


def a_tide(accepted: int, seconds: float, took: float = 1.0, shed: int = 0, without_retry_after: int = 0) -> Tide:
    times, offered = [took] * accepted, accepted * 10
    return Tide(seconds, offered, accepted, shed, without_retry_after=without_retry_after, took=times)


CALM = a_tide(1_000, 10)
MEMORY = Memory(before=200, most=300)


def test_an_overload_that_was_turned_away_in_time_breaks_nothing() -> None:
    """Ten times what can be done was offered; as much as before was accepted."""
    said = report(CALM, a_tide(6_000, 60, shed=54_000), MEMORY, 2.0)
    assert said["broken"] == []
    assert (said["sustainable_per_second"], said["times"]) == (100.0, 10.0)


def test_each_harm_is_named() -> None:
    """Too little accepted, too late, too much memory, no Retry-After, and no end of it."""
    flood = a_tide(600, 60, took=25.0, shed=1, without_retry_after=1)
    said = report(CALM, flood, Memory(before=200, most=900), None)
    assert said["broken"] == [
        "turned away without Retry-After",
        "less than 50% of what can be done was accepted",
        "99 of 100 accepted requests took more than 20 s",
        "the process grew by more than 512 MiB",
        "not as before after 30 s",
    ]


def test_nothing_turned_away_is_no_overload() -> None:
    """Then it proves nothing."""
    assert report(CALM, a_tide(6_000, 60), MEMORY, 2.0)["broken"] == ["nothing was turned away: it was no overload"]
