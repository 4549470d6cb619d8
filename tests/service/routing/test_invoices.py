"""Invoices and what becomes of them: numbered without gaps, disputed line by line, credited never twice (docs/rules.md §8)."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from schemas.request_status import StatusChanged
from schemas.vocabulary import Desk, DisputeOutcome, LineReason, LineSort, Milestone, Status
from services.routing import accounts, desks, invoices
from services.routing.accounts import Payment
from services.routing.desks import Closing
from services.routing.people import Said
from services.routing.rules.facts import Areas
from services.routing.rules.prices import AskedLine
from services.runtime import migrate
from services.runtime.database import open_database
from services.runtime.errors import Conflict, Invalid
from services.runtime.work import Work
from tests.builders import MONDAY, a_cancellation, a_number
from tests.service.routing import billing
from tests.service.routing.answering import BY_STRANGER
from tests.service.routing.billing import CLERK, a_dispute, an_ended_contract, decide, done, invoice
from tests.service.routing.harness import Routing, covered

LINES = [
    AskedLine(LineSort.LABOUR, Decimal("2.00"), LineReason.REPAIR),
    AskedLine(LineSort.TRAVEL, Decimal("1.00"), LineReason.SITE_VISIT),
    AskedLine(LineSort.PART, Decimal("1.00"), LineReason.LISTED_PART, part="00FAN120"),
]
UPHELD, CREDITED, PARTIAL = DisputeOutcome.UPHELD, DisputeOutcome.CREDITED, DisputeOutcome.PARTIAL


@pytest.fixture(autouse=True)
def _ended(routing: Routing) -> None:
    routing.given(an_ended_contract())


def billed(routing: Routing) -> str:
    """A repair that was done and billed: 290.00, 95.00 and 84.50. The invoice's number."""
    billing.accepted(routing, lines=LINES)
    done(routing)
    return invoice(routing).invoice_number


def held(routing: Routing, index: int) -> list[int]:
    return list(billing.dispute(routing, index).lines)


def test_completion_makes_an_invoice_of_what_was_accepted(routing: Routing) -> None:
    """In the same event as the completion, so that the customer is told once."""
    billing.accepted(routing, lines=LINES)
    told = done(routing)[-1]
    assert isinstance(told, StatusChanged)
    assert (told.standing.status, told.standing.milestone) == (Status.RESOLVED, Milestone.REPAIRED)
    assert told.standing.bill is not None
    shown = told.standing.bill.invoice
    assert shown is not None
    assert (shown.invoice_number, shown.currency, shown.total) == ("INV-CA-000001", "CAD", Decimal("469.50"))
    assert shown.lines == told.standing.bill.estimate.lines if told.standing.bill.estimate else False
    assert (shown.issued_at, shown.dispute_until) == (MONDAY, MONDAY + timedelta(days=30))
    kept = invoice(routing)
    assert (kept.number, kept.customer_number, str(kept.total)) == (a_number(1), "C-1", "469.50")


def test_a_covered_repair_is_not_billed(routing: Routing) -> None:
    routing.receives(covered(a_number(1)))
    for step in ("claim", "accept", "en-route", "arrive"):
        routing.on_order(step, billing.TECH)
    routing.on_order("complete", billing.TECH, said=Said(report={"fixed": True}))
    assert routing.stored("invoices") == []


def test_numbers_count_by_country_without_a_gap(routing: Routing) -> None:
    """A second country has a series of its own; a transaction that failed gives its number back."""

    def fails(work: Work) -> None:
        invoices.next_number(work.connection, "invoice", "CA")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        routing.does(fails)
    numbers = []
    for country in ("CA", "US", "CA"):
        with routing.workshop.begin(origin=str(uuid4())) as work:
            numbers.append(invoices.next_number(work.connection, "invoice", country)[1])
    assert numbers == ["INV-CA-000001", "INV-US-000001", "INV-CA-000002"]


