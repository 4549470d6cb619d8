"""The demo's routes: one of each thing that the kit offers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from fastapi.sse import ServerSentEvent
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from schemas.vocabulary import Role, Scope
from services.runtime.errors import Conflict, Fault, Invalid, Unavailable
from services.runtime.identity.access import ANYONE, CUSTOMER, ONE_REQUEST, STAFF, may, staff, token
from services.runtime.identity.owners import require_owner
from services.runtime.identity.principal import Customer, OneRequest, Principal, Resource, Staff, Token
from services.runtime.web.bodies import Form, json_of, read_form
from services.runtime.web.languages import address_in, both, language_of, other
from services.runtime.web.pages import Pages
from services.runtime.web.signal import Signals
from services.runtime.web.sse import EventStream, Pace, stream
from services.runtime.web.words import Phrase, Words

ZONE = ZoneInfo("America/Toronto")

DEMO_WORDS = Words(
    {
        "demo.title": Phrase("What is wrong?", "Qu'est-ce qui ne va pas?"),
        "demo.serial": Phrase("Serial number", "Numéro de série"),
        "demo.serial.hint": Phrase(
            "Look for a sticker on the back or underneath, often marked S/N. Type it as you see it.",
            "Cherchez une étiquette à l'arrière ou en dessous, souvent marquée S/N. Entrez le numéro comme vous le voyez.",
        ),
        "demo.need": Phrase("What do you need?", "De quoi avez-vous besoin?"),
        "demo.need.repair": Phrase("A device needs repair", "Un appareil à réparer"),
        "demo.need.software": Phrase("A software problem", "Un problème de logiciel"),
        "demo.text": Phrase("Tell us what happens", "Dites-nous ce qui se passe"),
        "demo.updates": Phrase("Text me updates", "M'envoyer les nouvelles par texto"),
        "demo.send": Phrase("Send request", "Envoyer la demande"),
        "demo.sent": Phrase("We have your request", "Nous avons votre demande"),
        "demo.parts": Phrase("Every piece", "Toutes les pièces"),
        "demo.next": Phrase("Next", "Et maintenant"),
        "demo.next.none": Phrase(
            "You have nothing to do for now. We will write at the next step.",
            "Vous n'avez rien à faire pour l'instant. Nous vous écrirons à la prochaine étape.",
        ),
        "demo.news": Phrase("Note {count} was added.", "La note {count} a été ajoutée."),
        "error.serial_missing": Phrase(
            'Enter the serial number, or choose "I can\'t find it".',
            "Entrez le numéro de série ou choisissez « Je ne le trouve pas ».",
        ),
        "error.taken": Phrase(
            "Not saved: {name} took this job at {time}.", "Non enregistré : {name} a pris cette intervention à {time}."
        ),
    }
)


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["repair", "software"]
    text: Annotated[str, Field(min_length=1, max_length=100)]
    severity: Annotated[int, Field(ge=1, le=4)] | None = None
    at: AwareDatetime | None = None
    details: dict[str, str] = {}


@dataclass
class Notes:
    """The demo's state: notes are numbered from 1, and each number is an event id."""

    texts: list[str] = field(default_factory=list)
    signals: Signals = field(default_factory=Signals)
    looks: int = 0

    def add(self, text: str) -> int:
        self.texts.append(text)
        self.signals.notify("notes")
        return len(self.texts)

    def after(self, event_id: str | None) -> Sequence[ServerSentEvent]:
        start = int(event_id) if event_id and event_id.isdigit() else 0
        return [
            ServerSentEvent(event="change", id=str(number), data={"version": number})
            for number in range(start + 1, len(self.texts) + 1)
        ]


def demo_router(pages: Pages, notes: Notes, pace: Pace) -> APIRouter:
    router = APIRouter()
    _pages(router, pages, notes)
    _api(router, pages, notes, pace)
    _broken(router)
    return router


