"""All contract data that a batch asks for, in one statement: one trip, one snapshot, however many requests.

Rows come back as JSON, as they are written (`services/runtime/rows.py`): the database makes it and orjson reads it at a
fraction of what a statement a table costs, of which a small batch has as many as a large one. The same text serves both
databases but for a few words.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from typing import Any, Final, TypeVar

import orjson
from sqlalchemy import Boolean, Connection, Date, Table, TextClause, text

from schemas.vocabulary import ContractKind, Language, ServiceLevel
from services.routing.data_files.layout import Row
from services.routing.rules.book import Closure, Contract, Customer, Depot, Entitlement, Item, Site, Territory
from services.routing.tables import CONTRACT_DATA as DATA
from services.routing.tables import MODEL_STEPS
from services.runtime.database import ask
from services.runtime.rows import as_members, each, members

#: The table of each row of contract data.
TABLES: Final[Mapping[type[Row], Table]] = {
    Customer: DATA.customers,
    Site: DATA.sites,
    Territory: DATA.territories,
    Depot: DATA.depots,
    Contract: DATA.contracts,
    Item: DATA.items,
    Entitlement: DATA.entitlements,
    Closure: DATA.closures,
}
NAMES: Final[Mapping[type[Row], tuple[str, ...]]] = {kind: tuple(one.name for one in fields(kind)) for kind in TABLES}

#: The columns that hold words; the same name means the same words everywhere.
WORDS: Final[Mapping[str, Mapping[str, Any]]] = {
    name: {word.value: word for word in words}
    for name, words in {"service_level": ServiceLevel, "kind": ContractKind, "language": Language}.items()
}

Kept = TypeVar("Kept", Customer, Site, Territory, Depot, Contract, Item, Entitlement, Closure)


@dataclass(frozen=True, slots=True)
class Keys:
    """What is asked for. With an item or an entitlement comes its contract, with a contract its customer, with an item its
    site."""

    serials: Collection[str] = ()  # all items with these
    whole: Collection[str] = ()  # contracts all of whose items are asked for
    buyers: Collection[str] = ()  # customers all of whose entitlements are
    contracts: Collection[str] = ()
    customers: Collection[str] = ()
    sites: Collection[str] = ()


@dataclass(slots=True)
class Gathered:
    """What was found, by its keys. `generation` names the import that all of it comes from (0: none yet), `model` the version
    of the model in use (None: nothing was ever learnt), `serials` are those that were asked for."""

    generation: int = 0
    model: str | None = None
    customers: dict[str, Customer] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    items: dict[Item, None] = field(default_factory=dict)  # in order, each once
    entitlements: list[Entitlement] = field(default_factory=list)
    serials: Collection[str] = ()

    def add(self, more: "Gathered") -> None:
        self.customers |= more.customers
        self.sites |= more.sites
        self.contracts |= more.contracts
        self.items |= more.items


def gather(connection: Connection, keys: Keys) -> Callable[[], Gathered]:
    """The rows behind these keys, in the order of their own. The answer as with `database.ask`."""
    sqlite = connection.dialect.name == "sqlite"
    given = {one.name: as_members(getattr(keys, one.name), sqlite=sqlite) for one in fields(Keys)}
    answer = ask(connection, _gathering(sqlite=sqlite), given)

    def gathered() -> Gathered:
        ((generation, model, customers, sites, contracts, items, entitlements),) = answer()
        return Gathered(
            generation=generation or 0,
            model=model,
            customers={customer.number: customer for customer in _built(Customer, customers)},
            sites={site.site_id: site for site in _built(Site, sites)},
            contracts={contract.number: contract for contract in _built(Contract, contracts)},
            items=dict.fromkeys(_built(Item, items)),
            entitlements=_built(Entitlement, entitlements),
            serials=keys.serials,
        )

    return gathered


_IN_ORDER: Final[tuple[type[Row], ...]] = (Customer, Site, Contract, Item, Entitlement)

_FOUND: Final = """
WITH found_items AS (
    SELECT * FROM items WHERE serial {among_serials} OR contract_number {among_whole}
), found_entitlements AS (
    SELECT * FROM entitlements WHERE contract_number IN (SELECT number FROM contracts WHERE customer_number {among_buyers})
), found_contracts AS (
    SELECT * FROM contracts WHERE number IN (
        {each_contracts} UNION SELECT contract_number FROM found_items UNION SELECT contract_number FROM found_entitlements
    )
), found_customers AS (
    SELECT * FROM customers WHERE number IN ({each_customers} UNION SELECT customer_number FROM found_contracts)
), found_sites AS (
    SELECT * FROM sites WHERE site_id IN ({each_sites} UNION SELECT site_id FROM found_items)
)
SELECT
    (SELECT number FROM generation) AS generation,
    (SELECT version FROM {model_steps} ORDER BY id DESC LIMIT 1) AS model,
    {rows}
"""


@cache
def _gathering(*, sqlite: bool) -> TextClause:
    """Both databases know the index of a column that is compared with the members of one parameter."""
    names = [one.name for one in fields(Keys)]
    return text(
        _FOUND.format(
            **{f"each_{name}": each(name, sqlite=sqlite) for name in names},
            **{f"among_{name}": members(name, sqlite=sqlite) for name in names},
            model_steps=MODEL_STEPS.name,
            rows=",\n    ".join(_as_json(kind, sqlite=sqlite) for kind in _IN_ORDER),
        )
    )


def _as_json(kind: type[Row], *, sqlite: bool) -> str:
    """One text column with all rows that were found of a table."""
    table = TABLES[kind]
    columns = ", ".join(f'"{name}"' for name in NAMES[kind])
    order = ", ".join(f'"{column.name}"' for column in table.primary_key)
    rows = f"SELECT * FROM found_{table.name} ORDER BY {order}"  # noqa: S608  # names of our own tables
    if sqlite:
        return f"(SELECT json_group_array(json_array({columns})) FROM ({rows})) AS {table.name}"  # noqa: S608  # as above
    return (
        f"(SELECT COALESCE(json_agg(json_build_array({columns})), '[]')::text FROM ({rows}) AS ordered) AS {table.name}"  # noqa: S608  # as above
    )


def _built(kind: type[Kept], said: str) -> list[Kept]:
    rows: list[list[Any]] = orjson.loads(said)
    readers = _READERS[kind]
    for row in rows:
        for at, read in readers:
            if row[at] is not None:
                row[at] = read(row[at])
    return [kind(*row) for row in rows]


def _readers(kind: type[Row]) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    """What JSON has no form for, or SQLite none of its own."""
    found: list[tuple[int, Callable[[Any], Any]]] = []
    for at, name in enumerate(NAMES[kind]):
        sort = TABLES[kind].c[name].type
        if name in WORDS:
            found.append((at, WORDS[name].__getitem__))
        elif isinstance(sort, Date):
            found.append((at, date.fromisoformat))
        elif isinstance(sort, Boolean):
            found.append((at, bool))
    return tuple(found)


_READERS: Final = {kind: _readers(kind) for kind in _IN_ORDER}
