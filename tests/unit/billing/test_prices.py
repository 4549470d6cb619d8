"""What an estimate costs: prices from the list, sums exact, one rounding (docs/rules.md §8)."""

from dataclasses import replace
from decimal import Decimal
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.bill import BillLine
from schemas.money import exact
from schemas.vocabulary import Language, LineReason, LineSort, RepairWay
from services.routing.prices import PricesUnfit, read
from services.routing.rules.policy import standard_policy
from services.routing.rules.prices import REASONS, AskedLine, Line, Unpriceable, priced, proposed, total

CANADA = standard_policy().of("CA").prices
EN = Language.EN

cents = st.integers(1, 99_900).map(lambda number: Decimal(number) / 100)
open_lines = st.builds(
    AskedLine,
    st.just(LineSort.PART),
    cents,
    st.just(LineReason.QUOTED_PART),
    st.integers(0, 9_999_999).map(lambda number: Decimal(number) / 100),
    st.none(),
    st.just("thing"),
)


def refusal(*asked: AskedLine) -> tuple[str, str]:
    with pytest.raises(Unpriceable) as refused:
        priced(asked, CANADA, EN)
    return refused.value.path, refused.value.code


def test_a_visit_is_proposed_with_labour_and_travel_at_the_lists_prices() -> None:
    lines = priced(proposed(RepairWay.ONSITE, CANADA), CANADA, EN)
    labour = Line(
        1, LineSort.LABOUR, LineReason.REPAIR, None, None, Decimal("2.00"), Decimal("145.00"), Decimal("290.00")
    )
    travel = Line(
        2, LineSort.TRAVEL, LineReason.SITE_VISIT, None, None, Decimal("1.00"), Decimal("95.00"), Decimal("95.00")
    )
    assert lines == (labour, travel)


@pytest.mark.parametrize("way", [RepairWay.MAIL_IN, RepairWay.ARRANGED])
def test_nobody_travels_to_a_workshop(way: RepairWay) -> None:
    assert [line.sort for line in proposed(way, CANADA)] == [LineSort.LABOUR]


def test_a_listed_part_has_its_price_and_its_name_in_the_requests_language() -> None:
    fan = AskedLine(LineSort.PART, Decimal(2), LineReason.LISTED_PART, part="00FAN120")
    [line] = priced([fan], CANADA, Language.FR)
    assert (line.what, line.unit_price, line.amount) == ("Ventilateur, 120 mm", Decimal("84.50"), Decimal("169.00"))


LABOUR = AskedLine(LineSort.LABOUR, Decimal(1), LineReason.REPAIR)
PART = AskedLine(LineSort.PART, Decimal(1), LineReason.QUOTED_PART, Decimal(10), None, "Bracket")


@pytest.mark.parametrize(
    ("line", "path", "code"),
    [
        (replace(LABOUR, unit_price=Decimal("144.00")), "unit_price", "price_is_listed"),
        (replace(LABOUR, reason=LineReason.AGREED_PRICE), "unit_price", "required"),
        (replace(LABOUR, reason=LineReason.SITE_VISIT), "reason", "not_one_of"),
        (replace(LABOUR, quantity=Decimal(0)), "quantity", "quantity_unfit"),
        (replace(LABOUR, quantity=Decimal("1.005")), "quantity", "quantity_unfit"),
        (replace(LABOUR, quantity=Decimal("999.01")), "quantity", "quantity_unfit"),
        (replace(PART, reason=LineReason.LISTED_PART, part="NONE"), "part", "part_not_listed"),
        (replace(PART, what=None), "what", "required"),
        (replace(PART, unit_price=Decimal("-0.01")), "unit_price", "price_unfit"),
        (replace(PART, unit_price=Decimal("1.005")), "unit_price", "price_unfit"),
    ],
)
def test_a_line_without_its_price_is_refused_by_name(line: AskedLine, path: str, code: str) -> None:
    """The second line is the wrong one."""
    assert refusal(LABOUR, line) == (f"lines.1.{path}", code)


@pytest.mark.parametrize("count", [0, 51])
def test_an_estimate_has_lines_but_not_without_end(count: int) -> None:
    assert refusal(*[LABOUR] * count) == ("lines", "lines_wanted")


@pytest.mark.parametrize(("quantity", "amount"), [("0.25", "0.03"), ("0.15", "0.02"), ("0.05", "0.01")])
def test_half_a_cent_is_rounded_up_once_a_line(quantity: str, amount: str) -> None:
    """0.25 × 0.10 = 0.025."""
    [line] = priced([replace(PART, quantity=Decimal(quantity), unit_price=Decimal("0.10"))], CANADA, EN)
    assert line.amount == Decimal(amount)


@given(st.lists(open_lines, min_size=1, max_size=50))
def test_the_total_is_the_sum_of_the_lines_to_the_cent(asked: list[AskedLine]) -> None:
    """No float on the way: each amount is within half a cent of its product, and the total is their sum."""
    lines = priced(asked, CANADA, EN)
    assert total(line.amount for line in lines) == sum((line.amount for line in lines), Decimal(0))
    for line in lines:
        assert abs(line.amount - line.quantity * line.unit_price) <= Decimal("0.005")
        assert line.amount == line.amount.quantize(Decimal("0.01"))
    assert [line.line for line in lines] == list(range(1, len(lines) + 1))


@given(st.lists(open_lines, min_size=1, max_size=5))
def test_a_line_told_as_json_comes_back_to_the_cent(asked: list[AskedLine]) -> None:
    """Amounts travel as text."""
    for line in priced(asked, CANADA, EN):
        told = BillLine(**{name: getattr(line, name) for name in BillLine.model_fields})
        assert BillLine.model_validate_json(told.model_dump_json()) == told
        assert isinstance(told.model_dump(mode="json")["amount"], str)


@pytest.mark.parametrize("unfit", [1.5, 145, "145", "145.0", "1e2", "NaN", "１４５.00", "+1.00", " 1.00", None])
def test_money_that_is_not_exact_text_is_refused(unfit: object) -> None:
    with pytest.raises(ValueError, match="two decimals"):
        exact(unfit)


def test_every_sort_of_line_can_have_an_agreed_price() -> None:
    assert all(LineReason.AGREED_PRICE in reasons for reasons in REASONS.values())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('policy = "2026-11-01"', 'policy = "2025-01-01"'), "'2026-11-01' is in force"),
        (('hour = "145.00"', "hour = 145.0"), "two decimals"),
        (('hour = "145.00"', ""), "CA.toml: hour is missing"),
        (('currency = "CAD"', "currency ="), "CA.toml: "),
    ],
)
def test_a_price_file_that_is_unfit_says_where(change: tuple[str, str], why: str) -> None:
    content = (files("services.routing.prices") / "CA.toml").read_text().replace(*change)
    with pytest.raises(PricesUnfit, match=why):
        read("CA.toml", content, "2026-11-01")
