"""Looking things up in contract data: who calls, what they hold, what covers a machine today. Only looks.

Nobody learns anything of another customer's here: what is not theirs is not there.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from schemas import text
from schemas.decision import Decision, MachineRef, show_instant
from schemas.request import HOME_REGION, Machine, ServiceRequest
from schemas.vocabulary import Channel, Kind, Status
from services.routing import decisions, evidence, store
from services.routing.decisions import Judge
from services.routing.facts import Asked, find, read
from services.routing.requests import Life
from services.routing.rules.book import Contract, Customer, Entitlement, Item, Site
from services.routing.rules.coverage import Comparison, compare
from services.routing.rules.facts import Book
from services.routing.tables import CONTRACT_DATA as DATA
from services.routing.tables import REQUESTS
from services.runtime.errors import NotFound

#: Rows that a page or an agent can take in at once.
MOST = 500


@dataclass(frozen=True, slots=True)
class Holdings:
    """A customer, and what is on file for them."""

    customer: Customer
    sites: tuple[Site, ...]
    devices: tuple[Comparison, ...]  # each item held against today
    entitlements: tuple[Entitlement, ...]
    requests: tuple[Life, ...]  # that are not over, the newest first


def customers(
    connection: Connection, *, number: str = "", phone: str = "", email: str = "", name: str = ""
) -> list[Customer]:
    """The customers that fit what is known of a caller; at most 20. Nothing known: none."""
    columns = DATA.customers.c
    wanted = []
    if number:
        wanted.append(columns.number == text.identifier(number))
    if phone:
        wanted.append(columns.phone == _phone(phone))
    if email:
        wanted.append(func.lower(columns.email) == email.strip().lower())
    if name.strip():
        wanted.append(func.lower(columns.name).contains(name.strip().lower(), autoescape=True))
    return read(connection, Customer, *wanted, limit=20) if wanted else []


def holdings(connection: Connection, judge: Judge, number: str, now: datetime) -> Holdings:
    """What a customer holds and has asked for. Raises `NotFound`."""
    found = find(connection, Customer, DATA.customers.c.number, [text.identifier(number) or ""])
    if not found:
        raise NotFound
    customer = found[0]
    contracts = {
        one.number: one for one in read(connection, Contract, DATA.contracts.c.customer_number == customer.number)
    }
    items = find(connection, Item, DATA.items.c.contract_number, list(contracts))[:MOST]
    sites = read(connection, Site, DATA.sites.c.customer_number == customer.number)
    areas = judge.facts.reference(connection).areas
    book = Book(areas=areas, customers=[customer], sites=sites, contracts=contracts.values())
    zone = ZoneInfo(customer.timezone)
    over = [Status.RESOLVED, Status.REJECTED, Status.CANCELLED, Status.CLOSED]
    columns = REQUESTS.c
    theirs = (columns.customer_number == customer.number, columns.status.not_in(over))
    return Holdings(
        customer=customer,
        sites=tuple(sites),
        devices=tuple(compare(item, contracts[item.contract_number], book, now, zone) for item in items),
        entitlements=tuple(find(connection, Entitlement, DATA.entitlements.c.contract_number, list(contracts))),
        requests=tuple(store.found(connection, Life, *theirs, order=(columns.received_at.desc(),), limit=50)),
    )


def covered(
    connection: Connection, judge: Judge, machine: MachineRef, of: Collection[str] | None, now: datetime
) -> Mapping[str, Any]:
    """What covers a machine now, among items of the customers `of` (None: anybody's), as the evidence of a decision shows it.

    Raises `NotFound` when none of them holds it.
    """
    owners = _holders(connection, machine)
    mine = owners if of is None else owners & set(of)
    if not mine:
        raise NotFound
    number = min(mine)
    asked = Machine(type=machine.type, serial=machine.serial)
    request = ServiceRequest(kind=Kind.HARDWARE_REPAIR, customer_number=number, machine=asked)
    facts = judge.facts.load(connection, [Asked(request, now)])
    judged = decisions.judge(judge, facts, request, None, now)
    found = evidence.to_json(judged.decided.evidence)["coverage"]
    decision = judged.decision
    return {
        "customer_number": number,
        "machine": {"type": machine.type, "serial": machine.serial},
        "as_of": show_instant(now),
        "covered": decision.service_level is not None,
        "service_level": decision.service_level,
        "contract_number": decision.contract_number,
        "covered_until": decision.covered_until,
        "items": [] if found is None else found["compared"],
    }


def preview(
    connection: Connection, judge: Judge, request: ServiceRequest, channel: Channel | None, now: datetime
) -> Decision:
    """What would be decided if this were sent now. Nothing is kept. Raises `InvalidRequest`."""
    facts = judge.facts.load(connection, [Asked(request, now)])
    return decisions.judge(judge, facts, request, channel, now).decision


def _holders(connection: Connection, machine: MachineRef) -> set[str]:
    items = DATA.items.c
    query = (
        select(DATA.contracts.c.customer_number)
        .join(DATA.items, items.contract_number == DATA.contracts.c.number)
        .where(items.serial == machine.serial, items.machine_type == machine.type)
    )
    return set(connection.execute(query).scalars())


def _phone(typed: str) -> str | None:
    try:
        return text.phone(typed, HOME_REGION)
    except text.Unreadable:
        return None


def customer_json(customer: Customer) -> dict[str, Any]:
    return asdict(customer)


def holdings_json(held: Holdings) -> dict[str, Any]:
    """The customer with sites, devices and products, as programs read them."""
    return customer_json(held.customer) | {
        "sites": [asdict(site) for site in held.sites],
        "devices": [
            {
                "machine": {"type": one.item.machine_type, "model": one.item.model, "serial": one.item.serial},
                "contract_number": one.contract.number,
                "site_id": one.site_id,
                "service_level": one.level,
                "covers_today": one.lost_by is None,
                "covered_until": one.covered_until,
            }
            for one in held.devices
        ],
        "entitlements": [asdict(one) for one in held.entitlements],
    }
