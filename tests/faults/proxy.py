"""A TCP proxy on loopback that cuts, slows and silences connections: what a bad network does between a process and a server.

    with Proxy({"kafka": 19092, "intake": 5432}) as proxy:
        proxy.ports["kafka"]                                   connect here instead
        proxy.set("kafka", "cut"); …; proxy.set("kafka", "pass")

It runs in a process of its own, so that it is no slower for what else the campaign does.

- ``pass``: all goes through.
- ``cut``: every connection is reset, and every new one.
- ``slow``: each piece waits `seconds` before it goes on.
- ``silent``: what is sent on the connections of this moment is swallowed, both ways, and nobody is told: half-open. New
  ones work. When the mode ends they are reset, as a router does that has forgotten them.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from tests.servers import ROOT, free_port

MODES: Final = ("pass", "cut", "slow", "silent")
_PIECE: Final = 256 * 1024


class Proxy:
    """The process, and its orders. ``targets``: by name, the port to pass connections on to."""

    def __init__(self, targets: Mapping[str, int], ports: Mapping[str, int] | None = None) -> None:
        self.ports = dict(ports or {name: free_port() for name in targets})
        self._told = json.dumps([[name, self.ports[name], port] for name, port in targets.items()])
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.proxy", self._told],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n", "the proxy did not start"
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()  # by which it ends, also when we are killed
        self._process.wait(timeout=10)

    def set(self, name: str, mode: str, seconds: float = 0.0) -> None:
        """Returns when it is so."""
        assert mode in MODES, mode
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, mode, seconds]) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n", "the proxy is gone"


@dataclass
class _Line:
    """One address that is passed on."""

    port: int
    target: int
    mode: str = "pass"
    seconds: float = 0.0
    pairs: "set[_Pair]" = field(default_factory=set)

    def set(self, mode: str, seconds: float) -> None:
        self.mode, self.seconds = mode, seconds
        for pair in list(self.pairs):
            if pair.silent or mode == "cut":
                pair.reset()
            elif mode == "silent":
                pair.silent = True

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pair = _Pair(self, writer)
        if self.mode == "cut":
            pair.reset()
            return
        try:
            there_reader, pair.there = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            pair.reset()
            return
        self.pairs.add(pair)
        try:
            await asyncio.gather(pair.pump(reader, pair.there), pair.pump(there_reader, writer))
        except OSError:
            pair.reset()
        finally:
            self.pairs.discard(pair)
            for one in (writer, pair.there):
                one.close()


@dataclass(eq=False)
class _Pair:
    """A client's connection and ours to the server."""

    line: _Line
    here: asyncio.StreamWriter
    there: asyncio.StreamWriter | None = None
    silent: bool = False

    async def pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while piece := await source.read(_PIECE):
            if self.line.mode == "slow":
                await asyncio.sleep(self.line.seconds)
            if not self.silent:
                sink.write(piece)
                await sink.drain()
        if not self.silent:
            sink.write_eof()

    def reset(self) -> None:
        """RST, not FIN: nobody says goodbye."""
        for writer in (self.here, self.there):
            if writer is not None:
                with suppress(OSError):
                    linger = writer.get_extra_info("socket")
                    linger.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                writer.transport.abort()


async def _serve(lines: dict[str, _Line]) -> None:
    for line in lines.values():
        await asyncio.start_server(line.take, "127.0.0.1", line.port)
    orders = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    _say("ready")
    while order := await orders.readline():
        name, mode, seconds = json.loads(order)
        lines[name].set(mode, seconds)
        _say("done")
    os._exit(0)  # whatever is still open is reset


def _say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve({name: _Line(port, target) for name, port, target in json.loads(sys.argv[1])}))
