"""Codes, tokens and passwords, and the limits on guessing them."""

import pytest
from sqlalchemy import MetaData
from starlette.requests import Request

from services.runtime.database import open_database
from services.runtime.errors import Invalid, TooMany
from services.runtime.identity import codes, passwords
from services.runtime.identity.codes import TrackingCodes
from services.runtime.identity.opening import Opening
from services.runtime.identity.rates import Limit, RateLimiter, source_of
from services.runtime.identity.sql_rates import SqlCounters, rate_counters

KEY = b"k" * 32
NUMBER, OTHER = "482190347716", "735011824605"


def test_a_tracking_code_is_eight_digits_of_an_hmac() -> None:
    """Fixed by key and number: any service makes the same; another key, another code."""
    tracking = TrackingCodes(KEY)
    assert tracking.code(NUMBER) == tracking.code(NUMBER) == "94806580"
    assert tracking.code(OTHER) != tracking.code(NUMBER) != TrackingCodes(b"j" * 32).code(NUMBER)
    assert all(len(tracking.code(str(n))) == 8 for n in range(300))
    with pytest.raises(ValueError, match="32 bytes"):
        TrackingCodes(b"short")


def test_a_code_may_be_typed_in_groups() -> None:
    """Spaces and dashes do not matter; letters, other digits and length do."""
    tracking = TrackingCodes(KEY)
    code = tracking.code(NUMBER)
    assert tracking.matches(NUMBER, f" {code[:4]}-{code[4:]} ")
    for wrong in ("", code[:7], code + "0", "٣" * 8, "é", tracking.code(OTHER), "0" * 100_000):
        assert not tracking.matches(NUMBER, wrong)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("482190347716", NUMBER),
        ("4821-9034-7716", NUMBER),
        (" 4821 9034 7716 ", NUMBER),
        ("4821\u00a09034\u20117716", NUMBER),
        ("482190347717", None),
        ("482190347761", None),
        ("48219034771", None),
        ("082190347716", None),
        ("٤٨٢١٩٠٣٤٧٧١٦", None),
        ("4821-9034-7716; DROP", None),
        ("4" * 5000, None),
    ],
)
def test_a_mistyped_request_number_is_refused_before_any_look_up(typed: str, number: str | None) -> None:
    """Luhn's digit; with or without dashes or spaces."""
    assert codes.request_number(typed) == number


def test_tokens_are_random_and_stored_as_a_hash() -> None:
    """256 bits; the prefix lets scanners find a leaked one."""
    token = codes.new_token()
    assert token != codes.new_token()
    assert codes.looks_like_token(token)
    assert len(codes.token_hash(token)) == 32
    for wrong in ("", "fxl_", token + "x", token[:-1], "x" + token, token + "\n"):
        assert not codes.looks_like_token(wrong)
    assert len({codes.one_time_code() for _ in range(50)}) > 40


def test_a_password_is_checked_and_an_unknown_user_takes_as_long() -> None:
    """argon2id; None stands for a user that does not exist."""
    stored = passwords.hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert passwords.password_matches(stored, "correct horse")
    assert not passwords.password_matches(stored, "wrong horse")
    assert not passwords.password_matches(None, "nobody has this password")
    assert not passwords.password_matches("not a hash", "x")
    assert not passwords.needs_rehash(stored)
    for wrong in ("", "x" * 1025):
        with pytest.raises(ValueError, match="characters"):
            passwords.hash_password(wrong)


def an_opening() -> Opening:
    return Opening(TrackingCodes(KEY), RateLimiter())


def test_a_right_code_opens_its_request() -> None:
    """However the number was typed."""
    opening = an_opening()
    assert opening.open("4821-9034-7716", opening.codes.code(NUMBER), "192.0.2.1") == NUMBER


