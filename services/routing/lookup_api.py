"""Addresses that only look: coverage, customers for agents, a decision before it is asked for, a decision explained."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request

from schemas import text
from schemas.decision import MachineRef
from schemas.request import InvalidRequest, parse_request
from schemas.vocabulary import Channel, Scope
from services.routing import lookup
from services.routing.edge import AGENTS, Edge
from services.routing.views import In, OpenRequestView
from services.runtime.errors import Fault, Invalid
from services.runtime.identity.access import CUSTOMER, SERVICE, may, token
from services.runtime.identity.principal import Customer, Principal, Token
from services.runtime.web.bodies import json_of
from services.runtime.web.languages import language_of

Typed = Annotated[str, Query(max_length=200)]


class PreviewIn(In):
    """A request as it would be sent, and the channel that it would come by; none: staff."""

    request: dict[str, Any]
    channel: Channel | None = None


def lookup_router(edge: Edge) -> APIRouter:
    router = APIRouter()

    @router.get("/api/coverage")
    def coverage(
        who: Annotated[Principal, may(CUSTOMER, AGENTS, SERVICE, token(Scope.COVERAGE_READ))],
        type: Typed,  # noqa: A002  # the address says type
        serial: Typed,
    ) -> dict[str, Any]:
        """What covers a machine today. Another customer's machine is not there."""
        machine = MachineRef(text.code(type) or "", text.code(serial) or "")
        with edge.reading() as connection:
            return dict(lookup.covered(connection, edge.judge, machine, _customers(who), edge.workshop.clock.read()))

    @router.get("/api/customers")
    def customers(
        who: Annotated[Principal, may(AGENTS, SERVICE)],
        number: Typed = "",
        phone: Typed = "",
        email: Typed = "",
        name: Typed = "",
    ) -> dict[str, Any]:
        """The customers that fit what is known of a caller."""
        with edge.reading() as connection:
            found = lookup.customers(connection, number=number, phone=phone, email=email, name=name)
        return {"customers": [lookup.customer_json(customer) for customer in found]}

    @router.get("/api/customers/{number}")
    def customer(number: str, who: Annotated[Principal, may(AGENTS, SERVICE)]) -> dict[str, Any]:
        """A customer with sites, devices, products and requests that are not over."""
        with edge.reading() as connection:
            held = lookup.holdings(connection, edge.judge, number, edge.workshop.clock.read())
        requests = [OpenRequestView.of(life).model_dump(mode="json") for life in held.requests]
        return lookup.holdings_json(held) | {"requests": requests}

    @router.post("/api/decisions/preview")
    def preview(
        request: Request,
        who: Annotated[Principal, may(AGENTS, SERVICE)],
        body: Annotated[PreviewIn, json_of(PreviewIn)],
    ) -> dict[str, Any]:
        """What would be decided if this were sent now; nothing is kept."""
        try:
            asked = parse_request(body.request, language=language_of(request))
            with edge.reading() as connection:
                now = edge.workshop.clock.read()
                return lookup.preview(connection, edge.judge, asked, body.channel, now).to_json()
        except InvalidRequest as error:
            raise Invalid([Fault(f"request.{one.path}", one.code) for one in error.errors]) from error

    return router


def _customers(who: Principal) -> frozenset[str] | None:
    """Whose machines the caller may ask about; None: everybody's."""
    match who:
        case Customer():
            return frozenset({who.customer_number})
        case Token():
            return who.customers
        case _:
            return None
