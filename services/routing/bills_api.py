"""What a customer does and sees of billing, for programs: answer an estimate, read an invoice, an account (docs/rules.md §8).

Accepting spends the customer's money, and amounts are theirs: a tracking code alone is enough only where it is as good as their word
(services/routing/answering.py); an agent on the telephone vouches for the caller.
"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from schemas import text
from schemas.vocabulary import Role, Scope
from services.routing import accounts, bill_documents, disputes, documents, estimates, invoices, store
from services.routing.accounts import Billed
from services.routing.answering import whose
from services.routing.bill_views import EstimateAnswerIn, EstimateView
from services.routing.disputes import CreditNote
from services.routing.edge import AGENTS, Edge, IdempotencyKey
from services.routing.estimates import Answer, Estimate
from services.routing.invoices import Invoice
from services.routing.people import person
from services.routing.requests import By, Cause, Life
from services.routing.tables import CREDIT_NOTES, ESTIMATES
from services.runtime.errors import Forbidden, NotFound
from services.runtime.identity.access import CUSTOMER, ONE_REQUEST, may, token
from services.runtime.identity.codes import request_number
from services.runtime.identity.owners import owns, require_owner
from services.runtime.identity.principal import Principal, Resource, Staff
from services.runtime.web.bodies import json_of
from services.runtime.web.languages import language_of

WHO_READS = (CUSTOMER, ONE_REQUEST, AGENTS, token(Scope.REQUESTS_READ))
WHO_ANSWERS = (CUSTOMER, ONE_REQUEST, AGENTS, token(Scope.REQUESTS_WRITE))
WHOSE_ACCOUNT = (CUSTOMER, AGENTS, token(Scope.REQUESTS_READ))
_CSV, _PDF = "text/csv; charset=utf-8; header=present", "application/pdf"


def bills_router(edge: Edge) -> APIRouter:
    router = APIRouter()
    _estimates(router, edge)
    _invoices(router, edge)
    _statements(router, edge)
    return router


def _estimates(router: APIRouter, edge: Edge) -> None:
    @router.get("/api/requests/{number}/estimate")
    def estimate(number: str, who: Annotated[Principal, may(*WHO_READS)]) -> EstimateView:
        """The estimate as it was sent: lines, total, until when it is good, and what became of it."""
        life = theirs(edge, number, who)
        with edge.reading() as connection:
            sent = ESTIMATES.c.sent_at.is_not(None)
            order = (ESTIMATES.c.sent_at.desc(),)
            found = store.found(connection, Estimate, ESTIMATES.c.number == life.number, sent, order=order, limit=1)
        if not found:
            raise NotFound
        return EstimateView.of(found[0])

    def answering(said: Answer) -> Callable[..., EstimateView]:
        def endpoint(
            request: Request,
            number: str,
            who: Annotated[Principal, may(*WHO_ANSWERS)],
            body: Annotated[EstimateAnswerIn, json_of(EstimateAnswerIn)],
            key: IdempotencyKey = None,
        ) -> EstimateView:
            return EstimateView.of(answered(edge, request, number, said, who, body.version, body.reason, key))

        return endpoint

    for said in ("accept", "decline"):
        router.post(f"/api/requests/{{number}}/estimate/{said}", name=f"estimate.{said}")(answering(said))


def _invoices(router: APIRouter, edge: Edge) -> None:
    @router.get("/api/requests/{number}/invoice")
    def invoice(number: str, who: Annotated[Principal, may(*WHO_READS)]) -> dict[str, Any]:
        """A repair's invoice, with what was given back, paid and disputed of it."""
        return accounts.billed_json(billed(edge, theirs(edge, number, who)))

    @router.get("/api/requests/{number}/invoice.pdf", response_class=Response, responses={200: {"content": {_PDF: {}}}})
    def invoice_pdf(number: str, who: Annotated[Principal, may(*WHO_READS)]) -> Response:
        """The invoice as a document, in the request's language."""
        life = theirs(edge, number, who)
        found = billed(edge, life).invoice
        placed = bill_documents.invoice_sheet(found, life, edge.pages.words, edge.policy)
        return _document(edge, life, placed, found.invoice_number, found)

    @router.get(
        "/api/requests/{number}/credit-note.pdf", response_class=Response, responses={200: {"content": {_PDF: {}}}}
    )
    def credit_note(number: str, who: Annotated[Principal, may(*WHO_READS)]) -> Response:
        """What a dispute gave back, as a document, in the dispute's language."""
        life = theirs(edge, number, who)
        with edge.reading() as connection:
            notes = store.found(connection, CreditNote, CREDIT_NOTES.c.number == life.number)
            against = store.one(connection, Invoice, notes[0].invoice_number) if notes else None
        if against is None:
            raise NotFound
        placed = bill_documents.credit_note_sheet(notes[0], against, life, edge.pages.words)
        return _document(edge, life, placed, notes[0].credit_note, notes[0])


