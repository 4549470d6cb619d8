"""A browser, and the whole program for it to look at."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.embedded import Fixline, running
from tests.servers import unavailable


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        unavailable("browser", "install Chromium (apt-get install chromium), or name it in CHROMIUM")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def fixline(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Fixline]:
    """Asked for with the browser: without one nothing is started."""
    with running(tmp_path_factory.mktemp("browser")) as program:
        yield program
