"""One batch, one transaction: inbox → locks → handlers by rounds → COMMIT (docs/architecture.md, One batch, one transaction).

Handlers never see any of it: repeats are dropped, a handler sees a key once at a time, failures are sorted into invalid
(quarantine), transient (retry in place, which is the back-pressure) and bugs (tried event by event, the culprit quarantined).
"""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple
from uuid import uuid4

import structlog
from pydantic import ValidationError
from sqlalchemy import Connection

from schemas.envelope import MalformedEvent, decode
from schemas.message import Message
from schemas.topics import topic
from services.runtime import inbox, memory, metrics, quarantine
from services.runtime.failures import Halted, InvalidEvent, Transient, is_transient
from services.runtime.log import Event, Record
from services.runtime.quarantine import BEHIND, Casualty, Met, text_key
from services.runtime.work import Work, Workshop

logger = structlog.get_logger()

#: Applies one round's events of the types that it stands for; each key at most once among them.
Handler = Callable[[Work, Sequence[Event[Any]]], None]
#: Takes the locks that guard ``keys`` (sorted): whoever else works on the same request waits. The answer, as with
#: `database.ask`: those that exist.
Lock = Callable[[Connection, Sequence[str]], Callable[[], Set[str]]]
#: Asks for what the handlers of these events will want to know, along with the locks; they find the answer in `Work.looked`.
Look = Callable[[Connection, Sequence[Event[Any]]], Callable[[], Any]]
#: Moves the embedded log's cursor inside the batch's transaction; on Kafka offsets move after it.
Advance = Callable[[Connection, Record], None]

_HALT_WINDOW, _HALT_LEAST = 200, 50
_BACK_OFF_FIRST, _BACK_OFF_MOST = 0.05, 5.0


def _no_lock(_connection: Connection, _keys: Sequence[str]) -> Callable[[], Set[str]]:
    return frozenset


def _no_look(_connection: Connection, _events: Sequence[Event[Any]]) -> Callable[[], Any]:
    return lambda: None


def _no_advance(_connection: Connection, _record: Record) -> None:
    return


@dataclass(frozen=True)
class Subscription:
    """What a consumer reads: topics, and a handler for each type that it acts on; their other types are passed over."""

    consumer: str
    topics: tuple[str, ...]
    handlers: Mapping[str, Handler]
    parks: bool = False
    lock: Lock = _no_lock
    look: Look = _no_look

    def message(self, topic_name: str, type_: str) -> type[Message] | None:
        """The message of a type that is acted on, None for one that is not. Raises `InvalidEvent` for an unknown one."""
        try:
            return self._messages[topic_name, type_]
        except KeyError:
            raise InvalidEvent("type", f"{type_!r} is not a type of {topic_name}") from None

    @cached_property
    def _messages(self) -> Mapping[tuple[str, str], type[Message] | None]:
        return {
            (name, message.TYPE): message if message.TYPE in self.handlers else None
            for name in self.topics
            for message in topic(name).messages
        }


@dataclass(frozen=True, slots=True)
class _Sorted:
    """A fetched batch after decoding: good events in order, and what is broken."""

    events: list[Event[Any]] = field(default_factory=list)
    broken: list[Casualty] = field(default_factory=list)


class _Asked(NamedTuple):
    """What a batch asks first; each as with `database.ask`."""

    met: Callable[[], Met]
    fresh: Callable[[], set[str]]
    locked: Callable[[], Set[str]]
    looked: Callable[[], Any]


