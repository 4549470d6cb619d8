"""Statements over routing's tables. Never commits, never decides.

A request, work order, return or case is a plain value with its table's columns (`Kept`). What a unit of work begins and
changes is collected in `Writes` and written set-wise at its end, rows before those that name them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence, Set
from dataclasses import Field, dataclass, field, fields
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Final, Protocol, TypeVar, get_args, get_type_hints

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Table,
    Update,
    bindparam,
    delete,
    func,
    select,
    text,
    update,
)

from services.routing.tables import (
    CASES,
    CORRECTIONS,
    CREDIT_NOTES,
    DECISIONS,
    DISPUTES,
    ESTIMATES,
    INVOICES,
    LIVE_CASE,
    LIVE_DISPUTE,
    LIVE_ESTIMATE,
    LIVE_RETURN,
    LIVE_WORK_ORDER,
    REQUESTS,
    RETURNS,
    STEPS,
    TIMERS,
    WORK_ORDERS,
)
from services.runtime.database import together
from services.runtime.rows import among, insert_rows, lock_rows

Row = dict[str, Any]

#: Rows before those that name them.
_ORDER: Final = (
    REQUESTS,
    DECISIONS,
    WORK_ORDERS,
    RETURNS,
    CASES,
    ESTIMATES,
    INVOICES,
    DISPUTES,
    CREDIT_NOTES,
    STEPS,
    CORRECTIONS,
    TIMERS,
)
_LIVE: Final = {
    WORK_ORDERS.name: LIVE_WORK_ORDER,
    RETURNS.name: LIVE_RETURN,
    CASES.name: LIVE_CASE,
    ESTIMATES.name: LIVE_ESTIMATE,
    DISPUTES.name: LIVE_DISPUTE,
}


class Kept(Protocol):
    """A dataclass whose fields are its table's columns; `KEY` is the primary key."""

    TABLE: ClassVar[Table]
    KEY: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


K = TypeVar("K", bound=Kept)


@dataclass(slots=True)
class Writes:
    """What one unit of work writes."""

    _begun: dict[Table, list[Kept]] = field(default_factory=lambda: defaultdict(list))
    _changed: dict[Table, dict[str, Kept]] = field(default_factory=lambda: defaultdict(dict))
    _rows: dict[Table, list[Row]] = field(default_factory=lambda: defaultdict(list))
    _stopped: list[Row] = field(default_factory=list)

    def begin(self, kept: Kept) -> None:
        self._begun[kept.TABLE].append(kept)

    def change(self, kept: Kept) -> None:
        """It is written as it is at the end, however often it changes until then."""
        self._changed[kept.TABLE][getattr(kept, kept.KEY)] = kept

    def add(self, table: Table, row: Row) -> None:
        """A row of a table that only grows."""
        self._rows[table].append(row)

    def add_timer(self, number: str, subject: str, kind: str, due_at: datetime) -> None:
        row = {"number": number, "subject": subject, "kind": kind, "due_at": due_at, "fired_at": None, "events": None}
        self.add(TIMERS, row)

    def stop(self, subject: str, *kinds: str) -> None:
        """Timers of `subject` that have not fired and never shall."""
        self._stopped.extend({"subject_": subject, "kind_": kind} for kind in kinds)
        added = self._rows[TIMERS]
        added[:] = [row for row in added if (row["subject"], row["kind"]) not in {(subject, kind) for kind in kinds}]

    def flush(self, connection: Connection) -> None:
        """Write everything. Changes first: what was live gives up its place before another takes it."""
        with together(connection):
            if self._stopped:
                connection.execute(_STOP_TIMERS, self._stopped)
            for table in _ORDER:
                if changed := self._changed[table]:
                    rows = [{**row_of(one), "key_": key} for key, one in changed.items()]
                    connection.execute(_update_of(table), rows)
            for table in _ORDER:
                insert_rows(connection, table, [*map(row_of, self._begun[table]), *self._rows[table]])
        for collected in (self._begun, self._changed, self._rows):
            collected.clear()
        self._stopped.clear()


def row_of(kept: Kept) -> Row:
    return {name: getattr(kept, name) for name in _names(type(kept))}


def restored(kind: type[K], row: Any) -> K:
    """The value that a row keeps; its words are enums again."""
    words = _words(kind)
    return kind(
        **{
            name: words[name](row[name]) if row[name] is not None and name in words else row[name]
            for name in _names(kind)
        }
    )


def by_keys(connection: Connection, kind: type[K], keys: Collection[str], *, lock: bool = False) -> dict[str, K]:
    """Those of `keys` that exist, in order; locked against everybody else if asked for."""
    column = kind.TABLE.c[kind.KEY]
    query = select(kind.TABLE).where(among(connection, column, keys)).order_by(column)
    rows = connection.execute(query.with_for_update() if lock else query).mappings()
    return {row[kind.KEY]: restored(kind, row) for row in rows}


def one(connection: Connection, kind: type[K], key: str, *, lock: bool = False) -> K | None:
    return by_keys(connection, kind, [key], lock=lock).get(key)


