"""Topics as the catalogue says."""

from dataclasses import replace
from uuid import uuid4

import pytest

from services.runtime.kafka.presence import BrokerAway, TopicsDiffer, await_topics
from services.runtime.kafka.topics import Difference, TopicSpec, apply, check
from tests.servers import wait_until


@pytest.fixture
def spec() -> TopicSpec:
    return TopicSpec(f"t{uuid4().hex[:8]}", partitions=3, retention_ms=86_400_000, config={"cleanup.policy": "delete"})


def test_what_is_missing_is_created_and_a_second_time_nothing_differs(kafka: str, spec: TopicSpec) -> None:
    missing = Difference(spec.name, "missing", "3", "")
    assert check(kafka, [spec]) == [missing]
    assert apply(kafka, [spec]) == [missing]
    assert check(kafka, [spec]) == []
    assert apply(kafka, [spec]) == []


def as_the_catalogue_says(kafka: str, spec: TopicSpec) -> None:
    """The controller has taken the change when it is answered; the broker shows it a moment later."""
    wait_until(lambda: check(kafka, [spec]) == [], 15, f"{spec.name} to be as the catalogue says")


def test_a_setting_that_differs_is_named_and_mended(kafka: str, spec: TopicSpec) -> None:
    apply(kafka, [spec])
    changed = replace(spec, retention_ms=3_600_000, config={"max.message.bytes": "900000"})
    found = [
        Difference(spec.name, "retention.ms", "3600000", "86400000"),
        Difference(spec.name, "max.message.bytes", "900000", "1048588"),
    ]
    assert check(kafka, [changed]) == found
    assert apply(kafka, [changed]) == found
    as_the_catalogue_says(kafka, changed)


def test_partitions_are_raised_only_when_the_topic_is_drained(kafka: str, spec: TopicSpec) -> None:
    """Order per key comes from the partition. Refused, nothing else is changed either."""
    apply(kafka, [spec])
    wider = replace(spec, partitions=6, retention_ms=1_000_000)
    with pytest.raises(TopicsDiffer, match=r"partitions is 3, the catalogue says 6.*--drained"):
        apply(kafka, [wider])
    assert check(kafka, [spec]) == []
    apply(kafka, [wider], drained=True)
    as_the_catalogue_says(kafka, wider)


def test_partitions_are_never_lowered(kafka: str, spec: TopicSpec) -> None:
    apply(kafka, [spec])
    with pytest.raises(TopicsDiffer, match="cannot take partitions away"):
        apply(kafka, [replace(spec, partitions=1)], drained=True)


@pytest.mark.parametrize(
    ("config", "words"),
    [({"retention.hours": "3"}, "Unknown topic config name"), ({"cleanup.policy": "shred"}, "Invalid value shred")],
)
def test_what_the_broker_refuses_is_said_in_its_words(
    kafka: str, spec: TopicSpec, config: dict[str, str], words: str
) -> None:
    with pytest.raises(TopicsDiffer, match=words):
        apply(kafka, [replace(spec, config=config)])


def test_an_existing_topic_with_a_wrong_setting_is_named(kafka: str, spec: TopicSpec) -> None:
    apply(kafka, [spec])
    with pytest.raises(TopicsDiffer, match=rf"{spec.name}: .*retention.hours"):
        apply(kafka, [replace(spec, config={"retention.hours": "3"})])
    with pytest.raises(TopicsDiffer, match=rf"{spec.name}: .*shred"):
        apply(kafka, [replace(spec, config={"cleanup.policy": "shred"})])


def test_no_broker_is_said_plainly() -> None:
    with pytest.raises(BrokerAway, match=r"no Kafka broker answers at 127\.0\.0\.1:1\b"):
        check("127.0.0.1:1", [])
    with pytest.raises(BrokerAway, match=r"no Kafka broker answers at 127\.0\.0\.1:1\b"):
        await_topics("127.0.0.1:1", ["anything"], patience=0)


def test_a_worker_waits_for_its_topics(kafka: str, spec: TopicSpec) -> None:
    with pytest.raises(TopicsDiffer, match=rf"{spec.name}: no such topic; run `fixline topics apply`"):
        await_topics(kafka, [spec.name], patience=0)
    apply(kafka, [spec])
    await_topics(kafka, [spec.name], patience=0)
