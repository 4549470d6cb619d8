"""Whatever lies in the log: every committed record is applied once, in order per key, and the offsets reach the end."""

from kafka import TopicPartition  # type: ignore[import-untyped]  # kafka-python ships no types

from tests.integration.kafka.lab import Lab, ids
from tests.servers import wait_until


def test_plain_records_are_applied_once_and_in_order(lab: Lab) -> None:
    """Several partitions and thousands of records; a batch spans partitions, and offsets end behind the last record."""
    lab.create(partitions=4)
    expected = ids(6000)
    lab.produce(expected, keys=50)
    lab.worker()
    lab.wait_applied(len(expected))
    lab.wait_committed_to_the_end()
    lab.assert_each_once(expected)
    assert lab.redelivered() == 0
    assert max(row[0] for row in lab.query("SELECT partitions FROM batches")) > 1


def test_a_batch_never_holds_more_than_it_may(lab: Lab) -> None:
    """What one fetch brought is cut; order and offsets stay right across the cuts."""
    lab.create(partitions=3)
    expected = ids(500)
    lab.produce(expected)
    lab.worker(max_batch=7)
    lab.wait_applied(len(expected))
    lab.wait_committed_to_the_end()
    lab.assert_each_once(expected)
    assert max(row[0] for row in lab.query("SELECT size FROM batches")) == 7


def test_what_comes_while_a_small_batch_is_in_hand_is_one_batch(lab: Lab) -> None:
    """Fetched ahead it would be many small ones, each with a transaction of its own, and the last would wait for all."""
    lab.create(partitions=3)
    gate = lab.folder / "gate"
    worker = lab.worker(waits_for=str(gate))
    lab.produce(ids(1))
    lab.wait_begun(worker)
    for start in (1, 11, 21):
        lab.produce(ids(10, start=start))
    gate.touch()
    lab.wait_applied(31)
    assert lab.query("SELECT size FROM batches") == [(1,), (30,)]


def test_aborted_transactions_are_not_applied_and_leave_no_lag(lab: Lab) -> None:
    """Every third transaction is aborted, the last one too: the log ends with aborted records and markers."""
    lab.create(partitions=2)
    expected: list[str] = []
    with lab.transactions() as producer:
        for turn in range(9):
            aborted = turn % 3 == 2
            producer.begin_transaction()
            for event_id in ids(20, start=turn * 20):
                producer.send(lab.topic, key=b"k", value=event_id.encode())
                if not aborted:
                    expected.append(event_id)
            if aborted:
                producer.flush(10)
                producer.abort_transaction()
            else:
                producer.commit_transaction()
    lab.worker()
    lab.wait_applied(len(expected))
    lab.wait_committed_to_the_end()
    lab.assert_each_once(expected)


def test_markers_that_arrive_while_the_consumer_is_idle_are_passed(lab: Lab) -> None:
    """A transaction that is aborted moves the log's end without a record: the committed offset follows."""
    lab.create(partitions=1)
    lab.produce(ids(10))
    lab.worker()
    lab.wait_applied(10)
    with lab.transactions() as producer:
        for turn in range(2):
            producer.begin_transaction()
            producer.send(lab.topic, key=b"k", value=f"never-{turn}".encode())
            producer.flush(10)
            producer.abort_transaction()
    assert lab.ends() == {0: 14}
    lab.wait_committed_to_the_end()
    lab.assert_each_once(ids(10))


def test_a_compacted_log_is_read_over_its_gaps(lab: Lab) -> None:
    """Compaction takes most offsets away, in the middle and at each segment's end."""
    lab.create(
        partitions=1,
        cleanup_policy="compact",
        min_cleanable_dirty_ratio="0.01",
        segment_ms="100",
        segment_bytes="1048576",
        min_compaction_lag_ms="0",
    )
    for turn in range(4):
        lab.produce(ids(300, start=turn * 300), keys=30)
    wait_until(lambda: _first_left(lab) > 0, 60, "the log cleaner to compact")
    left = [value for _key, value in lab.log()]
    assert len(left) < 1200
    lab.worker()
    lab.wait_applied(len(left))
    lab.wait_committed_to_the_end()
    assert sorted(lab.applied()) == sorted(left)


def test_a_new_group_begins_where_the_log_begins(lab: Lab) -> None:
    """DeleteRecords cut the head off before the group ever committed; one partition was emptied wholly."""
    lab.create(partitions=2)
    lab.produce(ids(400))
    ends = lab.ends()
    lab.admin.delete_records({TopicPartition(lab.topic, 0): ends[0], TopicPartition(lab.topic, 1): ends[1] - 50})
    lab.worker()
    lab.wait_applied(50)
    lab.wait_committed_to_the_end()
    assert lab.count() == 50


def test_records_deleted_below_a_running_group_are_passed(lab: Lab) -> None:
    """The head is deleted while nobody reads: the committed offset is gone, the rest is applied."""
    lab.create(partitions=1)
    lab.produce(ids(100))
    first = lab.worker()
    lab.wait_applied(100)
    lab.wait_committed_to_the_end()
    first.kill()
    lab.produce(ids(100, start=100))
    lab.admin.delete_records({TopicPartition(lab.topic, 0): 150})
    lab.worker("second")
    lab.wait_applied(150)
    lab.wait_committed_to_the_end()
    assert lab.applied()[100:] == ids(50, start=150)


def test_a_fetch_that_a_rebalance_threw_away_is_read_again(lab: Lab) -> None:
    """In a new group nothing is committed yet; the position must go back all the same, to where the log begins."""
    lab.create(partitions=2)
    expected = ids(300)
    lab.produce(expected)
    lab.worker(drops_a_fetch=True)
    lab.wait_applied(len(expected))
    lab.wait_committed_to_the_end()
    lab.assert_each_once(expected)


def test_the_lag_is_reported_for_each_partition(lab: Lab) -> None:
    """Up to where the handler is done, and where the log ends."""
    lab.create(partitions=2)
    lab.produce(ids(100))
    lab.worker()
    lab.wait_applied(100)
    wait_until(lambda: len(lab.query("SELECT DISTINCT part FROM lags")) == 2, 20, "the lag of both partitions")
    reported = dict(lab.query("SELECT part, max(ends) FROM lags GROUP BY part"))
    assert reported == lab.ends()
    assert lab.query("SELECT count(*) FROM lags WHERE finished > ends") == [(0,)]


def _first_left(lab: Lab) -> int:
    """How far the log cleaner has come: the first id that is left."""
    left = lab.log()
    return int(left[0][1].rpartition("-")[2]) if left else 0
