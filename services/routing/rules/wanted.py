"""Which rows must a `Book` hold to decide a request as the whole book would?

Two steps, so that a service can load them for a whole batch in a fixed number of queries. `wants` says it from the
request alone. `wants_more` says which further serials the first rows lead to: the machine that a contract names, and the
older serials of a machine whose maintenance is to end; it is asked again until it has none (swaps of swaps are rare).

With an item come its contract, that contract's customer and the item's site; with an entitlement its contract. Areas
(territories, depots, closed days) are few and always whole.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas.request import ServiceRequest
from schemas.vocabulary import Kind
from services.routing.rules.calendars import zone_of
from services.routing.rules.facts import Book
from services.routing.rules.naming import only_machine


@dataclass(frozen=True, slots=True)
class Wanted:
    """Rows by their keys; None or False: none of these."""

    customer_number: str | None
    site_id: str | None
    contract_number: str | None
    serial: str | None  # all items with it: of any type, of any customer
    items_of_contract: bool  # all items on `contract_number`
    entitlements: bool  # all of the customer's


#: A machine decides, and a contract may name it.
_OF_MACHINES: Final = frozenset(
    {
        Kind.HARDWARE_REPAIR,
        Kind.REPAIR,
        Kind.COVERAGE_REVIEW,
        Kind.CONTRACT_CHANGE,
        Kind.MACHINE_TRANSFER,
        Kind.TERMINATION,
        Kind.SOFTWARE_KEY,
        Kind.APPLIANCE_MOVE,
    }
)
#: A machine may name the contract.
_OF_CONTRACTS: Final = frozenset({Kind.CONTRACT_COPY, Kind.CONTRACT_RENEWAL, Kind.CONTRACT_CHANGE})
_OF_PRODUCTS: Final = frozenset({Kind.SOFTWARE_SUPPORT, Kind.SOFTWARE_DOWNLOAD, Kind.REPAIR, Kind.APPLIANCE_MOVE})
#: How long a machine has been maintained counts.
_OF_TIME: Final = frozenset({Kind.TERMINATION, Kind.CONTRACT_CHANGE})


def wants(request: ServiceRequest) -> Wanted:
    """What the request itself names."""
    kind, serial = request.kind, request.machine.serial
    return Wanted(
        customer_number=request.customer_number,
        site_id=request.site_id,
        contract_number=request.contract_number,
        serial=serial if kind in _OF_MACHINES or kind in _OF_CONTRACTS else None,
        items_of_contract=serial is None and request.contract_number is not None and kind in _OF_MACHINES,
        entitlements=kind in _OF_PRODUCTS,
    )


def wants_more(request: ServiceRequest, book: Book, received_at: datetime, loaded: Collection[str]) -> frozenset[str]:
    """Serials whose items `book` must hold too; `loaded` are those that were asked for already."""
    customer = book.customer(request.customer_number)
    if customer is None or request.kind not in _OF_MACHINES:
        return frozenset()
    serials = set[str]()
    contract = book.contract_of(request.contract_number, customer.number)
    if request.machine.serial is not None:
        serials.add(request.machine.serial)
    elif contract is not None:
        named = only_machine(contract, request.machine, book, received_at, zone_of(customer.timezone))
        serials |= set[str]() if named is None else {named.serial}
    if request.kind in _OF_TIME:
        serials |= _older(serials, book, customer.number)
    return frozenset(serials.difference(loaded))


def _older(serials: Collection[str], book: Book, customer_number: str) -> set[str]:
    """The serials that the customer's items say these have replaced, as far as the book knows."""
    older, open_ends = set[str](), list(serials)
    while open_ends:
        for item, _ in book.held_with_serial(open_ends.pop(), customer_number):
            if item.replaces_serial is not None and item.replaces_serial not in older:
                older.add(item.replaces_serial)
                open_ends.append(item.replaces_serial)
    return older
