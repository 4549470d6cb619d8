"""For each mutant a short scenario that provokes what it breaks: which stage, how much load, which faults.

A scenario is an ordinary run with an ordinary verdict: of the unbroken program, the checker must find nothing in it.
"""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from signal import SIGCONT
from typing import Final

from sqlalchemy import text

from tests.faults import switches
from tests.faults.generator import Generator
from tests.faults.nemesis import Nemesis, kafka
from tests.faults.probe import cancel_undecided, leave_at_each_line
from tests.faults.recovery import warned
from tests.faults.run import Script
from tests.servers import wait_until

_PATIENCE: Final = 120.0
#: At most; beyond a session (6 s) the others take over, and within the lock time-out (10 s) they wait.
_FROZEN: Final = 40.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """``breaks``: the promises of the checker that must catch it; ``patience``: how long the rest may take, of a mutant that
    may never come to rest."""

    mode: str
    script: Script
    breaks: tuple[str, ...]
    rate: float = 30.0
    watchers: int = 6
    patience: float = 60.0


def until(count: str, number: int) -> Script:
    """Nothing but load, until so much of one kind was asked: `steps` of technicians who race each other, `twins` (one key
    over two channels), `pries` (customers who look for what is another's)."""

    def script(_nemesis: Nemesis, generator: Generator) -> None:
        wait_for_load(generator)
        wait_until(lambda: generator.counts()[count] >= number, _PATIENCE, f"{number} {count}")

    return script


def database_away(nemesis: Nemesis, generator: Generator) -> None:
    """PostgreSQL stands still while a batch is in hand, for longer than the worker's patience."""
    wait_for_load(generator)
    proxy = kafka(nemesis).servers.proxy
    for _ in range(2):
        acknowledged(generator, 30)
        proxy.set("routing", "cut")
        time.sleep(5)
        proxy.set("routing", "pass")
        wait_until(nemesis.stage.ready, _PATIENCE, "the worker to be back")


def killed_in_hand(nemesis: Nemesis, generator: Generator) -> None:
    """The worker's batch waits for its database; before it is applied the worker is killed."""
    wait_for_load(generator)
    proxy = kafka(nemesis).servers.proxy
    for _ in range(2):
        acknowledged(generator, 30)
        proxy.set("routing", "silent")
        acknowledged(generator, 30)
        time.sleep(2)
        nemesis.kill("work routing")
        proxy.set("routing", "pass")
        wait_until(nemesis.stage.ready, _PATIENCE, "the worker to be back")


def killed_often(nemesis: Nemesis, generator: Generator) -> None:
    """Workers are killed between COMMIT and the next commit of offsets."""
    wait_for_load(generator)
    for _ in range(2):
        acknowledged(generator, 60)
        nemesis.kill("work routing", "work notifier")
        at_most(20, nemesis.stage.ready)  # no longer: a worker that halts for a person is never ready


def backlog(nemesis: Nemesis, generator: Generator) -> None:
    """The consumer is away for a moment: what it finds afterwards comes in one batch, several events a request."""
    wait_for_load(generator)
    for _ in range(2):
        _pile_up(nemesis, generator, 150, "work routing")
        wait_until(nemesis.stage.ready, _PATIENCE, "it to be back")


def _pile_up(nemesis: Nemesis, generator: Generator, requests: int, *workers: str) -> None:
    """Kill these, and let them come back when so many wait for them."""
    supervisor = nemesis.stage.supervisor
    for name in workers:
        supervisor.hold(name)
    nemesis.kill(*workers)
    acknowledged(generator, requests)
    for name in workers:
        supervisor.release(name)


def overtaken(nemesis: Nemesis, generator: Generator) -> None:
    """The worker is stopped with its events written and not committed; others' events get higher ids and are published;
    then it wakes and commits."""
    wait_for_load(generator)
    wait_until(lambda: generator.counts()["steps"] >= 5, _PATIENCE, "technicians, who go on without the worker")
    given: list[int] = []
    _freeze(nemesis, lambda: _published_after(nemesis, given[0]), lambda: given.append(_ids_given(nemesis)))
    acknowledged(generator, 30)


def frozen_in_hand(nemesis: Nemesis, generator: Generator) -> None:
    """A worker is stopped with a large batch applied and not committed; those requests are cancelled; another takes its
    partitions over, waits for its rows, and then it wakes and commits."""
    stage = kafka(nemesis)
    stage.supervisor.add("work routing 2", stage.another("work", "routing"))
    wait_for_load(generator)
    wait_until(stage.ready, _PATIENCE, "both workers")
    for _ in range(2):
        _pile_up(nemesis, generator, 60, "work routing", "work routing 2")
        # The first fetch after a start may bring one partition's, of which little can be in hand.
        _freeze(nemesis, lambda: _somebody_waits(nemesis), lambda: cancel_undecided(stage, 60), least=15)
        wait_until(stage.ready, _PATIENCE, "both workers again")
    stage.supervisor.remove("work routing 2")


