"""Request numbers can be read aloud, and a mistyped digit is found."""

from services.intake.numbers import draw_number
from services.runtime.identity.codes import request_number


def test_every_number_drawn_is_one() -> None:
    """Twelve digits, the first not 0, the last their check digit; no two alike in a thousand."""
    drawn = {draw_number() for _ in range(1_000)}
    assert len(drawn) == 1_000
    assert all(request_number(number) == number for number in drawn)
