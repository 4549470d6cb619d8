"""A person asks on the web: one question a page, no scripts, one number however often it is sent."""

import re

import pytest
from fastapi.testclient import TestClient

from schemas.vocabulary import Language
from services.intake.form import Step
from services.intake.request_pages import address_of
from tests.service.intake.harness import Intake
from tests.unit.web.wordlist import assert_words_match

EN, FR = "/en/requests/new", "/fr/demandes/nouvelle"
#: A form without answers still sends something.
BUTTON = {"continue": ""}


def begun(browser: TestClient, need: str = "device", at: str = EN) -> str:
    """The page that follows the first answer."""
    answer = browser.post(at, data={"need": need})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def answered(browser: TestClient, page: str, **given: str) -> str:
    answer = browser.post(page, data=BUTTON | {name.replace("__", "."): value for name, value in given.items()})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def filled(browser: TestClient) -> str:
    """All questions answered; the check page."""
    page = answered(browser, begun(browser), machine__serial="21-0f3at", machine__type="8286")
    page = answered(browser, page, text="The fan is loud.")
    return answered(browser, page, contact__email="z@example.com", contact__name="Zoé", language="fr", place="Laval")


def test_the_whole_way_to_a_number(either: Intake) -> None:
    """Five pages, then the number, its code once, and a page that this browser may open."""
    browser = either.browser()
    check = filled(browser)
    shown = browser.get(check).text
    for words in ("21-0f3at", "8286", "The fan is loud.", "Zoé", "Laval", "Step 5 of 5"):
        assert words in shown
    sent = browser.post(check, data=BUTTON)
    assert sent.status_code == 303
    (row,) = either.requests()
    assert row["request"]["machine"] == {"type": "8286", "model": None, "serial": "210F3AT"}
    assert row["request"]["text"] == "The fan is loud.\n\nOù il se trouve\xa0: Laval"
    assert (row["channel"], row["submitter_type"], row["language"]) == ("web", "anonymous", "fr")
    page = browser.get(sent.headers["location"]).text
    number = row["number"]
    code = either.stack.parts.codes.code(number)
    assert f"{number[:4]}-{number[4:8]}-{number[8:]}" in page
    assert f"{code[:4]} {code[4:]}" in page
    assert f'href="/en/requests/{number}"' in page
    assert browser.get(f"/en/requests/{number}/cancel").status_code == 200  # the cookie opens it


def test_sending_twice_gives_one_number(either: Intake) -> None:
    """A double click, a resend, and Back with another answer: the first number stays."""
    browser = either.browser()
    check = filled(browser)
    first = browser.post(check, data=BUTTON).headers["location"]
    assert browser.post(check, data=BUTTON).headers["location"] == first
    assert answered(browser, check.replace("check", "problem"), text="Another story.") == first
    assert len(either.requests()) == 1


def test_cannot_find_the_serial_number_is_an_answer(intake: Intake) -> None:
    """It asks for another way, which may stay empty, and goes on."""
    browser = intake.browser()
    lost = answered(browser, begun(browser), machine__serial="half of it", lost="yes")
    assert lost.endswith("/other-ways")
    page = answered(browser, lost)
    page = answered(browser, page, text="Dead.")
    check = answered(browser, page, contact__phone="514 555 0123")
    assert "Not found" in browser.get(check).text
    assert browser.post(check, data=BUTTON).status_code == 303
    (row,) = intake.requests()
    assert row["request"]["machine"] == {"type": None, "model": None, "serial": None}
    assert row["request"]["contact"]["phone"] == "+15145550123"


@pytest.mark.parametrize(("need", "pages"), [("device", 5), ("unsure", 5), ("software", 4), ("other", 4)])
def test_each_need_asks_only_what_it_needs(intake: Intake, need: str, pages: int) -> None:
    """And says how many pages there are."""
    browser = intake.browser()
    assert f"Step 2 of {pages}" in browser.get(begun(browser, need)).text


@pytest.mark.parametrize("need", ["not_covered", "contract", "machine_gone", "charge"])
def test_what_touches_a_contract_goes_by_telephone(intake: Intake, need: str) -> None:
    """The page says why, gives the number, and leads back."""
    browser = intake.browser()
    page = browser.get(begun(browser, need)).text
    assert "tel:+18005550199" in page
    assert "we must know who you are" in page


def test_a_wrong_answer_keeps_what_was_typed(intake: Intake) -> None:
    """422, the summary first, the words beside the field, the title says so."""
    browser = intake.browser()
    page = answered(browser, answered(browser, begun(browser), machine__serial="A1"), text="It hums.")
    answer = browser.post(page, data={"contact.email": "zoé at home", "contact.name": "Zoé"})
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert 'href="#f-contact-email"' in answer.text
    assert 'value="zoé at home"' in answer.text


