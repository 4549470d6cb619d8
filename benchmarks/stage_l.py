"""Stage L: from the scheduled instant of sending a request to its decision seen over SSE, on all processes of the program.

An open loop: requests are sent at their time whether or not earlier ones were answered, and lateness counts. One customer
in ten watches the request over server-sent events; nobody polls. Nothing is pinned, mail is off.
"""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Final
from uuid import uuid4

import orjson
from sqlalchemy import func, select

from benchmarks import workload
from benchmarks.http_load import drive
from benchmarks.measure import fixed_work
from benchmarks.servers import spread
from benchmarks.stage import Found, Setting
from schemas.vocabulary import Scope
from services.intake.accounts import create_token
from services.notifier.tables import TIMELINE
from services.routing.imports import import_rows
from services.stack import SERVICES
from tests import servers
from tests.integration.stack.mailbox import Mailbox
from tests.integration.stack.processes import ProcessStack

WATCHED: Final = 10
_COPIES: Final = 10
_PATIENCE: Final = 30.0
_FRESH: Final = 2.0  # seconds; the server closes after five

_Connection = tuple[float, asyncio.StreamReader, asyncio.StreamWriter]


class Unmailed(ProcessStack):
    """As the tests start it, without mail, and quiet."""

    def environment(self, role: str, service: str) -> dict[str, str]:
        told = super().environment(role, service) | {"FIXLINE_LOG_LEVEL": "warning"}
        return {name: value for name, value in told.items() if name not in ("FIXLINE_SMTP_URL", "FIXLINE_CLOCK")}


def measure(setting: Setting) -> Found:
    """At 200 requests a second, then at half of what the whole program keeps up with."""
    seconds = setting.size.watching
    setting.noise.append(fixed_work())
    with _running(setting) as stack:
        token = _token(stack)
        _at(stack, token, 100, min(5.0, seconds))  # everything has been done often enough to be done as it will be
        fixed = _at(stack, token, 200, seconds)
        sustainable = _sustainable(stack, token, min(20.0, seconds))
        half = _at(stack, token, sustainable / 2, seconds)
    for name, one in (("200/s", fixed), ("half load", half)):
        print(
            f"   {name:10} {one['rate']:7.0f}/s  p50 {one['p50']} ms  p99 {one['p99']} ms  of {one['seen']}", flush=True
        )
    return Found(
        figures={"sustainable_per_second": round(sustainable), "at_200_per_s": fixed, "at_half_load": half},
        latency_ms={"200_per_s": fixed, "half_load": half},
    )


def _at(stack: ProcessStack, token: str, rate: float, seconds: float) -> dict[str, float]:
    """Percentiles in milliseconds of those that were watched; `missing` never saw their decision."""
    seen, watched = asyncio.run(_open_loop(stack, token, rate, seconds))
    seen.sort()

    def percentile(share: float) -> float:
        return round(seen[min(len(seen) - 1, int(len(seen) * share))] * 1000, 1)

    shares = {"p50": percentile(0.5), "p99": percentile(0.99), "p99_9": percentile(0.999)}
    return {**shares, "rate": round(rate), "seen": len(seen), "missing": watched - len(seen)}


async def _open_loop(stack: ProcessStack, token: str, rate: float, seconds: float) -> tuple[list[float], int]:
    bodies = cycle([orjson.dumps(sent) for sent in workload.asked(_COPIES) if sent.get("customer_number")])
    seen: list[float] = []
    idle: list[_Connection] = []
    began = time.perf_counter() + 0.2
    count = int(rate * seconds)
    tasks = []
    for index in range(count):
        due = began + index / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        watch = index % WATCHED == 0
        tasks.append(asyncio.create_task(_one(stack, token, next(bodies), due, idle, seen if watch else None)))
    done, late = await asyncio.wait(tasks, timeout=_PATIENCE)
    for task in late:
        task.cancel()
    if failed := [error for task in done if (error := task.exception()) is not None]:
        print(f"   {len(failed)} of {count} failed, the first: {failed[0]!r}", flush=True)
    if not seen:
        raise RuntimeError("nobody saw a decision")
    return seen, (count + WATCHED - 1) // WATCHED


