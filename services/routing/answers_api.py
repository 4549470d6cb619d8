"""Where a customer gets what they asked for: as JSON, as a table, as a document, and on a page that shows it."""

from typing import Annotated, Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from schemas.vocabulary import Language, Scope
from services.routing import answers, documents
from services.routing.answering import answer_to
from services.routing.answers import Answer, ContractCopy, CoveredDevices, Downloads
from services.routing.edge import AGENTS, Edge
from services.routing.requests import Life
from services.runtime.errors import NotFound
from services.runtime.identity.access import CUSTOMER, ONE_REQUEST, may, token
from services.runtime.identity.codes import request_number
from services.runtime.identity.principal import Principal
from services.runtime.web.languages import both, language_of

#: Lines of a table that a page shows, and a document; JSON and the CSV table have all.
MOST_SHOWN, MOST_PRINTED = 200, 5000

WHO_MAY = (CUSTOMER, ONE_REQUEST, AGENTS, token(Scope.REQUESTS_READ))
_CSV = "text/csv; charset=utf-8; header=present"
_PDF = "application/pdf"


def answers_router(edge: Edge) -> APIRouter:
    router = APIRouter()

    def find(typed: str, who: Principal) -> tuple[Life, Answer]:
        number = request_number(typed)
        if number is None:
            raise NotFound
        with edge.reading() as connection:
            return answer_to(connection, edge.judge.facts, number, who)

    @router.get("/api/requests/{number}/answer")
    def as_json(number: str, who: Annotated[Principal, may(*WHO_MAY)]) -> dict[str, Any]:
        """What an answered request is answered with: covered devices, a contract, or products to download."""
        life, answer = find(number, who)
        said = answers.as_json(answer)
        return {"number": life.number, **said, "documents": _addresses(life.number, answer)}

    @router.get("/api/requests/{number}/answer.csv", response_class=Response, responses={200: {"content": {_CSV: {}}}})
    def as_csv(number: str, who: Annotated[Principal, may(*WHO_MAY)]) -> Response:
        """The covered devices as a table, in the request's language."""
        life, answer = find(number, who)
        if not isinstance(answer.given, CoveredDevices):
            raise NotFound
        table = documents.devices_csv(answer.given, edge.pages.words.bound(life.language))
        return _file(edge, life, answer, "csv", table, _CSV)

    @router.get("/api/requests/{number}/answer.pdf", response_class=Response, responses={200: {"content": {_PDF: {}}}})
    def as_pdf(number: str, who: Annotated[Principal, may(*WHO_MAY)]) -> Response:
        """The covered devices or the contract as a document, in the request's language."""
        life, answer = find(number, who)
        if isinstance(answer.given, Downloads):
            raise NotFound
        words, language = edge.pages.words, life.language
        placed = documents.sheet(answer, life.number, words, language)
        placed = documents.shortened(placed, MOST_PRINTED, words, language)
        document = documents.pdf(placed, life.number, words, language, answer.decision.as_of)
        return _file(edge, life, answer, "pdf", document, _PDF)

    @both(router, en="/en/requests/{number}/answer", fr="/fr/demandes/{number}/reponse")
    def as_page(request: Request, number: str, who: Annotated[Principal, may(*WHO_MAY)]) -> Response:
        """The same to read, in the page's language."""
        language = language_of(request)
        life, answer = find(number, who)
        placed = documents.sheet(answer, life.number, edge.pages.words, language)
        placed = documents.shortened(placed, MOST_SHOWN, edge.pages.words, language)
        return edge.pages.render(
            request,
            "answer.html",
            sheet=placed,
            number=life.number,
            documents=_addresses(life.number, answer),
            back=f"/{'en/requests' if language is Language.EN else 'fr/demandes'}/{life.number}",
        )

    return router


def _addresses(number: str, answer: Answer) -> dict[str, str]:
    """Where the documents of this answer are, by their form."""
    forms = {CoveredDevices: ("csv", "pdf"), ContractCopy: ("pdf",), Downloads: ()}[type(answer.given)]
    return {form: f"/api/requests/{number}/answer.{form}" for form in forms}


def _file(edge: Edge, life: Life, answer: Answer, form: str, content: bytes, media_type: str) -> Response:
    name = edge.pages.words.say(f"answer.file.{answer.decision.kind}", life.language)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}-{life.number}.{form}"',
        "Content-Language": life.language.value,
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)