def test_each_page_says_what_is_missing(intake: Intake) -> None:
    """In French as well: need, serial number, story, severity, a way to reach."""
    browser = intake.browser()
    assert "Choisissez ce dont vous avez besoin." in browser.post(FR, data=BUTTON).text
    device = begun(browser, at=FR)
    assert "Je ne le trouve pas" in browser.post(device, data=BUTTON).text
    problem = begun(browser, "software", at=FR)
    wrong = browser.post(problem, data={"text": "x" * 1001}).text
    assert "Choisissez ce qui fonctionne encore." in wrong
    assert re.search("Entrez au plus 1.?000 caractères", wrong)
    contact = answered(browser, problem, text="Rien.", severity="1")
    assert "pour que nous puissions vous joindre" in browser.post(contact, data=BUTTON).text


def test_a_change_leads_back_to_the_check_page(intake: Intake) -> None:
    """And a change of need asks what is new before."""
    browser = intake.browser()
    check = filled(browser)
    links = re.findall(r'href="([^"]+\?change=1)"', browser.get(check).text)
    assert len(links) == len(set(links)) + 4  # several rows of one page lead to the same page
    assert answered(browser, links[1], machine__serial="B2") == check
    problem = answered(browser, links[0], need="software")
    assert problem == check.replace("check", "problem") + "?change=1"
    assert answered(browser, problem, text="The fan is loud.", severity="2") == check


def test_the_language_toggle_keeps_what_was_typed(intake: Intake) -> None:
    """In mid-form, unchecked; also on the first page, before there is a draft."""
    browser = intake.browser()
    other = browser.post(FR, data={"need": "unsure", "_switch": "en"}).headers["location"]
    assert other.startswith(EN)
    assert re.search('value="unsure" checked', browser.get(other).text)
    device = begun(browser)
    french = browser.post(device, data={"machine.serial": "A1", "_switch": "fr"}).headers["location"]
    assert french == device.replace(EN, FR).replace("device", "appareil")
    assert 'value="A1"' in browser.get(french).text


def test_a_draft_is_its_browsers_alone(intake: Intake) -> None:
    """Another browser, with a cookie of its own or without, learns nothing; also not where the number is shown."""
    mine, other = intake.browser(), intake.browser()
    check = filled(mine)
    sent = mine.post(check, data=BUTTON).headers["location"]
    begun(other)
    for browser in (other, intake.browser()):
        for page in (check, sent):
            answer = browser.get(page)
            assert answer.status_code == 404
            assert "no longer here" in answer.text
        assert browser.post(check, data=BUTTON).status_code == 404


def test_two_tabs_are_two_drafts(intake: Intake) -> None:
    """One cookie, two addresses, two numbers."""
    browser = intake.browser()
    sent = [browser.post(check, data=BUTTON).headers["location"] for check in (filled(browser), filled(browser))]
    assert len(set(sent)) == 2
    assert len(intake.requests()) == 2


def test_the_check_page_is_not_reached_by_address(intake: Intake) -> None:
    """It leads to the first question that is open; so does sending."""
    browser = intake.browser()
    device = begun(browser)
    check = device.replace("device", "check")
    assert browser.get(check).headers["location"] == device
    assert browser.post(check, data=BUTTON).headers["location"] == device


def test_looking_changes_nothing(intake: Intake) -> None:
    """GET makes no draft and sets no cookie, so that mail scanners may."""
    answer = intake.browser().get(EN)
    assert "set-cookie" not in answer.headers
    assert f"Step 1 of {len(Step) - 1}" in answer.text


def test_what_was_typed_is_escaped(intake: Intake) -> None:
    """Everywhere it is shown again."""
    browser = intake.browser()
    page = answered(browser, begun(browser), machine__serial="<b>1")
    page = answered(browser, page, text="</textarea><script>x</script>")
    check = answered(browser, page, contact__email="a@example.com")
    assert "<script>x" not in browser.get(check).text
    assert "<script>x" not in browser.get(check.replace("check", "problem")).text


def test_every_page_has_an_address_in_both_languages() -> None:
    """Each its own."""
    assert len({address_of(step, language) for step in Step for language in Language}) == 2 * len(Step)


def test_every_phrase_is_there_and_used(intake: Intake) -> None:
    """In both languages, with the values it needs."""
    assert_words_match(intake.stack.built["intake"].words, "services/intake", "schemas")
