"""Tables of contract data: one a data file, its columns the fields of the file's row (docs/rules.md §1).

Machines and entitlements have no key of their own: a machine may stand several times on one contract, at other sites or
dates. `part` numbers such rows within their contract and machine (or product), so that each row has an address.
"""

from sqlalchemy import Boolean, Column, Date, Index, Integer, MetaData, Table, Text

from services.runtime.types import InstantType, JsonType

#: A country's or province's column that stands for all of it.
EVERYWHERE = "*"


class ContractTables:
    """The eight tables, and the generation that counts imports which changed something."""

    def __init__(self, metadata: MetaData) -> None:
        self.customers = _customers(metadata)
        self.sites = _sites(metadata)
        self.territories = _territories(metadata)
        self.depots = _depots(metadata)
        self.contracts = _contracts(metadata)
        self.items = _items(metadata)
        self.entitlements = _entitlements(metadata)
        self.closures = Table(
            "closures",
            metadata,
            Column("country", Text, primary_key=True),
            Column("province", Text, primary_key=True),  # '*': the whole country
            Column("date", Date, primary_key=True),
        )
        self.generation = Table(
            "generation",
            metadata,
            Column("id", Integer, primary_key=True, autoincrement=False),
            Column("number", Integer, nullable=False),
            Column("imported_at", InstantType),
            Column("report", JsonType),
        )


def _customers(metadata: MetaData) -> Table:
    return Table(
        "customers",
        metadata,
        Column("number", Text, primary_key=True),
        Column("name", Text, nullable=False),
        Column("language", Text, nullable=False),
        Column("email", Text, index=True),
        Column("phone", Text, index=True),
        Column("country", Text, nullable=False),
        Column("province", Text),
        Column("timezone", Text, nullable=False),
    )


def _sites(metadata: MetaData) -> Table:
    return Table(
        "sites",
        metadata,
        Column("site_id", Text, primary_key=True),
        Column("customer_number", Text, nullable=False, index=True),
        Column("line1", Text, nullable=False),
        Column("city", Text, nullable=False),
        Column("province", Text),
        Column("postal_code", Text),
        Column("country", Text, nullable=False),
        Column("timezone", Text),
    )


def _territories(metadata: MetaData) -> Table:
    return Table(
        "territories",
        metadata,
        Column("country", Text, primary_key=True),
        Column("postal_prefix", Text, primary_key=True),
        Column("territory", Text, nullable=False),
        Column("timezone", Text, nullable=False),
    )


def _depots(metadata: MetaData) -> Table:
    return Table(
        "depots",
        metadata,
        Column("country", Text, primary_key=True),
        Column("province", Text, primary_key=True),
        Column("depot", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("line1", Text, nullable=False),
        Column("city", Text, nullable=False),
        Column("postal_code", Text, nullable=False),
    )


def _contracts(metadata: MetaData) -> Table:
    return Table(
        "contracts",
        metadata,
        Column("number", Text, primary_key=True),
        Column("customer_number", Text, nullable=False, index=True),
        Column("kind", Text, nullable=False),
        Column("start_date", Date, nullable=False),
        Column("end_date", Date),
        Column("service_level", Text),
        Column("auto_renew", Boolean, nullable=False),
        Column("customer_minimum_months", Integer),
        Column("customer_notice_months", Integer),
        Column("provider_minimum_months", Integer),
        Column("provider_notice_months", Integer),
        Column("prepaid_until", Date),
    )


def _items(metadata: MetaData) -> Table:
    return Table(
        "items",
        metadata,
        Column("contract_number", Text, primary_key=True),
        Column("machine_type", Text, primary_key=True),
        Column("serial", Text, primary_key=True),
        Column("part", Integer, primary_key=True, autoincrement=False),
        Column("model", Text),
        Column("site_id", Text, index=True),
        Column("coverage_start", Date),
        Column("coverage_end", Date),
        Column("service_level", Text),
        Column("ended_on", Date),
        Column("replaces_serial", Text),
        Index("ix_items_serial", "serial", "machine_type"),
        Index("ix_items_replaces", "replaces_serial", "machine_type"),
    )


def _entitlements(metadata: MetaData) -> Table:
    return Table(
        "entitlements",
        metadata,
        Column("contract_number", Text, primary_key=True),
        Column("product_id", Text, primary_key=True),
        Column("part", Integer, primary_key=True, autoincrement=False),
        Column("product_name", Text, nullable=False),
        Column("quantity", Integer, nullable=False),
        Column("subscription_end", Date),
    )
