"""A closed loop of HTTP clients: each sends its next request when the last was answered. Small, so that it costs little."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle


@dataclass(frozen=True, slots=True)
class Load:
    """Latencies in seconds, sorted, of answers 201; `others` counts the rest."""

    latencies: Sequence[float]
    others: int
    seconds: float

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))] * 1000


def drive(port: int, token: str, bodies: Sequence[bytes], clients: int, seconds: float) -> Load:
    """`clients` connections for `seconds`, which are kept open."""
    return asyncio.run(_drive(port, token, bodies, clients, seconds))


async def _drive(port: int, token: str, bodies: Sequence[bytes], clients: int, seconds: float) -> Load:
    requests = cycle([_request(port, token, body) for body in bodies])
    latencies: list[float] = []
    others: list[bytes] = []
    began = time.perf_counter()
    until = began + seconds
    await asyncio.gather(*(_client(port, requests, until, latencies, others) for _ in range(clients)))
    took = time.perf_counter() - began
    if others and len(others) > len(latencies):
        raise RuntimeError(f"most answers were not 201: {others[0].decode()}")
    return Load(sorted(latencies), len(others), took)


async def _client(
    port: int, requests: Iterator[bytes], until: float, latencies: list[float], others: list[bytes]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while (sent := time.perf_counter()) < until:
        writer.write(next(requests))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        if head.startswith(b"HTTP/1.1 201"):
            latencies.append(time.perf_counter() - sent)
        else:
            others.append(head + body)
    writer.close()


def _request(port: int, token: str, body: bytes) -> bytes:
    head = (
        f"POST /api/requests HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
