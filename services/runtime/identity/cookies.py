"""The two signed cookies: who is signed in (8 h), and which requests this browser has opened (the last 20).

Both are JWTs under HS256 with a list of keys: the first signs, all verify, so that a key is rotated by putting a new
one in front and dropping the last a day later. Any service verifies them by key alone; that an account has since
been disabled is what the session version is for (`directories.py`).
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from starlette.requests import Request
from starlette.responses import Response

from schemas.vocabulary import Role
from services.runtime.identity.principal import Anonymous, Customer, OneRequest, Staff

SESSION_LIFE = timedelta(hours=8)
OPENED_LIFE = timedelta(days=30)
OPENED_KEPT = 20
_LONGEST = 4096
_ISSUER = "fixline"
_ALGORITHM = "HS256"


@dataclass(frozen=True, slots=True)
class Session:
    """Who a session cookie speaks for. `version` is the account's session version when it was issued."""

    who: Staff | Customer
    version: int


@dataclass(frozen=True)
class Cookies:
    """Writes and reads both cookies. `keys`: the first signs, all verify; each at least 32 random bytes.

    `secure` where the public URL is https: then the names carry `__Host-`, which no other host can set.
    """

    keys: Sequence[bytes]
    secure: bool
    now: Callable[[], datetime]

    def __post_init__(self) -> None:
        if not self.keys or any(len(key) < 32 for key in self.keys):
            raise ValueError("a cookie key has at least 32 bytes, and there is at least one")

    @property
    def session_name(self) -> str:
        return "__Host-fixline_session" if self.secure else "fixline_session"

    @property
    def opened_name(self) -> str:
        return "__Host-fixline_opened" if self.secure else "fixline_opened"

    def sign_in(self, response: Response, session: Session) -> None:
        """Put a session cookie on a response; a new one at each sign-in, so that none can be planted beforehand."""
        self._set(response, self.session_name, _claims_of(session), "session", SESSION_LIFE)

    def sign_out(self, response: Response) -> None:
        for name in (self.session_name, self.opened_name):
            response.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="lax")

    def session(self, request: Request) -> Session | None:
        """Who the cookie names, if it is ours, unexpired and unchanged; None otherwise. Versions are not checked here."""
        claims = self._read(request.cookies.get(self.session_name), "session")
        return _session_of(claims) if claims is not None else None

    def open(self, response: Response, request: Request, number: str) -> None:
        """Remember that this browser proved the code of a request; the oldest of more than 20 is forgotten."""
        kept = [known for known in self._opened(request) if known != number]
        self._set(response, self.opened_name, {"numbers": [*kept, number][-OPENED_KEPT:]}, "opened", OPENED_LIFE)

    def opened(self, request: Request) -> frozenset[str]:
        return frozenset(self._opened(request))

    def _opened(self, request: Request) -> list[str]:
        claims = self._read(request.cookies.get(self.opened_name), "opened") or {}
        numbers = claims.get("numbers", [])
        return [number for number in numbers if isinstance(number, str)] if isinstance(numbers, list) else []

    def _set(self, response: Response, name: str, claims: dict[str, Any], audience: str, life: timedelta) -> None:
        now = self.now()
        full = {**claims, "iss": _ISSUER, "aud": audience, "iat": _seconds(now), "exp": _seconds(now + life)}
        key = _key(self.keys[0])
        value = jwt.encode({"alg": _ALGORITHM, "kid": key.kid or ""}, full, key, algorithms=[_ALGORITHM])
        response.set_cookie(
            name,
            value,
            max_age=int(life.total_seconds()),
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def _read(self, value: str | None, audience: str) -> dict[str, Any] | None:
        if not value or len(value) > _LONGEST:
            return None
        try:
            token = jwt.decode(value, KeySet([_key(key) for key in self.keys]), algorithms=[_ALGORITHM])
            jwt.JWTClaimsRegistry(
                now=_seconds(self.now()),
                iss={"essential": True, "value": _ISSUER},
                aud={"essential": True, "value": audience},
                exp={"essential": True},
            ).validate(token.claims)
        except (JoseError, ValueError):
            return None
        return dict(token.claims)


def with_opened(who: Anonymous | Staff | Customer, opened: frozenset[str]) -> Anonymous | OneRequest | Staff | Customer:
    """The caller together with the requests that their browser has opened by code."""
    if isinstance(who, Anonymous):
        return OneRequest(opened) if opened else who
    return replace(who, opened=opened)


def _claims_of(session: Session) -> dict[str, Any]:
    who = session.who
    if isinstance(who, Customer):
        return {"kind": "customer", "sub": who.customer_number, "sv": session.version}
    return {
        "kind": "staff",
        "sub": who.username,
        "sv": session.version,
        "name": who.name,
        "roles": sorted(who.roles),
        "queues": sorted(who.queues),
    }


def _session_of(claims: dict[str, Any]) -> Session | None:
    """A cookie of an older version of the program may lack a claim or name a role that is gone: then sign in again."""
    try:
        subject, version = str(claims["sub"]), int(claims["sv"])
        if claims["kind"] == "customer":
            return Session(Customer(subject), version)
        roles = frozenset(Role(role) for role in claims["roles"])
        return Session(Staff(subject, str(claims["name"]), roles, frozenset(map(str, claims["queues"]))), version)
    except (KeyError, TypeError, ValueError):
        return None


def _key(secret: bytes) -> OctKey:
    kid = hmac.digest(secret, b"key id", hashlib.sha256).hex()[:8]
    return OctKey.import_key(secret, {"kid": kid})


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
