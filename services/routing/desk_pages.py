"""Desks: one template for all, a list by due time and one case at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse
from fastapi.sse import ServerSentEvent
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from schemas.request_status import CUSTOMER_ANSWERED
from schemas.vocabulary import Desk, Language, MoveState, ServiceLevel
from services.routing import approvals, boards, desk_acts, desks, explain, explain_bars, explain_words, store, triage
from services.routing.approvals import Recommended
from services.routing.desk_acts import Asked
from services.routing.desks import Case
from services.routing.edge import DESKS, QUEUE_READERS, Edge, queue_channel, sees_queue
from services.routing.pages import HOME
from services.routing.people import person
from services.routing.redecide import Second
from services.routing.requests import Life
from services.routing.store import Row
from services.runtime.errors import Fault, Invalid, NotFound
from services.runtime.identity.access import may
from services.runtime.identity.principal import Staff
from services.runtime.web.bodies import Form, read_form
from services.runtime.web.languages import language_of
from services.runtime.web.sse import EventStream, stream


def desk_pages(edge: Edge) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    _desks(router, edge)
    return router


def _desks(router: APIRouter, edge: Edge) -> None:
    @router.get("/desk", response_class=HTMLResponse)
    def queues(request: Request, who: Annotated[Staff, may(QUEUE_READERS)]) -> Response:
        """Every queue that the caller works on."""
        with edge.reading() as connection:
            depths = [depth for depth in boards.depths(connection) if sees_queue(who, depth.queue)]
        return edge.pages.render(request, "desks.html", depths=depths, zone=HOME)

    @router.get("/desk/{desk}", response_class=HTMLResponse)
    def desk_page(request: Request, desk: str, who: Annotated[Staff, may(DESKS)], case: str = "") -> Response:
        return _desk(edge, request, _known(desk), who, case[:100])

    @router.get("/desk/{desk}/events")
    async def news(request: Request, desk: str, who: Annotated[Staff, may(DESKS)]) -> EventStream:
        return _news(edge, request, _known(desk))

    @router.get("/desk/{desk}/{id}/{act}")
    def looked_again(
        desk: str,
        id: str,  # noqa: A002  # the address says id
        act: str,
        who: Annotated[Staff, may(DESKS)],
    ) -> Response:
        """The address of an answer to a form, looked at again or by the page's own news: the case as it is now."""
        return RedirectResponse(f"/desk/{_known(desk)}?{urlencode({'case': id})}", 303)

    @router.post("/desk/{desk}/{id}/{act}", response_class=HTMLResponse)
    def act_on(
        request: Request,
        desk: str,
        id: str,  # noqa: A002  # the address says id
        act: str,
        who: Annotated[Staff, may(DESKS)],
        form: Annotated[Form, Depends(read_form)],
    ) -> Response:
        at = _known(desk)
        try:
            with edge.unit(request) as work:
                asked = Asked(at, id, person(who), form)
                if act == "foresee":
                    seen = desk_acts.foresee(edge, work, asked)
                else:
                    desk_acts.act(edge, work, asked, act)
        except Invalid as wrong:
            return _desk(edge, request, at, who, id, wrong.faults, form)
        if act == "foresee":
            return _desk(edge, request, at, who, id, form=form, second=seen)
        return RedirectResponse(f"/desk/{at}?case={id}" if act in desk_acts.STAYS else f"/desk/{at}", 303)


@dataclass(frozen=True, slots=True)
class _Shown:
    """One case with everything that a person needs to decide."""

    case: Case
    life: Life
    decisions: Sequence[Row]
    steps: Sequence[Row]
    explained: explain.Explanation | None
    reading: Mapping[str, Any] | None
    words: Sequence[tuple[str, bool]]
    recommended: Recommended | None
    move: MoveState | None
    bars: explain_bars.Bars | None


@dataclass(frozen=True, slots=True)
class _Foreseen:
    """Both decisions in a sentence each; `stuck`: why the second cannot be made now, a code."""

    before: str
    after: str
    same: bool
    stuck: str | None


@dataclass(frozen=True, slots=True)
class _Step:
    """One line of what was done; `seen`: the customer reads its note, or not; None: there is nothing to read."""

    says: str
    name: str
    at: datetime
    reason: str | None
    note: str | None
    seen: bool | None


