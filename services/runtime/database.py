"""A service's own database: transactions, change signals, and how each of the two engines must be set up.

PostgreSQL: a worker stopped inside a transaction must not block its successor for ever, so sessions end themselves.
SQLite: writers take turns behind one lock per file and begin at once as writers; a deferred one would fail at once.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    URL,
    Connection,
    Dialect,
    Engine,
    Text,
    TextClause,
    TextualSelect,
    bindparam,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

#: Called after COMMIT with what was passed to `Database.notify`.
Listener = Callable[[str], None]

#: Seconds; see docs/operations.md. A session that sits idle inside a transaction holds locks that others wait for.
POSTGRES_SESSION = {
    "idle_in_transaction_session_timeout": "10s",
    "lock_timeout": "10s",
    "timezone": "UTC",
    "application_name": "fixline",
    # A solid-state disk's. With the default of 4, statements prepared while a table is new and small read it whole, and go on
    # so until its first ANALYZE: a minute in which all that they do takes longer with each request.
    "random_page_cost": "1.1",
}
#: In a connection's info while a block of `together` is open.
_TOGETHER = "fixline_together"
#: Seconds for which a connection is believed to be alive since it was last used.
_TRUSTED = 1.0
_NOTIFY = text(
    "SELECT pg_notify(u.channel, u.payload) FROM unnest(:channels, :payloads) AS u(channel, payload)"
).bindparams(bindparam("channels", type_=ARRAY(Text)), bindparam("payloads", type_=ARRAY(Text)))
POSTGRES_KEEPALIVE = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 12_000,
    "connect_timeout": 5,
}


@dataclass
class Database:
    """One service's database. `transaction` writes, `reading` reads one snapshot; neither is held across a wait."""

    engine: Engine
    _write_lock: threading.RLock = field(default_factory=threading.RLock)
    _listeners: dict[str, list[Listener]] = field(default_factory=lambda: defaultdict(list))
    _pending: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction, committed at the end of the block or not at all. On SQLite listeners hear of it afterwards."""
        if not self.is_sqlite:
            with self.engine.begin() as connection:
                yield connection
            return
        with self._write_lock, self.engine.connect() as connection:
            try:
                with connection.begin():
                    yield connection
            except BaseException:
                self._pending.pop(id(connection), None)
                raise
            signals = self._pending.pop(id(connection), [])
        for channel, payload in dict.fromkeys(signals):
            for listener in self._listeners[channel]:
                listener(payload)

    def commit(self, connection: Connection) -> None:
        """Within `together`: COMMIT goes with the statements before it. On SQLite it is left to the end of `transaction`."""
        if not self.is_sqlite:
            connection.commit()

    @contextmanager
    def reading(self, *, at_leisure: bool = False) -> Iterator[Connection]:
        """One snapshot to read from. Kept short: on SQLite an open snapshot makes the write-ahead log grow.

        ``at_leisure``: for one who thinks about all there is between two queries; it holds no lock that others wait for.
        """
        with self.engine.connect().execution_options(**_read_options(self.is_sqlite)) as connection, connection.begin():
            if at_leisure and not self.is_sqlite:
                connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            yield connection

    @contextmanager
    def statement(self) -> Iterator[Connection]:
        """For one statement that is its own transaction: on PostgreSQL one round trip instead of three."""
        if self.is_sqlite:
            with self.transaction() as connection:
                yield connection
            return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection

    def notify(self, connection: Connection, signals: Collection[tuple[str, str]]) -> None:
        """Tell listeners, by channel and payload, if and when this transaction commits; one statement however many."""
        if self.is_sqlite:
            self._pending.setdefault(id(connection), []).extend(signals)
        elif signals:
            channels, payloads = zip(*signals, strict=True)
            tell(connection, _NOTIFY, {"channels": list(channels), "payloads": list(payloads)})

    def on(self, channel: str, listener: Listener) -> None:
        """Hear of commits made through this object (embedded). Across processes: `services.runtime.listen`."""
        self._listeners[channel].append(listener)

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Send PostgreSQL the block's statements in one go, and wait once. SQLAlchemy cannot read their answers: what is to be read
    is asked by `ask`.

    An error of any of them is raised at the end of the block, as `sqlalchemy.exc.DBAPIError`. A block within another is part
    of it.
    """
    if connection.dialect.name == "sqlite" or connection.info.get(_TOGETHER):
        yield
        return
    import psycopg  # not at the top: the embedded stack has no PostgreSQL driver

    driver: Any = connection.connection.driver_connection
    info = connection.info  # the pooled connection's own
    info[_TOGETHER] = True
    try:
        with driver.pipeline():
            yield
    except psycopg.Error as error:
        lost = driver.closed or driver.broken
        if lost:
            connection.invalidate(error)
        # As SQLAlchemy does for a statement of its own: callers know its errors, and no parameter is shown.
        raise DBAPIError.instance(
            None,
            None,
            error,
            psycopg.Error,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=connection.dialect,
        ) from error
    finally:
        info.pop(_TOGETHER)
        if not connection.in_transaction() and not driver.closed:
            driver.rollback()  # after a COMMIT that went along and failed: SQLAlchemy would leave the session as it is


