"""The tracking page, in both languages. It moves by itself, and without scripts it is as true as its hour."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from schemas.vocabulary import Language
from services.notifier.api import Timelines
from services.notifier.view import view_of
from services.runtime.errors import Fault, Invalid, NotFound
from services.runtime.identity.access import ANYONE, may
from services.runtime.identity.cookies import Cookies
from services.runtime.identity.opening import Opening
from services.runtime.identity.principal import Principal
from services.runtime.identity.rates import source_of
from services.runtime.web.bodies import Form, read_form
from services.runtime.web.languages import both, language_of
from services.runtime.web.pages import Pages


def page_router(timelines: Timelines, pages: Pages, opening: Opening, cookies: Cookies) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @both(router, en="/en/requests/{number}", fr="/fr/demandes/{number}")
    def tracking(
        request: Request, number: str, who: Annotated[Principal, may(ANYONE)], k: str | None = None
    ) -> Response:
        """With a right code: open it in this browser and drop the code from the address. Then the page itself."""
        language = language_of(request)
        if k is not None:
            return _open(request, number, k)
        try:
            shown = timelines.look(number, who)
        except NotFound:
            return _ask(request, number, 404)
        view = view_of(pages, shown, language)
        live = pages.live(f"/api/requests/{shown.number}/events?lang={language}", language, view.zone)
        return pages.render(request, "tracking.html", live=live, view=view)

    @both(router, en="/en/requests/{number}", fr="/fr/demandes/{number}", methods=["POST"], dependencies=[may(ANYONE)])
    def open_by_form(request: Request, number: str, form: Annotated[Form, Depends(read_form)]) -> Response:
        """The number and its code, typed."""
        return _open(request, form.text("number") or number, form.text("tracking_code"), form)

    def _open(request: Request, number: str, code: str, form: Form | None = None) -> Response:
        try:
            opened = opening.open(number, code, source_of(request))
        except Invalid as refusal:
            return _ask(request, number, 422, refusal.faults, form)
        response = RedirectResponse(_address(opened, language_of(request)), 303)
        cookies.open(response, request, opened)
        return response

    def _ask(
        request: Request, number: str, status: int, faults: tuple[Fault, ...] = (), form: Form | None = None
    ) -> Response:
        typed = form.text("number") if form else number
        return pages.render(request, "open.html", status=status, faults=faults, number=typed[:20])

    return router


def _address(number: str, language: Language) -> str:
    path = "/en/requests/" if language is Language.EN else "/fr/demandes/"
    return path + quote(number)
