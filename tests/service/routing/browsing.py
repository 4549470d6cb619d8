"""Routing's addresses under test: an app of its own, and callers of every sort."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response as _Response
from starlette.responses import Response

from schemas.vocabulary import Role, Scope
from services.routing.app import build
from services.runtime.identity.access import Identity
from services.runtime.identity.codes import TrackingCodes, new_token, token_hash
from services.runtime.identity.cookies import Cookies, Session
from services.runtime.identity.opening import Opening
from services.runtime.identity.principal import Customer, Staff, Token
from services.runtime.identity.rates import RateLimiter
from services.runtime.service import Parts, Service
from services.runtime.settings import Settings
from services.runtime.web.app import Web, build_app
from services.runtime.web.assets import Assets
from services.runtime.web.pages import Pages, Site
from services.runtime.web.phrases import KIT_WORDS
from services.runtime.web.signal import Signals
from services.runtime.web.words import Phrase
from tests.service.routing.harness import Routing

SERVICE_KEY = "s" * 32


@dataclass
class Accounts:
    """Token and session directories in memory; every account has session version 1."""

    tokens: dict[bytes, Token] = field(default_factory=dict)

    def find(self, token_sha256: bytes) -> Token | None:
        return self.tokens.get(token_sha256)

    recent = find

    def version(self, _account: str) -> int | None:
        return 1


@dataclass
class Browsing:
    """The app, and who may call it."""

    app: FastAPI
    service: Service
    cookies: Cookies
    accounts: Accounts

    def anonymous(self) -> TestClient:
        return self._client()

    def staff(self, *roles: Role, username: str = "tech1", queues: Iterable[str] = ()) -> TestClient:
        return self._signed_in(Staff(username, f"Name of {username}", frozenset(roles), frozenset(queues)))

    def technician(self, username: str = "tech1", *queues: str) -> TestClient:
        return self.staff(Role.TECHNICIAN, username=username, queues=queues or ("CA-QC-MTL",))

    def customer(self, number: str = "C-1") -> TestClient:
        return self._signed_in(Customer(number))

    def program(self, *scopes: Scope, customers: Iterable[str] = ("C-1",)) -> TestClient:
        secret = new_token()
        self.accounts.tokens[token_hash(secret)] = Token("t1", frozenset(scopes), frozenset(customers))
        return self._client(authorization=f"Bearer {secret}")

    def other_service(self) -> TestClient:
        return self._client(authorization=f"Bearer {SERVICE_KEY}")

    def _client(self, **headers: str) -> TestClient:
        client = TestClient(self.app, follow_redirects=False, raise_server_exceptions=False)
        client.headers.update({"Sec-Fetch-Site": "same-origin", "Accept-Language": "en", **headers})
        return client

    def _signed_in(self, who: Staff | Customer) -> TestClient:
        client, response = self._client(), Response()
        self.cookies.sign_in(response, Session(who, 1))
        name, _, value = response.headers["set-cookie"].partition(";")[0].partition("=")
        client.cookies.set(name, value)
        return client


def browsing(routing: Routing) -> Browsing:
    clock, accounts, limiter = routing.clock, Accounts(), RateLimiter()
    cookies = Cookies([b"c" * 32], secure=False, now=clock.read)
    codes = TrackingCodes(b"t" * 32)
    site = Site("http://testserver", "+18005550199", Phrase("every day", "tous les jours"))
    signals, assets = Signals(), Assets(("services.routing",))
    parts = Parts(signals, cookies, codes, limiter, assets, site, SERVICE_KEY)
    service = build(Settings(), routing.workshop, parts)
    pages = Pages("services.runtime.web", KIT_WORDS | service.words, site, assets, clock.read)
    identity = Identity(cookies, accounts, accounts, Opening(codes, limiter), SERVICE_KEY.encode())
    app = build_app(Web("routing", "1", identity, pages, _Unmeasured()), [service.router])
    return Browsing(app, service, cookies, accounts)


class _Unmeasured:
    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Nobody asks here."""


def errors_of(response: _Response) -> list[tuple[str, str]]:
    """(path, code) of each error in a problem document."""
    return [(error["path"], error["code"]) for error in response.json()["errors"]]
