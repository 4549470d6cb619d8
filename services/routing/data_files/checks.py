"""Rows held against each other: unique keys, references, dates in order, a level somewhere (docs/rules.md §1).

What is *not* a fault: machines that appear on several contracts or several times on one (other site, dates or level; a
serial under two customers is what docs/rules.md §4.2 is about); windows that reach beyond the contract's; an `ended_on`
before the coverage starts (called off before it began).
"""

from array import array
from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any, Final, NamedTuple

from schemas.vocabulary import ContractKind
from services.routing.data_files import cells
from services.routing.data_files.layout import CONTRACTS, CUSTOMERS, SITES, Layout, Row
from services.routing.data_files.problems import Problems, Unfit, shown
from services.routing.rules.book import Closure, Contract, Customer, Depot, Entitlement, Item, Site, Territory


class _Owner(NamedTuple):
    """What later rows ask of a contract or site that they name; no customer: its row had a fault of its own."""

    line: int
    customer: str | None
    kind: ContractKind | None = None
    has_level: bool = True


class Checks:
    """What has been read so far, as far as later rows are checked against it."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self._customers: dict[str, int] = {}
        self._sites: dict[str, _Owner] = {}
        self._contracts: dict[str, _Owner] = {}
        self._lines: dict[Hashable, int] = {}  # of rows with a key of two columns
        self._hashes = array("q")  # of rows that are their own key; millions of them
        self._checks: Final[dict[type[Row], Callable[[Any, int], Row]]] = {
            Customer: self._customer,
            Site: self._site,
            Territory: self._territory,
            Depot: self._depot,
            Contract: self._contract,
            Item: self._item,
            Entitlement: self._entitlement,
            Closure: self._closure,
        }

    def check(self, row: Row, line: int) -> Row:
        """The row as it is kept; its faults go to `problems`."""
        return self._checks[type(row)](row, line)

    def doubt(self, layout: Layout, key: str, line: int) -> None:
        """A row with a bad cell but a good key: it exists, so that rows which name it are not faulted too."""
        if layout is CUSTOMERS:
            self._first(layout.file, "customer_number", self._customers, key, line)
        elif layout is SITES:
            self._own(layout.file, "site_id", self._sites, key, _Owner(line, None))
        elif layout is CONTRACTS:
            self._own(layout.file, "contract_number", self._contracts, key, _Owner(line, None))

    def repeated(self) -> frozenset[int]:
        """Hashes that occurred more than once since the last call, among rows that have no key but themselves."""
        ordered, self._hashes = sorted(self._hashes), array("q")
        return frozenset(a for a, b in pairwise(ordered) if a == b)

    def _customer(self, row: Customer, line: int) -> Customer:
        self._first("customers.csv", "customer_number", self._customers, row.number, line)
        if row.phone is None:
            return row
        try:
            return replace(row, phone=cells.phone(row.phone, row.country))
        except Unfit as unfit:
            self.problems.add("customers.csv", line, "phone", unfit.word, **unfit.fields)
            return row

    def _site(self, row: Site, line: int) -> Site:
        self._own("sites.csv", "site_id", self._sites, row.site_id, _Owner(line, row.customer_number))
        self._known_customer("sites.csv", row.customer_number, line)
        return row

    def _territory(self, row: Territory, line: int) -> Territory:
        key = (Territory, row.country, row.postal_prefix)
        self._first("territories.csv", "postal_prefix", self._lines, key, line)
        return row

    def _depot(self, row: Depot, line: int) -> Depot:
        self._first("depots.csv", "province", self._lines, (Depot, row.country, row.province), line)
        return row

    def _contract(self, row: Contract, line: int) -> Contract:
        owner = _Owner(line, row.customer_number, row.kind, row.service_level is not None)
        self._own("contracts.csv", "contract_number", self._contracts, row.number, owner)
        self._known_customer("contracts.csv", row.customer_number, line)
        self._in_order("contracts.csv", line, ("start_date", row.start_date), ("end_date", row.end_date))
        return row

    def _item(self, row: Item, line: int) -> Item:
        self._hashes.append(hash(row))
        add = self.problems.add
        contract = self._the_contract("items.csv", row.contract_number, line)
        if contract and contract.kind is ContractKind.SOFTWARE_SUBSCRIPTION:
            add("items.csv", line, "contract_number", "contract_not_hardware", cell=shown(row.contract_number))
        elif contract and not contract.has_level and row.service_level is None:
            add("items.csv", line, "service_level", "level_missing", contract=row.contract_number)
        if row.site_id is not None:
            self._site_of(row.site_id, contract, row.contract_number, line)
        if row.coverage_end is not None:
            start, end = ("coverage_start", row.coverage_start), ("coverage_end", row.coverage_end)
            self._in_order("items.csv", line, start, end)
        if row.replaces_serial == row.serial:
            add("items.csv", line, "replaces_serial", "replaces_itself", cell=shown(row.serial))
        return row

    def _entitlement(self, row: Entitlement, line: int) -> Entitlement:
        self._hashes.append(hash(row))
        contract = self._the_contract("entitlements.csv", row.contract_number, line)
        if contract and contract.kind not in (None, ContractKind.SOFTWARE_SUBSCRIPTION):
            fields = {"cell": shown(row.contract_number), "kind": contract.kind}
            self.problems.add("entitlements.csv", line, "contract_number", "contract_not_software", **fields)
        return row

    def _closure(self, row: Closure, line: int) -> Closure:
        self._hashes.append(hash(row))
        return row

    def _the_contract(self, file: str, number: str, line: int) -> _Owner | None:
        contract = self._contracts.get(number)
        if contract is None and "contracts.csv" not in self.problems.partial:
            self.problems.add(file, line, "contract_number", "contract_unknown", cell=shown(number))
        return contract

    def _known_customer(self, file: str, number: str, line: int) -> None:
        if number not in self._customers and "customers.csv" not in self.problems.partial:
            self.problems.add(file, line, "customer_number", "customer_unknown", cell=shown(number))

    def _site_of(self, site_id: str, contract: _Owner | None, number: str, line: int) -> None:
        site = self._sites.get(site_id)
        if site is None:
            if "sites.csv" not in self.problems.partial:
                self.problems.add("items.csv", line, "site_id", "site_unknown", cell=shown(site_id))
        elif contract and contract.customer and site.customer and site.customer != contract.customer:
            self.problems.add("items.csv", line, "site_id", "site_of_another", cell=shown(site_id), contract=number)

    def _in_order(self, file: str, line: int, start: tuple[str, date | None], end: tuple[str, date | None]) -> None:
        if start[1] is not None and end[1] is not None and end[1] < start[1]:
            fields = {"end": end[1], "start_column": start[0], "start": start[1]}
            self.problems.add(file, line, end[0], "ends_before_start", **fields)

    def _own(self, file: str, column: str, known: dict[str, _Owner], key: str, owner: _Owner) -> None:
        first = known.setdefault(key, owner)
        if first is not owner:
            self.problems.add(file, owner.line, column, "key_twice", cell=shown(key), first=first.line)

    def _first(self, file: str, column: str, known: dict[Any, int], key: Hashable, line: int) -> None:
        first = known.setdefault(key, line)
        if first != line:
            cell = key if isinstance(key, str) else " ".join(map(str, key[1:])) if isinstance(key, tuple) else str(key)
            self.problems.add(file, line, column, "key_twice", cell=shown(cell), first=first)
