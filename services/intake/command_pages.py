"""What customers ask about a request they have, on pages of their own: give what is missing, cancel, reopen, dispute.

The tracking page carries the form of what is missing itself and sends it here; what is wrong with it is said here.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from schemas.request import ServiceRequest, as_json
from schemas.vocabulary import Action, Channel, Kind, Role
from services.intake.api import number_of, record
from services.intake.asking import Ask, kind_of, original
from services.intake.channels import Channels, channel_of, key_for, tracking_path
from services.intake.form import TEXT_LIMIT
from services.runtime.errors import Fault, Invalid
from services.runtime.identity.access import CUSTOMER, ONE_REQUEST, may, staff
from services.runtime.identity.principal import Principal
from services.runtime.web.bodies import Form, read_form, validated
from services.runtime.web.languages import both, language_of

Sent = Annotated[Form, Depends(read_form)]
_OWNERS = (CUSTOMER, ONE_REQUEST, staff(Role.AGENT))
#: The answer to a question of ours: the text of an amendment.
ANSWER: Final = "answer"
#: What may be added here, in the order of the page; shown are those that were asked for, else the first five.
_FIELDS = (
    "machine.serial",
    "machine.type",
    "contract_number",
    "product_id",
    "text",
    "site_id",
    "details.party",
    "details.sent_on",
    "details.evidence",
    "details.reason",
    "details.event_date",
    "details.origin_country",
    "details.destination_country",
    "details.request_number",
    "details.invoice_number",
    ANSWER,
)
_REASON_LIMIT = 1_000
#: A review's proof, in words.
_PROOF_LIMIT = 2_000


def command_router(channels: Channels) -> APIRouter:
    """The routes."""
    router = APIRouter()
    _cancel(router, channels)
    _reopen(router, channels)
    _complete(router, channels)
    _review(router, channels)
    return router


def _cancel(router: APIRouter, channels: Channels) -> None:
    """What it means, and the button."""
    _with_reason(
        router, channels, Action.CANCEL, "cancel.html", "/en/requests/{number}/cancel", "/fr/demandes/{number}/annuler"
    )


def _reopen(router: APIRouter, channels: Channels) -> None:
    """It was not resolved after all."""
    _with_reason(
        router, channels, Action.REOPEN, "reopen.html", "/en/requests/{number}/reopen", "/fr/demandes/{number}/rouvrir"
    )


def _with_reason(
    router: APIRouter, channels: Channels, action: Action, template: str, english: str, french: str
) -> None:
    def show(request: Request, number: str, form: Form, faults: tuple[Fault, ...] = ()) -> Response:
        return _render(channels, request, template, number, form, faults, limit=_REASON_LIMIT)

    @both(router, en=english, fr=french)
    def ask_first(request: Request, number: str, who: Annotated[Principal, may(*_OWNERS)]) -> Response:
        found = number_of(number)
        kind_of(channels.workshop, found, who)
        return show(request, found, Form([]))

    @both(router, en=english, fr=french, methods=["POST"])
    def asked(request: Request, number: str, sent: Sent, who: Annotated[Principal, may(*_OWNERS)]) -> Response:
        found = number_of(number)
        reason = sent.text("reason")
        if len(reason) > _REASON_LIMIT:
            return show(request, found, sent, (Fault("reason", "too_long", {"max": _REASON_LIMIT}),))
        record(channels, request, Ask(action, found, reason=reason or None), who, _key(sent), reason)
        return RedirectResponse(tracking_path(found, language_of(request)), 303)


def _complete(router: APIRouter, channels: Channels) -> None:
    english, french = "/en/requests/{number}/complete", "/fr/demandes/{number}/completer"

    def show(request: Request, number: str, form: Form, faults: tuple[Fault, ...] = ()) -> Response:
        asked = [name for name in _FIELDS if name in form.all("asked")] or list(_FIELDS[:5])
        return _render(channels, request, "complete.html", number, form, faults, limit=TEXT_LIMIT, asked=asked)

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
            first = next((name for name in _FIELDS if name in sent.all("asked")), _FIELDS[0])
            return show(request, found, sent, (Fault(first, "nothing_given"),))
        try:
            changes = validated(ServiceRequest, body)
        except Invalid as invalid:
            return show(request, found, sent, _beside(invalid.faults, sent))
        record(channels, request, Ask(Action.AMEND, found, changes=changes), who, _key(sent), given)
        return RedirectResponse(tracking_path(found, language_of(request)), 303)


def _review(router: APIRouter, channels: Channels) -> None:
    english, french = "/en/requests/{number}/review", "/fr/demandes/{number}/revision"

    def show(request: Request, number: str, form: Form, faults: tuple[Fault, ...] = ()) -> Response:
        return _render(channels, request, "review.html", number, form, faults, limit=_PROOF_LIMIT)

    @both(router, en=english, fr=french)
    def review(request: Request, number: str, who: Annotated[Principal, may(*_OWNERS)]) -> Response:
        """ "I was told it is not covered; I think that is wrong": the device is filled in."""
        found = number_of(number)
        machine = original(channels.workshop, found, who).machine
        return show(
            request, found, Form([("machine.type", machine.type or ""), ("machine.serial", machine.serial or "")])
        )

    @both(router, en=english, fr=french, methods=["POST"])
    def reviewed(request: Request, number: str, sent: Sent, who: Annotated[Principal, may(*_OWNERS)]) -> Response:
        """A request of its own, about the first one; the customer is the first one's."""
        found, language = number_of(number), language_of(request)
        first = original(channels.workshop, found, who)
        proof = sent.text("details.evidence")
        if not proof:
            return show(request, found, sent, (Fault("details.evidence", "proof_missing"),))
        if len(proof) > _PROOF_LIMIT:
            return show(request, found, sent, (Fault("details.evidence", "too_long", {"max": _PROOF_LIMIT}),))
        body = {
            "kind": Kind.COVERAGE_REVIEW,
            "customer_number": first.customer_number,
            "language": language,
            "contact": as_json(first)["contact"],
            "machine": {name: sent.text(f"machine.{name}") or None for name in ("type", "serial")},
            "details": {"request_number": found, "evidence": proof},
        }
        try:
            asked = validated(ServiceRequest, body)
            key = key_for(_key(sent), who, Channel.WEB, f"review/{found}", as_json(asked))
            accepted = channels.accept_here(asked, who, channel_of(who), language=language, key=key, http=request)
        except Invalid as invalid:
            return show(request, found, sent, invalid.faults)
        response = RedirectResponse(tracking_path(accepted.number, language), 303)
        channels.parts.cookies.open(response, request, accepted.number)
        return response


def _given(sent: Form) -> dict[str, Any]:
    """The fields that were filled in, in a request's shape."""
    given: dict[str, Any] = {}
    for name in _FIELDS:
        value = sent.text(name)
        outer, _, inner = ("text" if name == ANSWER else name).partition(".")
        if value and inner:
            given.setdefault(outer, {})[inner] = value
        elif value:
            given[outer] = value
    return given


def _beside(faults: Sequence[Fault], sent: Form) -> tuple[Fault, ...]:
    """Faults by the names of the form's fields."""
    answers = ANSWER in sent.all("asked")
    return tuple(Fault(ANSWER, one.code, one.values) if answers and one.path == "text" else one for one in faults)


def _key(sent: Form) -> str | None:
    """The form's own idempotency key: a double click asks once."""
    key = sent.text("key")
    return key if 0 < len(key) <= 64 else None


def _render(
    channels: Channels,
    request: Request,
    template: str,
    number: str,
    form: Form,
    faults: tuple[Fault, ...],
    limit: int,
    asked: Sequence[str] = (),
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
        limit=limit,
        asked=asked,
    )