@pytest.mark.parametrize("number", ["4821-9034-7716", "482190347717", "not a number"])
def test_a_wrong_code_and_an_unknown_number_get_one_answer(number: str) -> None:
    """Nobody learns which numbers exist."""
    with pytest.raises(Invalid) as refused:
        an_opening().open(number, "00000000", "192.0.2.1")
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [("tracking_code", "tracking_code_wrong")]


def test_after_five_wrong_codes_a_number_waits_fifteen_minutes() -> None:
    """From wherever they come; the right code waits too, or the wait would give it away; other numbers do not."""
    opening = an_opening()
    for i in range(5):
        with pytest.raises(Invalid):
            opening.open(NUMBER, "00000000", f"192.0.2.{i}")
    with pytest.raises(TooMany) as refused:
        opening.open(NUMBER, opening.codes.code(NUMBER), "192.0.2.99")
    assert 0 < (refused.value.retry_after or 0) <= 900
    assert opening.open(OTHER, opening.codes.code(OTHER), "192.0.2.99") == OTHER


def test_after_five_wrong_codes_a_source_waits_too() -> None:
    """Trying many numbers once each is guessing as well."""
    opening = an_opening()
    for number in (NUMBER, OTHER, "190644573205", "1", ""):
        with pytest.raises(Invalid):
            opening.open(number, "00000000", "192.0.2.1")
    with pytest.raises(TooMany):
        opening.open(OTHER, opening.codes.code(OTHER), "192.0.2.1")
    assert opening.open(OTHER, opening.codes.code(OTHER), "192.0.2.2") == OTHER


def test_a_limit_counts_by_name_and_key() -> None:
    """None within it, then the seconds to wait; failures can be counted apart from tries."""
    limiter, limit = RateLimiter(), Limit(2, 60)
    assert [limiter.hit("submit", "a", limit) for _ in range(2)] == [None, None]
    assert 0 < (limiter.hit("submit", "a", limit) or 0) <= 60
    assert limiter.blocked("submit", "a", limit)
    assert limiter.hit("submit", "b", limit) is None
    assert limiter.hit("sign-in", "a", limit) is None
    limiter.forget("submit", "a", limit)
    assert limiter.blocked("submit", "a", limit) is None


@pytest.mark.parametrize("url", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_limits_are_shared_through_sql(url: str, tmp_path: object, request: pytest.FixtureRequest) -> None:
    """Two limiters over one table count together; a window ends; old rows are swept."""
    database = open_database(
        f"sqlite:///{tmp_path}/rates.db" if url == "sqlite" else request.getfixturevalue("postgres")
    )
    metadata = MetaData()
    table = rate_counters(metadata)
    metadata.create_all(database.engine)
    clock = [1000.0]
    counters = [SqlCounters(database.transaction, table, lambda: clock[0]) for _ in range(2)]
    assert [counters[i % 2].incr("a", 60) for i in range(3)] == [1, 2, 3]
    assert (counters[0].get("a"), counters[0].get_expiry("a"), counters[0].get("b")) == (3, 1060.0, 0)
    clock[0] = 1061.0
    assert counters[0].get("a") == 0
    assert counters[1].incr("a", 60) == 1
    assert counters[0].check()
    clock[0] = 2000.0
    assert counters[0].sweep() == 1
    shared = [RateLimiter(SqlCounters(database.transaction, table)) for _ in range(2)]
    assert [shared[i % 2].hit("submit", "a", Limit(2, 60)) is None for i in range(4)] == [True, True, False, False]
    shared[0].forget("submit", "a", Limit(2, 60))
    assert shared[1].blocked("submit", "a", Limit(2, 60)) is None
    counters[0].clear("a")
    assert counters[0].reset() == 0
    database.close()


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
        ("", "unknown"),
    ],
)
def test_a_household_is_one_source(host: str, source: str) -> None:
    """An IPv6 line has more addresses than anybody can count."""
    assert source_of(Request({"type": "http", "client": (host, 1), "headers": []})) == source
