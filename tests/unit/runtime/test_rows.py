"""Rows as PostgreSQL takes them: one JSON parameter, of any type that a column has."""

import sqlite3
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Column, Date, Integer, LargeBinary, MetaData, Table, Text

from schemas.vocabulary import Kind
from services.runtime import rows
from services.runtime.types import InstantType, JsonType
from tests.builders import MONDAY


def test_a_row_travels_as_json_with_instants_words_and_bytes() -> None:
    """Bytes as PostgreSQL reads them in text; words by their value; JSON within JSON, not as text in it."""
    given = {
        "at": MONDAY,
        "on": date(2026, 11, 23),
        "kind": Kind.REPAIR,
        "raw": b"\x00\xff",
        "json": {"a": [None, 1.5]},
    }
    expected = '[{"at":"2026-11-23T15:00:00+00:00","on":"2026-11-23","kind":"repair","raw":"\\\\x00ff","json":{"a":[null,1.5]}}]'
    assert rows._as_json([given]) == expected


def test_a_value_that_no_column_takes_is_refused() -> None:
    with pytest.raises(TypeError):
        rows._as_json([{"at": object()}])


def test_the_statement_names_each_column_with_its_type_and_keeps_the_order() -> None:
    table = Table(
        "things",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("at", InstantType),
        Column("on", Date),
        Column("said", JsonType),
        Column("raw", LargeBinary),
        Column("name", Text),
    )
    assert str(rows._insert(table, ("at", "said", "raw"), ignore=True)) == (
        'INSERT INTO things ("at", "said", "raw") SELECT "at", "said", "raw" FROM ROWS FROM (json_to_recordset('
        'CAST(:rows AS JSON)) AS ("at" TIMESTAMP WITH TIME ZONE, "said" JSONB, "raw" BYTEA)) WITH ORDINALITY AS '
        'u("at", "said", "raw", ordinality) ORDER BY u.ordinality ON CONFLICT DO NOTHING'
    )


def test_an_instant_on_sqlite_is_text_whose_order_is_times() -> None:
    """Also where one has microseconds and the other none, and whatever the offset they came with."""
    instants = [datetime(2026, 11, 23, 15, tzinfo=UTC), datetime(2026, 11, 23, 15, 0, 0, 1, tzinfo=UTC), MONDAY]
    dialect = type("Sqlite", (), {"name": "sqlite", "paramstyle": sqlite3.paramstyle})()
    kept = [InstantType().process_bind_param(one, dialect) for one in instants]
    assert kept[:2] == ["2026-11-23T15:00:00.000000Z", "2026-11-23T15:00:00.000001Z"]
    assert [InstantType().process_result_value(one, dialect) for one in kept] == instants
