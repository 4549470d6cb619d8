"""Approvals and parts for programs: two persons for what nobody may do alone; parts that are on their way."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request

from services.routing import approvals, parts
from services.routing.approvals import Approval
from services.routing.edge import DESKS, Edge
from services.routing.people import person
from services.routing.views import CaseView, Reason, TakeIn, Text, Username
from services.runtime.identity.access import may
from services.runtime.identity.principal import Staff
from services.runtime.web.bodies import json_of


class RecommendIn(TakeIn):
    verdict: Literal["approve", "reject"]
    reason: Reason


class DecideIn(RecommendIn):
    """`effective_end`: of a breach, the first day without maintenance. `answer` is what the customer reads."""

    effective_end: date | None = None
    answer: Text | None = None


class AssignMoveIn(TakeIn):
    to: Username
    note: Text = ""


class ExecuteIn(TakeIn):
    note: Text = ""


class ShipIn(TakeIn):
    """`parcel`: the carrier's number."""

    parcel: Annotated[str, Field(min_length=1, max_length=100)]
    note: Text = ""


def approval_router(edge: Edge) -> APIRouter:
    router = APIRouter()
    _verdicts(router, edge)
    _carried_out(router, edge)
    return router


def _verdicts(router: APIRouter, edge: Edge) -> None:
    @router.post("/api/desks/approval/{id}/recommend")
    def recommend(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[RecommendIn, json_of(RecommendIn)],
    ) -> CaseView:
        """The first of two persons."""
        with edge.unit(request) as work:
            case = approvals.recommend(work, id, person(who), body.version, body.verdict, body.reason)
            return CaseView.of(case)

    @router.post("/api/desks/approval/{id}/decide")
    def decide(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[DecideIn, json_of(DecideIn)],
    ) -> CaseView:
        """The second of two persons: 409 for who recommended or asked."""
        said = Approval(body.verdict, body.reason, body.effective_end, body.answer)
        with edge.unit(request) as work:
            return CaseView.of(approvals.decide(work, edge.judge, id, person(who), body.version, said))


def _carried_out(router: APIRouter, edge: Edge) -> None:
    @router.post("/api/desks/approval/{id}/assign")
    def assign(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[AssignMoveIn, json_of(AssignMoveIn)],
    ) -> CaseView:
        """Who carries an approved move out."""
        with edge.unit(request) as work:
            return CaseView.of(approvals.assign(work, edge.policy, id, person(who), body.version, body.to, body.note))

    @router.post("/api/desks/approval/{id}/execute")
    def execute(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[ExecuteIn, json_of(ExecuteIn)],
    ) -> CaseView:
        """The appliance has moved; its service country changes now."""
        with edge.unit(request) as work:
            return CaseView.of(approvals.execute(work, edge.policy, id, person(who), body.version, body.note))

    @router.post("/api/desks/parts_desk/{id}/ship")
    def ship(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[ShipIn, json_of(ShipIn)],
    ) -> CaseView:
        """The parts are on their way, and the request is done."""
        with edge.unit(request) as work:
            return CaseView.of(parts.ship(work, edge.policy, id, person(who), body.version, body.parcel, body.note))
