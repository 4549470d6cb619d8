"""A repair that nothing covers, through the whole program: estimate, acceptance on the tracking page, work, invoice, dispute.

Three services behind one HTTP server on SQLite; what the customer sees is read from the notifier's page and API, as they would.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from schemas.vocabulary import Milestone, Role
from services.commands.reconcile import settled
from tests.embedded import PATIENCE, Fixline, running
from tests.servers import wait_until

pytestmark = pytest.mark.slow

CUSTOMER, QUEUE, SITE = "C-1001", "CA-QC-MTL", "S-9"


@pytest.fixture(scope="module")
def fixline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fixline]:
    with running(tmp_path_factory.mktemp("billing")) as started:
        yield started


def until(
    fixline: Fixline, number: str, who: Mapping[str, str], is_so: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """The request as its customer sees it, once it is so."""
    wait_until(lambda: is_so(fixline.shown(number, who)), PATIENCE, f"{number} to change")
    return fixline.shown(number, who)


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json() if status == 200 else answer


def case_of(fixline: Fixline, desk: Mapping[str, str], number: str) -> dict[str, Any]:
    cases = done(fixline.ask("GET", "/api/desks/billing_desk", desk))["cases"]
    found: dict[str, Any] = next(case for case in cases if case["number"] == number)
    return found


def test_from_an_estimate_to_a_credit_note(fixline: Fixline) -> None:
    """The chain of docs/rules.md §8, and nothing in the tables that the events do not say."""
    customer, desk = fixline.as_customer(CUSTOMER), fixline.as_staff("clerk", Role.DESK)
    technician = fixline.as_staff("tech", Role.TECHNICIAN, queues=(QUEUE,))
    machine = {"type": "9999", "serial": "NOTCOVERED"}
    asked = {"kind": "hardware_repair", "machine": machine, "site_id": SITE, "text": "It is dead.", "language": "en"}
    number = fixline.submits(asked, customer)
    page = f"/en/requests/{number}"
    assert fixline.decided(number, customer)["milestone"] == Milestone.ESTIMATE_IN_PREPARATION

    case = case_of(fixline, desk, number)
    at = f"/api/desks/billing_desk/{case['id']}/estimate/send"
    offer = done(fixline.ask("POST", at, desk, json={"version": case["version"]}))
    shown = until(fixline, number, customer, lambda one: bool(one["milestone"] == Milestone.ESTIMATE_SENT))
    assert {"accept_estimate", "decline_estimate"} <= set(shown["actions"])
    assert shown["bill"]["estimate"]["total"] == "385.00"
    html = fixline.ask("GET", page, customer).text
    assert "Accept, $385.00" in html
    assert "Good until" in html
    assert "Accepter, 385,00" in fixline.ask("GET", f"/fr/demandes/{number}", customer).text

    form = {"version": str(offer["version"]), "answer": "accept"}
    done(fixline.ask("POST", f"{page}/estimate", customer, data=form), 303)
    visit = until(fixline, number, customer, lambda one: one["visit"] is not None)["visit"]["work_order"]
    assert "Accept, $385.00" not in fixline.ask("GET", page, customer).text
    version = 1
    for step in ("claim", "accept", "en-route", "arrive"):
        moved = fixline.ask("POST", f"/api/work-orders/{visit}/{step}", technician, json={"version": version})
        version = done(moved)["version"]
    body = {"version": version, "fixed": True}
    done(fixline.ask("POST", f"/api/work-orders/{visit}/complete", technician, json=body))

    shown = until(fixline, number, customer, lambda one: bool(one["bill"]["invoice"]))
    invoice = shown["bill"]["invoice"]["invoice_number"]
    assert (shown["status"], invoice, shown["bill"]["invoice"]["total"]) == ("resolved", "INV-CA-000001", "385.00")
    assert invoice in fixline.ask("GET", page, customer).text
    assert fixline.ask("GET", f"/api/requests/{number}/invoice.pdf", customer).content.startswith(b"%PDF")

    ticked = {"invoice_number": invoice, "lines": "2", "text": "Nobody came twice.", "key": "tab-1"}
    sent = [done(fixline.ask("POST", "/en/disputes", customer, data=ticked), 303) for _ in range(2)]
    addresses = {answer.headers["location"] for answer in sent}
    assert len(addresses) == 1  # a double click is one dispute
    dispute = addresses.pop().rpartition("/")[2]
    shown = until(fixline, dispute, customer, lambda one: one["bill"] is not None)
    assert (shown["bill"]["dispute"]["lines"], shown["bill"]["dispute"]["held"]) == ([2], "95.00")
    case = case_of(fixline, desk, dispute)
    ends = {"version": case["version"], "outcome": "credited"}
    done(fixline.ask("POST", f"/api/desks/billing_desk/{case['id']}/dispute", desk, json=ends))
    until(fixline, dispute, customer, lambda one: bool(one["status"] == "resolved"))
    html = fixline.ask("GET", f"/en/requests/{dispute}", customer).text
    assert "You are right: we give back all that you disputed." in html
    assert "credit note CRN-CA-000001" in html
    [account] = done(fixline.ask("GET", f"/api/customers/{CUSTOMER}/statement", customer))["accounts"]
    assert account["balance"] == "290.00"
    assert settled(fixline.stack.workshops, patience=30) == []


def test_a_stranger_who_names_a_customer_sees_no_amount_and_cannot_accept(fixline: Fixline) -> None:
    """They hold the code of what they sent; the money is the customer's."""
    machine = {"type": "9999", "serial": "STRANGER"}
    number = fixline.submits(
        {"kind": "hardware_repair", "customer_number": CUSTOMER, "machine": machine, "text": "It is dead, no lights."}
    )
    holder, desk = fixline.as_holder(number), fixline.as_staff("clerk2", Role.DESK)
    fixline.decided(number, holder)
    case = case_of(fixline, desk, number)
    at = f"/api/desks/billing_desk/{case['id']}/estimate/send"
    offer = done(fixline.ask("POST", at, desk, json={"version": case["version"]}))
    shown = until(fixline, number, holder, lambda one: bool(one["milestone"] == Milestone.ESTIMATE_SENT))
    assert (shown["bill"], shown["actions"]) == (None, ["cancel"])
    answerable = fixline.shown(number, fixline.as_customer(CUSTOMER))["actions"]
    assert answerable == ["accept_estimate", "decline_estimate"]  # to cancel what a stranger sent, the code is needed
    html = fixline.ask("GET", f"/en/requests/{number}", holder).text
    assert offer["total"] not in html
    assert "Sign in, or call us" in html
    form = {"version": str(offer["version"]), "answer": "accept"}
    assert fixline.ask("POST", f"/en/requests/{number}/estimate", holder, data=form).status_code == 403
