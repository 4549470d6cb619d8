"""The nemesis: each fault as a row of a table, how it is made and how it is mended, and a seeded schedule of them.

Every fault writes its beginning and its end into `faults.jsonl`; each kill -9 is one line, counted by `kills`.
"""

import os
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, Final

from services.stack import SERVICES
from tests.faults import switches
from tests.faults.stage import EmbeddedStage, KafkaStage, Stage
from tests.servers import Missing

#: Seconds: a worker that stands still for longer has been put out of its group (session 6 s), and its transaction ended (10 s).
BEYOND_SESSION: Final = (7.0, 12.0)


@dataclass
class Nemesis:
    """Hurts one stage. The same seed hurts in the same order; when exactly depends on the machine."""

    stage: Stage
    seed: int
    kills: int = 0
    figures: dict[str, Any] = field(default_factory=dict)
    random: Random = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)
    _failed: list[Exception] = field(default_factory=list)
    _targets: dict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed}/nemesis")  # noqa: S311  # a campaign that can be repeated, not a secret

    def kill(self, *names: str) -> None:
        """kill -9, all at once; the supervisor starts them again."""
        for name in names:
            try:
                pid = self.stage.supervisor.signal(name, signal.SIGKILL)
            except KeyError:  # one more of a kind, which has left meanwhile
                continue
            self.note("kill", name, "begin", pid=pid)
            self.count()

    def kill_some(self) -> None:
        """One to three processes, at a random moment; now and then one that has only just begun again."""
        names = sorted(self.stage.supervisor.processes)
        chosen = self.random.sample(names, min(len(names), self.random.choice((1, 2, 2, 3))))
        self.kill(*chosen)
        if self.random.random() < 0.15:
            time.sleep(self.random.uniform(0.3, 2.0))
            self.kill(chosen[0])

    def one(self, fault: str, seconds: float | None = None) -> None:
        """Make one fault of the table, for so long, and mend it."""
        row = FAULTS[fault]
        if isinstance(self.stage, EmbeddedStage) and not row.embedded:
            return
        if seconds is None:
            seconds = self.random.uniform(*row.seconds)
        with row.make(self, seconds) as target:
            self.note(fault, target, "begin", seconds=round(seconds, 2))
            time.sleep(seconds)
        self.note(fault, target, "end")

    def faults(self) -> list[str]:
        """Those that this stage can have."""
        return [name for name, row in FAULTS.items() if row.embedded or self.stage.mode == "kafka"]

    def beside(self, fault: str) -> None:
        """The same while other things go on; faults of one kind of target follow each other."""
        thread = threading.Thread(target=self._alone, args=(fault,), name=fault)
        self._threads.append(thread)
        thread.start()

    def wait(self) -> None:
        """Until all is mended. Raises what went wrong in a fault."""
        for thread in self._threads:
            thread.join()
        if self._failed:
            raise self._failed[0]

    def _alone(self, fault: str) -> None:
        try:
            with self._targets[FAULTS[fault].on]:
                self.one(fault)
        except Exception as error:
            self._failed.append(error)

    def note(self, fault: str, target: str, phase: str, **more: object) -> None:
        self.stage.journal.write(fault=fault, target=target, phase=phase, **more)

    def count(self) -> None:
        with self._lock:
            self.kills += 1

    def some(self, *roles: str) -> str:
        """A process of one of these roles; embedded, the only one."""
        names = sorted(self.stage.supervisor.processes)
        return self.random.choice([name for name in names if name.partition(" ")[0] in roles] or names)


@contextmanager
def stop(nemesis: Nemesis, _seconds: float) -> Iterator[str]:
    """SIGSTOP, then SIGCONT: it wakes, and believes that it still is what it was."""
    name = nemesis.some("work", "relay", "serve")
    pid = nemesis.stage.supervisor.signal(name, signal.SIGSTOP)
    yield name
    with suppress(ProcessLookupError):  # killed meanwhile
        os.kill(pid, signal.SIGCONT)


@contextmanager
def ask_to_end(nemesis: Nemesis, _seconds: float) -> Iterator[str]:
    """SIGTERM: what is in hand is finished."""
    name = nemesis.some("work", "relay", "serve")
    nemesis.stage.supervisor.signal(name, signal.SIGTERM)
    yield name


@contextmanager
def broker_away(nemesis: Nemesis, _seconds: float) -> Iterator[str]:
    """kill -9 of the broker; back on the same data."""
    broker = kafka(nemesis).servers.broker
    broker.kill()
    nemesis.note("kill", "kafka", "begin")
    nemesis.count()
    yield "kafka"
    broker.start()


@contextmanager
def broker_stands(nemesis: Nemesis, _seconds: float) -> Iterator[str]:
    """SIGSTOP of the broker: connections stay, nobody answers."""
    broker = kafka(nemesis).servers.broker
    broker.pause()
    yield "kafka"
    broker.resume()


