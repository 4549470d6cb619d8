"""Desks: one template for all, a list by due time and one case at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse
from fastapi.sse import ServerSentEvent
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from schemas.vocabulary import Desk, Language
from services.routing import boards, desks, explain, explain_words, store, triage
from services.routing.desks import Case, Closing
from services.routing.edge import DESKS, QUEUE_READERS, Edge, queue_channel, sees_queue
from services.routing.pages import HOME
from services.routing.people import person
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
        return _desk(edge, request, _known(desk), case[:100])

    @router.get("/desk/{desk}/events")
    async def news(request: Request, desk: str, who: Annotated[Staff, may(DESKS)]) -> EventStream:
        return _news(edge, request, _known(desk))

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
            stays = _act(edge, request, at, id, act, who, form)
        except Invalid as wrong:
            return _desk(edge, request, at, id, wrong.faults, form)
        return RedirectResponse(f"/desk/{at}?case={id}" if stays else f"/desk/{at}", 303)


def _act(edge: Edge, request: Request, desk: Desk, id_: str, act: str, who: Staff, form: Form) -> bool:
    """Do what a form asks; whether the case is still open at this desk. Raises `Invalid`, `NotFound`, `Conflict`."""
    by, seen, text = person(who), _version(form), form.text("note")[:2000]
    with edge.unit(request) as work:
        match act:
            case "take":
                desks.take(work, desk, id_, by, seen)
            case "note":
                desks.note(work, desk, id_, by, seen, _needed(form, "note"))
            case "answer":
                areas = edge.areas(work.connection)
                desks.answer(work, edge.policy, areas, desk, id_, by, seen, _needed(form, "answer"))
            case "close":
                closing = _closing(form)
                desks.close(work, edge.policy, edge.areas(work.connection), desk, id_, by, seen, closing)
            case "hand-over":
                to, why = _known(_needed(form, "desk")), _needed(form, "reason")
                desks.hand_over(work, edge.policy, desk, id_, by, seen, to, why)
            case "triage" if desk is Desk.TRIAGE:
                match form.text("is"):
                    case "hardware":
                        triage.correct(work, edge.judge, id_, by, seen, "hardware", text)
                    case "software":
                        triage.correct(work, edge.judge, id_, by, seen, "software", text)
                    case "ask":
                        triage.ask_customer(work, edge.judge, id_, by, seen, form.all("fields"), text)
                    case "elses":
                        triage.somebody_elses(work, edge.judge, id_, by, seen, text)
                    case _:
                        raise Invalid([Fault("is", "required")])
            case _:
                raise NotFound
    return act in ("take", "note", "answer")


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


def _desk(
    edge: Edge, request: Request, desk: Desk, chosen: str, faults: Sequence[Fault] = (), form: Form | None = None
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
        zone=HOME if shown is None else ZoneInfo(shown.life.timezone),
        labels=_labels(language),
        askable=triage.ASKABLE,
        sortable=shown is not None and shown.life.asked.kind in triage.SORTABLE,
        can_reject=shown is not None and desks.can_reject(shown.life),
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
    return _Shown(case, life, made, steps, explained, reading, weighed(text, reading))


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


def _closing(form: Form) -> Closing:
    answer = form.text("answer")[:2000] or None
    match form.text("ending"):
        case "resolved":
            return Closing("resolved", _needed(form, "reason"), answer)
        case "rejected":
            return Closing("rejected", _needed(form, "reason"), answer)
        case _:
            raise Invalid([Fault("ending", "required")])


def _labels(language: Language) -> dict[str, str]:
    return {label: phrase.say(language) for label, phrase in explain_words.LABELS.items()}


def _known(desk: str) -> Desk:
    try:
        return Desk(desk)
    except ValueError:
        raise NotFound from None


def _needed(form: Form, name: str) -> str:
    value = form.text(name)[:2000]
    if not value:
        raise Invalid([Fault(name, "required")])
    return value


def _version(form: Form) -> int:
    given = form.text("version")
    if not given.isdigit() or len(given) > 9:
        raise Invalid([Fault("version", "not_a_whole_number")])
    return int(given)
