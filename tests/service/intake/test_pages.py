"""Home, coming in, the telephone, and what is asked of a request later."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson
import pytest
from fastapi.testclient import TestClient

from schemas.vocabulary import Role
from services.intake import accounts
from services.runtime.identity.access import undeclared_routes
from services.runtime.web.bodies import lenient_routes
from tests.builders import a_number, a_request
from tests.service.intake.harness import PASSWORD, Intake, embedded, running

CUSTOMER = {
    "number": "C-1", "name": "Boréal", "language": "fr", "email": None, "phone": "+15145550123", "country": "CA",
    "province": "QC", "timezone": "America/Toronto", "sites": [], "entitlements": [], "requests": [],
    "devices": [
        {"machine": {"type": "8286", "model": None, "serial": "210F3AT"}, "contract_number": "M-1", "site_id": "S-1",
         "service_level": "ONSITE_NBD", "covers_today": True, "covered_until": "2027-03-31"},
        {"machine": {"type": "8286", "model": None, "serial": "OLD1"}, "contract_number": "M-1", "site_id": "S-1",
         "service_level": "ONSITE_NBD", "covers_today": False, "covered_until": "2025-03-31"},
    ],
}  # fmt: skip


class Routing(BaseHTTPRequestHandler):
    """Answers for one customer, whom two search terms find."""

    def do_GET(self) -> None:
        found: object = {"customers": [CUSTOMER] if "phone=" in self.path else [CUSTOMER, CUSTOMER]}
        status = 200
        if "?" not in self.path:
            found, status = (CUSTOMER, 200) if self.path == "/api/customers/C-1" else ({}, 404)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(orjson.dumps(found))

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def with_routing(tmp_path: Path) -> Iterator[Intake]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Routing)
    threading.Thread(target=server.serve_forever).start()
    with running(embedded(tmp_path, routing_url=f"http://127.0.0.1:{server.server_port}")) as intake:
        yield intake
    server.shutdown()
    server.server_close()


def test_every_route_says_who_may(intake: Intake) -> None:
    """And none reads a body leniently."""
    assert undeclared_routes(intake.client.app) == []  # type: ignore[arg-type]  # it is our FastAPI app
    assert lenient_routes(intake.client.app) == []  # type: ignore[arg-type]  # it is our FastAPI app


def test_the_door_leads_to_the_callers_language(intake: Intake) -> None:
    """By Accept-Language, else English."""
    assert intake.browser().get("/", headers={"Accept-Language": "fr-CA"}).headers["location"] == "/fr/"
    assert intake.browser().get("/").headers["location"] == "/en/"


def test_a_mistyped_number_is_said_at_home(intake: Intake) -> None:
    """One digit off, or none; a right one leads to its page."""
    number = a_number()
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    for typed, words in ((wrong, "Un chiffre ne va pas."), ("", "Entrez le numéro de demande.")):
        answer = intake.browser().post("/fr/", data={"number": typed})
        assert answer.status_code == 422
        assert words in answer.text
    shown = f"{number[:4]}-{number[4:8]}-{number[8:]}"
    assert intake.browser().post("/fr/", data={"number": shown}).headers["location"] == f"/fr/demandes/{number}"


def test_number_and_code_open_a_request(intake: Intake) -> None:
    """Then `next`, if it is about that request; a wrong code is one sentence, after five of them a wait."""
    number = intake.post(a_request()).json()["number"]
    code = intake.stack.parts.codes.code(number)
    browser = intake.browser()
    asked = f"/en/requests/{number}/cancel"
    to = browser.get(asked).headers["location"]
    assert to.startswith("/en/sign-in?next=")
    opened = browser.post(to, data={"number": number, "tracking_code": f"{code[:4]} {code[4:]}"})
    assert opened.headers["location"] == asked
    assert browser.get(asked).status_code == 200
    elsewhere = intake.browser().post("/en/sign-in?next=//evil.example", data={"number": number, "tracking_code": code})
    assert elsewhere.headers["location"] == f"/en/requests/{number}"
    statuses = [
        intake.browser().post("/en/sign-in", data={"number": number, "tracking_code": "1"}).status_code
        for _ in range(6)
    ]
    assert statuses == [422] * 5 + [429]


def test_staff_sign_in_and_out(intake: Intake) -> None:
    """An agent comes to the telephone, or where they were going; never to another host."""
    agent = intake.staff(Role.AGENT)
    assert agent.get("/phone").status_code == 200
    again = {"username": "mroy", "password": PASSWORD}
    assert intake.browser().post("/staff/sign-in", data=again).headers["location"] == "/phone"
    assert intake.browser().post("/staff/sign-in?next=/desk/x", data=again).headers["location"] == "/desk/x"
    assert intake.browser().post("/staff/sign-in?next=//evil.example", data=again).headers["location"] == "/phone"
    assert agent.post("/sign-out").status_code == 303
    assert agent.get("/phone").headers["location"].startswith("/staff/sign-in")


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(intake: Intake) -> None:
    """And a disabled account; ten of them mean a wait, also for the right one."""
    intake.staff(Role.AGENT)
    intake.staff(Role.AGENT, username="gone")
    with intake.work() as work:
        accounts.disable_staff(work, "gone")
    pages = {
        intake.browser().post("/staff/sign-in", data={"username": name, "password": "no"}).text.replace(name, "NAME")
        for name in ("mroy", "nobody", "gone")
    }
    assert len({page[page.index("error-summary") :] for page in pages}) == 1
    for _ in range(7):
        intake.browser().post("/staff/sign-in", data={"username": "mroy", "password": "no"})
    right = {"username": "mroy", "password": PASSWORD}
    assert intake.browser().post("/staff/sign-in", data=right).status_code == 429


def test_a_disabled_account_loses_its_open_session(intake: Intake) -> None:
    """The session's version is no longer the account's."""
    agent = intake.staff(Role.AGENT)
    with intake.work() as work:
        accounts.disable_staff(work, "mroy")
    assert agent.get("/phone").status_code == 303


def test_the_telephone_is_for_agents(intake: Intake) -> None:
    """Others are sent to sign in, or refused."""
    assert intake.browser().get("/phone").status_code == 303
    assert intake.staff(Role.TECHNICIAN).get("/phone").status_code == 403


def test_a_call_becomes_a_request(with_routing: Intake) -> None:
    """The customer is found with covered devices; one is chosen; the number is read back in the caller's language."""
    agent = with_routing.staff(Role.AGENT)
    page = agent.get("/phone?customer=C-1").text
    assert "Boréal" in page
    assert "8286 210F3AT" in page
    assert "OLD1" not in page
    call = {
        "key": "k1", "kind": "hardware_repair", "customer_number": "c-1", "device": "8286/210F3AT", "language": "fr",
        "text": "Bruit.", "severity": "2",
    }  # fmt: skip
    sent = agent.post("/phone", data=call)
    assert sent.status_code == 303, sent.text
    assert agent.post("/phone", data=call).headers["location"] == sent.headers["location"]
    (row,) = with_routing.requests()
    assert (row["channel"], row["submitter_type"], row["submitter_id"]) == ("phone", "staff", "mroy")
    assert (row["customer_number"], row["request"]["machine"]["serial"]) == ("C-1", "210F3AT")
    said = agent.get(sent.headers["location"]).text
    spoken = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"]
    for group in (row["number"][:4], row["number"][4:8], row["number"][8:]):
        assert ", ".join(spoken[int(digit)] for digit in group) in said


