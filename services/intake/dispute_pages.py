"""A customer disputes lines of an invoice, from the invoice's page: a request of its own (docs/rules.md §8)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy import select
from starlette.responses import RedirectResponse, Response

from schemas.request import ServiceRequest, as_json
from schemas.vocabulary import Channel, Kind, Role
from services.intake.api import number_of
from services.intake.asking import kind_of
from services.intake.channels import SUBMIT, Channels, key_for, tracking_path
from services.intake.tables import REQUESTS
from services.runtime.errors import IdentityRequired
from services.runtime.identity.access import CUSTOMER, ONE_REQUEST, may, staff
from services.runtime.identity.principal import OneRequest, Principal, Staff
from services.runtime.web.bodies import Form, read_form, validated
from services.runtime.web.languages import both, language_of

Sent = Annotated[Form, Depends(read_form)]


def dispute_router(channels: Channels) -> APIRouter:
    """The routes."""
    router = APIRouter()
    english, french = "/en/requests/{number}/dispute", "/fr/demandes/{number}/contester"
    owners = (CUSTOMER, ONE_REQUEST, staff(Role.AGENT))

    @both(router, en=english, fr=french, methods=["POST"])
    def disputed(request: Request, number: str, sent: Sent, who: Annotated[Principal, may(*owners)]) -> Response:
        """The ticked lines of the invoice of request `number`. A double click is one dispute: the form has a key of its own."""
        found, language = number_of(number), language_of(request)
        kind_of(channels.workshop, found, who)
        if isinstance(who, OneRequest):
            raise IdentityRequired
        asked = validated(
            ServiceRequest,
            {
                "kind": Kind.BILLING_DISPUTE.value,
                "customer_number": _customer(channels, found),
                "text": sent.text("text")[:1000] or None,
                "language": language.value,
                "details": {"invoice_number": sent.text("invoice_number"), "lines": sent.all("lines")},
            },
        )
        channel = Channel.PHONE if isinstance(who, Staff) else Channel.WEB
        key = key_for(sent.text("key")[:64] or None, who, channel, SUBMIT, as_json(asked))
        accepted = channels.accept_here(asked, who, channel, language=language, key=key, http=request)
        response = RedirectResponse(tracking_path(accepted.number, language), 303)
        channels.parts.cookies.open(response, request, accepted.number)
        return response

    return router


def _customer(channels: Channels, number: str) -> str | None:
    """Whose invoice it is: the customer's whose repair it was."""
    with channels.workshop.database.reading() as connection:
        query = select(REQUESTS.c.customer_number).where(REQUESTS.c.number == number)
        return connection.execute(query).scalar_one_or_none()
