"""Ten times what can be done, for a minute (docs/reliability.md): intake turns away before it harms what it accepted.

    python -m tests.faults.overload [--seconds 60] [--folder DIR]

On the embedded stack. First it is measured what can be done, then hundreds of programs ask for as much as they can while the
usual load goes on, then it is seen how soon a single request is answered at once again. The folder is judged as that of any
other run.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
from sqlalchemy import func, select

from schemas.decision import show_instant
from services.commands.day import Addresses
from services.commands.sample import fill_if_empty
from services.routing import sample
from services.routing.rules.calendars import pin_time_zones
from services.runtime.settings import Settings
from services.runtime.work import Workshop
from services.stack import Stack
from tests.faults.accounts import Clients, prepare
from tests.faults.checker import judge
from tests.faults.evidence import EMBEDDED, collect
from tests.faults.generator import Generator
from tests.faults.generator.flood import Flood, Tide
from tests.faults.ledger import now
from tests.faults.switches import switches
from tests.integration.stack import reading
from tests.integration.stack.mailbox import Mailbox
from tests.servers import ROOT, free_port, wait_until

#: Requests a second of those who go on as always.
USUAL: Final = 20.0
#: Programs that measure what can be done, and how many are too many.
ENOUGH, TOO_MANY, FILES = 8, 400, 16
MEASURED: Final = 10.0
#: What must hold. Seconds until it is as before; share of the sustainable rate that is still accepted; MiB that the process
#: may grow by; seconds in which 99 of 100 accepted requests are answered.
RECOVERS, KEPT, GROWS, ANSWERED = 30.0, 0.5, 512.0, 20.0
_AT_ONCE: Final = 1.0


@dataclass
class Memory:
    """The largest that a process was, in MiB."""

    before: float = 0.0
    most: float = 0.0
    _done: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watched(self, pid: int) -> Iterator[None]:
        self.before = self.most = _resident(pid)

        def look() -> None:
            while not self._done.wait(0.5):
                self.most = max(self.most, _resident(pid))

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._done.set()
            thread.join()


@dataclass(frozen=True)
class Target:
    """The stack that is flooded: one process, `fixline up`."""

    addresses: Addresses
    clients: Clients
    folder: Path
    workshops: Mapping[str, Workshop]
    process: "subprocess.Popen[bytes]"

    @property
    def data(self) -> Path:
        return self.folder / "data"


def overload(target: Target, seed: int, seconds: float) -> dict[str, Any]:
    """Measure, flood, see it recover."""
    memory = Memory()
    calm = _flood(target, seed, "calm", ENOUGH, 0, MEASURED).run()
    with memory.watched(target.process.pid):
        flood = _flood(target, seed, "flood", TOO_MANY, FILES, seconds).run()
        recovered = _recovers(target, seed)
    return report(calm, flood, memory, recovered)


def report(calm: Tide, flood: Tide, memory: Memory, recovered: float | None) -> dict[str, Any]:
    """The figures, and what is not as it must be."""
    figures: dict[str, Any] = {
        "sustainable_per_second": round(calm.rate, 1),
        "offered_per_second": round(flood.offered / flood.seconds, 1),
        "times": round(flood.offered / flood.seconds / max(calm.rate, 0.1), 1),
        "accepted_per_second": round(flood.rate, 1),
        "shed": flood.shed,
        "shed_by": flood.refused,
        "unknown": flood.unknown,
        "answered_p50_seconds": round(flood.slowest(0.5), 2),
        "answered_p99_seconds": round(flood.slowest(0.99), 2),
        "memory_before_mib": round(memory.before),
        "memory_most_mib": round(memory.most),
        "recovered_seconds": None if recovered is None else round(recovered, 2),
    }
    rules = {
        "nothing was turned away: it was no overload": flood.shed > 0,
        "turned away without Retry-After": flood.without_retry_after == 0,
        f"less than {KEPT:.0%} of what can be done was accepted": flood.rate >= KEPT * calm.rate,
        f"99 of 100 accepted requests took more than {ANSWERED:g} s": flood.slowest(0.99) <= ANSWERED,
        f"the process grew by more than {GROWS:g} MiB": memory.most - memory.before <= GROWS,
        f"not as before after {RECOVERS:g} s": recovered is not None and recovered <= RECOVERS,
    }
    return {**figures, "broken": [rule for rule, held in rules.items() if not held]}


def _flood(target: Target, seed: int, name: str, many: int, files: int, seconds: float) -> Flood:
    return Flood(target.addresses.intake, target.clients, target.folder, seed, name, many, files, seconds)


def _recovers(target: Target, seed: int) -> float | None:
    """Seconds after the flood until a request is accepted at once; None: not in time."""
    began = time.monotonic()
    for turn in range(1000):
        tide = _flood(target, seed, f"after.{turn}", 1, 0, 0.2).run()
        if tide.accepted and tide.slowest(1.0) < _AT_ONCE:
            return time.monotonic() - began
        if time.monotonic() - began > 2 * RECOVERS:
            return None
    return None


def _resident(pid: int) -> float:
    """MiB."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    fields: Mapping[str, str] = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return int(fields.get("VmRSS", "0 kB").split()[0]) / 1024


