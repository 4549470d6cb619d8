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
    technician: dict[str, str]
    desk: dict[str, str]
    bench: dict[str, str]
    agent: dict[str, str]


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
    return Scene(
        number=number,
        code=fixline.stack.parts.codes.code(number),
        technician=fixline.as_staff("axe-tech", Role.TECHNICIAN, queues=(QUEUE,)),
        desk=desk,
        bench=fixline.as_staff("axe-bench", Role.DEPOT, queues=("MTL",)),
        agent=fixline.as_staff("axe-agent", Role.AGENT),
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
    )
    with a_page(browser, width=width, dark=dark) as page:
        for address, who in pages:
            sign_in(page, who, fixline)
            page.goto(f"{fixline.url}{address}?lang={language}")
            assert page.get_attribute("html", "lang") == language
            check(page, f"{address} {language}")
