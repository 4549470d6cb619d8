"""The boundary: whatever comes in, a request or the fields that are wrong (docs/rules.md §1)."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.request import InvalidRequest, as_json, parse_request
from schemas.vocabulary import Kind, Language

WHOLE: dict[str, Any] = {
    "kind": "hardware_repair",
    "customer_number": "C-1001",
    "contract_number": None,
    "machine": {"type": "8286", "model": "41A", "serial": "21-0F3AT"},
    "product_id": None,
    "severity": 2,
    "language": "fr",
    "text": "…",
    "contact": {"name": "…", "email": "A.Roy@Exemple.ca", "phone": "+15145550123"},
    "site_id": None,
    "details": {},
    "external_id": None,
}


def errors(given: object, language: Language = Language.EN) -> list[tuple[str, str]]:
    with pytest.raises(InvalidRequest) as refusal:
        parse_request(given, language=language)
    return [(error.path, error.code) for error in refusal.value.errors]


def test_a_whole_request_is_read_and_normalised() -> None:
    read = as_json(parse_request(WHOLE))
    machine = {"type": "8286", "model": "41A", "serial": "210F3AT"}
    contact = {"name": "…", "email": "A.Roy@exemple.ca", "phone": "+15145550123"}
    assert read == WHOLE | {"machine": machine, "contact": contact}
    assert list(read) == list(WHOLE)


@pytest.mark.parametrize("kind", list(Kind))
def test_only_the_kind_is_required(kind: str) -> None:
    assert parse_request({"kind": kind}).kind == kind
    nothing = dict.fromkeys(WHOLE) | {"kind": kind}
    assert parse_request(nothing) == parse_request({"kind": kind})


def test_blank_is_not_given() -> None:
    blank = {"customer_number": " ", "machine": {"type": "-", "serial": ""}, "text": "\n", "language": ""}
    assert parse_request({"kind": "repair", **blank}) == parse_request({"kind": "repair"})
    blank_details = {"party": "", "sent_on": " ", "evidence": ""}
    assert parse_request({"kind": "termination", "details": blank_details}) == parse_request({"kind": "termination"})


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("termination", {"party": "provider", "requested_on": "2027-01-01", "sent_on": "2026-11-01", "evidence": "x"}),
        ("machine_transfer", {"reason": "sold", "event_date": "2026-12-01", "lease_quote_number": "Q 1"}),
        ("appliance_move", {"origin_country": "CA", "destination_country": "US"}),
        ("coverage_review", {"request_number": "482190347716", "evidence": "x"}),
        ("billing_dispute", {"invoice_number": "I-1", "lines": ["1", "2b"]}),
        ("contract_change", {"action": "cancel", "services": ["after hours"]}),
    ],
)
def test_each_kind_has_its_own_details(kind: str, details: dict[str, Any]) -> None:
    request = parse_request({"kind": kind, "details": details})
    assert as_json(request)["details"] == details
    assert parse_request(as_json(request)) == request
    assert ("details." + next(iter(details)), "unknown_field") in errors({"kind": "inquiry", "details": details})


def test_lines_may_be_numbers_or_one_alone() -> None:
    for lines, read in (([1, "2"], ("1", "2")), (3, ("3",)), ("4", ("4",)), (["", None], ()), (None, ())):
        request = parse_request({"kind": "billing_dispute", "details": {"lines": lines}})
        assert as_json(request)["details"]["lines"] == list(read)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, [("", "not_an_object")]),
        ([], [("", "not_an_object")]),
        ("{}", [("", "not_an_object")]),
        (float("nan"), [("", "not_an_object")]),
        ({}, [("kind", "required")]),
        ({"kind": "x"}, [("kind", "not_a_choice")]),
        ({"kind": ["repair"]}, [("kind", "not_a_choice")]),
        ({"kind": None}, [("kind", "not_a_choice")]),
        ({"kind": "repair", "channel": "web"}, [("channel", "unknown_field")]),
        ({"kind": "repair", "machine": {"type": "1", "site": "x"}}, [("machine.site", "unknown_field")]),
        ({"kind": "repair", "machine": []}, [("machine", "not_an_object")]),
        ({"kind": "repair", "contact": {"fax": "1"}}, [("contact.fax", "unknown_field")]),
        ({"kind": "repair", "details": {"party": None}}, [("details.party", "unknown_field")]),
        ({"kind": "repair", "details": "x"}, [("details", "not_an_object")]),
        ({"kind": "repair", "text": 5}, [("text", "not_text")]),
        ({"kind": "repair", "text": "a\x00"}, [("text", "unsafe_text")]),
        ({"kind": "repair", "text": "\ud800"}, [("text", "unsafe_text")]),
        ({"kind": "repair", "text": "x" * 10_001}, [("text", "too_long")]),
        ({"kind": "repair", "customer_number": "C" * 5_000}, [("customer_number", "too_long")]),
        ({"kind": "repair", "customer_number": 1001}, [("customer_number", "not_text")]),
        ({"kind": "repair", "customer_number": "\ufdfa" * 60}, [("customer_number", "too_long")]),
        ({"kind": "repair", "severity": True}, [("severity", "not_a_whole_number")]),
        ({"kind": "repair", "severity": 2.0}, [("severity", "not_a_whole_number")]),
        ({"kind": "repair", "severity": float("nan")}, [("severity", "not_a_whole_number")]),
        ({"kind": "repair", "severity": "2"}, [("severity", "not_a_whole_number")]),
        ({"kind": "repair", "severity": 0}, [("severity", "out_of_range")]),
        ({"kind": "repair", "severity": 5}, [("severity", "out_of_range")]),
        ({"kind": "repair", "severity": 10**400}, [("severity", "out_of_range")]),
        ({"kind": "repair", "language": "de"}, [("language", "not_a_choice")]),
        ({"kind": "repair", "contact": {"email": "x"}}, [("contact.email", "not_an_email")]),
        ({"kind": "repair", "contact": {"phone": "12"}}, [("contact.phone", "not_a_phone")]),
        ({"kind": "termination", "details": {"party": "me"}}, [("details.party", "not_a_choice")]),
        ({"kind": "termination", "details": {"sent_on": "20261101"}}, [("details.sent_on", "not_a_date")]),
        (
            {"kind": "appliance_move", "details": {"origin_country": "CAN"}},
            [("details.origin_country", "not_a_country")],
        ),
        (
            {"kind": "coverage_review", "details": {"request_number": "482190347717"}},
            [("details.request_number", "not_a_request_number")],
        ),
        ({"kind": "billing_dispute", "details": {"lines": [True]}}, [("details.lines.0", "not_text")]),
        ({"kind": "billing_dispute", "details": {"lines": {"a": 1}}}, [("details.lines", "not_a_list")]),
        ({"kind": "billing_dispute", "details": {"lines": list(range(201))}}, [("details.lines", "too_long")]),
    ],
)
def test_what_is_wrong_is_named(given: object, expected: list[tuple[str, str]]) -> None:
    assert errors(given) == expected
    assert errors(given, Language.FR) == expected


def test_an_unknown_kind_does_not_hide_other_errors() -> None:
    assert errors({"kind": "x", "severity": 9, "details": {"a": 1}}) == [
        ("kind", "not_a_choice"),
        ("severity", "out_of_range"),
    ]


def test_deep_nesting_is_an_ordinary_refusal() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for field in ("details", "text", "machine", "severity", "kind", "other"):
        assert errors({"kind": "repair", field: deep})


def test_names_that_cannot_be_shown_are_escaped_and_cut() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        parse_request({"kind": "repair", "x\x00" + "y" * 10_000: 1})
    path = refusal.value.errors[0].path
    assert path.startswith("x\\x00y")
    assert len(path) <= 200
    assert errors({"kind": "repair", "\ud800": 1})
    assert errors({"kind": "repair", 7: 1})


def test_the_messages_are_in_both_languages() -> None:
    for language, said in ((Language.EN, "Write the date as YYYY-MM-DD."), (Language.FR, "Écrivez la date")):
        with pytest.raises(InvalidRequest) as refusal:
            parse_request({"kind": "termination", "details": {"sent_on": "x"}}, language=language)
        assert refusal.value.errors[0].message.startswith(said)


def test_at_most_fifty_errors_are_told() -> None:
    assert len(errors({"kind": "repair"} | {f"f{n}": n for n in range(500)})) == 50


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
fields = st.sampled_from(list(WHOLE))
some_details = st.dictionaries(
    st.sampled_from(["party", "sent_on", "reason", "event_date", "origin_country", "lines", "services", "evidence"]),
    values,
    max_size=4,
)


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(
        values,
        st.dictionaries(fields, values | some_details),
        st.builds(
            lambda d, k: {**d, "kind": k}, st.dictionaries(fields, values | some_details), st.sampled_from(list(Kind))
        ),
    )
)
def test_nothing_else_is_ever_raised(given: object) -> None:
    try:
        request = parse_request(given)
    except InvalidRequest as refusal:
        for error in refusal.errors:
            assert error.code
            assert error.message
            json.dumps([error.path, error.message]).encode()
    else:
        assert parse_request(json.loads(json.dumps(as_json(request)))) == request
