"""Pages: escaped, complete, in two languages, with the same page behind the toggle."""

import re

import pytest
from jinja2 import UndefinedError
from starlette.requests import Request
from starlette.responses import Response

from schemas.vocabulary import Language, Role
from services.runtime.errors import Fault
from services.runtime.identity.cookies import Session
from services.runtime.identity.principal import Staff
from services.runtime.web.languages import preferred
from services.runtime.web.pages import safe_next, with_whole_numbers
from tests.unit.web.asking import FROM_OUR_PAGE, asking
from tests.unit.web.demo.build import a_demo


def test_the_toggle_leads_to_the_same_page() -> None:
    """There and back, with the query that both understand and without a tracking code."""
    client = asking(a_demo())
    english = client.get("/en/notes/new?step=2&k=12345678&lang=en").text
    assert (
        re.search(r'<a href="/fr/notes/nouvelle\?step=2" lang="fr" hreflang="fr"', client.get("/en/notes?step=2").text)
        is None
    )
    assert 'hreflang="fr" href="http://testserver/fr/notes/nouvelle?step=2"' in english
    french = client.get("/fr/notes/nouvelle").text
    assert 'hreflang="en" href="http://testserver/en/notes/new"' in french
    assert '<html lang="fr"' in french


def test_in_mid_form_the_toggle_sends_the_form_along() -> None:
    """What was typed would be lost by a link; the service keeps it and answers in the other language."""
    client = asking(a_demo())
    page = client.get("/fr/notes/nouvelle").text
    assert 'type="submit" form="ask" name="_switch" value="en" formnovalidate lang="en">English</button>' in page
    answer = client.post("/fr/notes/nouvelle", data={"serial": "210F3AT", "_switch": "en"}, headers=FROM_OUR_PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/notes/new")


def test_an_address_without_a_language_remembers_the_choice() -> None:
    """Staff pages: ?lang sets a cookie, which decides before the browser's wishes."""
    demo = a_demo()
    demo.accounts.versions["staff:mroy"] = 1
    signed = Response()
    demo.cookies.sign_in(signed, Session(Staff("mroy", "M. Roy", frozenset({Role.DESK})), 1))
    client = asking(demo, cookies={"fixline_session": signed.headers["set-cookie"].split("=", 1)[1].split(";")[0]})
    assert 'href="/desk/notes?lang=fr"' in client.get("/desk/notes").text
    answer = client.get("/desk/notes?lang=fr")
    assert '<html lang="fr" class="staff"' in answer.text
    assert "Signed in" not in answer.text
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert '<html lang="fr"' in client.get("/desk/notes", headers={"Accept-Language": "en"}).text
    assert 'aria-current="page">Notes</a>' in answer.text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("en-CA, fr;q=0.9", "en"),
        ("de, fr;q=0.5", "fr"),
        ("en;q=0.1, fr;q=0.2", "fr"),
        ("fr;q=0, en", "en"),
        ("fr;q=x", "en"),
        ("*", "en"),
        ("," * 5000, "en"),
    ],
)
def test_the_browsers_wishes_are_weighed(header: str, language: str) -> None:
    """RFC 9110 §12.5.4; nonsense is English."""
    assert preferred(header) == language


def test_errors_stand_on_top_and_beside_their_fields() -> None:
    """The title says so, the summary links to the field, the field points to its words, and what was typed stays."""
    page = asking(a_demo()).post("/en/notes/new", data={"text": "It <hums>", "updates": "yes"}, headers=FROM_OUR_PAGE)
    assert page.status_code == 422
    text = page.text
    assert "<title>Error: What is wrong? – Fixline</title>" in text
    assert '<a href="#f-serial">Enter the serial number, or choose &#34;I can&#39;t find it&#34;.</a>' in text
    assert re.search(
        r'<input id="f-serial"[^>]*aria-describedby="f-serial-hint f-serial-error" aria-invalid="true">', text
    )
    assert 'tabindex="-1" autofocus' in text
    assert "It &lt;hums&gt;</textarea>" in text
    assert re.search(r'<input type="checkbox" id="f-updates"[^>]* checked', text)


def test_what_a_template_lacks_is_an_error_not_a_blank() -> None:
    """StrictUndefined, and a phrase that does not exist."""
    demo = a_demo()
    request = Request(
        {"type": "http", "method": "GET", "path": "/en/", "query_string": b"", "headers": [], "state": {}}
    )
    with pytest.raises(UndefinedError):
        demo.pages.render(request, "demo_form.html")


def test_every_page_of_the_kit_renders_in_both_languages() -> None:
    """No key, no brace, one h1, one status region, its own title."""
    client = asking(a_demo())
    for path in (
        "/en/",
        "/fr/",
        "/en/notes",
        "/fr/notes",
        "/fr/notes/nouvelle",
        "/en/broken/down",
        "/en/broken/conflict",
        "/fr/x",
    ):
        text = client.get(path).text
        assert len(re.findall(r"<h1[ >]", text)) == 1, path
        assert text.count('role="status"') == 1
        assert re.search(r"<title>[^<]{4,} – Fixline</title>", text)
        assert not re.search(r"[{}]", re.sub(r'data-(left|over|left-one)="[^"]*"', "", text)), path
        assert " style=" not in text
        assert not re.search(r"<script(?![^>]* src=)", text)


def test_static_files_have_addresses_that_change_with_them() -> None:
    """Kept for ever under their own address, a minute under an old one; nothing else can be read."""
    client = asking(a_demo())
    address = re.search(r'href="(/static/[0-9a-f]{12}/kit\.css)"', client.get("/en/").text)
    assert address
    answer = client.get(address[1])
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/000000000000/kit.css").headers["cache-control"] == "public, max-age=60"
    assert client.get(address[1], headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    for path in ("/static/x/app.py", "/static/x/%2e%2e%2fapp.py", "/static/kit.css"):
        assert client.get(path).status_code == 404


def test_a_page_and_all_that_it_loads_is_small() -> None:
    """150 kB at most, and nothing from other hosts."""
    client = asking(a_demo())
    text = client.get("/en/notes").text
    loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', text)
    assert len(loaded) == 5
    assert len(text) + sum(len(client.get(path).content) for path in loaded) < 150_000
    assert not re.findall(r'(?:src|href)="(?:https?:)?//(?!testserver)', text)


@pytest.mark.parametrize(
    ("target", "goes"),
    [
        ("/en/requests", "/en/requests"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_after_sign_in_people_stay_with_us(target: str | None, goes: str) -> None:
    """`next` is a path of ours or nothing."""
    assert safe_next(target, "/") == goes


def test_faults_are_said_in_the_language_of_the_page() -> None:
    """The same fault, two sentences."""
    pages = a_demo().pages
    fault = Fault("text", "too_long", {"max": 1000})
    assert pages.said([fault], Language.EN)[0].message == "Enter at most 1000 characters."
    assert pages.said([fault], Language.FR)[0].message == "Entrez au plus 1000 caractères."


def test_a_number_in_a_heading_is_not_cut_at_a_hyphen() -> None:
    """Of a request, an invoice or a credit note; all else may be, and is escaped."""
    whole = '<span class="whole">4821-9034-7716</span>'
    assert with_whole_numbers("Request 4821-9034-7716, decision 1") == f"Request {whole}, decision 1"
    assert with_whole_numbers("Invoice INV-CA-000001") == 'Invoice <span class="whole">INV-CA-000001</span>'
    assert with_whole_numbers("M-77 <2026-11-23>") == "M-77 &lt;2026-11-23&gt;"
