"""Everything that `decide` needs for a whole batch, in the same few queries for 1 request or for 1,000.

Which rows those are, `rules/wanted.py` says; a `Book` of them decides as the whole contract data would. Territories,
depots and closed days are few, the same for every request and kept until an import changes something.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from threading import Lock
from typing import Any, Final, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Table, select

from schemas.request import ServiceRequest
from schemas.vocabulary import ContractKind, Language, ServiceLevel
from services.routing.contract_tables import EVERYWHERE
from services.routing.data_files.layout import Row
from services.routing.entered import NOTHING_ENTERED, Coverage, Entered
from services.routing.learning import Models
from services.routing.rules import text_kind
from services.routing.rules.book import Closure, Contract, Customer, Depot, Entitlement, Item, Site, Territory
from services.routing.rules.facts import Areas, Book
from services.routing.rules.reading import Reading
from services.routing.rules.text_kind_model import Model
from services.routing.rules.wanted import wants, wants_more
from services.routing.tables import CONTRACT_DATA as DATA
from services.runtime.rows import among

#: The table of each row of contract data.
TABLES: Final[dict[type[Row], Table]] = {
    Customer: DATA.customers,
    Site: DATA.sites,
    Territory: DATA.territories,
    Depot: DATA.depots,
    Contract: DATA.contracts,
    Item: DATA.items,
    Entitlement: DATA.entitlements,
    Closure: DATA.closures,
}

_NAMES: Final[dict[type[Row], tuple[str, ...]]] = {kind: tuple(one.name for one in fields(kind)) for kind in TABLES}

#: The columns that hold words; the same name means the same words everywhere.
_WORDS: Final[dict[str, dict[str, Any]]] = {
    name: {word.value: word for word in words}
    for name, words in {"service_level": ServiceLevel, "kind": ContractKind, "language": Language}.items()
}

Kept = TypeVar("Kept", Customer, Site, Territory, Depot, Contract, Item, Entitlement, Closure)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, and the instant that gives the day on which it is judged."""

    request: ServiceRequest
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found for a batch. `generation` names the import that it comes from, `model` reads the batch's texts."""

    book: Book
    depots: Mapping[str, Depot]
    generation: int
    model: Model

    def classify(self, said: str, language: str | None) -> Reading:
        return text_kind.judge(self.model, said, language)


@dataclass(frozen=True, slots=True)
class Reference:
    """Territories, depots and closed days of one import."""

    generation: int
    areas: Areas
    depots: Mapping[str, Depot]


@dataclass
class FactSource:
    """Loads facts; remembers the reference data of the last import it has seen, and the last models."""

    _known: Reference | None = None
    _models: Models = field(default_factory=Models)
    _lock: Lock = field(default_factory=Lock)

    def load(self, connection: Connection, asked: Sequence[Asked], entered: Entered = NOTHING_ENTERED) -> Facts:
        """The facts about all of `asked`, of one import: if one ends in the middle, they are read again.

        What was `entered` for a request counts for it alone: it is then the only one asked about.
        """
        while True:
            generation = _generation(connection)
            reference = self._reference(connection, generation)
            book = _book(connection, reference.areas, asked, entered)
            if connection.dialect.name == "sqlite" or _generation(connection) == generation:
                return Facts(book, reference.depots, generation, self._models.in_use(connection))

    def reference(self, connection: Connection) -> Reference:
        return self._reference(connection, _generation(connection))

    def _reference(self, connection: Connection, generation: int) -> Reference:
        with self._lock:
            if self._known is None or self._known.generation != generation:
                self._known = _read_reference(connection, generation)
            return self._known


@dataclass(slots=True)
class _Rows:
    """What has been read so far."""

    customers: dict[str, Customer] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    items: dict[Item, None] = field(default_factory=dict)  # in order, each once
    entitlements: list[Entitlement] = field(default_factory=list)

    def book(self, areas: Areas) -> Book:
        return Book(
            areas=areas,
            customers=self.customers.values(),
            sites=self.sites.values(),
            contracts=self.contracts.values(),
            items=self.items,
            entitlements=self.entitlements,
        )

    def enter(self, covers: Coverage, asked: Asked) -> None:
        """A person's word over the data's; another customer's contract stays as it is."""
        owner, known = asked.request.customer_number, self.contracts.get(covers.contract_number)
        if owner is None or (known is not None and known.customer_number != owner):
            return
        name = (covers.contract_number, covers.machine_type, covers.serial)
        same = [item for item in self.items if (item.contract_number, item.machine_type, item.serial) == name]
        self.contracts[covers.contract_number] = covers.contract(known, owner, asked.received_at.date())
        if same:
            del self.items[same[-1]]
        self.items[covers.item(same[-1] if same else None)] = None


