"""Records as a log hands them over, and events as handlers get them; the same for Kafka and the embedded log."""

from typing import Generic, NamedTuple, TypeVar

from schemas.envelope import Envelope, Headers
from schemas.message import Message

M_co = TypeVar("M_co", bound=Message, covariant=True)


class Record(NamedTuple):
    """Raw bytes and where they lay. On the embedded log the partition is 0 and the offset is the outbox id."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: Headers
    value: bytes | None


class Event(NamedTuple, Generic[M_co]):
    """A decoded record. ``behind`` names the types that wait behind it for the same key, in the same unit of work."""

    envelope: Envelope
    key: str
    data: M_co
    record: Record
    behind: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.envelope.id
