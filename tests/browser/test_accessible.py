"""axe finds nothing on the pages of the main road, in both languages, on a telephone and at a desk."""

from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import Browser, Page

from schemas.vocabulary import Outcome, Role
from tests.browser.walking import OWNER, QUEUE, a_page, steps
from tests.embedded import Fixline

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
SIZES = [pytest.param(360, False, id="telephone"), pytest.param(1280, True, id="desk-dark")]


@dataclass(frozen=True)
class Scene:
    """Something for each page to show."""

    number: str
    code: str
    missing: str  # a request that lacks its machine
    technician: dict[str, str]
    desk: dict[str, str]
    bench: dict[str, str]
    agent: dict[str, str]
    manager: dict[str, str]


@pytest.fixture(scope="module")
def scene(fixline: Fixline) -> Scene:
    desk = fixline.as_staff("axe-desk", Role.DESK)
    visit = {"kind": "hardware_repair", "customer_number": OWNER, "machine": {"type": "4210", "serial": "B52K7WQ"}}
    number = fixline.submits({**visit, "text": "Le serveur ne démarre plus.", "language": "fr"})
    assert fixline.decided(number, desk)["decision"]["outcome"] == Outcome.ONSITE_DISPATCH
    parcel = {"kind": "hardware_repair", "customer_number": OWNER, "machine": {"type": "7944", "serial": "KQ1X9P2"}}
    fixline.decided(fixline.submits({**parcel, "text": "L'écran reste noir."}), desk)
    unclear = {"kind": "repair", "text": "Ça ne marche plus depuis hier, pouvez-vous nous rappeler?"}
    fixline.decided(fixline.submits(unclear), desk)
    breach = {"party": "breach", "evidence": "Personne n'est venu trois fois."}
    ending = {"kind": "termination", "machine": {"type": "8286", "serial": "210F3AT"}, "details": breach}
    fixline.decided(fixline.submits(ending, fixline.as_customer(OWNER)), desk)
    gone = {"reason": "sold", "event_date": "2026-12-01"}
    sold = {"kind": "machine_transfer", "machine": {"type": "8286", "serial": "210F3AT"}, "details": gone}
    fixline.decided(fixline.submits(sold, fixline.as_customer(OWNER)), desk)
    fixline.decided(fixline.submits({"kind": "inquiry", "customer_number": OWNER, "text": "May I call?"}), desk)
    parts = {"kind": "hardware_repair", "customer_number": "C-1002", "machine": {"type": "4101", "serial": "D05TJ2C"}}
    fixline.decided(fixline.submits({**parts, "text": "A key is loose."}), desk)
    missing = fixline.submits({"kind": "hardware_repair", "customer_number": OWNER, "text": "The fan is loud."})
    fixline.decided(missing, desk)
    return Scene(
        missing=missing,
        number=number,
        code=fixline.stack.parts.codes.code(number),
        technician=fixline.as_staff("axe-tech", Role.TECHNICIAN, queues=(QUEUE,)),
        desk=desk,
        bench=fixline.as_staff("axe-bench", Role.DEPOT, queues=("MTL",)),
        agent=fixline.as_staff("axe-agent", Role.AGENT),
        manager=fixline.as_staff("axe-manager", Role.OPS),
    )


def check(page: Page, what: str) -> None:
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, f"{what}: {found.generate_report()}"
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= page.viewport_size["width"], f"{what} is {wide} px wide"  # type: ignore[index]  # it is set


def sign_in(page: Page, headers: dict[str, str], fixline: Fixline) -> None:
    name, _, value = headers["Cookie"].partition("=")
    page.context.add_cookies([{"name": name, "value": value, "url": fixline.url}])


@pytest.mark.parametrize(("width", "dark"), SIZES)
def test_the_form_and_its_confirmation(browser: Browser, fixline: Fixline, width: int, dark: bool) -> None:
    """Every page of a new request, filled in."""
    with a_page(browser, width=width, dark=dark) as page:
        for shown in steps(page, fixline):
            check(shown, shown.url)