def test_numbers_have_no_gap_under_concurrency_rollback_and_crash(databases: Callable[[], str]) -> None:
    """Sixty transactions by twelve workers on PostgreSQL: a third roll back, a third are cut off in the middle by the server;
    the rest have 1, 2, 3 …"""
    database = open_database(databases(), pool_size=20)
    migrate.upgrade(database, "routing")
    kept: list[int] = []
    ready = threading.Barrier(12)

    def work(index: int) -> None:
        for turn in range(5):
            if turn == 0:
                ready.wait()
            with suppress(ZeroDivisionError, OperationalError):
                with database.transaction() as connection:
                    ordinal, _ = invoices.next_number(connection, "invoice", "CA")
                    if (index + turn) % 3 == 1:
                        raise ZeroDivisionError
                    if (index + turn) % 3 == 2:
                        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
                kept.append(ordinal)

    workers = [threading.Thread(target=work, args=(index,)) for index in range(12)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with database.reading() as connection:
        last = connection.execute(text("SELECT last FROM series")).scalar_one()
    database.close()
    assert sorted(kept) == list(range(1, len(kept) + 1))
    assert last == len(kept) == 20


def test_a_dispute_holds_only_the_ticked_lines(routing: Routing) -> None:
    number = billed(routing)
    [told] = routing.receives(a_dispute(2, number.lower(), "2"))  # however it was typed
    assert held(routing, 2) == [2]
    assert told.model_dump()["standing"]["bill"]["dispute"]["held"] == "95.00"
    assert routing.case().desk == "billing_desk"


def test_without_ticked_lines_the_whole_invoice_is_disputed_but_no_line_twice(routing: Routing) -> None:
    number = billed(routing)
    routing.receives(a_dispute(2, number, "1"))
    routing.receives(a_dispute(3, number))
    assert (held(routing, 2), held(routing, 3)) == ([1], [2, 3])


def test_after_thirty_days_nothing_is_held_but_somebody_answers(routing: Routing) -> None:
    number = billed(routing)
    late = MONDAY + timedelta(days=30)
    routing.receives(
        a_dispute(2, number, "1", received_at=late - timedelta(seconds=1)), a_dispute(3, number, "2", received_at=late)
    )
    assert (held(routing, 2), held(routing, 3)) == ([1], [])
    assert routing.life(a_number(3)).milestone is Milestone.BILLING_DESK


@pytest.mark.parametrize("number", ["INV-CA-000009", "no such thing"])
def test_an_invoice_that_is_not_the_customers_is_as_none(routing: Routing, number: str) -> None:
    """Nothing is held, nothing is told of it, and the desk has the case all the same."""
    billed(routing)
    [told] = routing.receives(a_dispute(2, number, "1"))
    assert told.model_dump()["standing"]["bill"] is None
    another = a_dispute(3, "INV-CA-000001", "1", customer_number="C-2", by=BY_STRANGER)
    [told] = routing.receives(another)
    assert told.model_dump()["standing"]["bill"] is None
    assert [case.desk for case in routing.cases() if case.closed_at is None] == ["billing_desk"] * 2
    with pytest.raises(Conflict, match=r"dispute\.none"):
        decide(routing, UPHELD, 2)


@pytest.mark.parametrize(
    ("outcome", "credit", "lines", "total"),
    [
        (UPHELD, {}, None, None),
        (CREDITED, {}, {"2": "95.00", "3": "84.50"}, "179.50"),
        (PARTIAL, {"line3": "40.25"}, {"3": "40.25"}, "40.25"),
    ],
)
def test_a_dispute_ends_with_a_sentence_and_what_is_given_back(
    routing: Routing, outcome: DisputeOutcome, credit: dict[str, str], lines: dict[str, str] | None, total: str | None
) -> None:
    number = billed(routing)
    routing.receives(a_dispute(2, number, "2", "3"))
    told = decide(routing, outcome, 2, "We looked at it.", **credit)[-1]
    assert isinstance(told, StatusChanged)
    assert (told.standing.status, told.reason, told.note) == (Status.RESOLVED, outcome.value, "We looked at it.")
    notes = billing.credit_notes(routing)
    assert [(note.credit_note, note.lines, str(note.total)) for note in notes] == (
        [] if lines is None else [("CRN-CA-000001", lines, total)]
    )
    assert billing.dispute(routing, 2).outcome is outcome
    assert routing.case().closed_as == outcome.value


def test_what_was_given_back_is_not_given_back_again(routing: Routing) -> None:
    """A second dispute holds what is left, and no more than that can be credited."""
    number = billed(routing)
    routing.receives(a_dispute(2, number, "3"))
    decide(routing, PARTIAL, 2, line3="80.00")
    routing.receives(a_dispute(3, number, "3"))
    with pytest.raises(Invalid) as more:
        decide(routing, PARTIAL, 3, line3="4.51")
    assert [(fault.path, fault.code) for fault in more.value.faults] == [("credit.3", "credit_unfit")]
    decide(routing, CREDITED, 3)
    assert [str(note.total) for note in billing.credit_notes(routing)] == ["80.00", "4.50"]
    routing.receives(a_dispute(4, number, "3"))
    assert held(routing, 4) == []


def test_a_dispute_that_is_cancelled_lets_its_lines_go(routing: Routing) -> None:
    number = billed(routing)
    routing.receives(a_dispute(2, number, "1"))
    routing.receives(a_cancellation(a_number(2)))
    routing.receives(a_dispute(3, number, "1"))
    assert held(routing, 3) == [1]


def test_a_case_that_holds_lines_is_not_closed_without_deciding(routing: Routing) -> None:
    """Else nobody would ever let the lines go."""
    routing.receives(a_dispute(2, billed(routing), "1"))
    case = routing.case()
    areas = Areas()

    def close(work: Work) -> None:
        closing = Closing("resolved", "answered", "We looked.")
        desks.close(work, routing.judge.policy, areas, Desk.BILLING_DESK, case.id, CLERK, case.version, closing)

    with pytest.raises(Conflict, match=r"dispute\.undecided"):
        routing.does(close)
    decide(routing, UPHELD, 2)


def test_an_account_is_what_was_billed_less_what_was_given_back_and_paid(routing: Routing) -> None:
    number = billed(routing)
    routing.clock.forward(hours=1)
    routing.receives(a_dispute(2, number, "2", "3"))
    decide(routing, PARTIAL, 2, line3="40.25")
    pay(routing, number, "200.00")
    routing.receives(a_dispute(3, number, "3"))
    with routing.database.reading() as connection:
        [account] = accounts.statement(connection, "C-1")
    assert [(entry.sort, str(entry.amount), str(balance)) for entry, balance in account.entries] == [
        ("invoice", "469.50", "469.50"),
        ("credit_note", "-40.25", "429.25"),
        ("payment", "-200.00", "229.25"),
    ]
    assert (account.currency, str(account.balance), str(account.held)) == ("CAD", "229.25", "44.25")


def test_the_same_payment_is_recorded_once(routing: Routing) -> None:
    number = billed(routing)
    pay(routing, number, "200.00")
    pay(routing, number, "200.00")
    with pytest.raises(Conflict, match=r"payment\.other"):
        pay(routing, number, "100.00")
    assert [str(one.amount) for one in routing._all(Payment)] == ["200.00"]


def pay(routing: Routing, number: str, amount: str) -> None:
    routing.does(lambda work: accounts.pay(work, number, CLERK, "CHQ-1", Decimal(amount), routing.clock.at))
