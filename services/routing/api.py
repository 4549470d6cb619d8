"""Routing's addresses for programs: queues and work orders, depot returns, desks, and what can be looked up."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter
from starlette.requests import Request

from services.routing import boards, queue_steps, returns, store, waits
from services.routing.desk_api import desk_router
from services.routing.edge import (
    BENCH,
    DISPATCHERS,
    QUEUE_READERS,
    QUEUE_TOKENS,
    TECHNICIANS,
    WORK_TOKENS,
    Edge,
    IdempotencyKey,
    customers_of,
    sees_queue,
)
from services.routing.lookup_api import lookup_router
from services.routing.people import Said, person, resource
from services.routing.queues import WorkOrder
from services.routing.requests import Life
from services.routing.returns import Return
from services.routing.views import (
    AssignIn,
    CompleteIn,
    QueueContentsView,
    QueuesView,
    QueueView,
    ReturnStepIn,
    ReturnsView,
    ReturnView,
    StepIn,
    TakeIn,
    WaitIn,
    WorkOrderView,
)
from services.runtime.errors import NotFound
from services.runtime.identity.access import may
from services.runtime.identity.owners import owns, require_owner
from services.runtime.identity.principal import Principal, Staff
from services.runtime.web.bodies import json_of


def routing_api(edge: Edge) -> APIRouter:
    """Everything under `/api/` that routing answers."""
    router = APIRouter()
    _queues(router, edge)
    _work_orders(router, edge)
    _waits(router, edge)
    _returns(router, edge)
    router.include_router(desk_router(edge))
    router.include_router(lookup_router(edge))
    return router


def _queues(router: APIRouter, edge: Edge) -> None:
    @router.get("/api/queues")
    def all_queues(who: Annotated[Principal, may(QUEUE_READERS, QUEUE_TOKENS)]) -> QueuesView:
        """The queues that the caller works on, with what waits in them."""
        with edge.reading() as connection:
            depths = boards.depths(connection, customers_of(who))
        return QueuesView(queues=[QueueView.of(depth) for depth in depths if sees_queue(who, depth.queue)])

    @router.get("/api/queues/{queue}")
    def one_queue(queue: str, who: Annotated[Principal, may(QUEUE_READERS, QUEUE_TOKENS)]) -> QueueContentsView:
        """The work orders under way in a dispatch queue, soonest due first."""
        with edge.reading() as connection:
            if not sees_queue(who, queue) or not boards.exists(connection, queue):
                raise NotFound
            orders = boards.in_queue(connection, queue, customers_of(who))
        now = edge.workshop.clock.read()
        return QueueContentsView(queue=queue, work_orders=[WorkOrderView.of(order, now) for order in orders])


def _work_orders(router: APIRouter, edge: Edge) -> None:
    @router.get("/api/work-orders/{id}")
    def one(id: str, who: Annotated[Principal, may(QUEUE_READERS, QUEUE_TOKENS)]) -> WorkOrderView:  # noqa: A002  # the address says id
        with edge.reading() as connection:
            order = store.one(connection, WorkOrder, id)
            life = None if order is None else store.one(connection, Life, order.number)
        if order is None or life is None:
            raise NotFound
        require_owner(who, resource(queue=order.queue, customer_number=life.customer_number))
        return WorkOrderView.of(order, edge.workshop.clock.read())

    def step(request: Request, id_: str, name: str, who: Principal, seen: int, said: Said) -> WorkOrderView:
        with edge.unit(request) as work:
            order = queue_steps.take_step(
                work, edge.policy, edge.areas(work.connection), id_, name, person(who), seen, said
            )
            return WorkOrderView.of(order, work.now)

    def plain(name: str) -> Callable[..., WorkOrderView]:
        def endpoint(
            request: Request,
            id: str,  # noqa: A002  # the address says id
            who: Annotated[Principal, may(TECHNICIANS, DISPATCHERS, WORK_TOKENS)],
            body: Annotated[StepIn, json_of(StepIn)],
            key: IdempotencyKey = None,
        ) -> WorkOrderView:
            said = Said(occurred_at=body.occurred_at, reason=body.reason, note=body.note, key=key)
            return step(request, id, name, who, body.version, said)

        return endpoint

    for name in queue_steps.STEP_NAMES:
        if name not in ("assign", "complete"):
            router.post(f"/api/work-orders/{{id}}/{name}", name=f"work_order.{name}")(plain(name))

    @router.post("/api/work-orders/{id}/assign")
    def assign(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DISPATCHERS)],
        body: Annotated[AssignIn, json_of(AssignIn)],
        key: IdempotencyKey = None,
    ) -> WorkOrderView:
        """A dispatcher gives the job to a technician, who still has to accept it within the lease."""
        said = Said(
            reason=body.reason,
            note=body.note,
            key=key,
            technician=body.technician,
            technician_name=body.technician_name or body.technician,
        )
        return step(request, id, "assign", who, body.version, said)

    @router.post("/api/work-orders/{id}/complete")
    def complete(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Principal, may(TECHNICIANS, WORK_TOKENS)],
        body: Annotated[CompleteIn, json_of(CompleteIn)],
        key: IdempotencyKey = None,
    ) -> WorkOrderView:
        """The visit is over; what was not fixed gets a new one."""
        report = body.model_dump(mode="json", include={"fixed", "reason", "parts", "note"})
        said = Said(occurred_at=body.occurred_at, reason=body.reason, note=body.note, key=key, report=report)
        return step(request, id, "complete" if body.fixed else "leave", who, body.version, said)


def _waits(router: APIRouter, edge: Edge) -> None:
    @router.post("/api/work-orders/{id}/wait")
    def wait(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Principal, may(TECHNICIANS, DISPATCHERS)],
        body: Annotated[WaitIn, json_of(WaitIn)],
    ) -> WorkOrderView:
        """The customer must answer, or let us in, first: the response clock stands still until the visit goes on."""
        with edge.unit(request) as work:
            said = (body.version, body.what_for, body.note)
            return WorkOrderView.of(waits.visit_waits(work, edge.judge, id, person(who), *said), work.now)

    @router.post("/api/work-orders/{id}/go-on")
    def go_on(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Principal, may(TECHNICIANS, DISPATCHERS)],
        body: Annotated[TakeIn, json_of(TakeIn)],
    ) -> WorkOrderView:
        """The wait is over: the clock runs again."""
        with edge.unit(request) as work:
            return WorkOrderView.of(waits.visit_goes_on(work, edge.judge, id, person(who), body.version), work.now)


def _returns(router: APIRouter, edge: Edge) -> None:
    @router.get("/api/returns")
    def found(who: Annotated[Staff, may(BENCH)], scan: str = "") -> ReturnsView:
        """What a scan can mean; without one, what is expected at the caller's depots."""
        with edge.reading() as connection:
            if scan:
                hits = returns.scanned(connection, scan, person(who))
            else:
                waiting = returns.expected(connection, None)
                hits = [hit for hit in waiting if owns(who, resource(queue=hit.depot, customer_number=None))]
        return ReturnsView(returns=[ReturnView.of(hit) for hit in hits])

    @router.get("/api/returns/{id}")
    def one(id: str, who: Annotated[Staff, may(BENCH)]) -> ReturnView:  # noqa: A002  # the address says id
        with edge.reading() as connection:
            parcel = store.one(connection, Return, id)
        if parcel is None:
            raise NotFound
        require_owner(who, resource(queue=parcel.depot, customer_number=None))
        return ReturnView.of(parcel)

    def plain(name: str) -> Callable[..., ReturnView]:
        def endpoint(
            request: Request,
            id: str,  # noqa: A002  # the address says id
            who: Annotated[Staff, may(BENCH)],
            body: Annotated[ReturnStepIn, json_of(ReturnStepIn)],
            key: IdempotencyKey = None,
        ) -> ReturnView:
            said = Said(reason=body.reason, note=body.note, key=key)
            with edge.unit(request) as work:
                areas = edge.areas(work.connection)
                return ReturnView.of(
                    returns.take_step(work, edge.policy, areas, id, name, person(who), body.version, said)
                )

        return endpoint

    for name in returns.STEP_NAMES:
        router.post(f"/api/returns/{{id}}/{name}", name=f"return.{name}")(plain(name))
