"""What every program of the benchmark works on: the bundled sample's day, asked again and again by copies of its customers.

Copy 0 is the sample as it is; copy *n* has the same contracts, machines and sites under names of its own. So the mix of
outcomes is the sample's (24 visits, 14 parcels, 8 estimates … of 60) for any number of events over any number of contracts.
Nothing is drawn at random: a run can be repeated to the byte.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid5

import orjson
from stdnum import luhn

from schemas.envelope import Envelope, Headers, encode
from schemas.request import parse_request
from schemas.service_requests import RequestAccepted, Submitter
from schemas.topics import SERVICE_REQUESTS
from services.routing import sample
from services.routing.data_files import load
from services.routing.data_files.layout import Row
from services.routing.rules.book import Contract, Customer, Entitlement, Item, Site
from services.routing.rules.facts import Areas, Book

#: How many contracts one copy of the sample has.
CONTRACTS_A_COPY: Final = 109
RECEIVED_AT: Final = datetime(2026, 11, 23, 15, tzinfo=UTC)

_IDS: Final = UUID("a8a0f4c2-6a55-53a8-8f0c-6c1d8d1fb1a5")


def contract_rows(copies: int) -> Iterator[Row]:
    """Contract data of `copies` times the sample's customers, in the order in which an import takes it."""
    data = load(sample.data_dir())
    yield from data.territories
    yield from data.depots
    yield from data.closures
    files: tuple[Sequence[Row], ...] = (data.customers, data.sites, data.contracts, data.items, data.entitlements)
    for rows in files:
        for copy in range(copies):
            yield from (_renamed(row, copy) for row in rows)


def book(copies: int) -> Book:
    """The same, in memory."""
    kinds: dict[type, list[Any]] = {kind: [] for kind in (Customer, Site, Contract, Item, Entitlement)}
    for row in contract_rows(copies):
        if type(row) in kinds:
            kinds[type(row)].append(row)
    data = load(sample.data_dir())
    return Book(
        areas=Areas(data.territories, data.depots, data.closures),
        customers=kinds[Customer],
        sites=kinds[Site],
        contracts=kinds[Contract],
        items=kinds[Item],
        entitlements=kinds[Entitlement],
    )


def events(count: int, copies: int) -> Iterator[tuple[bytes, Headers, bytes]]:
    """Key, headers and body of `count` acceptances as intake's relay publishes them."""
    for index in range(count):
        number = request_number(index)
        body = _body(index % len(_day()), index // len(_day()) % copies).replace(b"000000000000", number.encode(), 1)
        envelope = Envelope(
            id=str(uuid5(_IDS, number)),
            type=RequestAccepted.TYPE,
            source="/fixline/intake",
            subject=number,
            time=RECEIVED_AT,
            correlation_id=str(uuid5(_IDS, f"call {number}")),
            causation_id=None,
            ordinal=0,
        )
        yield number.encode(), encode(envelope, counter=SERVICE_REQUESTS.counter), body


def asked(copies: int) -> Iterator[dict[str, Any]]:
    """The day's requests as their JSON, once by each copy's customers."""
    for copy in range(copies):
        for sent in _day():
            yield _asked(sent.request, copy)


def request_number(index: int) -> str:
    digits = f"{48210000000 + index:011d}"
    return digits + luhn.calc_check_digit(digits)


@cache
def _day() -> list[sample.Sent]:
    return sample.day()


@cache
def _body(at: int, copy: int) -> bytes:
    """An acceptance whose number is yet to be filled in."""
    sent = _day()[at]
    request = parse_request(_asked(sent.request, copy))
    submitter = Submitter(type="customer", id=request.customer_number, customer_number=request.customer_number)
    accepted = RequestAccepted.model_construct(
        number="000000000000",
        sequence=0,
        submitter=submitter,
        channel=sent.channel,
        received_at=RECEIVED_AT,
        request=request,
    )
    return accepted.model_dump_json().encode()


def _asked(request: dict[str, Any], copy: int) -> dict[str, Any]:
    if copy == 0:
        return request
    asked: dict[str, Any] = orjson.loads(orjson.dumps(request))
    for name in ("customer_number", "contract_number", "site_id"):
        if asked.get(name):
            asked[name] = _named(asked[name], copy)
    if serial := asked.get("machine", {}).get("serial"):
        asked["machine"]["serial"] = _named(serial, copy)
    return asked


def _renamed(row: Row, copy: int) -> Row:
    if copy == 0:
        return row
    match row:
        case Customer():
            return replace(row, number=_named(row.number, copy))
        case Site():
            return replace(row, site_id=_named(row.site_id, copy), customer_number=_named(row.customer_number, copy))
        case Contract():
            return replace(row, number=_named(row.number, copy), customer_number=_named(row.customer_number, copy))
        case Item():
            return replace(
                row,
                contract_number=_named(row.contract_number, copy),
                serial=_named(row.serial, copy),
                site_id=row.site_id and _named(row.site_id, copy),
                replaces_serial=row.replaces_serial and _named(row.replaces_serial, copy),
            )
        case Entitlement():
            return replace(row, contract_number=_named(row.contract_number, copy))
        case _:
            return row


def _named(name: str, copy: int) -> str:
    """A name's copy; letters and digits alone, so that it is its own normal form."""
    return f"{name}X{copy}"
