"""A unit of work goes to PostgreSQL in few trips: at a few hundred requests a second these are what a request waits for
(docs/decisions/0020-few-trips-a-batch.md)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.pq import PipelineStatus
from sqlalchemy import text

from schemas.request import parse_request
from schemas.service_requests import Submitter
from schemas.vocabulary import Channel
from services.intake.admission import Admitted
from services.intake.committer import Committer, Submission
from services.intake.tables import RUNTIME as INTAKE
from services.notifier.app import subscription as what_the_notifier_reads
from services.notifier.tables import RUNTIME as NOTIFIER
from services.routing.app import subscription as what_routing_reads
from services.routing.decisions import Judge
from services.routing.facts import FactSource
from services.routing.imports import import_rows
from services.routing.rules.calendars import pin_time_zones
from services.routing.rules.policy import standard_policy
from services.routing.tables import RUNTIME as ROUTING
from services.runtime import migrate
from services.runtime.clock import DatabaseClock
from services.runtime.consumer import Processor
from services.runtime.database import open_database
from services.runtime.log import Record
from services.runtime.tables import RuntimeTables
from services.runtime.work import Workshop
from tests.builders import a_number, a_record, a_request
from tests.service.routing.harness import a_provider, covered

pytestmark = pytest.mark.postgres


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is sent and waited for: each block of statements that goes in one go, and each statement outside of one."""
    seen: list[str] = []
    pipeline, execute, commit = psycopg.Connection.pipeline, psycopg.Cursor.execute, psycopg.Connection.commit

    def is_alone(connection: Any) -> bool:
        return bool(connection.pgconn.pipeline_status == PipelineStatus.OFF)

    @contextmanager
    def counted(connection: Any) -> Iterator[Any]:
        if is_alone(connection):
            seen.append("together")
        with pipeline(connection) as block:
            yield block

    def executed(cursor: Any, query: Any, *given: Any, **more: Any) -> Any:
        if is_alone(cursor.connection):
            seen.append(str(query))
        return execute(cursor, query, *given, **more)

    def committed(connection: Any) -> None:
        if is_alone(connection) and connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            seen.append("COMMIT")
        commit(connection)

    monkeypatch.setattr(psycopg.Connection, "pipeline", counted)
    monkeypatch.setattr(psycopg.Cursor, "execute", executed)
    monkeypatch.setattr(psycopg.Connection, "commit", committed)
    return seen


@contextmanager
def a_workshop(url: str, service: str, tables: RuntimeTables) -> Iterator[Workshop]:
    database = open_database(url)
    migrate.upgrade(database, service)
    yield Workshop(service, database, tables, DatabaseClock())
    database.close()


def acceptances(numbers: Sequence[int]) -> list[Record]:
    return [a_record(covered(a_number(n)), offset=n) for n in numbers]


def test_routing_decides_a_batch_in_two(postgres: str, trips: list[str]) -> None:
    """What must be known first, with BEGIN; and all that is written, with COMMIT."""
    pin_time_zones()
    with a_workshop(postgres, "routing", ROUTING) as workshop:
        with workshop.begin(origin=str(uuid4())) as work:
            import_rows(work, a_provider())
        processor = Processor(workshop, what_routing_reads(Judge(standard_policy(), FactSource())))
        processor.process(acceptances([1, 2]))  # the areas and the model are known from here on
        trips.clear()
        processor.process(acceptances([3, 4, 5]))
    assert trips == ["together"] * 2


def test_the_notifier_takes_a_batch_in_three(postgres: str, trips: list[str]) -> None:
    """Between the two it makes the requests' rows, where there are none yet."""
    with a_workshop(postgres, "notifier", NOTIFIER) as workshop:
        processor = Processor(workshop, what_the_notifier_reads())
        trips.clear()
        processor.process(acceptances([1, 2, 3]))
    assert trips == ["together"] * 3


def test_intake_accepts_a_group_in_two(postgres: str, trips: list[str]) -> None:
    """The clock, with BEGIN; and the requests and their events, with COMMIT."""
    with a_workshop(postgres, "intake", INTAKE) as workshop:
        group = [
            Submission(
                Admitted(parse_request(a_request()), Submitter(type="anonymous"), Channel.API), None, str(uuid4())
            )
            for _ in range(3)
        ]
        trips.clear()
        Committer(workshop).commit(group)
        assert len({one.answer.result(0).number for one in group}) == 3
    assert trips == ["together"] * 2


def test_a_new_table_is_read_by_its_index(postgres: str) -> None:
    """A statement prepared while it is empty keeps its plan until the first ANALYZE, however fast the table grows."""
    with a_workshop(postgres, "routing", ROUTING) as workshop, workshop.database.transaction() as connection:
        connection.execute(text("SET LOCAL plan_cache_mode = force_generic_plan"))
        connection.execute(
            text("PREPARE lock(TEXT[]) AS SELECT number FROM requests WHERE number = ANY($1) FOR UPDATE")
        )
        plan = "\n".join(connection.execute(text("EXPLAIN EXECUTE lock('{1}')")).scalars())
    assert "Index" in plan
    assert "Seq Scan" not in plan
