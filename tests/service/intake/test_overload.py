"""What cannot be done in time is turned away before it is tried; what was accepted stays accepted (docs/operations.md)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import event, update

from schemas.vocabulary import Scope
from services.intake.backlog import Backlog
from services.intake.bulk import PORTION, PORTIONS, Uploads
from services.intake.committer import MOST_WAITING, Accepted, Committer
from services.intake.tables import RUNTIME
from services.runtime.errors import Unavailable
from tests.builders import a_request
from tests.service.intake.harness import Intake, embedded, on_postgres, running
from tests.service.intake.test_accepting import a_submission


def refused_so_far(channel: str, reason: str) -> float:
    labels = {"channel": channel, "reason": reason}
    return REGISTRY.get_sample_value("fixline_requests_refused_total", labels) or 0.0


@contextmanager
def full(intake: Intake) -> Iterator[None]:
    """Every connection may use the pages there are, and no more."""
    engine = intake.workshop.database.engine
    with intake.workshop.database.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def limit(connection: object, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")  # type: ignore[attr-defined]  # a DBAPI connection

    event.listen(engine, "checkout", limit)
    try:
        yield
    finally:
        event.remove(engine, "checkout", limit)
        engine.dispose()


def test_one_that_has_waited_too_long_is_refused_untried(intake: Intake) -> None:
    """Its caller is about to give up; its neighbour that came just now is accepted."""
    committer = Committer(intake.workshop, patience=5)
    late, fresh = a_submission(), a_submission()
    object.__setattr__(late, "since", time.monotonic() - 6)
    committer.commit([late, fresh])
    refusal = late.answer.exception(timeout=1)
    assert isinstance(refusal, Unavailable)
    assert (refusal.code, refusal.retry_after) == ("overloaded", 5)
    assert isinstance(fresh.answer.result(timeout=1), Accepted)
    assert len(intake.requests()) == 1


@pytest.mark.postgres
def test_an_outbox_too_far_ahead_of_kafka_takes_no_more(emptied: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 with Retry-After and nothing stored; when the relay has caught up, taken again."""
    monkeypatch.setattr("services.intake.backlog.LOOK_AGAIN", 0.0)
    with running(on_postgres(emptied, intake_backlog=2)) as intake:
        before = refused_so_far("web", "backlog")
        assert [intake.post(a_request()).status_code for _ in range(3)] == [201, 201, 201]
        refused = intake.post(a_request())
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
        assert refused.json()["code"] == "backlog"
        assert refused_so_far("web", "backlog") == before + 1
        assert len(intake.requests()) == 3
        with intake.work() as work:
            work.connection.execute(update(RUNTIME.outbox).values(published_at=work.now))
        assert intake.post(a_request()).status_code == 201


@pytest.mark.postgres
def test_an_event_that_waits_too_long_stops_intake_as_well(emptied: str) -> None:
    """Few rows, but Kafka has been away for longer than a request may wait; a look holds for a second."""
    with running(on_postgres(emptied)) as intake:
        assert intake.post(a_request()).status_code == 201
        now = [0.0]
        backlog = Backlog(intake.workshop, rows=100, age=timedelta(minutes=5), clock=lambda: now[0])
        assert backlog.refusal() is None
        with intake.work() as work:
            old = work.now - timedelta(minutes=6)
            work.connection.execute(update(RUNTIME.outbox).values(created_at=old))
        assert backlog.refusal() is None
        now[0] = 1.0
        assert isinstance(backlog.refusal(), Unavailable)


def test_embedded_nothing_is_published_and_nothing_is_too_far_ahead(intake: Intake) -> None:
    """The outbox is the log itself."""
    assert [intake.post(a_request()).status_code for _ in range(2)] == [201, 201]
    assert Backlog(intake.workshop, rows=1, age=timedelta(seconds=0)).refusal() is None


def test_a_full_disk_is_waited_for(tmp_path: Path) -> None:
    """503 with Retry-After, nothing half stored, not ready; with room again, accepted under the same key, once."""
    with running(embedded(tmp_path)) as intake:
        assert intake.client.get("/readyz").status_code == 200
        big = a_request(text="x" * 9_000)
        with full(intake):
            refused = intake.post(big, {"Idempotency-Key": "k"})
            assert refused.status_code == 503, refused.text
            assert int(refused.headers["retry-after"]) > 0
            assert refused.json()["code"] == "unavailable"
            assert "intake" in intake.client.get("/readyz").json()["problems"]
        assert intake.requests() == []
        assert intake.post(big, {"Idempotency-Key": "k"}).status_code == 201
        assert len(intake.requests()) == len(intake.events()) == 1
        assert intake.client.get("/readyz").status_code == 200


def test_only_so_many_bulk_files_are_in_hand(tmp_path: Path) -> None:
    """One more is told to come again, unread; a place is free when its answer was sent or its body was unfit."""
    with running(embedded(tmp_path, intake_uploads=1)) as intake:
        headers = intake.token(Scope.REQUESTS_BULK)
        line = orjson.dumps(a_request(customer_number="C-1"))
        for body, status in ((line, 200), (b"\n".join([line] * 10_001), 413), (line, 200)):
            assert intake.client.post("/api/requests/bulk", content=body, headers=headers).status_code == status


def test_a_place_is_left_once() -> None:
    """However often it is left: a file that fails twice gives back one place."""
    uploads = Uploads(2)
    first, second = uploads.enter(), uploads.enter()
    before = refused_so_far("bulk", "overloaded")
    with pytest.raises(Unavailable) as refused:
        uploads.enter()
    assert (refused.value.code, refused.value.retry_after) == ("overloaded", 5)
    assert refused_so_far("bulk", "overloaded") == before + 1
    first.leave()
    first.leave()
    uploads.enter()
    with pytest.raises(Unavailable):
        uploads.enter()
    second.leave()


def test_bulk_files_leave_room_for_people() -> None:
    """However many files there are, what they have waiting for COMMIT is half of the places at most."""
    assert PORTION * PORTIONS <= MOST_WAITING // 2
