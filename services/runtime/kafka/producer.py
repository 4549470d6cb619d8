"""The relay's publishing half: sends outbox rows in order, and survives what poisons a kafka-python producer.

kafka-python's idempotent producer never sends again after a record that its topic refuses, and a fresh one cannot be built
while the broker is away. So: whatever goes wrong ends this producer at once, from within its own sender thread, before it
can send anything later of the same partition; the next call builds another one, and sends what is still unpublished.

An outage is waited for inside the producer, whose own retry keeps the order. `Publisher.publish` comes back meanwhile, so
that the relay can renew its lease; rows that are on their way are not sent twice.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from kafka import KafkaProducer  # type: ignore[import-untyped]  # kafka-python ships no types
from kafka.errors import (  # type: ignore[import-untyped]  # as above
    InvalidRecordError,
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)

from services.runtime.kafka.noise import calm_logs
from services.runtime.relay import Outgoing

logger = structlog.get_logger(__name__)

#: What a broker says of one record, whatever the others are. The client wraps each in its own class.
_REFUSALS = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidRecordError, InvalidTopicError)
#: `send` itself raises these for a record that can never be sent: headers or a topic name that are none.
_UNSENDABLE = (TypeError, ValueError, AssertionError)
_WEEK_MS = 7 * 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class PublisherSettings:
    """Durations in seconds, sizes in bytes."""

    bootstrap: str  # host:port, separated by commas
    max_request_size: int = (
        1_000_000  # below the topics' max.message.bytes, so that this side refuses and nothing is poisoned
    )
    batch_size: int = 256 * 1024  # below it too: a larger batch is split, and the producer's flush() then fails
    round: float = 2.0  # how long one call waits for acknowledgements: well below the relay's lease
    refused_for: float = 60.0  # how long a refused record is left alone before it is tried again


@dataclass(slots=True)
class _Sent:
    """A record on its way."""

    message: Outgoing
    future: Any


@dataclass
class Publisher:
    """One producer at a time, rebuilt when it fails. `publish` belongs to one thread; `close` to any."""

    settings: PublisherSettings
    clock: Callable[[], float] = time.monotonic
    _producer: Any = field(default=None, init=False)
    _sent: dict[int, _Sent] = field(default_factory=dict, init=False)  # by tag, in the order they were sent
    _refused: dict[int, float] = field(default_factory=dict, init=False)  # tag → when it may be tried again
    _closed: threading.Event = field(default_factory=threading.Event, init=False)

    def publish(self, messages: Sequence[Outgoing]) -> set[int]:
        """Send ``messages`` (unpublished outbox rows, in order) and return the tags the broker has acknowledged.

        Returns within about ``settings.round`` seconds. A row that is not in the answer is given again in the next call;
        if it is still on its way, it is only waited for. After a key's first failure the rest of that key is left. Raises
        nothing for a broker that is away.
        """
        acknowledged: set[int] = set()
        until = self.clock() + self.settings.round
        while True:
            self._send(messages, but=acknowledged, until=until)
            arrived, broken = self._collect(until)
            acknowledged |= arrived
            if not broken or self._closed.is_set() or self.clock() >= until:
                return acknowledged

    def close(self) -> None:
        """Let go of everything, now; a `publish` that waits returns. What was not acknowledged is published again later."""
        self._closed.set()
        self._drop()

    def _send(self, messages: Sequence[Outgoing], *, but: set[int], until: float) -> None:
        """Hand to the producer what is neither there already nor behind a refused record of its key."""
        now = self.clock()
        self._refused = {tag: due for tag, due in self._refused.items() if due > now}
        waiting: set[tuple[str, bytes]] = set()  # lines (topic, key) at whose first failure we are
        absent: set[str] = set()  # topics without metadata
        for message in messages:
            line = (message.topic, message.key)
            if message.tag in but or message.tag in self._sent:
                continue
            if message.tag in self._refused:
                waiting.add(line)
            if line in waiting or message.topic in absent:
                continue
            if (producer := self._live(until)) is None:
                return
            try:
                headers = [(name, value) for name, value in message.headers]
                future = producer.send(message.topic, value=message.value, key=message.key, headers=headers)
            except (*_REFUSALS, *_UNSENDABLE) as error:
                self._refuse(message, error)
                waiting.add(line)
                continue
            except KafkaError as error:  # the broker is away before it was ever asked for this topic, or has none such
                logger.warning("publisher.no-topic", topic=message.topic, error=type(error).__name__)
                absent.add(message.topic)
                continue
            # In the sender's thread, before it can send anything else: a later record of this key must not overtake.
            future.add_errback(_end_of(producer))
            self._sent[message.tag] = _Sent(message, future)

    def _collect(self, until: float) -> tuple[set[int], bool]:
        """Wait for what is on its way, until ``until``. Returns the tags that arrived, and whether the producer broke."""
        arrived: set[int] = set()
        broken = False
        for tag, sent in list(self._sent.items()):
            error = _outcome(sent.future, until - self.clock())
            if error is None and not sent.future.is_done:
                continue  # still on its way
            del self._sent[tag]
            if error is None:
                arrived.add(tag)
            elif isinstance(error, _REFUSALS):
                self._refuse(sent.message, error)
                broken = True
            else:
                if not broken:
                    logger.warning("publisher.failed", topic=sent.message.topic, tag=tag, error=str(error))
                broken = True
        broken = broken or self._ended()
        if broken:
            self._drop()  # and with it what it still had: that is sent again, by its successor
            self._sent.clear()
        return arrived, broken

    def _refuse(self, message: Outgoing, error: Exception) -> None:
        """This record never will go as it is. Its key waits for a person; everything else goes on."""
        self._refused[message.tag] = self.clock() + self.settings.refused_for
        logger.error(
            "publisher.refused",
            topic=message.topic,
            tag=message.tag,
            size=len(message.value),
            error=type(error).__name__,
            mend="the record and all later ones of its key wait in the outbox; see docs/operations.md",
        )

    def _live(self, until: float) -> Any:
        """The producer; a new one where there is none. None when no broker answers before ``until``.

        None, too, when it ended with records on their way: how each fared must be known before anything later of its key
        is sent, and a new producer would send that at once.
        """
        if self._ended():
            if self._sent:
                return None
            self._drop()
        if self._producer is not None:
            return self._producer
        while not self._closed.is_set():
            left = until - self.clock()
            if left <= 0:
                return None
            try:
                self._producer = _build(self.settings, bootstrap_timeout=min(left, 1.0))
            except (KafkaError, OSError) as error:
                logger.warning("publisher.no-broker", error=type(error).__name__)
                self._closed.wait(min(0.5, max(0.0, until - self.clock())))
            else:
                if self._closed.is_set():  # closed while it was built
                    self._drop()
                    return None
                return self._producer
        return None

    def _ended(self) -> bool:
        """There was a producer, and something that went wrong has ended it."""
        return self._producer is not None and not self._producer._sender.is_alive()

    def _drop(self) -> None:
        """End the producer without sending what it still has: its close() alone would wait for that."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer._sender.force_close()
            producer._sender.join(timeout=5)
            with contextlib.suppress(KafkaError):  # nothing is left to wait for; it gives back what it registered
                producer.close(timeout=0)


