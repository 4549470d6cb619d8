"""A Faust transport (URL scheme ``fixline://``) that delivers what one fetch brought as one event, a `Batch`.

The rule, stricter than Faust's: an offset is committed only when *the handler* has set ``batch.done = True`` for its batch
and for every earlier batch with records of that partition. Faust's acks still say what is in hand, so that a SIGTERM or a
rebalance waits for it, but they move no offset: an exception or a cancellation loses nothing.

What is committed is the fetch *position* behind a batch, so gaps (compaction, transaction markers, deleted records) need no
books. A fetch that moved only a position is an empty batch that was done before it began.

It overrides private methods of faust-streaming 0.15.3 and aiokafka 0.14, both pinned exactly; tests/integration/kafka holds
each override on a real broker, and docs/decisions/0004 explains them one by one.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, cast

import faust
import structlog
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage, Message
from faust.types.transports import ConsumerT, TPorTopicSet, TransportT

from services.runtime.kafka.records import Brake
from services.runtime.kafka.vitals import Vitals
from services.runtime.log import Record

logger = structlog.get_logger(__name__)

#: Seconds after which the fetch loop looks again whether it may, if nobody told it.
_GLANCE = 0.5


@dataclass(frozen=True, slots=True)
class Fetching:
    """How much a batch may hold, how long the broker may wait for a first record (milliseconds), when to fetch ahead."""

    max_batch: int = 500
    max_wait_ms: int = 100
    ahead: int = 100  # nothing is fetched ahead of a batch in hand with fewer records than this


class Batch:
    """Records in order per partition, of one or several partitions and topics.

    ``ends``: per partition the offset to commit once this batch and all before it are done.
    ``done``: set by the handler, after its database transaction committed, and by nobody else.
    """

    __slots__ = ("done", "ends", "records")

    def __init__(self, ends: dict[TP, int] | None = None, *, done: bool = False) -> None:
        self.records: list[Record] = []
        self.ends: dict[TP, int] = ends if ends is not None else {}
        self.done = done

    def __len__(self) -> int:
        return len(self.records)

    def __repr__(self) -> str:
        # Faust logs messages whole. This is all that a log may ever show of one: never a customer's data.
        ends = ", ".join(f"{tp.topic}[{tp.partition}]<{end}" for tp, end in self.ends.items())
        return f"<Batch of {len(self.records)}: {ends}{', done' if self.done else ''}>"


class BatchSchema(faust.Schema[Any, Any]):
    """Hands the batch through Faust's decoding untouched: a typed topic acks what it cannot decode, unseen."""

    def loads_key(self, app: Any, message: Message, **_kwargs: Any) -> None:
        """None: the records have keys, the batch has none."""

    def loads_value(self, app: Any, message: Message, **_kwargs: Any) -> Any:
        return message.value


class BatchApp(faust.App):
    """The Faust app that this transport serves: it keeps nothing on disk, listens on no port, and reports what it does."""

    fetching: Fetching = Fetching()
    vitals: Vitals
    hand_free: asyncio.Event  # set when the handler ended a batch

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hand_free = asyncio.Event()

    class BootStrategy(faust.app.BootStrategy):
        """`faust worker` starts a web server unless told --without-web, whatever ``web_enabled`` says. Never here."""

        enable_web = False

    def _create_directories(self) -> None:
        """Faust makes a folder in the working directory for its tables' files. There are no tables: state lives in SQL."""

    def _new_transport(self) -> TransportT:
        """Ours, also where the project is not installed and its entry point therefore unknown."""
        return Transport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> TransportT:
        return Transport(self.conf.broker_producer, self)


class _Fetch(NamedTuple):
    """One fetch: records, where it left each partition's position, and the group's generation it belongs to."""

    records: Mapping[Any, Sequence[Record]]
    positions: Mapping[TP, int]
    generation: int


