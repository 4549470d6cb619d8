"""The sample day, driven over HTTP as customers and staff would: embedded or on Kafka, only the addresses differ.

Every call may be sent again: requests and steps carry an idempotency key, so that a service that is killed in the middle
of the day and comes back loses nothing and does nothing twice.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from http.cookies import SimpleCookie
from typing import Any, Final

import httpx

from schemas.decision import show_instant
from schemas.vocabulary import Channel, Outcome
from services.commands.sample import technician_of
from services.routing import sample
from services.routing.sample import Sent

#: A member of staff's cookies, by username.
SignIn = Callable[[str], Mapping[str, str]]

#: What a browser says of a form of our own pages.
OUR_PAGE: Final = {"Sec-Fetch-Site": "same-origin"}

#: What becomes of the first onsite visits, in the order of the day.
VISITS: Final = (
    ("claim", "accept", "en-route", "arrive", "complete"),
    ("claim", "accept", "en-route", "arrive", "complete"),
    ("claim", "accept", "en-route", "arrive", "leave"),
    ("claim", "accept", "en-route"),
    ("claim", "accept"),
    ("claim",),
)
#: And of the first parcels.
PARCELS: Final = (("receive", "diagnose", "repair", "ship-back"), ("receive",))

#: The service, or what it needs, is away and comes back; any other refusal is for good.
_AWAY: Final = (502, 503, 504)
_AT_ONCE: Final = 4  # requests on their way
_POLL: Final = 0.03


class DayFailed(Exception):
    """The day could not be driven to its end; the message says what was refused, or what did not come."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the three services are; embedded, all at one address."""

    intake: str
    routing: str
    notifier: str


@dataclass(frozen=True, slots=True)
class Handled:
    """One request of the day: what was sent, its number and code, and the first decision.

    `stored` is routing's decision with its evidence, `shown` what the notifier shows to staff.
    """

    sent: Sent
    number: str
    code: str
    address: str
    stored: Mapping[str, Any]
    shown: Mapping[str, Any]

    @property
    def external_id(self) -> str:
        return str(self.sent.request["external_id"])

    @property
    def decision(self) -> Mapping[str, Any]:
        decision: Mapping[str, Any] = self.stored["decision"]
        return decision

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.decision["outcome"])


@dataclass(frozen=True, slots=True)
class Done:
    """What staff did with one visit or parcel: `by`, and the steps."""

    by: str
    handled: Handled
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """How it went. `seconds`: from the first request sent to the last decision seen."""

    handled: tuple[Handled, ...]
    done: tuple[Done, ...]
    seconds: float

    def decisions(self) -> dict[str, dict[str, Any]]:
        """What was decided, by `external_id`: the same wherever and whenever the day is run."""
        return {one.external_id: comparable(one.decision) for one in self.handled}


