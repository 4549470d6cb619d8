"""The quarantine: what could not be applied, kept byte for byte until a person replays or discards it.

A quarantined event has no inbox row; its quarantine row makes a redelivery a repeat. Where a consumer parks, later events
of the same key wait behind the first (reason ``behind``), so that a replay runs the key's whole line in order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, or_, select, tuple_, update

from services.runtime.log import Record
from services.runtime.rows import among, insert_rows
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
            "headers": [[name, value.hex()] for name, value in casualty.record.headers],
            "raw": casualty.record.value,
            "reason": casualty.reason,
            "detail": casualty.detail[:2000].replace("\x00", "\\x00"),
            "state": OPEN,
            "at": now,
        }
        for casualty in casualties
    ]
    insert_rows(connection, tables.quarantine, rows, ignore=True)


def known(
    connection: Connection, tables: RuntimeTables, consumer: str, records: Sequence[tuple[Record, str | None]]
) -> set[int]:
    """Indexes of ``records`` that lie in quarantine already, whatever became of them."""
    table = tables.quarantine
    ids = [event_id for _, event_id in records if event_id is not None]
    places = [(record.topic, record.partition, record.offset) for record, event_id in records if event_id is None]
    if not ids and not places:
        return set()
    wanted = []
    if ids:
        wanted.append(among(connection, table.c.event_id, ids))
    if places:
        wanted.append(tuple_(table.c.topic, table.c.partition, table.c.offset).in_(places))
    found = connection.execute(
        select(table.c.event_id, table.c.topic, table.c.partition, table.c.offset).where(
            table.c.consumer == consumer, or_(*wanted)
        )
    ).all()
    seen_ids = {row.event_id for row in found if row.event_id is not None}
    seen_places = {(row.topic, row.partition, row.offset) for row in found}
    return {
        index
        for index, (record, event_id) in enumerate(records)
        if (
            event_id in seen_ids
            if event_id is not None
            else (record.topic, record.partition, record.offset) in seen_places
        )
    }


def parked_keys(connection: Connection, tables: RuntimeTables, consumer: str, keys: Iterable[str]) -> set[str]:
    """Which of ``keys`` have an open dead letter. Their rows are locked: a replay of the line waits for us, or we for it."""
    wanted = sorted(set(keys))
    if not wanted:
        return set()
    table = tables.quarantine
    rows = connection.execute(
        select(table.c.key)
        .where(table.c.consumer == consumer, table.c.state == OPEN, among(connection, table.c.key, wanted))
        .order_by(table.c.id)
        .with_for_update()
    )
    return {row.key for row in rows}


def line(connection: Connection, tables: RuntimeTables, consumer: str, key: str) -> list[DeadLetter]:
    """The open line of one key in order, locked first and read afterwards, so that what was just added is seen."""
    parked_keys(connection, tables, consumer, [key])
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
