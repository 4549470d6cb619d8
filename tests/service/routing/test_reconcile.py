"""The tables say what the events say; where they do not, it is found."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, update

from schemas.vocabulary import DisputeOutcome
from services.routing.people import Said
from services.routing.reconcile import differences
from services.routing.replay import Difference
from services.routing.tables import (
    CASES,
    CREDIT_NOTES,
    DECISIONS,
    DISPUTES,
    ESTIMATES,
    INVOICES,
    REQUESTS,
    RETURNS,
    RUNTIME,
    SERIES,
    STEPS,
    TIMERS,
    WORK_ORDERS,
)
from services.routing.timers import fire_due
from tests.builders import MONDAY, a_cancellation, a_number, a_reopening
from tests.service.routing import billing
from tests.service.routing.harness import Routing, a_technician, at_the_bench, covered

DAY = timedelta(days=1)


def found(routing: Routing) -> list[Difference]:
    with routing.database.reading() as connection:
        return list(differences(connection))


def a_busy_day(routing: Routing) -> None:
    """A request in every sort of life."""
    serials = ("SN1", "SNM", "SNP", "SN4", "SN2", "NONE")
    routing.receives(*(covered(a_number(n), serials[n % len(serials)]) for n in range(18)))
    routing.receives(a_cancellation(a_number(0)), a_cancellation(a_number(2)))
    tech, bench = a_technician(), at_the_bench()
    for step in ("claim", "accept", "en-route", "arrive"):
        routing.on_order(step, tech)
    routing.on_order("leave", tech, said=Said(reason="no_part"))
    routing.on_return("receive", bench)
    routing.clock.forward(days=2)
    while fire_due(routing.workshop, routing.judge):
        pass
    routing.receives(a_reopening(a_number(0), sequence=2))
    billed_work(routing)


def billed_work(routing: Routing) -> None:
    """Repairs that were paid for and disputed, one offered, one declined, one saved."""
    routing.given(billing.an_ended_contract())
    billing.accepted(routing, 30)
    billing.done(routing, 30)
    number = billing.invoice(routing).invoice_number
    routing.receives(billing.a_dispute(31, number, "2"), billing.a_dispute(32, number, "1"))
    billing.decide(routing, DisputeOutcome.CREDITED, 31)
    routing.receives(*(billing.not_covered(index) for index in (33, 34, 35)))
    for index in (33, 34):
        billing.send(routing, index=index)
    billing.answer(routing, "decline", index=34)


def test_a_busy_day_has_no_differences(routing: Routing) -> None:
    a_busy_day(routing)
    assert found(routing) == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (update(REQUESTS).where(REQUESTS.c.number == a_number(6)).values(status="held"), "status"),
        (update(REQUESTS).where(REQUESTS.c.number == a_number(6)).values(version=9), "version"),
        (update(WORK_ORDERS).where(WORK_ORDERS.c.number == a_number(6)).values(status="accepted"), "status"),
        (delete(WORK_ORDERS).where(WORK_ORDERS.c.number == a_number(6)), "visit"),
        (update(RETURNS).where(RETURNS.c.number == a_number(1)).values(status="delivered"), "parcel"),
        (delete(CASES).where(CASES.c.number == a_number(4)), "case"),
        (
            update(DECISIONS).where(DECISIONS.c.number == a_number(6)).values(decision={"outcome": "triage"}),
            "decision 1",
        ),
        (delete(DECISIONS).where(DECISIONS.c.number == a_number(6)), "decisions"),
        (update(REQUESTS).where(REQUESTS.c.number == a_number(6)).values(outcome="mail_in"), "outcome"),
        (update(REQUESTS).where(REQUESTS.c.number == a_number(12)).values(respond_by=MONDAY), "respond_by"),
        (update(REQUESTS).where(REQUESTS.c.number == a_number(12)).values(clock_started=MONDAY + DAY), "clock"),
        (update(WORK_ORDERS).where(WORK_ORDERS.c.number == a_number(12)).values(respond_by=None), "promise"),
        (update(WORK_ORDERS).where(WORK_ORDERS.c.number == a_number(12)).values(status="completed"), "life"),
        (delete(TIMERS).where(TIMERS.c.subject == f"RA-{a_number(7)}-1"), "timer expiry"),
        (update(TIMERS).where(TIMERS.c.kind == "expiry").values(due_at=MONDAY), "timer expiry"),
        (update(CASES).where(CASES.c.number == a_number(4)).values(version=7), "version"),
        (delete(STEPS).where(STEPS.c.step == "receive"), "life"),
        (delete(RUNTIME.outbox).where(RUNTIME.outbox.c.subject == a_number(6)), "events"),
        (
            delete(RUNTIME.outbox).where(RUNTIME.outbox.c.subject == a_number(0), RUNTIME.outbox.c.ordinal == 2),
            "versions",
        ),
        (update(ESTIMATES).where(ESTIMATES.c.number == a_number(33)).values(total=Decimal("1.00")), "total"),
        (update(ESTIMATES).where(ESTIMATES.c.number == a_number(33)).values(status="expired"), "estimate"),
        (delete(INVOICES), "invoice_number"),
        (delete(INVOICES), "numbers"),
        (update(INVOICES).values(total=Decimal("1.00")), "total"),
        (update(CREDIT_NOTES).values(lines={"2": "95.01"}), "credited of line 2"),
        (delete(CREDIT_NOTES), "credit_note"),
        (update(DISPUTES).where(DISPUTES.c.number == a_number(32)).values(lines=[3]), "lines"),
        (update(SERIES).values(last=9), "numbers"),
        (update(DISPUTES).where(DISPUTES.c.number == a_number(31)).values(closed_at=None), "dispute"),
    ],
)
def test_what_was_changed_behind_the_events_is_found(routing: Routing, statement: Any, what: str) -> None:
    """Each sort of difference, with what it is about."""
    a_busy_day(routing)
    with routing.database.transaction() as connection:
        connection.execute(statement)
    assert what in {difference.what for difference in found(routing)}
