"""Covering items as bars over two years, with the day that was judged between them; geometry only, the table says the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

WIDTH: Final = 360
_LEFT, _RIGHT = 92, 354
_ROW, _HEAD = 22, 18
#: Days before and after the one that was judged.
_SPAN: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Bar:
    """One item on its contract; `open_end`: it goes on beyond the picture."""

    name: str
    y: int
    x: float
    width: float
    covers: bool
    open_end: bool


@dataclass(frozen=True, slots=True)
class Bars:
    height: int
    day: date
    day_x: float
    rows: tuple[Bar, ...]
    width: int = WIDTH
    left: int = _LEFT
    right: int = _RIGHT


def draw(evidence: Mapping[str, Any]) -> Bars | None:
    """The customer's own items that were compared; None: there was none."""
    compared = () if evidence["coverage"] is None else evidence["coverage"]["compared"]
    if not compared:
        return None
    day = date.fromisoformat(compared[0]["day"])
    rows = tuple(_bar(one, day, _HEAD + _ROW * index) for index, one in enumerate(compared))
    return Bars(_HEAD + _ROW * len(rows), day, _x(day, day), rows)


def _bar(one: Mapping[str, Any], day: date, y: int) -> Bar:
    begins = date.fromisoformat(one["covered_from"])
    until = None if one["covered_until"] is None else date.fromisoformat(one["covered_until"])
    left, right = _x(begins, day), float(_RIGHT) if until is None else _x(until, day)
    open_end = until is None or until > day + _SPAN
    return Bar(one["contract_number"], y, left, round(max(right - left, 1.0), 2), one["covers"], open_end)


def _x(moment: date, day: date) -> float:
    share = (moment - (day - _SPAN)) / (2 * _SPAN)
    return round(_LEFT + min(max(share, 0.0), 1.0) * (_RIGHT - _LEFT), 2)
