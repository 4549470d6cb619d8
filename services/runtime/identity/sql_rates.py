"""Rate counters in SQL, for services that run as several processes (docs/architecture.md, Web).

One row a counter, one statement a hit; a row whose window is over is taken over by the next hit and swept by `sweep`.
Plugs into the `limits` library as one of its storages.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from time import time
from typing import Any

from limits.storage import Storage
from sqlalchemy import Column, Connection, Float, Index, Integer, MetaData, Table, Text, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

#: `Database.transaction`.
Transaction = Callable[[], AbstractContextManager[Connection]]


def rate_counters(metadata: MetaData) -> Table:
    """Define the table in a service's metadata. `expires_at`: seconds since 1970, when the window ends."""
    return Table(
        "rate_counters",
        metadata,
        Column("key", Text, primary_key=True),
        Column("hits", Integer, nullable=False),
        Column("expires_at", Float(53), nullable=False),
        Index("ix_rate_counters_expires_at", "expires_at"),
    )


class SqlCounters(Storage):
    """The part of `limits`' storage contract that fixed windows use, in each its own short transaction."""

    STORAGE_SCHEME = None  # built by hand, never from a URL

    def __init__(self, transaction: Transaction, table: Table, clock: Callable[[], float] = time) -> None:
        super().__init__()
        self._transaction = transaction
        self._table = table
        self._clock = clock

    @property
    def base_exceptions(self) -> type[Exception]:
        return SQLAlchemyError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        table, now = self._table, self._clock()
        over = table.c.expires_at <= now
        with self._transaction() as connection:
            insert: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
            statement = (
                insert(table)
                .values(key=key, hits=amount, expires_at=now + expiry)
                .on_conflict_do_update(
                    index_elements=[table.c.key],
                    set_={
                        "hits": case((over, amount), else_=table.c.hits + amount),
                        "expires_at": case((over, now + expiry), else_=table.c.expires_at),
                    },
                )
                .returning(table.c.hits)
            )
            return int(connection.execute(statement).scalar_one())

    def get(self, key: str) -> int:
        return int(self._column("hits", key) or 0)

    def get_expiry(self, key: str) -> float:
        return float(self._column("expires_at", key) or self._clock())

    def check(self) -> bool:
        with self._transaction() as connection:
            connection.execute(select(self._table.c.key).limit(1))
        return True

    def clear(self, key: str) -> None:
        with self._transaction() as connection:
            connection.execute(delete(self._table).where(self._table.c.key == key))

    def reset(self) -> int | None:
        with self._transaction() as connection:
            return connection.execute(delete(self._table)).rowcount

    def sweep(self) -> int:
        """Delete counters whose window is over; how many. For a timer."""
        with self._transaction() as connection:
            return connection.execute(delete(self._table).where(self._table.c.expires_at <= self._clock())).rowcount

    def _column(self, name: str, key: str) -> Any:
        table = self._table
        query = select(table.c[name]).where(table.c.key == key, table.c.expires_at > self._clock())
        with self._transaction() as connection:
            return connection.execute(query).scalar_one_or_none()
