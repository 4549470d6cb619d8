"""How long does the classifier read? Processor time, so that other work on the machine counts little (docs/classifier.md).

python -m benchmarks.classifier.speed     microseconds a ticket: short ones, all evaluation tickets, and at first sight
"""

import sys
import time
from collections.abc import Callable, Sequence
from typing import Final

from benchmarks.classifier import tickets
from services.routing.rules import text_kind, text_kind_meant
from services.routing.rules.text_kind_model import packaged

ROUNDS: Final = 7
SHORT: Final = 60  # characters


def main() -> int:
    every = tickets.load("open", "strangers")
    short = [ticket for ticket in every if len(ticket.text) <= SHORT]
    packaged()
    for name, of, before in (
        (f"up to {SHORT} characters", short, _nothing),
        ("all", every, _nothing),
        ("all, no word met before", every, text_kind_meant.meant.cache_clear),
    ):
        length = sum(len(ticket.text) for ticket in of) // len(of)
        sys.stdout.write(f"{name}: {best(of, before):.1f} µs ({len(of)} tickets, {length} characters each)\n")
    return 0


def best(of: Sequence[tickets.Ticket], before: Callable[[], None]) -> float:
    """Microseconds a ticket, the best of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        before()
        started = time.process_time()
        for ticket in of:
            text_kind.classify(ticket.text, ticket.language)
        rounds.append((time.process_time() - started) / len(of) * 1e6)
    return min(rounds)


def _nothing() -> None:
    pass


if __name__ == "__main__":
    raise SystemExit(main())
