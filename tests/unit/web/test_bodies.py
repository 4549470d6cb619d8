"""Twenty ways to send something broken: each is a 4xx that names the place, none a 5xx, and the next good one works."""

from collections.abc import Iterator

import pytest

from services.runtime.errors import Invalid
from services.runtime.web.bodies import Form, lenient_routes, parse_json, shown
from tests.unit.web.asking import FROM_OUR_PAGE, TestClient, asking, faults_of
from tests.unit.web.demo.build import a_demo

GOOD = {"kind": "repair", "text": "It hums."}
JSON = {"Content-Type": "application/json"}

BROKEN = {
    "nothing": (b"", 400, ("", "not_json")),
    "not JSON": (b"{kind: repair}", 400, ("", "not_json")),
    "cut off": (b'{"kind":"repair","text":"', 400, ("", "not_json")),
    "two values": (b"{}{}", 400, ("", "not_json")),
    "byte order mark": (b"\xef\xbb\xbf{}", 400, ("", "not_json")),
    "not UTF-8": (b'{"kind":"repair","text":"\xe9"}', 400, ("", "not_utf8")),
    "NaN": (b'{"kind":"repair","text":"a","severity":NaN}', 400, ("", "number_out_of_range")),
    "Infinity": (b'{"severity":-Infinity}', 400, ("", "number_out_of_range")),
    "overflowing float": (b'{"severity":1e999}', 400, ("severity", "number_out_of_range")),
    "integer beyond 64 bits": (b'{"severity":9223372036854775808}', 400, ("severity", "number_out_of_range")),
    "integer of 5,000 digits": (b'{"severity":' + b"9" * 5000 + b"}", 400, ("", "number_out_of_range")),
    "NUL in text": (b'{"kind":"repair","text":"a\\u0000b"}', 400, ("text", "nul_character")),
    "NUL in a key": (b'{"details":{"a\\u0000":"b"}}', 400, ("details.a\ufffd", "nul_character")),
    "lone surrogate": (b'{"kind":"repair","text":"\\ud800"}', 400, ("text", "lone_surrogate")),
    "lone surrogate in a list": (b'{"details":["a","\\udfff"]}', 400, ("details.1", "lone_surrogate")),
    "a key twice": (b'{"kind":"repair","kind":"software"}', 400, ("kind", "key_twice")),
    "33 levels": (b"[" * 33 + b"]" * 33, 400, (".".join("0" * 32), "too_deep")),
    "30,000 levels": (b"[" * 30_000 + b"]" * 30_000, 400, ("", "too_deep")),
    "too large": (b'{"text":"' + b"a" * 70_000 + b'"}', 413, ("", "too_large")),
    "10 MB": (b" " * 10_000_000, 413, ("", "too_large")),
    "not an object": (b"[]", 422, ("", "not_an_object")),
    "null": (b"null", 422, ("", "not_an_object")),
    "unknown field": (b'{"kind":"repair","text":"a","colour":"red"}', 422, ("colour", "unknown_field")),
    "unknown inner field": (b'{"kind":"repair","text":"a","details":{"a":1}}', 422, ("details.a", "not_text")),
    "field missing": (b'{"kind":"repair"}', 422, ("text", "required")),
    "none of the choices": (b'{"kind":"tea","text":"a"}', 422, ("kind", "not_one_of")),
    "5,000 characters": (b'{"kind":"repair","text":"' + b"a" * 5000 + b'"}', 422, ("text", "too_long")),
    "text for a number": (b'{"kind":"repair","text":"a","severity":"x"}', 422, ("severity", "not_a_whole_number")),
    "number too big": (b'{"kind":"repair","text":"a","severity":5}', 422, ("severity", "too_big")),
    "instant without offset": (
        b'{"kind":"repair","text":"a","at":"2026-11-23T10:00:00"}',
        422,
        ("at", "not_an_instant"),
    ),
    "date that is none": (b'{"kind":"repair","text":"a","at":"2026-13-01"}', 422, ("at", "not_an_instant")),
}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with asking(a_demo()) as client:
        yield client


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_body_is_refused_by_name_and_the_next_good_one_works(client: TestClient, name: str) -> None:
    """400 what is not strict JSON, 413 what is too large, 422 what does not fit the fields."""
    body, status, fault = BROKEN[name]
    answer = client.post("/api/notes", content=body, headers=JSON)
    assert answer.status_code == status
    assert faults_of(answer) == [fault]
    assert answer.json()["errors"][0]["message"] not in ("", "Check this and send it again.")
    assert client.post("/api/notes", json=GOOD).status_code == 201


