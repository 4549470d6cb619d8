"""One unit of work: one transaction in which state changes and the events that tell of it are saved together."""

from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection

from schemas.envelope import Envelope, attributes, caused_id
from schemas.message import Message
from schemas.topics import MAX_MESSAGE_BYTES, topic
from services.runtime.clock import Clock
from services.runtime.database import Database, together
from services.runtime.rows import insert_rows
from services.runtime.tables import RuntimeTables

#: Database signal: there is something new in the outbox.
OUTBOX = "fixline_outbox"

logger = structlog.get_logger()


class TooLarge(ValueError):
    """An event larger than the broker takes; refused before it is saved, so that the relay never meets it."""


@dataclass
class Work:
    """What a handler or an edge works with. ``origin`` is the id of what caused this unit: an event's, or a call's own.

    Whoever emits for a key holds its request's row lock, so that the rows of one key are in order.
    """

    database: Database
    connection: Connection
    tables: RuntimeTables
    service: str
    now: datetime
    origin: str
    correlation_id: str
    #: Of a batch's keys, those that were there when it locked them.
    locked: Set[str] = frozenset()
    #: What the batch's consumer asked for along with its locks; None: nothing, or no batch.
    looked: Any = None
    _rows: list[dict[str, Any]] = field(default_factory=list)
    _signals: dict[tuple[str, str], None] = field(default_factory=dict)
    _writes: list[Callable[[Connection], None]] = field(default_factory=list)

    def emit(self, message: Message, *, cause: Envelope | None = None) -> str:
        """Put ``message`` into the outbox and return its id, which derives from its cause: a repeat repeats.

        Raises `TooLarge` beyond `schemas.topics.MAX_MESSAGE_BYTES`.
        """
        cause_id = cause.id if cause else self.origin
        envelope = Envelope(
            id=caused_id(cause_id, message.TYPE, message.subject, message.ordinal),
            type=message.TYPE,
            source=f"/fixline/{self.service}",
            subject=message.subject,
            time=self.now,
            correlation_id=cause.correlation_id if cause else self.correlation_id,
            causation_id=cause.id if cause else None,
            ordinal=message.ordinal,
        )
        body = message.model_dump_json().encode()
        if len(body) > MAX_MESSAGE_BYTES:
            raise TooLarge(
                f"{message.TYPE} for {message.subject} has {len(body)} bytes, {MAX_MESSAGE_BYTES} are allowed"
            )
        self._rows.append(
            {
                "event_id": envelope.id,
                "topic": message.TOPIC,
                "key": message.key,
                "type": message.TYPE,
                "subject": message.subject,
                "ordinal": message.ordinal,
                "headers": attributes(envelope, counter=topic(message.TOPIC).counter),
                "body": body,
                "created_at": self.now,
            }
        )
        return envelope.id

    def notify(self, channel: str, payload: str = "") -> None:
        """Tell listeners, in this process or others, if and when this unit commits; each signal once."""
        self._signals[channel, payload] = None

    def put_off(self, write: Callable[[Connection], None]) -> None:
        """Write at the end, in one go with the outbox, the signals and COMMIT; nothing of it is read in this unit."""
        self._writes.append(write)

    def flush(self) -> None:
        """Write what was put off and the outbox rows, and send the signals."""
        if self._rows:
            self.notify(OUTBOX)
        with together(self.connection):
            for write in self._writes:
                write(self.connection)
            insert_rows(self.connection, self.tables.outbox, self._rows)
            self.database.notify(self.connection, self._signals)
        for kept in (self._rows, self._signals, self._writes):
            kept.clear()


@dataclass(frozen=True)
class Workshop:
    """Where a service's units of work come from: its database, its clock, its name. ``begin`` opens one."""

    service: str
    database: Database
    tables: RuntimeTables
    clock: Clock

    @contextmanager
    def begin(
        self,
        *,
        origin: str,
        correlation_id: str | None = None,
        along: Callable[[Connection], None] = lambda _connection: None,
    ) -> Iterator[Work]:
        """One transaction: committed with all that was emitted when the block ends, or nothing happened.

        ``along`` asks (`database.ask`) for what has to be known first, in one go with BEGIN and the clock.
        """
        with self.database.transaction() as connection:
            with together(connection):
                now = self.clock.ask(connection)
                along(connection)
            work = Work(
                database=self.database,
                connection=connection,
                tables=self.tables,
                service=self.service,
                now=now(),
                origin=origin,
                correlation_id=correlation_id or origin,
            )
            yield work
            with together(connection):
                work.flush()
                self.database.commit(connection)
