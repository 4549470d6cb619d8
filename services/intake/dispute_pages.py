"""A customer disputes lines of an invoice, from the invoice's page: a request of its own (docs/rules.md §8).

The address names no request: that page is routing's, which knows whose invoice it is, also where somebody who did not sign in
asked for the repair. Of an invoice that is not the customer's, routing holds nothing.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from schemas.request import ServiceRequest, as_json
from schemas.vocabulary import Channel, Kind, Role
from services.intake.channels import SUBMIT, Channels, key_for, tracking_path
from services.runtime.identity.access import CUSTOMER, may, staff
from services.runtime.identity.principal import Customer, Staff
from services.runtime.web.bodies import Form, read_form, validated
from services.runtime.web.languages import both, language_of

Sent = Annotated[Form, Depends(read_form)]


def dispute_router(channels: Channels) -> APIRouter:
    """The routes."""
    router = APIRouter()

    @both(router, en="/en/disputes", fr="/fr/contestations", methods=["POST"])
    def disputed(
        request: Request, sent: Sent, who: Annotated[Customer | Staff, may(CUSTOMER, staff(Role.AGENT))]
    ) -> Response:
        """The ticked lines of an invoice. A double click is one dispute: the form has a key of its own."""
        language = language_of(request)
        asked = validated(
            ServiceRequest,
            {
                "kind": Kind.BILLING_DISPUTE.value,
                "customer_number": who.customer_number if isinstance(who, Customer) else sent.text("customer_number"),
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
