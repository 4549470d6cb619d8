"""Reading what was sent: bounded, strict, and never the cause of a 5xx.

JSON here is RFC 8259 without the loopholes that parsers leave: no NaN, no number beyond 64 bits, no key twice, no lone
surrogate, no NUL (PostgreSQL cannot hold one), 32 levels deep at most. The size is checked while reading, so that
10 MB are never held. Each refusal names the field, or the body as a whole by an empty path.
"""

import json
import math
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl

import anyio
from fastapi import Depends, FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from services.runtime.errors import Fault, Invalid
from services.runtime.web.faults import faults_in

KIB = 1024
BODY_LIMIT = 64 * KIB
#: More than this is not even read away before it is refused.
DISCARDED_AT_MOST = 16 * 1024 * KIB
DEEPEST = 32
MOST_FIELDS = 200
_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST_SHOWN = 200

Model = TypeVar("Model", bound=BaseModel)


class _KeyTwice(ValueError):
    pass


@dataclass(frozen=True)
class JsonOf(Generic[Model]):
    """The dependency behind `json_of`; the API description reads the model from it (`openapi.py`)."""

    model: type[Model]
    limit: int

    async def __call__(self, request: Request) -> Model:
        return validated(self.model, await read_json(request, self.limit))


def json_of(model: type[BaseModel], limit: int = BODY_LIMIT) -> Any:
    """The body as a model: `body: Annotated[Answer, json_of(Answer)]`. Use it instead of FastAPI's own body parameters."""
    return Depends(JsonOf(model, limit))


