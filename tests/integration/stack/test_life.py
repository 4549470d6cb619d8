"""What follows a first decision, on real Kafka and PostgreSQL: a repair that is billed to the end, and workers that learn."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.responses import Response

from services.commands.day import OUR_PAGE, by_form, client
from services.commands.sample import technician_of
from services.routing.tables import DECISIONS
from services.runtime.identity.cookies import Session
from services.runtime.identity.principal import Customer
from services.stack import Stack
from tests.integration.stack.processes import PATIENCE, Process, ProcessStack
from tests.servers import free_port, wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.slow]

OWNER, MONTREAL = "C-1001", "CA-QC-MTL"
#: Nothing covers it; it stands at the customer's site in Montréal.
UNCOVERED: dict[str, Any] = {
    "kind": "hardware_repair",
    "machine": {"type": "8286", "serial": "ZZLIFE"},
    "site_id": "S-9",
    "text": "It is dead, no lights.",
}
#: A text of which the packaged model cannot tell whether it speaks of hardware or of software.
UNCLEAR: dict[str, Any] = {
    "kind": "repair",
    "customer_number": OWNER,
    "text": "Ça ne marche plus depuis hier, pouvez-vous nous rappeler?",
}


@dataclass
class People:
    """Who calls the services, each at its own address."""

    stack: ProcessStack
    http: httpx.Client
    _headers: dict[str, dict[str, str]] = field(default_factory=dict)

    def staff(self, username: str) -> dict[str, str]:
        if username not in self._headers:
            cookies = by_form(self.stack.addresses.intake, self.stack.passwords, PATIENCE)(username)
            cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
            self._headers[username] = {"Cookie": cookie, **OUR_PAGE}
        return self._headers[username]

    def customer(self, number: str) -> dict[str, str]:
        """A browser after sign-in, by the keys that all processes share."""
        response = Response()
        cookies = Stack(self.stack._settings("intake"), ("intake",)).parts.cookies
        cookies.sign_in(response, Session(Customer(number), 1))
        return {"Cookie": response.headers["set-cookie"].partition(";")[0], **OUR_PAGE}

    def post(self, address: str, who: dict[str, str], **body: Any) -> dict[str, Any]:
        answer = self.http.post(address, headers=who, json=body)
        assert answer.is_success, f"{address}: {answer.status_code} {answer.text}"
        return dict(answer.json())

    def get(self, address: str, who: dict[str, str]) -> dict[str, Any]:
        answer = self.http.get(address, headers=who)
        assert answer.is_success, f"{address}: {answer.status_code} {answer.text}"
        return dict(answer.json())

    def asks(self, who: dict[str, str] | None = None, **request: Any) -> str:
        """A request's number, as soon as it was decided."""
        number = str(self.post(f"{self.stack.addresses.intake}/api/requests", who or OUR_PAGE, **request)["number"])
        self.shows(number, lambda shown: shown["decision"] is not None)
        return number

    def shows(self, number: str, what: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The notifier's page of a request, as soon as it says so."""
        seen: dict[str, Any] = {}

        def says() -> bool:
            seen.update(self.get(f"{self.stack.addresses.notifier}/api/requests/{number}", self.staff("ops")))
            return what(seen)

        wait_until(says, PATIENCE, f"the page of {number}")
        return seen

    def case(self, desk: str, number: str) -> dict[str, Any]:
        cases = self.get(f"{self.stack.addresses.routing}/api/desks/{desk}", self.staff("ops"))["cases"]
        return next(one for one in cases if one["number"] == number)


@pytest.fixture(scope="module")
def people(stack: ProcessStack) -> Iterator[People]:
    with client() as http:
        yield People(stack, http)


def test_a_repair_that_nothing_covers_is_billed_disputed_and_credited(stack: ProcessStack, people: People) -> None:
    """Estimate sent → accepted → repaired → invoice → dispute → credit note; each step is told over Kafka; nothing differs."""
    routing, desk, owner = stack.addresses.routing, people.staff("ops"), people.customer(OWNER)
    number = people.asks(owner, **UNCOVERED)
    case = people.case("billing_desk", number)
    offer = people.post(f"{routing}/api/desks/billing_desk/{case['id']}/estimate/send", desk, version=case["version"])
    shown = people.shows(number, lambda shown: shown["milestone"] == "estimate_sent")
    assert shown["bill"]["estimate"]["total"] == offer["total"]
    people.post(f"{routing}/api/requests/{number}/estimate/accept", owner, version=offer["version"])
    technician = people.staff(technician_of(MONTREAL))
    job = people.get(f"{routing}/api/work-orders/WO-{number}-1", technician)
    for step in ("claim", "accept", "en-route", "arrive"):
        job = people.post(f"{routing}/api/work-orders/{job['id']}/{step}", technician, version=job["version"])
    people.post(f"{routing}/api/work-orders/{job['id']}/complete", technician, version=job["version"], fixed=True)
    shown = people.shows(number, lambda shown: shown["status"] == "resolved")
    invoice = shown["bill"]["invoice"]
    assert (invoice["invoice_number"], invoice["total"]) == ("INV-CA-000001", offer["total"])
    details = {"invoice_number": invoice["invoice_number"], "lines": ["1"]}
    dispute = people.asks(owner, kind="billing_dispute", text="Too much.", details=details)
    case = people.case("billing_desk", dispute)
    at = f"{routing}/api/desks/billing_desk/{case['id']}/dispute"
    people.post(at, desk, version=case["version"], outcome="credited")
    shown = people.shows(dispute, lambda shown: shown["status"] == "resolved")
    first = offer["lines"][0]["amount"]
    assert (shown["bill"]["dispute"]["credit_note"], shown["bill"]["dispute"]["credited"]) == ("CRN-CA-000001", first)
    owed = people.get(f"{routing}/api/requests/{number}/invoice", owner)
    assert (owed["total"], [note["total"] for note in owed["credit_notes"]]) == (offer["total"], [first])
    assert stack.differences() == []


def test_two_workers_read_with_the_same_model_after_a_correction(
    stack: ProcessStack, people: People, tmp_path: Path
) -> None:
    """What a person corrected is learnt once; from the next batch on both workers judge by it, and every decision says so."""
    port = free_port()
    own = {"FIXLINE_INSTANCE": "work-routing-2", "FIXLINE_METRICS_PORT": str(port)}
    second = Process("work", "routing", stack.environment("work", "routing") | own, port, tmp_path)
    second.start()
    try:
        wait_until(stack["work", "routing"].is_ready, PATIENCE, "the first worker to have its share")
        number = people.asks(**UNCLEAR)
        case = people.case("triage", number)
        said = {"version": case["version"], "said": "hardware"}
        people.post(f"{stack.addresses.routing}/api/desks/triage/{case['id']}/correct", people.staff("ops"), **said)
        learnt = stack.answer("routing", "model", "learn")
        assert learnt["learnt"]
        before = [decided_by(worker) for worker in (stack["work", "routing"], second)]
        numbers = [people.asks(**UNCLEAR) for _ in range(24)]
        assert models(stack, numbers) == {learnt["in_use"]}
        after = [decided_by(worker) for worker in (stack["work", "routing"], second)]
        assert all(now > then for then, now in zip(before, after, strict=True)), f"not both had some: {before} {after}"
    finally:
        second.ask_to_stop()
        assert second.wait_stopped() == 0


def models(stack: ProcessStack, numbers: list[str]) -> set[str]:
    """The versions of the model that read these requests."""
    query = select(DECISIONS.c.evidence).where(DECISIONS.c.number.in_(numbers))
    with stack.workshops["routing"].database.reading() as connection:
        return {evidence["text"]["model"] for evidence in connection.execute(query).scalars()}


def decided_by(worker: Process) -> float:
    """How many decisions a worker has made, by its own metrics."""
    told = httpx.get(f"http://127.0.0.1:{worker.port}/metrics", trust_env=False, timeout=10).text
    return sum(float(number) for number in re.findall(r"^fixline_decisions_total\{[^}]*\} (\S+)$", told, re.M))
