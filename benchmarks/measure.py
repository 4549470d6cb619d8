"""Running programs under test: each on its own core, in turns, the median of at least three; the machine's noise beside it."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from benchmarks.programs.task import Task
from benchmarks.servers import PROGRAM
from benchmarks.sizes import Size

ROOT = Path(__file__).resolve().parents[1]
_PATIENCE = 180.0


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one program."""

    events: int
    seconds: float
    cpu_seconds: float
    resident_mb: float

    @property
    def cpu_us(self) -> float:
        """Microseconds of CPU an event: the primary figure."""
        return self.cpu_seconds / self.events * 1e6

    @property
    def rate(self) -> float:
        """Events a second by the clock on the wall."""
        return self.events / self.seconds


def run(program: str, task: Task) -> Run:
    """One run in a process of its own, alone on the program's core. Raises `RuntimeError` with what it said when it fails."""
    command = [sys.executable, "-W", "ignore", "-m", f"benchmarks.programs.{program}", json.dumps(asdict(task))]
    done = subprocess.run(
        ["taskset", "-c", str(PROGRAM), *command] if (os.cpu_count() or 1) > 1 else command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    if done.returncode or not done.stdout.strip():
        raise RuntimeError(f"{program} ended with {done.returncode}:\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}")
    return Run(**json.loads(done.stdout.strip().splitlines()[-1]))


def in_turns(programs: Sequence[str], rounds: int) -> Iterator[str]:
    """Each program once a round, so that a slow minute of the machine meets them all."""
    for _ in range(rounds):
        yield from programs


def median(runs: Sequence[Run], figure: str) -> float:
    return float(statistics.median(getattr(one, figure) for one in runs))


def spread(runs: Sequence[Run], figure: str) -> float:
    """(max - min) / median: what of a difference may be noise."""
    values = [getattr(one, figure) for one in runs]
    return float((max(values) - min(values)) / statistics.median(values))


def worth(trial: Run, size: Size) -> int:
    """How many events a program does in the size's seconds, by a short first run that is not counted."""
    return max(size.least, min(size.most, int(trial.rate * size.seconds)))


#: Events of a first run.
TRIAL = 3_000


def a_group() -> str:
    return f"bench-{uuid4().hex[:8]}"


def fixed_work() -> float:
    """CPU milliseconds of a task that is always the same: what the machine gives at this moment."""
    began = time.process_time()
    total = 0
    for number in range(400_000):
        total += number * number % 7
    return (time.process_time() - began) * 1000
