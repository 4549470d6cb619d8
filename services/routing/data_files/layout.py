"""The eight files, their columns in order and the value that each row becomes (docs/rules.md §1).

Files come in the order in which rows refer to each other, so that one pass can check every reference.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from schemas.vocabulary import ContractKind, Language, ServiceLevel
from services.routing.data_files import cells
from services.routing.rules.book import Closure, Contract, Customer, Depot, Entitlement, Item, Site, Territory

Row = Customer | Site | Territory | Depot | Contract | Item | Entitlement | Closure


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its cells are read, and what an empty one means."""

    name: str
    read: cells.Reader
    needed: bool = False
    empty: object = None
    unique: bool = False  # nearly every cell differs: remembering what each meant would only fill memory


@dataclass(frozen=True, slots=True)
class Layout:
    """One file. `build` takes the columns' values in order; `key` is the column that other files name, if any."""

    file: str
    build: Callable[..., Row]
    columns: tuple[Column, ...]
    key: str | None = None
    optional: bool = False
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(column.name for column in self.columns))


def _needed(name: str, read: cells.Reader, **more: Any) -> Column:
    return Column(name, read, needed=True, **more)


def _words(name: str) -> Column:
    """A description: nothing is decided by it, so that an empty one never keeps a file out."""
    return Column(name, cells.description, empty="", unique=True)


CUSTOMERS: Final = Layout(
    "customers.csv",
    Customer,
    (
        _needed("customer_number", cells.identifier, unique=True),
        _words("name"),
        _needed("language", cells.one_of(Language)),
        Column("email", cells.email, unique=True),
        Column("phone", cells.description, unique=True),
        _needed("country", cells.country),
        Column("province", cells.province),
        _needed("timezone", cells.timezone),
    ),
    key="customer_number",
)

SITES: Final = Layout(
    "sites.csv",
    Site,
    (
        _needed("site_id", cells.name, unique=True),
        _needed("customer_number", cells.identifier),
        _words("line1"),
        _words("city"),
        Column("province", cells.province),
        Column("postal_code", cells.code, unique=True),
        _needed("country", cells.country),
        Column("timezone", cells.timezone),
    ),
    key="site_id",
)

TERRITORIES: Final = Layout(
    "territories.csv",
    Territory,
    (
        _needed("country", cells.country),
        _needed("postal_prefix", cells.code, unique=True),
        _needed("territory", cells.territory),
        _needed("timezone", cells.timezone),
    ),
)

DEPOTS: Final = Layout(
    "depots.csv",
    Depot,
    (
        _needed("country", cells.country),
        _needed("province", cells.province),
        _needed("depot", cells.name),
        _words("name"),
        _words("line1"),
        _words("city"),
        Column("postal_code", cells.code, empty="", unique=True),
    ),
)

CONTRACTS: Final = Layout(
    "contracts.csv",
    Contract,
    (
        _needed("contract_number", cells.identifier, unique=True),
        _needed("customer_number", cells.identifier),
        _needed("kind", cells.one_of(ContractKind)),
        _needed("start_date", cells.day),
        Column("end_date", cells.day),
        Column("service_level", cells.one_of(ServiceLevel)),
        Column("auto_renew", cells.boolean, empty=False),
        Column("customer_minimum_months", cells.months),
        Column("customer_notice_months", cells.months),
        Column("provider_minimum_months", cells.months),
        Column("provider_notice_months", cells.months),
        Column("prepaid_until", cells.day),
    ),
    key="contract_number",
)

ITEMS: Final = Layout(
    "items.csv",
    Item,
    (
        _needed("contract_number", cells.identifier),
        _needed("machine_type", cells.code),
        Column("model", cells.description),
        _needed("serial", cells.code, unique=True),
        Column("site_id", cells.name),
        Column("coverage_start", cells.day),
        Column("coverage_end", cells.day),
        Column("service_level", cells.one_of(ServiceLevel)),
        Column("ended_on", cells.day),
        Column("replaces_serial", cells.code, unique=True),
    ),
)

ENTITLEMENTS: Final = Layout(
    "entitlements.csv",
    Entitlement,
    (
        _needed("contract_number", cells.identifier),
        _needed("product_id", cells.identifier),
        Column("product_name", cells.description, empty=""),
        _needed("quantity", cells.quantity),
        Column("subscription_end", cells.day),
    ),
)

CLOSURES: Final = Layout(
    "closures.csv",
    Closure,
    (
        _needed("country", cells.country),
        Column("province", cells.province_or_all),
        _needed("date", cells.day),
    ),
    optional=True,
)

#: Every row before the rows that name it.
LAYOUTS: Final = (CUSTOMERS, SITES, TERRITORIES, DEPOTS, CONTRACTS, ITEMS, ENTITLEMENTS, CLOSURES)
