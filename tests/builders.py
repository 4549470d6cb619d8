"""Messages and records with sensible defaults: a test names only what matters to it."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid5

from stdnum import luhn

from schemas.envelope import CAUSED, Envelope, encode
from schemas.message import Message
from schemas.request import parse_request
from schemas.service_requests import CancelRequested, ReopenRequested, RequestAccepted, RequestAmended, Submitter
from schemas.topics import topic
from schemas.vocabulary import Channel
from services.runtime.log import Record

MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # 10:00 in Toronto
ANONYMOUS = Submitter(type="anonymous")


def a_number(index: int = 1) -> str:
    """A request number; another ``index``, another number."""
    digits = f"{48210000000 + index:011d}"
    return digits + luhn.calc_check_digit(digits)


def a_request(**given: Any) -> dict[str, Any]:
    """A request's JSON shape."""
    return {"kind": "hardware_repair", "text": "The fan is loud.", **given}


def an_acceptance(number: str = "", *, received_at: datetime = MONDAY, **request: Any) -> RequestAccepted:
    return RequestAccepted(
        number=number or a_number(),
        sequence=0,
        submitter=ANONYMOUS,
        channel=Channel.WEB,
        received_at=received_at,
        request=parse_request(a_request(**request)),
    )


def an_amendment(number: str = "", sequence: int = 1, **request: Any) -> RequestAmended:
    return RequestAmended(**_command(number, sequence), changes=parse_request({"kind": "hardware_repair", **request}))


def a_cancellation(number: str = "", sequence: int = 1) -> CancelRequested:
    return CancelRequested(**_command(number, sequence))


def a_reopening(number: str = "", sequence: int = 1) -> ReopenRequested:
    return ReopenRequested(**_command(number, sequence))


def _command(number: str, sequence: int) -> dict[str, Any]:
    number = number or a_number()
    return {
        "number": number,
        "sequence": sequence,
        "submitter": ANONYMOUS,
        "channel": Channel.WEB,
        "command_id": f"command-{number}-{sequence}",
        "asked_at": MONDAY,
    }


def an_envelope(message: Message, *, service: str = "intake", time: datetime = MONDAY) -> Envelope:
    """The envelope that ``message`` would have; the same message always has the same id."""
    return Envelope(
        id=str(uuid5(CAUSED, f"test|{message.TYPE}|{message.subject}|{message.ordinal}")),
        type=message.TYPE,
        source=f"/fixline/{service}",
        subject=message.subject,
        time=time,
        correlation_id="11111111-2222-3333-4444-555555555555",
        causation_id=None,
        ordinal=message.ordinal,
    )


def a_record(message: Message, *, offset: int = 0, value: bytes | None = None, partition: int = 0) -> Record:
    """``message`` as a log would hand it over; ``value`` replaces its body, to make poison."""
    return Record(
        topic=message.TOPIC,
        partition=partition,
        offset=offset,
        key=message.key.encode(),
        headers=encode(an_envelope(message), counter=topic(message.TOPIC).counter),
        value=message.model_dump_json().encode() if value is None else value,
    )
