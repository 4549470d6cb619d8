"""Refusals become answers here, and only here: problem documents (RFC 9457) for programs, pages for people.

What was raised below says what, where and the mend, without words; the words come from the list, in the caller's
language. An unexpected exception is a 500 that says nothing of its inside; the log has the trace under the same
correlation id.
"""

from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import urlsplit

import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.vocabulary import Language
from services.runtime.errors import (
    Conflict,
    Fault,
    Forbidden,
    IdentityRequired,
    Invalid,
    NotFound,
    Refused,
    TooMany,
    Unavailable,
)
from services.runtime.web.faults import faults_in_request
from services.runtime.web.languages import language_of
from services.runtime.web.pages import Pages, safe_next
from services.runtime.web.words import Words, sentence

PROBLEM = "application/problem+json"
PROGRAMS = ("/api/", "/tmf-api/", "/internal/", "/static/")

log = structlog.stdlib.get_logger(__name__)


class Unexpected(Refused):
    """A fault of ours that nobody foresaw."""

    status = 500
    default_code = "unexpected"


class MethodNotAllowed(Refused):
    """`allow`: the methods that the address does take, as its header says them."""

    status = 405
    default_code = "method_not_allowed"

    def __init__(self, allow: str) -> None:
        super().__init__()
        self.allow = allow


def for_programs(request: Request) -> bool:
    """True when the answer should be a problem document: by address, or because the caller asks for JSON and not HTML."""
    accept = request.headers.get("accept", "")
    return request.url.path.startswith(PROGRAMS) or ("json" in accept and "text/html" not in accept)


def problem(refused: Refused, language: Language, words: Words, correlation_id: str) -> Response:
    """The problem document, with Retry-After and WWW-Authenticate where they belong."""
    faults = refused.faults if isinstance(refused, Invalid) else ()
    body: dict[str, Any] = {
        "type": f"urn:fixline:problem:{refused.code}",
        "title": _title(refused, language, words),
        "status": refused.http_status,
        "detail": sentence(words, f"error.{refused.code}", language, refused.values),
        "code": refused.code,
        "correlation_id": correlation_id,
        "errors": [
            {
                "path": fault.path,
                "code": fault.code,
                "message": sentence(words, f"error.{fault.code}", language, fault.values),
            }
            for fault in faults
        ],
    }
    headers = _headers(refused) | {"Content-Language": str(language)}
    return Response(orjson.dumps(body), refused.http_status, headers, media_type=PROBLEM)


def install_problems(app: FastAPI, pages: Pages, down: Sequence[type[Exception]]) -> None:
    """Register the handlers; `down` are exceptions that mean "not now". What has no handler ends in the last net."""

    async def refused(request: Request, error: Exception) -> Response:
        return answer(request, cast("Refused", error), pages)

    async def not_valid(request: Request, error: Exception) -> Response:
        faults = faults_in_request(cast("RequestValidationError", error).errors())
        return answer(request, Invalid(faults), pages)

    async def http(request: Request, error: Exception) -> Response:
        return answer(request, _from_starlette(cast("HTTPException", error)), pages)

    async def not_now(request: Request, error: Exception) -> Response:
        log.warning("http.unavailable", path=request.url.path[:300], kind=type(error).__name__)
        return answer(request, Unavailable(), pages)

    app.add_exception_handler(Refused, refused)
    for kind in down:
        app.add_exception_handler(kind, not_now)
    app.add_exception_handler(RequestValidationError, not_valid)
    app.add_exception_handler(HTTPException, http)


def answer(request: Request, refused: Refused, pages: Pages) -> Response:
    """The refusal for whoever asked."""
    language = language_of(request)
    if for_programs(request):
        return problem(refused, language, pages.words, correlation_id(request))
    if isinstance(refused, IdentityRequired):
        return pages.to_sign_in(request, language)
    template = _page_of(refused)
    response = pages.render(
        request,
        template,
        language=language,
        status=refused.http_status,
        refused=refused,
        back_at=_back_from(request),
        number=refused.values.get("number"),
        sentence=sentence(pages.words, f"error.{refused.code}", language, refused.values),
        sentences=[said.message for said in pages.said(refused.faults, language)]
        if isinstance(refused, Invalid)
        else [],
    )
    response.headers.update(_headers(refused))
    return response


def correlation_id(request: Request) -> str:
    return str(getattr(request.state, "correlation_id", ""))


def _back_from(request: Request) -> str:
    """The page that a person can look at again: this one, or after a form that was sent the one that it stood on."""
    if request.method in ("GET", "HEAD"):
        return request.url.path
    came_from = urlsplit(request.headers.get("referer", "")).path
    return safe_next(came_from, f"/{language_of(request)}/")


def _page_of(refused: Refused) -> str:
    match refused:
        case NotFound():
            return "kit/not_found.html"
        case Conflict():
            return "kit/moved_on.html"
        case Unavailable() | Unexpected():
            return "kit/down.html"
        case _:
            return "kit/refused.html"


def _title(refused: Refused, language: Language, words: Words) -> str:
    sorts: tuple[type[Refused], ...] = (Invalid, IdentityRequired, Forbidden, NotFound, Conflict, TooMany, Unavailable)
    general = next((sort.default_code for sort in sorts if isinstance(refused, sort)), refused.default_code)
    return words.say(f"error.title.{general}", language)


def _headers(refused: Refused) -> dict[str, str]:
    headers = {} if refused.retry_after is None else {"Retry-After": str(refused.retry_after)}
    if isinstance(refused, MethodNotAllowed):
        headers["Allow"] = refused.allow
    if isinstance(refused, IdentityRequired):
        headers["WWW-Authenticate"] = 'Bearer realm="fixline"'
    return headers


def _from_starlette(error: HTTPException) -> Refused:
    match error.status_code:
        case 404:
            return NotFound()
        case 405:
            return MethodNotAllowed((error.headers or {}).get("Allow", ""))
        case status if status < 500:
            return Invalid([Fault("", "malformed")], status=status, code="malformed")
        case _:
            return Unexpected()