def ask(
    connection: Connection, query: TextClause | TextualSelect, given: Mapping[str, Any]
) -> Callable[[], Sequence[Any]]:
    """Send a statement that is written out once and kept. Its rows are had by calling what is returned, after the block of
    `together` that it stands in. For columns of JSON or instants, `query` says its columns' types."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(query, given).all()
        return lambda: rows
    driver: Any = connection.connection.driver_connection
    answer: Callable[[], Sequence[Any]] = driver.execute(_written(query, connection.dialect), given).fetchall
    return answer


def tell(connection: Connection, statement: TextClause, given: Mapping[str, Any]) -> None:
    """Send a statement that is written out once and kept, and that answers nothing. Within `together` it passes SQLAlchemy by,
    which takes longer over a statement than the driver does; elsewhere not, whose errors are SQLAlchemy's."""
    if connection.info.get(_TOGETHER):
        driver: Any = connection.connection.driver_connection
        driver.execute(_written(statement, connection.dialect), given)
    else:
        connection.execute(statement, given)


@lru_cache(maxsize=256)
def _written(query: TextClause | TextualSelect, dialect: Dialect) -> str:
    return str(query.compile(dialect=dialect))


def open_database(url: str, *, pool_size: int = 10) -> Database:
    """Connect lazily to ``postgresql+psycopg://…`` or ``sqlite:///file``. Raises `ValueError` for any other scheme."""
    address = make_url(url)
    backend = address.get_backend_name()
    if backend == "sqlite":
        return Database(_sqlite(address))
    if backend == "postgresql":
        return Database(_postgres(address, pool_size))
    raise ValueError(f"database URL {address.render_as_string()}: expected postgresql+psycopg:// or sqlite:///")


def _postgres(address: URL, pool_size: int) -> Engine:
    options = " ".join(f"-c {name}={value}" for name, value in POSTGRES_SESSION.items())
    engine = create_engine(
        address.set(drivername="postgresql+psycopg"),
        hide_parameters=True,  # an error's text goes to the log; parameters are customers' words
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={"options": options, **POSTGRES_KEEPALIVE},
    )
    event.listen(engine, "checkin", _remember_use)
    event.listen(engine, "checkout", _ask_if_idle)
    return engine


def _remember_use(_connection: Any, entry: ConnectionPoolEntry) -> None:
    entry.info["used_at"] = time.monotonic()


def _ask_if_idle(connection: Any, entry: ConnectionPoolEntry, _proxy: Any) -> None:
    """A connection that lay idle may have lost its server: ask before it is used. Asking each time costs a busy worker a
    round trip a transaction (SQLAlchemy's pre-ping), and finds nothing that the work itself would not."""
    used_at = entry.info.get("used_at")
    if used_at is None or time.monotonic() - used_at < _TRUSTED:
        return
    try:
        connection.autocommit = True
        connection.execute("")
        connection.autocommit = False
    except connection.Error as error:  # DisconnectionError: the pool connects anew and hands that out
        raise DisconnectionError(type(error).__name__) from error


def _sqlite(address: URL) -> Engine:
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        address, connect_args={"timeout": 30, "check_same_thread": False}, pool_size=10, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: the driver's own would be deferred
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("fixline_reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _read_options(is_sqlite: bool) -> Mapping[str, Any]:
    return (
        {"fixline_reading": True} if is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    )
