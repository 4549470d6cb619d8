"""Outbox to Kafka: one relay a service holds the lease; a second waits (docs/architecture.md, Relay).

It publishes *unpublished* rows, never ``id > last``: commit order is not id order. The lease is a row with an epoch, never
an advisory lock, which a stopped holder would keep; marking published checks the epoch. One trip to the database a round:
it marks what the round before published and reads what is next.
"""

import threading
import time
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Final, Protocol

import orjson
import structlog
from sqlalchemy import Connection, Integer, LargeBinary, Text, TextClause, bindparam, func, select, text, update

from services.runtime import memory, metrics
from services.runtime.clock import Clock, transaction_instant
from services.runtime.database import Database, ask, together
from services.runtime.failures import is_transient
from services.runtime.listen import listen
from services.runtime.rows import insert_rows
from services.runtime.tables import RuntimeTables
from services.runtime.types import InstantType, JsonType
from services.runtime.work import OUTBOX

logger = structlog.get_logger()

LEASE = timedelta(seconds=10)
ROUND = 500
POLL = 0.5
#: Seconds from one round to the next, at least, where the first brought all there was. Who comes alone is published at once.
PACE = 0.020
#: Seconds for which a lease that was just taken or renewed is not asked about again, and between two measurements.
RENEW = 2.0
MEASURE = 1.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One outbox row on its way; ``tag`` is its id."""

    topic: str
    key: bytes
    headers: Sequence[tuple[str, bytes]]
    value: bytes
    tag: int


class Publishes(Protocol):
    def publish(self, messages: Sequence[Outgoing]) -> set[int]:
        """Send all and return the tags the broker has; at a key's first failure the rest of that key is left."""


