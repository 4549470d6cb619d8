"""A customer's way through the web form, in French, as the keyboard and mouse go."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from tests.embedded import PATIENCE, Fixline

#: A machine of the sample that somebody visits in Montréal.
SERIAL, TYPE, OWNER, QUEUE = "21-0F3AT", "8286", "C-1001", "CA-QC-MTL"

#: What is typed on each page, by the fields' names.
ANSWERS: tuple[Mapping[str, str], ...] = (
    {"machine.serial": SERIAL, "machine.type": TYPE},
    {"text": "Le serveur ne démarre plus; le voyant d'alimentation reste éteint."},
    {"contact.name": "Accueil", "contact.email": "accueil@example.com", "customer_number": OWNER},
)


@contextmanager
def a_page(browser: Browser, *, scripts: bool = True, width: int = 1280, dark: bool = False) -> Iterator[Page]:
    """A page in a browser profile of its own, whose console stays empty."""
    context = browser.new_context(
        java_script_enabled=scripts,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
    )
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type == "error" and "status of" not in said.text else None,
    )
    try:
        yield page
        assert complaints == []
    finally:
        context.close()


def go_on(page: Page) -> None:
    """Press the page's first button, and see another page."""
    before = page.url
    page.locator("form#ask .actions button").first.click()
    page.wait_for_url(lambda url: url != before)


def steps(page: Page, fixline: Fixline) -> Iterator[Page]:
    """From the home page to the confirmation; each page once, filled in."""
    page.goto(f"{fixline.url}/fr/demandes/nouvelle")
    page.check('input[name="need"][value="device"]')
    yield page
    for answers in ANSWERS:
        go_on(page)
        for name, value in answers.items():
            page.fill(f'[name="{name}"]', value)
        yield page
    go_on(page)
    yield page  # everything on one page, to check
    go_on(page)
    yield page
