"""The topic catalogue: each topic is data, and everything that needs to know of a topic reads it here."""

from dataclasses import dataclass
from datetime import timedelta

from schemas import dispatch, request_status, service_requests
from schemas.message import Message

MAX_MESSAGE_BYTES = 900_000  # below Kafka's default topic limit of 1 MiB, headers and batch overhead included


@dataclass(frozen=True, slots=True)
class Topic:
    """``counter`` names the envelope's ordinal: ``sequence`` (intake's) or ``version`` (routing's)."""

    name: str
    key: str
    counter: str
    producer: str
    consumers: tuple[str, ...]
    messages: tuple[type[Message], ...]
    partitions: int
    retention: timedelta


SERVICE_REQUESTS = Topic(
    name=service_requests.TOPIC,
    key="request number",
    counter="sequence",
    producer="intake",
    consumers=("routing", "notifier"),
    messages=service_requests.MESSAGES,
    partitions=8,
    retention=timedelta(days=30),
)
REQUEST_STATUS = Topic(
    name=request_status.TOPIC,
    key="request number",
    counter="version",
    producer="routing",
    consumers=("notifier",),
    messages=request_status.MESSAGES,
    partitions=8,
    retention=timedelta(days=30),
)
DISPATCH = Topic(
    name=dispatch.TOPIC,
    key="queue",
    counter="version",
    producer="routing",
    consumers=(),
    messages=dispatch.MESSAGES,
    partitions=8,
    retention=timedelta(days=30),
)
TOPICS: tuple[Topic, ...] = (SERVICE_REQUESTS, REQUEST_STATUS, DISPATCH)


_BY_NAME = {entry.name: entry for entry in TOPICS}


def topic(name: str) -> Topic:
    """The catalogue's entry. Raises `KeyError` for a topic that is not in it."""
    return _BY_NAME[name]
