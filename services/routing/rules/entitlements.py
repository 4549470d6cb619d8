"""Is the subscription and support of a product active? (docs/rules.md §9)

Active while its contract has begun and its end is not past; an empty end is the contract's, and it renews as an item's
does. Days are the customer's. Of several entitlements an active one goes first, then a lapsed one, then one to come;
then the latest end, then the lower contract number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from services.routing.rules.book import Contract, Entitlement
from services.routing.rules.dates import past, renewed


class State(StrEnum):
    ACTIVE = "active"
    LAPSED = "lapsed"
    TO_COME = "to_come"


_ORDER: Final = {state: rank for rank, state in enumerate(State)}


@dataclass(frozen=True, slots=True)
class Standing:
    """One entitlement on one day."""

    entitlement: Entitlement
    contract: Contract
    until: date | None  # None: no end
    state: State


def standing(entitlement: Entitlement, contract: Contract, day: date) -> Standing:
    """How an entitlement stands on `day`, the customer's."""
    until = renewed(entitlement.subscription_end, contract.end_date, renews=contract.auto_renew)
    if day < contract.start_date:
        return Standing(entitlement, contract, until, State.TO_COME)
    return Standing(entitlement, contract, until, State.LAPSED if past(until, day) else State.ACTIVE)


def best(standings: Iterable[Standing]) -> Standing | None:
    """The entitlement that decides for a product."""
    return min(standings, key=_preference, default=None)


def downloads(
    standings: Iterable[Standing], product_id: str | None, contract_number: str | None
) -> tuple[Standing, ...]:
    """What a download gives: what has begun, of the one product that was named, else of the contract, else of everything.

    Of several entitlements to the product the one that decides.
    """
    begun = [one for one in standings if one.state is not State.TO_COME]
    if product_id is None:
        return tuple(one for one in begun if contract_number in (None, one.contract.number))
    deciding = best(one for one in begun if one.entitlement.product_id == product_id)
    return () if deciding is None else (deciding,)


def _preference(one: Standing) -> tuple[int, bool, int, str]:
    until = one.until
    return _ORDER[one.state], until is not None, 0 if until is None else -until.toordinal(), one.contract.number
