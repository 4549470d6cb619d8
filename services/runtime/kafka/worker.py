"""The worker around a handler: one agent for all its topics, a batch at a time, each in the handler's own thread.

`build_app` makes the Faust app and starts nothing; `run_worker` runs it in this process until SIGTERM and says how it ended.
"""

import asyncio
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NoReturn

import structlog
from faust.types import StreamT

from services.runtime.kafka.noise import calm_logs
from services.runtime.kafka.presence import BrokerAway, TopicsDiffer, await_topics
from services.runtime.kafka.transport import Batch, BatchApp, BatchSchema, Consumer, Fetching
from services.runtime.kafka.vitals import EXIT_STUCK, Limits, Vitals, Watchdog
from services.runtime.log import Record

logger = structlog.get_logger(__name__)

#: Applies a batch and returns after COMMIT. What it raises ends the process, and the batch is delivered again.
Process = Callable[[Sequence[Record]], None]

EXIT_DEPENDENCY = 3
_DAYS = 7 * 24 * 3600.0
_LAG_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class PartitionState:
    """Offsets: up to where the handler is done, and where the log ends (transactions still open do not count)."""

    finished: int
    end: int

    @property
    def lag(self) -> int:
        return max(0, self.end - self.finished)


#: Told every few seconds about each partition this worker has; a partition that is absent is somebody else's now.
Lag = Callable[[Mapping[tuple[str, int], PartitionState]], None]


@dataclass(frozen=True, slots=True)
class KafkaConsumerSettings:
    """One consumer. Durations in seconds; the reasons for the defaults are in docs/decisions/0004."""

    bootstrap: str  # host:port, separated by commas
    group: str
    instance: str | None = None  # this worker's lasting name: static membership; two with one name throw each other out
    fetching: Fetching = field(default_factory=Fetching)
    limits: Limits = field(default_factory=Limits)
    session_timeout: float = 6.0  # how long recovery after a kill takes; the broker's default floor
    heartbeat_interval: float = 1.5
    rebalance_timeout: float = 30.0  # how long a rebalance waits for a member with a batch in hand
    commit_interval: float = 0.5
    patience: float = 60.0  # for the broker and the topics, when the worker starts


class HandlerFailed(Exception):
    """A batch could not be applied and the process ends. Names the error's type only: its text may quote a customer."""


def build_app(
    settings: KafkaConsumerSettings,
    topics: Sequence[str],
    process: Process,
    *,
    vitals: Vitals | None = None,
    on_lag: Lag | None = None,
) -> "WorkerApp":
    """The Faust app that feeds ``process``. Nothing is started, and nothing connected.

    ``vitals``: give your own to report progress within a batch (`Vitals.progress`) or to answer readiness (`Vitals.unready`).
    """
    app = WorkerApp(
        settings.group,
        broker=";".join(f"fixline://{server.strip()}" for server in settings.bootstrap.split(",")),
        key_serializer="raw",
        value_serializer="raw",
        # A restart takes one session: short, with a name that survives it where the platform gives one.
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=settings.heartbeat_interval,
        consumer_group_instance_id=settings.instance,
        broker_rebalance_timeout=settings.rebalance_timeout,
        broker_request_timeout=settings.rebalance_timeout + 5,  # a join is answered when the rebalance is over
        # Past this aiokafka leaves the group and Faust never consumes again: never. The watchdog judges instead.
        broker_max_poll_interval=_DAYS,
        broker_commit_interval=settings.commit_interval,
        consumer_auto_offset_reset="earliest",
        stream_buffer_maxsize=4,  # counts batches; the default of 4096 would be gigabytes
        stream_wait_empty=True,  # False loses what is in hand on SIGTERM
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        web_enabled=False,
        store="memory://",
        datadir=tempfile.gettempdir(),  # named, never made: see BatchApp
    )
    app.prepare(settings, vitals or Vitals(), on_lag)
    hand = _Hand(app, process)
    topic = app.topic(*topics, schema=BatchSchema(key_type=bytes, value_type=bytes))

    @app.agent(topic, concurrency=1, name="apply")  # more would commit past what is in flight
    async def apply(batches: StreamT[Batch]) -> None:
        async for batch in batches:
            await hand.take(batch)

    return app


