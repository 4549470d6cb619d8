"""Intake's programs' edge: requests, bulk files, and what is asked about a request later."""

from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from schemas.request import Prose, ServiceRequest, as_json
from schemas.vocabulary import Action, Role, Scope
from services.intake.asking import Ask, ask, kind_of
from services.intake.bulk import BULK_BYTES, Results, Upload, Uploads, lines_of
from services.intake.channels import SUBMIT, Channels, channel_of, correlation_of, key_for
from services.runtime.errors import NotFound
from services.runtime.identity.access import ANYONE, CUSTOMER, ONE_REQUEST, may, staff, token
from services.runtime.identity.codes import request_number
from services.runtime.identity.principal import Principal, Token
from services.runtime.web.bodies import json_of, read_bytes, read_json, validated
from services.runtime.web.languages import language_of

IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


class AcceptedAnswer(BaseModel):
    """A request has its number. The tracking code is in this answer and in no event."""

    number: str
    status: Literal["acknowledged"] = "acknowledged"
    tracking_url: str
    tracking_code: str


class Asked(BaseModel):
    """Recorded; the result is the request's next version, or a refusal that names this id."""

    command_id: str


class Why(BaseModel):
    """Why it is asked, in the customer's words."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[Prose, Field(max_length=1000)] = None


def api_router(channels: Channels, uploads: Uploads) -> APIRouter:
    """The routes."""
    router = APIRouter()
    _requests(router, channels, uploads)
    _commands(router, channels)
    return router


def _requests(router: APIRouter, channels: Channels, uploads: Uploads) -> None:
    @router.post("/api/requests", status_code=201)
    async def submit(
        http: Request,
        request: Annotated[ServiceRequest, json_of(ServiceRequest)],
        who: Annotated[Principal, may(ANYONE)],
        idempotency_key: IdempotencyKey = None,
    ) -> AcceptedAnswer:
        """Accept a request and give it a number. The same key and body gives the first answer again."""
        channel = channel_of(who)
        key = key_for(idempotency_key, who, channel, SUBMIT, as_json(request))
        accepted = await channels.accept(request, who, channel, language=None, key=key, http=http)
        return AcceptedAnswer(
            number=accepted.number,
            tracking_url=channels.tracking_url(accepted.number, request.language or language_of(http)),
            tracking_code=channels.parts.codes.code(accepted.number),
        )

    @router.post("/api/requests/bulk", response_class=StreamingResponse)
    async def bulk(
        http: Request, who: Annotated[Token, may(token(Scope.REQUESTS_BULK))], idempotency_key: IdempotencyKey = None
    ) -> StreamingResponse:
        """One request a line in (NDJSON, at most 10,000), one result a line out, in order."""
        place = uploads.enter()
        try:
            lines = lines_of(await read_bytes(http, BULK_BYTES))
        except BaseException:
            place.leave()
            raise
        return Results(Upload(channels, http, who, idempotency_key), lines, place)


def _commands(router: APIRouter, channels: Channels) -> None:
    who_may_ask = may(CUSTOMER, ONE_REQUEST, staff(Role.AGENT), token(Scope.REQUESTS_WRITE))

    @router.post("/api/requests/{number}/amend", status_code=202)
    async def amend(
        http: Request, number: str, who: Annotated[Principal, who_may_ask], idempotency_key: IdempotencyKey = None
    ) -> Asked:
        """Give what was missing: any fields of a request. The decision is made again as of the original receipt."""
        found = number_of(number)
        kind = await run_in_threadpool(kind_of, channels.workshop, found, who)
        raw = await read_json(http)
        given = {**raw, "kind": kind} if isinstance(raw, dict) and "kind" not in raw else raw
        asked = Ask(Action.AMEND, found, changes=validated(ServiceRequest, given))
        return await _ask(channels, http, asked, who, raw, idempotency_key)

    @router.post("/api/requests/{number}/cancel", status_code=202)
    async def cancel(
        http: Request,
        number: str,
        why: Annotated[Why, json_of(Why)],
        who: Annotated[Principal, who_may_ask],
        idempotency_key: IdempotencyKey = None,
    ) -> Asked:
        """Ask to cancel it."""
        asked = Ask(Action.CANCEL, number_of(number), reason=why.reason)
        return await _ask(channels, http, asked, who, why.model_dump(), idempotency_key)

    @router.post("/api/requests/{number}/reopen", status_code=202)
    async def reopen(
        http: Request,
        number: str,
        why: Annotated[Why, json_of(Why)],
        who: Annotated[Principal, who_may_ask],
        idempotency_key: IdempotencyKey = None,
    ) -> Asked:
        """Ask to open it again, within 14 days of its resolution."""
        asked = Ask(Action.REOPEN, number_of(number), reason=why.reason)
        return await _ask(channels, http, asked, who, why.model_dump(), idempotency_key)


def record(channels: Channels, http: Request, asked: Ask, who: Principal, sent: str | None, body: Any) -> str:
    """Record what is asked, in a transaction of its own; its command id."""
    channel = channel_of(who)
    key = key_for(sent, who, channel, f"{asked.action.value}/{asked.number}", body)
    with channels.workshop.begin(origin=str(uuid4()), correlation_id=correlation_of(http)) as work:
        return ask(work, asked, who, channel, key)


def number_of(typed: str) -> str:
    """12 digits, with or without dashes. A number that cannot be is one that is not there."""
    number = request_number(typed)
    if number is None:
        raise NotFound
    return number


async def _ask(
    channels: Channels, http: Request, asked: Ask, who: Principal, body: Any, idempotency_key: str | None
) -> Asked:
    return Asked(command_id=await run_in_threadpool(record, channels, http, asked, who, idempotency_key, body))
