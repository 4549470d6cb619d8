"""The kit in a real browser: accessible, live, usable without scripts and on the smallest screen."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import Browser, Page, sync_playwright

from tests.servers import unavailable
from tests.unit.web.serving import Served, served

pytestmark = pytest.mark.browser

PAGES = ("/en/", "/fr/", "/fr/notes/nouvelle", "/en/notes", "/en/broken/conflict", "/en/broken/down", "/fr/nulle-part")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def live() -> Iterator[Served]:
    with served() as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        unavailable("browser", "install Chromium (apt-get install chromium), or name it in CHROMIUM")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


def wrong_form(page: Page, live: Served) -> None:
    page.goto(live.url + "/en/notes/new")
    page.fill("#f-text", "abc")
    page.get_by_role("button", name="Send request").click()
    page.wait_for_selector(".error-summary")


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_axe_finds_nothing(browser: Browser, live: Served, width: int, scheme: str) -> None:
    """Every page of the demo, and a form with errors; no script error, no refused style."""
    page = browser.new_page(
        viewport={"width": width, "height": 740}, color_scheme="dark" if scheme == "dark" else "light"
    )
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type == "error" and "status of" not in said.text else None,
    )
    for path in PAGES:
        page.goto(live.url + path)
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    wrong_form(page, live)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert complaints == []
    page.close()


@pytest.mark.parametrize("size", ["100%", "200%"])
def test_nothing_scrolls_sideways_on_the_smallest_screen(browser: Browser, live: Served, size: str) -> None:
    """320 px wide, and with text twice as large; long French dates break where they may."""
    page = browser.new_page(viewport={"width": 320, "height": 640})
    for path in PAGES:
        page.goto(live.url + path)
        page.evaluate("size => document.documentElement.style.setProperty('font-size', size)", size)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{path} is {wide} px wide at {size}"
    page.close()


def test_every_control_can_be_reached_and_seen(browser: Browser, live: Served) -> None:
    """Tab goes from top to bottom, each stop with a ring."""
    page = browser.new_page(viewport={"width": 1280, "height": 2000})
    page.goto(live.url + "/en/notes/new")
    stops = []
    for _ in range(30):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            "() => { const e = document.activeElement; const s = getComputedStyle(e); const r = e.getBoundingClientRect();"
            " return [e.tagName, s.outlineStyle, Math.round(r.top), Math.round(r.height)]; }"
        )
        if stop[0] == "BODY":
            break
        stops.append(stop)
    assert len(stops) == 11
    assert all(style != "none" for _, style, _, _ in stops)
    tops = [top for _, _, top, _ in stops[1:]]  # the first, the skip link, lies over the header
    assert tops == sorted(tops)
    assert all(height >= 24 for _, _, _, height in stops[1:])
    page.close()


def live_page(browser: Browser, live: Served) -> Page:
    live.demo.notes.texts[:] = ["first"]
    page = browser.new_page()
    page.goto(live.url + "/en/notes")
    page.wait_for_function("document.querySelector('#live-paused p').textContent.includes('10:00 a.m.')")
    return page


def test_a_live_page_moves_and_says_one_sentence(browser: Browser, live: Served) -> None:
    """The section is the server's, so are the words; the region was empty before."""
    page = live_page(browser, live)
    assert page.text_content("#said") == ""
    live.demo.notes.add("second")
    page.wait_for_selector("li:text-is('second')")
    assert page.text_content("#said") == "Note 2 was added."
    assert page.get_attribute("section[data-live]", "data-version") == "2"
    page.close()


def test_a_section_in_use_is_not_swapped_under_the_hand(browser: Browser, live: Served) -> None:
    """With typed text in it a bar offers what is new; taking it moves the focus there."""
    page = live_page(browser, live)
    page.fill("#f-x", "typing")
    live.demo.notes.add("second")
    page.wait_for_selector("#live-bar:not([hidden])")
    assert page.input_value("#f-x") == "typing"
    assert page.locator("li").count() == 2  # the menu's one and the first note
    page.get_by_role("button", name="Show what is new").click()
    page.wait_for_selector("li:text-is('second')")
    assert page.evaluate("document.activeElement.dataset.live") == "notes"
    assert page.is_hidden("#live-bar")
    page.close()


def test_silence_is_said_and_ends(browser: Browser, live: Served) -> None:
    """45 s without a beat: paused, with the time of the last news; with the line back the notice goes, and no news is lost."""
    page = browser.new_page()
    page.clock.install()
    live.demo.notes.texts[:] = ["first"]
    page.route("**/api/notes/events", lambda route: route.abort())
    page.goto(live.url + "/en/notes")
    page.clock.fast_forward(30_000)  # real time passes as well, on a busy machine seconds of it
    assert page.is_hidden("#live-paused")
    page.clock.fast_forward(16_000)
    assert page.is_visible("#live-paused")
    assert page.inner_text("#live-paused") == "Live updates paused, last news 10:00 a.m."
    live.demo.notes.add("while away")
    page.unroute("**/api/notes/events")
    page.clock.fast_forward(70_000)
    page.wait_for_selector("li:text-is('while away')")
    assert page.is_hidden("#live-paused")
    page.close()


def test_a_countdown_is_redrawn_each_minute_in_silence(browser: Browser, live: Served) -> None:
    """The server's words, and nothing in the live region."""
    page = browser.new_page()
    page.clock.install()
    page.goto(live.url + "/en/notes")
    before = page.inner_text("#left")
    page.clock.fast_forward(61_000)
    page.wait_for_function("text => document.getElementById('left').textContent !== text", arg=before)
    assert page.text_content("#said") == ""
    page.close()


def test_without_scripts_everything_essential_works(browser: Browser, live: Served) -> None:
    """The form posts and comes back with what was typed; buttons that need scripts are not there; the toggle keeps the form."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live.url + "/en/")
    assert page.is_hidden("[data-copy]")
    wrong_form(page, live)
    assert page.input_value("#f-text") == "abc\n" or page.input_value("#f-text") == "abc"
    page.get_by_role("button", name="Français").click()
    assert page.url.endswith("/fr/notes/nouvelle")
    page.fill("#f-serial", "210F3AT")
    page.get_by_role("button", name="Envoyer la demande").click()
    assert page.url.endswith("/fr/notes")
    page.wait_for_selector("text=Actualiser cette page")
    context.close()


def test_forced_colours_keep_shapes_and_motion_can_be_off(browser: Browser, live: Served) -> None:
    """Badges keep a border; no transition under reduced motion."""
    page = browser.new_page(forced_colors="active", reduced_motion="reduce")
    page.goto(live.url + "/en/")
    assert page.evaluate("getComputedStyle(document.querySelector('.badge')).borderStyle") == "solid"
    assert page.evaluate("getComputedStyle(document.querySelector('.button')).transitionDuration") in ("0s", "0s, 0s")
    page.close()


def test_a_page_prints_without_its_frame(browser: Browser, live: Served, tmp_path: Path) -> None:
    """Header, footer and buttons stay on the screen; in dark mode too it is black on white."""
    page = browser.new_page(color_scheme="dark")
    page.goto(live.url + "/en/")
    page.emulate_media(media="print")
    assert page.is_hidden("header")
    assert page.is_hidden("footer")
    assert page.is_hidden("a.button")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.pdf(path=tmp_path / "page.pdf")[:4] == b"%PDF"
    page.close()
