"""The quarantine: what could not be applied, kept byte for byte until a person replays or discards it.

A quarantined event has no inbox row; its quarantine row makes a redelivery a repeat. Where a consumer parks, later events
of the same key wait behind the first (reason ``behind``), so that a replay runs the key's whole line in order.
"""

from collections.abc import Callable, Collection, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, RowMapping, TextClause, select, text, tuple_, update

from services.runtime.database import ask
from services.runtime.log import Record
from services.runtime.rows import as_members, insert_rows, members
from services.runtime.tables import RuntimeTables

BEHIND = "behind"
OPEN, REPLAYED, DISCARDED = "open", "replayed", "discarded"


@dataclass(frozen=True, slots=True)
class Casualty:
    """One record on its way into quarantine, with its reason; ``event_id`` is null when it could not be decoded."""

    record: Record
    event_id: str | None
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One row of the quarantine."""

    id: int
    consumer: str
    event_id: str | None
    record: Record
    reason: str
    detail: str
    state: str
    at: datetime


def text_key(record: Record) -> str | None:
    """The record's key as text; undecodable bytes are shown as escapes, so that their line can still be parked."""
    return None if record.key is None else record.key.decode(errors="backslashreplace").replace("\x00", "\\x00")


def put(
    connection: Connection, tables: RuntimeTables, consumer: str, now: datetime, casualties: Sequence[Casualty]
) -> None:
    """Write them in order. One that lies there already is a redelivery and changes nothing."""
    rows = [
        {
            "consumer": consumer,
            "event_id": casualty.event_id,
            "topic": casualty.record.topic,
            "partition": casualty.record.partition,
            "offset": casualty.record.offset,
            "key": text_key(casualty.record),
            "headers": [[name, (value or b"").hex()] for name, value in casualty.record.headers],
            "raw": casualty.record.value,
            "reason": casualty.reason,
            "detail": casualty.detail[:2000].replace("\x00", "\\x00"),
            "state": OPEN,
            "at": now,
        }
        for casualty in casualties
    ]
    insert_rows(connection, tables.quarantine, rows, ignore=True)


@dataclass(frozen=True, slots=True)
class Met:
    """What a batch meets in quarantine: events that lie there already, whatever became of them, and keys with an open dead
    letter."""

    event_ids: Set[str]
    parked: Set[str]


def meet(
    connection: Connection,
    tables: RuntimeTables,
    consumer: str,
    event_ids: Collection[str],
    parkable: Collection[str],
) -> Callable[[], Met]:
    """Look for a whole batch at once; ``parkable``: its keys, of a consumer that parks. What is met is locked: a replay of the
    line waits for us, or we for it. The answer as with `database.ask`."""
    sqlite = connection.dialect.name == "sqlite"
    wanted = set(parkable)
    given = {"event_ids": as_members(set(event_ids), sqlite=sqlite), "keys": as_members(wanted, sqlite=sqlite)}
    answer = ask(connection, _meeting(tables.quarantine.name, sqlite=sqlite), {"consumer": consumer, **given})

    def met() -> Met:
        rows = answer()
        return Met(
            {event_id for event_id, _, _ in rows if event_id is not None},
            {key for _, key, state in rows if state == OPEN and key in wanted},
        )

    return met


@cache
def _meeting(table: str, *, sqlite: bool) -> TextClause:
    # S608: our own names
    return text(
        f"SELECT event_id, key, state FROM {table} WHERE consumer = :consumer AND "  # noqa: S608
        f"(event_id {members('event_ids', sqlite=sqlite)} OR (state = 'open' AND key {members('keys', sqlite=sqlite)})) "
        f"ORDER BY id{'' if sqlite else ' FOR UPDATE'}"
    )


def known_places(
    connection: Connection, tables: RuntimeTables, consumer: str, records: Sequence[Record]
) -> set[tuple[str, int, int]]:
    """Topic, partition and offset of those of ``records`` that lie there already: what cannot be decoded has no other name."""
    if not records:
        return set()
    table = tables.quarantine
    places = [(record.topic, record.partition, record.offset) for record in records]
    found = connection.execute(
        select(table.c.topic, table.c.partition, table.c.offset).where(
            table.c.consumer == consumer, tuple_(table.c.topic, table.c.partition, table.c.offset).in_(places)
        )
    )
    return {(row.topic, row.partition, row.offset) for row in found}


def line(connection: Connection, tables: RuntimeTables, consumer: str, key: str) -> list[DeadLetter]:
    """The open line of one key in order, locked first and read afterwards, so that what was just added is seen."""
    meet(connection, tables, consumer, (), [key])
    table = tables.quarantine
    rows = connection.execute(
        select(table)
        .where(table.c.consumer == consumer, table.c.state == OPEN, table.c.key == key)
        .order_by(table.c.id)
    )
    return [_letter(row) for row in rows.mappings()]


def letters(
    connection: Connection, tables: RuntimeTables, *, state: str | None = OPEN, limit: int = 200
) -> list[DeadLetter]:
    """The quarantine, oldest first."""
    table = tables.quarantine
    query = select(table).order_by(table.c.id).limit(limit)
    if state is not None:
        query = query.where(table.c.state == state)
    return [_letter(row) for row in connection.execute(query).mappings()]


def letter(connection: Connection, tables: RuntimeTables, id_: int) -> DeadLetter | None:
    row = connection.execute(select(tables.quarantine).where(tables.quarantine.c.id == id_)).mappings().one_or_none()
    return None if row is None else _letter(row)


def mend(connection: Connection, tables: RuntimeTables, id_: int, body: bytes) -> None:
    """Give a body to replay instead of the raw one, which stays as it came."""
    connection.execute(update(tables.quarantine).where(tables.quarantine.c.id == id_).values(mended=body))


def end(
    connection: Connection, tables: RuntimeTables, ids: Sequence[int], state: str, now: datetime, by: str, note: str
) -> None:
    """Replayed or discarded, by whom and why: the audit trail."""
    connection.execute(
        update(tables.quarantine)
        .where(tables.quarantine.c.id.in_(ids))
        .values(state=state, ended_at=now, ended_by=by, ended_note=note)
    )


def _letter(row: RowMapping) -> DeadLetter:
    record = Record(
        topic=row["topic"],
        partition=row["partition"],
        offset=row["offset"],
        key=None if row["key"] is None else row["key"].encode(),
        headers=[(name, bytes.fromhex(value)) for name, value in row["headers"]],
        value=row["raw"],
    )
    return DeadLetter(
        id=row["id"],
        consumer=row["consumer"],
        event_id=row["event_id"],
        record=record,
        reason=row["reason"],
        detail=row["detail"],
        state=row["state"],
        at=row["at"],
    )
