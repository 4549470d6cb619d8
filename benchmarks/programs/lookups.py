"""Contract data for some requests by plain SQL: the rows that routing's `FactSource` loads, by whoever can run a query."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from schemas.service_requests import RequestAccepted
from schemas.vocabulary import ContractKind, Language, ServiceLevel
from services.routing.rules.book import Closure, Contract, Customer, Depot, Entitlement, Item, Site, Territory
from services.routing.rules.facts import Areas, Book
from services.routing.rules.wanted import wants, wants_more

#: Rows of one kind whose column is one of some values, as tuples in the order of the kind's fields.
Fetch = Callable[[type, str, Collection[str]], Sequence[tuple[Any, ...]]]
AsyncFetch = Callable[[type, str, Collection[str]], Awaitable[Sequence[tuple[Any, ...]]]]

TABLES: Final = {
    Customer: "customers",
    Site: "sites",
    Contract: "contracts",
    Item: "items",
    Entitlement: "entitlements",
    Territory: "territories",
    Depot: "depots",
    Closure: "closures",
}
_WORDS: Final = {"service_level": ServiceLevel, "kind": ContractKind, "language": Language}


def columns(kind: type) -> str:
    return ", ".join(f'"{one.name}"' for one in fields(kind))


def built(kind: type, rows: Iterable[Sequence[Any]]) -> list[Any]:
    """The values that the rules read."""
    words = [(at, _WORDS[one.name]) for at, one in enumerate(fields(kind)) if one.name in _WORDS]
    made = []
    for row in rows:
        values = list(row)
        for at, word in words:
            values[at] = values[at] and word(values[at])
        made.append(kind(*values))
    return made


@dataclass
class Reference:
    """Territories, depots and closed days: read once."""

    areas: Areas
    depots: dict[str, Depot]

    @classmethod
    def of(cls, territories: Iterable[Any], depots: Iterable[Any], closures: Iterable[Any]) -> "Reference":
        known = built(Depot, depots)
        closed = [replace(one, province=None) if one.province == "*" else one for one in built(Closure, closures)]
        return cls(Areas(built(Territory, territories), known, closed), {one.depot: one for one in known})


def load(fetch: Fetch, areas: Areas, asked: Sequence[RequestAccepted]) -> Book:
    """A book that decides `asked` as the whole data would."""
    steps = _steps(areas, asked)
    found = None
    while True:
        try:
            wanted = steps.send(found)
        except StopIteration as end:
            book: Book = end.value
            return book
        found = built(wanted[0], fetch(*wanted)) if wanted[2] else []


async def load_async(fetch: AsyncFetch, areas: Areas, asked: Sequence[RequestAccepted]) -> Book:
    """The same where queries are awaited."""
    steps = _steps(areas, asked)
    found = None
    while True:
        try:
            wanted = steps.send(found)
        except StopIteration as end:
            book: Book = end.value
            return book
        found = built(wanted[0], await fetch(*wanted)) if wanted[2] else []


def _steps(areas: Areas, asked: Sequence[RequestAccepted]) -> Any:
    """Which rows next, one query after the other; they come back as values."""
    wanted = [wants(one.request) for one in asked]
    serials = {one.serial for one in wanted if one.serial}
    whole = {one.contract_number for one in wanted if one.items_of_contract and one.contract_number}
    items = dict.fromkeys((yield Item, "serial", serials))
    items |= dict.fromkeys((yield Item, "contract_number", whole))
    customers = yield Customer, "number", {one.customer_number for one in wanted if one.customer_number}
    named = {one.contract_number for one in wanted if one.contract_number}
    buyers = {one.customer_number for one in wanted if one.entitlements and one.customer_number}
    sold = yield Contract, "customer_number", buyers
    entitlements = yield Entitlement, "contract_number", {one.number for one in sold}
    owners = named | {item.contract_number for item in items}
    contracts = {one.number: one for one in (yield Contract, "number", owners)} | {one.number: one for one in sold}
    places = {one.site_id for one in wanted if one.site_id} | {item.site_id for item in items if item.site_id}
    sites = yield Site, "site_id", places
    others = {one.customer_number for one in contracts.values()} - {one.number for one in customers}
    customers += yield Customer, "number", others
    while True:
        book = Book(
            areas=areas,
            customers=customers,
            sites=sites,
            contracts=contracts.values(),
            items=items,
            entitlements=entitlements,
        )
        more = frozenset[str]().union(*(wants_more(one.request, book, one.received_at, serials) for one in asked))
        if not more:
            return book
        serials |= more
        items |= dict.fromkeys((yield Item, "serial", more))
        for one in (yield Contract, "number", {item.contract_number for item in items} - contracts.keys()):
            contracts[one.number] = one
        sites += yield Site, "site_id", {i.site_id for i in items if i.site_id} - {site.site_id for site in sites}