@dataclass
class Processor:
    """Applies batches of one subscription. ``patience``: seconds to retry a transient failure in place; None: for ever."""

    workshop: Workshop
    subscription: Subscription
    patience: float | None = 60.0
    #: Called as long as work or a retry goes on, so that a watchdog can tell waiting from being stuck.
    progress: Callable[[], None] = lambda: None
    sleep: Callable[[float], None] = time.sleep
    _recent: deque[bool] = field(default_factory=lambda: deque(maxlen=_HALT_WINDOW))

    def process(self, records: Sequence[Record], advance: Advance = _no_advance) -> None:
        """Apply ``records`` and return after COMMIT.

        Raises `Transient` when patience ran out and `Halted` when too much went to quarantine; both leave what is not
        committed to be delivered again.
        """
        if not records:
            return
        try:
            quarantined = self._retrying(lambda: self._apply(records, advance))
            self._count(len(records), quarantined)
        except (Transient, Halted):
            raise
        except Exception as error:
            if not isinstance(error, InvalidEvent):
                logger.exception("consumer.batch-failed", consumer=self.subscription.consumer, size=len(records))
            for record in records:
                self._one(record, advance)
        memory.sweep()

    def _one(self, record: Record, advance: Advance) -> None:
        """The slow way, taken when a batch failed: each event alone, so that one never takes its neighbours along."""
        try:
            quarantined = self._retrying(lambda: self._apply([record], advance))
        except (Transient, Halted):
            raise
        except InvalidEvent as error:
            casualty = Casualty(record, _event_id(record), error.reason, error.detail)
            quarantined = self._retrying(lambda: self._set_aside(casualty, advance))
        except Exception as error:
            logger.exception(
                "consumer.bug", consumer=self.subscription.consumer, topic=record.topic, offset=record.offset
            )
            casualty = Casualty(record, _event_id(record), "bug", f"{type(error).__name__}: {error}")
            quarantined = self._retrying(lambda: self._set_aside(casualty, advance))
        self._count(1, quarantined)

    def _apply(self, records: Sequence[Record], advance: Advance) -> list[Casualty]:
        """One transaction over ``records``; returns what went to quarantine in it."""
        found = self._decode(records)
        asked: list[_Asked] = []
        with self.workshop.begin(
            origin=str(uuid4()), along=lambda connection: asked.append(self._ask(connection, found.events))
        ) as work:
            fresh, casualties = self._admit(work, found, asked[0])
            if fresh:
                work.locked, work.looked = asked[0].locked(), asked[0].looked()
                self._handle(work, fresh)
            quarantine.put(work.connection, work.tables, self.subscription.consumer, work.now, casualties)
            advance(work.connection, records[-1])
        return casualties

    def _set_aside(self, casualty: Casualty, advance: Advance) -> list[Casualty]:
        with self.workshop.begin(origin=str(uuid4())) as work:
            quarantine.put(work.connection, work.tables, self.subscription.consumer, work.now, [casualty])
            advance(work.connection, casualty.record)
        return [casualty]

    def _decode(self, records: Sequence[Record]) -> _Sorted:
        found = _Sorted()
        for record in records:
            try:
                event = read_event(record, self.subscription)
            except InvalidEvent as error:
                found.broken.append(Casualty(record, None, error.reason, error.detail))
            else:
                if event is not None:
                    found.events.append(event)
        return found

    def _ask(self, connection: Connection, events: Sequence[Event[Any]]) -> _Asked:
        """Seldom is anything met or repeated, so that all are recorded, locked and looked for before it is known."""
        consumer, tables, ids = self.subscription.consumer, self.workshop.tables, [event.id for event in events]
        keys = sorted({event.key for event in events})
        now = self.workshop.clock.read()  # the transaction's instant is being asked for
        return _Asked(
            quarantine.meet(connection, tables, consumer, ids, keys if self.subscription.parks else []),
            inbox.record(connection, tables, consumer, now, ids),
            self.subscription.lock(connection, keys),
            self.subscription.look(connection, events),
        )

    def _admit(self, work: Work, found: _Sorted, asked: _Asked) -> tuple[list[Event[Any]], list[Casualty]]:
        """Drop repeats, park what stands behind a dead letter; the rest is in the inbox."""
        consumer, connection, tables = self.subscription.consumer, work.connection, work.tables
        met, fresh = asked.met(), asked.fresh()
        there = quarantine.known_places(connection, tables, consumer, [casualty.record for casualty in found.broken])
        broken = [casualty for casualty in found.broken if _place(casualty.record) not in there]
        # A repeat of what was applied, perhaps before its key's line was parked, is no member of the line.
        events = [event for event in found.events if event.id in fresh and event.id not in met.event_ids]
        behind: list[Casualty] = []
        if self.subscription.parks:
            events, behind = _split_parked(events, broken, met.parked)
        inbox.forget(connection, tables, consumer, fresh.difference(event.id for event in events))
        casualties = sorted([*broken, *behind], key=lambda casualty: _place(casualty.record))
        return _first_of_each(events), casualties

    def _handle(self, work: Work, events: Sequence[Event[Any]]) -> None:
        handlers = self.subscription.handlers
        for turn, batch in enumerate(rounds(events, handlers)):
            if turn:
                work.flush()  # it may read what the one before it put off
            handlers[batch[0].envelope.type](work, batch)

    def replay(self, key: str, by: str, mended: Mapping[int, bytes] | None = None) -> int:
        """Run a key's whole line in order under the original ids; returns how many events that were.

        ``mended``: bodies to use instead of the raw ones, by the letters' ids; the raw bytes stay as they came.
        All or nothing: raises `InvalidEvent` for the first that still does not work, and nothing has changed.
        """
        with self.workshop.begin(origin=str(uuid4())) as work:
            waiting = quarantine.line(work.connection, work.tables, self.subscription.consumer, key)
            events = []
            for letter in waiting:
                body = (mended or {}).get(letter.id)
                if body is not None:
                    quarantine.mend(work.connection, work.tables, letter.id, body)
                record = letter.record if body is None else letter.record._replace(value=body)
                event = read_event(record, self.subscription)
                if event is not None:
                    events.append(event)
            fresh = inbox.record(
                work.connection, work.tables, self.subscription.consumer, work.now, [e.id for e in events]
            )()
            work.locked = self.subscription.lock(work.connection, [key])()
            self._handle(work, [event for event in _first_of_each(events) if event.id in fresh])
            ids = [letter.id for letter in waiting]
            quarantine.end(work.connection, work.tables, ids, quarantine.REPLAYED, work.now, by, "")
        return len(waiting)

    def _retrying(self, attempt: Callable[[], list[Casualty]]) -> list[Casualty]:
        pause, waited = _BACK_OFF_FIRST, 0.0
        while True:
            try:
                return attempt()
            except Exception as error:
                if not is_transient(error):
                    raise
                if self.patience is not None and waited >= self.patience:
                    raise Transient(f"{self.subscription.consumer}: gave up after {waited:.0f} s: {error}") from error
                logger.warning(
                    "consumer.retry", consumer=self.subscription.consumer, waited=round(waited, 2), error=str(error)
                )
            self.progress()
            self.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, _BACK_OFF_MOST)

    def _count(self, size: int, casualties: Sequence[Casualty]) -> None:
        self.progress()
        # What waits behind a dead letter is no failure of its own.
        failed = [casualty for casualty in casualties if casualty.reason != BEHIND]
        for casualty in casualties:
            metrics.DEAD_LETTERS.labels(self.workshop.service, casualty.record.topic, casualty.reason).inc()
            logger.error(
                "event.quarantined",
                consumer=self.subscription.consumer,
                topic=casualty.record.topic,
                partition=casualty.record.partition,
                offset=casualty.record.offset,
                reason=casualty.reason,
            )
        self._recent.extend([False] * (size - len(failed)))
        self._recent.extend([True] * len(failed))
        if len(self._recent) >= _HALT_LEAST and sum(self._recent) * 2 >= len(self._recent):
            raise Halted(
                f"{self.subscription.consumer}: {sum(self._recent)} of the last {len(self._recent)} events went to "
                "quarantine. See `fixline dead list`, mend the producer or the code, then start again."
            )


