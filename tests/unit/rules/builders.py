"""Contract data and requests with sensible defaults: a test names only what matters to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal

from schemas import text
from schemas.decision import Decision
from schemas.request import ServiceRequest, parse_request
from schemas.vocabulary import ContractKind, Language, ServiceLevel
from services.routing.decide import Decided, decide
from services.routing.rules.book import Closure, Contract, Customer, Depot, Entitlement, Item, Site, Territory
from services.routing.rules.facts import Areas, Book
from services.routing.rules.policy import Policy, standard_policy
from services.routing.rules.text_kind import Weighed

POLICY: Final[Policy] = standard_policy()
TORONTO: Final = "America/Toronto"
MONDAY: Final = "2026-11-23T15:00:00Z"  # 10:00 in Toronto

K: Final = "C-1001"  # the customer who asks
OTHER: Final = "C-2002"
TYPE: Final = "8286"
SERIAL: Final = "210F3AT"


def at(moment: str) -> datetime:
    return text.instant(moment)


def day(given: str | date | None) -> date | None:
    return date.fromisoformat(given) if isinstance(given, str) else given


def a_customer(number: str = K, **given: Any) -> Customer:
    defaults: dict[str, Any] = {
        "name": "Atelier du Nord",
        "language": Language.FR,
        "email": None,
        "phone": None,
        "country": "CA",
        "province": "QC",
        "timezone": TORONTO,
    }
    return Customer(number=number, **(defaults | given))


def a_site(site_id: str = "S-9", customer: str = K, **given: Any) -> Site:
    defaults: dict[str, Any] = {
        "line1": "1 rue de l'Exemple",
        "city": "Montréal",
        "province": "QC",
        "postal_code": "H3B2Y5",
        "country": "CA",
        "timezone": None,
    }
    return Site(site_id=site_id, customer_number=customer, **(defaults | given))


def a_contract(number: str = "M-77", customer: str = K, **given: Any) -> Contract:
    defaults: dict[str, Any] = {
        "kind": ContractKind.HARDWARE_MAINTENANCE,
        "start_date": "2025-04-01",
        "end_date": "2027-03-31",
        "service_level": ServiceLevel.ONSITE_NBD,
        "auto_renew": False,
        "customer_minimum_months": None,
        "customer_notice_months": None,
        "provider_minimum_months": None,
        "provider_notice_months": None,
        "prepaid_until": None,
    }
    row = defaults | given
    for name in ("start_date", "end_date", "prepaid_until"):
        row[name] = day(row[name])
    return Contract(number=number, customer_number=customer, **row)


def an_item(contract: str = "M-77", **given: Any) -> Item:
    defaults: dict[str, Any] = {
        "machine_type": TYPE,
        "model": "41A",
        "serial": SERIAL,
        "site_id": "S-9",
        "coverage_start": None,
        "coverage_end": None,
        "service_level": None,
        "ended_on": None,
        "replaces_serial": None,
    }
    row = defaults | given
    for name in ("coverage_start", "coverage_end", "ended_on"):
        row[name] = day(row[name])
    return Item(contract_number=contract, **row)


def a_subscription(number: str = "S-1", customer: str = K, **given: Any) -> Contract:
    return a_contract(number, customer, **({"kind": ContractKind.SOFTWARE_SUBSCRIPTION, "service_level": None} | given))


def an_entitlement(contract: str = "S-1", product: str = "P-100", end: str | None = None) -> Entitlement:
    return Entitlement(contract, product, "Ledger", 1, day(end))


TERRITORIES: Final = (
    Territory("CA", "H", "CA-QC-MTL", TORONTO),
    Territory("CA", "M", "CA-ON-TOR", TORONTO),
    Territory("CA", "V", "CA-BC-VAN", "America/Vancouver"),
)
DEPOTS: Final = (
    Depot("CA", "QC", "D-MTL", "Montréal", "2 rue", "Montréal", "H1A1A1"),
    Depot("CA", "*", "D-TOR", "Toronto", "3 Street", "Toronto", "M1A1A1"),
)


@dataclass
class World:
    """Contract data for a test; by default a customer with one machine under next-business-day maintenance."""

    customers: list[Customer] = field(default_factory=lambda: [a_customer(), a_customer(OTHER)])
    sites: list[Site] = field(default_factory=lambda: [a_site(), a_site("S-10"), a_site("S-20", OTHER)])
    territories: Iterable[Territory] = TERRITORIES
    depots: Iterable[Depot] = DEPOTS
    contracts: list[Contract] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    entitlements: list[Entitlement] = field(default_factory=list)
    closures: Iterable[Closure] = ()

    def book(self) -> Book:
        return Book(
            areas=Areas(self.territories, self.depots, self.closures),
            customers=self.customers,
            sites=self.sites,
            contracts=self.contracts,
            items=self.items,
            entitlements=self.entitlements,
        )

    def under(self, contract: Contract, *items: Item, entitlements: Iterable[Entitlement] = ()) -> "World":
        """The same world with one contract more."""
        return World(
            self.customers,
            self.sites,
            self.territories,
            self.depots,
            [*self.contracts, contract],
            [*self.items, *items],
            [*self.entitlements, *entitlements],
            self.closures,
        )


def a_world(**contract: Any) -> World:
    """One machine under one contract."""
    return World().under(a_contract(**contract), an_item())


@dataclass(frozen=True)
class Read:
    """What a pretended classifier read."""

    kind: Literal["hardware", "software"]
    confidence: float
    words: tuple[Weighed, ...] = (Weighed("thing", 0.1),)
    model: str | None = "7"


def reads(kind: Literal["hardware", "software"], confidence: float) -> Any:
    """A classifier that reads the same in every text."""
    return lambda text, language: Read(kind, confidence)


def a_request(kind: str = "hardware_repair", **given: Any) -> ServiceRequest:
    """From customer `K`; a machine in short: `machine=True` is the usual one, a pair another."""
    machine = given.pop("machine", None)
    if machine is True:
        machine = (TYPE, SERIAL)
    if isinstance(machine, tuple):
        machine = {"type": machine[0], "serial": machine[1]}
    return parse_request({"kind": kind, "customer_number": K, "machine": machine, **given})


def decided(world: World, request: ServiceRequest, received: str = MONDAY, **given: Any) -> Decided:
    given.setdefault("classify", reads("software", 0.5))
    return decide(request, world.book(), POLICY, received_at=at(received), **given)


def decision(world: World, request: ServiceRequest, received: str = MONDAY, **given: Any) -> Decision:
    return decided(world, request, received, **given).decision


def told(decision: Decision, *names: str) -> Mapping[str, Any]:
    """Some of a decision's fields as JSON has them."""
    said = decision.to_json()
    return {name: said[name] for name in names}
