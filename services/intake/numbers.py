"""Request numbers: 12 digits that can be read aloud, 11 random ones and a check digit, never beginning with 0 (docs/rules.md §1)."""

import secrets

from stdnum import luhn


def draw_number() -> str:
    """A random number. That it is free is for the database to say."""
    digits = str(10**10 + secrets.randbelow(9 * 10**10))
    return digits + luhn.calc_check_digit(digits)
