"""What surrounds every request, from the outside in: correlation, measuring, headers, guards, the last net.

Plain ASGI: nothing is buffered, so that event streams flow. The order is in `wrap`.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from fastapi.routing import APIRoute
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.runtime.errors import Fault, Forbidden, Invalid, NotFound, Refused

log = structlog.stdlib.get_logger(__name__)

REQUEST_ID = "X-Request-ID"
_REQUEST_ID_FORM = re.compile(r"[A-Za-z0-9._:-]{8,128}")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: Asked every few seconds by machines; logged only when they fail.
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
#: The status of a request whose caller went away before we answered.
GONE = 499

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

#: Makes the answer for a refusal: `problems.answer`.
Answer = Callable[[Request, Refused], Response]
Unexpected = Callable[[Request, Exception], Response]


class HttpMetrics(Protocol):
    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """One finished request. `route` is the template (`/api/requests/{number}`), never the address itself."""
        ...


@dataclass(frozen=True)
class Correlation:
    """A correlation id for each request: the caller's, if it is fit to be logged, else a new one. In logs and answer."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        correlation_id = given if _REQUEST_ID_FORM.fullmatch(given) else str(uuid4())
        scope.setdefault("state", {})["correlation_id"] = correlation_id
        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
            await self.app(scope, receive, _with_headers(send, {REQUEST_ID: correlation_id}))


@dataclass(frozen=True)
class Measured:
    """Duration by route template, and one log line a request; without the query, which may hold a tracking code.

    An event stream counts with the time until it began: how long somebody looked at a page is no slowness of ours.
    """

    app: ASGIApp
    metrics: HttpMetrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = perf_counter(), GONE
        began: float | None = None

        async def watch(message: Message) -> None:
            nonlocal status, began
            if message["type"] == "http.response.start":
                status = message["status"]
                if Headers(raw=message["headers"]).get("content-type", "").startswith("text/event-stream"):
                    began = perf_counter()
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            self._report(scope, status, (began or perf_counter()) - started)

    def _report(self, scope: Scope, status: int, seconds: float) -> None:
        route = route_template(scope)
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self.metrics.observe(method, route, status, seconds)
        if route not in QUIET or status >= 500:
            ms = round(seconds * 1000, 1)
            log.info("http.request", method=method, path=scope["path"][:300], route=route, status=status, ms=ms)


@dataclass(frozen=True)
class SecureHeaders:
    """Headers that keep a page to itself. Nothing is cached unless the answer says so."""

    app: ASGIApp
    https: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",  # `no-referrer` would make browsers send `Origin: null` with our own forms
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
            "Cache-Control": "no-store",
        }
        if self.https:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        await self.app(scope, receive, _with_headers(send, headers))


@dataclass(frozen=True)
class Guards:
    """Refuses what no endpoint should have to think about: forged cross-site calls, and NUL in an address."""

    app: ASGIApp
    public_url: str
    answer: Answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self._refusal(scope) if scope["type"] == "http" else None
        if refused is None:
            await self.app(scope, receive, send)
        else:
            await self.answer(Request(scope, receive), refused)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Refused | None:
        if "\0" in scope["path"]:
            return NotFound()
        if b"\0" in scope["query_string"] or b"%00" in scope["query_string"]:
            return Invalid([Fault("", "nul_character")], status=400, code="malformed")
        return Forbidden("cross_site") if is_forged(scope["method"], Headers(scope=scope), self.public_url) else None


def is_forged(method: str, headers: Headers, public_url: str) -> bool:
    """An unsafe call that a browser was made to send by another site (docs/decisions/0009-identity.md).

    With cookies it must come from our own pages: `Sec-Fetch-Site: same-origin`, or, in browsers that do not send it,
    an `Origin` equal to the public URL. A bearer is never sent by a browser on its own, so it needs no such proof.
    """
    if method in SAFE_METHODS or "authorization" in headers:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site != "same-origin"
    origin = headers.get("origin")
    if origin is None:
        return "cookie" in headers
    public = urlsplit(public_url)
    return origin.lower() != f"{public.scheme}://{public.netloc}".lower()


@dataclass(frozen=True)
class LastNet:
    """An exception that no handler knows: logged with its trace, answered without. Inside the headers, so that it has them."""

    app: ASGIApp
    answer: Unexpected

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            log.exception("http.unexpected", path=scope["path"][:300])
            if started:
                raise  # half an answer cannot be taken back: the server cuts the connection
            await self.answer(Request(scope, receive), error)(scope, receive, send)


def route_template(scope: Scope) -> str:
    """`/api/requests/{number}`; `unmatched` where no route was found, so that scanners cannot fill the metrics."""
    chosen = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    path = getattr(chosen, "path_format", None) if chosen is not None else None
    return path if isinstance(path, str) and isinstance(scope.get("route"), APIRoute) else "unmatched"


def _with_headers(send: Send, headers: dict[str, str]) -> Callable[[Message], Awaitable[None]]:
    async def send_with(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer = MutableHeaders(scope=message)
            for name, value in headers.items():
                answer.setdefault(name, value)
        await send(message)

    return send_with


_METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
