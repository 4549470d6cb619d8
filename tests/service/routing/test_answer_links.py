"""The tracking page and its JSON link to the answer for exactly those whom routing gives it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from schemas.message import Message
from schemas.vocabulary import Channel, Role, Scope
from services.notifier import app as notifier
from services.notifier.tables import RUNTIME
from services.routing.timers import fire_due
from services.runtime import migrate
from services.runtime.consumer import Processor
from services.runtime.database import Database, open_database
from services.runtime.identity.access import Identity
from services.runtime.identity.opening import Opening
from services.runtime.identity.rates import RateLimiter
from services.runtime.service import Parts
from services.runtime.settings import Settings
from services.runtime.web.app import Web, build_app
from services.runtime.web.assets import Assets
from services.runtime.web.pages import Pages, Site
from services.runtime.web.phrases import KIT_WORDS
from services.runtime.web.signal import Signals
from services.runtime.web.words import Phrase
from services.runtime.work import Workshop
from tests.builders import a_number, a_record
from tests.service.routing.answering import BY_AGENT, BY_CUSTOMER, BY_STRANGER, CODES, asked, by_code, some_software
from tests.service.routing.browsing import SERVICE_KEY, Accounts, Browsing
from tests.service.routing.harness import HandClock, Routing

NUMBER = a_number()
REQUEST = f"/api/requests/{NUMBER}"


@dataclass
class Notifier:
    """The notifier over what routing said, with routing's own callers."""

    browsing: Browsing
    processor: Processor
    _offset: int = 0

    def hears(self, *messages: Message) -> None:
        records = []
        for message in messages:
            self._offset += 1
            records.append(a_record(message, offset=self._offset))
        self.processor.process(records)


def a_notifier(database: Database, clock: HandClock, web: Browsing) -> Notifier:
    site = Site("http://testserver", "+18005550199", Phrase("every day", "tous les jours"))
    limiter, signals, assets = RateLimiter(), Signals(), Assets()
    workshop = Workshop("notifier", database, RUNTIME, clock)
    service = notifier.build(
        Settings(), workshop, Parts(signals, web.cookies, CODES, limiter, assets, site, SERVICE_KEY)
    )
    pages = Pages("services.runtime.web", KIT_WORDS | service.words, site, assets, clock.read)
    accounts: Accounts = web.accounts
    identity = Identity(web.cookies, accounts, accounts, Opening(CODES, limiter), SERVICE_KEY.encode())
    app = build_app(Web("notifier", "1", identity, pages, _Unmeasured()), [service.router])
    browsing = Browsing(app, service, web.cookies, accounts)
    return Notifier(browsing, Processor(workshop, notifier.subscription(), sleep=lambda _seconds: None))


class _Unmeasured:
    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Nobody asks here."""


@pytest.fixture
def told(routing: Routing, web: Browsing, tmp_path: Path) -> Iterator[Notifier]:
    database = open_database(f"sqlite:///{tmp_path / 'notifier.db'}")
    migrate.upgrade(database, "notifier")
    yield a_notifier(database, routing.clock, web)
    database.close()


def links_of(page: str) -> list[str]:
    return re.findall(r'href="([^"]*(?:/answer|/reponse)[^"]*)"', page)


def callers(browsing: Browsing) -> dict[str, Any]:
    return {
        "customer": browsing.customer(),
        "another customer": browsing.customer("C-2"),
        "program": browsing.program(Scope.REQUESTS_READ),
        "agent": browsing.staff(Role.AGENT),
        "code": by_code(browsing),
    }


@pytest.mark.parametrize(
    "given",
    [
        {"by": BY_CUSTOMER},
        {"by": BY_AGENT, "channel": Channel.PHONE},
        {"by": BY_STRANGER},
        {"by": BY_CUSTOMER, "contact": {"email": "somebody@example.com"}},
        {"kind": "contract_copy", "contract_number": "M-1"},
        {"kind": "contract_copy", "contract_number": "M-2"},
        {"kind": "software_download"},
        {"kind": "hardware_repair", "machine": {"type": "8286", "serial": "SN1"}},
    ],
)
def test_a_link_is_shown_to_exactly_those_who_may_follow_it(
    routing: Routing, web: Browsing, told: Notifier, given: dict[str, Any]
) -> None:
    """And each of the links answers."""
    routing.given(some_software())
    accepted = asked(**given)
    told.hears(accepted, *routing.receives(accepted))
    for name, client in callers(told.browsing).items():
        seen = client.get(REQUEST)
        links = seen.json().get("answer") if seen.status_code == 200 else None
        there = callers(web)[name]
        assert bool(links) is (there.get(f"{REQUEST}/answer").status_code == 200), name
        assert [there.get(link).status_code for link in (links or {}).values()] == [200] * len(links or {}), name


def test_the_tracking_page_links_to_the_answer(routing: Routing, told: Notifier) -> None:
    """In its language, the page first."""
    accepted = asked()
    told.hears(accepted, *routing.receives(accepted))
    client = told.browsing.customer()
    assert client.get(REQUEST).json()["answer"] == {
        "json": f"{REQUEST}/answer",
        "pdf": f"{REQUEST}/answer.pdf",
        "csv": f"{REQUEST}/answer.csv",
    }
    files = [f"{REQUEST}/answer.pdf", f"{REQUEST}/answer.csv"]
    english, french = (client.get(f"{start}/{NUMBER}").text for start in ("/en/requests", "/fr/demandes"))
    assert links_of(english) == [f"/en/requests/{NUMBER}/answer", *files]
    assert links_of(french) == [f"/fr/demandes/{NUMBER}/reponse", *files]
    assert "Voir la réponse" in french


def test_a_code_that_is_not_enough_is_told_so(routing: Routing, told: Notifier) -> None:
    """The page of a request made on the telephone: no link, and whom to call."""
    accepted = asked(by=BY_AGENT, channel=Channel.PHONE)
    told.hears(accepted, *routing.receives(accepted))
    client = told.browsing.anonymous()
    opened = client.get(f"/en/requests/{NUMBER}?k={CODES.code(NUMBER)}")
    client.cookies.update(opened.cookies)
    page = client.get(f"/en/requests/{NUMBER}").text
    assert links_of(page) == []
    assert "which a tracking code alone does not open" in page


def test_an_answer_stays_when_the_request_has_closed_by_itself(routing: Routing, told: Notifier) -> None:
    """What was once answered can be fetched again."""
    accepted = asked()
    told.hears(accepted, *routing.receives(accepted))
    before = routing.last_outbox_id()
    routing.clock.forward(days=14, seconds=1)
    fire_due(routing.workshop, routing.judge)
    told.hears(*routing.said(after=before))
    seen = told.browsing.program(Scope.REQUESTS_READ).get(REQUEST).json()
    assert (seen["milestone"], list(seen["answer"])) == ("closed", ["json", "pdf", "csv"])


def test_nothing_is_linked_before_it_is_decided(routing: Routing, told: Notifier) -> None:
    """Version 0 alone."""
    told.hears(asked())
    assert told.browsing.customer().get(REQUEST).json()["answer"] is None
