"""The folder read once, line by line, into the facts that the promises are judged by."""

import base64
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import orjson

from tests.faults.checker.ledger_facts import calls_in
from tests.faults.checker.schema import INDEXES, SCHEMA
from tests.faults.generator.bodies import CANARY
from tests.faults.ledger import lines

#: Steps that a customer is written to about (docs/architecture.md, and the notifier's own words): every decision, every
#: refusal of what was asked, and these.
TOLD_BY_MAIL: Final = frozenset(
    {
        "technician_assigned",
        "en_route",
        "visit_incomplete",
        "repaired",
        "package_received",
        "return_shipped",
        "return_expired",
        "information_needed",
        "cancelled",
        "reopened",
    }
)
_LIVE: Final = frozenset({"queued", "assigned", "accepted", "en_route", "on_site"})

Row = tuple[Any, ...]


@contextmanager
def facts_of(folder: Path) -> Iterator[sqlite3.Connection]:
    """The facts of a run's folder, in a scratch database that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="fixline-checker-") as scratch:
        database = sqlite3.connect(Path(scratch) / "facts.sqlite", isolation_level=None)
        try:
            for setting in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-200000", "temp_store=FILE"):
                database.execute(f"PRAGMA {setting}")
            database.executescript(SCHEMA)
            database.execute("BEGIN")
            _fill(database, folder)
            database.execute("COMMIT")
            database.executescript(INDEXES)
            yield database
        finally:
            database.close()


def _fill(database: sqlite3.Connection, folder: Path) -> None:
    for table, row in calls_in(lines(folder / "ledger.jsonl")):
        _put(database, table, row)
    meant = {value for (value,) in database.execute("SELECT value FROM meant")}
    for topic in ("service-requests", "request-status", "dispatch"):
        for table, row in _records(topic, lines(folder / "topics" / f"{topic}.jsonl"), meant):
            _put(database, table, row)
    for table, rows in _tables(folder).items():
        for row in rows:
            _put(database, table, row)


_INSERTS: dict[tuple[str, int], str] = {}


def _put(database: sqlite3.Connection, table: str, row: Row) -> None:
    key = (table, len(row))
    if key not in _INSERTS:
        _INSERTS[key] = f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})"  # noqa: S608  # our own names
    database.execute(_INSERTS[key], row)


def _records(topic: str, records: Iterable[Mapping[str, Any]], meant: set[str]) -> Iterator[tuple[str, Row]]:
    """A topic's records as facts; what is no event is poison, whoever put it there."""
    last: dict[int, int] = {}
    for record in records:
        place = (record["partition"], record["offset"])
        last[place[0]] = place[1]
        headers = orjson.dumps(record["headers"]).decode()
        event = None if record["value"] in meant else _event(record)
        if event is None:
            yield "poison", (topic, *place, record["key"], headers, record["value"])
            continue
        id_, type_, body = event
        if topic == "service-requests":
            yield "accepted", (id_, body["number"], body["sequence"], type_, *place, body.get("command_id"))
        elif topic == "dispatch":
            yield "dispatched", (id_, body["work_order"], body["version"], body["number"], type_, *place)
        else:
            more = (
                body.get("index"),
                body.get("threshold"),
                body.get("command_id"),
                body["standing"].get("status"),
            )
            yield "told", (id_, body["number"], body["version"], type_, *place, *more)
            for email in _written_to(type_, body):
                yield "owed", (body["number"], body["version"], email)
    for partition, offset in last.items():
        yield "last", (topic, partition, offset)


def _event(record: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]] | None:
    """Id, type and body; None for what is no event."""
    try:
        headers = {name: base64.b64decode(value).decode() for name, value in record["headers"]}
        body = orjson.loads(base64.b64decode(record["value"]))
        return headers["ce_id"], headers["ce_type"], body if isinstance(body, dict) and "number" in body else _no()
    except (ValueError, KeyError, TypeError):
        return None


def _no() -> dict[str, Any]:
    raise ValueError("no body of ours")