@contextmanager
def embedded(folder: Path) -> Iterator[Target]:
    """`fixline up` on a fresh data folder with the sample; what its mail server took is in `mails.jsonl` at the end."""
    data, port = folder / "data", free_port()
    clock = f"{show_instant(sample.OPENS)}@{datetime.now(UTC).isoformat()}"
    address = f"http://127.0.0.1:{port}"
    stack = Stack(Settings(data_dir=data, port=port, public_url=address, sample=True, clock=clock))
    stack.migrate()
    passwords = fill_if_empty(stack)
    clients = prepare(stack.workshops["intake"], stack.workshops["routing"], folder, passwords)
    with Mailbox() as mailbox, (folder / "up.log").open("wb") as log:
        told = {"DATA_DIR": str(data), "PORT": str(port), "PUBLIC_URL": address, "SMTP_URL": mailbox.url}
        told |= {"SAMPLE": "true", "CLOCK": clock, "LOG_LEVEL": "warning"}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FIXLINE_")}
        environment |= {f"FIXLINE_{name}": value for name, value in told.items()} | dict(switches(folder))
        command = [sys.executable, "-m", "services.cli", "up"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_until(lambda: _is_ready(address), 120, "fixline up to be ready", alive=process, log=folder / "up.log")
            yield Target(Addresses(address, address, address), clients, folder, stack.workshops, process)
        finally:
            process.terminate()
            process.wait(timeout=60)
            for workshop in stack.workshops.values():
                workshop.database.close()
            _note_mails(folder / "mails.jsonl", mailbox)


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", trust_env=False, timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _note_mails(path: Path, mailbox: Mailbox) -> None:
    lines = (
        {"at": now(), "message_id": str(m["Message-ID"]), "to": str(m["To"]), "reply": "250"} for m in mailbox.mails
    )
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))


def _at_rest(target: Target) -> bool:
    """Every acceptance decided and shown, no mail due."""
    with target.workshops["routing"].database.reading() as connection:
        outbox = target.workshops["routing"].tables.outbox.c
        told = connection.execute(select(func.count()).where(outbox.topic == "request-status")).scalar_one()
    shown = sum(len(versions) - 1 for versions in reading.versions_shown(target.workshops).values())
    decided = set(reading.versions_told(target.workshops)) >= reading.accepted(target.workshops)
    return decided and shown == told and reading.mails_waiting(target.workshops) == 0


def perform(folder: Path, seed: int, seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    """One run: the usual load, the flood beside it, rest, evidence, verdict; the figures with what the checker counted."""
    run: dict[str, Any] = {"seed": seed, "mode": EMBEDDED, "mutant": None, "begun": now()}
    with embedded(folder) as target:
        generator = Generator(target.addresses, target.clients, folder, seed, USUAL)
        generator.start()
        wait_until(lambda: generator.counts()["acknowledged"] > 0, 60, "the usual load")
        say("overload: the usual load goes on; it is measured what can be done, then asked for ten times as much")
        figures = overload(target, seed, seconds)
        generator.stop()
        say(f"overload: {figures}; comes to rest")
        wait_until(lambda: _at_rest(target), 900, "the flood to be worked off", alive=target.process)
        generator.finish()
        collect(folder, EMBEDDED, {name: f"sqlite:///{target.data / name}.db" for name in target.workshops}, None)
    run |= {"ended": now(), "addresses": target.addresses, "figures": {"overload": figures}}
    (folder / "run.json").write_bytes(orjson.dumps(run, option=orjson.OPT_INDENT_2))
    verdict = judge(folder)
    counts = {name: verdict["counts"][name] for name in ("acknowledged", "lost", "dispatched_twice")}
    say(
        f"overload: {counts}, not as it must be: {figures['broken'] or 'nothing'}; violations: {verdict['broken'] or 'none'}"
    )
    return {**figures, **counts, "violations": verdict["broken"], "folder": str(folder)}


def main() -> int:
    """The command; its last line is one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.overload", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    folder: Path = (given.folder or Path(tempfile.mkdtemp(prefix="fixline-overload-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    pin_time_zones()
    found = perform(folder, given.seed, given.seconds, _say)
    sys.stdout.write(orjson.dumps(found).decode() + "\n")
    return 0 if not found["violations"] and not found["broken"] else 1


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
