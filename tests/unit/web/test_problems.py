"""A refusal becomes a problem document or a page, in the caller's language, and never shows the inside."""

import re
from html import unescape

import pytest
from structlog.testing import capture_logs

from tests.unit.web.asking import asking, faults_of
from tests.unit.web.demo.build import a_demo


def test_a_program_gets_a_problem_document_in_its_language() -> None:
    """RFC 9457, with the faults, in the language of ?lang, else of Accept-Language."""
    client = asking(a_demo())
    answer = client.get("/api/broken/invalid", headers={"Accept-Language": "fr-CA, en;q=0.5"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "fr"
    body = answer.json()
    assert body["correlation_id"] == answer.headers["x-request-id"]
    assert body == {
        "type": "urn:fixline:problem:invalid",
        "title": "Une partie de ce qui a été envoyé ne peut pas être acceptée",
        "status": 422,
        "detail": "Corrigez les champs nommés ici et envoyez de nouveau.",
        "code": "invalid",
        "correlation_id": body["correlation_id"],
        "errors": [
            {
                "path": "machine.serial",
                "code": "serial_missing",
                "message": "Entrez le numéro de série ou choisissez «\u00a0Je ne le trouve pas\u00a0».",
            }
        ],
    }
    english = client.get("/api/broken/invalid?lang=en", headers={"Accept-Language": "fr"})
    assert english.json()["errors"][0]["message"].startswith("Enter the serial number")


def test_a_wrong_path_or_query_parameter_is_named() -> None:
    """FastAPI's own findings come out in the same shape."""
    answer = asking(a_demo()).get("/api/pages/one")
    assert answer.status_code == 422
    assert faults_of(answer) == [("page", "not_a_whole_number")]


def test_an_unexpected_exception_says_nothing_of_its_inside() -> None:
    """500 with the correlation id, for programs and for people; the log has the trace under the same id."""
    client = asking(a_demo())
    for path in ("/api/broken/x", "/en/broken/x"):
        with capture_logs() as lines:
            answer = client.get(path, headers={"X-Request-ID": "from-a-colleague"})
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "from-a-colleague" in answer.text
        assert answer.headers["x-request-id"] == "from-a-colleague"
        assert "content-security-policy" in answer.headers
        assert [line["exc_info"] for line in lines if line["event"] == "http.unexpected"] == [True]


def test_what_is_down_is_503_and_says_when_to_come_back() -> None:
    """Also an exception of a library that means so; its text, which may hold a password, is not shown."""
    client = asking(a_demo())
    told = client.get("/en/broken/down")
    assert (told.status_code, told.headers["retry-after"]) == (503, "30")
    assert "Your request is not lost. Its number is 4821-9034-7716." in told.text
    library = client.get("/api/broken/database")
    assert library.status_code == 503
    assert "secret" not in library.text


def test_a_conflict_says_who_was_first_and_keeps_the_text() -> None:
    """409, escaped, with a button to copy what was written."""
    answer = asking(a_demo()).get("/en/broken/conflict")
    assert answer.status_code == 409
    text = unescape(answer.text)
    assert "Not saved: M. Roy took this job at 10:42. What you wrote is kept below." in text
    assert "My own &lt;note&gt;" in answer.text
    assert 'data-copy="typed"' in answer.text


@pytest.mark.parametrize("path", ["/fr/nulle-part", "/en/nowhere", "/nowhere", "/en/%00", "/static/x/../../app.py"])
def test_nothing_there_is_a_page_in_the_addresss_language(path: str) -> None:
    """404, with one way on; also for what cannot be an address."""
    answer = asking(a_demo()).get(path)
    assert answer.status_code == 404
    language = "fr" if path.startswith("/fr") else "en"
    assert f'<html lang="{language}"' in answer.text
    assert re.search(rf'<a class="button primary" href="/{language}/">', answer.text)


def test_a_method_that_an_address_does_not_take() -> None:
    """405 names those it takes."""
    answer = asking(a_demo()).delete("/api/notes")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.json()["code"] == "method_not_allowed"


def test_a_browser_that_asks_for_json_gets_a_problem() -> None:
    """Staff pages are fetched by scripts too."""
    client = asking(a_demo())
    assert (
        client.get("/en/nowhere", headers={"Accept": "application/json"})
        .headers["content-type"]
        .endswith("problem+json")
    )
    assert (
        "text/html"
        in client.get("/en/nowhere", headers={"Accept": "text/html,application/json"}).headers["content-type"]
    )


def test_openapi_knows_bodies_problems_and_who_may() -> None:
    """What FastAPI cannot see by itself."""
    described = asking(a_demo()).get("/openapi.json").json()
    add = described["paths"]["/api/notes"]["post"]
    assert add["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Note"}
    assert described["components"]["schemas"]["Note"]["additionalProperties"] is False
    assert add["x-who-may"] == ["anonymous"]
    assert described["paths"]["/api/mine"]["get"]["x-who-may"] == ["customer", "token(requests:read)"]
    assert "4XX" in add["responses"]
    assert "/en/notes" not in described["paths"]


def test_after_a_form_the_way_back_is_its_page() -> None:
    """The address that took the form may take nothing else; another site's is never offered."""
    client = asking(a_demo())
    for referer, back in [
        ("http://testserver/en/notes/new?x=1", "/en/notes/new"),
        ("http://evil.example//x.example", "/en/"),
        ("", "/en/"),
    ]:
        answer = client.post("/en/broken/conflict", headers={"Referer": referer, "Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 409
        assert f'<a class="button primary" href="{back}">' in answer.text