def test_a_caller_is_found_by_telephone_or_chosen_among_several(with_routing: Intake) -> None:
    """A search keeps what was typed."""
    agent = with_routing.staff(Role.AGENT)
    found = agent.post("/phone", data={"_find": "find", "find": "514 555 0123", "text": "It hums."}).text
    assert "Boréal" in found
    assert "It hums." in found
    several = agent.post("/phone", data={"_find": "find", "find": "Bor"}).text
    assert 'name="_find" value="C-1"' in several


def test_a_call_is_taken_without_routing(intake: Intake) -> None:
    """Look-up away: the page says so, and the request goes on."""
    agent = intake.staff(Role.AGENT)
    assert "does not answer" in agent.get("/phone?customer=C-1").text
    assert agent.post("/phone", data={"key": "k", "kind": "repair", "text": "Dead."}).status_code == 303


def test_a_call_with_a_mistake_stays_on_the_page(intake: Intake) -> None:
    """422 with all that was typed; no kind, a telephone that is none."""
    answer = intake.staff(Role.AGENT).post("/phone", data={"key": "k", "contact.phone": "12", "text": "It hums."})
    assert answer.status_code == 422
    assert "Choose what it is about." in answer.text
    assert "It hums." in answer.text


def test_a_customer_cancels_and_completes(intake: Intake) -> None:
    """Each is recorded once under the form's key, in the request's line; then the tracking page."""
    browser = intake.browser()
    number = intake.post(a_request()).json()["number"]
    code = intake.stack.parts.codes.code(number)
    browser.post("/fr/connexion", data={"number": number, "tracking_code": code})
    complete = f"/fr/demandes/{number}/completer"
    assert browser.get(complete).status_code == 200
    assert browser.post(complete, data={"send": ""}).status_code == 422
    assert browser.post(complete, data={"machine.serial": "x" * 99}).status_code == 422
    done = browser.post(complete, data={"machine.serial": "21-0f3at", "machine.type": "8286", "key": "a"})
    assert (done.status_code, done.headers["location"]) == (303, f"/fr/demandes/{number}")
    for _ in range(2):
        assert browser.post(f"/fr/demandes/{number}/annuler", data={"reason": "Réparé.", "key": "b"}).status_code == 303
    told = [(event["type"], event["sequence"]) for event in intake.events()]
    assert told == [("request.accepted", 0), ("request.amended", 1), ("request.cancel-requested", 2)]
    amended, cancelled = intake.events()[1:]
    assert amended["changes"]["machine"] == {"type": "8286", "model": None, "serial": "210F3AT"}
    assert (cancelled["reason"], cancelled["submitter"]["type"]) == ("Réparé.", "request")


