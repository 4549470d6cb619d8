"""The notifier's programs' edge: a request's standing and its stream."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.sse import ServerSentEvent
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from schemas.vocabulary import Scope
from services.notifier.showing import Shown, find, shown
from services.notifier.timeline import lines_after
from services.notifier.view import HOME, as_json
from services.runtime.errors import NotFound
from services.runtime.identity.access import CUSTOMER, ONE_REQUEST, STAFF, may, token
from services.runtime.identity.codes import request_number
from services.runtime.identity.owners import require_owner
from services.runtime.identity.principal import Principal, Resource
from services.runtime.web.languages import language_of
from services.runtime.web.pages import Pages
from services.runtime.web.signal import Signals
from services.runtime.web.sse import EventStream, stream
from services.runtime.work import Workshop

WHO_MAY_SEE = (CUSTOMER, ONE_REQUEST, STAFF, token(Scope.REQUESTS_READ))


@dataclass(frozen=True)
class Timelines:
    """The read side: what a caller may see of a request."""

    workshop: Workshop

    def look(self, typed: str, who: Principal) -> Shown:
        """The request, or what is known of a number whose code was right before its events came.

        Raises `NotFound` for one that is not there or another's.
        """
        number = _number(typed)
        with self.workshop.database.reading() as connection:
            row = _row(connection, number, who)
            return _unheard_of(number) if row is None else shown(connection, row, who)

    def follow(self, typed: str, who: Principal) -> str:
        """The number of a request that the caller may see. Raises `NotFound` as `look` does, and reads no timeline."""
        number = _number(typed)
        with self.workshop.database.statement() as connection:
            _row(connection, number, who)
        return number

    def after(self, number: str, event_id: str | None) -> Sequence[ServerSentEvent]:
        """The lines that came after an event id, as events of the stream."""
        seq = int(event_id) if event_id and event_id.isascii() and event_id.isdigit() else 0
        with self.workshop.database.statement() as connection:
            lines = lines_after(connection, number, min(seq, 2**31 - 1))
        return [_event(seq, version) for seq, version in lines]


def api_router(timelines: Timelines, pages: Pages, signals: Signals) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @router.get("/api/requests/{number}")
    def standing(number: str, who: Annotated[Principal, may(*WHO_MAY_SEE)]) -> dict[str, Any]:
        """Where a request stands and what has happened to it, as far as the caller may see.

        `actions` are those that this caller may ask now; somebody else may be able to ask more.
        """
        return as_json(timelines.look(number, who))

    @router.get("/api/requests/{number}/events")
    async def events(request: Request, number: str, who: Annotated[Principal, may(*WHO_MAY_SEE)]) -> EventStream:
        """Server-sent events: one `change` a line of the timeline. Resumes after `Last-Event-ID`."""
        followed = await run_in_threadpool(timelines.follow, number, who)
        words = language_of(request)

        def read(event_id: str | None) -> Sequence[ServerSentEvent]:
            return timelines.after(followed, event_id)

        def beat() -> Mapping[str, object]:
            return {"paused": pages.quiet(words, HOME)}

        return stream(request, signals, f"request:{followed}", read, beat=beat)

    return router


def _number(typed: str) -> str:
    number = request_number(typed)
    if number is None:
        raise NotFound
    return number


def _row(connection: Connection, number: str, who: Principal) -> Mapping[str, Any] | None:
    """The row of a request that this caller may see; None: nothing of it has come. Raises `NotFound` for another's."""
    found = find(connection, number)
    require_owner(who, Resource(number=number) if found is None else found[0])
    return None if found is None else found[1]


def _event(seq: int, version: int) -> ServerSentEvent:
    return ServerSentEvent(event="change", id=str(seq), data={"version": version, "seq": seq})


def _unheard_of(number: str) -> Shown:
    return Shown(number=number, version=0, seq=0, full=False, accepted=None, latest=None, decision=None, lines=())
