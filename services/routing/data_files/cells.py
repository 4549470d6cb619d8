"""What one cell may hold, column by column type; text is brought to its one spelling here (docs/rules.md §1).

A reader takes the cell's text and gives its value, or ``None`` for "not given"; it raises `Unfit` with the mend.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Final, TypeVar

from schemas import text
from schemas.request import NUMBER_LENGTH
from schemas.vocabulary import Desk
from services.routing.data_files.problems import Unfit, shown

Reader = Callable[[str], object]

#: Longest description. A key (serial, contract number …) may be as long as one that a request can name.
TEXT_LIMIT: Final = 500

#: A hundred years: no addendum asks for more, and no date runs out of the calendar.
MONTHS_LIMIT: Final = 1200

_DIGITS: Final = re.compile(r"[0-9]{1,9}")
_BOOLEANS: Final = {"true": True, "false": False}
_DEFAULT: Final = "*"

Word = TypeVar("Word", bound=StrEnum)


def code(cell: str) -> str | None:
    """A machine type, serial or postal code."""
    return _key(cell, text.code(cell))


def identifier(cell: str) -> str | None:
    """A contract or customer number, or a product id."""
    return _key(cell, text.identifier(cell))


def name(cell: str) -> str | None:
    """A site's, territory's or depot's id: kept as it is written."""
    return _key(cell, text.clean(cell.strip()))


def territory(cell: str) -> str | None:
    """A dispatch queue's name; never a desk's, the two share one list of queues."""
    value = name(cell)
    if value in _desks():
        raise Unfit("desk_name", cell=shown(cell))
    return value


def description(cell: str) -> str | None:
    """Text that people read and nothing depends on."""
    value = text.clean(cell.strip())
    if value is not None and len(value) > TEXT_LIMIT:
        raise Unfit("too_long", cell=shown(cell), length=len(value), limit=TEXT_LIMIT)
    return value


def province(cell: str) -> str | None:
    value = name(cell)
    return value.upper() if value else None


def province_or_all(cell: str) -> str | None:
    """A province, or none for the whole country, which may be written ``*`` too."""
    value = province(cell)
    return None if value == _DEFAULT else value


def country(cell: str) -> str | None:
    return _text(text.country, cell)


def email(cell: str) -> str | None:
    return _text(text.email, cell)


def phone(cell: str, country: str | None) -> str | None:
    """A telephone number in E.164; `country` is that of a number written without its own."""
    return _text(lambda given: text.phone(given, country or "ZZ"), cell)


def day(cell: str) -> object:
    """A `date`. Files name few days many times: the column that uses this remembers them."""
    try:
        return text.day(cell.strip())
    except text.Unreadable as wrong:
        raise Unfit(wrong.code, cell=shown(cell)) from None


def boolean(cell: str) -> bool | None:
    given = cell.strip()
    if given and given not in _BOOLEANS:
        raise Unfit("not_a_boolean", cell=shown(cell))
    return _BOOLEANS.get(given)


def months(cell: str) -> int | None:
    return _integer(cell, 0, MONTHS_LIMIT)


def quantity(cell: str) -> int | None:
    return _integer(cell, 1, 999_999_999)


def timezone(cell: str) -> str | None:
    """An IANA zone that the pinned tzdata knows, under any of its names."""
    given = cell.strip()
    if given and given not in _timezones():
        raise Unfit("not_a_timezone", cell=shown(cell))
    return given or None


def one_of(words: type[Word]) -> Callable[[str], Word | None]:
    """A reader of one of the vocabulary's words, spelled as there."""
    known = {word.value: word for word in words}

    def read(cell: str) -> Word | None:
        given = cell.strip()
        if given and given not in known:
            raise Unfit("not_one_of", cell=shown(cell), allowed=", ".join(known))
        return known.get(given)

    return read


def _key(cell: str, value: str | None) -> str | None:
    if value is None:
        return None
    if len(value) > NUMBER_LENGTH:
        raise Unfit("too_long", cell=shown(cell), length=len(value), limit=NUMBER_LENGTH)
    if not value.isprintable():
        raise Unfit("control", cell=shown(cell))
    return value


def _text(read: Callable[[str], str | None], cell: str) -> str | None:
    try:
        return read(cell.strip())
    except text.Unreadable as wrong:
        raise Unfit(wrong.code, cell=shown(cell)) from None


def _integer(cell: str, low: int, high: int) -> int | None:
    given = cell.strip()
    if not given:
        return None
    if not _DIGITS.fullmatch(given) or not low <= int(given) <= high:
        raise Unfit("not_an_integer", cell=shown(cell), low=low, high=high)
    return int(given)


@cache
def _timezones() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


@cache
def _desks() -> frozenset[str]:
    return frozenset(desk.value for desk in Desk)
