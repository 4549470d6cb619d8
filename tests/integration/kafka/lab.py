"""What the tests on a real broker are made of: fresh topics, records, worker processes, and what came of them."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from kafka import (  # type: ignore[import-untyped]  # kafka-python ships no types
    KafkaAdminClient,
    KafkaConsumer,
    KafkaProducer,
    TopicPartition,
)
from kafka.admin import ConfigResource, ConfigResourceType  # type: ignore[import-untyped]  # as above
from kafka.errors import CoordinatorNotAvailableError  # type: ignore[import-untyped]  # as above
from kafka.protocol.consumer import OffsetSpec  # type: ignore[import-untyped]  # as above

from tests.integration.kafka.effects_worker import open_effects
from tests.servers import ROOT, wait_until


class Worker:
    """One worker process. Its log goes to a file that a failing test prints."""

    def __init__(self, asked: dict[str, Any], log: Path) -> None:
        self.log, self.name = log, asked.get("name", "w")
        with log.open("ab") as out:
            command = [sys.executable, "-m", "tests.integration.kafka.effects_worker", json.dumps(asked)]
            self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.started_at = time.time()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=10)

    def exit_code(self, patience: float) -> int:
        """Wait for it to end by itself."""
        wait_until(
            lambda: self.process.poll() is not None, patience * slowness(), f"worker {self.name} to end", log=self.log
        )
        return int(self.process.returncode)

    def said(self) -> str:
        return self.log.read_text(errors="replace")


class Lab:
    """A broker, and one test's folder, topic, group and workers."""

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self.bootstrap, self.folder = bootstrap, folder
        self.admin = KafkaAdminClient(bootstrap_servers=bootstrap)
        self.topic = self.group = f"t{uuid4().hex[:10]}"
        self.effects = folder / "effects.db"
        self.workers: list[Worker] = []
        open_effects(self.effects).close()

    def close(self) -> None:
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.process.send_signal(signal.SIGCONT)
                worker.kill()
        self.admin.close()

    def reconnect(self) -> None:
        """After the broker was away: the administration client does not get over that."""
        self.admin.close()
        self.admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)

    # --- before ---------------------------------------------------------------------------------------------------------

    def create(self, partitions: int = 4, **config: str) -> None:
        configs = {name.replace("_", "."): value for name, value in config.items()}
        self.admin.create_topics(
            {self.topic: {"num_partitions": partitions, "configs": configs}}, wait_for_metadata=True
        )

    def configure(self, **config: str) -> None:
        settings = {name.replace("_", "."): value for name, value in config.items()}
        self.admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, self.topic, settings)])

    def produce(self, ids: Sequence[str], *, keys: int = 20) -> None:
        """One record an id; its key is one of ``keys``, by the id's number, and its value the id itself."""
        with closing(KafkaProducer(bootstrap_servers=self.bootstrap, linger_ms=5)) as producer:
            for event_id in ids:
                producer.send(
                    self.topic, key=f"k{int(event_id.rpartition('-')[2]) % keys}".encode(), value=event_id.encode()
                )
            producer.flush(30)

    @contextmanager
    def transactions(self) -> Iterator[KafkaProducer]:
        """A producer with transactions begun and ready."""
        with closing(KafkaProducer(bootstrap_servers=self.bootstrap, transactional_id=f"x-{self.topic}")) as producer:
            producer.init_transactions()
            yield producer

    def worker(self, name: str = "w", **asked: Any) -> Worker:
        whole = {
            "bootstrap": self.bootstrap,
            "group": self.group,
            "topics": [self.topic],
            "effects": str(self.effects),
            "name": name,
            **asked,
        }
        self.workers.append(Worker(whole, self.folder / f"{name}.log"))
        return self.workers[-1]

    # --- after ----------------------------------------------------------------------------------------------------------

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.effects, timeout=30)) as connection:
            return connection.execute(statement, values).fetchall()

    def applied(self) -> list[str]:
        """Ids, in the order in which they were applied."""
        return [row[0] for row in self.query("SELECT event_id FROM effects ORDER BY place")]

    def count(self) -> int:
        return int(self.query("SELECT count(*) FROM effects")[0][0])

    def redelivered(self) -> int:
        return int(self.query("SELECT coalesce(sum(again), 0) FROM batches")[0][0])

    def wait_begun(self, worker: Worker) -> None:
        """Until its handler has a first batch in hand."""
        began = Path(f"{self.effects}.{worker.name}")
        wait_until(began.exists, 30 * slowness(), f"a batch in the hand of {worker.name}", log=worker.log)

    def wait_applied(self, count: int, patience: float = 40) -> None:
        last = self.workers[-1] if self.workers else None
        try:
            wait_until(
                lambda: self.count() >= count, patience * slowness(), f"{count} effects", log=last.log if last else None
            )
        except AssertionError as error:
            raise AssertionError(f"{error}\napplied {self.count()}; {self.offsets()}") from None

    def partitions(self) -> list[TopicPartition]:
        entry = self.admin.describe_topics([self.topic])[0]
        return [TopicPartition(self.topic, partition["partition_index"]) for partition in entry["partitions"]]

    def ends(self) -> dict[int, int]:
        found = self.admin.list_partition_offsets(dict.fromkeys(self.partitions(), OffsetSpec.LATEST))
        return {tp.partition: offset.offset for tp, offset in found.items()}

    def committed(self) -> dict[int, int]:
        try:
            found = self.admin.list_group_offsets(self.group)[self.group]
        except CoordinatorNotAvailableError:  # a broker's first group: its topic of offsets is being made
            return {}
        return {
            tp.partition: offset.offset for tp, offset in found.items() if tp.topic == self.topic and offset.offset >= 0
        }

    def records(self) -> list[Any]:
        """Everything the log still holds, aborted records too."""
        with closing(KafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)) as consumer:
            consumer.assign(self.partitions())
            consumer.seek_to_beginning()
            found: list[Any] = []
            while fetched := consumer.poll(timeout_ms=1500, max_records=5000):
                found += [record for line in fetched.values() for record in line]
            return found

    def log(self) -> list[tuple[str, str]]:
        """Keys and values of everything in the log."""
        return [((record.key or b"").decode(), record.value.decode()) for record in self.records()]

    def offsets(self) -> str:
        return f"committed {self.committed()} of {self.ends()}"

    def wait_committed_to_the_end(self, patience: float = 20) -> None:
        """Every partition's committed offset is its end; one that never held anything needs no offset."""

        def level() -> bool:
            committed, ends = self.committed(), self.ends()
            return all(committed.get(partition, 0) == end for partition, end in ends.items())

        try:
            wait_until(level, patience * slowness(), "the committed offsets to reach the end")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.offsets()}\n{self.workers[-1].said()[-2000:]}") from None

    def assert_each_once(self, expected: Sequence[str]) -> None:
        """Nothing lost, nothing twice; and each key's events in the order they were produced."""
        found = Counter(self.applied())
        twice = [event_id for event_id, times in found.items() if times > 1]
        lost = sorted(set(expected) - found.keys())
        strange = sorted(found.keys() - set(expected))
        assert (lost[:5], twice[:5], strange[:5]) == ([], [], []), (
            f"{len(lost)} lost, {len(twice)} twice, {len(strange)} never sent; {self.offsets()}"
        )
        for (key,) in self.query("SELECT DISTINCT key FROM effects"):
            line = [
                int(row[0].rpartition("-")[2])
                for row in self.query("SELECT event_id FROM effects WHERE key = ? ORDER BY place", key)
            ]
            assert line == sorted(line), f"the events of {key} were applied out of order"


def ids(count: int, *, start: int = 0) -> list[str]:
    return [f"e-{number}" for number in range(start, start + count)]


def slowness() -> float:
    """How many times longer than on an idle machine something may take here and now: its load beside its cores."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
