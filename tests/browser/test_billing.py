"""What is billed, as the desk and the customer see it: axe finds nothing and nothing runs over, in both languages, wide and at 360 px."""

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser

from schemas.vocabulary import Role
from tests.browser.test_accessible import check, sign_in
from tests.browser.walking import OWNER, QUEUE, a_page
from tests.embedded import Fixline

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Billed:
    """Something for each page to show: estimates to make and to answer, an invoice with a line given back and a line held."""

    desk: dict[str, str]
    owner: dict[str, str]
    to_estimate: str  # a case
    sent: str  # requests
    done: str
    credited: str
    held: str
    disputed: str  # a case
    waiting: str


@pytest.fixture(scope="module")
def billed(fixline: Fixline) -> Billed:
    desk, owner = fixline.as_staff("bills-desk", Role.DESK), fixline.as_customer(OWNER)
    technician = fixline.as_staff("bills-tech", Role.TECHNICIAN, queues=(QUEUE,))

    def post(path: str, who: dict[str, str], **body: Any) -> dict[str, Any]:
        answer = fixline.ask("POST", path, who, json=body)
        assert answer.status_code < 300, f"{path}: {answer.text}"
        return dict(answer.json())

    def case(desk_name: str, number: str) -> dict[str, Any]:
        cases = fixline.ask("GET", f"/api/desks/{desk_name}", desk).json()["cases"]
        return next(one for one in cases if one["number"] == number)

    def asks(**request: Any) -> str:
        number = fixline.submits({"customer_number": OWNER, "language": "fr", **request}, owner)
        fixline.decided(number, desk)
        return number

    def order(number: str) -> dict[str, Any]:
        orders = fixline.ask("GET", f"/api/queues/{QUEUE}", desk).json()["work_orders"]
        return next(one for one in orders if one["number"] == number)

    repair = {
        "kind": "hardware_repair",
        "machine": {"type": "8286", "serial": "ZZBILL"},
        "site_id": "S-9",
        "text": "Le serveur ne démarre plus depuis hier.",
    }
    first, sent, done = (asks(**repair) for _ in range(3))
    for number in (sent, done):
        at = case("billing_desk", number)
        offer = post(f"/api/desks/billing_desk/{at['id']}/estimate/send", desk, version=at["version"])
    post(f"/api/requests/{done}/estimate/accept", owner, version=offer["version"])
    job = order(done)
    for step in ("claim", "accept", "en-route", "arrive"):
        job = post(f"/api/work-orders/{job['id']}/{step}", technician, version=job["version"])
    post(f"/api/work-orders/{job['id']}/complete", technician, version=job["version"], fixed=True)
    invoice = fixline.ask("GET", f"/api/requests/{done}/invoice", owner).json()["invoice_number"]
    credited, held = (
        asks(kind="billing_dispute", text="C'est trop.", details={"invoice_number": invoice, "lines": [line]})
        for line in ("1", "2")
    )
    at = case("billing_desk", credited)
    post(f"/api/desks/billing_desk/{at['id']}/dispute", desk, version=at["version"], outcome="credited")
    waiting = asks(kind="hardware_repair", machine={"type": "8286", "serial": "210F3AT"}, text="Bruyant.")
    job = order(waiting)
    said = {"what_for": "customer", "note": "Quel voyant est allumé, et de quelle couleur?"}
    post(f"/api/work-orders/{job['id']}/wait", desk, version=job["version"], **said)
    asks(kind="hardware_repair", machine={"type": "8286", "serial": "210F3AT"}, text="Trop chaud.")
    return Billed(
        desk=desk,
        owner=owner,
        to_estimate=case("billing_desk", first)["id"],
        sent=sent,
        done=done,
        credited=credited,
        held=held,
        disputed=case("billing_desk", held)["id"],
        waiting=waiting,
    )


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_the_desk_and_the_dispatcher_see(
    browser: Browser, fixline: Fixline, billed: Billed, language: str, width: int
) -> None:
    """The estimate's editor, the queue with both its cases, a dispute to decide, and jobs that wait and go on; all opened up."""
    pages = (
        f"/desk/billing_desk/{billed.to_estimate}/estimate?",
        f"/desk/billing_desk?case={billed.to_estimate}&",
        f"/desk/billing_desk/{billed.disputed}/dispute?",
        f"/desk/billing_desk?case={billed.disputed}&",
        f"/desk/dispatch/{QUEUE}?",
    )
    with a_page(browser, width=width) as page:
        sign_in(page, billed.desk, fixline)
        for address in pages:
            page.goto(f"{fixline.url}{address}lang={language}")
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            check(page, address)


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_the_customer_sees(browser: Browser, fixline: Fixline, billed: Billed, language: str, width: int) -> None:
    """An estimate, an invoice and its page, a charge given back, a charge held, a question to answer."""
    at, invoice = ("/en/requests/", "/invoice") if language == "en" else ("/fr/demandes/", "/facture")
    numbers = (billed.sent, billed.done, billed.credited, billed.held, billed.waiting)
    with a_page(browser, width=width) as page:
        sign_in(page, billed.owner, fixline)
        for address in (*(f"{at}{number}" for number in numbers), f"{at}{billed.done}{invoice}"):
            page.goto(fixline.url + address)
            check(page, address)