def read_event(record: Record, subscription: Subscription) -> Event[Any] | None:
    """Decode one record; None for a type that this consumer does not read. Raises `InvalidEvent`."""
    try:
        envelope = decode(record.headers)
    except MalformedEvent as error:
        raise InvalidEvent("envelope", str(error)) from error
    model = subscription.message(record.topic, envelope.type)
    if model is None:
        return None
    try:
        data = model.model_validate_json(record.value or b"")
    except ValidationError as error:
        raise InvalidEvent("body", _first_problem(error)) from error
    key = data.key
    if record.key != key.encode():
        raise InvalidEvent("key", f"the record's key is not the {key} of its body")
    if data.subject != envelope.subject or data.ordinal != envelope.ordinal:
        raise InvalidEvent("envelope", "subject or count of the envelope differ from the body's")
    return Event(envelope=envelope, key=key, data=data, record=record)


def rounds(events: Iterable[Event[Any]], handlers: Mapping[str, Handler]) -> list[list[Event[Any]]]:
    """Each key's first event, then each key's second …; each round by what handles it, in order.

    An event learns the types that wait behind it for its key.
    """
    lines: dict[str, list[Event[Any]]] = defaultdict(list)
    for event in events:
        lines[event.key].append(event)
    cut: dict[tuple[int, Handler], list[Event[Any]]] = {}
    for turn in range(max(map(len, lines.values()), default=0)):
        for waiting in lines.values():
            if turn < len(waiting):
                event = waiting[turn]
                if later := waiting[turn + 1 :]:
                    event = event._replace(behind=tuple(one.envelope.type for one in later))
                cut.setdefault((turn, handlers[event.envelope.type]), []).append(event)
    return list(cut.values())


def _first_of_each(events: Iterable[Event[Any]]) -> list[Event[Any]]:
    return list({event.id: event for event in reversed(list(events))}.values())[::-1]


def _split_parked(
    events: Sequence[Event[Any]], broken: Sequence[Casualty], parked: Set[str]
) -> tuple[list[Event[Any]], list[Casualty]]:
    """Events that may run, and those that must wait behind a dead letter of their key, older or in this very batch."""
    broken_at: dict[str, tuple[str, int, int]] = {}
    for casualty in broken:
        key = text_key(casualty.record)
        if key is not None:
            broken_at.setdefault(key, _place(casualty.record))
    free: list[Event[Any]] = []
    behind: list[Casualty] = []
    for event in events:
        first_broken = broken_at.get(event.key)
        if event.key in parked or (first_broken is not None and _place(event.record) > first_broken):
            behind.append(Casualty(event.record, event.id, BEHIND, "waits behind an earlier event of its key"))
        else:
            free.append(event)
    return free, behind


def _place(record: Record) -> tuple[str, int, int]:
    return record.topic, record.partition, record.offset


def _event_id(record: Record) -> str | None:
    try:
        return decode(record.headers).id
    except MalformedEvent:
        return None


def _first_problem(error: ValidationError) -> str:
    """Where and what, never the value: it may be a customer's."""
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{'.'.join(map(str, problem['loc'])) or 'body'}: {problem['msg']}"
