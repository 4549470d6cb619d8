"""Writing many rows in one statement: the greater part of a batch's cost (docs/performance.md).

PostgreSQL takes all of them as one JSON parameter, by ``json_to_recordset``: an array a column costs a regular expression
an element where the driver quotes it, ten times what writing JSON does. SQLite takes executemany.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Table,
    TextClause,
    TextualSelect,
    any_,
    bindparam,
    literal,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from services.runtime.database import ask, tell

Row = Mapping[str, Any]
Writer = Callable[[Any], Any]


def among(connection: Connection, column: Column[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """``column`` is one of ``values``; on PostgreSQL as one array, so that the statement is the same for any number."""
    if connection.dialect.name == "postgresql":
        return column == any_(literal(sorted(values), ARRAY(column.type)))
    return column.in_(sorted(values))


def members(name: str, *, sqlite: bool) -> str:
    """For a statement that is written out: what makes a column one of a parameter's texts, and lets its index be used."""
    return f"IN ({each(name, sqlite=True)})" if sqlite else f"= ANY(CAST(:{name} AS TEXT[]))"


def each(name: str, *, sqlite: bool) -> str:
    """The parameter's texts, as rows."""
    # S608: a parameter's name of our own
    return f"SELECT value FROM json_each(:{name})" if sqlite else f"SELECT unnest(CAST(:{name} AS TEXT[])) AS value"  # noqa: S608


def as_members(values: Collection[str], *, sqlite: bool) -> list[str] | str:
    """The parameter's value."""
    return orjson.dumps(sorted(values)).decode() if sqlite else sorted(values)


def lock_rows(
    connection: Connection, table: Table, names: tuple[str, ...], keys: Collection[str]
) -> Callable[[], Sequence[Any]]:
    """The columns ``names``, of which the first is the key, of the rows with these keys, in order: whoever else works on them
    waits, or we, and nobody in a circle. On SQLite one writes at a time. The answer as with `database.ask`."""
    sqlite = connection.dialect.name == "sqlite"
    return ask(connection, _locking(table, names, sqlite=sqlite), {"keys": as_members(keys, sqlite=sqlite)})


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row], *, ignore: bool = False) -> None:
    """Insert ``rows``, all with the same columns, in order. ``ignore``: rows that break a unique rule are left out."""
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        tell(connection, _insert(table, names, ignore), {"rows": _as_json(rows)})
        return
    statement, writers = _insert_on_sqlite(table, names, ignore)
    columns = [
        [row[name] for row in rows] if write is None else [write(row[name]) for row in rows]
        for name, write in zip(names, writers, strict=True)
    ]
    connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


def update_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Set every column that ``rows`` name, all the same, where the primary key is the row's."""
    if not rows:
        return
    names = tuple(rows[0])
    keys = tuple(column.name for column in table.primary_key)
    if connection.dialect.name == "postgresql":
        among_them = as_members({row[keys[0]] for row in rows}, sqlite=False)
        tell(connection, _update(table, names, keys), {"rows": _as_json(rows), "keys": among_them})
        return
    where = [table.c[key] == bindparam(f"_{key}") for key in keys]
    changed = update(table).where(*where).values({name: bindparam(name) for name in names if name not in keys})
    connection.execute(changed, [{(f"_{name}" if name in keys else name): row[name] for name in names} for row in rows])


@lru_cache(maxsize=256)
def _locking(table: Table, names: tuple[str, ...], *, sqlite: bool) -> TextualSelect:
    columns, lock = ", ".join(f'"{name}"' for name in names), "" if sqlite else " FOR UPDATE"
    # S608: names come from our own table definitions, values are bound.
    return text(
        f"SELECT {columns} FROM {table.name} WHERE {names[0]} {members('keys', sqlite=sqlite)} ORDER BY {names[0]}{lock}"  # noqa: S608
    ).columns(*(table.c[name] for name in names))


@lru_cache(maxsize=256)
def _insert(table: Table, names: tuple[str, ...], ignore: bool) -> TextClause:
    columns = ", ".join(f'"{name}"' for name in names)
    # S608: names come from our own table definitions, values are bound.
    return text(
        f"INSERT INTO {table.name} ({columns}) SELECT {columns} "  # noqa: S608
        f"FROM {_recordset(table, names)} WITH ORDINALITY AS u({columns}, ordinality) ORDER BY u.ordinality"
        + (" ON CONFLICT DO NOTHING" if ignore else "")
    )


@lru_cache(maxsize=256)
def _insert_on_sqlite(table: Table, names: tuple[str, ...], ignore: bool) -> tuple[str, list[Writer | None]]:
    """The statement, and for each column what its type makes of a value; looked up once, not for each value."""
    columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    dialect = sqlite.dialect()
    writers: list[Writer | None] = [table.c[name].type.bind_processor(dialect) for name in names]
    conflict = " ON CONFLICT DO NOTHING" if ignore else ""
    return f"INSERT INTO {table.name} ({columns}) VALUES ({marks}){conflict}", writers  # noqa: S608  # as above


@lru_cache(maxsize=256)
def _update(table: Table, names: tuple[str, ...], keys: tuple[str, ...]) -> TextClause:
    columns = ", ".join(f'"{name}"' for name in names)
    sets = ", ".join(f'"{name}" = u."{name}"' for name in names if name not in keys)
    where = " AND ".join(f't."{key}" = u."{key}"' for key in keys)
    # The database cannot know how many rows a parameter holds. Told of their keys it uses the index, also in a table that is
    # new to it, which it would read whole. S608: as above
    return text(
        f"UPDATE {table.name} AS t SET {sets} FROM {_recordset(table, names)} AS u({columns}) "  # noqa: S608
        f'WHERE {where} AND t."{keys[0]}" {members("keys", sqlite=False)}'
    )


def _recordset(table: Table, names: tuple[str, ...]) -> str:
    """The rows of the parameter, each column in its table's type."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves the constructor untyped
    typed = ", ".join(f'"{name}" {table.c[name].type.compile(dialect)}' for name in names)
    return f"ROWS FROM (json_to_recordset(CAST(:rows AS JSON)) AS ({typed}))"


def _as_json(rows: Sequence[Row]) -> str:
    return orjson.dumps(rows, default=_as_text).decode()


def _as_text(value: object) -> str:
    """Bytes and amounts as PostgreSQL reads them in text. Raises `TypeError` for what else JSON has no form for."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"no column takes a {type(value).__name__}")
