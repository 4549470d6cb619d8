"""The logs under test, behind one face: publish, settle, look."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from sqlalchemy import insert, select

from schemas.message import Message
from services.runtime import quarantine
from services.runtime.clock import DatabaseClock
from services.runtime.consumer import Processor
from services.runtime.database import Database, open_database
from services.runtime.embedded import EmbeddedConsumer, Source
from services.runtime.quarantine import DeadLetter
from services.runtime.work import Workshop
from tests.builders import a_record
from tests.conformance.effects import EFFECTS, MENDED, METADATA, RUNTIME, subscription

#: (number, type without its prefix, types behind it)
Effect = tuple[str, str, tuple[str, ...]]


class Stack(Protocol):
    """A producer's outbox, a log, and the consumer of `tests.conformance.effects`."""

    consumer: Workshop

    def publish(self, *messages: Message) -> None:
        """Commit them to the producer's outbox, in order, in one transaction."""

    def publish_raw(self, message: Message, body: bytes) -> None:
        """A record with ``message``'s headers and key and another body."""

    def settle(self) -> None:
        """Run the consumer until it has nothing more to do."""

    def redeliver(self) -> None:
        """Deliver everything that was ever published once more."""

    def processor(self) -> Processor: ...


def effects(stack: Stack) -> list[Effect]:
    """What was applied, in order."""
    with stack.consumer.database.reading() as connection:
        rows = connection.execute(select(EFFECTS).order_by(EFFECTS.c.id)).all()
    return [(row.number, row.type.removeprefix("request."), tuple(row.behind)) for row in rows]


def dead(stack: Stack) -> list[DeadLetter]:
    with stack.consumer.database.reading() as connection:
        return quarantine.letters(connection, stack.consumer.tables)


def mend(stack: Stack, text: str) -> None:
    """Teach the handler to take what it could not."""
    with stack.consumer.database.transaction() as connection:
        connection.execute(insert(MENDED).values(text=text))


def a_workshop(service: str, url: str) -> Workshop:
    """A migrated-enough database: these tables are the test's own, so they are made directly."""
    database = open_database(url)
    with database.transaction() as connection:
        METADATA.create_all(connection)
    return Workshop(service=service, database=database, tables=RUNTIME, clock=DatabaseClock())


def put_raw(database: Database, message: Message, body: bytes) -> None:
    """An outbox row as a broken producer would write it."""
    record = a_record(message)
    with database.transaction() as connection:
        connection.execute(
            insert(RUNTIME.outbox).values(
                event_id=str(uuid4()),
                topic=message.TOPIC,
                key=message.key,
                type=message.TYPE,
                subject=message.subject,
                ordinal=message.ordinal + 1000,
                headers=[[name, (value or b"").decode()] for name, value in record.headers],
                body=body,
                created_at=DatabaseClock().read(),
            )
        )


@dataclass
class EmbeddedStack:
    """Two SQLite files in one process."""

    folder: Path
    producer: Workshop = field(init=False)
    consumer: Workshop = field(init=False)

    def __post_init__(self) -> None:
        self.producer = a_workshop("intake", f"sqlite:///{self.folder}/intake.db")
        self.consumer = a_workshop("routing", f"sqlite:///{self.folder}/routing.db")

    def publish(self, *messages: Message) -> None:
        with self.producer.begin(origin=str(uuid4())) as work:
            for message in messages:
                work.emit(message)

    def publish_raw(self, message: Message, body: bytes) -> None:
        put_raw(self.producer.database, message, body)

    def processor(self) -> Processor:
        return Processor(self.consumer, subscription(), sleep=lambda _seconds: None)

    def source(self) -> Source:
        return Source("intake", self.producer.database, self.producer.tables)

    def settle(self) -> None:
        follower = EmbeddedConsumer(self.processor(), self.source())
        follower.check_cursor()
        while follower.drain():
            pass

    def redeliver(self) -> None:
        cursor = self.consumer.tables.cursor
        with self.consumer.database.transaction() as connection:
            connection.execute(cursor.update().values(position=0))
        self.settle()
