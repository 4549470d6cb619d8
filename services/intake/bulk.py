"""Bulk files: one request a line in, one result a line out, in the file's order, each as soon as its portion is committed.

Files are large and their programs patient: only so many are in hand at once, and of those one small portion waits for COMMIT, so
that people who send one request find room, and wait no longer for a file than for each other.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog
from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from schemas.request import ServiceRequest, as_json
from schemas.vocabulary import Channel
from services.intake.channels import SUBMIT, Channels, key_for
from services.runtime import metrics
from services.runtime.errors import Fault, Invalid, Refused, Unavailable
from services.runtime.identity.principal import Token
from services.runtime.web.bodies import BODY_LIMIT, parse_json, validated
from services.runtime.web.languages import language_of
from services.runtime.web.problems import Unexpected

BULK_LINES = 10_000
BULK_BYTES = 16 * 1024 * 1024
#: How many lines of a file are in hand at once, and of how many files. Half a group of the committer's: with larger portions
#: files took nineteen places of twenty in an overload, and single requests waited for twenty seconds.
PORTION = 100
PORTIONS = 1

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Upload:
    """One file from one program. A line's own key is the upload's and its number, so that a resend repeats nothing."""

    channels: Channels
    http: Request
    who: Token
    key: str | None


@dataclass
class Uploads:
    """The files in hand in this process; all on one event loop. ``most``: files, and so 16 MiB each."""

    most: int
    inside: int = 0
    portions: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PORTIONS))

    def enter(self) -> "Place":
        """Raises `Unavailable` when there is no room."""
        if self.inside >= self.most:
            metrics.REQUESTS_REFUSED.labels(Channel.BULK.value, "overloaded").inc()
            raise Unavailable(5, "overloaded")
        self.inside += 1
        return Place(self)


@dataclass
class Place:
    """One file's; left once, whatever becomes of the file."""

    uploads: Uploads
    held: bool = True

    def leave(self) -> None:
        self.uploads.inside -= self.held
        self.held = False


def lines_of(raw: bytes) -> list[tuple[int, bytes]]:
    """(line number from 1, line) of each line that is not blank. Raises `Invalid` (413) beyond `BULK_LINES`."""
    lines = [(number, line) for number, line in enumerate(raw.split(b"\n"), 1) if line.strip()]
    if len(lines) > BULK_LINES:
        raise Invalid([Fault("", "too_many_items", {"max": BULK_LINES})], status=413, code="too_large")
    return lines


class Results(StreamingResponse):
    """The answer to a file; its place is free when it has been sent, or nobody listens any more."""

    media_type = "application/x-ndjson"

    def __init__(self, upload: Upload, lines: Sequence[tuple[int, bytes]], place: Place) -> None:
        super().__init__(results(upload, lines, place.uploads.portions))
        self._place = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Not in the generator: one that was never begun has no end either.
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._place.leave()


async def results(
    upload: Upload, lines: Sequence[tuple[int, bytes]], portions: asyncio.Semaphore
) -> AsyncIterator[bytes]:
    """One JSON line for each, a portion at a time."""
    for start in range(0, len(lines), PORTION):
        portion = lines[start : start + PORTION]
        async with portions:
            done = await asyncio.gather(*(_line(upload, number, line) for number, line in portion))
        yield b"".join(orjson.dumps(result) + b"\n" for result in done)


async def _line(upload: Upload, number: int, line: bytes) -> dict[str, Any]:
    """One line's result. Its failure is its own, a fault of ours as well."""
    try:
        return await _accepted(upload, number, line)
    except Refused as refusal:
        return _refused(upload, number, refusal)
    except Exception:
        logger.exception("bulk.line-failed", line=number)
        return _refused(upload, number, Unexpected())


async def _accepted(upload: Upload, number: int, line: bytes) -> dict[str, Any]:
    if len(line) > BODY_LIMIT:
        raise Invalid([Fault("", "too_large", {"kib": BODY_LIMIT // 1024})], status=413, code="too_large")
    request = validated(ServiceRequest, parse_json(line))
    sent = None if upload.key is None else f"{upload.key}/{number}"
    key = key_for(sent, upload.who, Channel.BULK, SUBMIT, as_json(request))
    accepted = await upload.channels.accept(request, upload.who, Channel.BULK, language=None, key=key, http=upload.http)
    language = request.language or language_of(upload.http)
    return {
        "line": number,
        "status": 201,
        "number": accepted.number,
        "tracking_url": upload.channels.tracking_url(accepted.number, language),
        "tracking_code": upload.channels.parts.codes.code(accepted.number),
        "external_id": request.external_id,
    }


def _refused(upload: Upload, number: int, refusal: Refused) -> dict[str, Any]:
    faults = refusal.faults if isinstance(refusal, Invalid) else (Fault("", refusal.code, refusal.values),)
    said = upload.channels.pages.said(faults, language_of(upload.http))
    errors = [
        {"path": fault.path, "code": fault.code, "message": words.message}
        for fault, words in zip(faults, said, strict=True)
    ]
    return {"line": number, "status": refusal.http_status, "code": refusal.code, "errors": errors}
