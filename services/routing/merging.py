"""Bringing a table up to date with rows that were staged beside it, by a few statements whatever their number.

A staged table is temporary and private to its transaction. Rows of `grouped` tables have no key of their own: they are
numbered within their group, in the order of their values, so that the same rows always get the same numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    MetaData,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

PART = "part"


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of one table's rows. `ended`: no longer named, so they end or go."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    ended: int = 0

    @property
    def anything(self) -> bool:
        return bool(self.added or self.changed or self.ended)


@dataclass(frozen=True)
class Staged:
    """Rows that wait beside their table: as they came, and numbered where they have no key of their own."""

    table: Table
    raw: Table
    numbered: Table

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.table.primary_key.columns)

    @property
    def group(self) -> tuple[str, ...]:
        """What names a row outside of this table."""
        return tuple(name for name in self.keys if name != PART)


def stage(connection: Connection, table: Table) -> Staged:
    """Empty temporary tables beside `table`."""
    metadata = MetaData()
    numbered = _twin(table, f"staged_{table.name}", metadata, with_part=True)
    raw = numbered
    if PART in table.c:
        raw = _twin(table, f"raw_{table.name}", metadata, with_part=False)
    metadata.create_all(connection)
    return Staged(table, raw, numbered)


def merge(connection: Connection, staged: Staged) -> Counts:
    """Make the rows of each staged key or group as they were staged; other rows stay. The counts of what that changed."""
    if staged.raw is not staged.numbered:
        _number_parts(connection, staged)
    _prepare(connection, staged)
    table, source = staged.table, staged.numbered
    total = connection.execute(select(func.count()).select_from(source)).scalar_one()
    values = [column.name for column in table.c if column.name not in staged.keys]
    updated = surplus = 0
    if values:
        differs = or_(*(table.c[name].is_distinct_from(source.c[name]) for name in values))
        found = connection.execute(
            update(table).where(_same(table, source, staged.keys), differs).values({n: source.c[n] for n in values})
        )
        updated = found.rowcount
    if staged.raw is not source:
        surplus = _drop_surplus(connection, staged)
    names = [column.name for column in table.c]
    new = select(*(source.c[name] for name in names)).where(~exists().where(_same(table, source, staged.keys)))
    counted = {"preserve_rowcount": True}  # SQLAlchemy asks the driver for an INSERT's count only when told to
    added = connection.execute(insert(table).from_select(names, new), execution_options=counted).rowcount
    return Counts(added, updated + surplus, total - updated - added)


def named(staged: Staged) -> ColumnElement[bool]:
    """Whether a row of the table has its key or group among the staged ones."""
    return exists().where(_same(staged.table, staged.numbered, staged.group))


def unstage(connection: Connection, staged: Sequence[Staged]) -> None:
    """SQLite keeps temporary tables as long as the connection; the next import makes its own."""
    for one in staged:
        for table in dict.fromkeys((one.raw, one.numbered)):
            table.drop(connection)


def _twin(table: Table, name: str, metadata: MetaData, *, with_part: bool) -> Table:
    columns = [Column(c.name, c.type) for c in table.c if with_part or c.name != PART]
    return Table(name, metadata, *columns, prefixes=["TEMPORARY"])


def _number_parts(connection: Connection, staged: Staged) -> None:
    raw = staged.raw
    values = [column for column in raw.c if column.name not in staged.group]
    part = func.row_number().over(partition_by=[raw.c[name] for name in staged.group], order_by=values)
    names = [*(column.name for column in raw.c), PART]
    connection.execute(insert(staged.numbered).from_select(names, select(*raw.c, part)))


def _prepare(connection: Connection, staged: Staged) -> None:
    """What the planner needs to join a million rows with a million others."""
    source = staged.numbered
    Index(f"ix_{source.name}", *(source.c[name] for name in staged.keys)).create(connection)
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ANALYZE {source.name}"))


def _drop_surplus(connection: Connection, staged: Staged) -> int:
    """A group that has fewer rows than before: its last parts go."""
    table, source = staged.table, staged.numbered
    gone = and_(table.c[PART] > 1, named(staged), ~exists().where(_same(table, source, staged.keys)))
    return connection.execute(delete(table).where(gone)).rowcount


def _same(table: Table, source: Table, names: Sequence[str]) -> ColumnElement[bool]:
    return and_(*(table.c[name] == source.c[name] for name in names))
