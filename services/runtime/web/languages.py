"""Which language is spoken, and the same page in the other one.

A page's address decides (`/en/…`, `/fr/…`); without such a prefix (staff pages, the API) `?lang=`, then the cookie
that the toggle set, then `Accept-Language`, then English. A page that exists in both languages is declared once with
`both`, so that the toggle can name its twin.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from schemas.vocabulary import Language

LANGUAGE_COOKIE = "fixline_lang"
_TWINS = "__fixline_twins__"
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def other(language: Language) -> Language:
    return Language.FR if language is Language.EN else Language.EN


def language_of(request: Request) -> Language:
    """The caller's language; never fails."""
    first = request.url.path.split("/", 2)[1]
    for said in (first, request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if said in ("en", "fr"):
            return Language(said)
    return preferred(request.headers.get("accept-language", ""))


def preferred(accept_language: str) -> Language:
    """The better of our two by RFC 9110 §12.5.4 weights; English where neither is asked for."""
    weights = {Language.EN: 0.0, Language.FR: 0.0}
    for part in accept_language[:500].split(","):
        tag, _, quality = part.strip().partition(";q=")
        primary = tag.split("-", 1)[0].strip().lower()
        if primary in ("en", "fr"):
            language = Language(primary)
            weights[language] = max(weights[language], _weight(quality))
    return Language.FR if weights[Language.FR] > weights[Language.EN] else Language.EN


def both(
    router: APIRouter, *, en: str, fr: str, methods: list[str] | None = None, **options: Any
) -> Callable[[Endpoint], Endpoint]:
    """Register a page under its address in each language: `@both(router, en="/en/requests/{number}", fr="/fr/demandes/{number}")`."""

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _TWINS, {Language.EN: en, Language.FR: fr})
        for language, path in ((Language.EN, en), (Language.FR, fr)):
            router.add_api_route(
                path,
                endpoint,
                methods=methods or ["GET", "HEAD"],  # mail scanners and link checkers ask for the head first
                name=f"{endpoint.__name__}.{language}",
                response_class=HTMLResponse,
                include_in_schema=False,
                **options,
            )
        return endpoint

    return declare


def address_in(request: Request, language: Language) -> str:
    """This page's path and query in a language: what the toggle links to. Never carries a tracking code."""
    twins: Mapping[Language, str] | None = getattr(request.scope.get("endpoint"), _TWINS, None)
    kept = [(name, value) for name, value in parse_qsl(request.url.query) if name not in ("lang", "k")]
    if twins is None:
        first, rest = request.url.path.split("/", 2)[1], request.url.path
        if first in ("en", "fr"):  # not a page of ours (404): the other language's home is the nearest sure thing
            return f"/{language}/"
        return f"{quote(rest)}?{urlencode([*kept, ('lang', str(language))])}"
    path = fill(twins[language], request.path_params)
    return f"{path}?{urlencode(kept)}" if kept else path


def fill(path: str, parameters: Mapping[str, object]) -> str:
    """A route's path with its parameters put in, each as one segment."""
    return _PARAMETER.sub(lambda match: quote(str(parameters[match[1]]), safe=""), path)


def _weight(quality: str) -> float:
    try:
        return float(quality) if quality else 1.0
    except ValueError:
        return 0.0
