"""A customer asks in French, sees the number, and sees the page move when a technician accepts."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.up import Running, fixline_up

pytestmark = pytest.mark.browser

NUMBER = re.compile(r"\d{4}-\d{4}-\d{4}")


@pytest.fixture(scope="module")
def up(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with fixline_up(tmp_path_factory.mktemp("up")) as running:
        yield running


def ask_in_french(page: Page, url: str) -> str:
    """Through the whole form, one question a page; returns the number of the confirmation page."""
    page.goto(f"{url}/fr/demandes/nouvelle")
    page.check("input[name=need][value=device]")
    onward(page)
    page.fill("[name='machine.type']", "8286")
    page.fill("[name='machine.serial']", "21-0F3AT")
    onward(page)
    page.fill("[name=text]", "Le serveur ne démarre plus; un ventilateur est bruyant et un voyant orange reste allumé.")
    onward(page)
    page.fill("[name='contact.name']", "Client de l'essai")
    page.fill("[name='contact.email']", "essai@client.example")
    page.fill("[name=customer_number]", "C-1001")
    onward(page)
    page.get_by_role("button", name="Envoyer la demande").click()
    found = NUMBER.search(page.locator(".big-number").inner_text())
    assert found is not None
    return found[0].replace("-", "")


def onward(page: Page) -> None:
    page.get_by_role("button", name="Continuer").click()


def order_of(tech: httpx.Client, number: str) -> dict[str, object]:
    """The work order of a request, once routing has decided."""
    for _ in range(200):
        orders = tech.get("/api/queues/CA-QC-MTL").json()["work_orders"]
        for order in orders:
            if order["number"] == number:
                return dict(order)
    raise AssertionError("no work order came")


def test_a_customer_asks_in_french_and_sees_the_page_move(browser: Browser, up: Running) -> None:
    """Number, tracking page, then "technicien désigné" without touching the page."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="fr-CA")
    number = ask_in_french(page, up.url)
    page.goto(f"{up.url}/fr/demandes/{number}")
    expect(page.locator("h1")).to_contain_text(f"{number[:4]}-{number[4:8]}-{number[8:]}")
    with up.as_staff("tech-qc") as tech:
        order = order_of(tech, number)
        expect(page.locator("[data-live=tracking]")).to_contain_text("Un technicien ira chez vous", timeout=20_000)
        address = f"/api/work-orders/{order['id']}"
        claimed = tech.post(f"{address}/claim", json={"version": order["version"]})
        assert claimed.status_code == 200, claimed.text
        accepted = tech.post(f"{address}/accept", json={"version": claimed.json()["version"]})
        assert accepted.status_code == 200, accepted.text
    expect(page.locator("[data-live=tracking]")).to_contain_text(
        "Un technicien a pris votre intervention", timeout=20_000
    )
    page.close()


def test_the_form_works_without_scripts_and_a_second_send_gives_the_same_number(browser: Browser, up: Running) -> None:
    """The draft is the idempotency key: going back and sending again is the same request."""
    context = browser.new_context(java_script_enabled=False, locale="fr-CA")
    page = context.new_page()
    number = ask_in_french(page, up.url)
    page.go_back()
    again = page.get_by_role("button", name="Envoyer la demande")
    if again.count():
        again.click()
    found = NUMBER.search(page.locator(".big-number").inner_text())
    assert found is not None
    assert found[0].replace("-", "") == number
    context.close()
