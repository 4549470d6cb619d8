"""How customers come in: by a request's number and tracking code, or by a code sent to the address on file."""

from contextlib import AbstractContextManager
from typing import Annotated
from urllib.parse import quote, urlencode
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from schemas import text
from schemas.vocabulary import Language
from services.intake import one_time_codes
from services.intake.accounts import customer_session
from services.intake.channels import Channels, correlation_of, tracking_path
from services.intake.one_time_codes import Asked, Post
from services.runtime.errors import Fault, Invalid, TooMany
from services.runtime.identity.access import ANYONE, may
from services.runtime.identity.codes import request_number
from services.runtime.identity.opening import Opening
from services.runtime.identity.rates import Limit, source_of
from services.runtime.web.bodies import Form, read_form
from services.runtime.web.languages import both, language_of
from services.runtime.web.pages import safe_next
from services.runtime.work import Work

Sent = Annotated[Form, Depends(read_form)]

#: Codes asked for, counted per address and per source: five tries each make guessing hopeless, and nobody is flooded.
CODES_TO_AN_ADDRESS = Limit(5, 3600)
CODES_FROM_A_SOURCE = Limit(30, 3600)


def sign_in_router(channels: Channels, post: Post) -> APIRouter:
    """The routes."""
    router = APIRouter()
    _first_page(router, channels, post)
    _code_page(router, channels, post)
    return router


def _first_page(router: APIRouter, channels: Channels, post: Post) -> None:
    opening = Opening(channels.parts.codes, channels.parts.limiter)

    def show(request: Request, sent: Form, faults: tuple[Fault, ...] = ()) -> Response:
        return channels.pages.render(
            request,
            "sign_in.html",
            status=422 if faults else 200,
            faults=faults,
            number=sent.text("number")[:40],
            email=sent.text("email")[:200],
        )

    @both(router, en="/en/sign-in", fr="/fr/connexion", dependencies=[may(ANYONE)])
    def sign_in(request: Request) -> Response:
        return show(request, Form([]))

    @both(router, en="/en/sign-in", fr="/fr/connexion", methods=["POST"], dependencies=[may(ANYONE)])
    def signed(request: Request, sent: Sent) -> Response:
        """The one form opens a request, the other asks for a code."""
        try:
            return ask(request, sent.text("email")) if "email" in sent else opened(request, sent)
        except Invalid as invalid:
            return show(request, sent, invalid.faults)

    def opened(request: Request, sent: Form) -> Response:
        if request_number(sent.text("number")) is None:
            raise Invalid([Fault("number", "request_number_wrong" if sent.text("number") else "number_missing")])
        number = opening.open(sent.text("number"), sent.text("tracking_code"), source_of(request))
        asked_for = safe_next(request.query_params.get("next"), "")
        to = asked_for if number in asked_for.replace("-", "") else tracking_path(number, language_of(request))
        response = RedirectResponse(quote(to, safe="/?=&%-"), 303)
        channels.parts.cookies.open(response, request, number)
        return response

    def ask(request: Request, typed: str) -> Response:
        try:
            address = text.email(typed)
        except text.Unreadable as unreadable:
            raise Invalid([Fault("email", unreadable.code)]) from unreadable
        if address is None:
            raise Invalid([Fault("email", "not_an_email")])
        return _ask(channels, post, request, address)


def _code_page(router: APIRouter, channels: Channels, post: Post) -> None:
    english, french = "/en/sign-in/{asked_id}", "/fr/connexion/{asked_id}"

    def show(
        request: Request, code: str = "", customers: tuple[str, ...] = (), faults: tuple[Fault, ...] = ()
    ) -> Response:
        status = 422 if faults else 200
        again = channels.pages.site.customer_sign_in.text(language_of(request))
        return channels.pages.render(
            request,
            "one_time_code.html",
            status=status,
            faults=faults,
            code=code,
            customers=[(one, one) for one in customers],
            other=again,
        )

    @both(router, en=english, fr=french, dependencies=[may(ANYONE)])
    def code_page(request: Request, asked_id: str) -> Response:  # the same for every id: it tells nothing
        return show(request)

    @both(router, en=english, fr=french, methods=["POST"], dependencies=[may(ANYONE)])
    def entered(request: Request, asked_id: str, sent: Sent) -> Response:
        if sent.text("do") == "again":
            try:
                with _work(channels, request) as work:
                    address = one_time_codes.address_of(work, asked_id)
            except Invalid as invalid:
                return show(request, faults=invalid.faults)
            return _ask(channels, post, request, address)
        with _work(channels, request) as work:
            proved = one_time_codes.redeem(work, asked_id, sent.text("code"), sent.text("customer"))
        if isinstance(proved, Fault):
            return show(request, faults=(proved,))
        if isinstance(proved, tuple):
            faults = (Fault("customer", "customer_missing"),) if "choosing" in sent else ()
            return show(request, sent.text("code")[:20], proved, faults)
        to = safe_next(request.query_params.get("next"), f"/{language_of(request)}/")
        response = RedirectResponse(quote(to, safe="/?=&%-"), 303)
        channels.parts.cookies.sign_in(response, customer_session(proved))
        return response


def _ask(channels: Channels, post: Post, request: Request, address: str) -> Response:
    """To the page where the code is entered; what can take long, or tell who is on file, comes after the answer."""
    limiter = channels.parts.limiter
    counted = (
        ("code.address", address.lower(), CODES_TO_AN_ADDRESS),
        ("code.source-asks", source_of(request), CODES_FROM_A_SOURCE),
    )
    for name, key, limit in counted:
        wait = limiter.hit(name, key, limit)
        if wait is not None:
            raise TooMany(wait)
    with _work(channels, request) as work:
        asked: Asked = one_time_codes.ask(work, address)
    language: Language = language_of(request)
    place = channels.pages.site.customer_sign_in.text(language)
    asked_for = safe_next(request.query_params.get("next"), "")
    query = f"?{urlencode({'next': asked_for})}" if asked_for else ""
    later = BackgroundTask(post.deliver, asked, language)
    return RedirectResponse(f"{place}/{asked.id}{query}", 303, background=later)


def _work(channels: Channels, request: Request) -> AbstractContextManager[Work]:
    return channels.workshop.begin(origin=str(uuid4()), correlation_id=correlation_of(request))
