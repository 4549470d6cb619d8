"""Contract data as the rules read it: one value a row of the data files (docs/rules.md §1).

All text is normalised already: machine types, serials and postal codes as `schemas.text.code`,
contract and customer numbers and product ids as `schemas.text.identifier`.
"""

from dataclasses import dataclass
from datetime import date

from schemas.vocabulary import ContractKind, Language, ServiceLevel


@dataclass(frozen=True, slots=True)
class Customer:
    number: str
    name: str
    language: Language
    email: str | None
    phone: str | None
    country: str
    province: str | None
    timezone: str


@dataclass(frozen=True, slots=True)
class Site:
    site_id: str
    customer_number: str
    line1: str
    city: str
    province: str | None
    postal_code: str | None
    country: str
    timezone: str | None


@dataclass(frozen=True, slots=True)
class Territory:
    """A dispatch queue's area: a country and a postal prefix; the prefix ``*`` is the country's default."""

    country: str
    postal_prefix: str
    territory: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Depot:
    """A workshop and the province that it serves; the province ``*`` is the country's default."""

    country: str
    province: str
    depot: str
    name: str
    line1: str
    city: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class Contract:
    number: str
    customer_number: str
    kind: ContractKind
    start_date: date
    end_date: date | None
    service_level: ServiceLevel | None
    auto_renew: bool
    customer_minimum_months: int | None
    customer_notice_months: int | None
    provider_minimum_months: int | None
    provider_notice_months: int | None
    prepaid_until: date | None


@dataclass(frozen=True, slots=True)
class Item:
    """One machine on one contract; empty dates and level are the contract's."""

    contract_number: str
    machine_type: str
    model: str | None
    serial: str
    site_id: str | None
    coverage_start: date | None
    coverage_end: date | None
    service_level: ServiceLevel | None
    ended_on: date | None  # the first uncovered day
    replaces_serial: str | None


@dataclass(frozen=True, slots=True)
class Entitlement:
    contract_number: str
    product_id: str
    product_name: str
    quantity: int
    subscription_end: date | None


@dataclass(frozen=True, slots=True)
class Closure:
    """A day on which the provider is closed; no province: the whole country."""

    country: str
    province: str | None
    date: date
