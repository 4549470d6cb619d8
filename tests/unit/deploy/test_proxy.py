"""The proxy gives every address to the one service that declares it, and nothing else to anybody."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.unit.deploy.files import ROOT, load

PROXY = ROOT / "deploy" / "proxy"
generate = load(PROXY / "generate.py")

Rows = Sequence[tuple[str, list[str], str]]

REQUESTS: Rows = [
    ("intake", ["POST"], "/api/requests"),
    ("intake", ["POST"], "/api/requests/bulk"),
    ("intake", ["POST"], "/api/requests/{number}/amend"),
    ("notifier", ["GET"], "/api/requests/{number}"),
    ("notifier", ["GET"], "/api/requests/{number}/events"),
    ("routing", ["POST"], "/api/requests/{number}/estimate/{answer}"),
    ("intake", ["GET", "POST"], "/en/requests/new"),
    ("intake", ["GET", "POST"], "/en/requests/new/{draft}"),
    ("notifier", ["GET"], "/en/requests/{number}"),
    ("notifier", ["GET"], "/en/requests/{number}/label.pdf"),
    ("intake", ["GET"], "/en/"),
    *(
        (name, ["GET"], path)
        for name in ("notifier", "routing", "intake")
        for path in ("/static/{path:path}", "/metrics")
    ),
    ("intake", ["POST"], "/internal/introspect"),
    *((name, ["GET"], "/readyz") for name in ("notifier", "routing", "intake")),
]


def asked(rows: Rows, method: str, path: str) -> str | None:
    owner: str | None = generate.owner(generate.table(generate.read(rows)), method, path)
    return owner


@pytest.mark.parametrize(
    ("method", "path", "owner"),
    [
        ("POST", "/api/requests", "intake"),
        ("GET", "/api/requests", "intake"),
        ("POST", "/api/requests/bulk", "intake"),
        ("POST", "/api/requests/482190347716/amend", "intake"),
        ("GET", "/api/requests/4821-9034-7716", "notifier"),
        ("HEAD", "/api/requests/482190347716", "notifier"),
        ("DELETE", "/api/requests/482190347716", "notifier"),
        ("GET", "/api/requests/482190347716/events", "notifier"),
        ("POST", "/api/requests/482190347716/estimate/accept", "routing"),
        ("GET", "/en/requests/new", "intake"),
        ("GET", "/en/requests/new/d41d8", "intake"),
        ("GET", "/en/requests/482190347716", "notifier"),
        ("GET", "/en/requests/482190347716/label.pdf", "notifier"),
        ("GET", "/en", "intake"),
        ("GET", "/en/", "intake"),
        ("GET", "/static/kit/app.css", "intake"),
        ("GET", "/readyz", "intake"),
        ("GET", "/metrics", None),
        ("POST", "/internal/introspect", None),
        ("GET", "/api/requests/482190347716/estimate", None),
        ("GET", "/api/requests/1/2/3/4", None),
        ("GET", "/en/requests/482190347716/labelxpdf", None),
        ("GET", "/anything", None),
        ("GET", "/static", None),
        ("GET", "/xstatic/app.css", None),
    ],
)
def test_every_address_has_the_owner_that_declared_it(method: str, path: str, owner: str | None) -> None:
    """Fixed words beat parameters, a wrong method reaches the path's owner, what nobody declares is nobody's."""
    assert asked(REQUESTS, method, path) == owner


def test_the_order_of_declaration_does_not_matter() -> None:
    """The same routes in any order give the same table."""
    assert generate.table(generate.read(REQUESTS)) == generate.table(generate.read(list(reversed(REQUESTS))))


def test_one_path_can_have_an_owner_for_each_method() -> None:
    """GET of one service and POST of another on one path are no conflict."""
    rows: Rows = [("intake", ["POST"], "/x/{a}"), ("notifier", ["GET"], "/x/{b}")]
    assert [asked(rows, method, "/x/1") for method in ("POST", "GET", "HEAD", "PUT")] == [
        "intake",
        "notifier",
        "notifier",
        None,
    ]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (("intake", ["POST"], "/api/x"), ("routing", ["POST"], "/api/x")),
        (("intake", ["GET", "POST"], "/x/{number}"), ("routing", ["POST"], "/x/{id}")),
        (("intake", ["GET"], "/x/{a}.pdf"), ("routing", ["GET"], "/x/label-{b}")),
        (("intake", ["GET"], "/x/{rest:path}"), ("routing", ["GET"], "/x/{other:path}")),
        (("intake", ["HEAD"], "/x"), ("routing", ["GET"], "/x")),
    ],
)
def test_two_services_cannot_claim_one_method_and_path(
    one: tuple[str, list[str], str], two: tuple[str, list[str], str]
) -> None:
    """Refused, also when only the parameters' names differ, and both services are named."""
    with pytest.raises(generate.Conflict, match=r"of intake.* of routing"):
        generate.table(generate.read([one, two]))


