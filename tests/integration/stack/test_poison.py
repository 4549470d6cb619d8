"""Poison on each topic, put on Kafka by somebody else: quarantined with its reason while all else goes on, and brought back
by `fixline dead replay` once it is mended (docs/architecture.md, Errors)."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from kafka import KafkaProducer  # type: ignore[import-untyped]  # kafka-python ships no types

from schemas import dispatch
from schemas.message import Message
from schemas.request_status import RequestDecided
from services.runtime.log import Record
from tests.builders import a_cancellation, a_number, a_record, an_acceptance
from tests.integration.stack import reading
from tests.integration.stack.processes import PATIENCE, ProcessStack
from tests.servers import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.slow]

VISIT: dict[str, Any] = {
    "customer_number": "C-1001",
    "machine": {"type": "8286", "serial": "210F3AT"},
    "text": "It is dead, no lights.",
}
READERS = {"service-requests": ("routing", "notifier"), "request-status": ("notifier",)}


@pytest.fixture(scope="module")
def producer(broker: str) -> Iterator[KafkaProducer]:
    made = KafkaProducer(bootstrap_servers=broker, acks="all")
    yield made
    made.close()


def put(producer: KafkaProducer, *records: Record) -> None:
    """On Kafka, as they are."""
    for record in records:
        sent = producer.send(record.topic, key=record.key, value=record.value, headers=list(record.headers))
        sent.get(timeout=PATIENCE)


def letters(stack: ProcessStack, service: str, number: str) -> list[dict[str, Any]]:
    """What `fixline dead list` shows of one request, the oldest first."""
    listed = stack.answer(service, "dead", "list", "--service", service)
    return [letter for letter in listed if letter["key"] == number]


def lies_in_quarantine(stack: ProcessStack, service: str, number: str, count: int = 1) -> list[dict[str, Any]]:
    """The letters, as soon as they are there; read from the table, for a command takes seconds to start."""
    table = stack.workshops[service].tables.quarantine

    def there() -> bool:
        with stack.workshops[service].database.reading() as connection:
            query = table.select().where(table.c.key == number, table.c.state == "open")
            return len(connection.execute(query).all()) >= count

    wait_until(there, PATIENCE, f"the quarantine of {service} to have {number}", log=stack["work", service].log)
    return letters(stack, service, number)


def replay(stack: ProcessStack, id_: str, body: Path | None = None) -> str:
    """What it says."""
    given = ["--body", str(body)] if body else []
    done = stack.command(id_.partition(":")[0], "dead", "replay", id_, "--by", "test", *given)
    assert done.returncode == 0, done.stderr
    return done.stdout


def decided(stack: ProcessStack, number: str) -> None:
    wait_until(lambda: number in reading.versions_told(stack.workshops), PATIENCE, f"{number} to be decided")


def goes_on(stack: ProcessStack) -> str:
    """A good request by a stranger is decided and shown; its number."""
    answer = httpx.post(
        f"{stack.addresses.intake}/api/requests",
        json={"kind": "inquiry", "text": "Are you open on Sunday?"},
        timeout=PATIENCE,
        trust_env=False,
    )
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["number"]
    decided(stack, number)
    wait_until(lambda: _shown(stack, number) == [0, 1], PATIENCE, f"{number} to be shown")
    return number


@contextmanager
def mended(folder: Path, message: Message) -> Iterator[Path]:
    """A file with the body as it should have been."""
    file = folder / "mended.json"
    file.write_text(message.model_dump_json())
    yield file


def test_a_broken_acceptance_waits_in_quarantine_and_works_once_mended(
    stack: ProcessStack, producer: KafkaProducer, tmp_path: Path
) -> None:
    """With each of its readers; the raw bytes are shown, the flow goes on, the mended body is decided and shown."""
    message = an_acceptance(a_number(71), **VISIT)
    put(producer, a_record(message, value=b'{"number": broken'))
    goes_on(stack)
    for service in READERS["service-requests"]:
        (letter,) = lies_in_quarantine(stack, service, message.number)
        assert (letter["topic"], letter["reason"], letter["state"]) == ("service-requests", "body", "open")
        shown = stack.answer(service, "dead", "show", letter["id"])
        assert shown["text"] == '{"number": broken'
        assert bytes.fromhex(shown["hex"]) == b'{"number": broken'
        with mended(tmp_path, message) as body:
            assert "1 event" in replay(stack, letter["id"], body)
        assert letters(stack, service, message.number) == []
    decided(stack, message.number)
    wait_until(lambda: _shown(stack, message.number) == [0, 1], PATIENCE, "its timeline")
    assert reading.live_work_orders(stack.workshops)[message.number] == 1


def test_a_request_cancelled_meanwhile_is_never_dispatched(
    stack: ProcessStack, producer: KafkaProducer, tmp_path: Path, broker: str
) -> None:
    """Its acceptance lay in quarantine when the cancellation came: replayed together, nobody is sent."""
    message = an_acceptance(a_number(72), **VISIT)
    put(producer, a_record(message, value=b"\xff\x00 no JSON"), a_record(a_cancellation(message.number)))
    first, second = lies_in_quarantine(stack, "routing", message.number, count=2)
    assert [first["reason"], second["reason"]] == ["body", "behind"]
    goes_on(stack)
    assert message.number not in reading.versions_told(stack.workshops)
    with mended(tmp_path, message) as body:
        assert "2 events" in replay(stack, first["id"], body)
    wait_until(lambda: reading.waiting_to_publish(stack.workshops) == 0, PATIENCE, "the relays to publish everything")
    assert message.number not in reading.visits(stack.workshops).values()
    offered = [one for one in reading.everything_in(broker, dispatch.TOPIC) if message.number.encode() in one.value]
    assert offered == []
    assert _last(broker, message.number)["standing"]["status"] == "cancelled"


def test_a_broken_status_waits_in_quarantine_and_works_once_mended(
    stack: ProcessStack, producer: KafkaProducer, tmp_path: Path, broker: str
) -> None:
    """On request-status: the notifier's letter. The body that routing wrote mends it."""
    number = goes_on(stack)
    good = next(one for one in reading.everything_in(broker, "request-status") if one.key == number)
    body = json.loads(good.value) | {"version": 2}
    message = RequestDecided.model_validate_json(json.dumps(body))
    put(producer, a_record(message, value=b"[]"))
    goes_on(stack)
    (letter,) = lies_in_quarantine(stack, "notifier", number)
    assert (letter["topic"], letter["reason"]) == ("request-status", "body")
    with mended(tmp_path, message) as file:
        replay(stack, letter["id"], file)
    assert _shown(stack, number) == [0, 1, 2]


