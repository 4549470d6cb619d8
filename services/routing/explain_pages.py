"""One decision explained: a page for people and JSON for programs, run again on the spot, and what if it had been otherwise.

Looks only: nothing that is asked here is saved.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from schemas.decision import show_instant
from schemas.request import InvalidRequest
from schemas.vocabulary import Language, ServiceLevel
from services.routing import (
    clocks,
    evidence,
    explain,
    explain_calendar,
    explain_clock,
    explain_words,
    rerun,
    store,
    trail,
)
from services.routing.edge import Edge
from services.routing.explain_calendar import Drawing
from services.routing.requests import Life
from services.routing.rerun import Again, WhatIf
from services.routing.store import Row
from services.runtime.errors import Fault, Invalid, NotFound
from services.runtime.identity.access import STAFF, may
from services.runtime.identity.codes import request_number
from services.runtime.identity.owners import require_owner
from services.runtime.identity.principal import Principal, Resource, Staff
from services.runtime.web.languages import language_of
from services.runtime.web.problems import for_programs

_PROVINCE = re.compile(r"[A-Z0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class _Told:
    """Everything that is said of one decision."""

    life: Life
    row: Row
    evidence: Mapping[str, Any]
    zone: ZoneInfo
    events: tuple[trail.Told, ...]
    again: Again | None
    supposed: Again | None


def explain_pages(edge: Edge) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/desk/requests/{number}/decisions/{index}")
    def decision(
        request: Request,
        number: str,
        index: int,
        who: Annotated[Staff, may(STAFF)],
        province: str = "",
        level: str = "",
        at: str = "",
    ) -> Response:
        """One decision with what it was made from: a page, or JSON for who accepts that. The rest is what to suppose."""
        programs, language = for_programs(request), language_of(request)
        faults: tuple[Fault, ...] = ()
        with edge.reading() as connection:
            life, row = _found(connection, who, number, index)
            zone = ZoneInfo(life.timezone)
            try:
                supposed = _what_if(province, level, at, zone)
            except Invalid as wrong:
                if programs:
                    raise
                supposed, faults = WhatIf(), wrong.faults
            told = _told(edge, connection, life, row, zone, supposed)
        if programs:
            return JSONResponse(_as_json(edge, told, language))
        asked = {"province": province, "level": level, "at": at}
        return _page(edge, request, told, asked, faults)

    return router


def _page(edge: Edge, request: Request, told: _Told, asked: Mapping[str, str], faults: tuple[Fault, ...]) -> Response:
    language, row, life = language_of(request), told.row, told.life
    explained = _explained(edge, told, language)
    steps = explain.steps(told.evidence, language)
    return edge.pages.render(
        request,
        "explain.html",
        status=422 if faults else 200,
        faults=faults,
        life=life,
        row=row,
        zone=told.zone,
        explained=explained,
        labels={label: phrase.say(language) for label, phrase in explain_words.LABELS.items()},
        sentence=explain.result(row["decision"], language, told.zone),
        asked=steps,
        items=explain.items(told.evidence, language),
        hidden=explain.hidden(told.evidence, language),
        drawing=_drawing(edge, told, language),
        clock_lines=explain_clock.as_sum(told.evidence["clock"], language, edge.policy),
        events=told.events,
        again=told.again,
        supposed=told.supposed,
        supposed_sentence=None
        if told.supposed is None
        else explain.result(told.supposed.decision, language, told.zone),
        supposed_clock=()
        if told.supposed is None
        else explain_clock.as_sum(told.supposed.evidence["clock"], language, edge.policy),
        what_if=asked,
        levels=[level.value for level in ServiceLevel],
    )


def _found(connection: Connection, who: Principal, number: str, index: int) -> tuple[Life, Row]:
    digits = request_number(number)
    life = None if digits is None else store.one(connection, Life, digits)
    row = None if digits is None else store.decision_row(connection, digits, index)
    if life is None or row is None:
        raise NotFound
    require_owner(who, Resource(customer_number=life.customer_number, number=life.number, queue=life.queue))
    return life, row


def _told(edge: Edge, connection: Connection, life: Life, row: Row, zone: ZoneInfo, supposed: WhatIf) -> _Told:
    return _Told(
        life=life,
        row=row,
        evidence={**row["evidence"], "clock": _clock(edge, connection, life, row)},
        zone=zone,
        events=trail.told_of(connection, life.number),
        again=_again(edge, connection, life, row, WhatIf()),
        supposed=_again(edge, connection, life, row, supposed) if supposed else None,
    )


def _again(edge: Edge, connection: Connection, life: Life, row: Row, supposed: WhatIf) -> Again | None:
    """None: today's rules refuse the request itself."""
    try:
        return rerun.run_again(connection, edge.judge, life, row, supposed)
    except InvalidRequest:
        return None


def _clock(edge: Edge, connection: Connection, life: Life, row: Row) -> Mapping[str, Any] | None:
    """The clock as it was decided; of the decision in force as it has run since, pauses and all."""
    stored: Mapping[str, Any] | None = row["evidence"]["clock"]
    if row["index"] != life.decided or life.clock_started is None:
        return stored
    running = clocks.clock_from(life, edge.policy, edge.areas(connection), life.clock_started, clocks.pauses_of(life))
    return stored if running is None else evidence.clock_json(running)


def _drawing(edge: Edge, told: _Told, language: Language) -> Drawing | None:
    clock = told.evidence["clock"]
    if clock is None:
        return None
    stopped = told.life.clock_stopped if told.row["index"] == told.life.decided else None
    return explain_calendar.draw(clock, language, edge.policy, stopped=stopped)


def _explained(edge: Edge, told: _Told, language: Language) -> explain.Explanation:
    return explain.explain(told.row["decision"], told.evidence, language=language, zone=told.zone, policy=edge.policy)


def _what_if(province: str, level: str, at: str, zone: ZoneInfo) -> WhatIf:
    """What the query supposes. Raises `Invalid` for what is none of the choices."""
    faults = []
    where = province.strip().upper()
    if where and not _PROVINCE.fullmatch(where):
        faults.append(Fault("province", "wrong_form"))
    if level and level not in set(ServiceLevel):
        faults.append(Fault("level", "not_one_of", {"choices": ", ".join(ServiceLevel)}))
    moment = None
    if at:
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            faults.append(Fault("at", "not_a_moment"))
    if faults:
        raise Invalid(faults)
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return WhatIf(where or None, ServiceLevel(level) if level else None, moment)


def _as_json(edge: Edge, told: _Told, language: Language) -> dict[str, Any]:
    """A stored decision whole; of other customers' items it holds a number only."""
    row = told.row
    explained = _explained(edge, told, language)
    return {
        "number": row["number"],
        "index": row["index"],
        "decided_at": show_instant(row["decided_at"]),
        "qualified_at": show_instant(row["qualified_at"]),
        "by": row["by"],
        "cause": row["cause"],
        "generation": row["generation"],
        "because": row["because"],
        "entered": row["entered"],
        "request": row["request"],
        "decision": row["decision"],
        "evidence": row["evidence"],
        "explanation": {
            "headline": explained.headline,
            "sentence": explain.result(row["decision"], language, told.zone),
            "parts": {part.label: list(part.lines) for part in explained.parts},
            "clock": told.evidence["clock"],
        },
        "events": trail.as_json(told.events),
        "run_again": None if told.again is None else rerun.as_json(told.again),
        "what_if": None if told.supposed is None else rerun.as_json(told.supposed),
    }
