"""What every stage gets, and what it gives."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.measure import Run, fixed_work, in_turns, median, run, spread, worth
from benchmarks.programs.task import Task
from benchmarks.servers import Servers, fill
from benchmarks.sizes import Size

Runs = Mapping[str, Sequence[Run]]
#: The task of a program's next run.
TaskOf = Callable[[str], Task]


@dataclass(frozen=True, slots=True)
class Found:
    """A stage's result. `figures` go into the JSON as they are; `ratios` and `latency_ms` to their places there."""

    figures: Mapping[str, Any]
    ratios: Mapping[str, float] = field(default_factory=dict)
    latency_ms: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Setting:
    """`noise`: milliseconds that the same fixed work took before each run."""

    servers: Servers
    size: Size
    noise: list[float] = field(default_factory=list)
    topic: str = "service-requests"
    _filled: list[str] = field(default_factory=list)

    def backlog(self) -> None:
        """The events that every program consumes; put there when the first stage asks for them."""
        if not self._filled:
            fill(self.servers.broker.bootstrap, self.topic, self.size.most + 6_000, self.size.copies)
            self._filled.append(self.topic)

    def run(self, program: str, task: Task) -> Run:
        """One run, told on the terminal."""
        self.noise.append(fixed_work())
        done = run(program, task)
        print(f"   {program:22} {done.cpu_us:8.1f} µs CPU an event   {done.rate:9,.0f} events/s", flush=True)
        return done

    def counts(self, programs: Sequence[str], task_of: TaskOf) -> dict[str, int]:
        """How many events each program gets: what it does in the size's seconds, where a first run may say so."""
        if not self.size.whole:
            return dict.fromkeys(programs, self.size.least)
        return {program: worth(self.run(program, task_of(program)), self.size) for program in programs}

    def in_turns(self, programs: Sequence[str], task_of: TaskOf) -> dict[str, list[Run]]:
        """Each program `rounds` times, in turns."""
        runs: dict[str, list[Run]] = {program: [] for program in programs}
        for program in in_turns(programs, self.size.rounds):
            runs[program].append(self.run(program, task_of(program)))
        return runs


def figures(runs: Runs) -> dict[str, dict[str, float]]:
    """Each program's medians, and how far its runs lay apart."""
    return {
        program: {
            "cpu_us": round(median(theirs, "cpu_us"), 2),
            "cpu_us_spread": round(spread(theirs, "cpu_us"), 3),
            "cpu_us_least": round(min(one.cpu_us for one in theirs), 2),
            "cpu_us_most": round(max(one.cpu_us for one in theirs), 2),
            "events_per_second": round(median(theirs, "rate"), 1),
            "events_per_core_second": round(1e6 / median(theirs, "cpu_us"), 1),
            "events": theirs[0].events,
            "runs": len(theirs),
            "resident_mb": round(median(theirs, "resident_mb"), 1),
        }
        for program, theirs in runs.items()
    }


def ratio(runs: Runs, ours: str, theirs: str) -> float:
    """How many times `theirs` ours does for the same CPU; of the rounds' ratios the median, so that a slow round counts once."""
    pairs = zip(runs[ours], runs[theirs], strict=True)
    return round(statistics.median(their.cpu_us / our.cpu_us for our, their in pairs), 3)
