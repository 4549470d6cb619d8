"""What a request of an `answered` kind is answered with (docs/rules.md §2, §9).

Pure: the decision, its request and what the customer has on file come in. The answer is judged on the decision's own day,
each machine's at its site: asked for again a week later it speaks of the same day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from schemas.decision import Decision, show_instant
from schemas.request import ServiceRequest
from schemas.vocabulary import Kind, Outcome
from services.routing.rules.book import Contract, Customer, Entitlement, Item, Site
from services.routing.rules.calendars import zone_of
from services.routing.rules.coverage import Comparison, compare, preference, start_of
from services.routing.rules.entitlements import Standing, State, downloads, standing
from services.routing.rules.facts import Areas, Book


@dataclass(frozen=True, slots=True)
class OnFile:
    """All that one customer has in contract data; nothing here is another's."""

    customer: Customer
    sites: Sequence[Site]
    contracts: Sequence[Contract]
    items: Sequence[Item]
    entitlements: Sequence[Entitlement]
    areas: Areas


@dataclass(frozen=True, slots=True)
class CoveredDevices:
    """The covered machines, one line a covering item: a machine under two contracts is there twice, the better first."""

    contract_number: str | None  # None: of all contracts
    devices: tuple[Comparison, ...]

    @property
    def machines(self) -> int:
        return len({(one.item.machine_type, one.item.serial) for one in self.devices})


@dataclass(frozen=True, slots=True)
class ContractCopy:
    """One contract, with every item and product on it, whatever their dates."""

    contract: Contract
    items: tuple[Comparison, ...]
    products: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Downloads:
    """The products to download: of an active subscription the current versions, of a lapsed one those of its time."""

    products: tuple[Standing, ...]


Given: TypeAlias = CoveredDevices | ContractCopy | Downloads


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked for. `day` is the decision's, where the customer is."""

    decision: Decision
    customer: Customer
    day: date
    given: Given


def answer(decision: Decision, request: ServiceRequest, on_file: OnFile) -> Answer | None:
    """The answer to `request`, as `decision` promised it.

    None when nothing was promised, or when what was named is no longer this customer's.
    """
    if decision.outcome is not Outcome.ANSWERED:
        return None
    judged = _Judged(decision, on_file)
    given: Given | None
    match decision.kind:
        case Kind.COVERED_DEVICES:
            given = judged.covered_devices(decision.contract_number)
        case Kind.CONTRACT_COPY:
            given = judged.contract_copy(decision.contract_number)
        case Kind.SOFTWARE_DOWNLOAD:
            given = judged.downloads(request)
        case _:
            given = None
    return None if given is None else Answer(decision, on_file.customer, judged.day, given)


class _Judged:
    """What is on file, held against the decision's day."""

    def __init__(self, decision: Decision, on_file: OnFile) -> None:
        self._on_file = on_file
        self._as_of = decision.as_of
        self._zone = zone_of(on_file.customer.timezone)
        self._contracts = {contract.number: contract for contract in on_file.contracts}
        self._book = Book(areas=on_file.areas, sites=on_file.sites)
        self.day = decision.as_of.astimezone(self._zone).date()

    def covered_devices(self, number: str | None) -> CoveredDevices | None:
        if number is not None and number not in self._contracts:
            return None
        covering = [one for one in self._items(number) if one.lost_by is None]
        return CoveredDevices(number, tuple(covering))

    def contract_copy(self, number: str | None) -> ContractCopy | None:
        contract = None if number is None else self._contracts.get(number)
        if contract is None:
            return None
        products = (one for one in self._standings() if one.contract is contract)
        return ContractCopy(contract, tuple(self._items(contract.number)), tuple(sorted(products, key=_by_name)))

    def downloads(self, request: ServiceRequest) -> Downloads | None:
        number = request.contract_number if request.contract_number in self._contracts else None
        found = downloads(self._standings(), request.product_id, number)
        return Downloads(tuple(sorted(found, key=_by_name))) if found else None

    def _items(self, number: str | None) -> list[Comparison]:
        """The items on a contract, or on all; by machine, the one that decides first."""
        compared = [
            compare(item, self._contracts[item.contract_number], self._book, self._as_of, self._zone)
            for item in self._on_file.items
            if item.contract_number in self._contracts and number in (None, item.contract_number)
        ]
        return sorted(compared, key=lambda one: (one.item.machine_type, one.item.serial, preference(one)))

    def _standings(self) -> list[Standing]:
        return [
            standing(entitlement, self._contracts[entitlement.contract_number], self.day)
            for entitlement in self._on_file.entitlements
            if entitlement.contract_number in self._contracts
        ]


