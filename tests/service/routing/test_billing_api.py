"""Billing over HTTP: the whole chain, who may, and the documents (docs/rules.md §8)."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from schemas.vocabulary import Channel, DisputeOutcome, Role, Scope
from tests.builders import a_number
from tests.service.routing import billing
from tests.service.routing.answering import BY_AGENT, BY_CUSTOMER, BY_STRANGER, by_code
from tests.service.routing.billing import a_dispute, an_ended_contract, done, estimate, invoice, not_covered
from tests.service.routing.browsing import Browsing, errors_of
from tests.service.routing.harness import Routing

REPAIR = f"/api/requests/{a_number(1)}"
FAN = {"sort": "part", "quantity": "1", "reason": "listed_part", "part": "00FAN120"}
LABOUR = {"sort": "labour", "quantity": "1,5", "reason": "repair"}


@pytest.fixture(autouse=True)
def _ended(routing: Routing) -> None:
    routing.given(an_ended_contract())


@pytest.fixture
def desk(web: Browsing) -> TestClient:
    return web.staff(Role.DESK, username="clerk1")


@pytest.fixture
def sent(routing: Routing) -> dict[str, int]:
    """An estimate that waits for the customer: the body that answers it."""
    routing.receives(not_covered())
    billing.send(routing)
    return {"version": estimate(routing).version}


def at(routing: Routing) -> str:
    return f"/api/desks/billing_desk/{routing.case().id}"


def test_the_chain_from_the_desk_to_the_balance(web: Browsing, desk: TestClient, routing: Routing) -> None:
    """Proposed, saved, sent, accepted, done, billed, disputed, given back in part, paid."""
    customer = web.customer()
    routing.receives(not_covered())
    offered = desk.get(f"{at(routing)}/estimate").json()
    assert [(way["way"], way["total"]) for way in offered["ways"]] == [
        ("onsite", "385.00"),
        ("mail_in", "217.50"),
        ("arranged", "290.00"),
    ]
    saved = desk.post(f"{at(routing)}/estimate", json={"version": 1, "way": "onsite", "lines": [LABOUR, FAN]}).json()
    assert (saved["status"], saved["total"]) == ("prepared", "302.00")
    assert customer.get(f"{REPAIR}/estimate").status_code == 404  # not sent yet
    offer = desk.post(f"{at(routing)}/estimate/send", json={"version": 2}).json()
    assert (offer["status"], offer["total"], offer["good_until"]) == ("sent", "302.00", "2026-12-07T15:00:00Z")
    assert customer.get(f"{REPAIR}/estimate").json() == offer
    accepted = customer.post(f"{REPAIR}/estimate/accept", json={"version": offer["version"]})
    assert (accepted.status_code, accepted.json()["status"]) == (200, "accepted")
    done(routing)
    bill = customer.get(f"{REPAIR}/invoice").json()
    assert (bill["invoice_number"], bill["total"], bill["balance"]) == ("INV-CA-000001", "302.00", "302.00")
    routing.receives(a_dispute(2, bill["invoice_number"], "2"))
    held = customer.get(f"{REPAIR}/invoice").json()["lines"]
    assert [line["held"] for line in held] == [False, True]
    body = {"version": 1, "outcome": "partial", "credit": {"2": "20.00"}}
    assert desk.post(f"{at(routing)}/dispute", json=body).status_code == 200
    paid = desk.post(f"{REPAIR}/invoice/payments", json={"reference": "CHQ-7", "amount": "282.00"}).json()
    assert (paid["balance"], [note["total"] for note in paid["credit_notes"]]) == ("0.00", ["20.00"])
    [account] = customer.get("/api/customers/C-1/statement").json()["accounts"]
    assert [(line["sort"], line["balance"]) for line in account["entries"]] == [
        ("invoice", "302.00"),
        ("credit_note", "282.00"),
        ("payment", "0.00"),
    ]


def test_the_usual_sentence_is_said_in_the_disputes_language(desk: TestClient, routing: Routing) -> None:
    billing.accepted(routing)
    done(routing)
    routing.receives(a_dispute(2, invoice(routing).invoice_number, "1", language="fr"))
    desk.post(f"{at(routing)}/dispute", json={"version": 1, "outcome": "upheld"})
    assert "ils sont maintenus" in routing.said()[-1].model_dump()["note"]


def test_whoever_comes_second_is_told_in_words_what_was_first(web: Browsing, sent: dict[str, int]) -> None:
    assert web.customer().post(f"{REPAIR}/estimate/decline", json=sent).status_code == 200
    late = web.program(Scope.REQUESTS_WRITE).post(f"{REPAIR}/estimate/accept", json=sent)
    assert late.status_code == 409
    assert late.json()["detail"] == "Not saved: the estimate was declined on 2026-11-23 10:00."


def test_the_same_call_again_is_answered_again(web: Browsing, routing: Routing, sent: dict[str, int]) -> None:
    customer = web.customer()
    customer.headers["Idempotency-Key"] = "k-1"
    first, again = (customer.post(f"{REPAIR}/estimate/accept", json=sent) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert len(routing.orders()) == 1


@pytest.mark.parametrize("path", ["estimate/accept", "estimate/decline"])
def test_an_answer_is_for_those_who_act_for_the_customer(web: Browsing, sent: dict[str, int], path: str) -> None:
    """Nobody 401, another 404, a program without the scope or the customer 403 and 404."""
    callers: list[tuple[TestClient, int]] = [
        (web.anonymous(), 401),
        (web.customer("C-2"), 404),
        (by_code(web, code="00000000"), 422),
        (web.program(Scope.REQUESTS_READ), 403),
        (web.program(Scope.REQUESTS_WRITE, customers=["C-2"]), 404),
        (web.technician(), 403),
    ]
    assert [caller.post(f"{REPAIR}/{path}", json=sent).status_code for caller, _ in callers] == [
        status for _, status in callers
    ]


@pytest.mark.parametrize(("by", "status"), [(BY_CUSTOMER, 200), (BY_STRANGER, 403), (BY_AGENT, 403)])
def test_a_tracking_code_spends_the_customers_money_only_where_it_is_their_word(
    web: Browsing, routing: Routing, by: Any, status: int
) -> None:
    """Anybody can type a customer number; whoever holds the code of such a request is asked to sign in or call."""
    acceptance = not_covered(by=by)
    if by is BY_AGENT:
        acceptance = acceptance.model_copy(update={"channel": Channel.PHONE})
    routing.receives(acceptance)
    billing.send(routing)
    body = {"version": estimate(routing).version}
    answer = by_code(web).post(f"{REPAIR}/estimate/accept", json=body)
    assert answer.status_code == status
    assert by_code(web).get(f"{REPAIR}/estimate").status_code == status


def test_an_agent_accepts_for_who_calls(web: Browsing, sent: dict[str, int], routing: Routing) -> None:
    assert web.staff(Role.AGENT).post(f"{REPAIR}/estimate/accept", json=sent).status_code == 200
    assert routing.said()[-1].model_dump()["by"] == "agent"


@pytest.mark.parametrize("amount", [145, 145.5, "145.555", "-1.00", "1e3", ""])
def test_money_is_sent_as_text(desk: TestClient, routing: Routing, amount: object) -> None:
    routing.receives(not_covered())
    line = {"sort": "labour", "quantity": "1", "reason": "agreed_price", "unit_price": amount}
    refused = desk.post(f"{at(routing)}/estimate", json={"version": 1, "lines": [line]})
    assert refused.status_code == 422
    assert errors_of(refused) == [("lines.0.unit_price", "not_an_amount")]


def test_documents_are_the_customers_alone(web: Browsing, routing: Routing) -> None:
    billing.accepted(routing)
    done(routing)
    routing.receives(a_dispute(2, invoice(routing).invoice_number, "1"))
    billing.decide(routing, DisputeOutcome.CREDITED, 2)
    dispute = f"/api/requests/{a_number(2)}"
    addresses = [f"{REPAIR}/invoice", f"{REPAIR}/invoice.pdf", f"{dispute}/credit-note.pdf"]
    addresses += [f"/api/customers/C-1/statement{form}" for form in ("", ".csv", ".pdf")]
    mine, another = web.customer(), web.customer("C-2")
    for address in addresses:
        assert mine.get(address).status_code == 200, address
        assert another.get(address).status_code == 404, address
    pdf = mine.get(f"{REPAIR}/invoice.pdf")
    assert pdf.content.startswith(b"%PDF")
    assert pdf.headers["content-disposition"] == 'attachment; filename="INV-CA-000001.pdf"'


def test_a_statement_as_a_table(web: Browsing, routing: Routing) -> None:
    """Amounts plain, for a spreadsheet; words in the caller's language."""
    billing.accepted(routing)
    done(routing)
    french = web.customer()
    french.headers["Accept-Language"] = "fr"
    table = french.get("/api/customers/c-1/statement.csv").content.decode("utf-8-sig").splitlines()
    assert table == [
        "Date,Genre,Référence,Facture,Devise,Montant,Solde",
        "2026-11-23,Facture,INV-CA-000001,INV-CA-000001,CAD,385.00,385.00",
    ]
