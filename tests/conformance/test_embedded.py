"""What only the embedded log must hold: its cursor belongs to one log, and a kill at any moment loses nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from services.runtime import embedded
from services.runtime.embedded import EmbeddedConsumer
from services.runtime.failures import WrongLog
from tests.builders import a_number, an_acceptance
from tests.conformance.stacks import EmbeddedStack, effects, mend
from tests.servers import wait_until

ONE, TWO = a_number(1), a_number(2)


def follower(stack: EmbeddedStack) -> EmbeddedConsumer:
    return EmbeddedConsumer(stack.processor(), stack.source())


def test_a_restored_producer_is_refused_with_the_mend(tmp_path: Path) -> None:
    """An older copy of the producer's file ends before the cursor: events would be skipped in silence."""
    stack = EmbeddedStack(tmp_path)
    stack.publish(an_acceptance(ONE))
    stack.settle()
    with stack.consumer.database.transaction() as connection:
        connection.execute(update(stack.consumer.tables.cursor).values(position=99))
    with pytest.raises(WrongLog, match="backup"):
        follower(stack).check_cursor()


def test_another_producers_file_is_refused(tmp_path: Path) -> None:
    stack = EmbeddedStack(tmp_path)
    stack.settle()
    with stack.consumer.database.transaction() as connection:
        connection.execute(update(stack.consumer.tables.cursor).values(log_id="another"))
    with pytest.raises(WrongLog, match="another"):
        follower(stack).check_cursor()


def test_a_consumer_hears_of_new_events_without_waiting_for_its_poll(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The signal of a commit wakes it; the poll, set to a minute here, is only the net beneath."""
    monkeypatch.setattr(embedded, "_POLL", 60.0)
    stack = EmbeddedStack(tmp_path)
    running = follower(stack)
    running.start()
    try:
        time.sleep(0.5)
        stack.publish(an_acceptance(ONE))
        wait_until(lambda: len(effects(stack)) == 1, 30, "the event to be applied")
    finally:
        running.stop()


def test_a_transient_failure_is_waited_out_and_nothing_is_lost(tmp_path: Path) -> None:
    """The database is away for a moment: the batch stays, the consumer is not ready, then goes on by itself."""
    stack = EmbeddedStack(tmp_path)
    stack.publish(an_acceptance(ONE, text="busy"), an_acceptance(TWO))
    running = follower(stack)
    running.start()
    try:
        wait_until(lambda: running.failed is not None, 30, "the consumer to meet the failure")
        assert effects(stack) == []
        mend(stack, "busy")
        wait_until(lambda: len(effects(stack)) == 2, 30, "both events to be applied")
        assert [number for number, _, _ in effects(stack)] == [ONE, TWO]
    finally:
        running.stop()


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    """kill -9 of the consuming process, five times while a backlog is applied; the effects are each event's, once."""
    stack = EmbeddedStack(tmp_path)
    numbers = [a_number(index) for index in range(800)]
    stack.publish(*(an_acceptance(number) for number in numbers))
    for round_ in range(5):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.conformance.follow", str(tmp_path)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        for _ in range(3 * round_ + 1):
            process.stdout.readline()  # a page more was applied, or one is under way
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    killed_at = len(effects(stack))
    stack.settle()
    applied = [number for number, _, _ in effects(stack)]
    assert applied == numbers
    assert 0 < killed_at < len(numbers), "the kills came too early or too late to prove anything"
