"""One call: a line in the ledger, the call over real HTTP, its outcome in the ledger. Nothing else speaks to the system."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from itertools import count
from typing import Any, Final

import httpx
import orjson

from services.commands.day import OUR_PAGE, Addresses
from tests.faults.accounts import Clients
from tests.faults.generator.plan import Tally
from tests.faults.ledger import CALL, FAIL, OK, UNKNOWN, Ledger

#: Seconds for one call; the longest pauses are longer, and make an outcome unknown.
TIMEOUT: Final = httpx.Timeout(20.0, connect=5.0)
#: Of an answer that is a page, what is kept.
_KEPT: Final = 4000


@dataclass(frozen=True, slots=True)
class Who:
    """One client. `acts_for`: the customer whose things it may see; None: staff, or a stranger with its own request only."""

    name: str
    channel: str
    acts_for: str | None = None
    username: str | None = None
    token: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`answer`: JSON, or the text of a page; of a bulk file its lines."""

    phase: str
    status: int | None
    answer: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Caller:
    """Makes calls for all clients of the process."""

    where: Addresses
    clients: Clients
    ledger: Ledger
    tally: Tally
    http: httpx.AsyncClient
    numbers: set[str] = field(default_factory=set)
    _cookies: dict[str, str] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    async def call(
        self,
        who: Who,
        op: str,
        method: str,
        address: str,
        *,
        key: str | None = None,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **told: Any,
    ) -> Outcome:
        """One call. `told` goes into the ledger beside it: `number`, `of` (the call that this one repeats) and the like."""
        id_ = f"{who.name}-{next(self._ids)}"
        line = {"id": id_, "client": who.name, "op": op, "key": key, "channel": who.channel, "acts_for": who.acts_for}
        line |= told
        await self.ledger.write({**line, "phase": CALL, "body": form if form is not None else body})
        outcome = await self._send(who, method, address, key, body, form, headers or {})
        await self.ledger.write({**line, "phase": outcome.phase, "status": outcome.status, "answer": outcome.answer})
        if outcome.phase != OK:
            self.tally.add("unknown" if outcome.phase == UNKNOWN else "failed")
        return outcome

    def acknowledged(self, number: str) -> None:
        if number not in self.numbers:
            self.numbers.add(number)
            self.tally.add("acknowledged")

    async def _send(
        self,
        who: Who,
        method: str,
        address: str,
        key: str | None,
        body: Any,
        form: Mapping[str, str] | None,
        headers: Mapping[str, str],
    ) -> Outcome:
        try:
            sent = {**await self.headers(who), **headers}
            if key is not None:
                sent["Idempotency-Key"] = key
            if isinstance(body, list):  # a bulk file
                content = b"".join(orjson.dumps(line) + b"\n" for line in body)
                return await self._lines(address, {**sent, "Content-Type": "application/x-ndjson"}, content, len(body))
            async with self.http.stream(method, address, json=body, data=form, headers=sent) as answer:
                if answer.headers.get("content-type", "").startswith("text/event-stream"):  # it never ends by itself
                    beginning = await anext(answer.aiter_text(), "")
                    return Outcome(_phase(answer.status_code), answer.status_code, beginning[:_KEPT], answer.headers)
                await answer.aread()
        except SignInFailed as failed:
            return Outcome(FAIL, failed.status, "not signed in")
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return Outcome(FAIL, None, type(error).__name__)  # nobody heard it
        except httpx.HTTPError as error:
            return Outcome(UNKNOWN, None, type(error).__name__)
        if answer.status_code == httpx.codes.UNAUTHORIZED and who.username is not None:
            self._cookies.pop(who.username, None)
        return Outcome(_phase(answer.status_code), answer.status_code, _answer(answer), answer.headers)

    async def _lines(self, address: str, headers: Mapping[str, str], content: bytes, expected: int) -> Outcome:
        """A bulk file's answer comes a line at a time; what came before a cut is kept."""
        read: list[Any] = []
        status = None
        try:
            async with self.http.stream("POST", address, content=content, headers=headers) as answer:
                status = answer.status_code
                if status != httpx.codes.OK:
                    await answer.aread()
                    return Outcome(_phase(status), status, _answer(answer), answer.headers)
                async for line in answer.aiter_lines():
                    read.append(orjson.loads(line))  # noqa: PERF401  # what came before a cut must be in the list
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return Outcome(FAIL, None, type(error).__name__)
        except (httpx.HTTPError, orjson.JSONDecodeError):
            return Outcome(UNKNOWN, status, read)
        return Outcome(OK if len(read) == expected else UNKNOWN, status, read)

    async def headers(self, who: Who) -> dict[str, str]:
        """What says who is asking. Raises `SignInFailed`, or what httpx raises."""
        found = {"Accept": "application/json", **OUR_PAGE}
        if who.token is not None:
            return {"Accept": "application/json", "Authorization": f"Bearer {who.token}"}
        if who.source is not None:
            found["X-Forwarded-For"] = who.source
        if who.username is not None:
            found["Cookie"] = await self._cookie(who.username)
        return found

    async def _cookie(self, username: str) -> str:
        if username not in self._cookies:
            form = {"username": username, "password": self.clients.passwords[username]}
            answer = await self.http.post(f"{self.where.intake}/staff/sign-in", data=form, headers=OUR_PAGE)
            if answer.status_code != httpx.codes.SEE_OTHER:
                raise SignInFailed(answer.status_code)
            self._cookies[username] = cookies_of(answer)
        return self._cookies[username]


class SignInFailed(Exception):
    """The sign-in page is away, or refused."""

    def __init__(self, status: int) -> None:
        super().__init__(f"sign-in answered {status}")
        self.status = status


def cookies_of(answer: httpx.Response) -> str:
    """The cookies that an answer sets, as a browser sends them back."""
    return "; ".join(line.partition(";")[0] for line in answer.headers.get_list("set-cookie"))


@asynccontextmanager
async def client(connections: int = 100) -> AsyncIterator[httpx.AsyncClient]:
    """Keeps no cookie by itself: each call says who asks. No proxy stands between us and this machine."""
    jar = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=5)
    async with httpx.AsyncClient(cookies=jar, timeout=TIMEOUT, trust_env=False, limits=limits) as one:
        yield one


async def pause(seconds: float, stopping: asyncio.Event) -> None:
    """Wait, but not longer than until the end."""
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return


def _phase(status: int) -> str:
    """A server that failed may have done it all the same; one that refused has not."""
    return OK if status < 400 else FAIL if status < 500 else UNKNOWN


def _answer(answer: httpx.Response) -> Any:
    kind = answer.headers.get("content-type", "")
    if "json" in kind:
        try:
            return orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            return answer.text[:_KEPT]
    if answer.is_redirect:
        return {"location": answer.headers.get("location", "")}
    return answer.text[:_KEPT]
