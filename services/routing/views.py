"""What programs are answered: work orders, queues, returns and cases as JSON."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.message import Instant
from schemas.request import Code, Identifier, InvalidRequest, RequestNumber, SiteId, parse_request
from schemas.vocabulary import ContractKind, Desk, Kind, ReturnState, ServiceLevel, Undone, WaitsFor, WorkOrderState
from services.routing.boards import Depth
from services.routing.desks import Case
from services.routing.entered import Coverage
from services.routing.queues import WorkOrder
from services.routing.redecide import Second
from services.routing.requests import Life
from services.routing.returns import Return
from services.routing.reviews import Review
from services.runtime.errors import Fault, Invalid

Text = Annotated[str, Field(max_length=2000)]
Reason = Annotated[str, Field(min_length=1, max_length=200)]
Version = Annotated[int, Field(strict=True, ge=1)]
Username = Annotated[str, Field(min_length=1, max_length=100)]


class In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StepIn(In):
    """A step on what the caller saw at `version`; `occurred_at` is the device's time, if it was offline."""

    version: Version
    occurred_at: Instant | None = None
    reason: Reason | None = None
    note: Text | None = None


class AssignIn(StepIn):
    technician: Username
    technician_name: Username | None = None


class PartUsed(In):
    number: Annotated[str, Field(min_length=1, max_length=64)]
    quantity: Annotated[int, Field(ge=1, le=999)] = 1


class CompleteIn(StepIn):
    """The end of a visit; not fixed needs a reason, and a new visit follows."""

    fixed: bool
    parts: Annotated[tuple[PartUsed, ...], Field(max_length=50)] = ()


class ReturnStepIn(In):
    version: Version | None = None
    reason: Reason | None = None
    note: Text | None = None


class TakeIn(In):
    version: Version


class NoteIn(TakeIn):
    text: Annotated[str, Field(min_length=1, max_length=2000)]


class WaitIn(TakeIn):
    """What the work waits for; `note` is what the customer reads, the question say."""

    what_for: WaitsFor = WaitsFor.CUSTOMER
    note: Annotated[str, Field(min_length=1, max_length=2000)]


class CloseIn(TakeIn):
    """`answer` is what the customer reads."""

    ending: Literal["resolved", "rejected"]
    reason: Reason
    answer: Text | None = None


class HandOverIn(TakeIn):
    desk: Desk
    reason: Reason


class CorrectIn(TakeIn):
    said: Literal["hardware", "software"]
    note: Text = ""


class AskIn(TakeIn):
    fields: Annotated[tuple[str, ...], Field(min_length=1, max_length=10)]
    note: Text = ""


class CoverageIn(In):
    """A contract that covers one machine, as its papers say; what is left out is as the data say.

    Machine type and serial default to the request's. `start_date` and `end_date` are the contract's own window,
    `coverage_start` and `coverage_end` the machine's on it.
    """

    contract_number: Identifier
    machine_type: Code = None
    serial: Code = None
    contract_kind: ContractKind | None = None
    start_date: date | None = None
    end_date: date | None = None
    service_level: ServiceLevel | None = None
    coverage_start: date | None = None
    coverage_end: date | None = None
    site_id: SiteId = None

    def entered(self) -> Coverage:
        if self.contract_number is None:
            raise Invalid([Fault("coverage.contract_number", "required")])
        given = self.model_dump(exclude={"contract_number", "machine_type", "serial"})
        return Coverage(
            contract_number=self.contract_number,
            machine_type=self.machine_type or "",
            serial=self.serial or "",
            **given,
        )


class RedecideIn(TakeIn):
    """The case as the caller saw it, why, and what is entered against the data (`services/routing/reviews.py`).

    `number`: the original request, where the review does not name it. `changes`: fields of the original request as they
    should have been (`{"machine": {"serial": "…"}, "contract_number": "…"}`). `answer` is what the customer of a review
    reads.
    """

    reason: Reason
    number: RequestNumber = None
    changes: dict[str, Any] | None = None
    coverage: CoverageIn | None = None
    answer: Text | None = None

    def review(self) -> Review:
        changes = None
        if self.changes is not None:
            try:
                changes = parse_request({"kind": Kind.REPAIR.value, **self.changes})
            except InvalidRequest as error:
                raise Invalid([Fault(f"changes.{wrong.path}", wrong.code) for wrong in error.errors]) from error
        covers = None if self.coverage is None else self.coverage.entered()
        return Review(self.reason, self.number, changes, covers, self.answer)


