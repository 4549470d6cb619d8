"""What time it is: the database's clock, read once a transaction; or the sample day's.

``FIXLINE_CLOCK`` is ``<instant>`` or ``<instant>@<real instant>``: at the real instant the clock shows the first and ticks
on from there. Processes given the same value with ``@`` agree to the microsecond; without it each counts from its start.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol, cast

from sqlalchemy import Connection, text

from services.runtime.database import ask, together

_NOW: Final = text("SELECT transaction_timestamp()")


class Clock(Protocol):
    def ask(self, connection: Connection) -> Callable[[], datetime]:
        """The transaction's instant, timezone-aware UTC. The answer as with `database.ask`."""

    def read(self) -> datetime:
        """The same clock where no transaction is at hand (pages, progress): good to a second, never decides."""


@dataclass(frozen=True, slots=True)
class DatabaseClock:
    """The real time, by the database: all of a service's processes agree."""

    def ask(self, connection: Connection) -> Callable[[], datetime]:
        if connection.dialect.name == "sqlite":
            return self.read  # in-process: the database's clock is this machine's
        asked = ask(connection, _NOW, {})
        return lambda: cast("datetime", asked()[0][0]).astimezone(UTC)

    def read(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """The sample day's clock: the real one moved by ``shift``."""

    shift: timedelta

    def ask(self, connection: Connection) -> Callable[[], datetime]:
        asked = DatabaseClock().ask(connection)
        return lambda: asked() + self.shift

    def read(self) -> datetime:
        return datetime.now(UTC) + self.shift


def transaction_instant(clock: Clock, connection: Connection) -> datetime:
    """The transaction's instant, for one who asks nothing else along with it."""
    with together(connection):  # in one go with the BEGIN that comes before it
        asked = clock.ask(connection)
    return asked()


def parse_clock(value: str, *, started: datetime) -> ShiftedClock:
    """Read ``FIXLINE_CLOCK``. Raises `ValueError` saying the mend."""
    shown, _, since = value.partition("@")
    try:
        at = datetime.fromisoformat(shown)
        real = datetime.fromisoformat(since) if since else started
    except ValueError as error:
        raise ValueError(f"FIXLINE_CLOCK={value!r}: expected an instant such as 2026-11-23T15:00:00Z") from error
    if at.tzinfo is None or real.tzinfo is None:
        raise ValueError(f"FIXLINE_CLOCK={value!r}: add an offset or Z to each instant")
    return ShiftedClock(at - real)


def clock_for(value: str | None) -> Clock:
    """The process's clock, from the setting."""
    return parse_clock(value, started=datetime.now(UTC)) if value else DatabaseClock()
