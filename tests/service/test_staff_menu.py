"""Staff come in where they work, and the header leads there from every page."""

import re
from collections.abc import Iterator

import pytest

from schemas.vocabulary import Role
from tests.embedded import OUR_PAGE, Fixline, running

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def fixline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fixline]:
    with running(tmp_path_factory.mktemp("menu")) as started:
        yield started


def menu(page: str) -> list[str]:
    """The addresses of the header's links."""
    found = re.search(r'<nav class="menu".*?</nav>', page, re.DOTALL)
    assert found is not None, "no menu"
    return re.findall(r'href="([^"]+)"', found[0])


@pytest.mark.parametrize("role", Role)
def test_after_sign_in_a_page_is_there_and_so_is_all_that_its_menu_leads_to(fixline: Fixline, role: Role) -> None:
    """For each role, in both languages."""
    who = fixline.as_staff(f"menu-{role}", role, queues=("*",))
    form = {"username": f"menu-{role}", "password": "correct horse battery"}
    place = fixline.ask("POST", "/staff/sign-in", OUR_PAGE, data=form).headers["location"]
    for language in ("en", "fr"):
        page = fixline.ask("GET", f"{place}?lang={language}", who)
        assert page.status_code == 200
        links = menu(page.text)
        assert {at: fixline.ask("GET", at, who).status_code for at in links} == dict.fromkeys(links, 200)