@dataclass
class Driver:
    """Drives one day. `heard` is told of each `Handled` and `Done`; `patience`: seconds to wait for any one thing."""

    where: Addresses
    sign_in: SignIn
    heard: Callable[[Handled | Done], None] = lambda _: None
    patience: float = 60.0
    name: str = "sample-day"
    _client: httpx.Client = field(init=False)
    _cookies: dict[str, str] = field(default_factory=dict)

    def run(self, requests: Sequence[Sent] | None = None) -> Day:
        """Send them all, see each decided, then let staff begin their work. Raises `DayFailed`."""
        day = sample.day() if requests is None else requests
        with client() as self._client:
            for username in ("agent", "ops"):
                self._cookie(username)
            started = time.monotonic()
            handled = tuple(self._send_all(day))
            seconds = time.monotonic() - started
            done = tuple(self._work(handled))
        return Day(handled, done, seconds)

    def _send_all(self, day: Sequence[Sent]) -> Iterator[Handled]:
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="day")
        try:
            waiting: list[tuple[Sent, Future[Mapping[str, Any]]]] = [
                (sent, pool.submit(self._send, sent)) for sent in day
            ]
            for sent, answer in waiting:
                handled = self._decided(sent, answer.result())
                self.heard(handled)
                yield handled
        finally:
            pool.shutdown(cancel_futures=True)

    def _send(self, sent: Sent) -> Mapping[str, Any]:
        """As a stranger on the web, or as the agent who has a customer on the telephone."""
        by = "agent" if sent.channel is Channel.PHONE else None
        key = f"{self.name}/{sent.request['external_id']}"
        return self._call("POST", f"{self.where.intake}/api/requests", by, sent.request, key)

    def _decided(self, sent: Sent, accepted: Mapping[str, Any]) -> Handled:
        number = accepted["number"]
        shown = self._until(f"{self.where.notifier}/api/requests/{number}", lambda said: said["decision"] is not None)
        stored = self._call("GET", f"{self.where.routing}/desk/requests/{number}/decisions/1", "ops")
        return Handled(
            sent=sent,
            number=number,
            code=accepted["tracking_code"],
            address=accepted["tracking_url"],
            stored=stored,
            shown=shown,
        )

    def _work(self, handled: Sequence[Handled]) -> Iterator[Done]:
        visits = [one for one in handled if one.outcome is Outcome.ONSITE_DISPATCH]
        parcels = [one for one in handled if one.outcome is Outcome.MAIL_IN]
        for one, steps in zip(visits, VISITS, strict=False):
            address = f"{self.where.routing}/api/work-orders/{one.shown['visit']['work_order']}"
            yield self._steps(one, technician_of(one.decision["queue"]), address, steps)
        for one, steps in zip(parcels, PARCELS, strict=False):
            address = f"{self.where.routing}/api/returns/{one.shown['parcel']['return_number']}"
            yield self._steps(one, "depot", address, steps)

    def _steps(self, handled: Handled, by: str, address: str, steps: Sequence[str]) -> Done:
        version = self._call("GET", address, by)["version"]
        for step in steps:
            body: dict[str, Any] = {"version": version}
            path = step
            if step in ("complete", "leave"):
                path = "complete"
                body |= {"fixed": True} if step == "complete" else {"fixed": False, "reason": "part_needed"}
            version = self._call("POST", f"{address}/{path}", by, body, f"{self.name}/{step}")["version"]
        done = Done(by, handled, tuple(steps))
        self.heard(done)
        return done

    def _until(self, address: str, enough: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
        ends = time.monotonic() + self.patience
        while not enough(said := self._call("GET", address, "ops")):
            if time.monotonic() > ends:
                raise DayFailed(f"{address}: not decided after {self.patience:g} s")
            time.sleep(_POLL)
        return said

    def _call(
        self, method: str, address: str, by: str | None, body: Mapping[str, Any] | None = None, key: str | None = None
    ) -> Mapping[str, Any]:
        """One call, sent again while the service is away. Raises `DayFailed` when it is refused."""
        headers = {"Accept": "application/json", **OUR_PAGE}
        if by is not None:
            headers["Cookie"] = self._cookie(by)
        if key is not None:
            headers["Idempotency-Key"] = key
        answer = persistent(
            lambda: self._client.request(method, address, json=body, headers=headers),
            f"{method} {address}",
            self.patience,
        )
        if not answer.is_success:
            raise DayFailed(f"{method} {address}: {answer.status_code} {answer.text[:500]}")
        said: Mapping[str, Any] = answer.json()
        return said

    def _cookie(self, username: str) -> str:
        if username not in self._cookies:
            cookies = self.sign_in(username)
            self._cookies[username] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return self._cookies[username]


def by_form(intake: str, passwords: Mapping[str, str], patience: float = 60.0) -> SignIn:
    """Sign in as people do, at intake's staff page. Raises `DayFailed` when it refuses."""
    address = f"{intake}/staff/sign-in"

    def sign_in(username: str) -> Mapping[str, str]:
        form = {"username": username, "password": passwords[username]}
        with client() as http:
            answer = persistent(lambda: http.post(address, data=form, headers=OUR_PAGE), f"POST {address}", patience)
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise DayFailed(f"POST {address}: {answer.status_code} for {username}")
        cookie: SimpleCookie = SimpleCookie()
        for line in answer.headers.get_list("set-cookie"):
            cookie.load(line)
        return {name: morsel.value for name, morsel in cookie.items()}

    return sign_in


def persistent(send: Callable[[], httpx.Response], what: str, patience: float) -> httpx.Response:
    """The first answer of a service that is there, asked again while it is away. Raises `DayFailed` after `patience` s."""
    ends = time.monotonic() + patience
    while True:
        try:
            answer = send()
            if answer.status_code not in _AWAY:
                return answer
            problem = f"{answer.status_code} {answer.text[:200]}"
        except httpx.TransportError as error:
            problem = f"{type(error).__name__} {error}"
        if time.monotonic() > ends:
            raise DayFailed(f"{what}: {problem}, tried for {patience:g} s")
        time.sleep(0.2)


def comparable(decision: Mapping[str, Any]) -> dict[str, Any]:
    """A decision without what depends on the second at which the request came.

    The day lasts well under an hour, so a promise of some hours is the same when cut to the hour.
    """
    kept = {name: value for name, value in decision.items() if name != "as_of"}
    if kept["respond_by"] is not None:
        due = datetime.fromisoformat(kept["respond_by"])
        kept["respond_by"] = show_instant(due.replace(minute=0, second=0))
    return kept


@contextmanager
def client() -> Iterator[httpx.Client]:
    """Keeps no cookie by itself: each call says who asks. No proxy stands between us and this machine."""
    jar = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    with httpx.Client(cookies=jar, timeout=30, trust_env=False) as one:
        yield one
