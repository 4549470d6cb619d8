"""The embedded log: a service's outbox itself is the log, read from the other's file (docs/architecture.md).

A consumer's cursor lies in its own database and moves in the transaction that applies the batch, so that nothing is lost
or applied twice whatever dies. A transient failure never ends the process: it is retried for as long as it lasts.
"""

import threading
from dataclasses import dataclass, field
from uuid import uuid4

import structlog
from sqlalchemy import ColumnElement, Connection, RowMapping, Table, func, insert, select, update

from services.runtime import metrics
from services.runtime.consumer import Processor
from services.runtime.database import Database
from services.runtime.failures import Transient, WrongLog, is_transient
from services.runtime.log import Record
from services.runtime.tables import RuntimeTables
from services.runtime.work import OUTBOX

logger = structlog.get_logger()

#: Seconds between looks when no signal came; the net beneath the signal.
_POLL = 1.0


@dataclass(frozen=True)
class Source:
    """Another service's log: its name, database and tables."""

    service: str
    database: Database
    tables: RuntimeTables


def identify(database: Database, tables: RuntimeTables) -> str:
    """The log's random id, made once. A restored or exchanged database is told by it."""
    with database.transaction() as connection:
        found = connection.execute(select(tables.log_identity.c.id)).scalar_one_or_none()
        if found is None:
            found = str(uuid4())
            connection.execute(insert(tables.log_identity).values(id=found))
    return str(found)


@dataclass
class EmbeddedConsumer:
    """Feeds one processor from one log, in a thread of its own. ``failed`` says why it is not ready, if it is not."""

    processor: Processor
    source: Source
    page: int = 500
    failed: str | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _wake: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Check that the cursor belongs to this log, then follow it. Raises `WrongLog` with the mend."""
        self.check_cursor()
        self.processor.patience = None
        self.processor.sleep = self._pause
        self.source.database.on(OUTBOX, lambda _: self._wake.set())
        self._thread = threading.Thread(target=self._run, name=f"consume-{self.processor.subscription.consumer}")
        self._thread.start()

    def stop(self) -> None:
        """End after the batch in hand."""
        self._stop.set()
        self._wake.set()
        if self._thread:
            self._thread.join(timeout=30)

    def drain(self) -> int:
        """Apply one page; how many records that was. Raises `Transient` when the database is away."""
        records = self._read()
        if records:
            self.processor.process(records, self._advance)
        return len(records)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                busy = self.drain()
                self.failed = None
            except Exception as error:
                self.failed = str(error)
                if not is_transient(error):
                    logger.exception("embedded.stopped", consumer=self.processor.subscription.consumer)
                    return
                self._stop.wait(_POLL)
                continue
            if not busy:
                self._wake.wait(_POLL)
                self._wake.clear()

    def _pause(self, seconds: float) -> None:
        self.failed = "a dependency is away, retrying"
        if self._stop.wait(seconds):
            raise Transient("stopping")

    def _read(self) -> list[Record]:
        outbox = self.source.tables.outbox
        position = self._position()
        with self.source.database.reading() as connection:
            rows = connection.execute(
                select(outbox.c.id, outbox.c.topic, outbox.c.key, outbox.c.headers, outbox.c.body)
                .where(outbox.c.id > position, outbox.c.topic.in_(self.processor.subscription.topics))
                .order_by(outbox.c.id)
                .limit(self.page)
            ).mappings()
            records = [_record(row) for row in rows]
            head = connection.execute(select(func.max(outbox.c.id))).scalar_one() or 0
        lag = max(0, head - (records[-1].offset if records else head))
        for name in self.processor.subscription.topics:
            metrics.CONSUMER_LAG.labels(self.processor.workshop.service, name, "0").set(lag)
        return records

    def _position(self) -> int:
        cursor = self.processor.workshop.tables.cursor
        with self.processor.workshop.database.reading() as connection:
            return int(connection.execute(select(cursor.c.position).where(*self._mine(cursor))).scalar_one())

    def _advance(self, connection: Connection, record: Record) -> None:
        cursor = self.processor.workshop.tables.cursor
        connection.execute(update(cursor).where(*self._mine(cursor)).values(position=record.offset))

    def _mine(self, cursor: Table) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return cursor.c.consumer == self.processor.subscription.consumer, cursor.c.log == self.source.service

    def check_cursor(self) -> None:
        log_id = identify(self.source.database, self.source.tables)
        outbox = self.source.tables.outbox
        with self.source.database.reading() as connection:
            head = connection.execute(select(func.max(outbox.c.id))).scalar_one() or 0
        cursor = self.processor.workshop.tables.cursor
        with self.processor.workshop.database.transaction() as connection:
            mine = connection.execute(select(cursor).where(*self._mine(cursor))).mappings().one_or_none()
            if mine is None:
                values = {"consumer": self.processor.subscription.consumer, "log": self.source.service}
                connection.execute(insert(cursor).values(**values, log_id=log_id, position=0))
            elif mine["log_id"] != log_id or mine["position"] > head:
                raise WrongLog(
                    f"{self.processor.subscription.consumer} has read {self.source.service}'s log {mine['log_id']} up to "
                    f"{mine['position']}, but the file there is log {log_id} and ends at {head}. Restore both services' "
                    "files from the same backup, or start with an empty data folder."
                )


def _record(row: RowMapping) -> Record:
    return Record(
        topic=row["topic"],
        partition=0,
        offset=row["id"],
        key=row["key"].encode(),
        headers=[(name, value.encode()) for name, value in row["headers"]],
        value=row["body"],
    )
