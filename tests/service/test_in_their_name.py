"""What somebody sent in a customer's name without signing in: the customer sees it, and changes it with its tracking code."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.embedded import Fixline, running

pytestmark = pytest.mark.slow

CUSTOMER = "C-1001"
PAGES = {"en": "/en/requests/", "fr": "/fr/demandes/"}
#: To give what is missing, to cancel, to ask for a review.
ACTS = {"en": ("/complete", "/cancel", "/review"), "fr": ("/completer", "/annuler", "/revision")}
SAYS = {
    "en": "It was not sent from your account. To answer, change or cancel it, enter its tracking code",
    "fr": "Elle n&#39;a pas été envoyée depuis votre compte. Pour y répondre, la modifier ou l&#39;annuler, entrez son code",
}
#: A machine without its serial number is asked for it; one that nothing covers gets an estimate, or a review.
ASKED: Mapping[str, Mapping[str, Any]] = {
    "something is missing": {"kind": "hardware_repair", "text": "It is dead, no lights."},
    "nothing covers it": {
        "kind": "hardware_repair",
        "machine": {"type": "9999", "serial": "STRANGER"},
        "text": "Dead.",
    },
}


@pytest.fixture(scope="module")
def fixline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fixline]:
    with running(tmp_path_factory.mktemp("name")) as started:
        yield started


def sent_by_a_stranger(fixline: Fixline, what: str) -> str:
    number = fixline.submits({**ASKED[what], "customer_number": CUSTOMER, "language": "en"})
    fixline.decided(number, fixline.as_customer(CUSTOMER))
    return number


def offered(fixline: Fixline, number: str, language: str, who: dict[str, str]) -> set[str]:
    """The acts that the page leads to."""
    page = fixline.ask("GET", PAGES[language] + number, who).text
    return {act for act in ACTS[language] if f"{number}{act}" in page}


@pytest.mark.parametrize("language", PAGES)
@pytest.mark.parametrize("what", ASKED)
def test_the_page_offers_nothing_that_would_be_refused_and_says_how(fixline: Fixline, what: str, language: str) -> None:
    """Not there for the customer without the code, so no link or form leads to it; with the code, all that is possible does."""
    number, customer = sent_by_a_stranger(fixline, what), fixline.as_customer(CUSTOMER)
    for act in ACTS[language]:
        assert fixline.ask("GET", PAGES[language] + number + act, customer).status_code == 404
    assert offered(fixline, number, language, customer) == set()
    assert SAYS[language] in fixline.ask("GET", PAGES[language] + number, customer).text
    opened = with_code(fixline, number, language, customer)
    acts = offered(fixline, number, language, opened)
    assert acts
    for act in acts - {"/complete", "/completer"}:
        assert fixline.ask("GET", PAGES[language] + number + act, opened).status_code == 200
    assert SAYS[language] not in fixline.ask("GET", PAGES[language] + number, opened).text


def with_code(fixline: Fixline, number: str, language: str, customer: dict[str, str]) -> dict[str, str]:
    """The customer's browser after the code was typed on the page."""
    typed = {"tracking_code": fixline.stack.parts.codes.code(number)}
    answer = fixline.ask("POST", PAGES[language] + number, customer, data=typed)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGES[language] + number)
    name = fixline.stack.parts.cookies.opened_name
    return {**customer, "Cookie": f"{customer['Cookie']}; {name}={answer.cookies[name]}"}


def test_a_wrong_code_is_said_and_opens_nothing(fixline: Fixline) -> None:
    number, customer = sent_by_a_stranger(fixline, "something is missing"), fixline.as_customer(CUSTOMER)
    answer = fixline.ask("POST", PAGES["en"] + number, customer, data={"tracking_code": "00000000"})
    assert answer.status_code == 422
    assert fixline.stack.parts.cookies.opened_name not in answer.cookies


def test_the_actions_of_the_api_are_those_that_the_caller_may_ask(fixline: Fixline) -> None:
    """None that would answer 404."""
    number, customer = sent_by_a_stranger(fixline, "something is missing"), fixline.as_customer(CUSTOMER)
    assert fixline.shown(number, customer)["actions"] == []
    assert fixline.ask("POST", f"/api/requests/{number}/cancel", customer, json={}).status_code == 404
    opened = with_code(fixline, number, "en", customer)
    for who in (opened, fixline.as_holder(number)):
        assert fixline.shown(number, who)["actions"] == ["amend", "cancel"]
    assert fixline.ask("POST", f"/api/requests/{number}/cancel", opened, json={}).status_code == 202


def test_what_customers_sent_themselves_asks_for_no_code(fixline: Fixline) -> None:
    customer = fixline.as_customer(CUSTOMER)
    number = fixline.submits({**ASKED["something is missing"], "language": "en"}, customer)
    assert fixline.decided(number, customer)["actions"] == ["amend", "cancel"]
    assert offered(fixline, number, "en", customer) == {"/complete", "/cancel"}
    assert SAYS["en"] not in fixline.ask("GET", PAGES["en"] + number, customer).text
