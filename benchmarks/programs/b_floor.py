"""Stage B, the floor: confluent-kafka and psycopg, the same look-ups and SQL effects by hand, a relay beside it.

`unnest` sends an array a column, `executemany` a row at a time in a pipeline, `json` all rows as one value; the best is
the floor. No quarantine, no retries, no parking: what it saves is the same, what it survives is not.
"""

import sys
import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC
from functools import cache
from typing import Any, Final

import orjson
import psycopg
from confluent_kafka import Consumer, Producer
from sqlalchemy.dialects import postgresql

from benchmarks.programs.effects import Row, Rows, effects
from benchmarks.programs.lookups import TABLES, Reference, columns, load
from benchmarks.programs.outbox import Companion, address, drained
from benchmarks.programs.task import Meter, Task
from schemas.envelope import Envelope, decode
from schemas.service_requests import RequestAccepted
from services.routing.decide import decide
from services.routing.rules.book import Closure, Depot, Territory
from services.routing.rules.calendars import pin_time_zones
from services.routing.rules.policy import standard_policy
from services.routing.tables import METADATA
from services.runtime import memory

ROUND: Final = 500


def work(task: Task, way: str) -> None:
    """Batches of 500: look up, decide, write, commit, then the offsets; each is waited for."""
    companion = Companion([sys.executable, "-m", f"benchmarks.programs.b_floor_{way}", sys.argv[1], "--relay"])
    meter = Meter(task, settle=lambda: drained(task.database), companions=[companion])
    write, policy = WAYS[way], standard_policy()
    consumer = Consumer(
        {
            "bootstrap.servers": task.bootstrap,
            "group.id": task.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([task.topic])
    with psycopg.connect(address(task.database), prepare_threshold=0) as connection:
        known = reference(connection)
        connection.commit()
        memory.settle()
        while True:
            messages = consumer.consume(ROUND, timeout=1.0)
            if not messages:
                continue
            events = [(decode(one.headers()), RequestAccepted.model_validate_json(one.value())) for one in messages]
            apply(connection, events, known, policy, write)
            connection.commit()
            consumer.commit(asynchronous=False)
            memory.sweep()
            meter.add(len(messages))


def apply(
    connection: psycopg.Connection[Any],
    events: Sequence[tuple[Envelope, RequestAccepted]],
    reference: Reference,
    policy: Any,
    write: "Write",
) -> None:
    """One batch, but for its commit."""
    with connection.cursor() as cursor:
        now = cursor.execute("SELECT transaction_timestamp()").fetchone()[0].astimezone(UTC)  # type: ignore[index]  # a row
        cursor.execute(
            "INSERT INTO inbox (consumer, event_id, received_at) SELECT 'routing', id, %s FROM unnest(%s::text[]) AS id"
            " ORDER BY id ON CONFLICT DO NOTHING RETURNING event_id",
            (now, [envelope.id for envelope, _ in events]),
        )
        fresh = {id_ for (id_,) in cursor}

        def fetch(kind: type, column: str, values: Collection[str]) -> list[tuple[Any, ...]]:
            query = f'SELECT {columns(kind)} FROM {TABLES[kind]} WHERE "{column}" = ANY(%s)'  # noqa: S608  # our names
            return cursor.execute(query, (list(values),)).fetchall()

        book = load(fetch, reference.areas, [accepted for _, accepted in events])
        rows: Rows = {}
        for envelope, accepted in events:
            if envelope.id in fresh:
                decided = decide(
                    accepted.request,
                    book,
                    policy,
                    received_at=accepted.received_at,
                    channel=accepted.channel,
                    ref=accepted.request.external_id,
                )
                made, told = effects(accepted, envelope, decided, book, reference.depots, policy, now)
                for table, theirs in made.items():
                    rows.setdefault(table, []).extend(theirs)
                rows.setdefault("outbox", []).extend({**one.row, "body": orjson.dumps(one.body)} for one in told)
        for table, theirs in rows.items():
            write(cursor, table, theirs)
        cursor.execute("SELECT pg_notify('fixline_outbox', '')")


def reference(connection: psycopg.Connection[Any]) -> Reference:
    def whole(kind: type) -> list[tuple[Any, ...]]:
        return connection.execute(f"SELECT {columns(kind)} FROM {TABLES[kind]}").fetchall()  # noqa: S608  # our names

    return Reference.of(whole(Territory), whole(Depot), whole(Closure))


def relay(task: Task) -> None:
    """Unpublished rows, 500 at a time: produce, flush, mark."""
    producer = Producer(
        {"bootstrap.servers": task.bootstrap, "acks": "all", "enable.idempotence": True, "linger.ms": 0}
    )
    with psycopg.connect(address(task.database), autocommit=True) as connection:
        while True:
            rows = connection.execute(
                "SELECT id, topic, key, headers, body FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT %s",
                (ROUND,),
            ).fetchall()
            for _, topic, key, headers, body in rows:
                producer.produce(topic, body, key, headers=[(name, value) for name, value in headers])
            producer.flush()
            ids = [row[0] for row in rows]
            connection.execute("UPDATE outbox SET published_at = now() WHERE id = ANY(%s)", (ids,))
            if not rows:
                time.sleep(0.02)


# ---- writing rows

Write = Callable[[psycopg.Cursor[Any], str, Sequence[Row]], None]


def _by_unnest(cursor: psycopg.Cursor[Any], table: str, rows: Sequence[Row]) -> None:
    types = _types(table, tuple(rows[0]))
    listed = ", ".join(f'"{name}"' for name in types)
    arrays = ", ".join(f"%s::{'text' if type_ == 'JSONB' else type_}[]" for type_ in types.values())
    picks = ", ".join(f'u."{name}"::{type_}' for name, type_ in types.items())
    query = f"INSERT INTO {table} ({listed}) SELECT {picks} FROM unnest({arrays}) AS u({listed})"  # noqa: S608  # our names
    cursor.execute(query.encode(), [[_sent(type_, row[name]) for row in rows] for name, type_ in types.items()])


def _by_executemany(cursor: psycopg.Cursor[Any], table: str, rows: Sequence[Row]) -> None:
    types = _types(table, tuple(rows[0]))
    listed, places = ", ".join(f'"{name}"' for name in types), ", ".join(["%s"] * len(types))
    query = f"INSERT INTO {table} ({listed}) VALUES ({places})"  # noqa: S608  # our names
    cursor.executemany(query.encode(), [[_sent(type_, row[name]) for name, type_ in types.items()] for row in rows])


def _by_json(cursor: psycopg.Cursor[Any], table: str, rows: Sequence[Row]) -> None:
    types = _types(table, tuple(rows[0]))
    listed, typed = ", ".join(f'"{name}"' for name in types), ", ".join(f'"{n}" {type_}' for n, type_ in types.items())
    query = f"INSERT INTO {table} ({listed}) SELECT {listed} FROM json_to_recordset(%s::json) AS u({typed})"  # noqa: S608  # our names
    cursor.execute(query.encode(), [orjson.dumps(rows, default=lambda value: f"\\x{value.hex()}").decode()])


WAYS: Final[dict[str, Write]] = {"unnest": _by_unnest, "executemany": _by_executemany, "json": _by_json}


def _sent(type_: str, value: Any) -> Any:
    return orjson.dumps(value).decode() if type_ == "JSONB" and value is not None else value


@cache
def _types(table: str, names: tuple[str, ...]) -> dict[str, str]:
    """Each column's type in PostgreSQL."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves the constructor untyped
    return {name: METADATA.tables[table].c[name].type.compile(dialect) for name in names}


def main(way: str) -> None:
    task = Task.given()
    pin_time_zones()
    relay(task) if "--relay" in sys.argv else work(task, way)
