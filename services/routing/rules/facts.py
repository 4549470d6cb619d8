"""What the rules may look up about a request: contract data, indexed in memory (docs/rules.md §1).

A `Book` is a plain value over rows. The same class holds all data files for `fixline decide` and, in the service, just
the rows that a batch of requests needs: `wanted.py` names them. `decide` with that small book answers as with the whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from schemas.vocabulary import ServiceLevel
from services.routing.rules.book import Closure, Contract, Customer, Depot, Entitlement, Item, Site, Territory
from services.routing.rules.calendars import EVERYWHERE, Calendar, zone_of
from services.routing.rules.policy import Terms


@dataclass(frozen=True, slots=True)
class Place:
    """Where a machine stands, and what follows from it. No site: nothing is known of it."""

    site: Site | None
    territory: Territory | None
    zone: ZoneInfo | None  # the site's own, else its territory's


NOWHERE: Final = Place(None, None, None)


class Areas:
    """Territories, depots and closed days: few rows, the same for every request."""

    def __init__(
        self, territories: Iterable[Territory] = (), depots: Iterable[Depot] = (), closures: Iterable[Closure] = ()
    ) -> None:
        self._territories: dict[str, dict[str, Territory]] = defaultdict(dict)
        for territory in territories:
            self._territories[territory.country][territory.postal_prefix] = territory
        self._depots = {(depot.country, depot.province): depot for depot in depots}
        self._closures = tuple(closures)
        self._calendars: dict[tuple[str, str, str | None], Calendar] = {}

    def territory(self, country: str, postal_code: str | None) -> Territory | None:
        """The area with the longest prefix of `postal_code`, else the country's default."""
        prefixes = self._territories.get(country)
        if not prefixes:
            return None
        for length in range(len(postal_code or ""), 0, -1):
            found = prefixes.get((postal_code or "")[:length])
            if found is not None:
                return found
        return prefixes.get(EVERYWHERE)

    def depot(self, country: str, province: str | None) -> Depot | None:
        """The workshop that serves a province, else the country's default."""
        return self._depots.get((country, province or EVERYWHERE)) or self._depots.get((country, EVERYWHERE))

    def calendar(self, zone: ZoneInfo, country: str, province: str | None, terms: Terms) -> Calendar:
        """The working time of a place; made once. `terms` are the policy's for this country."""
        key = (zone.key, country, province)
        made = self._calendars.get(key)
        if made is None or made.terms is not terms:
            made = self._calendars[key] = Calendar(zone, country, province, terms, self._closures)
        return made


class Book:
    """Contract data by what requests name. Rows are as `book.py` says: normalised, cross-checked."""

    def __init__(
        self,
        *,
        areas: Areas | None = None,
        customers: Iterable[Customer] = (),
        sites: Iterable[Site] = (),
        contracts: Iterable[Contract] = (),
        items: Iterable[Item] = (),
        entitlements: Iterable[Entitlement] = (),
    ) -> None:
        self.areas = areas if areas is not None else Areas()
        self._customers = {customer.number: customer for customer in customers}
        self._sites = {site.site_id: site for site in sites}
        self._contracts = {contract.number: contract for contract in contracts}
        # One item a serial is the rule, and there can be a million: a list only where there are several.
        self._by_serial: dict[str, Item | list[Item]] = {}
        self._by_contract: dict[str, list[Item]] = {}
        self._entitlements: dict[str, list[Entitlement]] = {}
        self._places: dict[str, Place] = {}
        for item in items:
            self._add(item)
        for entitlement in entitlements:
            contract = self._contracts.get(entitlement.contract_number)
            if contract is not None:
                self._entitlements.setdefault(contract.customer_number, []).append(entitlement)

    def customer(self, number: str | None) -> Customer | None:
        return None if number is None else self._customers.get(number)

    def contract(self, number: str) -> Contract | None:
        return self._contracts.get(number)

    def contract_of(self, number: str | None, customer_number: str) -> Contract | None:
        """The contract, if it is this customer's: another's is as one that does not exist."""
        contract = None if number is None else self._contracts.get(number)
        return contract if contract is not None and contract.customer_number == customer_number else None

    def site_of(self, site_id: str | None, customer_number: str) -> Site | None:
        """The site, if it is this customer's: another's is as none."""
        site = None if site_id is None else self._sites.get(site_id)
        return site if site is not None and site.customer_number == customer_number else None

    def with_serial(self, serial: str) -> Sequence[Item]:
        """All items with this serial: any type, any customer."""
        found = self._by_serial.get(serial)
        return () if found is None else found if isinstance(found, list) else (found,)

    def held_with_serial(self, serial: str, customer_number: str) -> Iterator[tuple[Item, Contract]]:
        """This customer's items with this serial, whatever their type and dates."""
        for item in self.with_serial(serial):
            contract = self._contracts.get(item.contract_number)
            if contract is not None and contract.customer_number == customer_number:
                yield item, contract

    def on_contract(self, contract_number: str) -> Sequence[Item]:
        return self._by_contract.get(contract_number, ())

    def entitlements_of(self, customer_number: str) -> Sequence[Entitlement]:
        return self._entitlements.get(customer_number, ())

    def place(self, site: Site | None) -> Place:
        """Where a site lies: its territory and zone."""
        if site is None:
            return NOWHERE
        known = self._places.get(site.site_id)
        if known is None:
            territory = self.areas.territory(site.country, site.postal_code)
            name = site.timezone or (territory.timezone if territory is not None else None)
            known = self._places[site.site_id] = Place(site, territory, zone_of(name) if name else None)
        return known

    def supposing(self, owner: str, *, province: str | None = None, level: ServiceLevel | None = None) -> "Book":
        """The same contract data, had this customer and their sites been in `province`, their items of `level`.

        For what-if alone. Territories go by postal code and stay.
        """
        moved: dict[str, Any] = {} if province is None else {"province": province}
        raised: dict[str, Any] = {} if level is None else {"service_level": level}
        theirs = {number for number, contract in self._contracts.items() if contract.customer_number == owner}
        return Book(
            areas=self.areas,
            customers=[replace(one, **moved) if one.number == owner else one for one in self._customers.values()],
            sites=[replace(one, **moved) if one.customer_number == owner else one for one in self._sites.values()],
            contracts=self._contracts.values(),
            items=[
                replace(item, **raised) if item.contract_number in theirs else item
                for items in self._by_contract.values()
                for item in items
            ],
            entitlements=[one for bought in self._entitlements.values() for one in bought],
        )

    def _add(self, item: Item) -> None:
        known = self._by_serial.get(item.serial)
        if known is None:
            self._by_serial[item.serial] = item
        elif isinstance(known, list):
            known.append(item)
        else:
            self._by_serial[item.serial] = [known, item]
        self._by_contract.setdefault(item.contract_number, []).append(item)
