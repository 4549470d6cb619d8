"""Billing for people: the desk makes an estimate and decides a dispute; the customer answers, and reads the invoice (docs/rules.md §8)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from schemas.money import typed
from schemas.vocabulary import DisputeOutcome, Language, LineReason, LineSort, RepairWay
from services.routing import accounts, disputes, estimating, store
from services.routing.bill_documents import line_words, usual_sentence
from services.routing.billing_desk_api import case_at_billing
from services.routing.bills_api import WHO_ANSWERS, WHO_READS, answered, billed, theirs
from services.routing.desks import Case
from services.routing.edge import DESKS, Edge
from services.routing.estimating import Proposal
from services.routing.invoices import Invoice
from services.routing.people import person
from services.routing.requests import Life
from services.routing.rules.prices import MOST_LINES, NOTHING, OPEN, REASONS, AskedLine
from services.runtime.errors import Conflict, Fault, Invalid
from services.runtime.identity.access import may
from services.runtime.identity.principal import Principal, Staff
from services.runtime.web.bodies import Form, read_form
from services.runtime.web.languages import both, language_of

Sent = Annotated[Form, Depends(read_form)]

#: Empty rows after those that an estimate has.
SPARE_ROWS: Final = 3
_FIELDS: Final = ("what", "part", "quantity", "unit_price")
_NOTHING: Final = Form([])


def billing_pages(edge: Edge) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    _customers(router, edge)
    _estimates(router, edge)
    _disputes(router, edge)
    return router


def _customers(router: APIRouter, edge: Edge) -> None:
    english, french = "/en/requests/{number}/estimate", "/fr/demandes/{number}/estimation"

    @both(router, en=english, fr=french, methods=["POST"])
    def answer(request: Request, number: str, sent: Sent, who: Annotated[Principal, may(*WHO_ANSWERS)]) -> Response:
        """Yes or no, from the tracking page; a double click is one answer."""
        life = theirs(edge, number, who)  # before the form is looked at: a stranger learns nothing from its faults
        said, seen = sent.text("answer"), _version(sent)
        if said not in ("accept", "decline"):
            raise Invalid([Fault("answer", "required")])
        key = f"page|{seen}|{said}"
        answered(edge, request, life.number, "accept" if said == "accept" else "decline", who, seen, None, key)
        return RedirectResponse(_tracking(life.number, language_of(request)), 303)

    @both(router, en="/en/requests/{number}/invoice", fr="/fr/demandes/{number}/facture")
    def invoice(request: Request, number: str, who: Annotated[Principal, may(*WHO_READS)]) -> Response:
        """The lines of the invoice; those that seem wrong are ticked and sent to be looked at."""
        life, language = theirs(edge, number, who), language_of(request)
        found = billed(edge, life)
        return edge.pages.render(
            request,
            "invoice.html",
            life=life,
            found=found,
            lines=[(line, line_words(line, edge.pages.words.bound(language))) for line in found.invoice.lines],
            amount=Decimal,
            open=edge.workshop.clock.read() < found.dispute_until,
            left=[line for line, amount in found.remaining.items() if amount > NOTHING and line not in found.held],
            zone=ZoneInfo(life.timezone),
            key=str(uuid4()),
            tracking=_tracking(life.number, language),
            dispute="/en/disputes" if language is Language.EN else "/fr/contestations",
        )


def _estimates(router: APIRouter, edge: Edge) -> None:
    @router.get("/desk/billing_desk/{id}/estimate", response_class=HTMLResponse)
    def estimate(request: Request, id: str, who: Annotated[Staff, may(DESKS)]) -> Response:  # noqa: A002  # the address says id
        return _estimate_page(edge, request, id)

    @router.post("/desk/billing_desk/{id}/estimate", response_class=HTMLResponse)
    def saved(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        sent: Sent,
    ) -> Response:
        """Save it, or send it to the customer; a line that is wrong is said beside it, and what was typed stays."""
        sends = sent.text("do") == "send"
        try:
            way, lines = _read(sent)
            with edge.unit(request) as work:
                act = estimating.send if sends else estimating.prepare
                act(work, edge.judge, id, person(who), _version(sent), way, lines)
        except Invalid as wrong:
            return _estimate_page(edge, request, id, _in_rows(wrong.faults), sent)
        return RedirectResponse("/desk/billing_desk" if sends else f"/desk/billing_desk/{id}/estimate", 303)


def _disputes(router: APIRouter, edge: Edge) -> None:
    @router.get("/desk/billing_desk/{id}/dispute", response_class=HTMLResponse)
    def dispute(request: Request, id: str, who: Annotated[Staff, may(DESKS)]) -> Response:  # noqa: A002  # the address says id
        return _dispute_page(edge, request, id)

    @router.post("/desk/billing_desk/{id}/dispute", response_class=HTMLResponse)
    def decided(
        request: Request,
        id: str,  # noqa: A002  # the address says id
        who: Annotated[Staff, may(DESKS)],
        sent: Sent,
    ) -> Response:
        """How it ends. Without other words the customer reads the usual sentence."""
        _, life = _case(edge, id)
        try:
            outcome = _outcome(sent)
            said = sent.text("sentence")[:2000] or usual_sentence(outcome, edge.pages.words, life.language)
            asked = _credit(sent)
            with edge.unit(request) as work:
                disputes.decide(work, edge.policy, id, person(who), _version(sent), outcome, said, asked)
        except Invalid as wrong:
            return _dispute_page(edge, request, id, wrong.faults, sent)
        return RedirectResponse("/desk/billing_desk", 303)


def _estimate_page(
    edge: Edge, request: Request, id_: str, faults: Sequence[Fault] = (), sent: Form = _NOTHING
) -> Response:
    case, life = _case(edge, id_)
    with edge.reading() as connection:
        offered = estimating.propose(connection, edge.judge, life)
    way = RepairWay(sent.text("way")) if sent.text("way") in list(RepairWay) else _way(offered)
    lines = offered.lines(way)
    rows = _typed_rows(sent) if sent.text("version") else [_row(line, language_of(request)) for line in lines]
    return edge.pages.render(
        request,
        "billing_estimate.html",
        status=422 if faults else 200,
        faults=faults,
        case=case,
        life=life,
        offered=offered,
        way=way,
        ways=[way.value for way in offered.where.ways],
        rows=[*rows, *[dict.fromkeys(("line", *_FIELDS), "")] * SPARE_ROWS],
        sorts=[(f"{sort}:{reason}", sort, reason) for sort, reasons in REASONS.items() for reason in reasons],
        saved=offered.prepared,
        prices=[(number, part) for number, part in offered.prices.parts.items()],
    )


def _dispute_page(
    edge: Edge, request: Request, id_: str, faults: Sequence[Fault] = (), sent: Form = _NOTHING
) -> Response:
    case, life = _case(edge, id_)
    with edge.reading() as connection:
        dispute = store.one(connection, disputes.Dispute, life.number)
        invoice = None if dispute is None else store.one(connection, Invoice, dispute.invoice_number)
        if dispute is None or invoice is None:
            raise Conflict("dispute.none")
        found = accounts.billed(connection, edge.policy, invoice)
    words = edge.pages.words
    return edge.pages.render(
        request,
        "billing_dispute.html",
        status=422 if faults else 200,
        faults=faults,
        case=case,
        life=life,
        found=found,
        held=list(dispute.lines),
        lines=[(line, line_words(line, words.bound(language_of(request)))) for line in invoice.lines],
        amount=Decimal,
        outcomes=[(one.value, usual_sentence(one, words, life.language)) for one in DisputeOutcome],
        form=sent,
    )


def _case(edge: Edge, id_: str) -> tuple[Case, Life]:
    with edge.reading() as connection:
        return case_at_billing(connection, id_)


def _way(offered: Proposal) -> RepairWay:
    return offered.where.ways[0] if offered.prepared is None else offered.prepared.way


def _row(line: AskedLine, language: Language) -> dict[str, str]:
    """A line as its row of the form, numbers as one types them; the price only where a person named it."""
    price = str(line.unit_price) if line.reason in OPEN and line.unit_price is not None else ""
    quantity = f"{line.quantity.normalize():f}"
    if language is Language.FR:
        price, quantity = price.replace(".", ","), quantity.replace(".", ",")
    named = {"what": line.what or "", "part": line.part or "", "quantity": quantity, "unit_price": price}
    return {"line": f"{line.sort}:{line.reason}", **named}


def _filled(sent: Form) -> list[int]:
    """The rows of the form in which a sort of line was chosen."""
    return [index for index in range(MOST_LINES) if sent.text(f"lines.{index}.line")]


def _typed_rows(sent: Form) -> list[dict[str, str]]:
    return [{name: sent.text(f"lines.{index}.{name}") for name in ("line", *_FIELDS)} for index in _filled(sent)]


def _read(sent: Form) -> tuple[RepairWay, list[AskedLine]]:
    """What was typed. Raises `Invalid`, naming lines by their place among those that were filled in."""
    if sent.text("way") not in list(RepairWay):
        raise Invalid([Fault("way", "required")])
    faults: list[Fault] = []

    def number(at: str, typed_in: str) -> Decimal:
        try:
            return typed(typed_in)
        except ValueError:
            faults.append(Fault(at, "not_an_amount"))
            return NOTHING

    lines = []
    for place, row in enumerate(_typed_rows(sent)):
        sort, _, reason = row["line"].partition(":")
        if sort not in list(LineSort) or reason not in list(LineReason):
            raise Invalid([Fault(f"lines.{place}.line", "required")])
        price = number(f"lines.{place}.unit_price", row["unit_price"]) if row["unit_price"] else None
        quantity = number(f"lines.{place}.quantity", row["quantity"])
        part, what = row["part"][:64] or None, row["what"][:200] or None
        lines.append(AskedLine(LineSort(sort), quantity, LineReason(reason), price, part, what))
    if faults:
        raise Invalid(faults)
    return RepairWay(sent.text("way")), lines


def _in_rows(faults: Sequence[Fault]) -> list[Fault]:
    """Faults by the names of the form's fields, where sort and reason are one choice."""
    return [Fault(fault.path.replace(".reason", ".line"), fault.code, fault.values) for fault in faults]


def _credit(sent: Form) -> dict[int, Decimal]:
    """What is given back of each line, for a part."""
    asked, faults = {}, []
    for name in sent:
        line = name.removeprefix("credit.")
        if line == name or not sent.text(name):
            continue
        try:
            asked[int(line)] = typed(sent.text(name))
        except ValueError:
            faults.append(Fault(name[:40], "not_an_amount"))
    if faults:
        raise Invalid(faults)
    return asked


def _outcome(sent: Form) -> DisputeOutcome:
    if sent.text("outcome") not in list(DisputeOutcome):
        raise Invalid([Fault("outcome", "required")])
    return DisputeOutcome(sent.text("outcome"))


def _version(sent: Form) -> int:
    given = sent.text("version")
    if not (given.isascii() and given.isdigit()) or len(given) > 9:
        raise Invalid([Fault("version", "not_a_whole_number")])
    return int(given)


def _tracking(number: str, language: Language) -> str:
    return f"/en/requests/{number}" if language is Language.EN else f"/fr/demandes/{number}"
