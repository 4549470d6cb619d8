"""What all event bodies have in common."""

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


#: An instant: any offset in, UTC with ``Z`` out: pydantic writes UTC as `schemas.envelope.instant` does.
Instant = Annotated[AwareDatetime, AfterValidator(_utc)]


class Part(BaseModel):
    """A value inside a message. Unknown fields are refused: a producer ahead of its consumers is found at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Message(Part, ABC):
    """An event's body, which knows its type and its place in the order of its key and subject."""

    TYPE: ClassVar[str]
    TOPIC: ClassVar[str]

    @property
    @abstractmethod
    def key(self) -> str:
        """The Kafka key: events of one key keep their order."""

    @property
    @abstractmethod
    def subject(self) -> str:
        """What the event is about: a request number or a work-order id."""

    @property
    @abstractmethod
    def ordinal(self) -> int:
        """The count per subject: intake's ``sequence``, routing's ``version``."""
