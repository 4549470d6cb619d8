"""The signed cookies: unchanged, unexpired, ours, of the right sort; keys rotate."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.requests import Request
from starlette.responses import Response

from schemas.vocabulary import Role
from services.runtime.identity.cookies import Cookies, Session, with_opened
from services.runtime.identity.principal import Anonymous, Customer, OneRequest, Staff

OLD, NEW = b"o" * 32, b"n" * 32
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
ROY = Session(Staff("mroy", "M. Roy", frozenset({Role.TECHNICIAN, Role.DESK}), frozenset({"CA-QC-MTL"})), 3)


@dataclass
class Clock:
    at: datetime = START

    def __call__(self) -> datetime:
        return self.at


def some_cookies(*keys: bytes, clock: Clock | None = None, secure: bool = False) -> Cookies:
    return Cookies(list(keys) or [OLD], secure=secure, now=clock or Clock())


def a_request(**cookies: str) -> Request:
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [(b"cookie", header.encode())]})


def signed_in(cookies: Cookies, session: Session) -> str:
    response = Response()
    cookies.sign_in(response, session)
    return response.headers["set-cookie"].split(";")[0].split("=", 1)[1]


@pytest.mark.parametrize("session", [ROY, Session(Customer("C-1001"), 1)])
def test_who_signed_in_is_read_back(session: Session) -> None:
    """Roles, queues and session version included."""
    cookies = some_cookies()
    assert cookies.session(a_request(fixline_session=signed_in(cookies, session))) == session


def test_a_session_lasts_eight_hours() -> None:
    """To the second, by our clock, whatever the browser keeps."""
    clock = Clock()
    cookies = some_cookies(clock=clock)
    value = signed_in(cookies, ROY)
    clock.at = START + timedelta(hours=8) - timedelta(seconds=1)
    assert cookies.session(a_request(fixline_session=value)) == ROY
    clock.at = START + timedelta(hours=8, seconds=1)
    assert cookies.session(a_request(fixline_session=value)) is None


def test_keys_rotate() -> None:
    """A new key in front: old cookies still good, new ones signed by it; the old key dropped: old cookies dead."""
    old, both, new = some_cookies(OLD), some_cookies(NEW, OLD), some_cookies(NEW)
    before, after = signed_in(old, ROY), signed_in(both, ROY)
    assert both.session(a_request(fixline_session=before)) == ROY
    assert new.session(a_request(fixline_session=before)) is None
    assert new.session(a_request(fixline_session=after)) == ROY


def test_a_changed_or_foreign_cookie_is_nobody() -> None:
    """One letter, no signature, another algorithm, another's key, the other sort of cookie, nonsense, 5 kB."""
    cookies = some_cookies()
    good = signed_in(cookies, ROY)
    head, body, signature = good.split(".")
    claims = {"iss": "fixline", "aud": "session", "kind": "customer", "sub": "C-1", "sv": 1, "exp": 9_999_999_999}
    unsigned = "eyJhbGciOiJub25lIn0." + body + "."
    sha512 = jwt.encode({"alg": "HS512"}, claims, OctKey.import_key(OLD), algorithms=["HS512"])
    no_end = jwt.encode({"alg": "HS256"}, {k: v for k, v in claims.items() if k != "exp"}, OctKey.import_key(OLD))
    opened = jwt.encode({"alg": "HS256"}, {**claims, "aud": "opened"}, OctKey.import_key(OLD))
    bad_role = jwt.encode(
        {"alg": "HS256"},
        {**claims, "kind": "staff", "name": "x", "roles": ["king"], "queues": []},
        OctKey.import_key(OLD),
    )
    foreign = signed_in(some_cookies(NEW), ROY)
    for value in (
        f"{head}.{body[:-2]}xx.{signature}",
        unsigned,
        sha512,
        no_end,
        opened,
        bad_role,
        foreign,
        "x.y.z",
        "",
        "a" * 5000,
    ):
        assert cookies.session(a_request(fixline_session=value)) is None
    assert (
        cookies.session(a_request(fixline_session=jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(OLD))))
        is not None
    )


def test_attributes_keep_a_cookie_from_scripts_and_other_sites() -> None:
    """HttpOnly and SameSite always; Secure and the __Host- name where the public URL is https."""
    for secure in (False, True):
        response = Response()
        some_cookies(secure=secure).sign_in(response, ROY)
        header = response.headers["set-cookie"]
        assert "HttpOnly" in header
        assert "SameSite=lax" in header
        assert "Max-Age=28800; Path=/" in header
        assert ("; Secure" in header, header.startswith("__Host-fixline_session=")) == (secure, secure)
        assert "omain" not in header


def test_the_last_twenty_opened_requests_are_remembered() -> None:
    """The oldest goes; opening one again makes it the newest."""
    cookies = some_cookies()
    value = ""
    for number in [*(f"4821903477{i:02d}" for i in range(20)), "482190347700", "600000000000"]:
        response = Response()
        cookies.open(response, a_request(fixline_opened=value), number)
        value = response.headers["set-cookie"].split(";")[0].split("=", 1)[1]
    opened = cookies.opened(a_request(fixline_opened=value))
    assert len(opened) == 20
    assert "482190347701" not in opened
    assert {"482190347700", "600000000000"} <= opened
    assert len(value) < 1000
    assert cookies.opened(a_request(fixline_opened=value[:-3])) == frozenset()


def test_what_was_opened_goes_with_the_caller() -> None:
    """A visitor becomes the holder of those requests; a signed-in person keeps being themselves."""
    numbers = frozenset({"482190347716"})
    assert with_opened(Anonymous(), frozenset()) == Anonymous()
    assert with_opened(Anonymous(), numbers) == OneRequest(numbers)
    assert with_opened(Customer("C-1"), numbers) == Customer("C-1", numbers)


def test_signing_out_takes_both_cookies() -> None:
    """Also the opened requests: it may be a shared computer."""
    response = Response()
    some_cookies().sign_out(response)
    gone = [value.decode() for name, value in response.raw_headers if name == b"set-cookie"]
    assert [value.split("=")[0] for value in gone] == ["fixline_session", "fixline_opened"]
    assert all("Max-Age=0" in value for value in gone)


def test_a_short_key_is_refused() -> None:
    """32 bytes at least, and one key at least."""
    for keys in ([], [b"short"], [OLD, b"short"]):
        with pytest.raises(ValueError, match="32 bytes"):
            Cookies(keys, secure=False, now=Clock())
