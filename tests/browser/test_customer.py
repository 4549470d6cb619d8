"""A customer asks for help in French, sees the number, and sees the page move when a technician accepts."""

import pytest
from playwright.sync_api import Browser, Page

from schemas.vocabulary import Language, Role
from services.notifier.words import NOTIFIER_WORDS
from tests.browser.walking import QUEUE, a_page, submitted
from tests.embedded import Fixline

pytestmark = pytest.mark.browser

ASSIGNED = NOTIFIER_WORDS.say("milestone.technician_assigned", Language.FR)


def accept(fixline: Fixline, number: str) -> None:
    """A technician of the queue takes the job, by the API."""
    ops = fixline.as_staff(f"ops-{number}", Role.OPS)
    technician = fixline.as_staff(f"tech-{number}", Role.TECHNICIAN, queues=(QUEUE,))
    order = fixline.decided(number, ops)["visit"]["work_order"]
    version = 1
    for step in ("claim", "accept"):
        done = fixline.ask("POST", f"/api/work-orders/{order}/{step}", technician, json={"version": version})
        assert done.status_code == 200, done.text
        version = done.json()["version"]


def follow(page: Page) -> None:
    """From the confirmation to the tracking page."""
    with page.expect_navigation():
        page.locator('main a[href*="/fr/demandes/"]').first.click()
    page.wait_for_selector('section[data-live="tracking"]')


def test_the_page_moves_when_a_technician_accepts(browser: Browser, fixline: Fixline) -> None:
    """By itself: the page is not loaded again, and the words are the server's."""
    with a_page(browser) as page:
        seen = submitted(page, fixline)
        follow(page)
        assert "k=" not in page.url  # the code does not stay in the address
        page.evaluate("window.neverLoadedAgain = true")
        assert ASSIGNED not in page.inner_text(".timeline") if page.query_selector(".timeline") else True
        accept(fixline, seen.number)
        page.wait_for_function(
            "words => [...document.querySelectorAll('.timeline li')].some(line => line.textContent.includes(words))",
            arg=ASSIGNED,
        )
        assert page.evaluate("window.neverLoadedAgain") is True
        assert page.inner_text("html") != ""
        assert page.get_attribute("html", "lang") == "fr"


def test_the_whole_way_works_without_scripts(browser: Browser, fixline: Fixline) -> None:
    """Form, confirmation and tracking page; what moved is there after a reload."""
    with a_page(browser, scripts=False) as page:
        seen = submitted(page, fixline)
        follow(page)
        accept(fixline, seen.number)
        while ASSIGNED not in page.inner_text("main"):
            page.reload()
        assert page.get_attribute("html", "lang") == "fr"


def test_sending_twice_makes_one_request(browser: Browser, fixline: Fixline) -> None:
    """Back, and send again: the same number."""
    with a_page(browser) as page:
        first = submitted(page, fixline)
        page.go_back()
        page.reload()
        assert first.number in page.inner_text("main").replace(" ", "").replace("-", "").replace("\u2011", "")
