"""More than can be done: hundreds of programs at once that do not wait when they are asked to, each request in the ledger.

A client costs a tenth of what it asks the service to do, so that one machine can hold both: plain HTTP/1.1 over one kept
connection each, nothing but what is needed.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from tests.faults.accounts import BULK, FLEET, Clients, fleet_machines
from tests.faults.generator.bodies import Bodies
from tests.faults.ledger import CALL, FAIL, OK, UNKNOWN, Ledger

#: Seconds until a client gives up one call.
_PATIENCE: Final = 30.0
#: Seconds that a client waits after it was turned away, whatever it was told: rude, but not a busy loop.
_RUDE: Final = 0.05
_FILE_LINES: Final = 500


@dataclass(frozen=True)
class Flood:
    """`clients`: programs at once; `files`: of these, who send bulk files."""

    intake: str
    clients: Clients
    folder: Path
    seed: int
    name: str
    many: int
    files: int
    seconds: float

    def run(self) -> "Tide":
        """In a process of its own; when it has ended, what it met."""
        context = multiprocessing.get_context("spawn")
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_flood, args=(self, theirs), name=f"flood {self.name}", daemon=True)
        process.start()
        theirs.close()
        try:
            found: Tide = mine.recv()
        finally:
            process.join(30)
        return found


@dataclass
class Tide:
    """What a flood met. `offered`: requests asked for, also the lines of files that were turned away whole."""

    seconds: float = 0.0
    offered: int = 0
    accepted: int = 0
    shed: int = 0
    unknown: int = 0
    without_retry_after: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Accepted a second."""
        return self.accepted / self.seconds

    def slowest(self, share: float) -> float:
        """Seconds within which this share of the accepted single requests was answered."""
        ordered = sorted(self.took) or [0.0]
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _flood(flood: Flood, found: Any) -> None:
    found.send(asyncio.run(_all(flood)))
    found.close()


async def _all(flood: Flood) -> Tide:
    tide, ends = Tide(), time.monotonic() + flood.seconds
    began = time.monotonic()
    with Ledger(flood.folder / "ledger.jsonl") as ledger:
        names = [f"{flood.name}.{index}" for index in range(flood.many)]
        everybody = [
            _Program(flood, ledger, tide, Bodies(flood.seed, name, fleet_machines()), ends, index < flood.files).run()
            for index, name in enumerate(names)
        ]
        await asyncio.gather(*everybody)
    tide.seconds = time.monotonic() - began
    return tide


@dataclass
class _Program:
    flood: Flood
    ledger: Ledger
    tide: Tide
    bodies: Bodies
    ends: float
    sends_files: bool
    _connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    _calls: int = 0

    async def run(self) -> None:
        while time.monotonic() < self.ends and _is_wanted():
            shed = await (self._file() if self.sends_files else self._one())
            if shed:
                await asyncio.sleep(_RUDE)
        self._hang_up()

    async def _one(self) -> bool:
        """One request; whether it was turned away."""
        body, machine = self.bodies.request()
        self.tide.offered += 1
        began = time.monotonic()
        token = self.flood.clients.tokens[machine.customer]
        status, headers, answer = await self._call("submit", "api", machine.customer, token, body, orjson.dumps(body))
        if status == 201:
            self.tide.accepted += 1
            self.tide.took.append(time.monotonic() - began)
        return self._counted(status, headers, answer, 0 if status == 201 else 1)

    async def _file(self) -> bool:
        bodies = [self.bodies.request()[0] for _ in range(_FILE_LINES)]
        self.tide.offered += len(bodies)
        content = b"".join(orjson.dumps(body) + b"\n" for body in bodies)
        token = self.flood.clients.tokens[BULK]
        status, headers, answer = await self._call("bulk", "bulk", ",".join(FLEET), token, bodies, content)
        if status != 200 or not isinstance(answer, list):
            return self._counted(status, headers, answer, len(bodies))
        done = sum(line["status"] == 201 for line in answer)
        self.tide.accepted += done
        self.tide.shed += len(answer) - done
        return False

    def _counted(self, status: int | None, headers: Mapping[str, str], answer: Any, size: int) -> bool:
        if status in (429, 503):
            self.tide.shed += size
            self.tide.without_retry_after += "retry-after" not in headers
            reason = str(answer.get("code")) if isinstance(answer, dict) else "?"
            self.tide.refused[reason] = self.tide.refused.get(reason, 0) + size
            return True
        self.tide.unknown += size if status is None or status >= 500 else 0
        return status is None

    async def _call(
        self, op: str, channel: str, acts_for: str, token: str, body: Any, content: bytes
    ) -> tuple[int | None, Mapping[str, str], Any]:
        """One call between its two lines."""
        self._calls += 1
        key = self.bodies.key()
        line = {"id": f"{self.bodies.client}-{self._calls}", "client": self.bodies.client, "op": op, "key": key}
        line |= {"channel": channel, "acts_for": acts_for}
        await self.ledger.write({**line, "phase": CALL, "body": body})
        path = "/api/requests/bulk" if op == "bulk" else "/api/requests"
        try:
            async with asyncio.timeout(_PATIENCE):
                status, headers, raw = await self._ask(path, token, key, content)
            answer = _read(raw, lines=op == "bulk" and status == 200)
        except (OSError, asyncio.IncompleteReadError, ValueError, TimeoutError):
            self._hang_up()
            status, headers, answer = None, {}, None
        phase = UNKNOWN if status is None or status >= 500 else OK if status < 400 else FAIL
        await self.ledger.write({**line, "phase": phase, "status": status, "answer": answer})
        return status, headers, answer

    async def _ask(self, path: str, token: str, key: str, content: bytes) -> tuple[int, dict[str, str], bytes]:
        reader, writer = await self._connected()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: fixline\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n"
            f"Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        writer.write(head.encode() + content)
        await writer.drain()
        status = int((await reader.readuntil(b"\r\n")).split()[1])
        headers: dict[str, str] = {}
        while (line := await reader.readuntil(b"\r\n")) != b"\r\n":
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        raw = await _body(reader, headers)
        if headers.get("connection", "").lower() == "close":
            self._hang_up()
        return status, headers, raw

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._connection is None:
            where = urlsplit(self.flood.intake)
            self._connection = await asyncio.open_connection(where.hostname, where.port)
        return self._connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection[1].close()
            self._connection = None


def _is_wanted() -> bool:
    """Whether who started it is still there."""
    parent = multiprocessing.parent_process()
    return parent is None or parent.is_alive()


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    parts = []
    while size := int(await reader.readuntil(b"\r\n"), 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readexactly(2)
    return b"".join(parts)


def _read(raw: bytes, *, lines: bool) -> Any:
    return [orjson.loads(line) for line in raw.splitlines()] if lines else orjson.loads(raw)