async def _one(
    stack: ProcessStack, token: str, body: bytes, due: float, idle: "list[_Connection]", seen: list[float] | None
) -> None:
    port = stack.ports["serve", "intake"]
    reader, writer = await _connected(port, idle)
    given = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Content-Length": str(len(body))}
    writer.write(_head("POST", "/api/requests", given) + body)
    head = await reader.readuntil(b"\r\n\r\n")
    answer = await reader.readexactly(int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]))
    idle.append((time.monotonic(), reader, writer))
    if not head.startswith(b"HTTP/1.1 201"):
        raise RuntimeError(answer.decode())
    if seen is not None:
        told = json.loads(answer)
        await _decision(stack, told["number"], told["tracking_code"])
        seen.append(time.perf_counter() - due)


async def _connected(port: int, idle: "list[_Connection]") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """One that was used just now, or a new one: what lies idle for longer the server may be closing at this moment."""
    while idle:
        used_at, reader, writer = idle.pop()
        if time.monotonic() - used_at < _FRESH:
            return reader, writer
        writer.close()
    return await asyncio.open_connection("127.0.0.1", port)


async def _decision(stack: ProcessStack, number: str, code: str) -> None:
    """Returns when the request's stream tells a version beyond the acceptance's. Whoever has the code may look at once."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stack.ports["serve", "notifier"])
    writer.write(_head("GET", f"/api/requests/{number}/events", {"Tracking-Code": code}))
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        async for line in reader:
            if line.startswith(b"data:") and b'"version"' in line and json.loads(line[5:])["version"] >= 1:
                return
        raise RuntimeError(f"the stream of {number} ended before its decision")
    finally:
        writer.close()


def _head(method: str, path: str, given: Mapping[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in {"Host": "127.0.0.1", **given}.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode()


def _sustainable(stack: ProcessStack, token: str, seconds: float) -> float:
    """Requests a second through everything: as many as 64 clients get accepted, until the last is decided and shown."""
    before, began = _shown(stack), time.perf_counter()
    bodies = [orjson.dumps(sent) for sent in workload.asked(_COPIES) if sent.get("customer_number")]
    load = drive(stack.ports["serve", "intake"], token, bodies, 64, seconds / 2)
    sent = len(load.latencies)
    servers.wait_until(lambda: _shown(stack) - before >= sent, 120, "every request to be decided and shown")
    return sent / (time.perf_counter() - began)


def _shown(stack: ProcessStack) -> int:
    """How many decisions the notifier has."""
    with stack.workshops["notifier"].database.reading() as connection:
        query = select(func.count()).select_from(TIMELINE).where(TIMELINE.c.version == 1)
        return int(connection.execute(query).scalar_one())


def _token(stack: ProcessStack) -> str:
    customers = {sent["customer_number"] for sent in workload.asked(_COPIES) if sent.get("customer_number")}
    scopes = [Scope.REQUESTS_WRITE, Scope.REQUESTS_READ]
    with stack.workshops["intake"].begin(origin=str(uuid4())) as work:
        return create_token(work, name="bench", scopes=scopes, customers=sorted(customers))[1]


@contextmanager
def _running(setting: Setting) -> Iterator[ProcessStack]:
    """All seven processes, the servers and this one, which sends, on all cores."""
    postgres = setting.servers.postgres
    urls: Mapping[str, str] = {name: postgres.new_database() for name in SERVICES}
    with spread(setting.servers), tempfile.TemporaryDirectory(prefix="fixline-bench-") as folder, Mailbox() as mailbox:
        os.environ[servers.SHARED] = folder
        (Path(folder) / "owner").write_text(str(os.getpid()))
        stack = Unmailed(setting.servers.broker.bootstrap, urls, Path(folder), mailbox)
        try:
            stack.prepare()
            with stack.workshops["routing"].begin(origin=str(uuid4())) as work:
                import_rows(work, workload.contract_rows(_COPIES))
            stack.start()
            yield stack
        finally:
            stack.stop()
            del os.environ[servers.SHARED]
