"""Staff passwords: argon2id, and the same time spent on a name that does not exist."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: Longer input is refused before hashing: argon2 would take it, and the time with it.
LONGEST = 1024


def hash_password(password: str) -> str:
    """For storing. Raises `ValueError` for an empty or overlong password."""
    if not 0 < len(password) <= LONGEST:
        raise ValueError(f"a password has 1 to {LONGEST} characters")
    return _hasher().hash(password)


def password_matches(stored: str | None, password: str) -> bool:
    """False for a wrong password, and for `stored` None (no such user) after the same work, so that time tells nothing."""
    try:
        _hasher().verify(stored or _nobodys(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """True when `stored` was made with weaker parameters than today's: store `hash_password` again after a sign-in."""
    return _hasher().check_needs_rehash(stored)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody has this password")
