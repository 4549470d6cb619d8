"""A picture of a run, made of its folder: what was accepted and decided each moment, and below it what was broken when.

`timeline.svg` stands by itself and is readable on light and on dark paper; hover over a bar for its name.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any, Final

import orjson

from tests.faults.ledger import lines

_LEFT, _WIDTH, _RIGHT = 150, 1200, 20
_TOP, _CHART, _ROW = 64, 180, 22
#: Of a fault's name, at most.
_LETTER: Final = 6.5
#: Faults of no one process have a row of their own.
_ROWS: Final[Mapping[str, str]] = {
    "cut": "network",
    "slow": "network",
    "half-open": "network",
    "disk-full": "disk",
    "clock": "clock",
    "mail-hangs": "mail",
    "mail-refuses": "mail",
    "mail-lies": "mail",
}
_STYLE: Final = """
svg { background: var(--paper); color-scheme: light dark; --paper: #fff; --ink: #1f2328; --quiet: #6a737d; --rule: #d8dee4;
  --accepted: #9ec5fe; --decided: #0a58ca; --kill: #c1121f; --fault: #e09f3e; --again: #2b8a3e; }
@media (prefers-color-scheme: dark) { svg { --paper: #14171c; --ink: #e6e8eb; --quiet: #9aa4af; --rule: #343b44;
  --accepted: #274b7a; --decided: #79b0ff; --kill: #ff6b6b; --fault: #d9962f; --again: #69db7c; } }
text { font: 12px system-ui, sans-serif; fill: var(--ink); }
.title { font-size: 16px; font-weight: 600; } .quiet { fill: var(--quiet); }
.rule { stroke: var(--rule); } .accepted { fill: var(--accepted); } .decided { fill: none; stroke: var(--decided); stroke-width: 1.8; }
.kill { stroke: var(--kill); stroke-width: 2; } .fault { fill: var(--fault); } .again { fill: var(--again); }
.named { font-size: 10px; fill: var(--quiet); }
.key-decided { fill: var(--decided); } .key-kill { fill: var(--kill); }
"""


@dataclass
class _Story:
    """Seconds from the beginning of the run."""

    run: Mapping[str, Any]
    began: float
    length: float = 1.0
    accepted: list[float] = field(default_factory=list)
    decided: list[float] = field(default_factory=list)
    bars: list[tuple[str, float, float, str]] = field(default_factory=list)  # row, from, to, what
    kills: list[tuple[str, float]] = field(default_factory=list)
    restarts: list[tuple[str, float]] = field(default_factory=list)

    def at(self, told: str, shift: float = 0.0) -> float:
        return _instant(told) - shift - self.began


def draw(folder: Path) -> None:
    """Write `timeline.svg` into a run's folder."""
    story = _read(folder)
    (folder / "timeline.svg").write_text("\n".join(_svg(story)), encoding="utf-8")


def _read(folder: Path) -> _Story:
    run = orjson.loads((folder / "run.json").read_bytes())
    story = _Story(run, _instant(run["begun"]))
    story.length = max(1.0, story.at(run["ended"]))
    for line in lines(folder / "ledger.jsonl"):
        if line["phase"] == "ok" and line["op"] in ("submit", "form", "form-sent"):
            story.accepted.append(story.at(line["at"]))
        elif line["op"] == "bulk" and isinstance(line.get("answer"), list):
            story.accepted += [story.at(line["at"])] * sum(one.get("status") == 201 for one in line["answer"])
    shift = run.get("settings", {}).get("clock_shift", 0.0)
    for row in lines(folder / "tables" / "routing" / "outbox.jsonl"):
        if row["type"] == "request.decided":
            story.decided.append(story.at(row["created_at"], shift))
    _faults(story, folder)
    return story


def _faults(story: _Story, folder: Path) -> None:
    begun: dict[tuple[str, str], float] = {}
    for line in lines(folder / "faults.jsonl"):
        fault, target, at = line["fault"], line["target"], story.at(line["at"])
        row = _ROWS.get(fault, target)
        if fault == "kill":
            story.kills.append((row, at))
        elif fault == "restart":
            story.restarts.append((row, at))
        elif line["phase"] == "begin":
            begun[row, fault] = at
        elif (start := begun.pop((row, fault), None)) is not None:
            story.bars.append((row, start, at, f"{fault} {target}"))
    story.bars += [(row, start, story.length, fault) for (row, fault), start in begun.items()]


def _svg(story: _Story) -> Iterator[str]:
    marked = [*(row for row, *_ in story.bars), *(row for row, _ in story.kills), *(row for row, _ in story.restarts)]
    rows = sorted(set(marked), key=lambda row: (row in _ROWS.values(), row in ("kafka", "postgres"), row))
    height = _TOP + _CHART + 40 + _ROW * len(rows) + 20
    run = story.run
    broken = f", mutant {run['mutant']}" if run.get("mutant") else ""
    title = (
        f"{run['mode']}, seed {run['seed']}{broken}: {len(story.accepted)} acknowledgements, {len(story.kills)} kills"
    )
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">'
    yield f"<title>{escape(title)}</title><style>{_STYLE}</style>"
    yield f'<rect width="{_WIDTH}" height="{height}" style="fill: var(--paper)"/>'
    yield f'<text class="title" x="{_LEFT}" y="24">{escape(title)}</text>'
    yield from _legend()
    yield from _chart(story)
    yield from _axis(story, _TOP + _CHART, height - 20)
    for index, row in enumerate(rows):
        yield from _row(story, row, _TOP + _CHART + 40 + index * _ROW)
    yield "</svg>"


def _legend() -> Iterator[str]:
    keys = (("accepted", "acknowledged a second"), ("key-decided", "decided a second"), ("key-kill", "kill -9"))
    at = _LEFT
    for name, words in (*keys, ("again", "started again"), ("fault", "another fault")):
        yield f'<rect class="{name}" x="{at}" y="38" width="12" height="12"/><text x="{at + 18}" y="48">{words}</text>'
        at += 40 + 7 * len(words)


def _chart(story: _Story) -> Iterator[str]:
    bins = max(10, min(240, int(story.length)))
    width = story.length / bins
    accepted, decided = _rates(story.accepted, bins, width), _rates(story.decided, bins, width)
    most = max(1.0, *accepted, *decided)
    step = (_WIDTH - _LEFT - _RIGHT) / bins
    base = _TOP + _CHART
    for share in (0.5, 1.0):
        y = base - share * _CHART
        yield f'<line class="rule" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>'
        yield f'<text class="quiet" x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{most * share:.0f}/s</text>'
    for index, rate in enumerate(accepted):
        tall = rate / most * _CHART
        if rate:
            x, y = _LEFT + index * step, base - tall
            yield f'<rect class="accepted" x="{x:.1f}" y="{y:.1f}" width="{step:.2f}" height="{tall:.1f}"/>'
    points = " ".join(
        f"{_LEFT + (index + 0.5) * step:.1f},{base - rate / most * _CHART:.1f}" for index, rate in enumerate(decided)
    )
    yield f'<polyline class="decided" points="{points}"/>'


def _rates(instants: list[float], bins: int, width: float) -> list[float]:
    """A second, in each bin; what a clock fault put elsewhere is left out."""
    counted = Counter(int(at / width) for at in instants if at >= 0)
    return [counted[index] / width for index in range(bins)]


def _axis(story: _Story, top: float, bottom: float) -> Iterator[str]:
    every = next(step for step in (5, 10, 30, 60, 120, 300, 600, 3600) if story.length / step <= 12 or step == 3600)
    yield f'<line class="rule" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{top}" y2="{top}"/>'
    for seconds in range(0, int(story.length) + 1, every):
        x = _x(story, seconds)
        yield f'<line class="rule" x1="{x}" x2="{x}" y1="{top}" y2="{bottom}"/>'
        yield f'<text class="quiet" x="{x}" y="{top + 18}" text-anchor="middle">{seconds // 60}:{seconds % 60:02}</text>'


def _row(story: _Story, row: str, y: float) -> Iterator[str]:
    middle = y + _ROW / 2
    yield f'<line class="rule" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{middle}" y2="{middle}"/>'
    yield f'<text x="{_LEFT - 8}" y="{middle + 4}" text-anchor="end">{escape(row)}</text>'
    bars = sorted(bar for bar in story.bars if bar[0] == row)
    for index, (_, start, end, what) in enumerate(bars):
        x, wide = _x(story, start), max(2.0, _x(story, end) - _x(story, start))
        words = escape(f"{what}, {end - start:.1f} s")
        yield f'<rect class="fault" x="{x}" y="{y + 5}" width="{wide:.1f}" height="{_ROW - 10}" rx="2">'
        yield f"<title>{words}</title></rect>"
        name = what.partition(" ")[0]
        following = _x(story, bars[index + 1][1]) if index + 1 < len(bars) else _WIDTH
        if following - x - wide > _LETTER * len(name):  # else the bar's title has it
            yield f'<text class="named" x="{x + wide + 3:.1f}" y="{middle + 3.5}">{escape(name)}</text>'
    for _, at in (kill for kill in story.kills if kill[0] == row):
        yield f'<line class="kill" x1="{_x(story, at)}" x2="{_x(story, at)}" y1="{y + 2}" y2="{y + _ROW - 2}"/>'
    for _, at in (again for again in story.restarts if again[0] == row):
        yield f'<circle class="again" cx="{_x(story, at) + 4:.1f}" cy="{middle}" r="2.5"/>'


def _x(story: _Story, seconds: float) -> float:
    return round(_LEFT + min(seconds, story.length) / story.length * (_WIDTH - _LEFT - _RIGHT), 1)


def _instant(told: str) -> float:
    return datetime.fromisoformat(told).astimezone(UTC).timestamp()
