"""Bars as SVG, readable by eyes and by screen readers: each value stands beside its bar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

_WIDTH, _LEFT, _ROW, _TOP = 760, 210, 26, 46
_BAR: Final = 400
_OURS, _OTHERS, _RANGE = "#1f6f5c", "#9aa5ad", "#39434a"


@dataclass(frozen=True, slots=True)
class Bar:
    """`low` and `high`: how far the runs lay apart."""

    name: str
    value: float
    low: float
    high: float
    ours: bool


def bars(title: str, unit: str, given: Sequence[Bar]) -> str:
    """One bar a program, the shortest first: less is better."""
    most = max(one.high for one in given)
    height = _TOP + _ROW * len(given) + 12
    box = f'viewBox="0 0 {_WIDTH} {height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" font-family="system-ui, sans-serif" font-size="13">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="12" y="22" font-size="15" font-weight="600">{escape(title)}</text>',
        f'<text x="12" y="39" fill="#555">{escape(unit)}; less is better; the thin line spans the runs</text>',
    ]
    for at, one in enumerate(sorted(given, key=lambda bar: bar.value)):
        lines += _bar(one, _TOP + at * _ROW, most)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _bar(one: Bar, top: int, most: float) -> list[str]:
    middle = top + _ROW // 2

    def at(value: float) -> float:
        return round(_LEFT + value / most * _BAR, 1)

    width = round(at(one.value) - _LEFT, 1)
    return [
        f'<text x="{_LEFT - 8}" y="{middle + 5}" text-anchor="end">{escape(one.name)}</text>',
        f'<rect x="{_LEFT}" y="{top + 4}" width="{width}" height="{_ROW - 8}" fill="{_OURS if one.ours else _OTHERS}"/>',
        f'<line x1="{at(one.low)}" x2="{at(one.high)}" y1="{middle}" y2="{middle}" stroke="{_RANGE}" stroke-width="2"/>',
        f'<text x="{at(one.high) + 8}" y="{middle + 5}">{one.value:,.0f}</text>',
    ]


def of_programs(figures: Mapping[str, Mapping[str, float]], ours: Sequence[str], names: Mapping[str, str]) -> list[Bar]:
    """A bar for each program's CPU an event."""
    return [
        Bar(names.get(program, program), one["cpu_us"], one["cpu_us_least"], one["cpu_us_most"], program in ours)
        for program, one in figures.items()
    ]
