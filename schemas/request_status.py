"""Topic ``request-status``: a request's life as routing decides it, gap-free ``version`` 1, 2, 3 … a request.

Every message carries the whole standing of the request after it, and all that the notifier shows or sends: it asks nobody.
"""

from typing import ClassVar, Final, Literal

from pydantic import Field

from schemas.bill import Bill
from schemas.decision import Decision
from schemas.message import Instant, Message, Part
from schemas.vocabulary import Action, Because, Channel, Kind, Language, Milestone, Role, Status, Undone, WaitsFor

TOPIC = "request-status"


class Recipient(Part):
    """Someone who is told. ``full``: the address on file, which may see contract, site and coverage dates."""

    email: str
    language: Language
    full: bool


class Visit(Part):
    """The onsite visit as far as a customer sees it."""

    work_order: str
    technician: str | None = None  # a display name, once someone has accepted


class Parcel(Part):
    """The mail-in repair as far as a customer sees it: where to send, under which return number."""

    return_number: str
    depot: str
    name: str
    line1: str
    city: str
    postal_code: str


class Waiting(Part):
    """The response clock stands still: since when, and what for."""

    since: Instant
    what_for: WaitsFor


class Standing(Part):
    """Where a request stands. ``respond_by`` is null when no clock runs; ``missing`` is empty unless information is needed.

    ``waiting``: the clock is open and stands still.
    """

    status: Status
    milestone: Milestone
    respond_by: Instant | None = None
    missing: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    visit: Visit | None = None
    parcel: Parcel | None = None
    bill: Bill | None = None
    waiting: Waiting | None = None


class StatusMessage(Message):
    """What all messages of this topic carry. ``submitter_known``: not anonymous; ``by`` is who acted, in role words."""

    TOPIC: ClassVar[str] = TOPIC

    number: str = Field(pattern=r"^[1-9][0-9]{11}$")
    version: int = Field(ge=1)
    occurred_at: Instant
    received_at: Instant
    by: Literal["customer", "system"] | Role  # in this order: looking for a role first costs an error, each time
    kind: Kind
    channel: Channel
    language: Language
    timezone: str
    customer_number: str | None
    submitter_known: bool
    external_id: str | None
    device: str | None  # "8286 210F3AT", or a product's name
    standing: Standing
    recipients: tuple[Recipient, ...]
    command_id: str | None = None

    @property
    def key(self) -> str:
        return self.number

    @property
    def subject(self) -> str:
        return self.number

    @property
    def ordinal(self) -> int:
        return self.version


class RequestDecided(StatusMessage):
    """A decision was made and stored with its evidence; ``index`` counts a request's decisions from 1.

    ``because``: it was decided again as of the same moment, by our own correction, which took back what is ``undone``.
    """

    TYPE: ClassVar[str] = "request.decided"

    index: int = Field(ge=1)
    decision: Decision
    because: Because | None = None
    undone: tuple[Undone, ...] = ()


#: The reason of a status that is only passed on the legal way to another: nobody is written to about it.
PASSING: Final = "passing"
#: The reason of a version that tells nothing but another time by which we answer.
CLOCK_MOVED: Final = "clock_moved"
#: The reason of a step that changes nothing for who waits: a technician takes a job that stands still.
STILL_WAITING: Final = "still_waiting"
#: The reason of a step that is the customer's own answer to our question; its note is theirs.
CUSTOMER_ANSWERED: Final = "customer_answered"
#: Shown, but nobody is written to.
QUIET: Final = frozenset({PASSING, CLOCK_MOVED, STILL_WAITING, CUSTOMER_ANSWERED})


class StatusChanged(StatusMessage):
    """The request moved on; ``note`` is a public remark, ``reason`` a stable code."""

    TYPE: ClassVar[str] = "request.status-changed"

    reason: str | None = None
    note: str | None = None


class ClockWarned(StatusMessage):
    """Three quarters, or all, of the promised time has gone."""

    TYPE: ClassVar[str] = "request.clock-warned"

    threshold: Literal[75, 100]


class CommandRefused(StatusMessage):
    """What the customer asked is not possible where the request stands."""

    TYPE: ClassVar[str] = "request.command-refused"

    command: Action
    reason: str


class RequestClosed(StatusMessage):
    """Final: resolved and not reopened in time."""

    TYPE: ClassVar[str] = "request.closed"


MESSAGES: tuple[type[StatusMessage], ...] = (RequestDecided, StatusChanged, ClockWarned, CommandRefused, RequestClosed)
