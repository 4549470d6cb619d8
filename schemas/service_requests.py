"""Topic ``service-requests``: what intake accepted and what customers later asked, one ``sequence`` a request."""

from typing import ClassVar, Literal

from pydantic import Field

from schemas.message import Instant, Message, Part
from schemas.request import ServiceRequest
from schemas.vocabulary import Channel

TOPIC = "service-requests"


class Submitter(Part):
    """Who asked, as the server knows it. ``customer_number`` is what the submitter proved to act for, if anything."""

    type: Literal["anonymous", "customer", "staff", "token", "request"]
    id: str | None = None
    customer_number: str | None = None


class RequestMessage(Message):
    """What all messages of this topic carry."""

    TOPIC: ClassVar[str] = TOPIC

    number: str = Field(pattern=r"^[1-9][0-9]{11}$")
    sequence: int = Field(ge=0)
    submitter: Submitter
    channel: Channel

    @property
    def key(self) -> str:
        return self.number

    @property
    def subject(self) -> str:
        return self.number

    @property
    def ordinal(self) -> int:
        return self.sequence


class RequestAccepted(RequestMessage):
    """A request has its number: from here on it is never lost. Version 0 of the request, in intake's hand."""

    TYPE: ClassVar[str] = "request.accepted"

    received_at: Instant
    request: ServiceRequest


class Command(RequestMessage):
    """What a customer asks about a request; routing answers with the next version or a refusal naming ``command_id``."""

    command_id: str
    asked_at: Instant


class RequestAmended(Command):
    """The missing fields. Only what is given changes; the decision is made again as of the original ``received_at``."""

    TYPE: ClassVar[str] = "request.amended"

    changes: ServiceRequest


class CancelRequested(Command):
    TYPE: ClassVar[str] = "request.cancel-requested"

    reason: str | None = None


class ReopenRequested(Command):
    TYPE: ClassVar[str] = "request.reopen-requested"

    reason: str | None = None


MESSAGES: tuple[type[RequestMessage], ...] = (RequestAccepted, RequestAmended, CancelRequested, ReopenRequested)
