"""Builders for the demo: everything a service's composition root would put together, in memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from fastapi import FastAPI

from schemas.vocabulary import Role
from services.runtime.identity.access import Identity
from services.runtime.identity.codes import TrackingCodes
from services.runtime.identity.cookies import Cookies
from services.runtime.identity.introspection import introspection_router
from services.runtime.identity.opening import Opening
from services.runtime.identity.principal import Token
from services.runtime.identity.rates import RateLimiter
from services.runtime.web.app import Web, build_app
from services.runtime.web.assets import Assets
from services.runtime.web.pages import MenuItem, Pages, Site
from services.runtime.web.sse import Pace
from services.runtime.web.words import Phrase
from tests.unit.web.demo.service import DEMO_WORDS, Notes, demo_router

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
SERVICE_KEY = b"s" * 32
TRACKING_KEY = b"t" * 32


@dataclass
class Accounts:
    """Token and session directories in memory."""

    tokens: dict[bytes, Token] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    def find(self, token_sha256: bytes) -> Token | None:
        return self.tokens.get(token_sha256)

    recent = find

    def version(self, account: str) -> int | None:
        return self.versions.get(account)


@dataclass
class Measurements:
    """What the app reported: (method, route, status)."""

    seen: list[tuple[str, str, int]] = field(default_factory=list)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        self.seen.append((method, route, status))


@dataclass
class Demo:
    app: FastAPI
    notes: Notes
    accounts: Accounts
    cookies: Cookies
    codes: TrackingCodes
    metrics: Measurements
    pages: Pages
    identity: Identity


def a_demo(public_url: str = "http://testserver", pace: Pace | None = None) -> Demo:
    accounts, notes, metrics = Accounts(), Notes(), Measurements()
    cookies = Cookies([b"c" * 32], secure=public_url.startswith("https"), now=lambda: NOW)
    codes = TrackingCodes(TRACKING_KEY)
    identity = Identity(cookies, accounts, accounts, Opening(codes, RateLimiter()), SERVICE_KEY)
    site = Site(
        public_url=public_url,
        phone="+15145550123",
        hours=Phrase("every day, at any hour", "tous les jours, à toute heure"),
        menu=(
            MenuItem(Phrase("New request", "Nouvelle demande"), Phrase("/en/notes/new", "/fr/notes/nouvelle")),
            MenuItem(Phrase("Notes", "Notes"), Phrase("/desk/notes", "/desk/notes"), frozenset({Role.DESK})),
        ),
    )
    pages = Pages("tests.unit.web.demo", DEMO_WORDS, site, Assets(), now=lambda: NOW)
    web = Web("demo", "1", identity, pages, metrics, down=(ConnectionError,))
    routers = [demo_router(pages, notes, pace or Pace()), introspection_router(accounts, accounts)]
    return Demo(build_app(web, routers), notes, accounts, cookies, codes, metrics, pages, identity)