@pytest.mark.parametrize(
    ("headers", "place"),
    [
        ({}, "Content-Type"),
        ({"Content-Type": "text/plain"}, "Content-Type"),
        ({"Content-Type": "application/json; charset=latin-1"}, "Content-Type"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, "Content-Type"),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, "Content-Encoding"),
    ],
)
def test_only_json_is_read_as_json(client: TestClient, headers: dict[str, str], place: str) -> None:
    """A form of another site can be made to look like JSON, but not with this content type."""
    answer = client.post("/api/notes", content=b'{"kind":"repair","text":"a"}', headers=headers)
    assert answer.status_code == 415
    assert faults_of(answer)[0][0] == place


def test_a_content_length_that_lies_helps_nobody(client: TestClient) -> None:
    """Small in the header, large on the wire: counted while reading. Large in the header: refused unread."""

    def drops() -> Iterator[bytes]:
        yield from (b" " * 10_000 for _ in range(10))

    assert client.post("/api/notes", content=drops(), headers=JSON).status_code == 413
    huge = {**JSON, "Content-Length": "99999999999999999999999999"}
    assert client.post("/api/notes", content=b"{}", headers=huge).status_code == 413


def test_a_strange_name_is_not_echoed_at_length() -> None:
    """What came from outside is shown printable and short."""
    assert shown("a\x1b[31m\n") == "a\ufffd[31m\ufffd"
    assert len(shown("x" * 5000)) == 201


def test_many_faults_are_told_at_once_but_not_without_end(client: TestClient) -> None:
    """One for each field, at most fifty."""
    answer = client.post("/api/notes", json={f"field{i}": i for i in range(200)})
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 50


def test_strict_json_still_takes_all_that_is_json() -> None:
    """Escapes, a surrogate pair, numbers to the edge, 32 levels."""
    assert parse_json(b'{"a":"\\ud83d\\ude00\\u00e9","n":[9223372036854775807,-1.5e10,0],"t":true,"z":null}') == {
        "a": "\U0001f600é",
        "n": [9223372036854775807, -1.5e10, 0],
        "t": True,
        "z": None,
    }
    assert parse_json(b"[" * 32 + b"]" * 32)
    with pytest.raises(Invalid):
        parse_json(b"[" * 33 + b"]" * 33)


FORM = {"Content-Type": "application/x-www-form-urlencoded", **FROM_OUR_PAGE}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"serial=%00", 400),
        (b"serial=%ff", 400),
        (b"serial=\xe9", 400),
        (b"&".join(b"f%d=1" % i for i in range(300)), 400),
        (b"serial=" + b"a" * 70_000, 413),
    ],
)
def test_a_broken_form_is_a_page_not_a_crash(client: TestClient, body: bytes, status: int) -> None:
    """NUL, not UTF-8, not ASCII on the wire, 300 fields, 70 KB."""
    answer = client.post("/fr/notes/nouvelle", content=body, headers=FORM)
    assert answer.status_code == status
    assert "Cela n&#39;a pas pu être fait" in answer.text


def test_a_form_of_another_type_is_refused(client: TestClient) -> None:
    """Multipart is for files, which this form does not take."""
    answer = client.post("/en/notes/new", files={"serial": b"x"}, headers=FROM_OUR_PAGE)
    assert answer.status_code == 415


def test_a_form_gives_first_values_trimmed_with_plain_line_ends() -> None:
    """Browsers send CR LF, people send spaces."""
    form = Form([("a", " x "), ("a", "y"), ("text", "1\r\n2\r3 ")])
    assert (form["a"], form.all("a"), form.text("text"), form.text("none")) == ("x", ("x", "y"), "1\n2\n3", "")


def test_no_route_reads_a_body_leniently() -> None:
    """FastAPI's own reading takes NaN and keys twice, without a bound."""
    assert lenient_routes(a_demo().app) == []
