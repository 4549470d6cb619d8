"""`fixline user`, `fixline token`, `fixline submit`: who may come in, and a request from a terminal."""

import json
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from services.cli import app
from services.intake import accounts
from tests.servers import wait_until
from tests.service.intake.harness import PASSWORD, Intake


def run(intake: Intake, *words: str, typed: str = "") -> Result:
    folder = str(intake.stack.settings.data_dir)
    return CliRunner().invoke(app, [*words, "--data-dir", folder], input=typed)


def test_a_member_of_staff_is_added_listed_and_disabled(intake: Intake) -> None:
    """The password comes by standard input and is shown nowhere; disabled means no sign-in."""
    words = ("user", "add", "ana", "--role", "agent", "--queue", "CA-QC-MTL", "--password-stdin")
    added = run(intake, *words, typed=PASSWORD + "\n")
    assert added.exit_code == 0, added.output
    assert run(intake, *words, typed=PASSWORD).exit_code == 1  # taken
    assert accounts.sign_in(intake.workshop, "ana", PASSWORD) is not None
    listed = run(intake, "user", "list", "--json").stdout
    expected = {"username": "ana", "name": "ana", "roles": ["agent"], "queues": ["CA-QC-MTL"], "disabled": False}
    assert json.loads(listed) == [expected]
    assert PASSWORD not in added.output + listed
    assert run(intake, "user", "disable", "ana").exit_code == 0
    assert accounts.sign_in(intake.workshop, "ana", PASSWORD) is None
    assert run(intake, "user", "disable", "nobody").exit_code == 1


def test_a_short_password_is_refused(intake: Intake) -> None:
    """Exit 2, and nobody was added."""
    answer = run(intake, "user", "add", "ana", "--role", "agent", "--password-stdin", typed="short\n")
    assert answer.exit_code == 2
    assert accounts.list_staff(intake.workshop) == []


def test_a_token_is_shown_once_and_revoked(intake: Intake) -> None:
    """What it may do and for whom is listed, its secret is not; customer numbers are read as everywhere.

    Who revokes is another process: intake, which remembers a token for a second, has heard of it by then.
    """
    made = run(intake, "token", "create", "erp", "--scope", "requests:write", "--customer", " c-1 ", "--json")
    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout)
    body = {"kind": "contract_copy", "customer_number": "C-1"}
    assert intake.post(body, {"Authorization": f"Bearer {told['token']}"}).status_code == 201
    listed = run(intake, "token", "list", "--json").stdout
    assert told["token"] not in listed
    assert json.loads(listed)[0]["customers"] == ["C-1"]
    assert run(intake, "token", "revoke", told["id"]).exit_code == 0
    assert run(intake, "token", "revoke", told["id"]).exit_code == 1

    def refused() -> bool:
        return intake.post(body, {"Authorization": f"Bearer {told['token']}"}).status_code == 401

    wait_until(refused, 2, "the revoked token to be refused")


def test_submit_sends_a_file_with_options(intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options go before the file; the same key gives the same number; a refusal names the field and ends with 1."""

    def post(_address: str, *, content: bytes, headers: dict[str, str], **_: object) -> httpx.Response:
        return intake.post(content, headers)

    monkeypatch.setattr(httpx, "post", post)
    file = tmp_path / "one.json"
    file.write_text('{"kind": "repair", "text": "It hums."}')
    words = ["submit", str(file), "--serial", "A1", "--key", "k1", "--json"]
    first, again = (CliRunner().invoke(app, words) for _ in range(2))
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout)["number"] == json.loads(again.stdout)["number"]
    (row,) = intake.requests()
    assert row["request"]["machine"]["serial"] == "A1"
    refused = CliRunner().invoke(app, ["submit", "--kind", "repair", "--email", "nobody"])
    assert refused.exit_code == 1
    assert "contact.email" in refused.output
    assert CliRunner().invoke(app, ["submit"]).exit_code == 2
