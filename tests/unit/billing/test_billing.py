"""What a dispute holds, and what can be given back (docs/rules.md §8)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.vocabulary import DisputeOutcome
from services.routing.rules.billing import Uncreditable, credit, dispute_until, held, left

AMOUNTS = {1: Decimal("290.00"), 2: Decimal("95.00"), 3: Decimal("84.50")}
CREDITED, PARTIAL, UPHELD = DisputeOutcome.CREDITED, DisputeOutcome.PARTIAL, DisputeOutcome.UPHELD


def refusal(outcome: DisputeOutcome, lines: list[int], asked: dict[int, str]) -> tuple[str, str]:
    with pytest.raises(Uncreditable) as refused:
        credit(outcome, lines, AMOUNTS, {line: Decimal(amount) for line, amount in asked.items()})
    return refused.value.path, refused.value.code


@pytest.mark.parametrize(
    ("ticked", "lines"),
    [
        (["2"], (2,)),
        (["3", "1", "3"], (1, 3)),
        ([], (1, 2, 3)),  # none named: the whole invoice
        (["9", "²", "-1", "fan"], ()),  # what names no line holds none
    ],
)
def test_a_dispute_holds_the_ticked_lines_and_no_other(ticked: list[str], lines: tuple[int, ...]) -> None:
    assert held(ticked, AMOUNTS, []) == lines


def test_a_line_is_held_once_and_not_when_it_was_given_back() -> None:
    assert held([], {**AMOUNTS, 3: Decimal("0.00")}, [1]) == (2,)


def test_upheld_gives_nothing_back_and_credited_all_that_is_held() -> None:
    assert credit(UPHELD, [2, 3], AMOUNTS, {}) == {}
    assert credit(CREDITED, [2, 3], AMOUNTS, {}) == {2: Decimal("95.00"), 3: Decimal("84.50")}


def test_partial_gives_back_what_a_person_chose() -> None:
    """A zero is no choice."""
    asked = {2: Decimal("50.00"), 3: Decimal("0.00")}
    assert credit(PARTIAL, [2, 3], AMOUNTS, asked) == {2: Decimal("50.00")}


@pytest.mark.parametrize(
    ("lines", "asked", "path", "code"),
    [
        ([2], {1: "1.00"}, "credit.1", "line_not_held"),
        ([2], {2: "95.01"}, "credit.2", "credit_unfit"),
        ([2], {2: "-1.00"}, "credit.2", "credit_unfit"),
        ([2], {2: "1.005"}, "credit.2", "credit_unfit"),
        ([2], {}, "credit", "not_a_part"),
        ([2], {2: "95.00"}, "credit", "not_a_part"),
    ],
)
def test_more_than_is_left_is_never_given_back(lines: list[int], asked: dict[int, str], path: str, code: str) -> None:
    assert refusal(PARTIAL, lines, asked) == (path, code)


def test_a_dispute_that_holds_nothing_has_nothing_to_give_back() -> None:
    assert refusal(CREDITED, [], {}) == ("outcome", "nothing_to_credit")


@given(
    st.lists(
        st.tuples(st.sampled_from([CREDITED, PARTIAL]), st.sets(st.sampled_from([1, 2, 3])), st.integers(1, 30_000)),
        max_size=8,
    )
)
def test_credits_never_come_to_more_than_the_invoice(disputes: list[tuple[DisputeOutcome, set[int], int]]) -> None:
    """However many disputes, whatever is asked: line by line, no more is given back than was billed."""
    notes: list[dict[int, Decimal]] = []
    for outcome, ticked, asked in disputes:
        remaining = left(AMOUNTS, notes)
        lines = held([str(line) for line in ticked] or ["0"], remaining, [])
        try:
            notes.append(credit(outcome, lines, remaining, dict.fromkeys(lines, Decimal(asked) / 100)))
        except Uncreditable:
            continue
    remaining = left(AMOUNTS, notes)
    assert all(Decimal(0) <= remaining[line] <= AMOUNTS[line] for line in AMOUNTS)
    given_back = sum((amount for one in notes for amount in one.values()), Decimal(0))
    assert given_back + sum(remaining.values()) == sum(AMOUNTS.values())


def test_an_invoice_is_disputed_within_thirty_days() -> None:
    issued = datetime(2026, 11, 24, 16, tzinfo=UTC)
    assert dispute_until(issued, 30) == issued + timedelta(days=30)
