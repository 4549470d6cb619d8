"""Stage C: stage B embedded. Routing reads intake's SQLite file and writes its own; its outbox is the log, nothing relays."""

import logging
import tempfile
from pathlib import Path

import structlog
from sqlalchemy import insert

from benchmarks import databases, workload
from benchmarks.programs.task import Meter, Task
from schemas.service_requests import RequestAccepted
from services.intake.tables import RUNTIME
from services.routing.app import subscription
from services.routing.decisions import Judge
from services.routing.facts import FactSource
from services.routing.rules.calendars import pin_time_zones
from services.routing.rules.policy import standard_policy
from services.runtime import memory, migrate
from services.runtime.consumer import Processor
from services.runtime.database import open_database
from services.runtime.embedded import EmbeddedConsumer, Source


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    task = Task.given()
    pin_time_zones()
    with tempfile.TemporaryDirectory(prefix="fixline-bench-") as folder:
        routing = databases.routing(f"sqlite:///{folder}/routing.db", task.copies)
        intake = a_log(Path(folder), task.skip + task.count + 1_000, task.copies)
        processor = Processor(routing, subscription(Judge(standard_policy(), FactSource())))
        consumer = EmbeddedConsumer(processor, intake)
        consumer.check_cursor()
        memory.settle()
        meter = Meter(task)
        while True:
            meter.add(consumer.drain())


def a_log(folder: Path, count: int, copies: int) -> Source:
    """Intake's file with a backlog in its outbox."""
    database = open_database(f"sqlite:///{folder}/intake.db")
    migrate.upgrade(database, "intake")
    rows = [
        {
            "event_id": (dict(headers)["ce_id"] or b"").decode(),
            "topic": RequestAccepted.TOPIC,
            "key": key.decode(),
            "type": RequestAccepted.TYPE,
            "subject": key.decode(),
            "ordinal": 0,
            "headers": [[name, (value or b"").decode()] for name, value in headers],
            "body": body,
            "created_at": workload.RECEIVED_AT,
        }
        for key, headers, body in workload.events(count, copies)
    ]
    with database.transaction() as connection:
        connection.execute(insert(RUNTIME.outbox), rows)
    return Source("intake", database, RUNTIME)


main()
