"""One event on the wire: CloudEvents 1.0 in the Kafka binary binding (docs/architecture.md, Events).

Attributes travel as headers (``ce_id`` …), the body is JSON. Extensions: ``correlationid`` (the HTTP call or file that
began it), ``causationid`` (the event that caused this one), ``sequence`` (intake's count per request) or ``version``
(routing's count per request or work order).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha1
from typing import Final, NamedTuple
from uuid import UUID

import orjson

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"

#: Headers as kafka-python and aiokafka hand them over. Kafka knows some without a value; they are rare, and never ours.
Headers = Sequence[tuple[str, bytes | None]]

_REQUIRED: Final = ("ce_id", "ce_type", "ce_source", "ce_subject", "ce_time")

#: Ids of what an event causes derive from its id in this namespace, so that a repeat repeats.
CAUSED = UUID("6f6b1c1e-52a4-5d1c-9a63-6c2a7b1f0e55")


class MalformedEvent(ValueError):
    """The record is not an event: an attribute is missing or wrong. The message names it."""


class Envelope(NamedTuple):
    """What is known of an event before its body is read. ``ordinal`` counts per subject: ``sequence`` or ``version``."""

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    correlation_id: str
    causation_id: str | None
    ordinal: int


def caused_id(cause: str, type_: str, subject: str, ordinal: int) -> str:
    """The id of the event that ``cause`` brings about: the same cause always gives the same id.

    ``uuid5`` written out, with its version and variant, for an event in two is one that this names: `UUID` takes as long.
    """
    named = sha1(CAUSED.bytes + f"{cause}|{type_}|{subject}|{ordinal}".encode(), usedforsecurity=False).digest()
    digits = (named[:6] + bytes((named[6] & 0x0F | 0x50, named[7], named[8] & 0x3F | 0x80)) + named[9:16]).hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC with ``Z``; whole seconds where there are no more. orjson writes it in a third of `isoformat`'s time."""
    return orjson.dumps(moment.astimezone(UTC), option=orjson.OPT_UTC_Z)[1:-1].decode()


def encode(envelope: Envelope, *, counter: str) -> list[tuple[str, bytes]]:
    """The headers of one event; ``counter`` is ``sequence`` or ``version``, as its topic's catalogue entry says."""
    return [(name, value.encode()) for name, value in attributes(envelope, counter=counter)]


def attributes(envelope: Envelope, *, counter: str) -> list[tuple[str, str]]:
    """The same as text, as an outbox keeps them."""
    told = [
        ("ce_specversion", SPEC_VERSION),
        ("ce_id", envelope.id),
        ("ce_type", envelope.type),
        ("ce_source", envelope.source),
        ("ce_subject", envelope.subject),
        ("ce_time", instant(envelope.time)),
        ("ce_correlationid", envelope.correlation_id),
        (f"ce_{counter}", str(envelope.ordinal)),
        ("content-type", CONTENT_TYPE),
    ]
    if envelope.causation_id is not None:
        told.append(("ce_causationid", envelope.causation_id))
    return told


def decode(headers: Headers) -> Envelope:
    """Read the attributes back. Raises `MalformedEvent` naming the first attribute that is missing or wrong."""
    try:
        found = {name: value.decode() for name, value in headers}  # type: ignore[union-attr]  # caught below
    except (UnicodeDecodeError, AttributeError):
        found = {name: _text(name, value) for name, value in headers}
    if found.get("ce_specversion") != SPEC_VERSION:
        raise MalformedEvent(f"ce_specversion is {found.get('ce_specversion')!r}, expected {SPEC_VERSION!r}")
    if not found.get("content-type", "").startswith(CONTENT_TYPE):
        raise MalformedEvent(f"content-type is {found.get('content-type')!r}, expected {CONTENT_TYPE!r}")
    given = found.get
    for name in _REQUIRED:
        if not given(name):
            raise MalformedEvent(f"{name} is missing")
    return Envelope(
        found["ce_id"],
        found["ce_type"],
        found["ce_source"],
        found["ce_subject"],
        _moment(found["ce_time"]),
        given("ce_correlationid") or found["ce_id"],
        given("ce_causationid"),
        _count(given("ce_sequence") or given("ce_version") or ""),
    )


def _text(name: str, value: bytes | None) -> str:
    try:
        return "" if value is None else value.decode()
    except UnicodeDecodeError as error:
        raise MalformedEvent(f"header {name} is not text") from error


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedEvent(f"ce_time is {text!r}, expected RFC 3339") from error
    if moment.tzinfo is None:
        raise MalformedEvent(f"ce_time is {text!r}, expected an offset")
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise MalformedEvent("ce_sequence or ce_version is not a whole number")
    return int(text)
