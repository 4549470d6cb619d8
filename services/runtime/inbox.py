"""The inbox: which events a consumer has applied, written in the transaction that applies them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from services.runtime.rows import among, insert_rows
from services.runtime.tables import RuntimeTables

_RECORD = text(
    "INSERT INTO inbox (consumer, event_id, received_at) "
    "SELECT :consumer, u.id, :now FROM unnest(:ids) AS u(id) ON CONFLICT DO NOTHING RETURNING event_id"
).bindparams(bindparam("ids", type_=ARRAY(Text)))


def record(
    connection: Connection, tables: RuntimeTables, consumer: str, now: datetime, event_ids: Sequence[str]
) -> set[str]:
    """Record ``event_ids`` and return those that are new. Sorted, so that two workers never lock each other dead."""
    ids = sorted(set(event_ids))
    if not ids:
        return set()
    if connection.dialect.name == "postgresql":
        rows = connection.execute(_RECORD, {"consumer": consumer, "now": now, "ids": ids})
        return {row.event_id for row in rows}
    # One writer at a time on SQLite: what is not there now is ours to write.
    fresh = sorted(set(ids) - seen(connection, tables, consumer, ids))
    insert_rows(
        connection, tables.inbox, [{"consumer": consumer, "event_id": id_, "received_at": now} for id_ in fresh]
    )
    return set(fresh)


def seen(connection: Connection, tables: RuntimeTables, consumer: str, event_ids: Sequence[str]) -> set[str]:
    """Those of ``event_ids`` that are recorded."""
    if not event_ids:
        return set()
    table = tables.inbox
    found = connection.execute(
        select(table.c.event_id).where(table.c.consumer == consumer, among(connection, table.c.event_id, event_ids))
    )
    return set(found.scalars())