def run_worker(
    settings: KafkaConsumerSettings,
    topics: Sequence[str],
    process: Process,
    *,
    vitals: Vitals | None = None,
    on_lag: Lag | None = None,
) -> int:
    """Consume until SIGTERM or SIGINT, in the main thread; returns the exit code.

    0: asked to stop, and drained. 3: the broker or a topic was not there within ``settings.patience``. 70: a batch could not
    be applied. What is stuck does not return: the watchdog ends the process with 70.
    """
    calm_logs()
    previous = signal.signal(signal.SIGTERM, _leave)  # until Faust has its own: nothing is in hand yet
    try:
        await_topics(settings.bootstrap, topics, patience=settings.patience)
    except (BrokerAway, TopicsDiffer) as error:
        logger.error("worker.not-started", error=str(error))
        return EXIT_DEPENDENCY
    app = build_app(settings, topics, process, vitals=vitals, on_lag=on_lag)
    # Our logs stay as they were set up; Faust would replace the root handler and turn print into warnings.
    worker = app.Worker(override_logging=False, redirect_stdouts=False, quiet=True)
    worker.spinner = None  # it writes cursor movements, also where nobody looks
    try:
        worker.execute_from_commandline()
    except SystemExit as ended:
        crashed = bool(ended.code) or worker.crashed or app.crashed
        return EXIT_STUCK if crashed else 0
    finally:
        app.watchdog.stop()
        signal.signal(signal.SIGTERM, previous)


def _leave(_signal: int, _frame: object) -> NoReturn:
    sys.exit(0)


class WorkerApp(BatchApp):
    """With what has to begin and end together with it."""

    watchdog: Watchdog
    on_lag: Lag | None

    def prepare(self, settings: KafkaConsumerSettings, vitals: Vitals, on_lag: Lag | None) -> None:
        self.fetching, self.vitals, self.on_lag = settings.fetching, vitals, on_lag
        self.watchdog = Watchdog(vitals, settings.limits, lambda: self.should_stop)

    async def on_start(self) -> None:
        await super().on_start()
        self.vitals.flow(active=False)
        self.watchdog.start()
        if self.on_lag is not None:
            self.add_future(self._report_lag(self.on_lag))

    async def _report_lag(self, report: Lag) -> None:
        """The log's ends are asked for: those known from fetches stand still while a handler waits for its database."""
        while not self.should_stop:
            await self.sleep(_LAG_EVERY)
            consumer = self.consumer
            if not isinstance(consumer, Consumer) or not consumer.flow_active:
                continue
            try:
                finished = consumer.finished()
                ends = await asyncio.wait_for(consumer.highwaters(*finished), _LAG_EVERY) if finished else {}
            except Exception as error:  # the broker is away or a rebalance began: the old figures stand
                logger.debug("worker.lag-unknown", error=type(error).__name__)
                continue
            report({(tp.topic, tp.partition): PartitionState(finished[tp], ends[tp]) for tp in finished})


@dataclass
class _Hand:
    """Takes one batch at a time to the handler, in a thread that is the handler's alone: a batch whose task was cancelled
    still ends before the next one begins."""

    app: BatchApp
    process: Process
    failed: bool = False
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="handler"))

    async def take(self, batch: Batch) -> None:
        """Apply it and mark it done; when that fails, begin to end the process and take none after it."""
        if self.failed:
            return  # let go of, unfinished: it is read again after the restart, in order
        try:
            await asyncio.get_running_loop().run_in_executor(self.thread, self._apply, batch)
        except Exception as error:
            self.failed = True
            failure = HandlerFailed(f"{type(error).__name__} in the handler of {batch!r}")
            logger.error("worker.handler-failed", error=type(error).__name__, batch=repr(batch))
        else:
            batch.done = True
            self.app.hand_free.set()
            return
        # Outside the except: Faust logs the exception that is being handled, text and all.
        await self.app.crash(failure)

    def _apply(self, batch: Batch) -> None:
        self.app.vitals.begin_batch()
        try:
            self.process(batch.records)
        finally:
            self.app.vitals.end_batch()
