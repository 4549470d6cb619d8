"""What a campaign consists of: runs with their load, their faults and their seeds, for each of its three lengths.

Two lanes go on beside each other, each with a pair of servers of its own if it needs one. Figures of time (restart to first
decision) are taken first, while nothing else goes on.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from tests.faults.generator import Generator
from tests.faults.mutants import MUTANTS
from tests.faults.nemesis import FAULTS, Nemesis, kafka
from tests.faults.probe import probing
from tests.faults.recovery import restart_to_decision, stuck_and_deaf, without_names
from tests.faults.run import Asked, Script
from tests.faults.scenarios import SCENARIOS, acknowledged, wait_for_load
from tests.servers import wait_until

#: The mutants that CI tries: one of the log, one of the edge.
CI_MUTANTS: Final = ("offset-at-fetch", "no-owner-filter")
#: Requests that must be acknowledged between two rounds of kills, and seconds that a round waits for them at most.
_AT_LEAST, _AT_MOST = 5, 15.0
#: So many mutants of Kafka's run after the embedded ones, which are done sooner.
_SHARED: Final = 3
#: How often the outboxes' file system is filled in one run.
_FULL: Final = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """``alone`` one after the other first; then the ``lanes`` beside each other. ``seconds``: all of it, at most.
    ``least``: of the summary's figures, without which the campaign has proved too little; ``more``: the parts by number
    that are added while one of them is too low. ``overload``: seconds of it, at the end; 0: none;
    ``seed``: its seed."""

    alone: Sequence[Asked]
    lanes: Sequence[Sequence[Asked]]
    seconds: float
    least: Mapping[str, int]
    more: Mapping[str, Callable[[int], Asked]] = field(default_factory=dict)
    overload: float = 0.0
    seed: int = 0

    @property
    def runs(self) -> list[Asked]:
        return [*self.alone, *chain.from_iterable(self.lanes)]


def usual(seed: int, mutants: Sequence[str] = tuple(MUTANTS)) -> Plan:
    """`make faults`: at most 10 minutes, every fault, every mutant."""
    on_kafka = _mutants("kafka", seed, mutants)
    return Plan(
        alone=(_restarts_embedded(seed, 3), _restarts_kafka(seed + 1, 3)),
        lanes=(
            (Asked("kafka", "kafka", seed + 2, 40, hurt(36, 100, 2.5)), *on_kafka[:-_SHARED]),
            (
                Asked("embedded", "embedded", seed + 3, 30, hurt(12, 70, 3.0)),
                *_mutants("embedded", seed, mutants),
                *on_kafka[-_SHARED:],
            ),
        ),
        seconds=1200,
        least={"kills": 30, "acknowledged": 2_000},
    )


def for_ci(seed: int) -> Plan:
    """`make faults-ci`: at most 5 minutes, two mutants."""
    return Plan(
        alone=(),
        lanes=(
            (Asked("kafka", "kafka", seed + 2, 30, hurt(24, 80, 2.5)), *_mutants("kafka", seed, CI_MUTANTS)),
            (
                Asked("embedded", "embedded", seed + 3, 25, hurt(6, 50, 3.0)),
                *_mutants("embedded", seed, CI_MUTANTS),
            ),
        ),
        seconds=600,
        least={"kills": 20, "acknowledged": 500},
    )


def long(seed: int) -> Plan:
    """`make faults-long`: more than 500 kills, 100 of them embedded, and 200,000 acknowledged requests, in parts that each
    have a verdict of their own; as many parts as it takes. On Kafka mostly kills; embedded, which takes most in a second,
    mostly requests."""

    def kafka(part: int) -> Asked:
        script = hurt(110, 280, 3.0)
        return Asked(f"kafka-{part}", "kafka", seed + 10 + part, 250, script, watchers=24, patience=400)

    def embedded(part: int) -> Asked:
        return Asked(f"embedded-{part}", "embedded", seed + 40 + part, 100, hurt(34, 240, 3.0), patience=400)

    def flowing(part: int) -> Asked:
        return Asked(f"flow-{part}", "embedded", seed + 70 + part, 1_200, flow(50_000, 5, 140), patience=400)

    return Plan(
        alone=(_restarts_embedded(seed, 5), _restarts_kafka(seed + 1, 5)),
        lanes=(
            (
                kafka(1),
                Asked("outage", "kafka", seed + 9, 60, outage, patience=400),
                Asked("no-room", "kafka", seed + 8, 60, no_room, patience=400),
                *map(kafka, (2, 3)),
                *_mutants("kafka", seed, tuple(MUTANTS)),
            ),
            (
                *(one for part in (1, 2, 3) for one in (embedded(part), flowing(part))),
                embedded(4),
                *_mutants("embedded", seed, tuple(MUTANTS)),
            ),
        ),
        seconds=5400,
        least={"kills": 500, "kills_embedded": 100, "acknowledged": 200_000},
        more={"acknowledged": flowing, "kills": kafka, "kills_embedded": embedded},
        overload=60.0,
        seed=seed,
    )


def hurt(kills: int, seconds: float, pace: float) -> Script:
    """Until there were so many kills, or for so long: rounds of kills about every ``pace`` seconds, and beside them faults of
    the table, in an order of the seed's. A round waits, but not for ever, until requests are acknowledged again: what is
    killed before it can do anything proves nothing."""

    def script(nemesis: Nemesis, generator: Generator) -> None:
        wait_for_load(generator)
        ends = time.monotonic() + seconds
        others: list[str] = []
        while nemesis.kills < kills and time.monotonic() < ends:
            time.sleep(nemesis.random.uniform(0.3, 1.3) * pace)
            acknowledged(generator, _AT_LEAST, _AT_MOST)
            nemesis.kill_some()
            if not others:
                others = sorted(set(nemesis.faults()) - {"broker-away"})
                nemesis.random.shuffle(others)
            if nemesis.random.random() < 0.6:
                nemesis.beside(others.pop())
        nemesis.wait()

    return script


def flow(requests: int, kills: int, seconds: float) -> Script:
    """As many requests as can be taken, until there were so many, or for so long; a kill now and then."""

    def script(nemesis: Nemesis, generator: Generator) -> None:
        wait_for_load(generator)
        began = time.monotonic()
        while generator.counts()["acknowledged"] < requests and time.monotonic() - began < seconds:
            acknowledged(generator, requests // (kills + 1), seconds / kills)
            nemesis.kill_some()

    return script


def outage(nemesis: Nemesis, generator: Generator) -> None:
    """The broker is away for two minutes, while requests go on being accepted."""
    wait_for_load(generator)
    nemesis.one("broker-away", 120.0)
    time.sleep(10)


def no_room(nemesis: Nemesis, generator: Generator) -> None:
    """The outboxes' file system is full, really: PostgreSQL says so. Nothing is accepted until there is room again."""
    wait_for_load(generator)
    servers = kafka(nemesis).servers
    for _ in range(_FULL):
        acknowledged(generator, 200)
        said = servers.said_full()
        with FAULTS["disk-full"].make(nemesis, 0.0) as target:
            if target != "outboxes":
                nemesis.figures["skipped"] = f"a full disk of PostgreSQL's: {target}"
                return
            nemesis.note("disk-full", target, "begin")
            wait_until(lambda said=said: servers.said_full() > said, 60, "PostgreSQL to find its disk full")  # type: ignore[misc]  # a lambda with a default
            time.sleep(nemesis.random.uniform(5.0, 10.0))
            nemesis.kill("serve intake", "relay routing")
            time.sleep(5)
        nemesis.note("disk-full", target, "end")
    acknowledged(generator, 100)


def _restarts_kafka(seed: int, times: int) -> Asked:
    def script(nemesis: Nemesis, generator: Generator) -> None:
        wait_for_load(generator)
        nemesis.figures["restart_static"] = restart_to_decision(nemesis, "work routing", times)
        nemesis.figures["restart_dynamic"] = without_names(nemesis, "work routing", times)
        nemesis.figures |= stuck_and_deaf(nemesis)

    return Asked("restarts-kafka", "kafka", seed, 20, script)


def _restarts_embedded(seed: int, times: int) -> Asked:
    def script(nemesis: Nemesis, generator: Generator) -> None:
        wait_for_load(generator)
        with probing(nemesis.stage, seed):
            nemesis.figures["restart_embedded"] = restart_to_decision(nemesis, "up", times)

    return Asked("restarts-embedded", "embedded", seed, 20, script)


def _mutants(mode: str, seed: int, names: Sequence[str]) -> list[Asked]:
    return [
        Asked(f"mutant-{name}", mode, seed + 100, one.rate, one.script, name, one.watchers, one.patience)
        for name in names
        if (one := SCENARIOS[name]).mode == mode
    ]
