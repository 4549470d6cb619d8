"""Intake under test: the app as it runs alone, over a database of its own, and callers of every sort."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select
from starlette.responses import Response

from schemas.vocabulary import Role, Scope
from services.intake import accounts
from services.intake.tables import REQUESTS, RUNTIME
from services.runtime.settings import Settings
from services.runtime.work import Work, Workshop
from services.stack import Stack

FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "correct horse battery"
NOBODY_THERE = "http://127.0.0.1:9"


@dataclass
class Intake:
    """The running app, and its tables."""

    stack: Stack
    client: TestClient

    @property
    def workshop(self) -> Workshop:
        return self.stack.workshops["intake"]

    @contextmanager
    def work(self) -> Iterator[Work]:
        with self.workshop.begin(origin=str(uuid4())) as work:
            yield work

    def browser(self) -> TestClient:
        """Another browser, without cookies; it follows no redirects and sends what a form of ours would."""
        return TestClient(
            self.client.app, follow_redirects=False, raise_server_exceptions=False, headers=dict(FROM_OUR_PAGE)
        )

    def post(self, body: Any, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """`POST /api/requests` by a stranger. Bytes go as they are."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        sent = {"Content-Type": "application/json", **(headers or {})}
        answer: httpx.Response = self.browser().post("/api/requests", content=content, headers=sent)
        return answer

    def token(self, *scopes: Scope, customers: tuple[str, ...] = ("C-1",)) -> dict[str, str]:
        """Headers of a program that acts for these customers."""
        with self.work() as work:
            _, secret = accounts.create_token(work, name="test", scopes=scopes, customers=customers)
        return {"Authorization": f"Bearer {secret}"}

    def staff(self, *roles: Role, username: str = "mroy") -> TestClient:
        """A browser in which a member of staff is signed in."""
        with self.work() as work:
            accounts.add_staff(work, username=username, name="M. Roy", password=PASSWORD, roles=roles, queues=["*"])
        browser = self.browser()
        answer = browser.post("/staff/sign-in", data={"username": username, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return browser

    def customer(self, number: str) -> TestClient:
        """A browser in which a customer is signed in."""
        browser, signed = self.browser(), Response()
        self.stack.parts.cookies.sign_in(signed, accounts.customer_session(number))
        browser.headers["Cookie"] = signed.headers["set-cookie"].partition(";")[0]
        return browser

    def requests(self) -> list[dict[str, Any]]:
        """What was accepted, the oldest first."""
        with self.workshop.database.reading() as connection:
            rows = connection.execute(select(REQUESTS).order_by(REQUESTS.c.received_at, REQUESTS.c.number)).mappings()
            return [dict(row) for row in rows]

    def events(self) -> list[dict[str, Any]]:
        """The bodies of what was emitted, with their types, in order."""
        outbox = RUNTIME.outbox.c
        with self.workshop.database.reading() as connection:
            rows = connection.execute(select(outbox.type, outbox.body).order_by(outbox.id))
            return [{"type": row.type, **orjson.loads(row.body)} for row in rows]


def embedded(folder: Path, **given: Any) -> Settings:
    """Settings of an intake on SQLite, with routing away unless it is said where."""
    return Settings(data_dir=folder, routing_url=given.pop("routing_url", NOBODY_THERE), **given)


def on_postgres(url: str, **given: Any) -> Settings:
    return Settings(
        database_url=SecretStr(url),
        keys=SecretStr("k" * 32),
        tracking_key=SecretStr("t" * 32),
        service_key=SecretStr("s" * 32),
        routing_url=given.pop("routing_url", NOBODY_THERE),
        **given,
    )


@contextmanager
def running(settings: Settings) -> Iterator[Intake]:
    """The app with its resources started."""
    stack = Stack(settings, ("intake",))
    stack.migrate()
    with TestClient(stack.app(), raise_server_exceptions=False, follow_redirects=False) as client:
        yield Intake(stack, client)
    stack.workshops["intake"].database.close()
