"""What is covered after all is not paid for, however far the estimate had come (docs/rules.md §2, §8)."""

from datetime import date

import pytest

from schemas.vocabulary import Desk, EstimateState, ServiceLevel
from services.routing import reviews
from services.routing.entered import Coverage
from services.routing.invoices import Invoice
from services.routing.reconcile import differences
from services.routing.reviews import Review
from tests.builders import a_number, an_acceptance
from tests.service.routing import billing
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


def upheld(routing: Routing) -> None:
    """The customer disputes it, and the contract desk finds that they are right."""
    details = {"request_number": a_number(1), "evidence": "the renewal"}
    machine = {"type": "8286", "serial": "OLD"}
    review = an_acceptance(
        a_number(2), kind="coverage_review", customer_number="C-1", machine=machine, details=details, text=None
    )
    routing.receives(review)
    case = next(one for one in routing.cases() if one.closed_at is None and one.desk is Desk.CONTRACT_DESK)
    found = Review("renewed in January", coverage=PAPERS, answer="You are right.")
    routing.does(lambda work: reviews.decide_again(work, routing.judge, case.desk, case.id, ME, case.version, found))


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
