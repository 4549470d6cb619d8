"""The telephone agent's page: one form for the call, then the number to read back. Staff speak for the caller.

Looking a customer up helps and never blocks: when routing is away the call is taken all the same (docs/architecture.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Request
from sqlalchemy import select
from starlette.responses import HTMLResponse, RedirectResponse, Response

from schemas.request import ServiceRequest, as_json
from schemas.vocabulary import Channel, Kind, Language, Role
from services.intake.api import number_of
from services.intake.channels import SUBMIT, Channels, key_for, tracking_path
from services.intake.customers import Customers, Found
from services.intake.tables import REQUESTS
from services.runtime.errors import Fault, Invalid, NotFound
from services.runtime.identity.access import may, staff
from services.runtime.identity.principal import Staff
from services.runtime.web.bodies import Form, read_form, validated
from services.runtime.web.languages import language_of

Sent = Annotated[Form, Depends(read_form)]
Agent = Annotated[Staff, may(staff(Role.AGENT))]

_TEXTS = ("customer_number", "contract_number", "product_id", "language", "text", "site_id")
_PARTS = ("machine.type", "machine.serial", "contact.name", "contact.email", "contact.phone")
#: Between the type and the serial of a device that was chosen from the list; in neither, once they are normalised.
_MARK = "/"


@dataclass(frozen=True)
class Phone:
    channels: Channels
    customers: Customers


def phone_router(phone: Phone) -> APIRouter:
    """The routes."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/phone")
    def call(request: Request, who: Agent, customer: str = "") -> Response:
        """A new call; with `customer`, theirs."""
        form = Form([("find", customer), ("key", str(uuid4()))])
        return _show(phone, request, form, phone.customers.find(customer))

    @router.post("/phone")
    def taken(request: Request, sent: Sent, who: Agent) -> Response:
        """Search again (what was typed stays), or send."""
        picked = sent.text("_find")
        if picked:
            return _show(phone, request, sent, phone.customers.find(sent.text("find") if picked == "find" else picked))
        return _send(phone, request, sent, who)

    @router.get("/phone/sent/{number}")
    def read_back(request: Request, number: str, who: Agent) -> Response:
        """The number in four groups, and in words, in the caller's language."""
        return _read_back(phone.channels, request, number_of(number))

    return router


def _send(phone: Phone, request: Request, sent: Form, who: Staff) -> Response:
    try:
        asked = validated(ServiceRequest, _body(sent))
        key = key_for(sent.text("key")[:64] or None, who, Channel.PHONE, SUBMIT, as_json(asked))
        accepted = phone.channels.accept_here(
            asked, who, Channel.PHONE, language=language_of(request), key=key, http=request
        )
    except Invalid as invalid:
        found = phone.customers.find(sent.text("customer_number"))
        return _show(phone, request, sent, found, [_on_this_page(fault) for fault in invalid.faults])
    return RedirectResponse(f"/phone/sent/{accepted.number}", 303)


def _body(sent: Form) -> dict[str, Any]:
    """What was typed, in a request's shape. A device chosen from the list goes before what is typed of one."""
    body: dict[str, Any] = {"kind": sent.text("kind")}
    body |= {name: sent.text(name) for name in _TEXTS if sent.text(name)}
    for name in _PARTS:
        outer, _, inner = name.partition(".")
        if sent.text(name):
            body.setdefault(outer, {})[inner] = sent.text(name)
    kind, _, serial = sent.text("device").partition(_MARK)
    if serial:
        body["machine"] = {"type": kind, "serial": serial}
    if sent.text("severity").isdecimal():
        body["severity"] = int(sent.text("severity")[:3])
    return body


def _on_this_page(fault: Fault) -> Fault:
    """A missing kind is said in the words of the page; a key that was used means that the call was sent already."""
    if fault.path == "kind":
        return Fault("kind", "kind_missing")
    return Fault("", "call_sent") if fault.code == "idempotency_key_reused" else fault


def _show(phone: Phone, request: Request, form: Form, found: Found, faults: Sequence[Fault] = ()) -> Response:
    pages = phone.channels.pages
    language = language_of(request)
    say = pages.words.bound(language)
    customer = found.customer
    return pages.render(
        request,
        "phone.html",
        status=422 if faults else 200,
        faults=faults,
        form=form,
        key=str(uuid4()) if any(fault.code == "call_sent" for fault in faults) else form.text("key"),
        found=found,
        customer=customer,
        devices=_devices(customer, say) if customer else [],
        open_requests=[
            (tracking_path(str(one["number"]), language), str(one["number"]), one.get("device") or "", one["status"])
            for one in (customer or {}).get("requests", [])
        ],
        sites=[(one["site_id"], f"{one['line1']}, {one['city']}") for one in (customer or {}).get("sites", [])],
        kinds=[(kind.value, say(f"phone.kind.{kind.value}")) for kind in Kind],
        spoken=form.text("language") or (str(customer["language"]) if customer else language.value),
    )


def _devices(customer: Mapping[str, Any], say: Any) -> list[tuple[str, str, str]]:
    """What is covered today, as radios: (value, name, level and end in words). The last is another one."""
    covered = {
        f"{one['machine']['type']}{_MARK}{one['machine']['serial']}": one
        for one in customer.get("devices", [])
        if one.get("covers_today")
    }
    options = [
        (
            value,
            " ".join(filter(None, (one["machine"][part] for part in ("type", "model", "serial")))),
            _cover(one, say),
        )
        for value, one in sorted(covered.items())
    ]
    return [*options, ("", say("phone.device.other"), "")] if options else []


def _cover(device: Mapping[str, Any], say: Any) -> str:
    until = device.get("covered_until")
    level = str(device.get("service_level") or "")
    return say("phone.device.until", level=level, until=until) if until else level


def _read_back(channels: Channels, request: Request, number: str) -> Response:
    with channels.workshop.database.reading() as connection:
        row = connection.execute(
            select(REQUESTS.c.language, REQUESTS.c.channel).where(REQUESTS.c.number == number)
        ).one_or_none()
    if row is None:
        raise NotFound
    spoken = Language(row.language) if row.language else language_of(request)
    say = channels.pages.words.bound(spoken)
    code = channels.parts.codes.code(number)
    groups = [number[start : start + 4] for start in range(0, 12, 4)]
    return channels.pages.render(
        request,
        "phone_sent.html",
        number=number,
        spoken=spoken,
        groups=[(group, ", ".join(say(f"digit.{digit}") for digit in group)) for group in groups],
        codes=[(part, ", ".join(say(f"digit.{digit}") for digit in part)) for part in (code[:4], code[4:])],
        sentence=say("phone.sent.say"),
        code_sentence=say("phone.sent.say_code"),
        tracking=tracking_path(number, language_of(request)),
    )
