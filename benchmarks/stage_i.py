"""Stage I: an HTTP request to its durable acknowledgement, at 1 to 256 clients at once."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson

from benchmarks import workload
from benchmarks.http_load import drive
from benchmarks.measure import ROOT, fixed_work
from benchmarks.servers import PROGRAM
from benchmarks.stage import Found, Setting

OURS: Final = "i_fixline"
BARE: Final = "i_bare"
_COMPARED: Final = 64


@dataclass(frozen=True, slots=True)
class Intake:
    """One run at one number of clients."""

    cpu_us: float
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    refused: int


def measure(setting: Setting) -> Found:
    """Both programs at each number of clients; where they are compared, in turns."""
    runs: dict[str, dict[int, list[Intake]]] = {name: {n: [] for n in setting.size.clients} for name in (OURS, BARE)}
    for turn in range(setting.size.rounds):
        for name, theirs in runs.items():
            with _serving(name, setting) as server:
                for clients, found in theirs.items():
                    if turn and clients != _COMPARED:
                        continue
                    found.append(_run(name, server, clients, setting))
    ours, bare = runs[OURS][_COMPARED], runs[BARE][_COMPARED]
    figures: dict[str, Any] = {
        name: {str(clients): _medians(found) for clients, found in theirs.items()} for name, theirs in runs.items()
    }
    figures["rate_vs_bare"] = _ratio(ours, bare, "requests_per_second")
    figures["p99_vs_bare"] = _ratio(ours, bare, "p99_ms")
    return Found(figures, ratios={"I_vs_bare": round(1 / _ratio(ours, bare, "cpu_us"), 3)})


def _run(name: str, server: "_Server", clients: int, setting: Setting) -> Intake:
    bodies = [orjson.dumps(sent) for sent in workload.asked(setting.size.copies) if sent.get("customer_number")]
    setting.noise.append(fixed_work())
    drive(server.port, server.token, bodies, clients, 0.5)
    before = server.cpu_seconds()
    load = drive(server.port, server.token, bodies, clients, min(3.0, setting.size.seconds))
    cpu = (server.cpu_seconds() - before) / len(load.latencies) * 1e6
    done = Intake(cpu, load.rate, load.percentile(0.5), load.percentile(0.99), load.others)
    print(f"   {name:12} {clients:4} clients {cpu:8.1f} µs CPU a request {load.rate:8,.0f}/s p99 {done.p99_ms:7.1f} ms")
    return done


def _medians(runs: list[Intake]) -> dict[str, float]:
    return {name: round(statistics.median(asdict(one)[name] for one in runs), 2) for name in asdict(runs[0])}


def _ratio(ours: list[Intake], theirs: list[Intake], figure: str) -> float:
    pairs = zip(ours, theirs, strict=True)
    return float(round(statistics.median(getattr(a, figure) / getattr(b, figure) for a, b in pairs), 3))


class _Server:
    """A program that serves, on the program's core."""

    def __init__(self, name: str, database: str, copies: int) -> None:
        command = [sys.executable, "-W", "ignore", "-m", f"benchmarks.programs.{name}"]
        command.append(json.dumps({"database": database, "copies": copies}))
        pinned = ["taskset", "-c", str(PROGRAM), *command] if (os.cpu_count() or 1) > 1 else command
        self._process = subprocess.Popen(
            pinned,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None  # noqa: S101  # a pipe was asked for
        told = json.loads(self._process.stdout.readline())
        self.port, self.token = told["port"], told["token"]

    def cpu_seconds(self) -> float:
        with open(f"/proc/{self._process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def _serving(name: str, setting: Setting) -> Iterator[_Server]:
    server = _Server(name, setting.servers.postgres.new_database(), setting.size.copies)
    try:
        time.sleep(1)  # uvicorn tells nobody when its lifespan has begun; the socket queues until then
        yield server
    finally:
        server.end()
