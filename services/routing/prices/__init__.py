"""The price files: one TOML file a country, each for one version of the policy (docs/rules.md §8).

Prices are text with two decimals. A file that names another policy version than the one in force refuses to load: a price is
never changed beside the policy.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from schemas.money import exact
from schemas.vocabulary import Language, RepairWay
from services.routing.rules.prices import ListedPart, Offer, PriceList


class PricesUnfit(ValueError):
    """A price file that cannot be used; says which, where, and what is expected."""


@cache
def price_list(country: str, policy: str) -> PriceList:
    """The prices of one country under one policy version. Raises `PricesUnfit`."""
    name = f"{country}.toml"
    return read(name, files(__package__).joinpath(name).read_text(encoding="utf-8"), policy)


def read(name: str, content: str, policy: str) -> PriceList:
    """`content` of the file called `name`. Raises `PricesUnfit`."""
    try:
        given = tomllib.loads(content)
        if given["policy"] != policy:
            raise PricesUnfit(f"{name}: policy {given['policy']!r}, but {policy!r} is in force; write its prices")
        return _prices(given)
    except KeyError as missing:
        raise PricesUnfit(f"{name}: {missing.args[0]} is missing") from None
    except (tomllib.TOMLDecodeError, ValueError) as wrong:
        raise PricesUnfit(f"{name}: {wrong}") from None


def _prices(given: Mapping[str, Any]) -> PriceList:
    labour, currency = given["labour"], given["currency"]
    return PriceList(
        currency=currency,
        hour=exact(labour["hour"]),
        hours={way: exact(labour["hours"][way.value]) for way in RepairWay},
        visit=exact(given["travel"]["visit"]),
        parts={
            number: ListedPart(exact(part["price"]), {Language.EN: part["en"], Language.FR: part["fr"]})
            for number, part in given["parts"].items()
        },
        renewal=tuple(Offer(code, exact(price), currency) for code, price in given["renewal"].items()),
    )