def opened(intake: Intake, number: str) -> TestClient:
    """A browser that has opened the request by its code."""
    browser = intake.browser()
    browser.post("/en/sign-in", data={"number": number, "tracking_code": intake.stack.parts.codes.code(number)})
    return browser


def test_a_customer_opens_a_request_again(intake: Intake) -> None:
    """The page says what it means; what is still wrong goes with it."""
    number = intake.post(a_request()).json()["number"]
    browser, address = opened(intake, number), f"/en/requests/{number}/reopen"
    assert "the same number" in browser.get(address).text
    assert browser.post(address, data={"reason": "x" * 1001}).status_code == 422
    assert browser.post(address, data={"reason": "It hums again.", "key": "a"}).status_code == 303
    told = intake.events()[-1]
    assert (told["type"], told["reason"]) == ("request.reopen-requested", "It hums again.")


def test_only_what_was_asked_is_shown_when_something_is_wrong_with_it(intake: Intake) -> None:
    """What was typed stays, the other fields stay away."""
    number = intake.post(a_request()).json()["number"]
    browser, address = opened(intake, number), f"/en/requests/{number}/complete"
    answer = browser.post(address, data={"asked": "machine.serial", "machine.serial": "x" * 99})
    assert answer.status_code == 422
    assert ('name="machine.serial"' in answer.text, 'name="product_id"' in answer.text) == (True, False)
    assert "x" * 99 in answer.text


