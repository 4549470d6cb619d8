"""Our codec of forty lines, held to the CloudEvents standard by its own library."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid5
from zoneinfo import ZoneInfo

import pytest
from cloudevents.v1.kafka import KafkaMessage, from_binary
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from schemas.envelope import CAUSED, MalformedEvent, caused_id, decode, encode, instant
from schemas.message import Instant
from tests.builders import an_acceptance, an_envelope

ENVELOPE = an_envelope(an_acceptance())._replace(causation_id="99999999-2222-3333-4444-555555555555")


def test_what_is_written_is_read_again() -> None:
    assert decode(encode(ENVELOPE, counter="sequence")) == ENVELOPE


def test_the_standards_own_library_reads_what_we_write() -> None:
    """The Kafka binary binding: attributes in ce_ headers, the body as it is."""
    headers = dict(encode(ENVELOPE, counter="version"))
    event = from_binary(KafkaMessage(headers=headers, key=b"1", value=b'{"a": 1}'))
    assert (event["id"], event["type"], event["source"]) == (ENVELOPE.id, ENVELOPE.type, ENVELOPE.source)
    assert event["correlationid"] == ENVELOPE.correlation_id
    assert event["causationid"] == ENVELOPE.causation_id


@pytest.mark.parametrize(
    "name", ["ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "ce_version", "ce_specversion"]
)
def test_a_missing_attribute_is_named(name: str) -> None:
    headers = [header for header in encode(ENVELOPE, counter="version") if header[0] != name]
    with pytest.raises(MalformedEvent, match=name):
        decode(headers)


def test_a_header_without_a_value_is_as_one_that_is_empty() -> None:
    """Kafka knows both. One that is not ours harms nothing; one that we need is missing."""
    headers = encode(ENVELOPE, counter="sequence")
    assert decode([*headers, ("traceparent", None)]) == ENVELOPE
    with pytest.raises(MalformedEvent, match="ce_subject is missing"):
        decode([header if header[0] != "ce_subject" else ("ce_subject", None) for header in headers])


@pytest.mark.parametrize(
    "header",
    [("ce_time", b"yesterday"), ("ce_time", b"2026-11-23T15:00:00"), ("ce_version", b"-1"), ("ce_id", b"\xff")],
)
def test_a_wrong_attribute_is_named(header: tuple[str, bytes]) -> None:
    headers = [h for h in encode(ENVELOPE, counter="version") if h[0] != header[0]]
    with pytest.raises(MalformedEvent, match=header[0]):
        decode([*headers, header])


def test_the_same_cause_has_the_same_consequence() -> None:
    """Ids of what an event causes derive from its id, so that a repeat repeats."""
    assert caused_id("a", "request.decided", "1", 1) == caused_id("a", "request.decided", "1", 1)
    assert caused_id("a", "request.decided", "1", 1) != caused_id("a", "request.decided", "1", 2)


@given(st.text(), st.integers(0, 9))
def test_what_an_event_causes_is_named_as_the_standard_names(cause: str, ordinal: int) -> None:
    """RFC 9562, version 5: any program with the namespace finds the same id."""
    assert caused_id(cause, "request.decided", "1", ordinal) == str(
        uuid5(CAUSED, f"{cause}|request.decided|1|{ordinal}")
    )


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5)), ZoneInfo("Asia/Kathmandu")])))
def test_an_instant_is_written_alike_in_headers_and_bodies(moment: datetime) -> None:
    """In UTC with Z, and with six digits after the second or none."""
    assume(2 <= moment.year <= 9990)
    utc = moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    assert instant(moment) == utc
    assert TypeAdapter(Instant).dump_python(TypeAdapter(Instant).validate_python(moment), mode="json") == utc