def test_one_service_may_declare_a_path_twice() -> None:
    """Two routes of one service on one path join their methods."""
    rows: Rows = [("intake", ["GET"], "/x"), ("intake", ["POST"], "/x")]
    assert [asked(rows, method, "/x") for method in ("GET", "POST")] == ["intake", "intake"]


@pytest.mark.parametrize("row", [["billing", ["GET"], "/x"], ["intake", ["GET"], "x"], ["intake", "GET", "/x"]])
def test_a_bad_row_is_refused_with_its_reason(row: list[object]) -> None:
    """An unknown service, a path without its slash, methods that are not a list."""
    with pytest.raises(ValueError, match=r"intake|billing"):
        generate.read([row])


def test_the_program_says_conflict_by_its_exit_code(tmp_path: Path) -> None:
    """1 and one line on stderr for a conflict, 2 for bad input."""
    routes = tmp_path / "routes.json"
    for text, code in (('[["intake",["GET"],"/x"],["routing",["GET"],"/x"]]', 1), ("[[", 2)):
        routes.write_text(text)
        run = subprocess.run(
            [sys.executable, PROXY / "generate.py", routes], capture_output=True, text=True, check=False
        )
        assert (run.returncode, run.stdout, len(run.stderr.splitlines())) == (code, "", 1)


def test_the_committed_routes_are_those_that_the_services_declare() -> None:
    """No drift: `make generate` writes deploy/proxy/routes.json anew."""
    routes = load(PROXY / "routes.py")
    assert (PROXY / "routes.json").read_text() == routes.as_text(routes.declared())


def test_the_routes_of_the_real_services_do_not_contradict_each_other() -> None:
    """A path that one service declares has that service as its owner, whatever the others declare."""
    rows = json.loads((PROXY / "routes.json").read_text())
    lines = generate.table(generate.read(rows))
    for service, methods, path in rows:
        if path in generate.SHARED or generate.PRIVATE.fullmatch(path):
            continue
        address = re.sub(r"{[^{}]*}", "x1", path)
        assert {generate.owner(lines, method, address) for method in methods} == {service}, path


def test_the_committed_configuration_is_what_the_generator_prints() -> None:
    """No drift: deploy/proxy/Caddyfile comes from routes.json beside it."""
    rows = json.loads((PROXY / "routes.json").read_text())
    assert (PROXY / "Caddyfile").read_text() == generate.caddyfile(generate.table(generate.read(rows)))


def test_the_table_is_written_whole_and_in_order() -> None:
    """Each line of the table stands in the Caddyfile, quoted, before the default."""
    rows = json.loads((PROXY / "routes.json").read_text())
    expected = [(line.expression, line.service) for line in generate.table(generate.read(rows))]
    assert re.findall(r'^\t\t"~(.*)" (\w+)$', (PROXY / "Caddyfile").read_text(), re.M) == expected


def test_the_proxy_neither_buffers_streams_nor_logs_tracking_codes() -> None:
    """The settings that a later edit must not lose."""
    text = (PROXY / "Caddyfile").read_text()
    assert text.count("reverse_proxy") == 1
    assert "flush_interval -1" in text
    assert "replace k REDACTED" in text
    assert "admin off" in text
