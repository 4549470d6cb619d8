"""Every number that the rules use, with its version (docs/rules.md: the policy values of each section).

A rule never holds a number of its own. The values here are the provider's; where a country differs, it has its own
`Terms`. Changing a value is a new version: a decision names the version that made it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from functools import cache
from importlib.metadata import version as version_of
from types import MappingProxyType
from typing import Final

from schemas.vocabulary import ServiceLevel
from services.routing.prices import price_list
from services.routing.rules.prices import PriceList


@dataclass(frozen=True, slots=True)
class Elapsed:
    """So much time on any clock on any wall, nights and holidays too."""

    time: timedelta


@dataclass(frozen=True, slots=True)
class BusinessTime:
    """So much time of business hours."""

    time: timedelta


@dataclass(frozen=True, slots=True)
class SameDay:
    """Close of business on the day itself when qualified before `cutoff`, else on the next business day."""

    cutoff: time


@dataclass(frozen=True, slots=True)
class BusinessDays:
    """Close of business so many business days after the base day: the day itself if it is one and still open."""

    days: int


Promise = Elapsed | BusinessTime | SameDay | BusinessDays


@dataclass(frozen=True, slots=True)
class Hours:
    """When people work (docs/rules.md §5)."""

    opens: time
    closes: time
    weekdays: frozenset[int]  # 0 is Monday


@dataclass(frozen=True, slots=True)
class OwnDays:
    """Days that the policy adds to a province's public holidays, or takes away; ``*`` is every province."""

    added: Mapping[tuple[str, date], str] = field(default_factory=dict)  # (province, day) -> its name
    removed: frozenset[tuple[str, date]] = frozenset()


@dataclass(frozen=True, slots=True)
class Notice:
    """What it takes to end maintenance (docs/rules.md §6); a contract's addendum replaces either number."""

    minimum_months: int  # under maintenance before notice is possible
    notice_months: int


@dataclass(frozen=True, slots=True)
class Terms:
    """The values for one country."""

    hours: Hours
    own_days: OwnDays
    holiday_category: str
    response: Mapping[ServiceLevel, Promise]  # onsite levels
    remote_response: Mapping[int, Promise]  # by severity
    default_severity: int
    depot_turnaround: Promise  # from receipt at the depot to shipping back
    customer_notice: Notice
    provider_notice: Notice
    prices: PriceList  # of what is not covered, and of a lapsed subscription's ways out
    billed_level: ServiceLevel  # how soon somebody comes, once an estimate is accepted
    estimate_days: int  # an estimate can be accepted so long
    dispute_days: int  # an invoice can be disputed so long
    reopen_days: int  # a resolved request can be reopened so long, then closes by itself
    return_days: int  # a return authorisation waits so long for its parcel


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of all of it."""

    version: str
    terms: Terms
    kind_threshold: float  # below it a text does not decide between hardware and software (docs/rules.md §3)
    kind_conflict: float  # above it a text contradicts the kind that was declared
    claim_lease: timedelta
    warn_at: tuple[float, ...]  # shares of the response time that warn, in order
    by_country: Mapping[str, Terms] = field(default_factory=dict)

    def of(self, country: str) -> Terms:
        return self.by_country.get(country, self.terms)


_HOUR: Final = timedelta(hours=1)


def standard_policy() -> Policy:
    """The policy in force."""
    version = "2026-11-01"
    canada = Terms(
        hours=Hours(opens=time(8), closes=time(17), weekdays=frozenset(range(5))),
        own_days=OwnDays(),
        holiday_category="public",
        response={
            ServiceLevel.ONSITE_4H_24X7: Elapsed(4 * _HOUR),
            ServiceLevel.ONSITE_4H_9X5: BusinessTime(4 * _HOUR),
            ServiceLevel.ONSITE_SBD: SameDay(cutoff=time(12)),
            ServiceLevel.ONSITE_NBD: BusinessDays(1),
        },
        remote_response={1: Elapsed(2 * _HOUR), 2: BusinessTime(4 * _HOUR), 3: BusinessDays(1), 4: BusinessDays(2)},
        default_severity=3,
        depot_turnaround=BusinessDays(5),
        customer_notice=Notice(minimum_months=6, notice_months=1),
        provider_notice=Notice(minimum_months=12, notice_months=3),
        prices=price_list("CA", version),
        billed_level=ServiceLevel.ONSITE_NBD,
        estimate_days=14,
        dispute_days=30,
        reopen_days=14,
        return_days=30,
    )
    return Policy(
        version=version,
        terms=canada,
        by_country={"US": replace(canada, prices=price_list("US", version))},
        kind_threshold=0.75,
        kind_conflict=0.9,
        claim_lease=timedelta(minutes=15),
        warn_at=(0.75, 1.0),
    )


@cache
def data_versions() -> Mapping[str, str]:
    """The versions of the data that calendar rules read; they belong to the policy's version."""
    return MappingProxyType({name: version_of(name) for name in ("holidays", "tzdata")})
