"""Hearing of other processes' commits: PostgreSQL's LISTEN on a connection of its own, in a thread of its own.

A net, not a promise: a signal can be missed while the connection is down, so who listens also looks by itself now and then.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import structlog

from services.runtime.database import POSTGRES_KEEPALIVE, Database

logger = structlog.get_logger()


class Subscription:
    """Ends with `stop`."""

    def __init__(self, stop: threading.Event, thread: threading.Thread | None) -> None:
        self._stop, self._thread = stop, thread

    def stop(self) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join(timeout=10)


class Feed:
    """Passes database signals on to live pages: ``{"fixline_timeline": "request:"}`` rings ``request:<payload>``."""

    def __init__(self, database: Database, channels: Mapping[str, str], ring: Callable[[str], None]) -> None:
        self._database, self._channels, self._ring = database, channels, ring
        self._listening: Subscription | None = None

    def start(self) -> None:
        self._listening = listen(
            self._database, list(self._channels), lambda channel, payload: self._ring(self._channels[channel] + payload)
        )

    def stop(self) -> None:
        if self._listening:
            self._listening.stop()


def listen(database: Database, channels: Sequence[str], heard: Callable[[str, str], None]) -> Subscription:
    """Call ``heard(channel, payload)`` for each signal; on SQLite in the committing thread, on PostgreSQL in one of ours."""
    stop = threading.Event()
    if database.is_sqlite:
        for channel in channels:
            database.on(channel, partial(heard, channel))
        return Subscription(stop, None)
    address = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    thread = threading.Thread(target=_follow, args=(address, channels, heard, stop), name="listen", daemon=True)
    thread.start()
    return Subscription(stop, thread)


def _follow(address: str, channels: Sequence[str], heard: Callable[[str, str], None], stop: threading.Event) -> None:
    import psycopg  # not at the top: the embedded stack has no PostgreSQL driver
    from psycopg import sql

    while not stop.is_set():
        try:
            with psycopg.connect(address, autocommit=True, **POSTGRES_KEEPALIVE) as connection:  # type: ignore[arg-type]  # libpq takes integers
                for channel in channels:
                    connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                    heard(channel, "")  # what happened while nobody listened
                while not stop.is_set():
                    for notice in connection.notifies(timeout=0.5):
                        heard(notice.channel, notice.payload)
        except psycopg.Error as error:
            logger.warning("listen.lost", error=type(error).__name__)
            stop.wait(1)