def _end_of(producer: Any) -> Callable[[object], None]:
    def end(_error: object) -> None:
        producer._sender.force_close()

    return end


def _outcome(future: Any, seconds: float) -> Exception | None:
    """How a record fared: its error, or None when it arrived or, after ``seconds``, is still on its way."""
    if not future.is_done and seconds > 0:
        # Not flush(): after a batch was split it raises, and the records are on their way all the same.
        with contextlib.suppress(KafkaError):  # the time-out, or the record's own error, which follows
            future.get(timeout=seconds)
    return future.exception if future.is_done and future.failed() else None


def _build(settings: PublisherSettings, *, bootstrap_timeout: float) -> Any:
    calm_logs()
    return KafkaProducer(
        bootstrap_servers=[server.strip() for server in settings.bootstrap.split(",")],
        bootstrap_timeout_ms=int(bootstrap_timeout * 1000),
        acks="all",
        enable_idempotence=True,  # explicitly: left to its default it is switched off in silence where it does not fit
        linger_ms=0,  # the relay's rounds are the batches
        batch_size=settings.batch_size,
        max_request_size=settings.max_request_size,
        delivery_timeout_ms=_WEEK_MS,  # after it the producer is poisoned; before it, it retries in order
        reconnect_backoff_max_ms=1000,  # the default of 30 s is what one waits after the broker is back
        request_timeout_ms=10_000,
        max_block_ms=1000,  # for the metadata of a topic not seen before
        allow_auto_create_topics=False,
        metrics_enabled=False,
    )
