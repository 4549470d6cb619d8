"""What a request names and what covers it, by plain search (docs/rules.md §2, §4, §5, §9): the facts of the second reading."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import holidays

from schemas.request import ServiceRequest
from services.routing.rules.book import Contract, Customer, Entitlement, Item, Site, Territory
from tests.unit.rules.builders import World

LEVELS: Final = [
    "ONSITE_4H_24X7",
    "ONSITE_4H_9X5",
    "ONSITE_SBD",
    "ONSITE_NBD",
    "DEPOT_COURIER",
    "DEPOT_MAIL_IN",
    "PARTS_ONLY",
]
DAY: Final = timedelta(days=1)
FOREVER: Final = date.max
Found = dict[str, Any]


@dataclass
class Facts:
    """One request of one customer against one world. `sort` and `sure`: what a classifier makes of the text."""

    world: World
    request: ServiceRequest
    received: datetime
    sort: str
    sure: float
    customer: Customer = field(init=False)

    def __post_init__(self) -> None:
        number = self.request.customer_number
        self.known = [one for one in self.world.customers if one.number == number]
        if self.known:
            (self.customer,) = self.known
        named = (one for one in self.world.contracts if one.customer_number == number)
        self.contract = next((one for one in named if one.number == self.request.contract_number), None)
        self.foreign = self.request.contract_number is not None and self.contract is None
        own = (one for one in self.world.sites if one.customer_number == number)
        self.site = next((one for one in own if one.site_id == self.request.site_id), None)

    # ---- §2: what is named

    def contracts(self) -> list[Contract]:
        return [one for one in self.world.contracts if one.customer_number == self.customer.number]

    def held(self, serial: str | None) -> list[tuple[Item, Contract]]:
        return [
            (item, contract)
            for item in self.world.items
            for contract in self.contracts()
            if item.serial == serial and item.contract_number == contract.number
        ]

    def own(self, machine: tuple[str, str]) -> list[tuple[Item, Contract]]:
        return [(item, contract) for item, contract in self.held(machine[1]) if item.machine_type == machine[0]]

    def machine_itself(self) -> tuple[str, str] | None:
        kind, serial = self.request.machine.type, self.request.machine.serial
        types = {kind} if kind is not None else {item.machine_type for item, _ in self.held(serial)}
        return (str(types.pop()), serial) if serial is not None and len(types) == 1 else None

    def machine(self) -> tuple[str, str] | None:
        if self.machine_itself() is not None or self.contract is None:
            return self.machine_itself()
        asked = self.request.machine
        on_it = {
            (item.machine_type, item.serial)
            for item in self.world.items
            if item.contract_number == self.contract.number
            and asked.type in (None, item.machine_type)
            and asked.serial in (None, item.serial)
            and self.covers(item, self.contract)
        }
        return on_it.pop() if len(on_it) == 1 else None

    def machine_missing(self) -> str | None:
        if self.machine() is not None:
            return None
        asked = self.request.machine
        return "machine.type" if asked.serial else "machine.serial" if asked.type else "machine"

    def product(self) -> str | None:
        on_it = [one for one, contract in self.entitlements() if contract == self.contract]
        return self.request.product_id or (on_it[0].product_id if len(on_it) == 1 else None)

    def contract_meant(self) -> str | None:
        if self.contract is not None:
            return self.contract.number
        machine = self.machine_itself()
        if machine is None:
            return None
        numbers = {contract.number for _, contract in self.covering(machine)}
        numbers = numbers or {contract.number for _, contract in self.own(machine)}
        return numbers.pop() if len(numbers) == 1 else None

    # ---- §4

    def zone(self, site_id: str | None, customer_number: str) -> str | None:
        site = next((one for one in self.world.sites if one.site_id == site_id), None)
        if site is None or site.customer_number != customer_number:
            return None
        territory = self.territory(site)
        return site.timezone or (territory.timezone if territory is not None else None)

    def territory(self, site: Site) -> Territory | None:
        fitting = [
            one
            for one in self.world.territories
            if one.country == site.country
            and (one.postal_prefix == "*" or (site.postal_code or "").startswith(one.postal_prefix))
        ]
        return max(fitting, key=lambda one: 0 if one.postal_prefix == "*" else len(one.postal_prefix), default=None)

    def day(self, item: Item, contract: Contract) -> date:
        owner = next(one for one in self.world.customers if one.number == contract.customer_number)
        zone = self.zone(item.site_id, owner.number) or owner.timezone
        return self.received.astimezone(ZoneInfo(zone)).date()

    def covers(self, item: Item, contract: Contract) -> bool:
        day = self.day(item, contract)
        return max(start_of(item, contract), contract.start_date) <= day <= until(item, contract)

    def covering(self, machine: tuple[str, str]) -> list[tuple[Item, Contract]]:
        found = [(item, contract) for item, contract in self.own(machine) if self.covers(item, contract)]
        return sorted(found, key=lambda one: place_in_order(*one))

    def stranger(self, machine: tuple[str, str]) -> str | None:
        if self.covering(machine):
            return None
        for item in self.world.items:
            for contract in self.world.contracts:
                anothers = contract.customer_number != self.customer.number
                on_it = item.contract_number == contract.number and (item.machine_type, item.serial) == machine
                if anothers and on_it and self.covers(item, contract):
                    return "owner_mismatch"
        return "machine_type_mismatch" if self.held(machine[1]) and not self.own(machine) else None

    def stands_at(self, item: Item) -> Site | None:
        own = (one for one in self.world.sites if one.customer_number == self.customer.number)
        return next((one for one in own if one.site_id == item.site_id), self.site)

    def site_differs(self, item: Item, covering: Iterable[tuple[Item, Contract]]) -> list[str]:
        own = {one.site_id for one in self.world.sites if one.customer_number == self.customer.number}
        sites = {one.site_id for one, _ in covering} & own
        if self.site is not None and item.site_id in own:
            sites |= {self.site.site_id, item.site_id}
        return ["site_differs"] if len(sites) > 1 else []

    def about(self, item: Item, contract: Contract) -> Found:
        site = self.stands_at(item)
        return {
            "service_level": level_of(item, contract),
            "contract_number": contract.number,
            "covered_until": day_or_none(until(item, contract)),
            "machine": {"type": item.machine_type, "serial": item.serial},
            "site_id": None if site is None else site.site_id,
        }

    # ---- §5

    def due(self, promise: str, zone: str, country: str, province: str | None) -> datetime:
        def closed(day: date) -> bool:
            if day.weekday() >= 5 or any(
                one.country == country and one.province in (None, province) and one.date == day
                for one in self.world.closures
            ):
                return True
            return day in holidays.country_holidays(country, subdiv=province, years=day.year, categories=("public",))

        def at(day: date, hour: int) -> datetime:
            return datetime.combine(day, time(hour), tzinfo=ZoneInfo(zone)).astimezone(UTC)

        def next_open(day: date) -> date:
            return next_open(day + DAY) if closed(day) else day

        today = self.received.astimezone(ZoneInfo(zone)).date()
        if promise in ("ONSITE_4H_24X7", "severity 1"):
            return self.received + timedelta(hours=4 if promise == "ONSITE_4H_24X7" else 2)
        if promise in ("ONSITE_4H_9X5", "severity 2"):
            now, left, day = self.received, timedelta(hours=4), next_open(today)
            while max(now, at(day, 8)) + left > at(day, 17):
                left -= max(timedelta(), at(day, 17) - max(now, at(day, 8)))
                day = next_open(day + DAY)
            return max(now, at(day, 8)) + left
        if promise == "ONSITE_SBD":
            in_time = not closed(today) and self.received < at(today, 12)
            return at(today if in_time else next_open(today + DAY), 17)
        in_time = not closed(today) and self.received < at(today, 17)
        base = today if in_time else next_open(today + DAY)
        due = next_open(base + DAY)
        return at(next_open(due + DAY) if promise == "severity 4" else due, 17)

    # ---- §9

    def entitlements(self) -> list[tuple[Entitlement, Contract]]:
        return [
            (one, contract)
            for one in self.world.entitlements
            for contract in self.contracts()
            if one.contract_number == contract.number
        ]

    def standings(self, product: str | None) -> list[tuple[str, str, date]]:
        """How each entitlement stands, its contract and its end; the one that decides first."""
        today = self.received.astimezone(ZoneInfo(self.customer.timezone)).date()
        found = []
        for one, contract in self.entitlements():
            if product in (None, one.product_id):
                end = own_end(one.subscription_end, contract)
                state = "c to come" if today < contract.start_date else "a active" if today <= end else "b lapsed"
                found.append((state, contract.number, end))
        return sorted(found, key=lambda one: (one[0], -one[2].toordinal(), one[1]))


def level_of(item: Item, contract: Contract) -> str:
    return str(item.service_level or contract.service_level)


def start_of(item: Item, contract: Contract) -> date:
    return item.coverage_start or contract.start_date


def own_end(end: date | None, contract: Contract) -> date:
    """An item's or an entitlement's own end, the contract's where it has none; one that renews is no end."""
    renews = contract.auto_renew and end in (None, contract.end_date)
    return FOREVER if renews else end or contract.end_date or FOREVER


def until(item: Item, contract: Contract) -> date:
    early = FOREVER if item.ended_on is None else item.ended_on - DAY
    return min(own_end(item.coverage_end, contract), own_end(None, contract), early)


def place_in_order(item: Item, contract: Contract) -> tuple[int, int, str, bool, str]:
    rank = LEVELS.index(level_of(item, contract))
    return rank, -until(item, contract).toordinal(), contract.number, item.site_id is None, item.site_id or ""


def agreed(own: int | None, standard: int) -> int:
    return standard if own is None else own


def add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def day_or_none(day: date) -> str | None:
    return None if day == FOREVER else str(day)


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
