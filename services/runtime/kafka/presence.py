"""Before a worker starts: does the broker answer, and are its topics there?

Faust would start without them and wait in silence. By aiokafka, which Faust has loaded already: a restart should be short.
"""

import asyncio
import time
from collections.abc import Sequence

import structlog
from aiokafka.client import AIOKafkaClient  # type: ignore[import-untyped]  # aiokafka ships no types
from aiokafka.errors import KafkaError  # type: ignore[import-untyped]  # as above

logger = structlog.get_logger(__name__)


class BrokerAway(Exception):
    """No broker answers."""


class TopicsDiffer(Exception):
    """The topics are not as they must be, and only a person can mend it; the message says how."""


def await_topics(bootstrap: str, names: Sequence[str], *, patience: float) -> None:
    """Return when the broker answers and has these topics. Raises `BrokerAway` or `TopicsDiffer` after ``patience`` seconds."""
    loop = asyncio.new_event_loop()  # not asyncio.run: it would leave this thread without a loop for Faust
    try:
        loop.run_until_complete(_await_topics(bootstrap, names, time.monotonic() + patience))
    finally:
        loop.close()


async def _await_topics(bootstrap: str, names: Sequence[str], give_up_at: float) -> None:
    while True:
        try:
            there = await _topics(bootstrap)
        except (KafkaError, OSError) as error:
            problem: Exception = BrokerAway(f"no Kafka broker answers at {bootstrap}: {error}")
        else:
            missing = [name for name in names if name not in there]
            if not missing:
                return
            problem = TopicsDiffer(f"{', '.join(missing)}: no such topic; run `fixline topics apply`")
        if time.monotonic() >= give_up_at:
            raise problem
        logger.info("kafka.awaited", reason=str(problem))
        await asyncio.sleep(1)


async def _topics(bootstrap: str) -> set[str]:
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=5000)
    try:
        await client.bootstrap()
        metadata = await client.fetch_all_metadata()
        return set(metadata.topics())
    finally:
        await client.close()