@pytest.mark.parametrize(("width", "dark"), SIZES)
def test_pages_that_anybody_may_see(browser: Browser, fixline: Fixline, scene: Scene, width: int, dark: bool) -> None:
    """Home, the first question with an error, the tracking page, and the page that asks for the code."""
    with a_page(browser, width=width, dark=dark) as page:
        for address in ("/en/", "/fr/", "/en/requests/new", f"/en/requests/{scene.number}", "/staff/sign-in?lang=fr"):
            page.goto(fixline.url + address)
            check(page, address)
        page.goto(f"{fixline.url}/fr/demandes/nouvelle")
        page.locator("form#ask .actions button").first.click()
        page.wait_for_selector(".error-summary")
        check(page, "the first question, not answered")
        for address in (f"/en/requests/{scene.number}?k={scene.code}", f"/fr/demandes/{scene.number}"):
            page.goto(fixline.url + address)
            page.wait_for_selector('section[data-live="tracking"]')
            check(page, address)


@pytest.mark.parametrize(("width", "dark"), SIZES)
def test_what_a_customer_may_ask_of_a_request(
    browser: Browser, fixline: Fixline, scene: Scene, width: int, dark: bool
) -> None:
    """The form of what is missing, cancelling, opening again, disputing."""
    code = fixline.stack.parts.codes.code(scene.missing)
    with a_page(browser, width=width, dark=dark) as page:
        page.goto(f"{fixline.url}/en/requests/{scene.missing}?k={code}")
        check(page, "what is missing")
        for english, french in (("cancel", "annuler"), ("reopen", "rouvrir"), ("review", "revision")):
            for address in (f"/en/requests/{scene.missing}/{english}", f"/fr/demandes/{scene.missing}/{french}"):
                page.goto(fixline.url + address)
                check(page, address)


def test_nothing_scrolls_sideways_at_320_px(browser: Browser, fixline: Fixline, scene: Scene) -> None:
    """The narrowest telephones, in the language with the longer words."""
    with a_page(browser, width=320) as page:
        sign_in(page, scene.desk, fixline)
        page.goto(f"{fixline.url}/fr/demandes/{scene.missing}?k={fixline.stack.parts.codes.code(scene.missing)}")
        addresses = ["/desk", "/desk/triage", "/desk/approval", "/desk/contract_desk", f"/desk/dispatch/{QUEUE}"]
        addresses += [f"/desk/requests/{scene.number}/decisions/1", f"/fr/demandes/{scene.missing}"]
        for address in addresses:
            page.goto(f"{fixline.url}{address}?lang=fr")
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 320, f"{address} is {wide} px wide"


@pytest.mark.parametrize(("width", "dark"), SIZES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_of_staff(
    browser: Browser, fixline: Fixline, scene: Scene, width: int, dark: bool, language: str
) -> None:
    """A technician's jobs, triage, the dispatcher's queue, the bench and the telephone, with something on each."""
    pages = (
        ("/tech", scene.technician),
        ("/desk/triage", scene.desk),
        (f"/desk/dispatch/{QUEUE}", scene.desk),
        ("/desk", scene.desk),
        ("/depot", scene.bench),
        ("/phone", scene.agent),
        ("/desk/approval", scene.desk),
        ("/desk/contract_desk", scene.desk),
        ("/desk/parts_desk", scene.desk),
        ("/desk/general_desk", scene.desk),
        ("/desk", scene.manager),
        ("/desk/late", scene.manager),
        ("/desk/models", scene.manager),
        (f"/desk/requests/{scene.number}/decisions/1", scene.desk),
        (f"/desk/requests/{scene.number}/decisions/1?province=ON&level=DEPOT_MAIL_IN&at=soon", scene.desk),
    )
    with a_page(browser, width=width, dark=dark) as page:
        for address, who in pages:
            sign_in(page, who, fixline)
            page.goto(f"{fixline.url}{address}{'&' if '?' in address else '?'}lang={language}")
            assert page.get_attribute("html", "lang") == language
            check(page, f"{address} {language}")