def test_the_answer_to_a_question_is_the_text_of_an_amendment(intake: Intake) -> None:
    """An empty answer, or one too long, is said beside its own field."""
    number = intake.post(a_request()).json()["number"]
    browser, address = opened(intake, number), f"/en/requests/{number}/complete"
    for typed in ("", "x" * 20_001):
        wrong = browser.post(address, data={"asked": "answer", "answer": typed})
        assert (wrong.status_code, 'href="#f-answer"' in wrong.text) == (422, True)
    done = browser.post(address, data={"asked": "answer", "answer": "The orange one.", "key": "a"})
    assert done.headers["location"] == f"/en/requests/{number}"
    assert intake.events()[-1]["changes"]["text"] == "The orange one."


def test_who_holds_the_code_disputes_the_coverage_of_that_request(intake: Intake) -> None:
    """The device is filled in; the review is a request of its own that names the first, of the same customer."""
    first = {"kind": "hardware_repair", "customer_number": "C-1", "machine": {"type": "8286", "serial": "A1"}}
    number = intake.post(first).json()["number"]
    browser, address = opened(intake, number), f"/en/requests/{number}/review"
    assert 'value="A1"' in browser.get(address).text
    sent = {"machine.type": "8286", "machine.serial": "A1", "key": "a"}
    assert browser.post(address, data=sent).status_code == 422
    done = [browser.post(address, data={**sent, "details.evidence": "Invoice 12."}) for _ in range(2)]
    assert [answer.status_code for answer in done] == [303, 303]
    assert done[0].headers["location"] == done[1].headers["location"]
    row = next(row for row in intake.requests() if row["kind"] == "coverage_review")
    assert row["request"]["kind"] == "coverage_review"
    assert row["request"]["customer_number"] == "C-1"
    assert row["request"]["details"] == {"request_number": number, "evidence": "Invoice 12."}
    assert (row["submitter_type"], row["customer_number"]) == ("anonymous", None)


def test_nobody_disputes_the_coverage_of_anothers_request(intake: Intake) -> None:
    """Not on the page, and not by API."""
    mine, other = (intake.post(a_request()).json()["number"] for _ in range(2))
    browser = opened(intake, mine)
    assert browser.get(f"/en/requests/{other}/review").status_code == 404
    body = {"kind": "coverage_review", "details": {"request_number": other, "evidence": "x"}}
    assert browser.post("/api/requests", json=body).status_code in (401, 403)


def test_nobody_asks_about_anothers_request(intake: Intake) -> None:
    """Who opened one gets 404 for another, as for one that is not there."""
    mine, other = (intake.post(a_request()).json()["number"] for _ in range(2))
    browser = intake.browser()
    code = intake.stack.parts.codes.code(mine)
    browser.post("/en/sign-in", data={"number": mine, "tracking_code": code})
    for number in (other, a_number(7), "123"):
        assert browser.get(f"/en/requests/{number}/cancel").status_code == 404
        assert browser.post(f"/en/requests/{number}/complete", data={"text": "x"}).status_code == 404
        assert browser.post(f"/api/requests/{number}/cancel", json={}).status_code == 404


def test_a_charge_is_disputed_by_its_customer_whoever_asked_for_the_repair(intake: Intake) -> None:
    """The invoice's page sends it. Theirs it is by the session, whatever the form says; an agent says whose it is."""
    form = {"customer_number": "C-2", "invoice_number": "INV-CA-000001", "lines": ["1"], "key": "tab-1"}
    browser = intake.customer("C-1")
    assert browser.post("/fr/contestations", data=form).headers["location"].startswith("/fr/demandes/")
    assert intake.staff(Role.AGENT).post("/en/disputes", data=form).status_code == 303
    assert sorted(row["customer_number"] for row in intake.requests()) == ["C-1", "C-2"]
    assert intake.browser().post("/en/disputes", data=form).headers["location"].startswith("/en/sign-in")
