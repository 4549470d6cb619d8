"""How every channel gets a request accepted: admitted by one rule, committed with those that wait, answered after COMMIT."""

import asyncio
import hashlib
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import Request
from starlette.concurrency import run_in_threadpool

from schemas.request import ServiceRequest, as_json
from schemas.vocabulary import Channel, Language
from services.intake.admission import admit
from services.intake.committer import Accepted, Committer, Key
from services.runtime import metrics
from services.runtime.errors import Refused, TooMany, Unavailable
from services.runtime.identity.principal import Anonymous, OneRequest, Principal, Staff, Token, describe
from services.runtime.identity.rates import Limit, source_of
from services.runtime.service import Parts
from services.runtime.web.pages import Pages
from services.runtime.work import Workshop

#: What a stranger may send from one address.
ANONYMOUS_LIMIT = Limit(60, 3600)
#: Seconds that a page waits for COMMIT before it says that we are down; the draft is kept, a resend gives the same number.
_PATIENCE = 20.0


@dataclass(frozen=True)
class Channels:
    """What every channel needs; pages, phone and API share it."""

    workshop: Workshop
    committer: Committer
    parts: Parts
    pages: Pages

    async def accept(
        self,
        request: ServiceRequest,
        who: Principal,
        channel: Channel,
        *,
        language: Language | None,
        key: Key | None,
        http: Request,
    ) -> Accepted:
        """For programs' edges. Raises what `admit` and `Committer.submit` raise, and `TooMany`; counts each refusal."""
        try:
            if _is_stranger(who):
                await run_in_threadpool(self._limit, http)
            return await asyncio.wrap_future(self._submit(request, who, channel, language, key, http))
        except Refused as refusal:
            metrics.REQUESTS_REFUSED.labels(channel.value, refusal.code).inc()
            raise

    def accept_here(
        self,
        request: ServiceRequest,
        who: Principal,
        channel: Channel,
        *,
        language: Language | None,
        key: Key | None,
        http: Request,
    ) -> Accepted:
        """For pages: the same in the page's own thread."""
        try:
            if _is_stranger(who):
                self._limit(http)
            return self._submit(request, who, channel, language, key, http).result(_PATIENCE)
        except TimeoutError:
            raise Unavailable(5) from None
        except Refused as refusal:
            metrics.REQUESTS_REFUSED.labels(channel.value, refusal.code).inc()
            raise

    def tracking_url(self, number: str, language: Language) -> str:
        """Where the request is followed."""
        return f"{self.parts.site.public_url}{tracking_path(number, language)}"

    def _submit(
        self,
        request: ServiceRequest,
        who: Principal,
        channel: Channel,
        language: Language | None,
        key: Key | None,
        http: Request,
    ) -> "Future[Accepted]":
        admitted = admit(request, who, channel, language=language)
        return self.committer.submit(admitted, key, correlation_of(http))

    def _limit(self, http: Request) -> None:
        wait = self.parts.limiter.hit("requests", source_of(http), ANONYMOUS_LIMIT)
        if wait is not None:
            raise TooMany(wait)


def tracking_path(number: str, language: Language) -> str:
    """The notifier's page for a request."""
    return f"/en/requests/{number}" if language is Language.EN else f"/fr/demandes/{number}"


def key_for(sent: str | None, who: Principal, channel: Channel, operation: str, body: Any) -> Key | None:
    """The key as it is stored: scoped to principal, channel and operation, with the fingerprint of the canonical body."""
    if sent is None:
        return None
    # A stranger stays the same stranger after the first answer opened that request in this browser.
    principal = "anonymous" if _is_stranger(who) and operation == SUBMIT else describe(who)
    return Key(f"{principal}|{channel.value}|{operation}", sent, fingerprint(body))


SUBMIT = "submit"


def fingerprint(body: Any) -> bytes:
    """SHA-256 of the canonical JSON."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).digest()


def key_of_draft(draft_id: str, request: ServiceRequest) -> Key:
    """A form's own key: whoever holds its cookie sends it, signed in or not, and it is sent once."""
    return Key("draft|web|submit", draft_id, fingerprint(as_json(request)))


def channel_of(who: Principal) -> Channel:
    """Programs come over the API, agents speak for a caller on the telephone, everyone else is on the web."""
    return Channel.PHONE if isinstance(who, Staff) else Channel.API if isinstance(who, Token) else Channel.WEB


def correlation_of(http: Request) -> str:
    """The id that every event and log line of this call carries."""
    return str(http.state.correlation_id)


def _is_stranger(who: Principal) -> bool:
    return isinstance(who, Anonymous | OneRequest)
