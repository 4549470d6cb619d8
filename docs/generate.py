"""Writes the tables of docs/rules.md and docs/operations.md from the code; ``--check`` ends with 1 if they have drifted."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from services.routing import lifecycle
from services.routing.lifecycle import Lifecycle
from services.routing.rules.outcomes import AFTER
from services.routing.rules.policy import BusinessDays, BusinessTime, Elapsed, Promise, SameDay, standard_policy
from services.runtime.settings import PREFIX, Settings

HERE = Path(__file__).parent
_BLOCK = re.compile(r"(<!-- generated:(?P<name>[\w:]+) -->\n).*?(<!-- /generated -->)", re.DOTALL)


def table(*rows: tuple[str, ...]) -> str:
    """A Markdown table; the first row is its head."""
    head, *body = rows
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *body))


def outcomes() -> str:
    rows = [
        (f"`{outcome}`", f"`{after.status}`", f"`{after.milestone}`", f"`{after.queue}`" if after.queue else "–")
        for outcome, after in AFTER.items()
    ]
    return table(("outcome", "status", "milestone", "queue"), *rows)


def clocks() -> str:
    terms = standard_policy().terms
    rows = [(f"`{level}`", _promise(promise)) for level, promise in terms.response.items()]
    rows += [(f"remote support, severity {n}", _promise(promise)) for n, promise in terms.remote_response.items()]
    return table(("level", "respond by"), *rows)


def _promise(promise: Promise) -> str:
    match promise:
        case Elapsed(time=time):
            return f"{time.total_seconds() / 3600:g} h elapsed, day and night"
        case BusinessTime(time=time):
            return f"{time.total_seconds() / 3600:g} business hours"
        case SameDay(cutoff=cutoff):
            return f"close of the same business day if qualified before {cutoff:%H:%M}, else of the next"
        case BusinessDays(days=days):
            return (
                f"close of the {'' if days == 1 else f'{days}th '}business day after the base day "
                "(the day of qualification if it is a business day and still open, else the next)"
            ).replace("2th", "2nd")


def life(of: Lifecycle[Any]) -> Callable[[], str]:
    """The table of a life and its diagram."""

    def drawn() -> str:
        rows = [(f"`{state}`", event, f"`{after}`") for (state, event), after in of.steps.items()]
        arrows = "\n".join(f"    {state} --> {after}: {event}" for (state, event), after in of.steps.items())
        diagram = f"```mermaid\nstateDiagram-v2\n    [*] --> {of.first}\n{arrows}\n```"
        return f"{diagram}\n\n{table(('from', 'what happens', 'to'), *rows)}"

    return drawn


def settings() -> str:
    rows = [
        (f"`{PREFIX}{name.upper()}`", field.description or "", "–" if field.default is None else f"`{field.default}`")
        for name, field in Settings.model_fields.items()
    ]
    return table(("setting", "what it is", "default"), *rows)


BLOCKS: Mapping[str, Callable[[], str]] = {
    "outcomes": outcomes,
    "clocks": clocks,
    "life:request": life(lifecycle.REQUEST),
    "life:work_order": life(lifecycle.WORK_ORDER),
    "life:depot_return": life(lifecycle.DEPOT_RETURN),
    "settings": settings,
}


def pages() -> Iterator[tuple[Path, str, str]]:
    """Each page with generated blocks: its path, what it holds, what it should hold."""
    for path in (HERE / "rules.md", HERE / "operations.md"):
        found = path.read_text()
        yield path, found, _BLOCK.sub(lambda block: f"{block[1]}{BLOCKS[block['name']]()}\n{block[3]}", found)


def main() -> None:
    """Write the pages, or with ``--check`` compare them."""
    for path, found, wanted in pages():
        if found == wanted:
            continue
        if "--check" in sys.argv[1:]:
            raise SystemExit(f"docs/{path.name} differs from the code; run `make generate`")
        path.write_text(wanted)


if __name__ == "__main__":
    main()
