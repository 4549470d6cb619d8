"""What does a repair that is not covered cost? (docs/rules.md §8)

An estimate is lines of labour, travel and parts, each a quantity times a unit price. Prices come from the country's list; another
price needs the reason that says so. **Rounding, the only one there is**: a line's amount is rounded to the cent, half up, once;
totals are sums of lines. Amounts are before taxes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from schemas.vocabulary import Language, LineReason, LineSort, RepairWay

CENT: Final = Decimal("0.01")
NOTHING: Final = Decimal("0.00")
ONE: Final = Decimal("1.00")

#: Why a line of each sort may be there.
REASONS: Final[Mapping[LineSort, tuple[LineReason, ...]]] = {
    LineSort.LABOUR: (LineReason.REPAIR, LineReason.AGREED_PRICE),
    LineSort.TRAVEL: (LineReason.SITE_VISIT, LineReason.AGREED_PRICE),
    LineSort.PART: (LineReason.LISTED_PART, LineReason.QUOTED_PART, LineReason.AGREED_PRICE),
}
#: A person names these prices; all others are the list's.
OPEN: Final = frozenset({LineReason.QUOTED_PART, LineReason.AGREED_PRICE})

MOST_LINES: Final = 50
MOST_QUANTITY: Final = Decimal("999.00")
MOST_PRICE: Final = Decimal("99999.99")


class Unpriceable(ValueError):
    """A line that cannot be priced: where (``lines.0.unit_price``) and a stable code."""

    def __init__(self, path: str, code: str, **values: object) -> None:
        super().__init__(f"{path}: {code}")
        self.path, self.code, self.values = path, code, values


@dataclass(frozen=True, slots=True)
class Offer:
    """A way out of a lapsed subscription, for each unit of the product (docs/rules.md §9)."""

    code: str
    price: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class ListedPart:
    price: Decimal
    names: Mapping[Language, str]


@dataclass(frozen=True, slots=True)
class PriceList:
    """One country's prices, in its currency."""

    currency: str
    hour: Decimal  # of labour
    hours: Mapping[RepairWay, Decimal]  # of labour, proposed
    visit: Decimal  # travel, there and back
    parts: Mapping[str, ListedPart]  # by part number
    renewal: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line as the desk enters it. Without a price, the list's."""

    sort: LineSort
    quantity: Decimal
    reason: LineReason
    unit_price: Decimal | None = None
    part: str | None = None
    what: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A priced line; `line` counts from 1 and stays the same on the invoice."""

    line: int
    sort: LineSort
    reason: LineReason
    part: str | None
    what: str | None
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal


def proposed(way: RepairWay, prices: PriceList) -> tuple[AskedLine, ...]:
    """What an estimate begins with, before a person has looked: labour, and travel where somebody comes."""
    labour = AskedLine(LineSort.LABOUR, prices.hours[way], LineReason.REPAIR)
    travel = AskedLine(LineSort.TRAVEL, ONE, LineReason.SITE_VISIT)
    return (labour, travel) if way is RepairWay.ONSITE else (labour,)


def priced(asked: Sequence[AskedLine], prices: PriceList, language: Language) -> tuple[Line, ...]:
    """The lines with their prices and amounts. Raises `Unpriceable` at the first that has none."""
    if not 1 <= len(asked) <= MOST_LINES:
        raise Unpriceable("lines", "lines_wanted", max=MOST_LINES)
    return tuple(_priced(index, line, prices, language) for index, line in enumerate(asked))


def total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, NOTHING)


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _priced(index: int, asked: AskedLine, prices: PriceList, language: Language) -> Line:
    at = f"lines.{index}"
    if asked.reason not in REASONS[asked.sort]:
        raise Unpriceable(f"{at}.reason", "not_one_of", choices=", ".join(REASONS[asked.sort]))
    if not CENT <= asked.quantity <= MOST_QUANTITY or asked.quantity != rounded(asked.quantity):
        raise Unpriceable(f"{at}.quantity", "quantity_unfit", max=MOST_QUANTITY)
    price = _price(at, asked, prices)
    if not NOTHING <= price <= MOST_PRICE or price != rounded(price):
        raise Unpriceable(f"{at}.unit_price", "price_unfit", max=MOST_PRICE)
    listed = prices.parts.get(asked.part or "")
    what = listed.names[language] if listed is not None else asked.what
    if asked.sort is LineSort.PART and what is None:
        raise Unpriceable(f"{at}.what", "required")
    return Line(
        line=index + 1,
        sort=asked.sort,
        reason=asked.reason,
        part=asked.part,
        what=what,
        quantity=rounded(asked.quantity),
        unit_price=rounded(price),
        amount=rounded(asked.quantity * price),
    )


def _price(at: str, asked: AskedLine, prices: PriceList) -> Decimal:
    """The list's, or the person's where the reason says so; never one in place of the other."""
    if asked.reason in OPEN:
        if asked.unit_price is None:
            raise Unpriceable(f"{at}.unit_price", "required")
        return asked.unit_price
    match asked.sort:
        case LineSort.LABOUR:
            price = prices.hour
        case LineSort.TRAVEL:
            price = prices.visit
        case LineSort.PART:
            listed = prices.parts.get(asked.part or "")
            if listed is None:
                raise Unpriceable(f"{at}.part", "part_not_listed")
            price = listed.price
    if asked.unit_price not in (None, price):
        raise Unpriceable(f"{at}.unit_price", "price_is_listed", price=price)
    return price
