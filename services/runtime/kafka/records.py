"""Records of ours, made once, and made only as fast as they are wanted: what aiokafka's fetcher is told to do differently.

Both reach into aiokafka 0.14, pinned exactly; docs/decisions/0004 says what happens without them.
"""

from collections.abc import Set
from typing import Any

from aiokafka.consumer import fetcher  # type: ignore[import-untyped]  # aiokafka ships no types

from services.runtime.log import Record


class _Unpacked(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka ships no types
    """aiokafka's reading of a fetch, which makes its own `ConsumerRecord` of each: here it makes ours, and nothing is made twice."""

    def _consumer_record(self, tp: Any, record: Any) -> Record:
        return Record(tp.topic, tp.partition, record.offset, record.key, record.headers, record.value)


fetcher.PartitionRecords = _Unpacked  # its fetcher finds the class by this name alone


class Brake:
    """Keeps aiokafka from fetching ahead. Used in its thread alone."""

    def __init__(self) -> None:
        self._held: Set[Any] = frozenset()

    def hold(self, consumer: Any) -> None:
        """Fetch nothing more for now. What is under way at this moment comes, and waits."""
        busy = consumer._fetcher._in_flight  # brokers with a fetch under way, whom aiokafka asks for no other
        self._held = {broker.nodeId for broker in consumer._client.cluster.brokers()} - busy
        busy |= self._held

    def release(self, consumer: Any) -> None:
        """Fetch again."""
        if self._held:
            consumer._fetcher._in_flight -= self._held
            self._held = frozenset()
            consumer._fetcher._notify(consumer._fetcher._wait_consume_future)
