"""Desks for programs: what waits, and what a person does about it. Triage does more than the others."""

from typing import Annotated

from fastapi import APIRouter
from starlette.requests import Request

from schemas.vocabulary import Desk
from services.routing import desks, reviews, triage, waits
from services.routing.edge import DESKS, Edge
from services.routing.people import person
from services.routing.views import (
    AskIn,
    CasesView,
    CaseView,
    CloseIn,
    CorrectIn,
    ElsesIn,
    HandOverIn,
    NoteIn,
    RedecideIn,
    SecondView,
    TakeIn,
    WaitIn,
)
from services.runtime.identity.access import may
from services.runtime.identity.principal import Staff
from services.runtime.web.bodies import json_of


def desk_router(edge: Edge) -> APIRouter:
    router = APIRouter()
    _triage(router, edge)
    _desks(router, edge)
    _waits(router, edge)
    _second(router, edge)
    return router


def _desks(router: APIRouter, edge: Edge) -> None:
    @router.get("/api/desks/{desk}")
    def cases(desk: Desk, who: Annotated[Staff, may(DESKS)]) -> CasesView:
        """Open cases of a desk, soonest due first."""
        with edge.reading() as connection:
            return CasesView(desk=desk, cases=[CaseView.of(case) for case in desks.waiting(connection, desk)])

    @router.post("/api/desks/{desk}/{id}/take")
    def take(
        request: Request,
        desk: Desk,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[TakeIn, json_of(TakeIn)],
    ) -> CaseView:
        with edge.unit(request) as work:
            return CaseView.of(desks.take(work, desk, id, person(who), body.version))

    @router.post("/api/desks/{desk}/{id}/note")
    def note(
        request: Request,
        desk: Desk,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[NoteIn, json_of(NoteIn)],
    ) -> CaseView:
        """For ourselves; the customer never sees it."""
        with edge.unit(request) as work:
            return CaseView.of(desks.note(work, desk, id, person(who), body.version, body.text))

    @router.post("/api/desks/{desk}/{id}/answer")
    def answer(
        request: Request,
        desk: Desk,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[NoteIn, json_of(NoteIn)],
    ) -> CaseView:
        """A word to the customer; the case stays open. A remote response clock stops with the first."""
        with edge.unit(request) as work:
            areas = edge.areas(work.connection)
            return CaseView.of(desks.answer(work, edge.policy, areas, desk, id, person(who), body.version, body.text))

    @router.post("/api/desks/{desk}/{id}/close")
    def close(
        request: Request,
        desk: Desk,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[CloseIn, json_of(CloseIn)],
    ) -> CaseView:
        """The end of a case, with its reason and what the customer reads."""
        ended = desks.Closing(body.ending, body.reason, body.answer)
        with edge.unit(request) as work:
            areas = edge.areas(work.connection)
            return CaseView.of(desks.close(work, edge.policy, areas, desk, id, person(who), body.version, ended))

    @router.post("/api/desks/{desk}/{id}/hand-over")
    def hand_over(
        request: Request,
        desk: Desk,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[HandOverIn, json_of(HandOverIn)],
    ) -> CaseView:
        """It is another desk's matter."""
        with edge.unit(request) as work:
            by = person(who)
            return CaseView.of(desks.hand_over(work, edge.policy, desk, id, by, body.version, body.desk, body.reason))


def _waits(router: APIRouter, edge: Edge) -> None:
    @router.post("/api/desks/{desk}/{id}/wait")
    def wait(
        request: Request,
        desk: Desk,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[WaitIn, json_of(WaitIn)],
    ) -> CaseView:
        """A question for the customer: the response clock stands still until the case goes on."""
        with edge.unit(request) as work:
            return CaseView.of(waits.case_waits(work, edge.judge, desk, id, person(who), body.version, body.note))

    @router.post("/api/desks/{desk}/{id}/go-on")
    def go_on(
        request: Request,
        desk: Desk,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[TakeIn, json_of(TakeIn)],
    ) -> CaseView:
        """The customer answered: the clock runs again."""
        with edge.unit(request) as work:
            return CaseView.of(waits.case_goes_on(work, edge.judge, desk, id, person(who), body.version))


def _second(router: APIRouter, edge: Edge) -> None:
    @router.post("/api/desks/{desk}/{id}/redecide")
    def again(
        request: Request,
        desk: Desk,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[RedecideIn, json_of(RedecideIn)],
    ) -> SecondView:
        """Decide again as of the original moment, on what is entered and the contract data of today; both are kept.

        A coverage review upheld (contract desk: `coverage`, `changes`), or late contract data (any desk: neither). 409
        in words when nothing would change, or what the first decision began can no longer be taken back.
        """
        with edge.unit(request) as work:
            done = reviews.decide_again(work, edge.judge, desk, id, person(who), body.version, body.review())
            return SecondView.of(done)

    @router.post("/api/desks/{desk}/{id}/foresee")
    def foresee(
        request: Request,
        desk: Desk,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[RedecideIn, json_of(RedecideIn)],
    ) -> SecondView:
        """What `redecide` with the same body would do: both decisions, what is taken back. Nothing is saved."""
        with edge.unit(request) as work:
            return SecondView.of(reviews.foresee(work, edge.judge, desk, id, person(who), body.version, body.review()))


def _triage(router: APIRouter, edge: Edge) -> None:
    @router.post("/api/desks/triage/{id}/correct")
    def correct(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[CorrectIn, json_of(CorrectIn)],
    ) -> CaseView:
        """Hardware or software, said by a person: decided again as of the original moment."""
        with edge.unit(request) as work:
            by = person(who)
            return CaseView.of(triage.correct(work, edge.judge, id, by, body.version, body.said, body.note))

    @router.post("/api/desks/triage/{id}/ask")
    def ask(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[AskIn, json_of(AskIn)],
    ) -> CaseView:
        """The customer is asked for fields."""
        with edge.unit(request) as work:
            by = person(who)
            return CaseView.of(triage.ask_customer(work, edge.judge, id, by, body.version, body.fields, body.note))

    @router.post("/api/desks/triage/{id}/somebody-elses")
    def elses(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[ElsesIn, json_of(ElsesIn)],
    ) -> CaseView:
        """The machine is another customer's: the contract desk finds out whose."""
        with edge.unit(request) as work:
            return CaseView.of(triage.somebody_elses(work, edge.judge, id, person(who), body.version, body.note))
