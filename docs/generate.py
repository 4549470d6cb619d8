"""Writes the tables of docs/rules.md and docs/operations.md from the code, and those of docs/reliability.md from what campaigns
found; ``--check`` ends with 1 if they have drifted."""

import json
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


def prices() -> str:
    policy = standard_policy()
    countries = {"CA": policy.of("CA").prices, "US": policy.of("US").prices}
    rows = [
        ("labour, an hour", *(f"{one.hour} {one.currency}" for one in countries.values())),
        ("travel, there and back", *(f"{one.visit} {one.currency}" for one in countries.values())),
        *(
            (
                f"`{offer.code}` of lapsed software, a unit",
                *(f"{one.renewal[at].price} {one.currency}" for one in countries.values()),
            )
            for at, offer in enumerate(policy.terms.prices.renewal)
        ),
    ]
    return table(("before taxes", *countries), *rows)


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


#: What campaigns counted, in words.
_FIGURES = {
    "kills": "kills (`kill -9`)",
    "kills_embedded": "of these, of the embedded stack",
    "acknowledged": "acknowledged requests",
    "unknown": "calls with an unknown outcome",
    "lost": "**lost**",
    "dispatched_twice": "**dispatched twice**",
    "violations": "violations of any promise",
    "mutants_caught": "mutants caught",
    "restart_embedded": "restart to first decision, embedded, median, s (promised: 4)",
    "restart_static": "the same on Kafka, static membership, s (4.5)",
    "restart_dynamic": "the same on Kafka, without, s (7)",
    "stuck": "a worker stuck in its handler is back after, s (60)",
    "deaf": "a worker that fetches nothing is back after, s (60)",
    "seconds": "the campaign took, s",
    "seed": "seed",
}
_OVERLOAD = {
    "times": "offered, times what can be done",
    "sustainable_per_second": "can be done: requests a second",
    "offered_per_second": "offered a second",
    "accepted_per_second": "accepted a second meanwhile",
    "shed": "turned away, each told when to come again",
    "answered_p99_seconds": "99 of 100 accepted are answered within, s",
    "memory_before_mib": "memory of the process that takes requests, before, MiB",
    "memory_most_mib": "at most, MiB",
    "recovered_seconds": "answers at once again after, s",
    "acknowledged": "acknowledged in all",
    "lost": "**lost**",
    "dispatched_twice": "**dispatched twice**",
    "seed": "seed",
}


def reliability() -> str:
    """What campaigns and overloads found, from docs/reliability.json (`python -m tests.faults.report`)."""
    told = json.loads((HERE / "reliability.json").read_text())
    parts = []
    for campaign in told["campaigns"]:
        rows = [(words, str(campaign[name])) for name, words in _FIGURES.items() if name in campaign]
        if campaign["lost"] == campaign["dispatched_twice"] == 0 and campaign["acknowledged"]:
            rows.append(
                ("so a request is lost, or dispatched twice, less often than", _one_in(campaign["acknowledged"]))
            )
        parts.append(table(("campaign", ""), *rows))
    for overload in told["overloads"]:
        rows = [(words, str(overload[name])) for name, words in _OVERLOAD.items()]
        parts.append(table((f"overload, {overload['mode']}", ""), *rows))
    return "\n\n".join(parts) or "Nothing has been run on this version yet."


def _one_in(trials: int) -> str:
    """The rule of three: none in n trials is fewer than 3/n, with 95 % confidence."""
    return f"1 in {trials // 3:,} (3/n)"


BLOCKS: Mapping[str, Callable[[], str]] = {
    "outcomes": outcomes,
    "clocks": clocks,
    "life:request": life(lifecycle.REQUEST),
    "life:work_order": life(lifecycle.WORK_ORDER),
    "life:depot_return": life(lifecycle.DEPOT_RETURN),
    "life:appliance_move": life(lifecycle.APPLIANCE_MOVE),
    "life:estimate": life(lifecycle.ESTIMATE),
    "prices": prices,
    "settings": settings,
    "reliability": reliability,
}


def pages() -> Iterator[tuple[Path, str, str]]:
    """Each page with generated blocks: its path, what it holds, what it should hold."""
    for path in (HERE / "rules.md", HERE / "operations.md", HERE / "reliability.md"):
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
