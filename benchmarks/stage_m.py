"""Stage M: what one request leaves behind: bytes in the databases and on the broker. The cost model's other half (docs/growth.md)."""

from typing import Any, Final
from uuid import uuid4

from sqlalchemy import select, text

from benchmarks import databases, workload
from benchmarks.measure import fixed_work
from benchmarks.stage import Found, Setting
from schemas.service_requests import RequestAccepted
from services.intake.admission import Admitted
from services.intake.committer import Committer, Submission
from services.intake.tables import METADATA as INTAKE
from services.intake.tables import RUNTIME as INTAKE_RUNTIME
from services.routing.app import subscription
from services.routing.decisions import Judge
from services.routing.facts import FactSource
from services.routing.rules.policy import standard_policy
from services.routing.tables import METADATA as ROUTING
from services.runtime import migrate
from services.runtime.clock import DatabaseClock
from services.runtime.consumer import Processor
from services.runtime.database import open_database
from services.runtime.log import Record
from services.runtime.tables import RuntimeTables
from services.runtime.work import Workshop

_REQUESTS: Final = 2_000
#: Contract data is there before any request.
_FIXED: Final = frozenset(
    {"customers", "sites", "contracts", "items", "entitlements", "territories", "depots", "closures", "generation"}
)


def measure(setting: Setting) -> Found:
    """Accept and decide two thousand requests and weigh what is there then, indexes and all."""
    setting.noise.append(fixed_work())
    records = [
        Record(RequestAccepted.TOPIC, 0, at, *one)
        for at, one in enumerate(workload.events(_REQUESTS, setting.size.copies))
    ]
    intake = _intake(setting.servers.postgres.new_database(), records)
    routing = databases.routing(setting.servers.postgres.new_database(), setting.size.copies)
    processor = Processor(routing, subscription(Judge(standard_policy(), FactSource())))
    for at in range(0, _REQUESTS, 500):
        processor.process(records[at : at + 500])
    figures: dict[str, dict[str, float]] = {
        "intake: bytes in the database a request": _weighed(intake, list(INTAKE.tables)),
        "routing: bytes in the database a request": _weighed(
            routing, [one for one in ROUTING.tables if one not in _FIXED]
        ),
        "bytes on the broker a request, before compression and replicas": {
            **_on_the_broker(intake, INTAKE_RUNTIME),
            **_on_the_broker(routing, processor.workshop.tables),
        },
    }
    intake.database.close()
    routing.database.close()
    return Found(figures)


def _intake(url: str, records: list[Record]) -> Workshop:
    """Intake's database after its committer took the same requests in groups of 50."""
    workshop = Workshop("intake", open_database(url), INTAKE_RUNTIME, DatabaseClock())
    migrate.upgrade(workshop.database, "intake")
    committer = Committer(workshop)
    accepted = [RequestAccepted.model_validate_json(record.value or b"") for record in records]
    asked = [Submission(Admitted(one.request, one.submitter, one.channel), None, str(uuid4())) for one in accepted]
    for at in range(0, len(asked), 50):
        committer.commit(asked[at : at + 50])
    return workshop


def _weighed(workshop: Workshop, tables: list[str]) -> dict[str, float]:
    with workshop.database.transaction() as connection:
        weights = {
            table: connection.execute(text("SELECT pg_total_relation_size(CAST(:name AS regclass))"), {"name": table})
            for table in sorted(tables)
        }
        each = {table: round(weight.scalar_one() / _REQUESTS) for table, weight in weights.items()}
    kept: dict[str, Any] = {table: weight for table, weight in each.items() if weight > 20}
    return {**kept, "all": sum(kept.values())}


def _on_the_broker(workshop: Workshop, tables: RuntimeTables) -> dict[str, float]:
    """Key, headers and value by topic."""
    outbox = tables.outbox
    with workshop.database.reading() as connection:
        rows = connection.execute(select(outbox.c.topic, outbox.c.key, outbox.c.headers, outbox.c.body)).all()
    found: dict[str, float] = {}
    for row in rows:
        size = len(row.key) + len(row.body) + sum(len(name) + len(value) for name, value in row.headers)
        found[row.topic] = found.get(row.topic, 0) + size / _REQUESTS
    return {topic: round(size) for topic, size in found.items()}
