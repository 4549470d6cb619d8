"""What may be held of an invoice, and how much of it can be given back? (docs/rules.md §8)

A dispute holds the lines that were ticked and no other, within the policy's `dispute_days` of the invoice. A line is held once, and
credited at most once over: what was credited of it is gone. A dispute ends `upheld` (the charge stands), `credited` (all of what it
held is given back) or `partial`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from schemas.vocabulary import DisputeOutcome
from services.routing.rules.prices import NOTHING, rounded

Amounts = Mapping[int, Decimal]  # by line


class Uncreditable(ValueError):
    """A credit that is more than is left of its line, or does not fit the outcome: where and a stable code."""

    def __init__(self, path: str, code: str, **values: object) -> None:
        super().__init__(f"{path}: {code}")
        self.path, self.code, self.values = path, code, values


def dispute_until(issued_at: datetime, dispute_days: int) -> datetime:
    """The first instant at which it is too late."""
    return issued_at + timedelta(days=dispute_days)


def left(amounts: Amounts, credited: Iterable[Amounts]) -> dict[int, Decimal]:
    """What of each line was not credited yet."""
    remaining = dict(amounts)
    for credit in credited:
        for line, amount in credit.items():
            remaining[line] -= amount
    return remaining


def held(ticked: Sequence[str], remaining: Amounts, elsewhere: Iterable[int]) -> tuple[int, ...]:
    """The lines that a dispute holds: those ticked, or all where none was named; not what another dispute holds, nor what was
    credited whole. What names no line holds none.
    """
    taken = set(elsewhere)
    named = {int(text) for text in ticked if text.isascii() and text.isdigit()} if ticked else set(remaining)
    return tuple(line for line in sorted(named) if line not in taken and remaining.get(line, NOTHING) > NOTHING)


def credit(outcome: DisputeOutcome, lines: Sequence[int], remaining: Amounts, asked: Amounts) -> dict[int, Decimal]:
    """What is given back of each line. `asked` is what a person chose, for `partial` alone.

    Raises `Uncreditable`. Never more than is left of a line, never on a line that was not held.
    """
    whole = {line: remaining[line] for line in lines if remaining[line] > NOTHING}
    match outcome:
        case DisputeOutcome.UPHELD:
            return {}
        case DisputeOutcome.CREDITED:
            if not whole:
                raise Uncreditable("outcome", "nothing_to_credit")
            return whole
        case DisputeOutcome.PARTIAL:
            given = {line: amount for line, amount in asked.items() if amount != NOTHING}
            for line, amount in given.items():
                if line not in whole:
                    raise Uncreditable(f"credit.{line}", "line_not_held")
                if not NOTHING < amount <= whole[line] or amount != rounded(amount):
                    raise Uncreditable(f"credit.{line}", "credit_unfit", max=whole[line])
            if not given or given == whole:
                raise Uncreditable("credit", "not_a_part")
            return given