class _Delivered(NamedTuple):
    batch: Batch
    message: Message | None  # None for a batch that was done before it began: Faust never saw it


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """The thread in which aiokafka lives."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._brake = Brake()

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust has these hard-coded: 1500 ms, and read_uncommitted, by which records of aborted transactions are delivered.
        # aiokafka reads both when it starts, which is later.
        consumer._fetch_max_wait_ms = cast("BatchApp", self.app).fetching.max_wait_ms
        consumer._isolation_level = "read_committed"
        return consumer

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: set[TP],
        timeout: float | None = None,
        max_records: int | None = None,
    ) -> Any:
        self._brake.release(consumer)
        records = await super()._fetch_records(consumer, active_partitions, timeout, max_records)
        if 0 < sum(map(len, records.values())) < cast("BatchApp", self.app).fetching.ahead:
            # What comes meanwhile waits at the broker, and comes as one batch. Fetched ahead it would be a record or two, with
            # a fetch of its own, and perhaps a transaction of its own, which cost nearly what they do for twenty.
            self._brake.hold(consumer)
        # In this thread and without an await since the records were taken: positions and generation are exactly theirs.
        # The assignment's own partitions, not the active ones: those are a set that the main thread changes meanwhile.
        subscription: Any = consumer._subscription.subscription
        positions = {}
        if subscription is not None and subscription.assignment is not None:
            for tp in subscription.assignment.tps:
                state = subscription.assignment.state_value(tp)
                if state.has_valid_position:
                    positions[TP(*tp)] = state.position
        return _Fetch(records, positions, consumer._coordinator.generation)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        return cast("Mapping[TP, int]", await self.call_thread(self._go_back))

    async def _go_back(self) -> Mapping[TP, int]:
        """Go back to what is committed, in every partition.

        aiokafka leaves a partition where it stands while nothing, or 0, is committed there: in a new group, what was
        fetched and then dropped in a rebalance would never be read again.
        """
        consumer = self._ensure_consumer()
        self._brake.release(consumer)  # where nothing is committed, aiokafka asks the broker for the beginning
        if not consumer.assignment():
            return {}
        committed: dict[TP, int | None] = await consumer.seek_to_committed()
        if unmoved := [tp for tp, offset in committed.items() if not offset]:
            await consumer.seek_to_beginning(*unmoved)
        return {tp: offset for tp, offset in committed.items() if offset is not None}

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        # A member that was put out of its group while a batch took too long has another generation until it joins again.
        # The broker takes its commit when the group is empty just then, and the offset would move *back*.
        if self._ensure_consumer()._coordinator.generation != self.app.consumer_generation_id:
            return False
        return await super()._commit(offsets)


class Consumer(driver.Consumer):
    """Delivers batches, and commits what their handler finished."""

    _thread: ConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._delivered: dict[TP, deque[_Delivered]] = defaultdict(deque)  # in offset order, not committed yet
        self._ends: dict[TP, int] = {}  # per partition the end of the last batch that was put there
        self._finished: dict[TP, int] = {}  # per partition the end of the last batch that was done, for the lag
        self._in_doubt = False  # a fetch was begun and not wholly delivered: its records may be skipped by the position
        super().__init__(*args, **kwargs)

    @property
    def _app(self) -> BatchApp:
        return cast("BatchApp", self.app)

    @property
    def vitals(self) -> Vitals:
        return self._app.vitals

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    # --- the flow ---------------------------------------------------------------------------------------------------

    def _reset_state(self) -> None:
        """Begin with the flow stopped. Faust begins with it open: what is fetched between the first assignment and the
        seek that completes it would be delivered twice."""
        super()._reset_state()
        self.stop_flow()

    def stop_flow(self) -> None:
        super().stop_flow()
        self.vitals.flow(active=False)

    def resume_flow(self) -> None:
        super().resume_flow()
        self.vitals.flow(active=True)

    def on_buffer_full(self, tp: TP) -> None:
        """Nothing. Faust would stop fetching this partition until the agent finds its queue *empty*: under steady load it
        starves for seconds. A full queue (``stream_buffer_maxsize`` batches) makes the fetch loop wait, which is fair."""

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Nothing. Faust's warnings count events of one partition; a batch carries many partitions under the name of one.
        Our watchdog sees what they were to see."""

    # --- fetching ---------------------------------------------------------------------------------------------------

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:  # Faust's signature
        if not await self._may_fetch():
            return
        self._in_doubt = True
        fetched, _active = await self._wait_next_records(timeout)
        if self.should_stop:
            return
        if fetched:
            fetch = cast("_Fetch", fetched)
            if not self._still_ours(fetch):
                return  # in doubt: the next fetch goes back first
            self._deliver_empty(fetch)
            for batch in self._pack(fetch):
                # No look at the active partitions, unlike Faust's own: what it skips, a later commit would pass over.
                if not self._still_ours(fetch):
                    return
                message = self._as_message(batch)
                self._deliver(batch, message)
                yield message.tp, message
        self._in_doubt = False

    async def _may_fetch(self) -> bool:
        """Wait for the flow. After a fetch in doubt, go back to what is committed before anything else is fetched."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)  # type: ignore[arg-type]  # mode means anything with an awaitable wait()
        while self._crowded():
            # Else the next fetch would bring what has come since as a batch behind this one, and another behind that: many
            # small ones, each with a transaction of its own, and under load the last of them waits for all.
            self._app.hand_free.clear()
            await self.wait(self._app.hand_free, timeout=_GLANCE)  # type: ignore[arg-type]  # as above
            if not self.flow_active:
                return False
        if self.should_stop or not self.flow_active:
            return False
        if self._in_doubt:
            try:
                await self.perform_seek()
            except Exception as error:  # another rebalance, or the broker is away; the watchdog bounds how often
                logger.info("consumer.seek-failed", error=type(error).__name__)
                await self.sleep(0.1)
                return False
        self.vitals.fetch()
        return True

    def _crowded(self) -> bool:
        """Whether a small batch is in hand, or waits to be."""
        few = self._app.fetching.ahead
        if self.should_stop:
            return False
        last = (queue[-1].batch for queue in self._delivered.values() if queue)
        return any(not batch.done and 0 < len(batch) < few for batch in last)

    def _still_ours(self, fetch: _Fetch) -> bool:
        """Whether these records belong to the present assignment. If not, the seek that ends a rebalance reads them again."""
        return self.flow_active and fetch.generation == self.app.consumer_generation_id

    def _pack(self, fetch: _Fetch) -> Iterator[Batch]:
        """All partitions' records together, cut at ``max_batch``."""
        most = self._app.fetching.max_batch
        batch = Batch()
        for key, records in fetch.records.items():
            tp, start = TP(*key), 0
            while start < len(records):
                stop = min(len(records), start + most - len(batch))
                batch.records += records[start:stop]
                # Behind the partition's last record of this fetch the position may lie further: markers, compacted records.
                beyond = fetch.positions.get(tp, 0) if stop == len(records) else 0
                batch.ends[tp] = max(records[stop - 1].offset + 1, beyond)
                start = stop
                if len(batch) == most:
                    yield batch
                    batch = Batch()
        if len(batch):
            yield batch

    def _as_message(self, batch: Batch) -> ConsumerMessage:
        last = batch.records[-1]
        message = ConsumerMessage(
            topic=last.topic,
            partition=last.partition,
            offset=last.offset,
            timestamp=0.0,
            timestamp_type=0,
            headers=None,  # as the key a customer's; see Batch.__repr__
            key=None,
            value=cast("bytes", batch),  # BatchSchema hands it through
            checksum=None,
            tp=TP(last.topic, last.partition),
            generation_id=self.app.consumer_generation_id,
        )
        # Faust drops a message below the offset it read last, unseen; after a log was cut back by its broker that is all of
        # them. And it keeps books of gaps that we do not need. Without a last offset it does neither.
        self._read_offset[message.tp] = None
        return message

    def _deliver(self, batch: Batch, message: Message | None) -> None:
        for tp, end in batch.ends.items():
            self._delivered[tp].append(_Delivered(batch, message))
            self._ends[tp] = end

    def _deliver_empty(self, fetch: _Fetch) -> None:
        """Where only the position moved (markers at the tail, a deleted head), the step is a batch with nothing to do."""
        for tp, position in fetch.positions.items():
            if tp not in fetch.records and position > self._ends.get(tp, -1):
                self._deliver(Batch({tp: position}, done=True), None)

    # --- committing: Faust calls these every broker_commit_interval, while it drains, and when partitions are revoked -----

    def _filter_tps_with_pending_acks(self, topics: TPorTopicSet | None = None) -> Iterator[TP]:
        for tp, queue in list(self._delivered.items()):
            if queue and (topics is None or tp in topics or tp.topic in topics):
                yield tp

    def _new_offset(self, tp: TP) -> int | None:
        queue, offset = self._delivered[tp], None
        self._acked[tp].clear()  # Faust's own books: not used, and must not grow
        self._acked_index[tp].clear()
        while queue and queue[0].batch.done:
            offset = self._finished[tp] = queue.popleft().batch.ends[tp]
        if queue and (message := queue[0].message) is not None and message.acked and self.flow_active:
            # Faust let go of a batch that its handler never finished: it was cancelled. Only a restart reads it again.
            self.add_future(self.crash(RuntimeError(f"the handler let go of {queue[0].batch!r}")))
        return offset

    def _should_commit(self, tp: TP, offset: int) -> bool:
        """Also a lower one: after a log was cut back, what is done in the present assignment is the truth."""
        return offset != self._committed_offset[tp]

    def finished(self) -> dict[TP, int]:
        """Per assigned partition the offset up to which the handler is done; 0 where nobody has ever committed."""
        return {tp: self._finished.get(tp) or self._committed_offset[tp] or 0 for tp in self.assignment()}

    # --- forgetting, wherever the position goes back to what is committed ------------------------------------------------

    async def perform_seek(self) -> None:
        self._forget({*self._delivered, *self._ends, *self._finished})
        await super().perform_seek()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        await super().on_partitions_revoked(revoked)  # waits for the batch in hand, and commits it
        self._forget(revoked)

    def _forget(self, tps: Iterable[TP]) -> None:
        for tp in tps:
            self._delivered.pop(tp, None)
            self._ends.pop(tp, None)
            self._finished.pop(tp, None)


class Transport(driver.Transport):
    """Kafka by batches."""

    Consumer: ClassVar[type[ConsumerT]] = Consumer
