"""A worker and a relay on Kafka. Loaded only by the commands that run them: the embedded stack knows no Kafka library."""

import os
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
import uvicorn
from fastapi import FastAPI

from schemas.topics import TOPICS
from services.commands.running import on_end_signals
from services.runtime import memory, metrics
from services.runtime.clock import DatabaseClock
from services.runtime.consumer import Processor
from services.runtime.failures import Halted
from services.runtime.health import Check, database_check, health_router
from services.runtime.kafka.vitals import Limits, Vitals
from services.runtime.kafka.worker import KafkaConsumerSettings, PartitionState, run_worker
from services.runtime.log import Record
from services.runtime.relay import Relay
from services.runtime.service import Chores
from services.runtime.settings import Settings
from services.stack import Stack, tell_version

if TYPE_CHECKING:
    from services.runtime.kafka.topics import TopicSpec

logger = structlog.get_logger(__name__)


def catalogue() -> "list[TopicSpec]":
    """The topics as the broker must have them."""
    from services.runtime.kafka.topics import TopicSpec  # a worker, which restarts in a hurry, needs no kafka-python

    return [TopicSpec(topic.name, topic.partitions, int(topic.retention.total_seconds() * 1000)) for topic in TOPICS]


def run_work(stack: Stack, service: str) -> int:
    """Consume and do the service's chores until SIGTERM; the exit code."""
    (processor,) = stack.processors()
    vitals, limits = Vitals(), Limits()
    processor.progress = vitals.progress
    workshop = stack.workshops[service]
    chores = Chores(workshop, stack.built[service].chores)
    lag = _Lag(service)
    guarded = _Guarded(processor, vitals)
    checks = [
        ("database", database_check(workshop.database)),
        ("kafka", lambda: vitals.unready(limits)),
        ("halted", lambda: guarded.halted),
    ]
    health = HealthServer(stack.settings, checks)
    tell_version()
    memory.settle()
    health.start()
    chores.start()
    try:
        consumer = KafkaConsumerSettings(
            bootstrap=stack.settings.kafka,
            group=f"fixline-{processor.subscription.consumer}",
            instance=stack.settings.instance,
            limits=limits,
        )
        return run_worker(consumer, processor.subscription.topics, guarded.process, vitals=vitals, on_lag=lag.report)
    finally:
        chores.stop()
        health.stop()


def run_relay(stack: Stack, service: str) -> None:
    """Publish until SIGTERM."""
    from services.runtime.kafka.producer import Publisher, PublisherSettings  # as above

    workshop = stack.workshops[service]
    publisher = Publisher(PublisherSettings(bootstrap=stack.settings.kafka))
    relay = Relay(
        service=service,
        database=workshop.database,
        tables=workshop.tables,
        publisher=publisher,
        clock=DatabaseClock(),
        holder=stack.settings.instance or f"{socket.gethostname()}-{os.getpid()}",
    )
    on_end_signals(relay.stop)
    health = HealthServer(stack.settings, [("database", database_check(workshop.database))])
    tell_version()
    memory.settle()
    health.start()
    try:
        relay.run()
    finally:
        publisher.close()
        health.stop()


@dataclass
class _Guarded:
    """The processor, but for a halt: the process stays, unready, for a person. Ending it would let whoever restarts it
    drain the topic into quarantine, fifty events a time."""

    processor: Processor
    vitals: Vitals
    halted: str | None = None

    def process(self, records: Sequence[Record]) -> None:
        try:
            self.processor.process(records)
        except Halted as halt:
            self.halted = str(halt)
            logger.critical("consumer.halted", reason=self.halted)
            while self.vitals.stopping_at is None:
                self.vitals.progress()
                time.sleep(1)
            raise


@dataclass
class _Lag:
    """Keeps `fixline_consumer_lag` true: a partition that went to another worker is no longer reported here."""

    service: str
    reported: set[tuple[str, int]] = field(default_factory=set)

    def report(self, partitions: Mapping[tuple[str, int], PartitionState]) -> None:
        for topic, partition in self.reported - set(partitions):
            metrics.CONSUMER_LAG.remove(self.service, topic, str(partition))
        for (topic, partition), state in partitions.items():
            metrics.CONSUMER_LAG.labels(self.service, topic, str(partition)).set(state.lag)
        self.reported = set(partitions)


class HealthServer:
    """A worker's or relay's own `/healthz`, `/readyz` and `/metrics`, in a thread; none without a port for it."""

    def __init__(self, settings: Settings, checks: Sequence[tuple[str, Check]]) -> None:
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        if settings.metrics_port is not None:
            app = FastAPI(openapi_url=None)
            app.include_router(health_router(checks, []))
            config = uvicorn.Config(app, settings.host, settings.metrics_port, log_config=None, access_log=False)
            self._server = uvicorn.Server(config)

    def start(self) -> None:
        if self._server is not None:
            self._thread = threading.Thread(target=self._server.run, name="health", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(timeout=5)
