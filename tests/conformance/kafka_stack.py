"""The same promises on Kafka and PostgreSQL: our relay, a real broker, our worker in a process of its own."""

import json
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from kafka import KafkaAdminClient, TopicPartition  # type: ignore[import-untyped]  # kafka-python ships no types
from kafka.errors import KafkaError  # type: ignore[import-untyped]  # as above
from kafka.protocol.consumer import OffsetSpec  # type: ignore[import-untyped]  # as above
from sqlalchemy import func, select

from schemas.message import Message
from schemas.topics import SERVICE_REQUESTS
from services.commands.kafka_roles import catalogue
from services.runtime.clock import DatabaseClock
from services.runtime.consumer import Processor
from services.runtime.kafka import topics
from services.runtime.kafka.producer import Publisher, PublisherSettings
from services.runtime.relay import Relay
from tests.conformance.effects import subscription
from tests.conformance.stacks import a_workshop, put_raw
from tests.servers import ROOT, wait_until


@dataclass
class KafkaStack:
    """Two PostgreSQL databases, a topic emptied for this test, and a consumer group of its own."""

    bootstrap: str
    producer_url: str
    consumer_url: str
    folder: Path
    group: str = field(default_factory=lambda: f"conformance-{uuid4().hex[:8]}")
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    published: int = 0

    def __post_init__(self) -> None:
        topics.apply(self.bootstrap, catalogue())
        self.admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        self.admin.delete_records(dict.fromkeys(self._partitions(), -1))
        self.producer = a_workshop("intake", self.producer_url)
        self.consumer = a_workshop("routing", self.consumer_url)
        self.publisher = Publisher(PublisherSettings(bootstrap=self.bootstrap))

    def close(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
                worker.wait(timeout=10)
        self.publisher.close()
        self.admin.close()
        self.producer.database.close()
        self.consumer.database.close()

    def publish(self, *messages: Message) -> None:
        with self.producer.begin(origin=str(uuid4())) as work:
            for message in messages:
                work.emit(message)

    def publish_raw(self, message: Message, body: bytes) -> None:
        put_raw(self.producer.database, message, body)

    def processor(self) -> Processor:
        return Processor(self.consumer, subscription(), sleep=lambda _seconds: None)

    def relay(self) -> Relay:
        return Relay("intake", self.producer.database, self.producer.tables, self.publisher, DatabaseClock(), "test")

    def settle(self) -> None:
        """Relay what is unpublished, then run the worker until the group has committed all there is."""
        relay = self.relay()
        wait_until(lambda: self._relayed(relay), 30, "the relay to publish everything")
        worker = self.start_worker()
        wait_until(self._caught_up, 60, "the worker to commit everything", log=self.log)
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=20)

    def start_worker(self) -> "subprocess.Popen[bytes]":
        asked = json.dumps({"bootstrap": self.bootstrap, "group": self.group, "database": self.consumer_url})
        with self.log.open("ab") as out:
            command = [sys.executable, "-m", "tests.conformance.worker", asked]
            worker = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.workers.append(worker)
        return worker

    def redeliver(self) -> None:
        """To a group that has committed nothing, everything is new."""
        self.group = f"conformance-{uuid4().hex[:8]}"
        self.settle()

    @property
    def log(self) -> Path:
        return self.folder / "worker.log"

    def _relayed(self, relay: Relay) -> bool:
        relay.turn()
        outbox = self.producer.tables.outbox
        with self.producer.database.reading() as connection:
            query = select(func.count()).select_from(outbox).where(outbox.c.published_at.is_(None))
            return connection.execute(query).scalar_one() == 0

    def _caught_up(self) -> bool:
        ends = self.admin.list_partition_offsets(dict.fromkeys(self._partitions(), OffsetSpec.LATEST))
        starts = self.admin.list_partition_offsets(dict.fromkeys(self._partitions(), OffsetSpec.EARLIEST))
        try:
            committed = self.admin.list_group_offsets(self.group)[self.group]
        except KafkaError:  # the group's coordinator is not there yet
            return False
        behind = [
            tp
            for tp in self._partitions()
            if ends[tp].offset > starts[tp].offset and (tp not in committed or committed[tp].offset < ends[tp].offset)
        ]
        return not behind

    def _partitions(self) -> list[TopicPartition]:
        return [TopicPartition(SERVICE_REQUESTS.name, partition) for partition in range(SERVICE_REQUESTS.partitions)]
