"""Secrets that people and programs carry: tracking codes, one-time codes, API tokens.

A tracking code is HMAC-SHA256(key, request number) cut to 8 digits: stored nowhere, in no event, checked by any
service. Eight digits withstand guessing only together with the limits in `opening.py`.
"""

import hashlib
import hmac
import re
import secrets
import string
from dataclasses import dataclass

from stdnum import luhn

CODE_DIGITS = 8
TOKEN_PREFIX = "fxl_"  # noqa: S105 - the public prefix by which secret scanners find leaked tokens
_TOKEN = re.compile(r"fxl_[A-Za-z0-9_-]{43}")
_REQUEST_NUMBER = re.compile(r"[1-9][0-9]{11}")


@dataclass(frozen=True)
class TrackingCodes:
    """`key` is at least 32 random bytes, the same for all services; changing it voids every code in circulation."""

    key: bytes

    def __post_init__(self) -> None:
        if len(self.key) < 32:
            raise ValueError("the tracking key has at least 32 bytes")

    def code(self, number: str) -> str:
        """The 8 digits for a request number (12 digits, no dashes)."""
        digest = hmac.digest(self.key, b"tracking:" + number.encode(), hashlib.sha256)
        return f"{int.from_bytes(digest[:16], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}d}"

    def matches(self, number: str, code: str) -> bool:
        """In constant time; spaces and dashes in what was typed do not matter."""
        return hmac.compare_digest(self.code(number).encode(), only_digits(code).encode())


def request_number(text: str) -> str | None:
    """12 digits from what was typed, with or without dashes or spaces; None unless the check digit is right."""
    digits = re.sub(r"[\s\u2010-\u2015-]", "", text[:40])
    return digits if _REQUEST_NUMBER.fullmatch(digits) and luhn.is_valid(digits) else None


def one_time_code() -> str:
    """6 digits for signing in."""
    return f"{secrets.randbelow(10**6):06d}"


def new_token() -> str:
    """An API token, shown once: `fxl_` and 256 random bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored: SHA-256. A random 256-bit secret needs no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def looks_like_token(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


def only_digits(text: str) -> str:
    return "".join(character for character in text[:64] if character in string.digits)
