"""The worker that the tests kill: the real one, with a handler that writes down what it applied.

Inbox and effects lie in one SQLite file and are written in one transaction, like a service's. The effects have no unique
key: what is applied twice is there twice.

    python -m tests.integration.kafka.effects_worker '{"bootstrap": …, "group": …, "topics": […], "effects": …}'
"""

import json
import logging
import sqlite3
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from services.runtime.kafka import transport
from services.runtime.kafka.transport import Fetching
from services.runtime.kafka.vitals import Limits, Vitals
from services.runtime.kafka.worker import KafkaConsumerSettings, PartitionState, run_worker
from services.runtime.log import Record

_SCHEMA = """
CREATE TABLE IF NOT EXISTS inbox (event_id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS effects (place INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT, key TEXT);
CREATE TABLE IF NOT EXISTS batches (worker TEXT, at REAL, size INTEGER, again INTEGER, partitions INTEGER);
CREATE TABLE IF NOT EXISTS lags (worker TEXT, topic TEXT, part INTEGER, finished INTEGER, ends INTEGER);
"""


def open_effects(path: str | Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=OFF")  # the process is killed, not the machine
    connection.executescript(_SCHEMA)
    return connection


class Handler:
    """``asked`` says how it misbehaves: ``slow`` (seconds that a batch takes before its transaction), ``slow_inside`` (and in it), ``waits_for`` (a file
    that must be there before any is begun), ``stuck_on`` or ``fails_on`` (an event's id)."""

    def __init__(self, asked: Mapping[str, Any], vitals: Vitals) -> None:
        self.asked, self.vitals = asked, vitals
        self.effects = open_effects(asked["effects"])

    def __call__(self, records: Sequence[Record]) -> None:
        Path(f"{self.asked['effects']}.{self.asked.get('name', 'w')}").touch()
        ids = [(record.value or b"").decode() for record in records]
        if self.asked.get("fails_on") in ids:
            raise ValueError("a customer's telephone number")
        while self.asked.get("stuck_on") in ids:
            if self.asked.get("reports_progress"):
                self.vitals.progress()
            time.sleep(0.1)
        while (gate := self.asked.get("waits_for")) and not Path(gate).exists():
            time.sleep(0.1)
        time.sleep(self.asked.get("slow", 0))
        self.effects.execute("BEGIN IMMEDIATE")
        again = 0
        for record, event_id in zip(records, ids, strict=True):
            fresh = self.effects.execute("INSERT OR IGNORE INTO inbox VALUES (?)", (event_id,)).rowcount
            again += not fresh
            if fresh:
                key = (record.key or b"").decode()
                self.effects.execute("INSERT INTO effects (event_id, key) VALUES (?, ?)", (event_id, key))
        partitions = len({(record.topic, record.partition) for record in records})
        row = (self.asked.get("name", "w"), time.time(), len(ids), again, partitions)
        self.effects.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?)", row)
        time.sleep(self.asked.get("slow_inside", 0))  # a kill hits it here
        self.effects.execute("COMMIT")

    def lag(self, partitions: Mapping[tuple[str, int], PartitionState]) -> None:
        for (topic, partition), state in partitions.items():
            row = (self.asked.get("name", "w"), topic, partition, state.finished, state.end)
            self.effects.execute("INSERT INTO lags VALUES (?, ?, ?, ?, ?)", row)


def _drop_a_fetch() -> None:
    """As a rebalance does that begins and ends while a fetch is on its way: its first records are thrown away."""
    whole = transport.Consumer._still_ours
    dropped: list[Any] = []

    def once(self: transport.Consumer, fetch: Any) -> bool:
        if fetch.records and not dropped:
            dropped.append(fetch)
            return False
        return whole(self, fetch)

    transport.Consumer._still_ours = once  # type: ignore[method-assign]  # the fault this test is about


def _stop_fetching() -> None:
    """Alive, its heart beating, and never fetching again: as Faust is once it passed its poll interval."""
    whole = transport.Consumer._may_fetch
    started = time.monotonic()

    async def hang(self: transport.Consumer) -> bool:
        while time.monotonic() - started > 6:
            await self.sleep(1)
        return await whole(self)

    transport.Consumer._may_fetch = hang  # type: ignore[method-assign]  # the fault this test is about


def main() -> int:
    asked = json.loads(sys.argv[1])
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    if asked.get("drops_a_fetch"):
        _drop_a_fetch()
    if asked.get("stops_fetching"):
        _stop_fetching()
    vitals = Vitals()
    handler = Handler(asked, vitals)
    settings = KafkaConsumerSettings(
        bootstrap=asked["bootstrap"],
        group=asked["group"],
        instance=asked.get("instance"),
        fetching=Fetching(max_batch=asked.get("max_batch", 500)),
        limits=Limits(**asked.get("limits", {})),
        rebalance_timeout=asked.get("rebalance_timeout", 30.0),
        patience=asked.get("patience", 30.0),
    )
    return run_worker(settings, asked["topics"], handler, vitals=vitals, on_lag=handler.lag)


if __name__ == "__main__":
    sys.exit(main())
