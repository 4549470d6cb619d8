"""The relay's producer: a record that a topic refuses, a broker that goes away, and the order of each key, whatever happens."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from services.runtime.kafka.producer import Publisher, PublisherSettings
from services.runtime.relay import Outgoing
from tests.integration.kafka.lab import Lab, ids
from tests.servers import Broker, Missing, unavailable


@pytest.fixture(scope="module")
def own_broker() -> Iterator[Broker]:
    """A broker that may be hurt."""
    try:
        broker = Broker()
    except Missing as missing:
        unavailable("kafka", str(missing))
    with broker:
        yield broker


@pytest.fixture
def hurt(own_broker: Broker, tmp_path: Path) -> Iterator[Lab]:
    """A lab on the broker that may be hurt."""
    lab = Lab(own_broker.bootstrap, tmp_path)
    yield lab
    lab.close()


@pytest.fixture
def publisher() -> Iterator[Callable[..., Publisher]]:
    made: list[Publisher] = []

    def make(bootstrap: str, **settings: float) -> Publisher:
        made.append(Publisher(PublisherSettings(bootstrap, **settings)))  # type: ignore[arg-type]  # sizes are whole
        return made[-1]

    yield make
    for each in made:
        each.close()


def rows(topic: str, event_ids: Sequence[str], *, keys: int = 5) -> list[Outgoing]:
    return [
        Outgoing(topic, f"k{number % keys}".encode(), [("ce_id", event_id.encode())], event_id.encode(), number)
        for event_id in event_ids
        for number in [int(event_id.rpartition("-")[2])]
    ]


def publish_all(publisher: Publisher, messages: Sequence[Outgoing], patience: float) -> float:
    """As the relay does: again and again what is still unpublished. Returns the longest single call, in seconds."""
    left, longest = list(messages), 0.0
    until = time.monotonic() + patience
    while left:
        assert time.monotonic() < until, f"{len(left)} of {len(messages)} still unpublished after {patience} s"
        began = time.monotonic()
        done = publisher.publish(left)
        longest = max(longest, time.monotonic() - began)
        left = [message for message in left if message.tag not in done]
    return longest


def first_occurrences(lab: Lab) -> dict[str, list[int]]:
    """Per key the numbers in the log, each where it first appears."""
    lines: dict[str, list[int]] = {}
    for key, value in lab.log():
        line = lines.setdefault(key, [])
        number = int(value.rpartition("-")[2])
        if number not in line:
            line.append(number)
    return lines


def assert_in_order(lab: Lab, expected: Sequence[str]) -> None:
    lines = assert_first_occurrences_in_order(lab)
    assert sorted(number for line in lines.values() for number in line) == [int(i.rpartition("-")[2]) for i in expected]


def assert_first_occurrences_in_order(lab: Lab) -> dict[str, list[int]]:
    lines = first_occurrences(lab)
    for key, line in lines.items():
        assert line == sorted(line), f"the first occurrences of {key} are out of order: {line[:20]}"
    return lines


def test_rows_arrive_in_the_order_of_their_key_with_their_headers(
    lab: Lab, publisher: Callable[..., Publisher]
) -> None:
    lab.create(partitions=3)
    expected = ids(700)
    ours = publisher(lab.bootstrap)
    messages = rows(lab.topic, expected)
    assert ours.publish(messages) == {message.tag for message in messages}
    assert_in_order(lab, expected)
    assert all(record.headers == [("ce_id", record.value)] for record in lab.records())


def test_a_record_too_large_for_this_side_holds_up_only_its_key(lab: Lab, publisher: Callable[..., Publisher]) -> None:
    """It never reaches the broker; the rest of its key waits behind it, everything else goes."""
    lab.create(partitions=2)
    messages = rows(lab.topic, ids(50))
    messages[12] = Outgoing(lab.topic, messages[12].key, [], b"x" * 1_100_000, 12)
    done = publisher(lab.bootstrap).publish(messages)
    assert done == {m.tag for m in messages if m.key != messages[12].key or m.tag < 12}


@pytest.mark.parametrize("batch_size", [16_000, 256_000])
def test_a_record_that_its_topic_refuses_is_survived(
    lab: Lab, publisher: Callable[..., Publisher], batch_size: int
) -> None:
    """It poisons the producer for ever; a new one sends the rest, and the refused one is left alone for a while."""
    lab.create(partitions=2, max_message_bytes="20000")
    messages = rows(lab.topic, ids(200))
    messages[60] = Outgoing(lab.topic, messages[60].key, [], b"x" * 30_000, 60)
    ours = publisher(lab.bootstrap, batch_size=batch_size)
    others = {m.tag for m in messages if m.key != messages[60].key or m.tag < 60}
    done: set[int] = set()
    for _ in range(5):
        done |= ours.publish([message for message in messages if message.tag not in done])
    assert done == others
    assert_first_occurrences_in_order(lab)
    began = time.monotonic()
    later = rows(lab.topic, ids(100, start=1001), keys=1)
    assert ours.publish([messages[60], *later]) == set()  # k0 is the refused one's key
    assert ours.publish([messages[60], *rows(lab.topic, ["e-1002"], keys=7)]) == {1002}
    assert time.monotonic() - began < 2


def test_a_record_that_is_refused_while_others_are_handed_over_holds_up_its_key(
    lab: Lab, publisher: Callable[..., Publisher]
) -> None:
    """The refusal is here before the round's last records are: they wait behind it like those that were sent before."""
    lab.create(partitions=1, max_message_bytes="20000")
    messages = rows(lab.topic, ids(40), keys=2)
    messages[10] = Outgoing(lab.topic, messages[10].key, [], b"x" * 30_000, 10)
    ours = publisher(lab.bootstrap, batch_size=16_000, round=10)
    done = ours.publish(Halting(messages, at=20, seconds=1.0)) | ours.publish(messages)
    assert done == {m.tag for m in messages if m.key != messages[10].key or m.tag < 10}
    sent = {value for _key, value in lab.log()}
    assert sent == {m.value.decode() for m in messages if m.tag in done}


