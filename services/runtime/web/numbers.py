"""Numbers, money, telephone and request numbers as people in Canada write them (docs/decisions/0008-our-own-date-sentences.md)."""

from decimal import Decimal

import phonenumbers
from babel.numbers import format_currency, format_decimal

from schemas.vocabulary import Language
from services.runtime.web.dates import LOCALES, NBSP

_NORTH_AMERICA = 1


def number(value: Decimal | int, language: Language) -> str:
    """`12,345.6`, `12 345,6`. Shown with the decimals it has, at most three."""
    return format_decimal(value, locale=LOCALES[language]).replace("\u202f", NBSP)


def money(amount: Decimal, currency: str, language: Language) -> str:
    """`$1,234.50` and `1 234,50 $` are Canadian; others name themselves: `US$1,234.50`, `1 234,50 $ US`."""
    return format_currency(amount, currency, locale=LOCALES[language]).replace("\u202f", NBSP)


def percent(ratio: Decimal | float, language: Language) -> str:
    """A share of one, to the whole percent: `62%`, `62 %`."""
    whole = round(ratio * 100)
    return f"{whole}%" if language is Language.EN else f"{whole}{NBSP}%"


def phone(e164: str, language: Language) -> str:
    """`+15145550123` as `514-555-0123`, `514 555-0123`; elsewhere in the international form; as it came if unreadable."""
    try:
        parsed = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    if parsed.country_code != _NORTH_AMERICA:
        text = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        return text.replace(" ", NBSP) if language is Language.FR else text
    digits = f"{parsed.national_number:010d}"
    between = "-" if language is Language.EN else NBSP
    return f"{digits[:3]}{between}{digits[3:6]}-{digits[6:]}"


def request_number(digits: str) -> str:
    """`482190347716` as `4821-9034-7716`, the groups in which it is read aloud."""
    return "-".join(digits[start : start + 4] for start in range(0, len(digits), 4))