class SecondView(BaseModel):
    """Both decisions on a request. `index`: the second's. `undone`: what is taken back. `stuck`: why it cannot be now."""

    number: str
    index: int
    same: bool
    first: dict[str, Any]
    second: dict[str, Any]
    undone: list[Undone]
    stuck: str | None

    @classmethod
    def of(cls, second: Second) -> "SecondView":
        return cls.model_validate(second.to_json())


class ElsesIn(TakeIn):
    note: Text = ""


class MachineView(BaseModel):
    type: str
    serial: str


class WorkOrderView(BaseModel):
    """A work order. `free`: anybody of the queue may take it now."""

    id: str
    number: str
    visit: int
    version: int
    queue: str
    status: WorkOrderState
    free: bool
    technician: str | None
    technician_name: str | None
    lease_until: Instant | None
    priority: int
    service_level: ServiceLevel
    respond_by: Instant | None
    machine: MachineView
    place: dict[str, Any]
    opened_at: Instant
    happened_at: Instant
    done_at: Instant | None
    report: dict[str, Any] | None

    @classmethod
    def of(cls, order: WorkOrder, now: datetime) -> "WorkOrderView":
        return cls(
            id=order.id,
            number=order.number,
            visit=order.visit,
            version=order.version,
            queue=order.queue,
            status=order.status,
            free=order.free_at(now),
            technician=order.technician,
            technician_name=order.technician_name,
            lease_until=order.lease_until,
            priority=order.priority,
            service_level=order.service_level,
            respond_by=order.respond_by,
            machine=MachineView(type=order.machine_type, serial=order.serial),
            place=dict(order.place),
            opened_at=order.opened_at,
            happened_at=order.happened_at,
            done_at=order.done_at,
            report=None if order.report is None else dict(order.report),
        )


class QueueView(BaseModel):
    queue: str
    kind: Literal["dispatch", "desk"]
    open: int
    oldest_at: Instant | None
    next_due: Instant | None

    @classmethod
    def of(cls, depth: Depth) -> "QueueView":
        return cls(
            queue=depth.queue, kind=depth.kind, open=depth.open, oldest_at=depth.oldest_at, next_due=depth.next_due
        )


class QueuesView(BaseModel):
    queues: list[QueueView]


class QueueContentsView(BaseModel):
    queue: str
    work_orders: list[WorkOrderView]


class ReturnView(BaseModel):
    id: str
    number: str
    version: int
    depot: str
    address: dict[str, Any]
    status: ReturnState
    machine: MachineView
    issued_at: Instant
    received_at: Instant | None
    done_at: Instant | None

    @classmethod
    def of(cls, parcel: Return) -> "ReturnView":
        return cls(
            id=parcel.id,
            number=parcel.number,
            version=parcel.version,
            depot=parcel.depot,
            address=dict(parcel.address),
            status=parcel.status,
            machine=MachineView(type=parcel.machine_type, serial=parcel.serial),
            issued_at=parcel.issued_at,
            received_at=parcel.received_at,
            done_at=parcel.done_at,
        )


class ReturnsView(BaseModel):
    returns: list[ReturnView]


class CaseView(BaseModel):
    id: str
    number: str
    version: int
    desk: Desk
    decision: int
    priority: int
    respond_by: Instant | None
    taken_by: str | None
    taken_name: str | None
    opened_at: Instant
    closed_at: Instant | None
    closed_as: str | None

    @classmethod
    def of(cls, case: Case) -> "CaseView":
        return cls(
            id=case.id,
            number=case.number,
            version=case.version,
            desk=case.desk,
            decision=case.decision,
            priority=case.priority,
            respond_by=case.respond_by,
            taken_by=case.taken_by,
            taken_name=case.taken_name,
            opened_at=case.opened_at,
            closed_at=case.closed_at,
            closed_as=case.closed_as,
        )


class CasesView(BaseModel):
    desk: Desk
    cases: list[CaseView]


class OpenRequestView(BaseModel):
    """A request that is not over, as an agent on the telephone sees it."""

    number: str
    kind: str
    status: str
    milestone: str
    device: str | None
    respond_by: Instant | None
    received_at: Instant

    @classmethod
    def of(cls, life: Life) -> "OpenRequestView":
        return cls(
            number=life.number,
            kind=life.kind,
            status=life.status,
            milestone=life.milestone,
            device=life.device,
            respond_by=life.respond_by if life.clock_runs else None,
            received_at=life.received_at,
        )
