"""Home, and how staff come in: by their password."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from schemas.vocabulary import Language, Role
from services.intake import accounts
from services.intake.channels import Channels, tracking_path
from services.intake.request_pages import NEW
from services.runtime.errors import Fault, TooMany
from services.runtime.identity.access import ANYONE, may
from services.runtime.identity.codes import request_number
from services.runtime.identity.cookies import Session
from services.runtime.identity.principal import Staff
from services.runtime.identity.rates import Limit, source_of
from services.runtime.web.bodies import Form, read_form
from services.runtime.web.languages import both, language_of
from services.runtime.web.pages import safe_next

Sent = Annotated[Form, Depends(read_form)]

#: Wrong passwords, counted per name and per source; right ones too are refused while it lasts.
WRONG_PASSWORDS = Limit(10, 15 * 60)

#: Where each role works, the first that fits.
_PLACE_OF = {
    Role.AGENT: "/phone",
    Role.TECHNICIAN: "/tech",
    Role.DESK: "/desk/triage",
    Role.DEPOT: "/depot",
    Role.OPS: "/desk",
}


def home_router(channels: Channels) -> APIRouter:
    """The routes."""
    router = APIRouter()
    _home(router, channels)
    _staff(router, channels)
    return router


def _home(router: APIRouter, channels: Channels) -> None:
    @router.get("/", response_class=HTMLResponse, include_in_schema=False, dependencies=[may(ANYONE)])
    def root(request: Request) -> Response:
        return RedirectResponse(f"/{language_of(request)}/", 303, {"Vary": "Accept-Language, Cookie"})

    @both(router, en="/en/", fr="/fr/", dependencies=[may(ANYONE)])
    def home(request: Request) -> Response:
        return _render_home(channels, request, "")

    @both(router, en="/en/", fr="/fr/", methods=["POST"], dependencies=[may(ANYONE)])
    def find(request: Request, sent: Sent) -> Response:
        """To the request whose number was typed, if one can have that number."""
        typed = sent.text("number")
        number = request_number(typed)
        if number is None:
            code = "request_number_wrong" if typed else "number_missing"
            return _render_home(channels, request, typed, [Fault("number", code)])
        return RedirectResponse(tracking_path(number, language_of(request)), 303)


def _render_home(channels: Channels, request: Request, typed: str, faults: list[Fault] | None = None) -> Response:
    language = language_of(request)
    return channels.pages.render(
        request,
        "home.html",
        status=422 if faults else 200,
        faults=faults or (),
        number=typed[:40],
        new=NEW[language],
        open=channels.pages.site.customer_sign_in.text(language),
    )


def _staff(router: APIRouter, channels: Channels) -> None:
    def show(request: Request, username: str, faults: tuple[Fault, ...] = ()) -> Response:
        status = 422 if faults else 200
        return channels.pages.render(request, "staff_sign_in.html", status=status, faults=faults, username=username)

    @router.get("/staff/sign-in", response_class=HTMLResponse, include_in_schema=False, dependencies=[may(ANYONE)])
    def sign_in(request: Request) -> Response:
        return show(request, "")

    @router.post("/staff/sign-in", response_class=HTMLResponse, include_in_schema=False, dependencies=[may(ANYONE)])
    def signed_in(request: Request, sent: Sent) -> Response:
        username = sent.text("username")[:100]
        session = _session(channels, username, sent.text("password"), source_of(request))
        if session is None:
            return show(request, username, (Fault("username", "password_wrong"),))
        home = _place_of(session.who) if isinstance(session.who, Staff) else "/"
        response = RedirectResponse(quote(safe_next(request.query_params.get("next"), home), safe="/?=&%-"), 303)
        channels.parts.cookies.sign_in(response, session)
        return response

    @router.post("/sign-out", response_class=HTMLResponse, include_in_schema=False, dependencies=[may(ANYONE)])
    def signed_out(request: Request) -> Response:
        response = RedirectResponse(f"/{language_of(request)}/", 303)
        channels.parts.cookies.sign_out(response)
        return response


def _session(channels: Channels, username: str, password: str, source: str) -> Session | None:
    """Raises `TooMany` after ten wrong passwords, also for the right one: otherwise the wait would tell which was right."""
    limiter = channels.parts.limiter
    counted = {"sign-in.name": username, "sign-in.source": source}
    for name, key in counted.items():
        wait = limiter.blocked(name, key, WRONG_PASSWORDS)
        if wait is not None:
            raise TooMany(wait)
    session = accounts.sign_in(channels.workshop, username, password)
    if session is None:
        for name, key in counted.items():
            limiter.hit(name, key, WRONG_PASSWORDS)
    return session


def _place_of(who: Staff) -> str:
    return next((place for role, place in _PLACE_OF.items() if role in who.roles), f"/{Language.EN}/")
