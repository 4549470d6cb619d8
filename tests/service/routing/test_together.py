"""Several at once, and the parts of the service that nobody calls: the database forbids, signals wake, chores run."""

import asyncio
import threading
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from services.routing import queue_steps
from services.routing.app import QueueNews
from services.routing.edge import ALL_QUEUES, queue_channel
from services.routing.reconcile import differences
from services.routing.tables import CASES, RETURNS, WORK_ORDERS
from services.routing.timers import fire_due
from services.runtime.errors import Refused
from services.runtime.web.signal import Signals
from services.runtime.work import Work
from tests.builders import a_cancellation, a_number
from tests.service.routing.browsing import Browsing
from tests.service.routing.harness import Routing, a_technician, covered


@pytest.mark.parametrize(("table", "serial"), [(WORK_ORDERS, "SN1"), (RETURNS, "SNM"), (CASES, "SNP")])
def test_the_database_forbids_a_second_live_one(routing: Routing, table: Any, serial: str) -> None:
    """Whatever the code does: one visit, one parcel, one case a request at a time."""
    routing.receives(covered(serial=serial))
    with routing.database.reading() as connection:
        row = dict(connection.execute(select(table)).mappings().one())
    with pytest.raises(IntegrityError):
        add(routing, table, {**row, "id": "another"})


def add(routing: Routing, table: Any, row: dict[str, Any]) -> None:
    with routing.database.transaction() as connection:
        connection.execute(insert(table).values(row))


@pytest.mark.parametrize("turn", range(4))
def test_a_claim_a_cancellation_and_a_lapse_at_once_leave_nothing_half_done(routing: Routing, turn: int) -> None:
    """Each either happened or was refused; the tables say what the events say."""
    routing.receives(*(covered(a_number(n)) for n in range(6)))
    for order in routing.orders()[:3]:
        routing.on_order("claim", a_technician(), order.id)
    routing.clock.forward(minutes=15)
    ready = threading.Barrier(3)
    orders, other = routing.orders(), a_technician("tech2")

    def claim() -> None:
        ready.wait()
        for order in orders:

            def act(work: Work, order: Any = order) -> None:
                areas = routing.judge.facts.reference(work.connection).areas
                queue_steps.take_step(work, routing.judge.policy, areas, order.id, "claim", other, order.version)

            try:
                routing.does(act)
            except Refused:
                continue

    def cancel() -> None:
        ready.wait()
        for number in range(turn % 2, 6, 2):
            routing.receives(a_cancellation(a_number(number)))

    def lapse() -> None:
        ready.wait()
        for _ in range(6):
            fire_due(routing.workshop, routing.judge, portion=1)

    racers = [threading.Thread(target=racer) for racer in (claim, cancel, lapse)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    with routing.database.reading() as connection:
        assert list(differences(connection)) == []
    for order in routing.orders():
        life = routing.life(order.number)
        assert (order.status == "cancelled") == (life.status == "cancelled")
        assert order.technician in (None, "tech2")
    assert routing.stored("quarantine") == []


def test_who_looks_at_a_queue_is_woken_by_its_changes(routing: Routing) -> None:
    """And who looks at several; another queue's viewers sleep on."""
    signals = Signals()
    news = QueueNews(routing.workshop, signals)

    async def watch() -> list[bool]:
        with (
            signals.listen(queue_channel("CA-QC-MTL")) as here,
            signals.listen(ALL_QUEUES) as everywhere,
            signals.listen(queue_channel("CA-ON-TOR")) as elsewhere,
        ):
            news.start()
            await asyncio.sleep(1.0 if not routing.database.is_sqlite else 0)
            for bell in (here, everywhere, elsewhere):
                await bell.wait(0.01)  # what was said before we looked
            await asyncio.to_thread(routing.receives, covered())
            return [await here.wait(10), await everywhere.wait(10), await elsewhere.wait(0.2)]

    try:
        assert asyncio.run(watch()) == [True, True, False]
    finally:
        news.stop()


def test_chores_fire_timers_and_measure_queues(web: Browsing, routing: Routing) -> None:
    routing.receives(covered(), covered(a_number(2), "SNP"))
    routing.on_order("claim", a_technician())
    routing.clock.forward(minutes=20)
    timers, calendar, learning, measure = web.service.chores
    assert (timers.run(), timers.run(), calendar.run(), learning.run(), measure.run()) == (1, 0, 0, 0, 0)
    depths = {
        queue: REGISTRY.get_sample_value("fixline_queue_depth", {"queue": queue})
        for queue in ("CA-QC-MTL", "parts_desk", "triage")
    }
    assert depths == {"CA-QC-MTL": 1, "parts_desk": 1, "triage": 0}
    assert REGISTRY.get_sample_value("fixline_queue_oldest_age_seconds", {"queue": "parts_desk"}) == 1200
