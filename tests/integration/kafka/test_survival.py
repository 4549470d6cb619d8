"""Whatever happens to a worker: nothing is lost, effects are there once, and a worker that is stuck ends itself."""

import signal
import time
from statistics import median

from kafka.errors import CoordinatorNotAvailableError  # type: ignore[import-untyped]  # kafka-python ships no types

from tests.integration.kafka.lab import Lab, ids, slowness
from tests.servers import wait_until


def test_killed_in_the_middle_of_a_batch_nothing_is_lost_and_nothing_twice(lab: Lab) -> None:
    """kill -9 inside the transaction, twice; the restarted worker has its partitions again within a session."""
    lab.create(partitions=4)
    expected = ids(1500)
    lab.produce(expected)
    waits = []
    for turn in range(3):
        before = lab.count()
        worker = lab.worker(f"turn-{turn}", instance="w-1", max_batch=100, slow_inside=0.2)
        lab.wait_applied(before + 300)
        if turn:
            first = lab.query("SELECT min(at) FROM batches WHERE worker = ?", f"turn-{turn}")[0][0]
            waits.append(first - worker.started_at)
        if turn < 2:
            worker.kill()
    lab.wait_applied(len(expected))
    lab.wait_committed_to_the_end()
    lab.assert_each_once(expected)
    assert median(waits) < 6 * slowness(), f"from restart to the first batch: {waits}"


def test_a_rebalance_waits_for_the_batch_in_hand(lab: Lab) -> None:
    """A second worker joins and leaves while the first has long batches: nothing is even delivered again."""
    lab.create(partitions=4)
    expected = ids(2400)
    lab.produce(expected[:800])
    first = lab.worker("first", max_batch=50, slow=0.5)
    lab.wait_begun(first)
    second = lab.worker("second", max_batch=50, slow=0.5)
    wait_until(lambda: _group(lab) == ("Stable", 2), 30 * slowness(), "two members", log=second.log)
    lab.produce(expected[800:])
    wait_until(lambda: _batches(lab, "second") > 1, 30 * slowness(), "the second worker's batches", log=second.log)
    second.signal(signal.SIGTERM)
    assert second.exit_code(15) == 0
    lab.wait_applied(len(expected), patience=60)
    lab.wait_committed_to_the_end()
    lab.assert_each_once(expected)
    assert lab.redelivered() == 0


def test_workers_that_start_together_in_a_new_group_lose_nothing(lab: Lab) -> None:
    """Rebalance upon rebalance while nothing is committed yet: what one fetched and dropped is read again."""
    lab.create(partitions=6)
    expected = ids(3000)
    lab.produce(expected)
    for number in range(3):
        lab.worker(f"w{number}", max_batch=20, slow=0.01)
        time.sleep(0.4)
    lab.wait_applied(len(expected), patience=60)
    lab.wait_committed_to_the_end()
    lab.assert_each_once(expected)


def test_a_member_thrown_out_during_its_batch_does_not_move_the_offsets_back(lab: Lab) -> None:
    """Its batch takes longer than the rebalance waits. Its successor applies all and leaves: the group is empty, and the
    broker would take the late commit of the one thrown out."""
    lab.create(partitions=2)
    expected = ids(200)
    lab.produce(expected)
    gate = lab.folder / "gate"
    slow = lab.worker("slow", max_batch=20, waits_for=str(gate), rebalance_timeout=3)
    lab.wait_begun(slow)
    quick = lab.worker("quick", max_batch=50, rebalance_timeout=3)
    lab.wait_applied(len(expected))
    lab.wait_committed_to_the_end()
    quick.signal(signal.SIGTERM)
    assert quick.exit_code(20) == 0
    wait_until(lambda: _group(lab) == ("Empty", 0), 30 * slowness(), "the slow member to be out", log=slow.log)
    time.sleep(2)  # its next heartbeat tells it
    gate.touch()
    wait_until(lambda: _batches(lab, "slow") > 0, 20 * slowness(), "the batch in hand to end", log=slow.log)
    wait_until(lambda: _group(lab) == ("Stable", 1), 40 * slowness(), "the slow member to come back", log=slow.log)
    lab.produce(ids(20, start=200))
    lab.wait_applied(220)
    lab.assert_each_once(ids(220))
    assert lab.redelivered() == 20, "only the batch in hand was applied for nothing: no offset went back"


def test_sigterm_drains_and_ends_with_zero(lab: Lab) -> None:
    """The batch in hand is finished and committed; the next worker gets nothing again."""
    lab.create(partitions=4)
    expected = ids(800)
    lab.produce(expected)
    first = lab.worker("first", max_batch=50, slow=0.3)
    lab.wait_applied(150)
    asked_at = time.monotonic()
    first.signal(signal.SIGTERM)
    assert first.exit_code(15) == 0
    took = time.monotonic() - asked_at
    lab.worker("second", max_batch=200)
    lab.wait_applied(len(expected))
    lab.wait_committed_to_the_end()
    lab.assert_each_once(expected)
    assert lab.redelivered() == 0
    assert took < 3 * slowness(), f"it took {took:.1f} s to end"


