"""Pages of those who go: the technician's jobs, the dispatcher's queue. They work without scripts; with them they live."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse
from fastapi.sse import ServerSentEvent
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from schemas.request_status import CUSTOMER_ANSWERED
from schemas.vocabulary import WaitsFor, WorkOrderState
from services.routing import boards, day_strip, queue_steps, store, waits
from services.routing.decisions import HOME_ZONE
from services.routing.edge import ALL_QUEUES, DISPATCHERS, TECHNICIANS, Edge, queue_channel, sees_queue
from services.routing.people import Said, person
from services.routing.queues import WorkOrder
from services.routing.requests import Life
from services.runtime.errors import Fault, Invalid, NotFound
from services.runtime.identity.access import may
from services.runtime.identity.principal import Staff
from services.runtime.web.bodies import Form, read_form
from services.runtime.web.languages import language_of
from services.runtime.web.sse import EventStream, stream

#: The only next step of a technician, by where their job stands; finishing is a form of its own.
NEXT_STEP = {
    WorkOrderState.ASSIGNED: "accept",
    WorkOrderState.ACCEPTED: "en-route",
    WorkOrderState.EN_ROUTE: "arrive",
    WorkOrderState.ON_SITE: "complete",
}
#: How a job can be given back, by where it stands.
GIVE_BACK = {
    WorkOrderState.ASSIGNED: "decline",
    WorkOrderState.ACCEPTED: "release",
    WorkOrderState.EN_ROUTE: "release",
}
REASONS = ("too_far", "no_skill", "no_part", "no_access", "safety", "other")

HOME = ZoneInfo(HOME_ZONE)


@dataclass(frozen=True, slots=True)
class Card:
    """One job as it is shown."""

    order: WorkOrder
    zone: ZoneInfo
    life: Life | None
    history: Sequence[Life]
    next_step: str | None
    give_back: str | None
    lease: timedelta | None


def tech_pages(edge: Edge) -> APIRouter:
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    _technician(router, edge)
    _dispatcher(router, edge)
    return router


def _technician(router: APIRouter, edge: Edge) -> None:
    @router.get("/tech")
    def jobs(request: Request, who: Annotated[Staff, may(TECHNICIANS)]) -> Response:
        return _jobs(edge, request, who)

    @router.get("/tech/events")
    async def news(request: Request, who: Annotated[Staff, may(TECHNICIANS)]) -> EventStream:
        return _news(edge, request, who.queues)

    @router.post("/tech/work-orders/{id}/{step}")
    def take_step(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        step: str,
        who: Annotated[Staff, may(TECHNICIANS)],
        form: Annotated[Form, Depends(read_form)],
    ) -> Response:
        name = _step_named(step, form)
        try:
            said = _said(form, fixed=None if step != "complete" else name == "complete")
            with edge.unit(request) as work:
                areas = edge.areas(work.connection)
                queue_steps.take_step(work, edge.policy, areas, id, name, person(who), _version(form), said)
        except Invalid as wrong:
            return _jobs(edge, request, who, wrong.faults, id)
        return RedirectResponse("/tech", 303)


def _dispatcher(router: APIRouter, edge: Edge) -> None:
    @router.get("/desk/dispatch/{queue}")
    def board(request: Request, queue: str, who: Annotated[Staff, may(DISPATCHERS)]) -> Response:
        return _board(edge, request, queue, who)

    @router.get("/desk/dispatch/{queue}/events")
    async def news(request: Request, queue: str, who: Annotated[Staff, may(DISPATCHERS)]) -> EventStream:
        return _news(edge, request, [queue])

    @router.post("/desk/dispatch/{queue}/{id}/{step}")
    def take_step(
        request: Request,
        queue: str,
        id: str,  # noqa: A002  # the address says id
        step: str,
        who: Annotated[Staff, may(DISPATCHERS)],
        form: Annotated[Form, Depends(read_form)],
    ) -> Response:
        if step in ("wait", "go-on"):
            return _wait(edge, request, queue, id, who, form, step)
        if step not in ("assign", "withdraw"):
            raise NotFound
        chosen = form.text("other_technician") or form.text("technician")
        if step == "assign" and not chosen:
            return _board(edge, request, queue, who, [Fault("technician", "required")], id)
        try:
            with edge.unit(request) as work:
                areas = edge.areas(work.connection)
                known = dict(boards.technicians(work.connection, queue, work.now))
                said = Said(
                    reason=form.text("reason") or None, technician=chosen or None, technician_name=known.get(chosen)
                )
                queue_steps.take_step(work, edge.policy, areas, id, step, person(who), _version(form), said)
        except Invalid as wrong:
            return _board(edge, request, queue, who, wrong.faults, id)
        return RedirectResponse(f"/desk/dispatch/{queue}", 303)


def _wait(edge: Edge, request: Request, queue: str, id_: str, who: Staff, form: Form, step: str) -> Response:
    """The dispatcher has a visit wait for the customer, or go on."""
    try:
        with edge.unit(request) as work:
            if step == "go-on":
                waits.visit_goes_on(work, edge.judge, id_, person(who), _version(form))
            else:
                what_for = WaitsFor.CUSTOMER if form.text("what_for") == "customer" else WaitsFor.SITE_ACCESS
                said = (_version(form), what_for, form.text("note")[:2000])
                waits.visit_waits(work, edge.judge, id_, person(who), *said)
    except Invalid as wrong:
        return _board(edge, request, queue, who, wrong.faults, id_)
    return RedirectResponse(f"/desk/dispatch/{queue}", 303)


def _jobs(edge: Edge, request: Request, who: Staff, faults: Sequence[Fault] = (), failed: str = "") -> Response:
    now = edge.workshop.clock.read()
    with edge.reading() as connection:
        board = boards.for_technician(connection, who.username, who.queues, now)
        version = boards.last_change(connection, who.queues)
        lives = store.by_keys(connection, Life, [order.number for order in (*board.mine, *board.open, *board.done)])
        mine = [_card(order, lives, now, boards.device_history(connection, order)) for order in board.mine]
        answers = _answers(connection, board.mine)
    everywhere = edge.pages.words.say("tech.all_queues", language_of(request))
    return edge.pages.render(
        request,
        "tech.html",
        status=422 if faults else 200,
        faults=faults,
        failed=failed,
        live=edge.pages.live("/tech/events", language_of(request), HOME),
        version=version,
        zone=HOME,
        mine=mine,
        answers=answers,
        free=[_card(order, lives, now, ()) for order in board.open],
        done=[_card(order, lives, now, ()) for order in board.done],
        queues=everywhere if "*" in who.queues else ", ".join(sorted(who.queues)),
        reasons=REASONS,
    )


def _board(
    edge: Edge, request: Request, queue: str, who: Staff, faults: Sequence[Fault] = (), failed: str = ""
) -> Response:
    now = edge.workshop.clock.read()
    with edge.reading() as connection:
        if not sees_queue(who, queue) or not boards.exists(connection, queue):
            raise NotFound
        orders = boards.in_queue(connection, queue)
        lives = store.by_keys(connection, Life, [order.number for order in orders])
        technicians = boards.technicians(connection, queue, now)
        version = boards.last_change(connection, [queue])
        doubted = _doubted(connection, orders)
        answers = _answers(connection, orders)
    return edge.pages.render(
        request,
        "dispatch.html",
        status=422 if faults else 200,
        faults=faults,
        failed=failed,
        live=edge.pages.live(f"/desk/dispatch/{queue}/events", language_of(request), HOME),
        version=version,
        zone=HOME,
        queue=queue,
        cards=[_card(order, lives, now, ()) for order in orders],
        technicians=technicians,
        strips=day_strip.strips(orders, technicians, now),
        late=[order for order in orders if _is_late(order, now)],
        soon=[order for order in orders if order.priority >= 75 and order.respond_by and not _is_late(order, now)],
        next_due=min((order.respond_by for order in orders if order.respond_by is not None), default=None),
        unassigned=sum(order.free_at(now) for order in orders),
        doubted=doubted,
        answers=answers,
    )


def _is_late(order: WorkOrder, now: datetime) -> bool:
    return order.respond_by is not None and order.respond_by < now


def _news(edge: Edge, request: Request, names: Collection[str]) -> EventStream:
    """A change whenever something moves in one of these queues."""
    language = language_of(request)
    channel = queue_channel(next(iter(names))) if len(names) == 1 and "*" not in names else ALL_QUEUES

    def read(after: str | None) -> Sequence[ServerSentEvent]:
        with edge.reading() as connection:
            version = boards.last_change(connection, names)
        if after is not None and after.isdigit() and version <= int(after):
            return ()
        return [ServerSentEvent(event="change", id=str(version), data={"version": version})]

    return stream(request, edge.signals, channel, read, beat=lambda: {"paused": edge.pages.quiet(language, HOME)})


def _card(order: WorkOrder, lives: dict[str, Life], now: datetime, history: Sequence[Life]) -> Card:
    leased = order.status is WorkOrderState.ASSIGNED and order.lease_until is not None
    return Card(
        order=order,
        zone=ZoneInfo(order.place["timezone"]),
        life=lives.get(order.number),
        history=history,
        next_step=NEXT_STEP.get(order.status),
        give_back=GIVE_BACK.get(order.status),
        lease=order.lease_until - now if leased and order.lease_until is not None else None,
    )


def _answers(connection: Connection, orders: Sequence[WorkOrder]) -> dict[str, str]:
    """By work order, what the customer answered last to a question of ours."""
    steps = store.steps_of(connection, [order.number for order in orders])
    return {step["subject"]: step["note"] for step in steps if step["reason"] == CUSTOMER_ANSWERED and step["note"]}


def _doubted(connection: Connection, orders: Sequence[WorkOrder]) -> dict[str, datetime]:
    """By work order, the last time that a device said and that we did not believe."""
    steps = store.steps_of(connection, [order.number for order in orders])
    return {step["subject"]: step["claimed_at"] for step in steps if step["claimed_at"] is not None}


def _step_named(step: str, form: Form) -> str:
    if step not in queue_steps.STEP_NAMES or step in ("assign", "withdraw"):
        raise NotFound
    return "leave" if step == "complete" and form.text("fixed") == "no" else step


def _said(form: Form, *, fixed: bool | None) -> Said:
    """What a form says along with a step. Raises `Invalid` where finishing does not say whether it is fixed."""
    if fixed is not None and form.text("fixed") not in ("yes", "no"):
        raise Invalid([Fault("fixed", "required")])
    reason, note = form.text("reason") or None, form.text("note")[:2000] or None
    report: dict[str, Any] | None = None
    if fixed is not None:
        report = {"fixed": fixed, "reason": reason, "parts": _parts(form.text("parts")), "note": note}
    return Said(reason=reason, note=note, report=report)


def _parts(lines: str) -> list[dict[str, Any]]:
    """One part a line: its number, then how many."""
    parts = []
    for line in lines.splitlines()[:50]:
        words = line.split()
        if words:
            count = int(words[-1]) if len(words) > 1 and words[-1].isdigit() and len(words[-1]) < 4 else 1
            number = " ".join(words[:-1] if len(words) > 1 and words[-1].isdigit() else words)
            parts.append({"number": number[:64], "quantity": max(1, count)})
    return parts


def _version(form: Form) -> int:
    given = form.text("version")
    if not given.isdigit() or len(given) > 9:
        raise Invalid([Fault("version", "not_a_whole_number")])
    return int(given)