def covered_from(one: Comparison) -> date:
    """The first day that both the item and its contract allow."""
    return max(start_of(one.item, one.contract), one.contract.start_date)


def ends_on(contract: Contract) -> date | None:
    """A contract's last day; None: it has no end, or renews by itself."""
    return None if contract.auto_renew else contract.end_date


def versions_until(one: Standing) -> date | None:
    """The last day whose versions may be downloaded; None: up to the current ones."""
    return one.until if one.state is State.LAPSED else None


def as_json(given: Answer) -> dict[str, Any]:
    """The answer as programs read it: plain JSON values, days as `2026-11-23`."""
    return {
        "kind": given.decision.kind.value,
        "as_of": show_instant(given.decision.as_of),
        "day": given.day.isoformat(),
        "customer": {"number": given.customer.number, "name": given.customer.name},
        **_given(given.given),
    }


def _given(given: Given) -> Mapping[str, Any]:
    match given:
        case CoveredDevices():
            return {"contract_number": given.contract_number, "devices": [_device(one) for one in given.devices]}
        case ContractCopy():
            return {"contract": _contract(given)}
        case Downloads():
            return {"products": [_product(one) for one in given.products]}


def _device(one: Comparison) -> dict[str, Any]:
    item, site = one.item, one.place.site
    return {
        "machine": {"type": item.machine_type, "model": item.model, "serial": item.serial},
        "contract_number": one.contract.number,
        "contract_kind": one.contract.kind.value,
        "service_level": one.level and one.level.value,
        "site": site
        and {
            "site_id": site.site_id,
            "line1": site.line1,
            "city": site.city,
            "province": site.province,
            "postal_code": site.postal_code,
            "country": site.country,
        },
        "covered_from": covered_from(one).isoformat(),
        "covered_until": _day(one.covered_until),
    }


def _contract(copy: ContractCopy) -> dict[str, Any]:
    contract = copy.contract
    return {
        "number": contract.number,
        "kind": contract.kind.value,
        "start_date": contract.start_date.isoformat(),
        "end_date": _day(contract.end_date),
        "auto_renew": contract.auto_renew,
        "service_level": contract.service_level and contract.service_level.value,
        "prepaid_until": _day(contract.prepaid_until),
        "customer_minimum_months": contract.customer_minimum_months,
        "customer_notice_months": contract.customer_notice_months,
        "provider_minimum_months": contract.provider_minimum_months,
        "provider_notice_months": contract.provider_notice_months,
        "items": [_device(one) | {"covers": one.lost_by is None} for one in copy.items],
        "products": [_product(one) for one in copy.products],
    }


def _product(one: Standing) -> dict[str, Any]:
    return {
        "product_id": one.entitlement.product_id,
        "product_name": one.entitlement.product_name,
        "quantity": one.entitlement.quantity,
        "contract_number": one.contract.number,
        "state": one.state.value,
        "subscription_end": _day(one.until),
        "versions_until": _day(versions_until(one)),
    }


def _by_name(one: Standing) -> tuple[str, str, str]:
    return one.entitlement.product_name.casefold(), one.entitlement.product_id, one.contract.number


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
