"""When is a worker stuck? The watchdog's judgement, without a broker."""

import logging
import os
import threading
import time

import pytest

from services.runtime.kafka.noise import OnceInAWhile
from services.runtime.kafka.vitals import EXIT_STUCK, Limits, Vitals, Watchdog, verdict
from tests.servers import wait_until

LIMITS = Limits(batch=100, fetch=30, rebalance=45, drain=8)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vitals(clock: Clock) -> Vitals:
    """A worker that has its partitions and just fetched."""
    fresh = Vitals(clock)
    fresh.flow(active=True)
    fresh.fetch()
    return fresh


def after(seconds: float, vitals: Vitals, clock: Clock) -> str | None:
    clock.now += seconds
    return verdict(vitals, LIMITS, clock.now)


def test_a_worker_that_fetches_is_alive(vitals: Vitals, clock: Clock) -> None:
    for _ in range(100):
        assert after(20, vitals, clock) is None
        vitals.fetch()


def test_one_that_does_not_fetch_is_stuck_after_its_limit(vitals: Vitals, clock: Clock) -> None:
    assert after(30, vitals, clock) is None
    assert after(0.1, vitals, clock) == "nothing fetched for 30 s"


def test_while_a_batch_is_in_hand_nobody_need_fetch(vitals: Vitals, clock: Clock) -> None:
    vitals.begin_batch()
    assert after(99, vitals, clock) is None
    assert after(2, vitals, clock) == "one batch without progress for 100 s"


def test_whatever_is_stuck_is_back_within_a_minute() -> None:
    """A restart takes some seconds; the rest of the minute is the watchdog's."""
    usual = Limits()
    assert max(usual.batch, usual.fetch, usual.rebalance) <= 45


def test_progress_within_a_batch_counts_as_life(vitals: Vitals, clock: Clock) -> None:
    vitals.begin_batch()
    for _ in range(10):
        assert after(90, vitals, clock) is None
        vitals.progress()


def test_progress_outside_a_batch_begins_none(vitals: Vitals, clock: Clock) -> None:
    vitals.progress()
    assert after(31, vitals, clock) == "nothing fetched for 30 s"


def test_after_a_long_batch_the_fetch_loop_has_its_full_time(vitals: Vitals, clock: Clock) -> None:
    vitals.begin_batch()
    clock.now += 90
    vitals.end_batch()
    assert after(29, vitals, clock) is None
    assert after(2, vitals, clock) == "nothing fetched for 30 s"


def test_a_rebalance_may_take_longer_but_not_for_ever(vitals: Vitals, clock: Clock) -> None:
    vitals.flow(active=False)
    assert after(44, vitals, clock) is None
    assert after(2, vitals, clock) == "no partitions for 45 s"


def test_a_rebalance_that_waits_for_the_batch_in_hand_is_not_stuck(vitals: Vitals, clock: Clock) -> None:
    vitals.begin_batch()
    vitals.flow(active=False)
    assert after(80, vitals, clock) is None


def test_asked_to_stop_it_must_end_soon_whatever_it_does(vitals: Vitals, clock: Clock) -> None:
    vitals.begin_batch()
    vitals.stopping()
    assert after(7, vitals, clock) is None
    vitals.stopping()  # asked twice
    vitals.progress()
    assert after(2, vitals, clock) == "not stopped within 8 s"


def test_a_process_that_was_suspended_is_not_blamed(vitals: Vitals, clock: Clock) -> None:
    vitals.begin_batch()
    clock.now += 500
    vitals.excuse(500)
    assert verdict(vitals, LIMITS, clock.now) is None
    assert after(101, vitals, clock) == "one batch without progress for 100 s"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda vitals: None, None),
        (lambda vitals: vitals.flow(active=False), "waiting for partitions"),
        (lambda vitals: vitals.stopping(), "stopping"),
    ],
)
def test_ready_means_fetching_and_not_stopping(vitals: Vitals, change: object, reason: str | None) -> None:
    change(vitals)  # type: ignore[operator]  # one of the three above
    assert vitals.unready(LIMITS) == reason


def test_the_watchdog_ends_the_process_and_says_where_it_is_stuck(capfd: pytest.CaptureFixture[str]) -> None:
    """One line past the logging machinery, whose locks the stuck thread may hold: names of functions, no values."""
    vitals, release = Vitals(), threading.Event()
    ended: list[int] = []
    vitals.flow(active=True)

    def a_handler_that_hangs(secret: str) -> None:
        vitals.begin_batch()
        release.wait(10)

    threading.Thread(target=a_handler_that_hangs, args=("+1 514 555 0123",)).start()
    dog = Watchdog(vitals, Limits(batch=0.2), lambda: False, end=ended.append, every=0.05)
    dog.start()
    try:
        wait_until(lambda: bool(ended), 5, "the watchdog")
    finally:
        release.set()
        dog.stop()
    assert ended == [EXIT_STUCK]
    line = capfd.readouterr().err
    assert "one batch without progress for 0.2 s" in line
    assert "a_handler_that_hangs" in line
    assert "514" not in line
    assert line.count("\n") == 1


def test_the_watchdog_notices_that_it_was_asked_to_stop() -> None:
    vitals = Vitals()
    ended: list[int] = []
    dog = Watchdog(vitals, Limits(drain=0.2), lambda: True, end=ended.append, every=0.05)
    began = time.monotonic()
    dog.start()
    wait_until(lambda: bool(ended), 5, "the watchdog")
    assert ended == [EXIT_STUCK]
    assert time.monotonic() - began >= 0.2


def test_the_real_end_is_the_kernels() -> None:
    """Not sys.exit, which waits for threads and runs handlers."""
    assert Watchdog(Vitals(), LIMITS, lambda: False).end is os._exit


def test_the_same_line_of_a_library_is_logged_once_in_a_while(clock: Clock) -> None:
    """Ours always; theirs again after half a minute."""
    once = OnceInAWhile(every=30, clock=clock)

    def passes(name: str, line: int) -> bool:
        return once.filter(logging.LogRecord(name, logging.ERROR, "", line, "away", None, None))

    assert [passes("aiokafka.conn", 1), passes("aiokafka.conn", 1), passes("aiokafka.conn", 2)] == [True, False, True]
    assert [passes("aiokafka", 1), passes("aiokafka", 1)] == [True, False]
    assert [passes("services.runtime", 1), passes("services.runtime", 1)] == [True, True]
    clock.now += 31
    assert passes("aiokafka.conn", 1)