@pytest.mark.parametrize("topic", READERS)
def test_what_is_no_event_at_all_is_quarantined_too(stack: ProcessStack, producer: KafkaProducer, topic: str) -> None:
    """No envelope, no key: its reason is `envelope`, it can only be discarded, and nothing stops."""
    before = {service: len(_open(stack, service)) for service in READERS[topic]}
    put(producer, Record(topic, 0, 0, None, [("colour", b"blue")], b"hello"))
    goes_on(stack)
    for service, count in before.items():
        wait_until(lambda s=service, n=count: len(_open(stack, s)) > n, PATIENCE, "its letter")  # type: ignore[misc]  # a lambda with defaults
        letter = _open(stack, service)[-1]
        assert (letter.topic, letter.reason, letter.key) == (topic, "envelope", None)
        done = stack.command(service, "dead", "discard", f"{service}:{letter.id}", "--by", "test", "--note", "test")
        assert done.returncode == 0, done.stderr
        assert len(_open(stack, service)) == count


def _open(stack: ProcessStack, service: str) -> Sequence[Any]:
    table = stack.workshops[service].tables.quarantine
    with stack.workshops[service].database.reading() as connection:
        return connection.execute(table.select().where(table.c.state == "open").order_by(table.c.id)).all()


def _shown(stack: ProcessStack, number: str) -> list[int]:
    return reading.versions_shown(stack.workshops).get(number, [])


def _last(broker: str, number: str) -> dict[str, Any]:
    """The last that routing said of a request."""
    told = [json.loads(one.value) for one in reading.everything_in(broker, "request-status") if one.key == number]
    last: dict[str, Any] = max(told, key=lambda body: int(body["version"]))
    return last