def _pages(router: APIRouter, pages: Pages, notes: Notes) -> None:
    @both(router, en="/en/", fr="/fr/", dependencies=[may(ANYONE)])
    def home(request: Request) -> Response:
        return pages.render(request, "demo_parts.html", zone=ZONE, span=timedelta(hours=6, minutes=15))

    @both(router, en="/en/notes/new", fr="/fr/notes/nouvelle", dependencies=[may(ANYONE)])
    def ask(request: Request) -> Response:
        return pages.render(request, "demo_form.html", form=Form([]), toggle_form="ask")

    @both(router, en="/en/notes/new", fr="/fr/notes/nouvelle", methods=["POST"], dependencies=[may(ANYONE)])
    def send(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        if form.text("_switch"):
            return RedirectResponse(address_in(request, other(language_of(request))), 303)
        if not form.text("serial"):
            faults = [Fault("serial", "serial_missing"), Fault("need", "required")]
            return pages.render(request, "demo_form.html", status=422, faults=faults, form=form, toggle_form="ask")
        notes.add(form.text("text"))
        return RedirectResponse(f"/{language_of(request)}/notes", 303)

    @both(router, en="/en/notes", fr="/fr/notes", dependencies=[may(ANYONE)])
    def live(request: Request) -> Response:
        notes.looks += 1
        moving = pages.live("/api/notes/events", language_of(request), ZONE)
        return pages.render(request, "demo_live.html", live=moving, notes=list(notes.texts), time=f"look {notes.looks}")

    @router.get("/desk/notes")
    def desk(request: Request, who: Annotated[Staff, may(staff(Role.DESK, Role.AGENT))]) -> Response:
        return pages.render(request, "demo_staff.html", zone=ZONE)


def _api(router: APIRouter, pages: Pages, notes: Notes, pace: Pace) -> None:
    @router.post("/api/notes", status_code=201, dependencies=[may(ANYONE)])
    def add(note: Annotated[Note, json_of(Note)]) -> dict[str, int]:
        return {"number": notes.add(note.text)}

    @router.get("/api/notes/events", dependencies=[may(ANYONE)])
    async def events(request: Request) -> EventStream:
        words = language_of(request)
        return stream(
            request, notes.signals, "notes", notes.after, beat=lambda: {"paused": pages.quiet(words, ZONE)}, pace=pace
        )

    @router.get("/api/requests/{number}")
    def one(
        number: str, who: Annotated[Principal, may(CUSTOMER, ONE_REQUEST, STAFF, token(Scope.REQUESTS_READ))]
    ) -> dict[str, str]:
        require_owner(who, Resource(customer_number="C-1001", number=number.replace("-", ""), queue="CA-QC-MTL"))
        return {"number": number}

    @router.get("/api/mine")
    def mine(who: Annotated[Customer | Token, may(CUSTOMER, token(Scope.REQUESTS_READ))]) -> dict[str, str]:
        return {"who": type(who).__name__}

    @router.get("/api/opened")
    def opened(who: Annotated[OneRequest, may(ONE_REQUEST)]) -> list[str]:
        return sorted(who.numbers)

    @router.get("/api/pages/{page}", dependencies=[may(ANYONE)])
    def paged(page: int) -> dict[str, int]:
        return {"page": page}


def _broken(router: APIRouter) -> None:
    @router.get("/en/broken/{how}", dependencies=[may(ANYONE)])
    @router.post("/en/broken/{how}", dependencies=[may(ANYONE)])
    @router.get("/api/broken/{how}", dependencies=[may(ANYONE)])
    def broken(how: str) -> None:
        match how:
            case "conflict":
                raise Conflict("taken", typed="My own <note>", name="M. Roy", time="10:42")
            case "down":
                raise Unavailable(30, number="482190347716")
            case "invalid":
                raise Invalid([Fault("machine.serial", "serial_missing")])
            case "database":
                raise ConnectionError("postgres://user:secret@host")
            case _:
                raise RuntimeError("a secret of the inside")
