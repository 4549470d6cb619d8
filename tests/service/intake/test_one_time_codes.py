"""A customer signs in by a code sent to the address on file: 10 minutes, 5 tries, and nothing told to strangers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from services.intake import customers
from services.intake.tables import ONE_TIME_CODES
from tests.integration.stack.mailbox import Mailbox
from tests.service.intake.harness import Intake, embedded, running


@dataclass
class World:
    """Intake with a mail server, and a routing that knows these addresses."""

    intake: Intake
    mailbox: Mailbox
    browser: TestClient
    on_file: dict[str, list[str]] = field(default_factory=dict)

    def ask(self, address: str, place: str = "/en/sign-in") -> str:
        """The page where the code is entered."""
        answer = self.browser.post(place, data={"email": address})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def code(self) -> str:
        """From the subject of the last mail."""
        found = re.match(r"\d{6}", str(self.mailbox.mails[-1]["Subject"]))
        assert found
        return found[0]

    def enter(self, page: str, code: str, **more: str) -> httpx.Response:
        answer: httpx.Response = self.browser.post(page, data={"code": code, **more})
        return answer

    def older_by(self, time: timedelta) -> None:
        """All codes were asked for that much earlier."""
        with self.intake.work() as work:
            work.connection.execute(update(ONE_TIME_CODES).values(asked_at=work.now - time))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    on_file = {"claire@example.com": ["C-1"], "office@example.com": ["C-2", "C-3"]}

    def routing(asked: httpx.Request) -> httpx.Response:
        found = on_file.get(asked.url.params.get("email", "").lower(), [])
        return httpx.Response(200, json={"customers": [{"number": number} for number in found]})

    def at(_url: str, _key: str) -> customers.Customers:
        return customers.Customers(httpx.Client(transport=httpx.MockTransport(routing), base_url="http://routing"))

    monkeypatch.setattr("services.intake.app.customers_at", at)
    with Mailbox() as mailbox, running(embedded(tmp_path, smtp_url=mailbox.url)) as intake:
        yield World(intake, mailbox, intake.browser(), on_file)


def signed_in(answer: httpx.Response) -> bool:
    return "fixline_session" in answer.headers.get("set-cookie", "")


def test_the_right_code_signs_the_customer_in_and_leads_where_they_wanted(world: World) -> None:
    page = world.ask("Claire@Example.com", "/fr/connexion?next=/fr/demandes/nouvelle")
    (mail,) = world.mailbox.mails
    assert mail["To"] == "Claire@example.com"
    assert mail["Content-Language"] == "fr"
    answer = world.enter(page, f"{world.code()[:3]} {world.code()[3:]}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/fr/demandes/nouvelle")
    assert signed_in(answer)


def test_an_unknown_address_gets_the_same_page_and_no_mail(world: World) -> None:
    """Nobody learns who is on file."""
    known, unknown = world.ask("claire@example.com"), world.ask("stranger@example.com")
    assert len(world.mailbox.mails) == 1
    shown = [world.browser.get(page).text.replace(page.rpartition("/")[2], "ID") for page in (known, unknown)]
    assert shown[0] == shown[1]
    refused = world.enter(unknown, "123456")
    assert (refused.status_code, signed_in(refused)) == (422, False)


def test_a_code_works_once(world: World) -> None:
    page = world.ask("claire@example.com")
    assert signed_in(world.enter(page, world.code()))
    again = world.enter(page, world.code())
    assert (again.status_code, signed_in(again)) == (422, False)


def test_after_five_wrong_tries_the_right_code_is_over(world: World) -> None:
    page = world.ask("claire@example.com")
    wrong = "000000" if world.code() != "000000" else "000001"
    said = [world.enter(page, wrong) for _ in range(5)]
    assert {answer.status_code for answer in said} == {422}
    assert "This is not the code we sent" in said[-1].text
    last = world.enter(page, world.code())
    assert not signed_in(last)
    assert "no longer works" in last.text


def test_after_ten_minutes_the_code_is_over(world: World) -> None:
    page = world.ask("claire@example.com")
    world.older_by(timedelta(minutes=10))
    assert not signed_in(world.enter(page, world.code()))


def test_another_code_comes_after_half_a_minute(world: World) -> None:
    page = world.ask("claire@example.com")
    soon = world.browser.post(page, data={"do": "again"})
    assert (soon.status_code, len(world.mailbox.mails)) == (422, 1)
    world.older_by(timedelta(seconds=30))
    later = world.browser.post(page, data={"do": "again"})
    assert (later.status_code, len(world.mailbox.mails)) == (303, 2)
    assert signed_in(world.enter(later.headers["location"], world.code()))


def test_an_address_of_several_customers_asks_which(world: World) -> None:
    page = world.ask("office@example.com")
    asked = world.enter(page, world.code())
    assert "C-2" in asked.text
    assert "C-3" in asked.text
    assert not signed_in(asked)
    assert "Choose a customer number" in world.enter(page, world.code(), choosing="yes").text
    elses = world.enter(page, world.code(), choosing="yes", customer="C-1")
    assert not signed_in(elses)
    assert signed_in(world.enter(page, world.code(), choosing="yes", customer="C-3"))


def test_codes_are_not_sent_without_end(world: World) -> None:
    """Five an hour to one address, known or not."""
    for _ in range(5):
        world.ask("stranger@example.com")
    assert world.browser.post("/en/sign-in", data={"email": "stranger@example.com"}).status_code == 429


def test_what_is_no_address_is_said(world: World) -> None:
    answer = world.browser.post("/fr/connexion", data={"email": "claire"})
    assert answer.status_code == 422
    assert "nom@exemple.com" in answer.text
