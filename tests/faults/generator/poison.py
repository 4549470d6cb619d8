"""Poison: records that no consumer can ever apply, put straight onto the topics; their bytes are in the ledger."""

import asyncio
import base64
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import structlog
from kafka import KafkaProducer  # type: ignore[import-untyped]  # kafka-python ships no types
from kafka.errors import KafkaError  # type: ignore[import-untyped]  # kafka-python ships no types

from schemas import request_status, service_requests
from schemas.envelope import Envelope, encode
from tests.faults.generator.bodies import Bodies
from tests.faults.generator.calls import Caller, pause
from tests.faults.ledger import CALL, OK, UNKNOWN

logger = structlog.get_logger(__name__)

#: One for so many acknowledged requests: far below the share at which a consumer halts for a person.
EVERY: Final = 100
_TOPICS: Final = (service_requests.TOPIC, service_requests.TOPIC, request_status.TOPIC)


@dataclass
class Poisoner:
    """Keeps pace with what is acknowledged."""

    caller: Caller
    bodies: Bodies
    bootstrap: str
    stopping: asyncio.Event
    _put: int = 0
    _producer: Any = None
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="poison"))

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while not self.stopping.is_set():
            if len(self.caller.numbers) < (self._put + 1) * EVERY:
                await pause(0.2, self.stopping)
                continue
            self._put += 1
            await self._one(loop)
        await loop.run_in_executor(self._pool, self._close)
        self._pool.shutdown()

    async def _one(self, loop: asyncio.AbstractEventLoop) -> None:
        topic, key, headers, value = self._record()
        line = {
            "id": f"{self.bodies.client}-{self._put}",
            "client": self.bodies.client,
            "op": "poison",
            "topic": topic,
            "key": None if key is None else text(key),
            "headers": [[name, text(content)] for name, content in headers],
            "value": text(value),
        }
        await self.caller.ledger.write({**line, "phase": CALL})
        found = await loop.run_in_executor(self._pool, self._send, topic, key, headers, value)
        phase = UNKNOWN if found is None else OK
        await self.caller.ledger.write({**line, "phase": phase, "answer": found})
        if phase == OK:
            self.caller.tally.add("poison")

    def _record(self) -> tuple[str, bytes | None, Sequence[tuple[str, bytes]], bytes]:
        """Undecodable, an envelope that is none, or a body that is not what its type says. Its mark is in the value."""
        random = self.bodies.random
        topic = random.choice(_TOPICS)
        mark = f"poison-{self.bodies.seed}-{self._put}"
        kind = random.randrange(4)
        good = encode(
            Envelope(
                id=str(UUID(int=random.getrandbits(128), version=4)),
                type="request.accepted" if topic == service_requests.TOPIC else "request.status-changed",
                source="/fixline/nobody",
                subject=mark,
                time=datetime.now(UTC),
                correlation_id=mark,
                causation_id=None,
                ordinal=0,
            ),
            counter="sequence" if topic == service_requests.TOPIC else "version",
        )
        match kind:
            case 0:
                return topic, None, [("colour", b"\xff\xfe")], b"\x00\xff" + mark.encode() + random.randbytes(40)
            case 1:
                wrong = [(name, b"0.3" if name == "ce_specversion" else value) for name, value in good]
                return topic, mark.encode(), wrong, f'{{"mark": "{mark}"}}'.encode()
            case 2:
                wrong = [(name, b"request.never-heard-of" if name == "ce_type" else value) for name, value in good]
                return topic, mark.encode(), wrong, f'{{"mark": "{mark}"}}'.encode()
            case _:
                return topic, mark.encode(), good, f'{{"number": broken {mark}'.encode()

    def _send(
        self, topic: str, key: bytes | None, headers: Sequence[tuple[str, bytes]], value: bytes
    ) -> dict[str, int] | None:
        """Where it lies; None: not known."""
        for _ in range(30):
            try:
                if self._producer is None:
                    self._producer = KafkaProducer(
                        bootstrap_servers=self.bootstrap, acks="all", enable_idempotence=True, max_block_ms=20_000
                    )
                sent = self._producer.send(topic, key=key, value=value, headers=list(headers))
            except KafkaError as error:  # the broker is away: nothing was sent
                logger.info("poison.away", error=type(error).__name__)
                continue
            try:
                found = sent.get(timeout=150)
            except KafkaError:
                self._close()
                return None
            return {"partition": found.partition, "offset": found.offset}
        return None

    def _close(self) -> None:
        if self._producer is not None:
            self._producer.close(timeout=10)
            self._producer = None


def text(content: bytes) -> str:
    """Base64, as all bytes in the folder."""
    return base64.b64encode(content).decode()