def _written_to(type_: str, body: Mapping[str, Any]) -> Iterator[str]:
    if type_ in ("request.decided", "request.command-refused") or (
        type_ != "request.clock-warned" and body["standing"]["milestone"] in TOLD_BY_MAIL
    ):
        for recipient in body["recipients"]:
            yield recipient["email"]


def _tables(folder: Path) -> dict[str, Iterator[Row]]:
    """Every other file, by the table of facts that it fills."""
    routing, notifier = folder / "tables" / "routing", folder / "tables" / "notifier"
    return {
        "stored": (
            (row["number"], row["channel"], mark_in(row["request"].get("text")))
            for row in lines(folder / "tables" / "intake" / "requests.jsonl")
        ),
        "decisions": ((row["number"], row["index"]) for row in lines(routing / "decisions.jsonl")),
        "steps": ((row["subject"], row["version"], row["step"], row["by"]) for row in lines(routing / "steps.jsonl")),
        "timers": (
            (row["id"], row["subject"], row["kind"], row["due_at"], row["fired_at"])
            for row in lines(routing / "timers.jsonl")
        ),
        "work_orders": (
            (row["id"], row["number"], row["version"], row["status"] in _LIVE)
            for row in lines(routing / "work_orders.jsonl")
        ),
        "timeline": (
            (row["number"], row["version"], row["seq"], row["event_id"]) for row in lines(notifier / "timeline.jsonl")
        ),
        "deliveries": (
            (row["message_id"], row["number"], row["version"], row["recipient"]["email"], row["state"])
            for row in lines(notifier / "deliveries.jsonl")
        ),
        "mails": (
            (_bare(row["message_id"]), str(row["to"]), str(row["reply"]).startswith("250"))
            for row in lines(folder / "mails.jsonl")
        ),
        "lines_seen": (
            (position, row["watcher"], row["number"], row["event"], row["id"])
            for position, row in enumerate(lines(folder / "sse.jsonl"))
        ),
        "faults": ((row["fault"], row["target"], row["phase"]) for row in lines(folder / "faults.jsonl")),
        "quarantine": _quarantine(folder),
        "unpublished": _unpublished(folder),
        "lag": (
            (row["group"], row["topic"], row["partition"], row["committed"], row["end"])
            for row in lines(folder / "lag.jsonl")
        ),
        "differences": _differences(folder),
    }


def _quarantine(folder: Path) -> Iterator[Row]:
    for service in ("intake", "routing", "notifier"):
        for row in lines(folder / "tables" / service / "quarantine.jsonl"):
            headers = [[name, base64.b64encode(bytes.fromhex(value)).decode()] for name, value in row["headers"]]
            place = (row["topic"], row["partition"], row["offset"])
            yield (row["consumer"], *place, orjson.dumps(headers).decode(), row["raw"], row["reason"])


def _unpublished(folder: Path) -> Iterator[Row]:
    """Embedded nothing is published: the outbox itself is the log."""
    run = folder / "run.json"
    if run.exists() and orjson.loads(run.read_bytes()).get("mode") == "embedded":
        return
    for service in ("intake", "routing", "notifier"):
        for row in lines(folder / "tables" / service / "outbox.jsonl"):
            if row["published_at"] is None:
                yield service, row["event_id"]


def _differences(folder: Path) -> Iterator[Row]:
    path = folder / "reconcile.json"
    if not path.exists():
        yield "reconcile", "reconcile.json", "missing: it was not run"
        return
    said = orjson.loads(path.read_bytes())
    if "differences" not in said:
        yield "reconcile", "exit", f"{said.get('exit')}: {said.get('said', '')}"
        return
    for one in said["differences"]:
        yield one["service"], one["subject"], f"{one['what']}: expected {one['expected']}, found {one['found']}"


def mark_in(text: str | None) -> str | None:
    """The mark in a request's text."""
    found = CANARY.search(text or "")
    return found[0] if found else None


def _bare(message_id: str) -> str:
    """A Message-ID without brackets and host: the notifier's own id."""
    return message_id.strip().strip("<>").partition("@")[0]
