"""What is covered after all is not paid for, however far the estimate had come (docs/rules.md §2, §8)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from schemas.message import Message
from schemas.request_status import RequestDecided, StatusChanged
from schemas.vocabulary import Desk, DisputeOutcome, EstimateState, LineReason, LineSort, Outcome, ServiceLevel, Status
from services.routing import redecide, reviews
from services.routing.entered import Coverage
from services.routing.invoices import Invoice
from services.routing.reconcile import differences
from services.routing.reviews import Review
from services.routing.rules.prices import AskedLine
from tests.builders import a_number, an_acceptance
from tests.service.routing import billing
from tests.service.routing.billing import a_dispute, credit_notes, dispute, invoice
from tests.service.routing.harness import Routing, a_dispatcher

ME = a_dispatcher("desk1")
#: The contract was renewed, as the customer's papers say; the next business day is what the estimate promised too.
PAPERS = Coverage("M-0", "", "", end_date=date(2027, 1, 31), service_level=ServiceLevel.ONSITE_NBD, site_id="S-1")


@pytest.fixture
def offered(routing: Routing) -> Routing:
    """Nothing covers the machine; the customer has the estimate."""
    routing.given(billing.an_ended_contract())
    routing.receives(billing.not_covered())
    billing.send(routing)
    return routing


def upheld(routing: Routing, papers: Coverage = PAPERS, review_number: int = 2) -> list[Message]:
    """The customer disputes it, and the contract desk finds that they are right. What was told."""
    details = {"request_number": a_number(1), "evidence": "the renewal"}
    machine = {"type": "8286", "serial": "OLD"}
    review = an_acceptance(
        a_number(review_number),
        kind="coverage_review",
        customer_number="C-1",
        machine=machine,
        details=details,
        text=None,
    )
    routing.receives(review)
    case = next(one for one in routing.cases() if one.closed_at is None and one.desk is Desk.CONTRACT_DESK)
    found = Review("renewed in January", coverage=papers, answer="You are right.")
    return routing.does(
        lambda work: reviews.decide_again(work, routing.judge, case.desk, case.id, ME, case.version, found)
    )


def settled(routing: Routing) -> None:
    with routing.database.reading() as connection:
        assert list(differences(connection)) == []


def test_an_estimate_that_waits_for_its_answer_is_withdrawn(offered: Routing) -> None:
    """And somebody comes."""
    upheld(offered)
    assert billing.estimate(offered).status is EstimateState.WITHDRAWN
    assert offered.order().number == a_number(1)
    settled(offered)


def test_what_was_agreed_to_is_not_billed(offered: Routing) -> None:
    """The technician who was coming comes all the same, under the contract."""
    billing.answer(offered)
    before = offered.order().id
    upheld(offered)
    assert offered.order().id == before
    billing.done(offered)
    assert offered.life(a_number(1)).status == "resolved"
    assert offered._all(Invoice) == []
    assert billing.estimate(offered).status is EstimateState.WITHDRAWN
    settled(offered)


@pytest.fixture
def billed(offered: Routing) -> Routing:
    """The customer agreed to pay, it was repaired, and they have the invoice."""
    billing.answer(offered)
    billing.done(offered)
    return offered


def test_what_was_billed_is_given_back_whole(billed: Routing) -> None:
    """With a credit note of its own, told once with the second decision; nobody goes twice and the invoice stays as it was made."""
    made = invoice(billed)
    told = upheld(billed)
    [note] = credit_notes(billed)
    assert (note.number, note.invoice_number, note.total) == (a_number(1), made.invoice_number, made.total)
    assert note.amounts == made.amounts
    [again] = [one for one in told if isinstance(one, RequestDecided)]
    assert again.number == a_number(1)
    assert again.standing.bill is not None
    assert again.standing.bill.invoice is not None
    shown = again.standing.bill.dispute
    assert shown is not None
    assert (shown.outcome, shown.credit_note, shown.credited) == ("credited", note.credit_note, made.total)
    assert {one.number for one in told if isinstance(one, StatusChanged)} == {a_number(2)}  # the review, answered
    assert (invoice(billed), billed.life(a_number(1)).status) == (made, Status.RESOLVED)
    settled(billed)


def test_what_a_dispute_holds_is_given_back_by_that_dispute(billed: Routing) -> None:
    """Its case ends, and each request is told of its own part: no line is given back twice."""
    made = invoice(billed)
    billed.receives(a_dispute(3, made.invoice_number, "1"))
    told = upheld(billed)
    notes = {note.number: sorted(note.amounts) for note in credit_notes(billed)}
    assert notes == {a_number(3): [1], a_number(1): [2]}
    assert sum(note.total for note in credit_notes(billed)) == made.total
    ended = dispute(billed, 3)
    assert (ended.outcome, ended.closed_at) == (DisputeOutcome.CREDITED, billed.clock.at)
    assert [one.closed_as for one in billed.cases() if one.number == a_number(3)] == ["credited"]
    [heard] = [
        one for one in told if isinstance(one, StatusChanged) and (one.number, one.reason) == (a_number(3), "credited")
    ]
    assert (heard.standing.status, heard.standing.milestone) == ("resolved", "answered")
    settled(billed)


def test_what_was_given_back_before_is_not_given_back_again(billed: Routing) -> None:
    billed.receives(a_dispute(3, invoice(billed).invoice_number, "1"))
    billing.decide(billed, DisputeOutcome.CREDITED, 3)
    upheld(billed)
    assert [sorted(note.amounts) for note in credit_notes(billed)] == [[1], [2]]
    settled(billed)


def test_of_what_is_covered_for_parts_alone_the_parts_are_given_back(routing: Routing) -> None:
    """Labour and travel stay billed."""
    routing.given(billing.an_ended_contract())
    part = AskedLine(LineSort.PART, Decimal(1), LineReason.QUOTED_PART, Decimal("80.00"), what="Fan")
    labour = AskedLine(LineSort.LABOUR, Decimal(1), LineReason.REPAIR)
    billing.accepted(routing, lines=[labour, part])
    billing.done(routing)
    upheld(routing, replace(PAPERS, service_level=ServiceLevel.PARTS_ONLY))
    assert [sorted(note.amounts) for note in credit_notes(routing)] == [[2]]
    settled(routing)
    upheld(routing, review_number=3)  # a third decision: what it adds is a person's to give
    assert [sorted(note.amounts) for note in credit_notes(routing)] == [[2]]
    settled(routing)


@pytest.mark.parametrize(
    ("outcome", "lines"),
    [
        (Outcome.ONSITE_DISPATCH, {1, 2}),
        (Outcome.MAIL_IN, {1, 2}),
        (Outcome.PARTS_SHIPMENT, {2}),
        (Outcome.TRIAGE, set()),
        (Outcome.INCOMPLETE, set()),
    ],
)
def test_only_what_a_contract_pays_for_is_given_back(outcome: Outcome, lines: set[int]) -> None:
    """What a person still has to sort out stays billed until they have."""
    billed_lines = [{"line": 1, "sort": "labour"}, {"line": 2, "sort": "part"}]
    assert redecide.covered_lines(outcome, billed_lines) == lines
