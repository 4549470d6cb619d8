"""Writing many rows in one statement: the greater part of a batch's cost (docs/performance.md).

PostgreSQL takes ``INSERT … SELECT FROM unnest(…)`` and ``UPDATE … FROM unnest(…)``, a third cheaper than executemany;
SQLite takes executemany.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Table, TextClause, bindparam, insert, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from services.runtime.types import JsonType

Row = Mapping[str, Any]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row], *, ignore: bool = False) -> None:
    """Insert ``rows``, all with the same columns, in order. ``ignore``: rows that break a unique rule are left out."""
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        statement = _unnest(table, names, ignore)
        connection.execute(statement, {name: _column(table.c[name], rows) for name in names})
    elif ignore:
        connection.execute(sqlite_insert(table).on_conflict_do_nothing(), list(rows))
    else:
        connection.execute(insert(table), list(rows))


def update_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Set every column that ``rows`` name, all the same, where the primary key is the row's."""
    if not rows:
        return
    names = tuple(rows[0])
    keys = tuple(column.name for column in table.primary_key)
    if connection.dialect.name == "postgresql":
        statement = _unnest_update(table, names, keys)
        connection.execute(statement, {name: _column(table.c[name], rows) for name in names})
        return
    where = [table.c[key] == bindparam(f"_{key}") for key in keys]
    changed = update(table).where(*where).values({name: bindparam(name) for name in names if name not in keys})
    connection.execute(changed, [{(f"_{name}" if name in keys else name): row[name] for name in names} for row in rows])


@lru_cache(maxsize=256)
def _unnest(table: Table, names: tuple[str, ...], ignore: bool) -> TextClause:
    arrays, picks = _sent(table, names)
    columns = ", ".join(f'"{name}"' for name in names)
    # S608: names come from our own table definitions, values are bound.
    return text(
        f"INSERT INTO {table.name} ({columns}) SELECT {', '.join(picks)} "  # noqa: S608
        f"FROM unnest({', '.join(arrays)}) WITH ORDINALITY AS u({columns}, ordinality) ORDER BY u.ordinality"
        + (" ON CONFLICT DO NOTHING" if ignore else "")
    )


@lru_cache(maxsize=256)
def _unnest_update(table: Table, names: tuple[str, ...], keys: tuple[str, ...]) -> TextClause:
    arrays, picks = _sent(table, names)
    columns = ", ".join(f'"{name}"' for name in names)
    sets = ", ".join(f'"{name}" = {pick}' for name, pick in zip(names, picks, strict=True) if name not in keys)
    where = " AND ".join(f't."{key}" = u."{key}"' for key in keys)
    # S608: names come from our own table definitions, values are bound.
    return text(f"UPDATE {table.name} AS t SET {sets} FROM unnest({', '.join(arrays)}) AS u({columns}) WHERE {where}")  # noqa: S608


def _sent(table: Table, names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Each column as an array parameter, and how it is picked from the unnested rows. JSON travels as text."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves the constructor untyped
    arrays, picks = [], []
    for name in names:
        sql = table.c[name].type.compile(dialect)
        arrays.append(f"CAST(:{name} AS {'TEXT' if sql == 'JSONB' else sql}[])")
        picks.append(f'CAST(u."{name}" AS JSONB)' if sql == "JSONB" else f'u."{name}"')
    return arrays, picks


def _column(column: Column[Any], rows: Sequence[Row]) -> list[Any]:
    values = [row[column.name] for row in rows]
    if isinstance(column.type, JsonType):
        return [None if value is None else orjson.dumps(value).decode() for value in values]
    return values
