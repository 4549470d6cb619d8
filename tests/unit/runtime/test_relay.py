"""The relay's lease is not asked about each round; who has lost it finds out before anything is marked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from services.intake.tables import METADATA, RUNTIME
from services.runtime.database import Database, open_database
from services.runtime.relay import LEASE, RENEW, Outgoing, Relay
from services.runtime.work import Workshop
from tests.builders import MONDAY, a_number, an_acceptance


@dataclass
class Hands:
    """A clock that is moved by hand, for the database and for the process."""

    seconds: float = 0.0

    def ask(self, _connection: Connection) -> Callable[[], datetime]:
        return self.read

    def read(self) -> datetime:
        return MONDAY + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Broker:
    """Takes everything and remembers it."""

    sent: list[int] = field(default_factory=list)

    def publish(self, messages: Sequence[Outgoing]) -> set[int]:
        self.sent += [message.tag for message in messages]
        return {message.tag for message in messages}


@dataclass
class Desk:
    """One outbox and those who relay it."""

    database: Database
    hands: Hands
    broker: Broker = field(default_factory=Broker)
    told: int = 0

    def relay(self, holder: str) -> Relay:
        return Relay("intake", self.database, RUNTIME, self.broker, self.hands, holder, monotonic=self.hands.monotonic)

    def emit(self) -> None:
        self.told += 1
        with Workshop("intake", self.database, RUNTIME, self.hands).begin(origin=f"call-{self.told}") as work:
            work.emit(an_acceptance(a_number(self.told)))

    def unpublished(self) -> int:
        with self.database.reading() as connection:
            return len(connection.execute(select(RUNTIME.outbox).where(RUNTIME.outbox.c.published_at.is_(None))).all())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    database = open_database(f"sqlite:///{tmp_path / 'intake.db'}")
    METADATA.create_all(database.engine)
    return Desk(database, Hands())


def test_a_second_relay_waits_as_long_as_the_first_renews_its_lease(desk: Desk) -> None:
    first, second = desk.relay("first"), desk.relay("second")
    first.turn()
    for _ in range(20):
        desk.hands.seconds += RENEW
        first.turn()
    desk.emit()
    second.turn()
    assert (second.epoch, desk.broker.sent) == (None, [])


def test_a_relay_that_was_stopped_for_longer_than_its_lease_asks_before_it_publishes(desk: Desk) -> None:
    first, second = desk.relay("first"), desk.relay("second")
    first.turn()
    desk.hands.seconds += LEASE.total_seconds() + 1
    second.turn()
    desk.emit()
    first.turn()
    assert (desk.broker.sent, desk.unpublished()) == ([], 1)


def test_a_relay_that_lost_its_lease_within_a_round_marks_nothing_and_knows_it(desk: Desk) -> None:
    """Its clock stood still with it: it publishes once more, the new holder again, and readers drop the repeat by its id."""
    first, second = desk.relay("first"), desk.relay("second")
    first.turn()
    stopped_at = desk.hands.seconds
    desk.hands.seconds += LEASE.total_seconds() + 1
    second.turn()
    desk.emit()
    first.monotonic = lambda: stopped_at
    first.turn()
    assert (len(desk.broker.sent), desk.unpublished()) == (1, 1)
    desk.emit()
    first.turn()
    assert len(desk.broker.sent) == 1
    second.turn()
    second.turn()
    assert desk.unpublished() == 0


def test_what_a_relay_published_last_is_marked_when_it_ends(desk: Desk) -> None:
    """Each round marks what the one before published; after the last there is none."""
    relay = desk.relay("first")
    desk.emit()
    relay.turn()
    assert desk.unpublished() == 1
    relay.stop()
    relay.run()
    assert desk.unpublished() == 0


def test_a_relay_that_waits_for_its_turn_does_not_ask_at_each_signal(desk: Desk) -> None:
    first, second = desk.relay("first"), desk.relay("second")
    first.turn()
    second.turn()
    desk.hands.seconds += LEASE.total_seconds() + 1
    second.monotonic = lambda: 0.1  # to it no time has passed
    second.turn()
    assert second.epoch is None
    second.monotonic = desk.hands.monotonic
    second.turn()
    assert second.epoch == 2
