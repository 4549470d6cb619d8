"""What a program under test is told, what it must do with each event, and how it tells what that cost."""

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from benchmarks import workload
from benchmarks.programs import parent
from schemas.envelope import Headers, decode
from schemas.service_requests import RequestAccepted
from services.routing.decide import Decided, decide
from services.routing.rules.calendars import pin_time_zones
from services.routing.rules.facts import Book
from services.routing.rules.policy import standard_policy


@dataclass(frozen=True)
class Task:
    """`skip` events warm up and are not counted, `count` are. `copies`: of the sample's customers."""

    bootstrap: str
    topic: str
    group: str
    skip: int
    count: int
    copies: int
    database: str = ""

    @classmethod
    def given(cls) -> "Task":
        """From the command line."""
        parent.end_with_it()
        return cls(**json.loads(sys.argv[1]))


class Counts(Protocol):
    """A process beside the program under test whose CPU is part of the work."""

    def cpu_seconds(self) -> float: ...

    def end(self) -> None: ...


@dataclass
class Meter:
    """Counts events that are done, and ends the process when there were enough: whoever measures reads its last line.

    `settle` returns when nothing is left half done (a relay has published everything), before either mark is set.
    """

    task: Task
    settle: Callable[[], None] = lambda: None
    companions: Sequence[Counts] = ()
    done: int = 0
    _began: tuple[int, float, float] | None = None

    def add(self, events: int) -> None:
        """`events` more are done: decided, and saved where there is a database."""
        self.done += events
        if self._began is None:
            if self.done >= self.task.skip:
                self.settle()
                self._began = self.done, time.perf_counter(), self._cpu_seconds()
        elif self.done - self._began[0] >= self.task.count:
            self.settle()
            self._report(*self._began)

    def _cpu_seconds(self) -> float:
        """All threads of the process and its companions, in user and system mode."""
        return time.process_time() + sum(one.cpu_seconds() for one in self.companions)

    def _report(self, at: int, wall: float, cpu: float) -> None:
        measured = {
            "events": self.done - at,
            "seconds": time.perf_counter() - wall,
            "cpu_seconds": self._cpu_seconds() - cpu,
            "resident_mb": _resident_mb(),
        }
        for one in self.companions:
            one.end()
        os.write(1, f"{json.dumps(measured)}\n".encode())  # Faust takes sys.stdout for its log
        os._exit(0)  # what frameworks do at their end is not measured, and takes seconds


@dataclass(frozen=True)
class Deciding:
    """Stage A's work: the real `decide` over contracts in memory."""

    copies: int
    policy: Any = field(default_factory=standard_policy)

    @cached_property
    def book(self) -> Book:
        pin_time_zones()
        book = workload.book(self.copies)
        # Nothing of it is ever garbage: without this the collector walks all contracts again and again. For every program.
        gc.collect()
        gc.freeze()
        return book

    def decide(self, accepted: RequestAccepted) -> Decided:
        request = accepted.request
        return decide(
            request,
            self.book,
            self.policy,
            received_at=accepted.received_at,
            channel=accepted.channel,
            ref=request.external_id,
        )

    def apply(self, headers: Headers, body: bytes) -> Decided:
        """Decode, validate, decide: for those who get bytes."""
        decode(headers)
        return self.decide(RequestAccepted.model_validate_json(body))


def _resident_mb() -> float:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