def _statements(router: APIRouter, edge: Edge) -> None:
    def found(number: str, who: Principal) -> tuple[str, Any]:
        customer = text.identifier(number)
        require_owner(who, Resource(customer_number=customer))
        if customer is None:
            raise NotFound
        with edge.reading() as connection:
            return customer, accounts.statement(connection, customer)

    @router.get("/api/customers/{number}/statement")
    def as_json(number: str, who: Annotated[Principal, may(*WHOSE_ACCOUNT)]) -> dict[str, Any]:
        """Invoices, credit notes, payments and the balance, by currency."""
        return accounts.statement_json(*found(number, who))

    @router.get(
        "/api/customers/{number}/statement.csv", response_class=Response, responses={200: {"content": {_CSV: {}}}}
    )
    def as_csv(request: Request, number: str, who: Annotated[Principal, may(*WHOSE_ACCOUNT)]) -> Response:
        """The same as a table, in the caller's language."""
        customer, account = found(number, who)
        table = bill_documents.statement_csv(account, edge.pages.words.bound(language_of(request)))
        return _file(table, _CSV, f"{edge.pages.words.say('bill.file.statement', language_of(request))}-{customer}.csv")

    @router.get(
        "/api/customers/{number}/statement.pdf", response_class=Response, responses={200: {"content": {_PDF: {}}}}
    )
    def as_pdf(request: Request, number: str, who: Annotated[Principal, may(*WHOSE_ACCOUNT)]) -> Response:
        """The same as a document, in the caller's language."""
        customer, account = found(number, who)
        language, words, now = language_of(request), edge.pages.words, edge.workshop.clock.read()
        placed = bill_documents.statement_sheet(customer, account, words, language, now)
        drawn = documents.pdf(placed, customer, words, language, now)
        return _file(drawn, _PDF, f"{words.say('bill.file.statement', language)}-{customer}.pdf")


def theirs(edge: Edge, typed: str, who: Principal) -> Life:
    """The request, for who may see its amounts.

    Raises `NotFound` for one that is another's, `Forbidden` for a tracking code that proves too little.
    """
    number = request_number(typed)
    with edge.reading() as connection:
        life = None if number is None else store.one(connection, Life, number)
    if life is None:
        raise NotFound
    require_owner(who, Resource(customer_number=life.customer_number, number=life.number))
    if not owns(who, whose(life)):
        raise Forbidden("estimate.needs_identity")
    return life


def answered(
    edge: Edge,
    request: Request,
    typed: str,
    said: Answer,
    who: Principal,
    seen: int,
    reason: str | None,
    key: str | None,
) -> Estimate:
    """The customer's answer, from a program or a page. Raises what `theirs` and `estimates.answer` raise."""
    life = theirs(edge, typed, who)
    by: By = Role.AGENT if isinstance(who, Staff) else "customer"
    with edge.unit(request) as work:
        reference = edge.judge.facts.reference(work.connection)
        return estimates.answer(
            work, edge.policy, reference, life.number, said, person(who), seen, Cause(by=by), reason=reason, key=key
        )


def billed(edge: Edge, life: Life) -> Billed:
    """The invoice of a repair with all that became of it. Raises `NotFound`."""
    with edge.reading() as connection:
        found = invoices.of_request(connection, life.number)
        if found is None:
            raise NotFound
        return accounts.billed(connection, edge.policy, found)


def _document(
    edge: Edge, life: Life, placed: documents.Sheet, name: str, made: Invoice | disputes.CreditNote
) -> Response:
    drawn = documents.pdf(placed, life.number, edge.pages.words, life.language, made.issued_at)
    return _file(drawn, _PDF, f"{name}.pdf", life.language.value)


def _file(content: bytes, media_type: str, name: str, language: str | None = None) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    if language is not None:
        headers["Content-Language"] = language
    return Response(content, media_type=media_type, headers=headers)
