"""The billing desk's pages, and what a customer answers and reads on a page (docs/rules.md §8)."""

import pytest
from fastapi.testclient import TestClient

from schemas.vocabulary import DisputeOutcome, Role
from tests.builders import a_number
from tests.service.routing import billing
from tests.service.routing.billing import a_dispute, an_ended_contract, done, estimate, invoice, not_covered
from tests.service.routing.browsing import Browsing
from tests.service.routing.harness import Routing

PAGE, FRENCH = f"/en/requests/{a_number(1)}", f"/fr/demandes/{a_number(1)}"


@pytest.fixture(autouse=True)
def _ended(routing: Routing) -> None:
    routing.given(an_ended_contract())


@pytest.fixture
def desk(web: Browsing) -> TestClient:
    return web.staff(Role.DESK, username="clerk1")


def at(routing: Routing) -> str:
    return f"/desk/billing_desk/{routing.case().id}"


def test_the_desk_makes_an_estimate_line_by_line(desk: TestClient, routing: Routing) -> None:
    """Proposed by the policy; saved with its total; sent."""
    routing.receives(not_covered())
    assert f"{at(routing)}/estimate" in desk.get("/desk/billing_desk").text
    page = desk.get(f"{at(routing)}/estimate").text
    assert "nothing saved yet" in page
    assert "$145.00" in page
    form = {"version": "1", "way": "onsite", "lines.0.line": "labour:repair", "lines.0.quantity": "1,5"}
    form |= {"lines.1.line": "part:quoted_part", "lines.1.quantity": "2", "lines.1.unit_price": "10.10"}
    saved = desk.post(f"{at(routing)}/estimate", data={**form, "lines.1.what": "Bracket", "do": "save"})
    assert saved.status_code == 303
    page = desk.get(saved.headers["location"]).text
    assert "$237.70" in page
    assert 'value="Bracket"' in page
    sent = desk.post(f"{at(routing)}/estimate", data={**form, "version": "2", "lines.1.what": "Bracket", "do": "send"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/desk/billing_desk")
    assert str(estimate(routing).total) == "237.70"


def test_a_line_that_is_wrong_is_said_beside_it_and_what_was_typed_stays(desk: TestClient, routing: Routing) -> None:
    routing.receives(not_covered())
    form = {"version": "1", "way": "onsite", "lines.0.line": "part:listed_part", "lines.0.quantity": "1"}
    wrong = desk.post(f"{at(routing)}/estimate", data={**form, "lines.0.part": "NONE", "do": "send"})
    assert wrong.status_code == 422
    assert 'href="#f-lines-0-part"' in wrong.text
    assert 'value="NONE"' in wrong.text
    typed = desk.post(f"{at(routing)}/estimate", data={**form, "lines.0.quantity": "two", "do": "send"})
    assert 'href="#f-lines-0-quantity"' in typed.text


def test_the_desk_decides_a_dispute_and_sees_what_the_customer_will_read(desk: TestClient, routing: Routing) -> None:
    billing.accepted(routing)
    done(routing)
    routing.receives(a_dispute(2, invoice(routing).invoice_number, "1"))
    page = desk.get(f"{at(routing)}/dispute").text
    assert "You are right: we give back all that you disputed." in page
    assert 'name="credit.1"' in page
    assert 'name="credit.2"' not in page  # not held
    form = {"version": "1", "outcome": "partial", "credit.1": "1000"}
    assert desk.post(f"{at(routing)}/dispute", data=form).status_code == 422
    decided = desk.post(f"{at(routing)}/dispute", data={**form, "credit.1": "12,50", "sentence": "An hour too much."})
    assert decided.status_code == 303
    assert routing.said()[-1].model_dump()["note"] == "An hour too much."


def test_a_customer_accepts_on_the_page_once(web: Browsing, routing: Routing) -> None:
    """A double click is one answer; the other answer afterwards is told what was first."""
    routing.receives(not_covered())
    billing.send(routing)
    form = {"version": str(estimate(routing).version), "answer": "accept"}
    customer = web.customer()
    for _ in range(2):
        answered = customer.post(f"{PAGE}/estimate", data=form)
        assert (answered.status_code, answered.headers["location"]) == (303, PAGE)
    assert len(routing.orders()) == 1
    late = customer.post(f"{FRENCH}/estimation", data={**form, "answer": "decline"})
    assert late.status_code == 409
    assert "l&#39;estimation a été acceptée" in late.text


def test_an_invoice_page_offers_its_lines_to_dispute_for_thirty_days(web: Browsing, routing: Routing) -> None:
    billing.accepted(routing)
    done(routing)
    page = web.customer().get(f"{FRENCH}/facture").text
    assert "Facture INV-CA-000001" in page
    assert 'action="/fr/contestations"' in page
    assert page.count('name="lines"') == 2
    routing.clock.forward(days=30)
    assert 'name="lines"' not in web.customer().get(f"{PAGE}/invoice").text


def test_billing_pages_are_not_for_others(web: Browsing, routing: Routing) -> None:
    billing.accepted(routing)
    done(routing)
    assert web.customer("C-2").get(f"{PAGE}/invoice").status_code == 404
    routing.receives(a_dispute(2, invoice(routing).invoice_number, "1"))
    assert web.technician().get(f"{at(routing)}/dispute").status_code == 403


def test_numbers_stand_in_the_estimates_form_as_they_are_typed(desk: TestClient, routing: Routing) -> None:
    """Two hours are 2, an hour and a half in French is 1,5."""
    routing.receives(not_covered())
    assert 'value="2"' in desk.get(f"{at(routing)}/estimate?lang=fr").text
    form = {"version": "1", "way": "onsite", "lines.0.line": "labour:repair", "lines.0.quantity": "1,5", "do": "save"}
    saved = desk.post(f"{at(routing)}/estimate", data=form)
    assert 'value="1,5"' in desk.get(f"{saved.headers['location']}?lang=fr").text
    assert 'value="1.5"' in desk.get(f"{saved.headers['location']}?lang=en").text


def test_who_has_nothing_left_to_dispute_is_asked_for_no_lines(web: Browsing, routing: Routing) -> None:
    """A dispute without a tick means all lines: where all are held or given back, there is no form to send."""
    routing.receives(not_covered())
    billing.send(routing)
    billing.answer(routing)
    done(routing)
    routing.receives(a_dispute(2, invoice(routing).invoice_number, "1"))
    billing.decide(routing, DisputeOutcome.CREDITED, 2)
    customer = web.customer("C-1")
    page = customer.get(f"{PAGE}/invoice").text
    assert "(given back)" in page
    assert "Dispute these lines" in page
    routing.receives(a_dispute(3, invoice(routing).invoice_number))
    page = customer.get(f"{PAGE}/invoice").text
    assert "Every line was given back or is disputed already." in page
    assert "Dispute these lines" not in page
