"""What a run left behind, copied into its folder once all is at rest: topics, tables, offsets, reconcile (FORMAT.md).

Copied, not judged. Everything is streamed: a long campaign's folder is larger than the memory.
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import orjson
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition  # type: ignore[import-untyped]  # kafka-python ships no types
from sqlalchemy import Table, func, select

from schemas.topics import TOPICS
from services.runtime.database import Database, open_database
from services.runtime.tables import RuntimeTables
from services.stack import SERVICES

KAFKA: Final = "kafka"
EMBEDDED: Final = "embedded"

#: Secrets, half-filled forms, counters, contract data and the inbox prove nothing from outside.
_TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "intake": ("requests", "idempotency"),
    "routing": ("requests", "decisions", "work_orders", "returns", "cases", "steps", "timers"),
    "notifier": ("requests", "timeline", "deliveries"),
}
_RUNTIME: Final = ("outbox", "quarantine", "cursor")
#: The topics' dump has the bodies; a decision's evidence is long and judged elsewhere.
_LEFT_OUT: Final = {"outbox": {"headers", "body"}, "decisions": {"evidence", "request"}}
#: Rows fetched at once.
_PORTION: Final = 2_000


def collect(folder: Path, mode: str, urls: Mapping[str, str], bootstrap: str | None) -> None:
    """Copy the evidence of a run that is at rest. `urls`: each service's database; `bootstrap`: of the broker, or None."""
    databases = {name: open_database(urls[name], pool_size=2) for name in SERVICES}
    try:
        for service, database in databases.items():
            _tables(folder / "tables" / service, service, database)
        if mode == KAFKA:
            assert bootstrap is not None
            for topic in TOPICS:
                _write(folder / "topics" / f"{topic.name}.jsonl", _records(bootstrap, topic.name, topic.partitions))
            _write(folder / "lag.jsonl", _lag_on_kafka(bootstrap))
        else:
            for topic in TOPICS:
                _write(
                    folder / "topics" / f"{topic.name}.jsonl", _rows_as_records(databases[topic.producer], topic.name)
                )
            _write(folder / "lag.jsonl", _lag_of_cursors(databases))
    finally:
        for database in databases.values():
            database.close()
    (folder / "reconcile.json").write_text(json.dumps(_reconcile(mode, urls), indent=1) + "\n", encoding="utf-8")


def _tables(folder: Path, service: str, database: Database) -> None:
    metadata = import_module(f"services.{service}.tables").METADATA
    for name in (*_TABLES[service], *_RUNTIME):
        _write(folder / f"{name}.jsonl", _rows(database, metadata.tables[name]))


def _rows(database: Database, table: Table) -> Iterator[dict[str, Any]]:
    left_out = _LEFT_OUT.get(table.name, set())
    columns = [column for column in table.c if column.name not in left_out]
    with database.reading(at_leisure=True) as connection:
        query = select(*columns).order_by(*table.primary_key.columns)
        streamed = connection.execution_options(yield_per=_PORTION).execute(query)
        for row in streamed.mappings():
            yield dict(row)


def _records(bootstrap: str, name: str, partitions: int) -> Iterator[dict[str, Any]]:
    """All of a topic, by a consumer that knows nothing of ours."""
    reader = KafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        max_poll_records=_PORTION,
    )
    try:
        parts = [TopicPartition(name, number) for number in range(partitions)]
        reader.assign(parts)
        reader.seek_to_beginning(*parts)
        ends = reader.end_offsets(parts)
        while any(reader.position(part) < ends[part] for part in parts):
            for records in reader.poll(timeout_ms=500).values():
                for record in records:
                    yield {
                        "partition": record.partition,
                        "offset": record.offset,
                        "key": record.key,
                        "headers": [[name, value] for name, value in record.headers],
                        "value": record.value,
                    }
    finally:
        reader.close()


def _rows_as_records(database: Database, name: str) -> Iterator[dict[str, Any]]:
    """Embedded, the outbox is the log."""
    outbox = _runtime_tables("intake" if name == "service-requests" else "routing").outbox
    with database.reading(at_leisure=True) as connection:
        query = select(outbox).where(outbox.c.topic == name).order_by(outbox.c.id)
        for row in connection.execution_options(yield_per=_PORTION).execute(query).mappings():
            yield {
                "partition": 0,
                "offset": row["id"],
                "key": row["key"].encode(),
                "headers": [[header, value.encode()] for header, value in row["headers"]],
                "value": row["body"],
            }


def _lag_on_kafka(bootstrap: str) -> Iterator[dict[str, Any]]:
    """Where each consumer group stands, and where each partition ends."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    reader = KafkaConsumer(bootstrap_servers=bootstrap, group_id=None)
    try:
        for topic in TOPICS:
            parts = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
            ends = reader.end_offsets(parts)
            for consumer in topic.consumers:
                group = f"fixline-{consumer}"
                found = admin.list_group_offsets({group: parts})[group]
                for part in parts:
                    committed = found[part].offset if part in found else -1
                    place = {"topic": part.topic, "partition": part.partition}
                    yield {"group": group, **place, "committed": committed, "end": ends[part]}
    finally:
        reader.close()
        admin.close()


def _lag_of_cursors(databases: Mapping[str, Database]) -> Iterator[dict[str, Any]]:
    """Embedded: where each cursor stands in the log that it reads."""
    for service in SERVICES:
        cursor = _runtime_tables(service).cursor
        with databases[service].reading() as connection:
            rows = connection.execute(select(cursor)).mappings().all()
        for row in rows:
            place = {"topic": row["log"], "partition": 0}
            end = _end_for(databases[row["log"]], row["log"], row["consumer"])
            yield {"group": row["consumer"], **place, "committed": row["position"], "end": end}


def _end_for(database: Database, log: str, consumer: str) -> int:
    """The last of a log that this consumer reads; what others read lies between."""
    outbox = _runtime_tables(log).outbox.c
    read = [topic.name for topic in TOPICS if topic.producer == log and consumer in topic.consumers]
    with database.reading(at_leisure=True) as connection:
        found = connection.execute(select(func.max(outbox.id)).where(outbox.topic.in_(read))).scalar_one()
    return int(found or 0)


def _runtime_tables(service: str) -> RuntimeTables:
    found: RuntimeTables = import_module(f"services.{service}.tables").RUNTIME
    return found


def _reconcile(mode: str, urls: Mapping[str, str]) -> dict[str, Any]:
    """What `fixline reconcile` says, run as an operator would."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FIXLINE_")}
    command = [sys.executable, "-m", "services.cli", "reconcile", "--patience", "2", "--json"]
    if mode == KAFKA:
        environment |= {f"FIXLINE_{name.upper()}_DATABASE_URL": urls[name] for name in SERVICES}
    else:
        command += ["--data-dir", str(Path(urls["intake"].removeprefix("sqlite:///")).parent)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1800, check=False)
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {"exit": done.returncode, "said": done.stderr[-2000:]}
    return {"exit": done.returncode, **found}


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        for row in rows:
            # SQLAlchemy's column names are not quite str.
            out.write(orjson.dumps(_plain(row), default=_text, option=orjson.OPT_NON_STR_KEYS) + b"\n")


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _encoded(value) for name, value in row.items()}


def _encoded(value: Any) -> Any:
    """Bytes become base64, also in headers."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list):
        return [_encoded(one) for one in value]
    return value


def _text(value: Any) -> str:
    """What JSON has no form for."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)
