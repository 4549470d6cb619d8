"""Topic ``dispatch``: technicians' work orders, keyed by queue. Order holds per work order, through ``version``."""

from typing import ClassVar

from pydantic import Field

from schemas.message import Instant, Message, Part
from schemas.vocabulary import ServiceLevel, WorkOrderState

TOPIC = "dispatch"


class Place(Part):
    """Where the technician goes."""

    site_id: str
    line1: str
    city: str
    postal_code: str | None
    country: str
    timezone: str


class WorkOrderMessage(Message):
    """A work order after a step of its life; ``technician`` is a username, null while nobody holds it."""

    TOPIC: ClassVar[str] = TOPIC

    work_order: str
    version: int = Field(ge=1)
    number: str = Field(pattern=r"^[1-9][0-9]{11}$")
    queue: str
    occurred_at: Instant
    technician: str | None = None
    reason: str | None = None

    @property
    def key(self) -> str:
        return self.queue

    @property
    def subject(self) -> str:
        return self.work_order

    @property
    def ordinal(self) -> int:
        return self.version


class Offered(WorkOrderMessage):
    """New in a queue."""

    TYPE: ClassVar[str] = "work-order.offered"

    service_level: ServiceLevel
    respond_by: Instant | None
    machine_type: str
    serial: str
    place: Place


class Revised(WorkOrderMessage):
    """What is promised changed, or when it is due; who holds it keeps it. ``respond_by`` null: the clock stands still."""

    TYPE: ClassVar[str] = "work-order.revised"

    status: WorkOrderState
    service_level: ServiceLevel
    respond_by: Instant | None


class Assigned(WorkOrderMessage):
    """A technician claimed it, or a dispatcher chose one; ``lease_until``: then it goes back unless accepted."""

    TYPE: ClassVar[str] = "work-order.assigned"

    lease_until: Instant


class Accepted(WorkOrderMessage):
    TYPE: ClassVar[str] = "work-order.accepted"


class Requeued(WorkOrderMessage):
    """Declined, released, or the lease ran out: open to all of the queue again."""

    TYPE: ClassVar[str] = "work-order.requeued"


class EnRoute(WorkOrderMessage):
    TYPE: ClassVar[str] = "work-order.en-route"


class OnSite(WorkOrderMessage):
    TYPE: ClassVar[str] = "work-order.on-site"


class Completed(WorkOrderMessage):
    TYPE: ClassVar[str] = "work-order.completed"


class Incomplete(WorkOrderMessage):
    """The visit ended without a repair; a new visit follows."""

    TYPE: ClassVar[str] = "work-order.incomplete"


class Withdrawn(WorkOrderMessage):
    """Cancelled before it was done: nobody needs to go."""

    TYPE: ClassVar[str] = "work-order.withdrawn"


MESSAGES: tuple[type[WorkOrderMessage], ...] = (
    Offered,
    Revised,
    Assigned,
    Accepted,
    Requeued,
    EnRoute,
    OnSite,
    Completed,
    Incomplete,
    Withdrawn,
)
