"""One spelling for each thing people type (docs/rules.md §1).

Pure functions from what was typed to what is compared and shown. ``None`` means "not given". What cannot be read raises
`Unreadable` with a stable code; what must never come in at all (NUL, half a surrogate pair) is `unsafe`.

Each is idempotent: cleaning what is clean changes nothing.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

#: Unicode's White_Space property. Not `str.isspace`, which also takes the separators U+001C to U+001F.
_WHITE_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
)

#: Unicode's Dash property, the minus sign among them.
_DASHES: Final = (
    "-\u058a\u05be\u1400\u1806\u2010\u2011\u2012\u2013\u2014\u2015\u2053\u207b\u208b\u2212\u2e17\u2e1a\u2e3a\u2e3b\u2e40\u2e5d"
    "\u301c\u3030\u30a0\ufe31\ufe32\ufe58\ufe63\uff0d\U00010d6e\U00010ead"
)

#: Marks that show nothing or next to nothing: soft hyphen, zero-width space and joiners, word joiner, byte order mark.
_INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u2060\ufeff"

_NOT_IN_A_CODE: Final = str.maketrans("", "", _WHITE_SPACE + _DASHES + _INVISIBLE + "/.")
_NOT_IN_A_REQUEST_NUMBER: Final = str.maketrans("", "", _WHITE_SPACE + _DASHES + _INVISIBLE)

_UNSAFE: Final = re.compile("[\ud800-\udfff]")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?)([Zz]|[+-]\d{2}(?::?\d{2})?)", re.ASCII
)
_COUNTRY: Final = re.compile(r"[A-Za-z]{2}")
_EMAIL: Final = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@(?:[^@\s.\x00-\x1f\x7f]{1,63}\.)+[^@\s.\x00-\x1f\x7f]{2,63}")


class Unreadable(ValueError):
    """Text that is given and means nothing. `code` is stable; the words for people are made from it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def unsafe(text: str) -> bool:
    """Whether `text` holds what no field may hold: NUL, or half of a surrogate pair."""
    return "\0" in text or (not text.isascii() and _UNSAFE.search(text) is not None)


def code(text: str) -> str | None:
    """A machine type, serial or postal code: NFKC, upper-cased, without spaces, dashes, ``/``, ``.``."""
    if text.isascii():  # nearly always; one pass is then enough
        return text.upper().translate(_NOT_IN_A_CODE) or None
    return _settled(text, _code_once) or None


def identifier(text: str) -> str | None:
    """A contract or customer number or a product id: NFKC, trimmed, upper-cased, compared as text."""
    if text.isascii():
        return text.strip(_WHITE_SPACE).upper() or None
    return _settled(text, _identifier_once) or None


def clean(text: str) -> str | None:
    """Any other text: composed (NFC); blank is not given. Inner and outer spaces stay, they may be meant."""
    if not text.strip(_WHITE_SPACE):
        return None
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def trimmed(text: str) -> str | None:
    """A name that is compared as it is written (a site's), less the spaces around it."""
    return clean(text.strip(_WHITE_SPACE))


def email(text: str) -> str | None:
    """An address with its domain in lower case; the part before ``@`` is the receiver's own affair.

    Raises `Unreadable`: ``not_an_email``.
    """
    given = trimmed(text)
    if given is None:
        return None
    if len(given) > 254 or not _EMAIL.fullmatch(given):
        raise Unreadable("not_an_email")
    local, _, domain = given.rpartition("@")
    return f"{local}@{domain.lower()}"


@lru_cache(maxsize=4096)
def phone(text: str, region: str) -> str | None:
    """A telephone number in E.164 (``+15145550123``); `region` is the country of a number without ``+``.

    Raises `Unreadable`: ``not_a_phone``, when no telephone can have that number.
    """
    import phonenumbers  # slow to load, and most requests need none

    if not text.strip(_WHITE_SPACE):
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise Unreadable("not_a_phone") from None
    if not phonenumbers.is_possible_number(number):
        raise Unreadable("not_a_phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def country(text: str) -> str | None:
    """Two letters A to Z, upper-cased. Raises `Unreadable`: ``not_a_country``."""
    if not text.strip(_WHITE_SPACE):
        return None
    if not _COUNTRY.fullmatch(text):
        raise Unreadable("not_a_country")
    return text.upper()


def day(text: str) -> date | None:
    """A calendar date ``YYYY-MM-DD`` and no other ISO form. Raises `Unreadable`: ``not_a_date``."""
    if not text.strip(_WHITE_SPACE):
        return None
    if not _DAY.fullmatch(text):
        raise Unreadable("not_a_date")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unreadable("not_a_date") from None


def instant(text: str) -> datetime:
    """A moment with its offset (``2026-11-24T03:30Z``, ``-05:00``, ``-0500``, ``-05``), as UTC cut to whole seconds.

    Raises `Unreadable`: ``not_an_instant``; also for a moment without offset, and for the first and last year that
    a calendar can hold, where a change of zone has nowhere to go.
    """
    found = _INSTANT.fullmatch(text)
    if not found:
        raise Unreadable("not_an_instant")
    on, at, offset = found.groups()
    try:
        moment = datetime.fromisoformat(f"{on}T{at.replace(',', '.')}{offset.upper()}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable("not_an_instant") from None
    if not 2 <= moment.year <= 9990:
        raise Unreadable("not_an_instant")
    return moment.replace(microsecond=0)


def request_number(text: str) -> str | None:
    """A request number's twelve digits, however they were grouped (docs/rules.md §1).

    Raises `Unreadable`: ``not_a_request_number``, for another length, a leading 0 or a wrong check digit.
    """
    digits = unicodedata.normalize("NFKC", text).translate(_NOT_IN_A_REQUEST_NUMBER)
    if not digits:
        return None
    if not is_request_number(digits):
        raise Unreadable("not_a_request_number")
    return digits


def is_request_number(digits: str) -> bool:
    """Whether `digits` is a request number as it is stored: twelve ASCII digits, the last a Luhn check digit."""
    from stdnum import luhn

    return len(digits) == 12 and digits.isascii() and digits.isdigit() and digits[0] != "0" and luhn.is_valid(digits)


def new_request_number(random_digits: str) -> str:
    """The request number of eleven random digits, the first not 0: they and their check digit."""
    from stdnum import luhn

    return random_digits + luhn.calc_check_digit(random_digits)


def show_number(number: str) -> str:
    """A request number as people read it: ``4821-9034-7716``."""
    return f"{number[:4]}-{number[4:8]}-{number[8:]}"


def _code_once(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper().translate(_NOT_IN_A_CODE)


def _identifier_once(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip(_WHITE_SPACE).upper()


def _settled(text: str, once: Callable[[str], str]) -> str:
    """`once` repeated until it changes nothing: taking a dash out can bring a letter and an accent together."""
    while (again := once(text)) != text:
        text = again
    return text