class Form(Mapping[str, str]):
    """What a form sent: the first value of each field, trimmed, line ends as `\\n`; `all(name)` for tick boxes."""

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        self._fields: dict[str, list[str]] = {}
        for name, value in fields:
            self._fields.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\r", "\n").strip())

    def __getitem__(self, name: str) -> str:
        return self._fields[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def text(self, name: str) -> str:
        """The field's value; empty when it was not sent."""
        return self._fields.get(name, [""])[0]

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(self._fields.get(name, ()))


async def read_form(request: Request) -> Form:
    """A posted form: `form: Annotated[Form, Depends(read_form)]`. Raises `Invalid` with 400, 413 or 415."""
    _require_type(request, "application/x-www-form-urlencoded")
    body = await read_bytes(request, BODY_LIMIT)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:  # not ASCII, not UTF-8 inside, or too many fields
        raise _unfit("", "form_unreadable") from error
    for name, value in pairs:
        if "\0" in name or "\0" in value:
            raise _unfit(shown(name), "nul_character")
    return Form(pairs)


async def read_json(request: Request, limit: int = BODY_LIMIT) -> Any:
    """The body's JSON value. Raises `Invalid`: 415 not `application/json`, 413 more than `limit` bytes, 400 not strict JSON."""
    _require_type(request, "application/json")
    return parse_json(await read_bytes(request, limit))


async def read_bytes(request: Request, limit: int) -> bytes:
    """The body, at most `limit` bytes. Raises `Invalid` (413) as soon as there is more, declared or received."""
    declared = request.headers.get("content-length", "")
    expected = int(declared[:20]) if declared.isdigit() else 0
    body = bytearray()
    chunks = request.stream()
    try:
        if expected <= limit:
            async for chunk in chunks:
                body += chunk
                if len(body) > limit:
                    break
            else:
                return bytes(body)
        if expected <= DISCARDED_AT_MOST:
            await _discard(chunks)
    except ClientDisconnect as error:
        raise _unfit("", "body_cut_off") from error
    raise Invalid([Fault("", "too_large", {"kib": limit // KIB})], status=413, code="too_large")


def parse_json(body: bytes) -> Any:
    """Strict JSON from bytes. Raises `Invalid` (400) whose fault names the place."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unfit("", "not_utf8", at=error.start) from error
    try:
        value = json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except _KeyTwice as error:
        raise _unfit(shown(str(error)), "key_twice") from error
    except RecursionError as error:
        raise _unfit("", "too_deep", levels=DEEPEST) from error
    except json.JSONDecodeError as error:
        raise _unfit("", "not_json", line=error.lineno, column=error.colno) from error
    except ValueError as error:  # NaN and Infinity, or an integer of more digits than Python reads
        raise _unfit("", "number_out_of_range") from error
    # NUL and half a surrogate pair can only be written as an escape: UTF-8 has no half, and a bare NUL is no JSON.
    for path, code in _unfit_places(value, escapes="\\u" in text):
        raise _unfit(path, code, levels=DEEPEST)
    return value


def validated(model: type[Model], value: Any) -> Model:
    """The value as a model. Raises `Invalid` (422) with one fault for each field that is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise Invalid(faults_in(error)) from error


def lenient_routes(app: FastAPI) -> list[str]:
    """Paths whose body FastAPI would read itself, leniently and without a bound. A test keeps this empty."""
    return [context.path or "?" for context in iter_route_contexts(app.routes) if getattr(context, "body_field", None)]


def shown(name: str) -> str:
    """A name that came from outside, fit to be repeated in an answer: printable, of bounded length."""
    clean = "".join(character if character.isprintable() else "\ufffd" for character in name[:_LONGEST_SHOWN])
    return clean + ("…" if len(name) > _LONGEST_SHOWN else "")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _KeyTwice(next(name for name in names if names.count(name) > 1))
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _unfit_places(value: Any, *, escapes: bool) -> Iterator[tuple[str, str]]:
    """(path, code) of what JSON allows and we do not; walked without recursion. `escapes`: texts may hold anything."""
    left: list[tuple[str, int, Any]] = [("", 1, value)]
    while left:
        path, depth, here = left.pop()
        if isinstance(here, dict | list) and depth > DEEPEST:
            yield shown(path), "too_deep"
            return
        if isinstance(here, str):
            if not escapes:
                continue
            yield from ((shown(path), code) for code in _unfit_text(here))
        elif isinstance(here, float):
            if not math.isfinite(here):
                yield shown(path), "number_out_of_range"
        elif isinstance(here, int):
            if not -(2**63) <= here < 2**63:
                yield shown(path), "number_out_of_range"
        elif isinstance(here, dict):
            for name, inner in here.items():
                inner_path = f"{path}.{name}" if path else name
                if escapes:
                    yield from ((shown(inner_path), code) for code in _unfit_text(name))
                left.append((inner_path, depth + 1, inner))
        elif isinstance(here, list):
            left.extend(
                (f"{path}.{index}" if path else str(index), depth + 1, inner) for index, inner in enumerate(here)
            )


def _unfit_text(text: str) -> Iterator[str]:
    if "\0" in text:
        yield "nul_character"
    if _SURROGATE.search(text):
        yield "lone_surrogate"


def _require_type(request: Request, expected: str) -> None:
    if request.headers.get("content-type") == expected and "content-encoding" not in request.headers:
        return  # as nearly all send it; taking a header apart costs more than reading the body
    message = Message()
    message["content-type"] = request.headers.get("content-type", "")[:200]
    charset = str(message.get_param("charset", "utf-8")).lower()
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Invalid([Fault("Content-Encoding", "content_encoding")], status=415, code="unsupported_media_type")
    if (
        message.get_content_type() != expected
        or "content-type" not in request.headers
        or charset not in ("utf-8", "utf8")
    ):
        raise Invalid(
            [Fault("Content-Type", "content_type", {"expected": expected})], status=415, code="unsupported_media_type"
        )


def _unfit(path: str, code: str, **values: object) -> Invalid:
    return Invalid([Fault(path, code, values)], status=400, code="malformed")


async def _discard(chunks: AsyncIterator[bytes]) -> None:
    """Read the rest away, for a few seconds and a few megabytes: a caller who is still sending when the connection
    closes never sees the answer."""
    left = DISCARDED_AT_MOST
    with anyio.move_on_after(5):
        async for chunk in chunks:
            left -= len(chunk)
            if left < 0:
                return
