"""The depot bench: one field that takes a scan, and an answer that fills the screen."""

from collections.abc import Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from schemas.vocabulary import ReturnState
from services.routing import returns, store
from services.routing.edge import BENCH, Edge
from services.routing.lifecycle import DEPOT_RETURN
from services.routing.pages import HOME
from services.routing.people import NOTHING_SAID, Person, person
from services.routing.requests import Life
from services.routing.returns import Return
from services.runtime.errors import Conflict, NotFound
from services.runtime.identity.access import may
from services.runtime.identity.owners import owns
from services.runtime.identity.principal import Resource, Staff
from services.runtime.web.bodies import Form, read_form


def depot_pages(edge: Edge) -> APIRouter:
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

    @router.get("/depot")
    def bench(request: Request, who: Annotated[Staff, may(BENCH)], just: str = "") -> Response:
        """`just`: the return that was received a moment ago."""
        return _bench(edge, request, who, just=just[:100])

    @router.post("/depot")
    def scan(
        request: Request, who: Annotated[Staff, may(BENCH)], form: Annotated[Form, Depends(read_form)]
    ) -> Response:
        """What was scanned is received, if it is expected here."""
        by, typed = person(who), form.text("scan")[:300]
        with edge.reading() as connection:
            hits = returns.scanned(connection, typed, by) if typed else []
        open_ = [hit for hit in hits if not DEPOT_RETURN.final(hit.status)] or hits[:1]
        if len(open_) != 1:
            return _bench(edge, request, who, scan=typed, several=open_, status=404 if not open_ else 409)
        try:
            _take(edge, request, open_[0].id, "receive", by)
        except Conflict as moved:
            return _bench(edge, request, who, scan=typed, moved=moved, found=open_[0], status=409)
        return RedirectResponse(f"/depot?just={open_[0].id}", 303)

    @router.post("/depot/returns/{id}/{step}")
    def take_step(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        step: str,
        who: Annotated[Staff, may(BENCH)],
        form: Annotated[Form, Depends(read_form)],
    ) -> Response:
        if step not in returns.STEP_NAMES:
            raise NotFound
        seen = form.text("version")
        _take(edge, request, id, step, person(who), int(seen) if seen.isdigit() and len(seen) < 9 else None)
        return RedirectResponse("/depot", 303)

    return router


def _take(edge: Edge, request: Request, id_: str, step: str, by: Person, seen: int | None = None) -> None:
    with edge.unit(request) as work:
        returns.take_step(work, edge.policy, edge.areas(work.connection), id_, step, by, seen, NOTHING_SAID)


def _bench(
    edge: Edge,
    request: Request,
    who: Staff,
    *,
    scan: str = "",
    just: str = "",
    several: Sequence[Return] | None = None,
    moved: Conflict | None = None,
    found: Return | None = None,
    status: int = 200,
) -> Response:
    with edge.reading() as connection:
        expected = [one for one in returns.expected(connection, None) if _mine(who, one)]
        here = [one for one in returns.on_the_bench(connection) if _mine(who, one)]
        received = store.one(connection, Return, just) if just else None
        shown = [one for one in (received, found) if one is not None]
        lives = store.by_keys(connection, Life, [one.number for one in (*shown, *here)])
    if received is not None and (not _mine(who, received) or received.status is not ReturnState.RECEIVED):
        received = None
    return edge.pages.render(
        request,
        "depot.html",
        status=status,
        scan=scan,
        received=received,
        found=found,
        moved=moved,
        several=several,
        expected=expected,
        here=[(one, [event.replace("_", "-") for event in DEPOT_RETURN.events(one.status)]) for one in here],
        zones={number: ZoneInfo(life.timezone) for number, life in lives.items()},
        zone=HOME,
    )


def _mine(who: Staff, parcel: Return) -> bool:
    return owns(who, Resource(queue=parcel.depot))
