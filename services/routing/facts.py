"""Everything that `decide` needs for a whole batch, in one query for 1 request or for 1,000.

Which rows those are, `rules/wanted.py` says, and `gathered.py` reads them; a `Book` of them decides as the whole contract
data would. Territories, depots and closed days are few, the same for every request and kept until an import changes
something.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, select

from schemas.request import ServiceRequest
from services.routing.contract_tables import EVERYWHERE
from services.routing.entered import NOTHING_ENTERED, Coverage, Entered
from services.routing.gathered import NAMES, TABLES, WORDS, Gathered, Kept, Keys, gather
from services.routing.learning import Models
from services.routing.rules import text_kind
from services.routing.rules.book import Closure, Depot, Territory
from services.routing.rules.facts import Areas, Book
from services.routing.rules.reading import Reading
from services.routing.rules.text_kind_model import Model
from services.routing.rules.wanted import wants, wants_more
from services.routing.tables import CONTRACT_DATA as DATA
from services.runtime.rows import among


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

    def ask(
        self, connection: Connection, asked: Sequence[Asked], entered: Entered = NOTHING_ENTERED
    ) -> Callable[[], Gathered]:
        """What there is about all of `asked`, for `load`. The answer as with `database.ask`."""
        return _gathered(connection, _named(asked), asked, entered)

    def load(
        self,
        connection: Connection,
        asked: Sequence[Asked],
        entered: Entered = NOTHING_ENTERED,
        found: Gathered | None = None,
    ) -> Facts:
        """The facts about all of `asked`, of one import: if one ends in the middle, they are read again.

        What was `entered` for a request counts for it alone: it is then the only one asked about. `found`: what was asked for
        before, about these at least.
        """
        while True:
            found = found or self.ask(connection, asked, entered)()
            reference = self._known
            if reference is None or reference.generation != found.generation:
                reference = self.reference(connection)
            if reference.generation == found.generation:
                book = _completed(connection, reference.areas, asked, found)
                if book is not None:
                    return Facts(book, reference.depots, found.generation, self._models.of(connection, found.model))
            found = None

    def reference(self, connection: Connection) -> Reference:
        """Of the last import that has ended."""
        with self._lock:
            while self._known is None or self._known.generation != _generation(connection):
                self._known = _read_reference(connection, _generation(connection))
            return self._known


def _named(asked: Sequence[Asked]) -> Keys:
    """What the requests themselves name."""
    wanted = [wants(one.request) for one in asked]
    return Keys(
        serials={one.serial for one in wanted if one.serial is not None},
        whole={one.contract_number for one in wanted if one.items_of_contract and one.contract_number is not None},
        buyers={one.customer_number for one in wanted if one.entitlements and one.customer_number is not None},
        contracts={one.contract_number for one in wanted if one.contract_number is not None},
        customers={one.customer_number for one in wanted if one.customer_number is not None},
        sites={one.site_id for one in wanted if one.site_id is not None},
    )


def _gathered(connection: Connection, named: Keys, asked: Sequence[Asked], entered: Entered) -> Callable[[], Gathered]:
    """With what was entered for one of them."""
    covers = entered.coverage
    if covers is None:
        return gather(connection, named)
    keys = replace(
        named,
        serials={*named.serials, covers.serial},
        contracts={*named.contracts, covers.contract_number},
        sites={*named.sites, *(() if covers.site_id is None else (covers.site_id,))},
    )
    answer = gather(connection, keys)

    def with_it() -> Gathered:
        found = answer()
        _enter(found, covers, asked[0])
        return found

    return with_it


def _completed(connection: Connection, areas: Areas, asked: Sequence[Asked], found: Gathered) -> Book | None:
    """With what the rows themselves lead to, seldom anything; None: an import ended meanwhile."""
    loaded = set(found.serials)
    while True:
        book = Book(
            areas=areas,
            customers=found.customers.values(),
            sites=found.sites.values(),
            contracts=found.contracts.values(),
            items=found.items,
            entitlements=found.entitlements,
        )
        more = frozenset[str]().union(*(wants_more(one.request, book, one.received_at, loaded) for one in asked))
        if not more:
            return book
        loaded |= more
        others = gather(connection, Keys(serials=more))()
        if others.generation != found.generation:
            return None
        found.add(others)


def _enter(found: Gathered, covers: Coverage, asked: Asked) -> None:
    """A person's word over the data's; another customer's contract stays as it is."""
    owner, known = asked.request.customer_number, found.contracts.get(covers.contract_number)
    if owner is None or (known is not None and known.customer_number != owner):
        return
    name = (covers.contract_number, covers.machine_type, covers.serial)
    same = [item for item in found.items if (item.contract_number, item.machine_type, item.serial) == name]
    found.contracts[covers.contract_number] = covers.contract(known, owner, asked.received_at.date())
    if same:
        del found.items[same[-1]]
    found.items[covers.item(same[-1] if same else None)] = None


def find(connection: Connection, kind: type[Kept], column: Column[Any], values: Collection[str]) -> list[Kept]:
    """The rows of contract data whose `column` is one of `values`."""
    return read(connection, kind, among(connection, column, values)) if values else []


def read(connection: Connection, kind: type[Kept], *where: ColumnElement[bool], limit: int | None = None) -> list[Kept]:
    """Rows of contract data as the values that the rules read, in the order of their keys."""
    table, names = TABLES[kind], NAMES[kind]
    query = select(*(table.c[name] for name in names)).where(*where).order_by(*table.primary_key.columns).limit(limit)
    words = [(at, WORDS[name]) for at, name in enumerate(names) if name in WORDS]
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
