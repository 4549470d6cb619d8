"""What customers ask about a request they have, on pages that the tracking page links to: cancel it, give what is missing."""

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from schemas.request import ServiceRequest
from schemas.vocabulary import Action, Role
from services.intake.api import number_of, record
from services.intake.asking import Ask, kind_of
from services.intake.channels import Channels, tracking_path
from services.runtime.errors import Fault, Invalid
from services.runtime.identity.access import CUSTOMER, ONE_REQUEST, may, staff
from services.runtime.identity.principal import Principal
from services.runtime.web.bodies import Form, read_form, validated
from services.runtime.web.languages import both, language_of

Sent = Annotated[Form, Depends(read_form)]
_OWNERS = (CUSTOMER, ONE_REQUEST, staff(Role.AGENT))
#: What may be added here.
_FIELDS = ("machine.type", "machine.serial", "product_id", "contract_number", "text")
_REASON_LIMIT = 1_000


def command_router(channels: Channels) -> APIRouter:
    """The routes."""
    router = APIRouter()
    _cancel(router, channels)
    _complete(router, channels)
    return router


def _cancel(router: APIRouter, channels: Channels) -> None:
    english, french = "/en/requests/{number}/cancel", "/fr/demandes/{number}/annuler"

    def show(request: Request, number: str, form: Form, faults: tuple[Fault, ...] = ()) -> Response:
        return _render(channels, request, "cancel.html", number, form, faults)

    @both(router, en=english, fr=french)
    def cancel(request: Request, number: str, who: Annotated[Principal, may(*_OWNERS)]) -> Response:
        """What it means, and the button."""
        found = number_of(number)
        kind_of(channels.workshop, found, who)
        return show(request, found, Form([]))

    @both(router, en=english, fr=french, methods=["POST"])
    def cancelled(request: Request, number: str, sent: Sent, who: Annotated[Principal, may(*_OWNERS)]) -> Response:
        found = number_of(number)
        reason = sent.text("reason")
        if len(reason) > _REASON_LIMIT:
            return show(request, found, sent, (Fault("reason", "too_long", {"max": _REASON_LIMIT}),))
        record(channels, request, Ask(Action.CANCEL, found, reason=reason or None), who, _key(sent), reason)
        return RedirectResponse(tracking_path(found, language_of(request)), 303)


def _complete(router: APIRouter, channels: Channels) -> None:
    english, french = "/en/requests/{number}/complete", "/fr/demandes/{number}/completer"

    def show(request: Request, number: str, form: Form, faults: tuple[Fault, ...] = ()) -> Response:
        return _render(channels, request, "complete.html", number, form, faults)

    @both(router, en=english, fr=french)
    def complete(request: Request, number: str, who: Annotated[Principal, may(*_OWNERS)]) -> Response:
        """The fields that a request can lack."""
        found = number_of(number)
        kind_of(channels.workshop, found, who)
        return show(request, found, Form([]))

    @both(router, en=english, fr=french, methods=["POST"])
    def completed(request: Request, number: str, sent: Sent, who: Annotated[Principal, may(*_OWNERS)]) -> Response:
        found = number_of(number)
        given = _given(sent)
        body = {"kind": kind_of(channels.workshop, found, who), **given}
        if not given:
            return show(request, found, sent, (Fault("machine.serial", "nothing_given"),))
        try:
            changes = validated(ServiceRequest, body)
        except Invalid as invalid:
            return show(request, found, sent, invalid.faults)
        record(channels, request, Ask(Action.AMEND, found, changes=changes), who, _key(sent), given)
        return RedirectResponse(tracking_path(found, language_of(request)), 303)


def _given(sent: Form) -> dict[str, object]:
    """The fields that were filled in, in a request's shape."""
    given: dict[str, object] = {}
    machine = {}
    for name in _FIELDS:
        value = sent.text(name)
        outer, _, inner = name.partition(".")
        if value and inner:
            machine[inner] = value
        elif value:
            given[outer] = value
    return {**given, "machine": machine} if machine else given


def _key(sent: Form) -> str | None:
    """The form's own idempotency key: a double click asks once."""
    key = sent.text("key")
    return key if 0 < len(key) <= 64 else None


def _render(
    channels: Channels, request: Request, template: str, number: str, form: Form, faults: tuple[Fault, ...]
) -> Response:
    return channels.pages.render(
        request,
        template,
        status=422 if faults else 200,
        faults=faults,
        number=number,
        form=form,
        key=str(uuid4()),
        tracking=tracking_path(number, language_of(request)),
        limit=_REASON_LIMIT,
    )