@dataclass
class Relay:
    """Follows one service's outbox until stopped. ``clock`` is the real one: a lease is not part of a sample day."""

    service: str
    database: Database
    tables: RuntimeTables
    publisher: Publishes
    clock: Clock
    holder: str
    epoch: int | None = None
    monotonic: Callable[[], float] = time.monotonic
    _published: Set[int] = frozenset()  # the broker has them, and they are not marked yet
    _held_at: float | None = None  # when our lease was last written; None: not ours
    _asked_at: float = float("-inf")  # when we asked for it
    _measured_at: float = float("-inf")
    _stop: threading.Event = field(default_factory=threading.Event)
    _wake: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Publish until `stop`. Outages of the database or the broker are waited for; anything else is raised."""
        signals = listen(self.database, [OUTBOX], lambda _channel, _payload: self._wake.set())
        try:
            while not self._stop.is_set():
                began = self.monotonic()
                read = self.turn()
                if not read:  # whoever comes now comes alone
                    self._wake.wait(POLL)
                elif read < ROUND:  # under load the next round publishes more
                    self._stop.wait(began + PACE - self.monotonic())
                self._wake.clear()
        finally:
            signals.stop()
            self._end()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()

    def turn(self) -> int:
        """One round; how many rows it read. What it published is marked by the next."""
        try:
            if not self._holds():
                # Another relay tells how much waits; a figure of ours would stand still and alarm for nothing.
                metrics.OUTBOX_UNPUBLISHED.labels(self.service).set(0)
                metrics.OUTBOX_OLDEST_AGE.labels(self.service).set(0)
                return 0
            rows = self._exchange()
            self._published = self.publisher.publish(rows) if rows else frozenset()
            self._measure(len(rows), len(self._published))
        except Exception as error:
            if not is_transient(error):
                raise
            logger.warning("relay.retry", service=self.service, error=type(error).__name__)
            self._held_at = None
            self._stop.wait(1)
            return 0
        memory.sweep()
        return len(rows) if self._published else 0

    def _holds(self) -> bool:
        """Whether the lease is ours. It lasts far longer than `RENEW` and a round together, so it is not asked each round."""
        now = self.monotonic()
        if self._held_at is None and now - self._asked_at < POLL:
            return False  # who waits for its turn does not ask at each signal
        if self._held_at is None or now - self._held_at >= RENEW:
            self._held_at, self._asked_at = now if self._hold() else None, now
        return self._held_at is not None

    def _hold(self) -> bool:
        """Take or renew the lease, by the database's clock. A new holder gets a new epoch."""
        lease = self.tables.lease
        with self.database.transaction() as connection:
            now = transaction_instant(self.clock, connection)
            row = (
                connection.execute(select(lease).where(lease.c.name == "relay").with_for_update())
                .mappings()
                .one_or_none()
            )
            if row is None:
                first = {"name": "relay", "holder": self.holder, "epoch": 1, "expires_at": now + LEASE}
                insert_rows(connection, lease, [first])
                self.epoch = 1
                return True
            if row["holder"] == self.holder and row["epoch"] == self.epoch:
                self._extend(connection, now, row["epoch"])
                return True
            self._published = frozenset()  # whoever leads now, or led meanwhile, publishes them again
            if row["expires_at"] > now:
                return False
            self.epoch = row["epoch"] + 1
            self._extend(connection, now, self.epoch)
            logger.info("relay.leads", service=self.service, epoch=self.epoch)
            return True

    def _extend(self, connection: Connection, now: datetime, epoch: int) -> None:
        lease = self.tables.lease
        values = {"holder": self.holder, "epoch": epoch, "expires_at": now + LEASE}
        connection.execute(update(lease).where(lease.c.name == "relay").values(**values))

    def _exchange(self) -> list[Outgoing]:
        """Mark what was published while the lease is still ours, and read what is next; nothing if it is ours no more: the new
        holder publishes them again."""
        marks = sorted(self._published)
        with self.database.statement() as connection:
            sqlite = self.database.is_sqlite
            with together(connection):
                given = {"holder": self.holder, "epoch": self.epoch, "now": self.clock.read()}
                ids = {"ids": orjson.dumps(marks).decode() if sqlite else marks}
                marking = ask(connection, _marking(sqlite=sqlite), given | ids) if marks else list
                reading = ask(connection, _READ, {"most": ROUND})
            kept = len(marking()) == len(marks)
            rows = reading() if kept else []
        self._published = frozenset()
        if not kept:
            self._held_at = None
        return [
            Outgoing(topic, key.encode(), [(name, value.encode()) for name, value in headers], body, id_)
            for id_, topic, key, headers, body in rows
        ]

    def _measure(self, read: int, published: int) -> None:
        """Whoever read less than a round, and published it, knows that nothing waits. Counting walks over all that does:
        once a second."""
        now = self.monotonic()
        if read < ROUND and published == read:
            count, age = 0, 0.0
        elif now - self._measured_at < MEASURE:
            return
        else:
            self._measured_at = now
            count, oldest = unpublished(self.database, self.tables)
            age = max(0.0, (self.clock.read() - oldest).total_seconds()) if oldest else 0.0
        metrics.OUTBOX_UNPUBLISHED.labels(self.service).set(count)
        metrics.OUTBOX_OLDEST_AGE.labels(self.service).set(age)

    def _end(self) -> None:
        """Mark the last round, and give the lease back: the next one need not wait for it to run out."""
        lease = self.tables.lease
        try:
            if self._published:
                self._exchange()
            with self.database.transaction() as connection:
                mine = (lease.c.name == "relay", lease.c.holder == self.holder, lease.c.epoch == self.epoch)
                connection.execute(
                    update(lease).where(*mine).values(expires_at=transaction_instant(self.clock, connection))
                )
        except Exception as error:
            if not is_transient(error):
                raise


_READ: Final = text(
    "SELECT id, topic, key, headers, body FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT :most"
).columns(id=Integer, topic=Text, key=Text, headers=JsonType, body=LargeBinary)


@cache
def _marking(*, sqlite: bool) -> TextClause:
    among = "IN (SELECT value FROM json_each(:ids))" if sqlite else "= ANY(CAST(:ids AS BIGINT[]))"
    # S608: our own words
    return text(
        f"UPDATE outbox SET published_at = :now WHERE id {among} AND EXISTS "  # noqa: S608
        "(SELECT 1 FROM lease WHERE name = 'relay' AND holder = :holder AND epoch = :epoch) RETURNING id"
    ).bindparams(bindparam("now", type_=InstantType()))


def unpublished(database: Database, tables: RuntimeTables) -> tuple[int, datetime | None]:
    """How many events wait to be published, and since when the oldest does."""
    outbox = tables.outbox
    with database.reading() as connection:
        query = select(func.count(), func.min(outbox.c.created_at)).where(outbox.c.published_at.is_(None))
        count, oldest = connection.execute(query).one()
    return int(count), oldest
