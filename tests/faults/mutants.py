"""Deliberate breakages, each of one rule that the promises rest on: the campaign must fail on every one.

    python -m tests.faults.mutants NAME -- work routing        the program, broken so; NAME `none` breaks nothing

Nothing of this is in the shipped package: a mutant replaces functions of the program before the rest of it is imported.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

from tests.faults import switches

NONE: Final = "none"


def done_in_finally() -> None:
    """`batch.done` is set in a `finally`: a batch that could not be applied counts as done."""
    worker = part("services.runtime.kafka.worker")

    take = worker._Hand.take

    async def taken(self: Any, batch: Any) -> None:
        try:
            await take(self, batch)
        finally:
            batch.done = True

    worker._Hand.take = taken
    _short_patience()


def offset_at_fetch() -> None:
    """The offset is committed when a batch is fetched, not when it is applied."""
    consumer = part("services.runtime.kafka.transport").Consumer
    deliver = consumer._deliver

    def delivered(self: Any, batch: Any, message: Any) -> None:
        batch.done = True
        deliver(self, batch, message)

    consumer._deliver = delivered


def facts_before_inbox() -> None:
    """What a request has under way is read before the inbox says which events are new."""
    decisions = part("services.routing.decisions")
    consumer = part("services.runtime.consumer")
    units = part("services.runtime.work")

    decode, begin, read = consumer.Processor._decode, units.Workshop.begin, decisions.open_work
    batch: list[str] = []
    early: dict[int, Any] = {}  # by connection: timers read for themselves

    def decoded(self: Any, records: Any) -> Any:
        found = decode(self, records)
        batch[:] = sorted({event.key for event in found.events})
        return found

    @contextmanager
    def begun(self: Any, *, along: Any = None, **given: Any) -> Iterator[Any]:
        with begin(self, **given) as work:
            if along is not None:
                early.clear()
                if self.service == "routing":
                    early[id(work.connection)] = read(work.connection, batch)
                along(work.connection)
            yield work

    def open_work(connection: Any, numbers: Any) -> Any:
        return early.get(id(connection)) or read(connection, numbers)

    consumer.Processor._decode = decoded
    units.Workshop.begin = begun
    decisions.open_work = open_work
    _long_transactions()


def no_rounds() -> None:
    """A batch is not cut into rounds: all events of one type together, type by type."""
    consumer = part("services.runtime.consumer")

    def rounds(events: Iterable[Any], _handlers: Any) -> list[list[Any]]:
        cut: dict[str, list[Any]] = {}
        for event in sorted(events, key=lambda event: str(event.envelope.type)):
            cut.setdefault(event.envelope.type, []).append(event)
        return list(cut.values())

    consumer.rounds = rounds


def relay_after_last() -> None:
    """The relay publishes what has a higher id than the last: what commits later with a lower one is never seen."""
    relay = part("services.runtime.relay")

    exchange = relay.Relay._exchange

    def after_last(self: Any) -> list[Any]:
        last = getattr(self, "_last", 0)
        rows = [row for row in exchange(self) if row.tag > last]
        self._last = max([last, *(row.tag for row in rows)])
        return rows

    relay.Relay._exchange = after_last
    _long_transactions()


def no_inbox() -> None:
    """Nobody remembers what was applied: every delivery is new."""
    inbox = part("services.runtime.inbox")

    def record(
        _connection: Any, _tables: Any, _consumer: str, _now: Any, event_ids: Sequence[str]
    ) -> Callable[[], set[str]]:
        return lambda: set(event_ids)

    inbox.record = record


def lease_without_version() -> None:
    """A claim compares no version, and takes a lease that still runs for one that is over."""
    queues = part("services.routing.queues")
    steps = part("services.routing.queue_steps")

    take = steps.take_step

    def take_step(work: Any, policy: Any, areas: Any, id_: str, name: str, by: Any, seen: int, *said: Any) -> Any:
        if name == "claim":
            life, order = queues.locked(work, id_, by)
            if order.status is queues.WorkOrderState.ASSIGNED:
                writes = queues.Writes()
                order.status = life.visit_status = queues.WorkOrderState.QUEUED
                writes.change(order)
                writes.change(life)
                writes.flush(work.connection)
            seen = order.version
        return take(work, policy, areas, id_, name, by, seen, *said)

    steps.take_step = take_step


def timer_without_record() -> None:
    """What has fired is remembered in memory alone, neither with the timer nor with its request: until the next restart."""
    timers = part("services.routing.timers")

    fired: set[tuple[Any, ...]] = set()
    take, clock = timers._take, timers._clock

    def taken(work: Any, _portion: int) -> list[Any]:
        due = take(work, 10_000)
        return [timer for timer in due if (timer["subject"], timer["kind"], timer["due_at"]) not in fired]

    def fire(firing: Any, life: Any, timer: Any) -> Any:
        warned = life.warned
        events = clock(firing, life, timer)
        life.warned = warned
        firing.writes.stop(life.number, timers.CLOCK)
        firing.writes.add_timer(life.number, life.number, timers.CLOCK, timer["due_at"])
        fired.add((timer["subject"], timer["kind"], timer["due_at"]))
        return events

    timers._take = taken
    timers._FIRE[timers.CLOCK] = fire


def no_owner_filter() -> None:
    """Whose a request is, nobody asks."""
    owners = part("services.runtime.identity.owners")

    owners.owns = lambda _principal, _resource: True
    owners.require_owner = lambda _principal, _resource: None


def key_without_channel() -> None:
    """An idempotency key counts for all channels of a caller."""
    channels = part("services.intake.channels")

    def key_for(sent: str | None, who: Any, _channel: Any, operation: str, body: Any) -> Any:
        if sent is None:
            return None
        return channels.Key(f"{channels.describe(who)}|{operation}", sent, channels.fingerprint(body))

    channels.key_for = key_for


def sse_off_by_one() -> None:
    """A stream goes on one line too far behind where it was left."""
    timeline = part("services.notifier.timeline")

    after = timeline.lines_after

    def lines_after(connection: Any, number: str, seq: int) -> Any:
        return after(connection, number, seq + 1 if seq else 0)

    timeline.lines_after = lines_after


MUTANTS: Final[Mapping[str, Callable[[], None]]] = {
    "done-in-finally": done_in_finally,
    "offset-at-fetch": offset_at_fetch,
    "facts-before-inbox": facts_before_inbox,
    "no-rounds": no_rounds,
    "relay-after-last": relay_after_last,
    "no-inbox": no_inbox,
    "lease-without-version": lease_without_version,
    "timer-without-record": timer_without_record,
    "no-owner-filter": no_owner_filter,
    "key-without-channel": key_without_channel,
    "sse-off-by-one": sse_off_by_one,
}


def part(name: str) -> Any:
    """A module of the program, to be changed."""
    return import_module(name)


def program(name: str) -> tuple[str, ...]:
    """What starts the program, broken so: instead of `fixline`."""
    return (sys.executable, "-m", "tests.faults.mutants", name, "--")


def _short_patience() -> None:
    """A worker gives a database up after two seconds, not sixty: so that a campaign takes seconds."""
    start = part("services.runtime.consumer").Processor.__init__
    start.__defaults__ = tuple(2.0 if default == 60.0 else default for default in start.__defaults__)


def _long_transactions() -> None:
    """Who is stopped keeps its transaction until it wakes, however slow the machine is on which others go on meanwhile."""
    part("services.runtime.database").POSTGRES_SESSION["idle_in_transaction_session_timeout"] = "60s"


def main() -> None:
    name, separator, *arguments = sys.argv[1:]
    assert separator == "--", "python -m tests.faults.mutants NAME -- ARGUMENTS"
    if name != NONE:
        MUTANTS[name]()
    switches.install()
    if arguments[0] == "work":
        switches.install_deaf(arguments[1])
    from services.cli import main as fixline

    sys.argv = ["fixline", *arguments]
    fixline()


if __name__ == "__main__":
    main()
