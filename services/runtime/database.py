"""A service's own database: transactions, change signals, and how each of the two engines must be set up.

PostgreSQL: a worker stopped inside a transaction must not block its successor for ever, so sessions end themselves.
SQLite: writers take turns behind one lock per file and begin at once as writers; a deferred one would fail at once.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.pool import ConnectionPoolEntry

#: Called after COMMIT with what was passed to `Database.notify`.
Listener = Callable[[str], None]

#: Seconds; see docs/operations.md. A session that sits idle inside a transaction holds locks that others wait for.
POSTGRES_SESSION = {
    "idle_in_transaction_session_timeout": "10s",
    "lock_timeout": "10s",
    "timezone": "UTC",
    "application_name": "fixline",
}
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

    @contextmanager
    def reading(self, *, at_leisure: bool = False) -> Iterator[Connection]:
        """One snapshot to read from. Kept short: on SQLite an open snapshot makes the write-ahead log grow.

        ``at_leisure``: for one who thinks about all there is between two queries; it holds no lock that others wait for.
        """
        with self.engine.connect().execution_options(**_read_options(self.is_sqlite)) as connection, connection.begin():
            if at_leisure and not self.is_sqlite:
                connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            yield connection

    def notify(self, connection: Connection, channel: str, payload: str = "") -> None:
        """Tell listeners on ``channel``, if and when this transaction commits."""
        if self.is_sqlite:
            self._pending.setdefault(id(connection), []).append((channel, payload))
        else:
            connection.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload})

    def on(self, channel: str, listener: Listener) -> None:
        """Hear of commits made through this object (embedded). Across processes: `services.runtime.listen`."""
        self._listeners[channel].append(listener)

    def close(self) -> None:
        self.engine.dispose()


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
    return create_engine(
        address.set(drivername="postgresql+psycopg"),
        hide_parameters=True,  # an error's text goes to the log; parameters are customers' words
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        pool_timeout=10,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={"options": options, **POSTGRES_KEEPALIVE},
    )


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