def live(connection: Connection, kind: type[K], numbers: Collection[str], *, lock: bool = True) -> dict[str, K]:
    """The live work order, return or case of each request that has one, locked unless only looked at; by number."""
    table = kind.TABLE
    query = (
        select(table)
        .where(among(connection, table.c.number, numbers), text(_LIVE[table.name]))
        .order_by(table.c[kind.KEY])
    )
    if lock:
        query = query.with_for_update()
    return {row["number"]: restored(kind, row) for row in connection.execute(query).mappings()}


def found(
    connection: Connection, kind: type[K], *where: ColumnElement[bool], order: Sequence[Any] = (), limit: int = 200
) -> list[K]:
    """At most `limit` that match."""
    query = select(kind.TABLE).where(*where).order_by(*order).limit(limit)
    return [restored(kind, row) for row in connection.execute(query).mappings()]


def how_many(connection: Connection, kind: type[Kept], number: str) -> int:
    """Visits, parcels or estimates that a request has had."""
    table = kind.TABLE
    return connection.execute(select(func.count()).select_from(table).where(table.c.number == number)).scalar_one()


def lock_requests(connection: Connection, numbers: Collection[str]) -> Callable[[], Set[str]]:
    """Whoever else works on these requests waits, or we for them; sorted, so that nobody waits in a circle. The answer, as with
    `database.ask`: those there are."""
    if not numbers:
        return frozenset
    answer = lock_rows(connection, REQUESTS, ("number",), numbers)
    return lambda: frozenset(number for (number,) in answer())


def step(
    *,
    number: str,
    subject: str,
    version: int,
    step: str,
    by: str,
    by_name: str,
    at: datetime,
    happened_at: datetime | None = None,
    claimed_at: datetime | None = None,
    reason: str | None = None,
    note: str | None = None,
    key: str | None = None,
) -> Row:
    """A row of `steps`: who did what, and when."""
    return {
        "number": number,
        "subject": subject,
        "version": version,
        "step": step,
        "by": by,
        "by_name": by_name,
        "at": at,
        "happened_at": happened_at or at,
        "claimed_at": claimed_at,
        "reason": reason,
        "note": note,
        "key": key,
    }


def steps_of(connection: Connection, numbers: Iterable[str]) -> list[Row]:
    """Everything that people did about these requests, in order."""
    query = select(STEPS).where(among(connection, STEPS.c.number, list(numbers))).order_by(STEPS.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]


def step_at(connection: Connection, subject: str, version: int) -> Row | None:
    """The step that made this version of a work order, return or case."""
    query = select(STEPS).where(STEPS.c.subject == subject, STEPS.c.version == version)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else dict(row)


def step_by_key(connection: Connection, subject: str, key: str) -> Row | None:
    """The step that was taken under an idempotency key."""
    query = select(STEPS).where(STEPS.c.subject == subject, STEPS.c.key == key)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else dict(row)


def decision_row(connection: Connection, number: str, index: int) -> Row | None:
    query = select(DECISIONS).where(DECISIONS.c.number == number, DECISIONS.c.index == index)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else dict(row)


def decisions_of(connection: Connection, number: str) -> list[Row]:
    """All decisions on a request, the first one first."""
    query = select(DECISIONS).where(DECISIONS.c.number == number).order_by(DECISIONS.c.index)
    return [dict(row) for row in connection.execute(query).mappings()]


def last_decisions(connection: Connection, numbers: Collection[str]) -> dict[str, Row]:
    """The decision in force of each request, as JSON."""
    query = (
        select(DECISIONS.c.number, DECISIONS.c.decision)
        .join(REQUESTS, (REQUESTS.c.number == DECISIONS.c.number) & (REQUESTS.c.decided == DECISIONS.c.index))
        .where(among(connection, DECISIONS.c.number, numbers))
    )
    return {row.number: row.decision for row in connection.execute(query)}


def in_force(connection: Connection, numbers: Collection[str]) -> dict[str, Row]:
    """The decision in force of each request, whole."""
    query = (
        select(DECISIONS)
        .join(REQUESTS, (REQUESTS.c.number == DECISIONS.c.number) & (REQUESTS.c.decided == DECISIONS.c.index))
        .where(among(connection, DECISIONS.c.number, numbers))
    )
    return {row["number"]: dict(row) for row in connection.execute(query).mappings()}


_STOP_TIMERS: Final[Delete] = delete(TIMERS).where(
    TIMERS.c.subject == bindparam("subject_"), TIMERS.c.kind == bindparam("kind_"), TIMERS.c.fired_at.is_(None)
)


@cache
def _update_of(table: Table) -> Update:
    key = next(iter(table.primary_key.columns))
    values: dict[str, Any] = {column.name: bindparam(column.name) for column in table.c if column is not key}
    return update(table).where(key == bindparam("key_")).values(values)


@cache
def _names(kind: type[Kept]) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


@cache
def _words(kind: type[Kept]) -> dict[str, type[Enum]]:
    """Which fields are words of the vocabulary."""
    found: dict[str, type[Enum]] = {}
    for name, hint in get_type_hints(kind).items():
        for part in get_args(hint) or (hint,):
            if isinstance(part, type) and issubclass(part, Enum):
                found[name] = part
    return found