def _freeze(
    nemesis: Nemesis, until: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None, least: int = 1
) -> None:
    """``least``: acceptances in the batch in hand."""
    stage = kafka(nemesis)
    file = stage.folder / "switches" / "frozen-routing"
    switches.turn_on(stage.folder, "frozen-routing", str(least))
    wait_until(lambda: not file.exists(), _PATIENCE, "a batch of acceptances")
    frozen = time.monotonic()
    nemesis.note("frozen", "work routing", "begin")
    meanwhile()
    while time.monotonic() - frozen < _FROZEN and not until():
        time.sleep(0.1)
    for process in stage.supervisor.processes.values():
        with suppress(ProcessLookupError):
            os.kill(process.pid, SIGCONT)
    nemesis.note("frozen", "work routing", "end")


def _somebody_waits(nemesis: Nemesis) -> bool:
    """For a row that another transaction of routing's has in hand."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
        "AND query ILIKE 'INSERT INTO inbox%'"
    )
    return bool(_number(nemesis, query))


def _ids_given(nemesis: Nemesis) -> int:
    """The highest id that an event of routing's has, or will have once it is committed."""
    return _number(nemesis, "SELECT last_value FROM pg_sequences WHERE sequencename LIKE 'outbox%'")


def _published_after(nemesis: Nemesis, id_: int) -> bool:
    return bool(_number(nemesis, f"SELECT count(*) FROM outbox WHERE id > {id_} AND published_at IS NOT NULL"))  # noqa: S608  # a number


def _number(nemesis: Nemesis, query: str) -> int:
    with nemesis.stage.workshops["routing"].database.reading() as connection:
        return int(connection.execute(text(query)).scalar_one())


def hours_later(nemesis: Nemesis, generator: Generator) -> None:
    """Five hours pass at once: response clocks run out and warn, and nobody's session does. Then it is started again,
    before those requests have moved on."""
    stage = nemesis.stage
    wait_for_load(generator)
    acknowledged(generator, 100)
    nemesis.kill(*stage.shift_clock("routing", timedelta(hours=5)))
    wait_until(lambda: warned(stage) > 0, _PATIENCE, "a clock to warn")
    for _ in range(2):
        nemesis.kill("up")
        before = warned(stage)
        wait_until(stage.ready, _PATIENCE, "it to be back")
        at_most(3.0, lambda before=before: warned(stage) > before)  # type: ignore[misc]  # a lambda with a default


def pages_come_back(nemesis: Nemesis, generator: Generator) -> None:
    """Pages lose their streams and come back to them; some are left at each of their lines, while the next one comes."""
    wait_for_load(generator)
    for turn in range(2):
        leave_at_each_line(nemesis.stage, nemesis.seed + turn, 4)
        nemesis.kill("up")
        wait_until(nemesis.stage.ready, _PATIENCE, "it to be back")
    acknowledged(generator, 60)


def wait_for_load(generator: Generator) -> None:
    wait_until(lambda: generator.counts()["acknowledged"] > 0, _PATIENCE, "the first request to be acknowledged")


def acknowledged(generator: Generator, requests: int, seconds: float = 30.0) -> None:
    """Let so many more be acknowledged: on a slow machine as on a fast one. Not for ever."""
    before = generator.counts()["acknowledged"]
    at_most(seconds, lambda: generator.counts()["acknowledged"] >= before + requests)


def at_most(seconds: float, done: Callable[[], bool]) -> None:
    """Wait for it, but not for ever: it may never come."""
    ends = time.monotonic() + seconds
    while not done() and time.monotonic() < ends:
        time.sleep(0.05)


#: By mutant.
SCENARIOS: Final[Mapping[str, Scenario]] = {
    "done-in-finally": Scenario("kafka", database_away, ("each_is_decided_once",), patience=40),
    "offset-at-fetch": Scenario("kafka", killed_in_hand, ("each_is_decided_once",), patience=40),
    "facts-before-inbox": Scenario("kafka", frozen_in_hand, ("nobody_goes_to_an_ended_request",), rate=40, patience=40),
    "no-rounds": Scenario("kafka", backlog, ("commands_are_answered_in_order",), rate=60, patience=40),
    "relay-after-last": Scenario("kafka", overtaken, ("nothing_is_left_over",), rate=60, patience=15),
    "no-inbox": Scenario("kafka", killed_often, ("only_poison_is_set_aside",), patience=15),
    "lease-without-version": Scenario("embedded", until("steps", 60), ("one_technician_holds_a_visit",), patience=40),
    "timer-without-record": Scenario("embedded", hours_later, ("each_threshold_fires_once",), patience=25),
    "no-owner-filter": Scenario("embedded", until("pries", 20), ("nobody_sees_anothers",), watchers=12, patience=40),
    "key-without-channel": Scenario("embedded", until("twins", 15), ("one_key_has_one_answer",), rate=100, patience=40),
    "sse-off-by-one": Scenario("embedded", pages_come_back, ("pages_see_each_line_once",), watchers=12, patience=40),
}