def test_what_escapes_the_handler_ends_the_worker_and_moves_no_offset(lab: Lab) -> None:
    """Exit 70, at once; the log names the error's type and never its text, which may quote a customer."""
    lab.create(partitions=1)
    expected = ids(100)
    lab.produce(expected, keys=1)
    broken = lab.worker("broken", max_batch=10, fails_on="e-35")
    assert broken.exit_code(30) == 70
    assert lab.committed().get(0, 0) <= 30
    assert "ValueError" in broken.said()
    assert "telephone" not in broken.said()
    lab.worker("mended")
    lab.wait_applied(len(expected))
    lab.wait_committed_to_the_end()
    lab.assert_each_once(expected)


def test_a_batch_without_progress_ends_the_worker(lab: Lab) -> None:
    """The watchdog says in one line where it is stuck, and ends the process with 70."""
    lab.create(partitions=1)
    expected = ids(50)
    lab.produce(expected)
    stuck = lab.worker("stuck", max_batch=10, stuck_on="e-25", limits={"batch": 3})
    assert stuck.exit_code(40) == 70
    assert "one batch without progress for 3 s" in stuck.said()
    assert "__call__" in stuck.said()
    lab.worker("next")
    lab.wait_applied(len(expected))
    lab.wait_committed_to_the_end()
    lab.assert_each_once(expected)


def test_a_batch_that_waits_on_purpose_is_left_alone_but_not_past_a_sigterm(lab: Lab) -> None:
    """It reports progress while its database is away; asked to stop, it has a few seconds and no more."""
    lab.create(partitions=1)
    lab.produce(ids(20))
    waiting = lab.worker("waiting", stuck_on="e-5", reports_progress=True, limits={"batch": 2, "drain": 2})
    lab.wait_begun(waiting)
    time.sleep(4)
    assert waiting.process.poll() is None, waiting.said()
    waiting.signal(signal.SIGTERM)
    assert waiting.exit_code(10) == 70
    assert "not stopped within 2 s" in waiting.said()
    lab.worker("next")
    lab.wait_applied(20)
    lab.assert_each_once(ids(20))


def test_a_worker_that_no_longer_fetches_ends_itself(lab: Lab) -> None:
    """Its heart beats and its partitions are its own, but the fetch loop is dead."""
    lab.create(partitions=1)
    dead = lab.worker("dead", stops_fetching=True, limits={"fetch": 4})
    assert dead.exit_code(40) == 70
    assert "nothing fetched for 4 s" in dead.said()


def test_a_worker_that_was_suspended_gives_way_and_comes_back(lab: Lab) -> None:
    """SIGSTOP beyond the session inside a batch: another takes over; awake again, it harms nothing and lives on."""
    lab.create(partitions=2)
    lab.produce(ids(200))
    asleep = lab.worker("asleep", max_batch=20, limits={"fetch": 8, "batch": 8})
    lab.wait_applied(200)
    asleep.signal(signal.SIGSTOP)
    lab.produce(ids(200, start=200))
    lab.worker("other")
    lab.wait_applied(400)
    time.sleep(3)
    asleep.signal(signal.SIGCONT)
    lab.produce(ids(200, start=400))
    lab.wait_applied(600)
    lab.wait_committed_to_the_end()
    lab.assert_each_once(ids(600))
    assert asleep.process.poll() is None, asleep.said()[-1500:]


def test_two_workers_with_one_name_apply_nothing_twice(lab: Lab) -> None:
    """A mistake in the set-up: they throw each other out again and again. The inbox holds all the same."""
    lab.create(partitions=2)
    lab.produce(ids(100))
    for name in ("one", "other"):
        lab.worker(name, instance="same")
        lab.wait_applied(100)
    for turn in range(3):
        lab.produce(ids(100, start=100 + 100 * turn))
        lab.wait_applied(200 + 100 * turn)
    lab.assert_each_once(ids(400))


def test_without_its_topic_a_worker_says_so_and_ends_with_three(lab: Lab) -> None:
    """A dependency is down: the log names the mend."""
    worker = lab.worker(patience=1)
    assert worker.exit_code(30) == 3
    assert "fixline topics apply" in worker.said()


def _batches(lab: Lab, worker: str) -> int:
    return int(lab.query("SELECT count(*) FROM batches WHERE worker = ?", worker)[0][0])


def _group(lab: Lab) -> tuple[str, int]:
    """The group's state and how many members it has."""
    try:
        group = lab.admin.describe_groups([lab.group])[lab.group]
    except CoordinatorNotAvailableError:  # a broker's first group: its topic of offsets is being made
        return "", 0
    return group["group_state"], len(group["members"])
