"""What surrounds each request: correlation, measuring, headers, and the refusal of forged calls."""

import pytest
import structlog
from starlette.datastructures import Headers
from structlog.testing import capture_logs

from services.runtime.web.middleware import CONTENT_SECURITY_POLICY, is_forged
from tests.unit.web.asking import FROM_OUR_PAGE, asking
from tests.unit.web.demo.build import a_demo

PUBLIC = "https://service.example"


@pytest.mark.parametrize("given", ["short", "x" * 200, "a\"b'c<d>efgh", "line\tbreak-in-it", ""])
def test_a_correlation_id_unfit_for_a_log_is_replaced(given: str) -> None:
    """The caller's is kept where it is 8 to 128 plain characters."""
    client = asking(a_demo())
    assert client.get("/en/", headers={"X-Request-ID": given}).headers["x-request-id"] not in (given, "")
    assert client.get("/en/", headers={"X-Request-ID": "trace-0001"}).headers["x-request-id"] == "trace-0001"


def test_the_log_line_has_no_query() -> None:
    """`k` is a tracking code; it must not rest in logs."""
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        asking(a_demo()).get("/en/notes?k=12345678", headers={"X-Request-ID": "trace-0001"})
    line = next(line for line in lines if line["event"] == "http.request")
    assert "12345678" not in str(lines)
    assert (line["path"], line["route"], line["status"], line["correlation_id"]) == (
        "/en/notes",
        "/en/notes",
        200,
        "trace-0001",
    )


def test_metrics_name_the_route_never_the_address() -> None:
    """A scanner's addresses, and methods nobody knows, cannot fill the metrics."""
    demo = a_demo()
    client = asking(demo)
    client.get("/api/requests/482190347716")
    client.get("/wp-admin.php")
    client.request("BREW", "/en/")
    client.get("/api/broken/x")
    assert demo.metrics.seen == [
        ("GET", "/api/requests/{number}", 401),
        ("GET", "unmatched", 404),
        ("OTHER", "/en/", 405),
        ("GET", "/api/broken/{how}", 500),
    ]


def test_pages_keep_to_themselves() -> None:
    """No inline scripts or styles, no frames, no sniffing, nothing stored; HTTPS stays HTTPS."""
    headers = asking(a_demo()).get("/en/").headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" not in headers
    assert "strict-transport-security" in asking(a_demo(PUBLIC)).get("/en/").headers


@pytest.mark.parametrize(
    ("method", "headers", "forged"),
    [
        ("GET", {"cookie": "a=b", "sec-fetch-site": "cross-site"}, False),
        ("POST", {"cookie": "a=b", "sec-fetch-site": "same-origin"}, False),
        ("POST", {"cookie": "a=b", "sec-fetch-site": "same-site"}, True),
        ("POST", {"cookie": "a=b", "sec-fetch-site": "cross-site"}, True),
        ("POST", {"cookie": "a=b", "sec-fetch-site": "none"}, True),
        ("POST", {"cookie": "a=b", "sec-fetch-site": "cross-site", "origin": PUBLIC}, True),
        ("POST", {"cookie": "a=b", "origin": PUBLIC}, False),
        ("POST", {"cookie": "a=b", "origin": "HTTPS://SERVICE.EXAMPLE"}, False),
        ("POST", {"cookie": "a=b", "origin": "https://evil.example"}, True),
        ("POST", {"cookie": "a=b", "origin": "http://service.example"}, True),
        ("POST", {"cookie": "a=b", "origin": "null"}, True),
        ("POST", {"cookie": "a=b"}, True),
        ("DELETE", {"cookie": "a=b"}, True),
        ("POST", {}, False),
        ("POST", {"origin": "https://evil.example"}, True),
        ("POST", {"authorization": "Bearer x", "origin": "https://evil.example"}, False),
    ],
)
def test_an_unsafe_call_with_cookies_comes_from_our_own_pages(
    method: str, headers: dict[str, str], forged: bool
) -> None:
    """Sec-Fetch-Site decides where it is sent, Origin where not; a bearer is never sent by a browser on its own."""
    assert is_forged(method, Headers(headers), PUBLIC) is forged


def test_a_forged_call_never_reaches_its_endpoint() -> None:
    """403, and nothing was written."""
    demo = a_demo()
    client = asking(demo, cookies={"fixline_session": "x"})
    answer = client.post("/en/notes/new", data={"serial": "1", "text": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, demo.notes.texts) == (403, [])
    assert client.post("/en/notes/new", data={"serial": "1", "text": "x"}, headers=FROM_OUR_PAGE).status_code == 303
    assert demo.notes.texts == ["x"]


def test_nul_in_an_address_reaches_no_database() -> None:
    """PostgreSQL would fail on it."""
    client = asking(a_demo())
    assert client.get("/api/requests/%00").status_code == 404
    assert client.get("/api/requests/1?x=%00").status_code == 400