class Halting(list[Outgoing]):
    """Rows of which the ones after ``at`` are given ``seconds`` later: a slow machine's."""

    def __init__(self, messages: Sequence[Outgoing], *, at: int, seconds: float) -> None:
        super().__init__(messages)
        self._at, self._seconds = at, seconds

    def __iter__(self) -> Iterator[Outgoing]:
        for index, message in enumerate(super().__iter__()):
            if index == self._at:
                time.sleep(self._seconds)
            yield message


def test_a_refused_record_goes_when_the_topic_was_mended(lab: Lab, publisher: Callable[..., Publisher]) -> None:
    lab.create(partitions=1, max_message_bytes="20000")
    ours = publisher(lab.bootstrap, refused_for=0.2)
    messages = [Outgoing(lab.topic, b"k", [], b"x" * 30_000, 1), *rows(lab.topic, ["e-2"], keys=1)]
    messages[1] = Outgoing(lab.topic, b"k", [], b"after", 2)
    assert ours.publish(messages) == set()
    lab.configure(max_message_bytes="100000")
    publish_all(ours, messages, 20)
    assert [len(value) for _key, value in lab.log()] == [30_000, 5]


def test_a_missing_topic_holds_up_no_other(lab: Lab, publisher: Callable[..., Publisher]) -> None:
    lab.create(partitions=1)
    nowhere = rows("no-such-topic", ["e-1"])
    assert publisher(lab.bootstrap, round=5).publish([*nowhere, *rows(lab.topic, ["e-2"])]) == {2}


def test_a_broker_that_is_killed_and_comes_back_gets_and_gives_everything(
    own_broker: Broker, hurt: Lab, publisher: Callable[..., Publisher]
) -> None:
    """Away in the middle of it: calls of the relay come back meanwhile, and soon after its return everything is there, in
    order; the same worker process consumes on."""
    hurt.create(partitions=2)
    expected = ids(3000)
    messages = rows(hurt.topic, expected, keys=20)
    ours = publisher(own_broker.bootstrap, round=2)
    worker = hurt.worker()
    publish_all(ours, messages[:500], 20)
    hurt.wait_applied(500)
    own_broker.kill()
    for _ in range(2):
        began = time.monotonic()
        assert ours.publish(messages[500:1000]) == set()
        assert time.monotonic() - began < 4
    own_broker.start()
    back_at = time.monotonic()
    longest = publish_all(ours, messages[500:], 40)
    assert time.monotonic() - back_at < 20
    assert longest < 6
    hurt.reconnect()
    assert_in_order(hurt, expected)
    hurt.wait_applied(len(expected))
    hurt.assert_each_once(expected)
    assert worker.process.poll() is None, worker.said()[-1500:]
    hurt.wait_committed_to_the_end()
    assert worker.said().count("\n") < 100, "the outage flooded the log"


def test_a_broker_that_stands_still_gets_everything_in_order(
    own_broker: Broker, hurt: Lab, publisher: Callable[..., Publisher]
) -> None:
    """SIGSTOP: connections stay open and nobody answers."""
    hurt.create(partitions=2)
    expected = ids(2000)
    messages = rows(hurt.topic, expected, keys=20)
    ours = publisher(own_broker.bootstrap, round=1)
    publish_all(ours, messages[:500], 20)
    own_broker.pause()
    try:
        assert ours.publish(messages[500:1000]) == set()
    finally:
        own_broker.resume()
    publish_all(ours, messages[500:], 30)
    assert_in_order(hurt, expected)


def test_a_publisher_that_starts_without_a_broker_waits_for_it(publisher: Callable[..., Publisher]) -> None:
    """The producer's constructor raises while nobody answers; a call returns empty-handed and the next tries again."""
    ours = publisher("127.0.0.1:1", round=1)
    assert ours.publish(rows("anything", ["e-1"])) == set()
    assert ours.publish(rows("anything", ["e-1"])) == set()


def test_closing_lets_a_waiting_call_return(own_broker: Broker, hurt: Lab, publisher: Callable[..., Publisher]) -> None:
    """On SIGTERM, while the broker is away, the relay must end."""
    hurt.create(partitions=1)
    ours = publisher(own_broker.bootstrap, round=60)
    ours.publish(rows(hurt.topic, ["e-1"]))
    own_broker.pause()
    try:
        call = threading.Thread(target=ours.publish, args=(rows(hurt.topic, ["e-2"]),))
        call.start()
        time.sleep(0.5)
        ours.close()
        call.join(timeout=8)
        assert not call.is_alive()
    finally:
        own_broker.resume()
