"""Nobody is fast by doing less: what the floor and the usual way save is held against what Fixline saves, row by row."""

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, RowMapping, select

from benchmarks import databases, workload
from benchmarks.programs import b_floor
from benchmarks.programs.outbox import address
from benchmarks.programs.usual import Usual
from schemas.envelope import Envelope, decode
from schemas.service_requests import RequestAccepted
from services.routing.app import subscription
from services.routing.decisions import Judge
from services.routing.facts import FactSource
from services.routing.rules.policy import standard_policy
from services.routing.tables import METADATA
from services.runtime.consumer import Processor
from services.runtime.log import Record
from services.runtime.work import Workshop
from tests.servers import Postgres

_EVENTS, _COPIES = 120, 2
_TABLES: Final = ("requests", "decisions", "work_orders", "returns", "cases", "timers", "inbox", "outbox")
#: When it was done, which is never the same; and numbers that the database gives.
_WHEN: Final = frozenset(
    {"created_at", "updated_at", "decided_at", "opened_at", "happened_at", "issued_at", "received_at", "published_at"}
)

Saved = dict[str, list[str]]
Events = list[tuple[Envelope, RequestAccepted]]


class NotTheSame(Exception):
    """A program of stage B saves something else than Fixline; names the table and the first row of each that differ."""


def check(postgres: Postgres) -> None:
    """Raises `NotTheSame`."""
    sent = list(workload.events(_EVENTS, _COPIES))
    records = [Record(RequestAccepted.TOPIC, 0, at, *one) for at, one in enumerate(sent)]
    events = [(decode(headers), RequestAccepted.model_validate_json(body)) for _, headers, body in sent]
    ours = _saved(postgres, lambda workshop, _url: _processor(workshop).process(records))
    for way in b_floor.WAYS:
        _compare(way, ours, _saved(postgres, lambda _workshop, url, way=way: _floor(way, url, events)))  # type: ignore[misc]  # the default binds the loop's own
    usual = _saved(postgres, lambda _workshop, url: asyncio.run(_usual(url, events)))
    _compare("usual", ours, {**usual, "outbox": ours["outbox"]})  # it has none


def _processor(workshop: Workshop) -> Processor:
    return Processor(workshop, subscription(Judge(standard_policy(), FactSource())))


def _floor(way: str, url: str, events: Events) -> None:
    with psycopg.connect(address(url)) as connection:
        reference = b_floor.reference(connection)
        b_floor.apply(connection, events, reference, standard_policy(), b_floor.WAYS[way])


async def _usual(url: str, events: Events) -> None:
    usual = Usual.on(url)
    for envelope, accepted in events:
        await usual.apply(envelope, accepted)


def _compare(way: str, ours: Saved, theirs: Saved) -> None:
    for table in _TABLES:
        for our, their in zip(ours[table], theirs[table], strict=False):
            if our != their:
                raise NotTheSame(f"{way}, {table}:\n{our}\n{their}")
        if len(ours[table]) != len(theirs[table]):
            raise NotTheSame(f"{way}, {table}: {len(ours[table])} rows here, {len(theirs[table])} there")


def _saved(postgres: Postgres, apply: Callable[[Workshop, str], None]) -> Saved:
    url = postgres.new_database()
    workshop = databases.routing(url, _COPIES)
    try:
        apply(workshop, url)
        with workshop.database.reading() as connection:
            return {table: sorted(_plain(table, dict(row)) for row in _rows(connection, table)) for table in _TABLES}
    finally:
        workshop.database.close()


def _rows(connection: Connection, table: str) -> Iterable[RowMapping]:
    return connection.execute(select(METADATA.tables[table])).mappings()


def _plain(table: str, row: dict[str, Any]) -> str:
    kept = {name: value for name, value in row.items() if name not in _WHEN}
    if table in ("timers", "outbox"):
        del kept["id"]
    if table == "timers" and row["kind"] == "expiry":
        del kept["due_at"]  # counted from now
    if table == "outbox":
        kept["body"] = {name: value for name, value in json.loads(bytes(row["body"])).items() if name != "occurred_at"}
        kept["headers"] = [header for header in row["headers"] if header[0] != "ce_time"]
    return json.dumps(kept, default=str, sort_keys=True)
