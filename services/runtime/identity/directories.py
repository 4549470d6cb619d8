"""Is this token known, is this session still good? Intake's tables know; the others ask intake and remember a minute.

`TokenDirectory` and `SessionDirectory` are what intake implements over its tables (plain synchronous calls, made in a
worker thread). The other services use `IntrospectingTokens` and `IntrospectingSessions`, which ask
`POST /internal/introspect` (after RFC 7662) with the services' own key and keep each answer for 60 s. When intake does
not answer, what was known stays true for ten minutes; what was never known is `Unavailable`, not "no".
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from time import monotonic
from typing import Generic, Protocol, TypeVar

import httpx

from schemas.vocabulary import Scope
from services.runtime.errors import Unavailable
from services.runtime.identity.principal import Customer, Staff, Token

KNOWN_FOR = 60.0
TRUSTED_WITHOUT_ANSWER_FOR = 600.0
REMEMBERED = 10_000
#: At this share of its life an answer is asked for anew by one of those who want it; the others are given the old one.
_RENEWED_AFTER = 0.5

Answer = TypeVar("Answer")


class TokenDirectory(Protocol):
    def find(self, token_sha256: bytes) -> Token | None:
        """The token with this hash, or None when there is none, or it is revoked or past its end."""
        ...

    def recent(self, token_sha256: bytes) -> Token | None:
        """The same where it is known already: costs nothing. None: `find` must be asked, in a worker thread."""
        ...


class SessionDirectory(Protocol):
    def version(self, account: str) -> int | None:
        """The session version of `staff:<username>` or `customer:<number>`; None when disabled or unknown.

        Raised by one when a password, a role or a queue changes, so that older cookies die.
        """
        ...


def account_of(who: Staff | Customer) -> str:
    return f"staff:{who.username}" if isinstance(who, Staff) else f"customer:{who.customer_number}"


@dataclass(frozen=True, slots=True)
class _Known(Generic[Answer]):
    answer: Answer
    at: float  # when it was asked for


class Remembered(Generic[Answer]):
    """Answers by key for `known_for` seconds; the least recently used of more than 10,000 is forgotten.

    However many want to know at once, one of them asks: an answer that grows old is asked for anew while it still holds, and
    only who has none that holds waits for who asks. Without that, all callers of the instant at which an answer ends would
    ask together, and whatever else needs the database would wait behind them.
    """

    def __init__(
        self, ask: Callable[[str], Answer], known_for: float = KNOWN_FOR, clock: Callable[[], float] = monotonic
    ) -> None:
        self._ask = ask
        self._known_for = known_for
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Known[Answer]] = OrderedDict()
        self._asking: dict[str, Future[Answer]] = {}

    def recent(self, key: str) -> Answer | None:
        """The answer, if it may be given again and nobody needs to ask for it anew; asks nobody."""
        with self._lock:
            known = self._settled(key)
        return None if known is None else known.answer

    def get(self, key: str) -> Answer:
        """Raises `Unavailable` when nobody answers and nothing recent enough is known."""
        with self._lock:
            if (known := self._settled(key)) is not None:
                return known.answer
            known, asked = self._known.get(key), key in self._asking
            asking = self._asking.setdefault(key, Future())
        if not asked:
            try:
                asking.set_result(self._anew(key, known))
            except BaseException as error:  # whatever it is, those who wait must hear of it
                asking.set_exception(error)
            finally:
                with self._lock:
                    del self._asking[key]
        return asking.result()

    def _settled(self, key: str) -> _Known[Answer] | None:
        """What is known and still holds, unless it is time that somebody asks anew and nobody does."""
        known = self._known.get(key)
        if known is None:
            return None
        age = self._clock() - known.at
        renewed = age < self._known_for * _RENEWED_AFTER or key in self._asking
        return known if age < self._known_for and renewed else None

    def _anew(self, key: str, known: _Known[Answer] | None) -> Answer:
        now = self._clock()
        try:
            answer = self._ask(key)
        except httpx.HTTPError as error:
            if known is not None and now - known.at < TRUSTED_WITHOUT_ANSWER_FOR:
                return known.answer
            raise Unavailable(5) from error
        with self._lock:
            self._known[key] = _Known(answer, now)
            self._known.move_to_end(key)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return answer


class IntrospectingTokens:
    """`TokenDirectory` over HTTP. Only the token's hash leaves this process."""

    def __init__(self, intake_url: str, service_key: str, client: httpx.Client | None = None) -> None:
        self._client = client or _client(intake_url, service_key)
        self._remembered = Remembered(self._ask)

    def find(self, token_sha256: bytes) -> Token | None:
        return self._remembered.get(token_sha256.hex())

    def recent(self, token_sha256: bytes) -> Token | None:
        return self._remembered.recent(token_sha256.hex())

    def _ask(self, token_sha256: str) -> Token | None:
        answer = _introspect(self._client, {"token_sha256": token_sha256})
        if not answer.get("active"):
            return None
        return Token(
            token_id=str(answer["token_id"]),
            scopes=frozenset(Scope(scope) for scope in str(answer["scope"]).split()),
            customers=frozenset(str(number) for number in _list(answer["customers"])),
        )


class IntrospectingSessions:
    """`SessionDirectory` over HTTP."""

    def __init__(self, intake_url: str, service_key: str, client: httpx.Client | None = None) -> None:
        self._client = client or _client(intake_url, service_key)
        self._remembered = Remembered(self._ask)

    def version(self, account: str) -> int | None:
        return self._remembered.get(account)

    def _ask(self, account: str) -> int | None:
        answer = _introspect(self._client, {"account": account})
        return int(str(answer["session_version"])) if answer.get("active") else None


def _client(intake_url: str, service_key: str) -> httpx.Client:
    return httpx.Client(
        base_url=intake_url, headers={"Authorization": f"Bearer {service_key}"}, timeout=2.0, trust_env=False
    )


def _introspect(client: httpx.Client, question: dict[str, str]) -> dict[str, object]:
    response = client.post("/internal/introspect", json=question)
    response.raise_for_status()
    answer = response.json()
    if not isinstance(answer, dict):
        raise httpx.DecodingError("introspection answered something else than an object", request=response.request)
    return answer


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
