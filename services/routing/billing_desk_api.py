"""The billing desk for programs: make and send estimates, decide disputes, record payments (docs/rules.md §8)."""

from typing import Annotated, Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request

from schemas.vocabulary import Desk
from services.routing import accounts, disputes, estimating, invoices, store
from services.routing.bill_documents import usual_sentence
from services.routing.bill_views import DisputeIn, EstimateView, PaymentIn, PrepareIn, TakeBackIn, proposal_json
from services.routing.desks import Case
from services.routing.edge import DESKS, Edge
from services.routing.people import person
from services.routing.requests import Life
from services.routing.views import CaseView
from services.runtime.errors import NotFound
from services.runtime.identity.access import may
from services.runtime.identity.codes import request_number
from services.runtime.identity.principal import Staff
from services.runtime.web.bodies import json_of

_AT = "/api/desks/billing_desk/{id}"


def billing_desk_router(edge: Edge) -> APIRouter:
    router = APIRouter()
    _estimates(router, edge)
    _disputes(router, edge)
    return router


def _estimates(router: APIRouter, edge: Edge) -> None:
    @router.get(f"{_AT}/estimate")
    def propose(id: str, who: Annotated[Staff, may(DESKS)]) -> dict[str, Any]:  # noqa: A002  # the address says id
        """What an estimate can be made of: the possible ways, their lines by the policy, the parts with a price."""
        with edge.reading() as connection:
            _, life = case_at_billing(connection, id)
            return proposal_json(estimating.propose(connection, edge.judge, life), life.language)

    @router.post(f"{_AT}/estimate")
    def prepare(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[PrepareIn, json_of(PrepareIn)],
    ) -> EstimateView:
        """Save it; the customer sees nothing yet."""
        with edge.unit(request) as work:
            by = person(who)
            return EstimateView.of(estimating.prepare(work, edge.judge, id, by, body.version, body.way, body.asked()))

    @router.post(f"{_AT}/estimate/send")
    def send(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[PrepareIn, json_of(PrepareIn)],
    ) -> EstimateView:
        """Offer it to the customer, who has the policy's days to answer."""
        with edge.unit(request) as work:
            by = person(who)
            return EstimateView.of(estimating.send(work, edge.judge, id, by, body.version, body.way, body.asked()))

    @router.post("/api/requests/{number}/estimate/take-back")
    def take_back(
        request: Request,
        number: str,
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[TakeBackIn, json_of(TakeBackIn)],
    ) -> CaseView:
        """An estimate that was sent is made again; `version` is the estimate's. The case that this opened."""
        found = request_number(number)
        if found is None:
            raise NotFound
        with edge.unit(request) as work:
            return CaseView.of(estimating.take_back(work, edge.judge, found, person(who), body.version, body.reason))


def _disputes(router: APIRouter, edge: Edge) -> None:
    @router.post(f"{_AT}/dispute")
    def decide(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[DisputeIn, json_of(DisputeIn)],
    ) -> CaseView:
        """The charge stands, is given back, or a part of it; the customer reads the answer."""
        asked = {int(line): amount for line, amount in body.credit.items()}
        with edge.unit(request) as work:
            _, life = case_at_billing(work.connection, id)
            said = body.answer or usual_sentence(body.outcome, edge.pages.words, life.language)
            by = person(who)
            return CaseView.of(disputes.decide(work, edge.policy, id, by, body.version, body.outcome, said, asked))

    @router.post("/api/requests/{number}/invoice/payments")
    def pay(
        request: Request,
        number: str,
        who: Annotated[Staff, may(DESKS)],
        body: Annotated[PaymentIn, json_of(PaymentIn)],
    ) -> dict[str, Any]:
        """A payment came in for a repair's invoice. The same reference again is the same payment."""
        found = request_number(number)
        with edge.unit(request) as work:
            invoice = None if found is None else invoices.of_request(work.connection, found)
            if invoice is None:
                raise NotFound
            paid_at = body.paid_at or work.now
            accounts.pay(work, invoice.invoice_number, person(who), body.reference, body.amount, paid_at)
            return accounts.billed_json(accounts.billed(work.connection, edge.policy, invoice))


def case_at_billing(connection: Connection, id_: str) -> tuple[Case, Life]:
    """An open case of the billing desk with its request. Raises `NotFound`."""
    case = store.one(connection, Case, id_)
    life = None if case is None or case.desk is not Desk.BILLING_DESK else store.one(connection, Life, case.number)
    if case is None or life is None or case.closed_at is not None:
        raise NotFound
    return case, life
