"""The inbox: which events a consumer has applied, written in the transaction that applies them."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, TextClause, bindparam, delete, text

from services.runtime.database import ask
from services.runtime.rows import among, as_members, each
from services.runtime.tables import RuntimeTables
from services.runtime.types import InstantType


def record(
    connection: Connection, tables: RuntimeTables, consumer: str, now: datetime, event_ids: Sequence[str]
) -> Callable[[], set[str]]:
    """Record ``event_ids``; call what is returned for those that are new, as with `database.ask`. Sorted, so that two workers
    never lock each other dead."""
    sqlite = connection.dialect.name == "sqlite"
    given = {"consumer": consumer, "now": now, "ids": as_members(set(event_ids), sqlite=sqlite)}
    answer = ask(connection, _recording(tables.inbox.name, sqlite=sqlite), given)
    return lambda: {event_id for (event_id,) in answer()}


def forget(connection: Connection, tables: RuntimeTables, consumer: str, event_ids: Collection[str]) -> None:
    """They were recorded in this very transaction, and are not applied in it."""
    if event_ids:
        table = tables.inbox
        connection.execute(
            delete(table).where(table.c.consumer == consumer, among(connection, table.c.event_id, event_ids))
        )


@cache
def _recording(table: str, *, sqlite: bool) -> TextClause:
    # S608: our own names. "WHERE true" keeps SQLite from reading ON as a join's.
    return text(
        f"INSERT INTO {table} (consumer, event_id, received_at) "  # noqa: S608
        f"SELECT :consumer, id.value, :now FROM ({each('ids', sqlite=sqlite)}) AS id WHERE true "
        "ON CONFLICT DO NOTHING RETURNING event_id"
    ).bindparams(bindparam("now", type_=InstantType()))
