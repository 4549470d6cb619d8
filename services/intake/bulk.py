"""Bulk files: one request a line in, one result a line out, in the file's order, each as soon as its portion is committed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from fastapi import Request

from schemas.request import ServiceRequest, as_json
from schemas.vocabulary import Channel
from services.intake.channels import SUBMIT, Channels, key_for
from services.runtime.errors import Fault, Invalid, Refused
from services.runtime.identity.principal import Token
from services.runtime.web.bodies import BODY_LIMIT, parse_json, validated
from services.runtime.web.languages import language_of
from services.runtime.web.problems import Unexpected

BULK_LINES = 10_000
BULK_BYTES = 16 * 1024 * 1024
#: How many lines are in hand at once.
PORTION = 500

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Upload:
    """One file from one program. A line's own key is the upload's and its number, so that a resend repeats nothing."""

    channels: Channels
    http: Request
    who: Token
    key: str | None


def lines_of(raw: bytes) -> list[tuple[int, bytes]]:
    """(line number from 1, line) of each line that is not blank. Raises `Invalid` (413) beyond `BULK_LINES`."""
    lines = [(number, line) for number, line in enumerate(raw.split(b"\n"), 1) if line.strip()]
    if len(lines) > BULK_LINES:
        raise Invalid([Fault("", "too_many_items", {"max": BULK_LINES})], status=413, code="too_large")
    return lines


async def results(upload: Upload, lines: Sequence[tuple[int, bytes]]) -> AsyncIterator[bytes]:
    """One JSON line for each, a portion at a time."""
    for start in range(0, len(lines), PORTION):
        portion = lines[start : start + PORTION]
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
