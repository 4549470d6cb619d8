"""Bulk files: each line's result is its own, in order; a resend under the same key repeats nothing."""

import orjson

from schemas.vocabulary import Scope
from tests.builders import a_request
from tests.service.intake.harness import Intake


def upload(intake: Intake, *lines: bytes, headers: dict[str, str]) -> list[dict[str, object]]:
    answer = intake.client.post("/api/requests/bulk", content=b"\n".join(lines) + b"\n", headers=headers)
    assert answer.status_code == 200, answer.text
    return [orjson.loads(line) for line in answer.content.splitlines()]


def test_each_line_has_its_own_result(either: Intake) -> None:
    """Good, not JSON, blank, another customer's, an unknown field, good: named by line."""
    good = orjson.dumps(a_request(customer_number="C-1", external_id="x"))
    lines = (good, b"{", b" ", orjson.dumps(a_request(customer_number="C-2")), b'{"kind":"repair","a":1}', good)
    headers = either.token(Scope.REQUESTS_BULK) | {"Idempotency-Key": "u1"}
    first = upload(either, *lines, headers=headers)
    assert [(one["line"], one["status"]) for one in first] == [(1, 201), (2, 400), (4, 422), (5, 422), (6, 201)]
    assert [one.get("external_id") for one in first] == ["x", None, None, None, "x"]
    assert upload(either, *lines, headers=headers) == first
    assert [row["channel"] for row in either.requests()] == ["bulk", "bulk"]


def test_a_file_has_at_most_ten_thousand_lines(intake: Intake) -> None:
    """413 and nothing accepted; strangers and tokens without the scope may send none."""
    headers = intake.token(Scope.REQUESTS_BULK)
    answer = intake.client.post("/api/requests/bulk", content=b"{}\n" * 10_001, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "too_many_items")
    assert intake.client.post("/api/requests/bulk", content=b"{}").status_code == 401
    without = intake.token(Scope.REQUESTS_WRITE)
    assert intake.client.post("/api/requests/bulk", content=b"{}", headers=without).status_code == 403
    assert intake.requests() == []