@contextmanager
def postgres_away(nemesis: Nemesis, _seconds: float) -> Iterator[str]:
    """kill -9 of PostgreSQL, all of it; it recovers from its log."""
    postgres = kafka(nemesis).servers.postgres
    postgres.kill()
    nemesis.note("kill", "postgres", "begin")
    nemesis.count()
    yield "postgres"
    postgres.start()


@contextmanager
def second(nemesis: Nemesis, role: str) -> Iterator[str]:
    """One more of a kind joins, and leaves in good order."""
    stage = kafka(nemesis)
    service = nemesis.random.choice(("routing", "notifier") if role == "work" else ("intake", "routing"))
    name = f"{role} {service} 2"
    stage.supervisor.add(name, stage.another(role, service))
    yield name
    stage.supervisor.remove(name)


@contextmanager
def connections(nemesis: Nemesis, mode: str, pause: float = 0.0) -> Iterator[str]:
    """What the proxy does to the connections of one service to its database, or of all to Kafka."""
    proxy = kafka(nemesis).servers.proxy
    name = nemesis.random.choice(("kafka", *SERVICES))
    proxy.set(name, mode, pause)
    yield name
    proxy.set(name, "pass")


@contextmanager
def full_disk(nemesis: Nemesis, _seconds: float) -> Iterator[str]:
    """SQLite may take no more page; on PostgreSQL the outbox lies in a tablespace that is full."""
    stage = nemesis.stage
    if isinstance(stage, EmbeddedStage):
        switches.turn_on(stage.folder, "disk", "1")
        yield "sqlite"
        switches.turn_off(stage.folder, "disk")
        return
    servers = kafka(nemesis).servers
    try:
        servers.tablespace_room(full=True)
    except Missing as missing:
        yield str(missing)
        return
    yield "outboxes"
    servers.tablespace_room(full=False)


@contextmanager
def clock(nemesis: Nemesis, _seconds: float) -> Iterator[str]:
    """One service's clock is an hour ahead or behind of the others', then right again; each time it starts anew for it."""
    service = nemesis.random.choice(SERVICES)
    hours = nemesis.random.choice((-1, 1))
    nemesis.kill(*nemesis.stage.shift_clock(service, timedelta(hours=hours)))
    yield f"{service} {hours:+d} h"
    nemesis.kill(*nemesis.stage.shift_clock(service, timedelta()))


@contextmanager
def mail(nemesis: Nemesis, mood: str) -> Iterator[str]:
    nemesis.stage.mailbox.mood = mood
    yield "mail"
    nemesis.stage.mailbox.mood = "take"


def kafka(nemesis: Nemesis) -> KafkaStage:
    assert isinstance(nemesis.stage, KafkaStage), "this fault is for the stack on Kafka"
    return nemesis.stage


@dataclass(frozen=True, slots=True)
class Fault:
    """``on``: what it hurts, one fault at a time. ``seconds``: how long it lasts, at random between the two."""

    on: str
    make: Callable[[Nemesis, float], AbstractContextManager[str]]
    seconds: tuple[float, float]
    embedded: bool = False


FAULTS: Final[Mapping[str, Fault]] = {
    "stop": Fault("process", stop, BEYOND_SESSION, embedded=True),
    "term": Fault("process", ask_to_end, (1.0, 3.0), embedded=True),
    "broker-killed": Fault("servers", broker_away, (0.5, 3.0)),
    "broker-away": Fault("servers", broker_away, (12.0, 15.0)),
    "broker-stands": Fault("servers", broker_stands, BEYOND_SESSION),
    "postgres-killed": Fault("servers", postgres_away, (0.5, 3.0)),
    "second-worker": Fault("processes", lambda nemesis, _: second(nemesis, "work"), (6.0, 12.0)),
    "second-relay": Fault("processes", lambda nemesis, _: second(nemesis, "relay"), (5.0, 9.0)),
    "cut": Fault("network", lambda nemesis, _: connections(nemesis, "cut"), (1.0, 4.0)),
    "slow": Fault("network", lambda nemesis, _: connections(nemesis, "slow", 0.05), (2.0, 5.0)),
    "half-open": Fault("network", lambda nemesis, _: connections(nemesis, "silent"), (5.0, 12.0)),
    "disk-full": Fault("servers", full_disk, (2.0, 5.0), embedded=True),
    "clock": Fault("clock", clock, (4.0, 8.0), embedded=True),
    "mail-hangs": Fault("mail", lambda nemesis, _: mail(nemesis, "hang"), (2.0, 4.0), embedded=True),
    "mail-refuses": Fault("mail", lambda nemesis, _: mail(nemesis, "refuse"), (2.0, 4.0), embedded=True),
    "mail-lies": Fault("mail", lambda nemesis, _: mail(nemesis, "lie"), (2.0, 4.0), embedded=True),
}
