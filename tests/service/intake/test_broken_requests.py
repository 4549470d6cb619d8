"""Whatever is sent to `POST /api/requests`: a 4xx problem that names the place, never a 5xx, and the next good one works."""

import orjson
import pytest

from tests.builders import a_request
from tests.service.intake.harness import Intake

REPAIR = b'{"kind":"hardware_repair",'
DEEP = b"[" * 100_000 + b"]" * 100_000

#: what is sent, the status, and the place and code of the first error
BROKEN: dict[str, tuple[object, int, str, str]] = {
    "nothing": (b"", 400, "", "not_json"),
    "not JSON": (b"kind=repair", 400, "", "not_json"),
    "half of it": (b'{"kind":"repair"', 400, "", "not_json"),
    "not UTF-8": (b'{"kind":"\xff"}', 400, "", "not_utf8"),
    "NaN": (REPAIR + b'"severity":NaN}', 400, "", "number_out_of_range"),
    "infinity as a number": (REPAIR + b'"severity":1e999}', 400, "severity", "number_out_of_range"),
    "a number of 5,000 digits": (REPAIR + b'"severity":' + b"9" * 5_000 + b"}", 400, "", "number_out_of_range"),
    "NUL": (REPAIR + b'"text":"a\\u0000b"}', 400, "text", "nul_character"),
    "half a surrogate pair": (REPAIR + b'"contact":{"name":"\\ud800"}}', 400, "contact.name", "lone_surrogate"),
    "a key twice": (REPAIR + b'"kind":"repair"}', 400, "kind", "key_twice"),
    "200,000 brackets": (REPAIR + b'"details":' + DEEP + b"}", 413, "", "too_large"),
    "40 levels": (REPAIR + b'"details":' + b'{"a":' * 40 + b"1" + b"}" * 41, 400, "details" + ".a" * 31, "too_deep"),
    "10 MB": (REPAIR + b'"text":"' + b"x" * 10_000_000 + b'"}', 413, "", "too_large"),
    "a list": ([], 422, "", "not_an_object"),
    "null": (None, 422, "", "not_an_object"),
    "no kind": ({}, 422, "kind", "required"),
    "a kind that is none": ({"kind": "coffee"}, 422, "kind", "not_one_of"),
    "a kind that is an object": ({"kind": {"a": 1}}, 422, "kind", "not_one_of"),
    "an unknown field": (a_request(colour="red"), 422, "colour", "unknown_field"),
    "an unknown field below": (a_request(machine={"typ": "8286"}), 422, "machine.typ", "unknown_field"),
    "a customer number of 5,000 characters": (a_request(customer_number="9" * 5_000), 422, "customer_number", "too_long"),
    "text of 10,001 characters": (a_request(text="x" * 10_001), 422, "text", "too_long"),
    "a number for text": (a_request(text=7), 422, "text", "not_text"),
    "text for a number": (a_request(severity="2"), 422, "severity", "not_a_whole_number"),
    "a severity of 5": (a_request(severity=5), 422, "severity", "too_big"),
    "a severity of 0": (a_request(severity=0), 422, "severity", "too_small"),
    "true for a number": (a_request(severity=True), 422, "severity", "not_a_whole_number"),
    "a language we do not speak": (a_request(language="de"), 422, "language", "not_one_of"),
    "a telephone that is none": (a_request(contact={"phone": "12"}), 422, "contact.phone", "not_a_phone"),
    "a mail address that is none": (a_request(contact={"email": "a@b"}), 422, "contact.email", "not_an_email"),
    "text for an object": (a_request(machine="8286"), 422, "machine", "not_an_object"),
    "details of another kind": (
        a_request(details={"invoice_number": "1"}), 422, "details.invoice_number", "unknown_field",
    ),
    "a wrong check digit": (
        {"kind": "coverage_review", "details": {"request_number": "4821-9034-7717"}},
        422, "details.request_number", "not_a_request_number",
    ),
    "a day that is none": (
        {"kind": "termination", "details": {"sent_on": "2026-02-30"}}, 422, "details.sent_on", "not_a_date",
    ),
    "a country of three letters": (
        {"kind": "appliance_move", "details": {"origin_country": "CAN"}}, 422, "details.origin_country", "not_a_country",
    ),
    "201 lines": (
        {"kind": "billing_dispute", "details": {"lines": ["1"] * 201}}, 422, "details.lines", "too_many_items",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def one_intake(tmp_path_factory: pytest.TempPathFactory) -> object:
    """All of them to the same process: none may leave it worse than it was."""
    from tests.service.intake.harness import embedded, running

    with running(embedded(tmp_path_factory.mktemp("broken"))) as intake:
        yield intake


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_request_is_named_and_refused(one_intake: Intake, name: str, language: str) -> None:
    """A problem document whose first error says where, by a code that has a sentence of its own in both languages."""
    sent, status, path, code = BROKEN[name]
    body = sent if isinstance(sent, bytes) else orjson.dumps(sent)
    answer = one_intake.post(body, {"Accept-Language": language})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    first = answer.json()["errors"][0]
    assert (first["path"], first["code"]) == (path, code)

    assert first["message"] not in ("Check this and send it again.", "Vérifiez ceci et envoyez de nouveau.")


def test_the_next_good_request_works(one_intake: Intake) -> None:
    """After all of these."""
    for sent, *_ in BROKEN.values():
        one_intake.post(sent if isinstance(sent, bytes) else orjson.dumps(sent))
    before = len(one_intake.requests())
    assert one_intake.post(a_request()).status_code == 201
    assert len(one_intake.requests()) == before + 1


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Content-Type", "text/plain", 415),
        ("Content-Type", "application/x-www-form-urlencoded", 415),
        ("Content-Encoding", "gzip", 415),
        ("Idempotency-Key", "", 422),
        ("Idempotency-Key", "x" * 201, 422),
    ],
)
def test_a_header_that_is_wrong_is_named(one_intake: Intake, header: str, value: str, status: int) -> None:
    """The header is the place."""
    answer = one_intake.post(a_request(), {header: value})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (status, header)
