"""Money: decimal, always beside its currency; in JSON it is text with two decimals, never a number (docs/rules.md §8)."""

import re
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

#: ISO 4217.
Currency = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})]

_EXACT: Final = re.compile(r"-?[0-9]{1,12}\.[0-9]{2}", re.ASCII)


def exact(value: object) -> Decimal:
    """An amount or a quantity with exactly two decimals. Raises `ValueError`; a float has lost its cents already."""
    if isinstance(value, Decimal):
        value = str(value)
    if not isinstance(value, str) or not _EXACT.fullmatch(value):
        raise ValueError("expected text with two decimals, such as 145.00")
    return Decimal(value)


#: An amount of money, or a quantity of hours or pieces.
Amount = Annotated[
    Decimal,
    BeforeValidator(exact),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^{_EXACT.pattern}$"}),
]


_TYPED: Final = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{1,2})?", re.ASCII)


def typed(value: object) -> Decimal:
    """An amount or a quantity as people and programs write it: ``145``, ``145.5``, ``145,50``. Raises `ValueError`.

    A JSON number is refused: it may have been a float on its way.
    """
    if not isinstance(value, str) or not _TYPED.fullmatch(value.strip()):
        raise ValueError("expected an amount such as 145.00")
    return Decimal(value.strip().replace(",", ".")).quantize(Decimal("0.01"))