def _desk(
    edge: Edge,
    request: Request,
    desk: Desk,
    who: Staff,
    chosen: str,
    faults: Sequence[Fault] = (),
    form: Form | None = None,
    second: Second | None = None,
) -> Response:
    language = language_of(request)
    with edge.reading() as connection:
        cases = desks.waiting(connection, desk)
        lives = store.by_keys(connection, Life, [case.number for case in cases])
        version = boards.last_change(connection, [desk])
        found = next((case for case in cases if case.id == chosen), cases[0] if cases else None)
        shown = None
        if found is not None:
            made = store.decisions_of(connection, found.number)
            shown = _shown(edge, found, lives[found.number], made, store.steps_of(connection, [found.number]), language)
    return edge.pages.render(
        request,
        "desk.html",
        status=422 if faults else 200,
        faults=faults,
        form=form or Form([]),
        live=edge.pages.live(f"/desk/{desk}/events", language, HOME),
        version=version,
        desk=desk,
        desks=[one for one in Desk if one is not desk],
        cases=[(case, lives[case.number]) for case in cases],
        shown=shown,
        home=HOME,
        zone=HOME if shown is None else ZoneInfo(shown.life.timezone),
        labels=_labels(language),
        askable=triage.ASKABLE,
        sortable=shown is not None and shown.life.asked.kind in triage.SORTABLE,
        can_reject=shown is not None and desks.can_reject(shown.life),
        phrases=[] if shown is None else _phrases(edge, desk, shown.life.language),
        levels=[level.value for level in ServiceLevel],
        second=None if second is None or shown is None else _foreseen(second, shown.life, language),
        may_decide=shown is not None and _may_decide(shown, who),
        steps=() if shown is None else _steps(edge, shown, language),
    )


def _shown(edge: Edge, case: Case, life: Life, made: Sequence[Row], steps: Sequence[Row], language: Language) -> _Shown:
    last = made[-1] if made else None
    reading = None if last is None else last["evidence"].get("text")
    explained = None
    if last is not None:
        zone = ZoneInfo(life.timezone)
        explained = explain.explain(
            last["decision"], last["evidence"], language=language, zone=zone, policy=edge.policy
        )
    text = str(life.request.get("text") or "")
    recommended = approvals.recommendation(list(steps), case)
    return _Shown(
        case,
        life,
        made,
        steps,
        explained,
        reading,
        weighed(text, reading),
        recommended,
        approvals.state_of(life),
        None if last is None or case.desk is not Desk.CONTRACT_DESK else explain_bars.draw(last["evidence"]),
    )


def _foreseen(second: Second, life: Life, language: Language) -> _Foreseen:
    zone = ZoneInfo(life.timezone)
    return _Foreseen(
        before=explain.result(second.first.to_json(), language, zone),
        after=explain.result(second.second.to_json(), language, zone),
        same=second.same,
        stuck=second.stuck,
    )


def _phrases(edge: Edge, desk: Desk, spoken: Language) -> list[str]:
    """The reviewed sentences of a desk, in the request's language."""
    words = edge.pages.words
    return [words.say(key, spoken) for key in words if key.startswith(f"reply.{desk.value}.")]


def _may_decide(shown: _Shown, who: Staff) -> bool:
    """Two persons: not who recommended, not who asked."""
    first = shown.recommended
    return first is not None and who.username not in (first.by, shown.life.submitter.get("id"))


def _steps(edge: Edge, shown: _Shown, language: Language) -> list[_Step]:
    """What was done about the request, in words; notes say who reads them."""
    words = edge.pages.words
    lines = []
    for step in shown.steps:
        key = f"step.{step['step']}"
        says = words.say(key, language) if key in words else step["step"]
        nobody = f"step.by.{step['by']}"
        name = step["by_name"] or (words.say(nobody, language) if nobody in words else step["by"])
        theirs = not step["note"] or step["step"] == CUSTOMER_ANSWERED
        seen = None if theirs else step["step"] in _READ_BY_CUSTOMER
        why = f"desk.verdict.{step['reason']}" if step["step"] == approvals.RECOMMEND else ""
        reason = words.say(why, language) if why in words else step["reason"]
        lines.append(_Step(says, name, step["at"], reason, step["note"], seen))
    return lines


#: Steps whose note is what the customer reads.
_READ_BY_CUSTOMER = frozenset({"answer", "resolved", "rejected", "asked", "approve", "approved", "shipped", "wait"})


def weighed(text: str, reading: Mapping[str, Any] | None) -> list[tuple[str, bool]]:
    """The text in pieces, those that weighed marked; `reading` names them in the order of the text."""
    pieces, at = [], 0
    for word in () if reading is None else reading["words"]:
        start = text.find(word["word"], at)
        if start < 0 or not word["word"]:
            continue
        pieces += [(text[at:start], False), (word["word"], True)]
        at = start + len(word["word"])
    return [piece for piece in (*pieces, (text[at:], False)) if piece[0]]


def _news(edge: Edge, request: Request, desk: Desk) -> EventStream:
    language = language_of(request)

    def read(after: str | None) -> Sequence[ServerSentEvent]:
        with edge.reading() as connection:
            version = boards.last_change(connection, [desk])
        if after is not None and after.isdigit() and version <= int(after):
            return ()
        return [ServerSentEvent(event="change", id=str(version), data={"version": version})]

    return stream(
        request, edge.signals, queue_channel(desk), read, beat=lambda: {"paused": edge.pages.quiet(language, HOME)}
    )


def _labels(language: Language) -> dict[str, str]:
    return {label: phrase.say(language) for label, phrase in explain_words.LABELS.items()}


def _known(desk: str) -> Desk:
    try:
        return Desk(desk)
    except ValueError:
        raise NotFound from None
