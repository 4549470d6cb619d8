"""The whole program in this process: three services on SQLite behind a real HTTP server, with the bundled sample's data.

with running(folder) as fixline:
    number = fixline.submits({"kind": "hardware_repair", …}, fixline.as_customer("C-1001"))
    fixline.decided(number)
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from starlette.responses import Response

from schemas.decision import show_instant
from schemas.vocabulary import Role, Scope
from services.commands.day import client
from services.commands.demo import serving
from services.intake import accounts
from services.routing import sample
from services.routing.imports import import_folder
from services.runtime.identity.cookies import Session
from services.runtime.identity.principal import Customer, Staff
from services.runtime.settings import Settings
from services.stack import Stack
from tests.servers import free_port

#: What a browser says of a form of our own pages.
OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}
#: Seconds for one thing to happen, on a machine that has much else to do.
PATIENCE = 120.0

Headers = Mapping[str, str]


@dataclass(frozen=True)
class Fixline:
    """The running program."""

    stack: Stack
    url: str
    http: httpx.Client

    def as_customer(self, number: str) -> dict[str, str]:
        """Headers of a customer's browser after sign-in."""
        return self._cookie(Session(Customer(number), 1))

    def as_staff(self, username: str, *roles: Role, queues: tuple[str, ...] = (), name: str = "") -> dict[str, str]:
        """Headers of a signed-in member of staff, whose account is made here."""
        named = name or username
        with self.stack.workshops["intake"].begin(origin=str(uuid4())) as work:
            password = "correct horse battery"
            accounts.add_staff(
                work, username=username, name=named, password=password, roles=list(roles), queues=list(queues)
            )
        return self._cookie(Session(Staff(username, named, frozenset(roles), frozenset(queues)), 1))

    def as_token(self, *scopes: Scope, customers: tuple[str, ...]) -> dict[str, str]:
        """Headers of a program with a token."""
        with self.stack.workshops["intake"].begin(origin=str(uuid4())) as work:
            _, secret = accounts.create_token(work, name="test", scopes=scopes, customers=customers)
        return {"Authorization": f"Bearer {secret}"}

    def as_holder(self, number: str) -> dict[str, str]:
        """Headers of a browser that has opened this request by its code."""
        page = self.ask("GET", f"/en/requests/{number}?k={self.stack.parts.codes.code(number)}")
        name = self.stack.parts.cookies.opened_name
        return {"Cookie": f"{name}={page.cookies[name]}", **OUR_PAGE}

    def ask(self, method: str, path: str, headers: Headers | None = None, **sent: Any) -> httpx.Response:
        """One call that follows no redirect and keeps no cookie."""
        return self.http.request(method, self.url + path, headers=headers, timeout=PATIENCE, **sent)

    def submits(self, request: Mapping[str, Any], headers: Headers | None = None) -> str:
        """A request's number."""
        answer = self.ask("POST", "/api/requests", headers, json=dict(request))
        assert answer.status_code == 201, answer.text
        number: str = answer.json()["number"]
        return number

    def shown(self, number: str, headers: Headers) -> dict[str, Any]:
        """`GET /api/requests/{number}`."""
        answer = self.ask("GET", f"/api/requests/{number}", headers)
        assert answer.status_code == 200, answer.text
        standing: dict[str, Any] = answer.json()
        return standing

    def decided(self, number: str, headers: Headers) -> dict[str, Any]:
        """The same, as soon as there is a decision; for a moment after the acceptance the notifier does not know of it."""
        ends = time.monotonic() + PATIENCE
        while (answer := self.ask("GET", f"/api/requests/{number}", headers)).status_code == 404 or (
            answer.status_code == 200 and answer.json()["decision"] is None
        ):
            assert time.monotonic() < ends, f"{number} is not decided: {answer.text}"
            time.sleep(0.05)
        return self.shown(number, headers)

    def _cookie(self, session: Session) -> dict[str, str]:
        response = Response()
        self.stack.parts.cookies.sign_in(response, session)
        return {"Cookie": response.headers["set-cookie"].partition(";")[0], **OUR_PAGE}


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Fixline]:
    """Started on a free port with the sample's contract data, at the sample day's hour."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    clock = f"{show_instant(sample.OPENS)}@{datetime.now(UTC).isoformat()}"
    stack = Stack(Settings(data_dir=folder, port=port, public_url=url, sample=True, clock=clock, **settings))
    stack.migrate()
    import_folder(stack.workshops["routing"], sample.data_dir())
    with serving(stack), client() as http:
        yield Fixline(stack, url, http)
    for workshop in stack.workshops.values():
        workshop.database.close()