def _book(connection: Connection, areas: Areas, asked: Sequence[Asked], entered: Entered) -> Book:
    wanted = [wants(one.request) for one in asked]
    rows = _Rows()
    serials = {one.serial for one in wanted if one.serial is not None}
    _read_items(connection, rows, DATA.items.c.serial, serials)
    whole = {one.contract_number for one in wanted if one.items_of_contract and one.contract_number is not None}
    _read_items(connection, rows, DATA.items.c.contract_number, whole)
    buyers = {one.customer_number for one in wanted if one.entitlements and one.customer_number is not None}
    _read_entitlements(connection, rows, buyers)
    _read_owners(
        connection,
        rows,
        contracts={one.contract_number for one in wanted if one.contract_number is not None},
        customers={one.customer_number for one in wanted if one.customer_number is not None},
        sites={one.site_id for one in wanted if one.site_id is not None},
    )
    if entered.coverage is not None:
        covers = entered.coverage
        _read_items(connection, rows, DATA.items.c.serial, {covers.serial})
        sites = () if covers.site_id is None else (covers.site_id,)
        _read_owners(connection, rows, contracts=(covers.contract_number,), customers=(), sites=sites)
        rows.enter(covers, asked[0])
    book = rows.book(areas)
    while more := frozenset[str]().union(*(wants_more(one.request, book, one.received_at, serials) for one in asked)):
        serials |= more
        _read_items(connection, rows, DATA.items.c.serial, more)
        _read_owners(connection, rows, contracts=(), customers=(), sites=())
        book = rows.book(areas)
    return book


def _read_owners(
    connection: Connection,
    rows: _Rows,
    *,
    contracts: Collection[str],
    customers: Collection[str],
    sites: Collection[str],
) -> None:
    """What is named, and what comes with the items and entitlements read so far."""
    numbers = {*contracts, *(item.contract_number for item in rows.items)}
    numbers |= {entitlement.contract_number for entitlement in rows.entitlements}
    for contract in find(connection, Contract, DATA.contracts.c.number, numbers.difference(rows.contracts)):
        rows.contracts[contract.number] = contract
    owners = {*customers, *(contract.customer_number for contract in rows.contracts.values())}
    for customer in find(connection, Customer, DATA.customers.c.number, owners.difference(rows.customers)):
        rows.customers[customer.number] = customer
    places = {*sites, *(item.site_id for item in rows.items if item.site_id is not None)}
    for site in find(connection, Site, DATA.sites.c.site_id, places.difference(rows.sites)):
        rows.sites[site.site_id] = site


def _read_items(connection: Connection, rows: _Rows, column: Column[Any], values: Collection[str]) -> None:
    rows.items.update(dict.fromkeys(find(connection, Item, column, values)))


def _read_entitlements(connection: Connection, rows: _Rows, customers: Collection[str]) -> None:
    if customers:
        theirs = select(DATA.contracts.c.number).where(among(connection, DATA.contracts.c.customer_number, customers))
        rows.entitlements += read(connection, Entitlement, DATA.entitlements.c.contract_number.in_(theirs))


def find(connection: Connection, kind: type[Kept], column: Column[Any], values: Collection[str]) -> list[Kept]:
    """The rows of contract data whose `column` is one of `values`."""
    return read(connection, kind, among(connection, column, values)) if values else []


def read(connection: Connection, kind: type[Kept], *where: ColumnElement[bool], limit: int | None = None) -> list[Kept]:
    """Rows of contract data as the values that the rules read, in the order of their keys."""
    table, names = TABLES[kind], _NAMES[kind]
    query = select(*(table.c[name] for name in names)).where(*where).order_by(*table.primary_key.columns).limit(limit)
    words = [(at, _WORDS[name]) for at, name in enumerate(names) if name in _WORDS]
    built: list[Kept] = []
    for row in connection.execute(query):
        if not words:
            built.append(kind(*row))
            continue
        values = list(row)
        for at, word in words:
            values[at] = None if values[at] is None else word[values[at]]
        built.append(kind(*values))
    return built


def _generation(connection: Connection) -> int:
    """0: nothing was imported yet."""
    return connection.execute(select(DATA.generation.c.number)).scalar_one_or_none() or 0


def _read_reference(connection: Connection, generation: int) -> Reference:
    depots = read(connection, Depot)
    closures = [
        replace(closure, province=None) if closure.province == EVERYWHERE else closure
        for closure in read(connection, Closure)
    ]
    areas = Areas(territories=read(connection, Territory), depots=depots, closures=closures)
    return Reference(generation, areas, {depot.depot: depot for depot in depots})
