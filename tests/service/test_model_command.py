"""`fixline model`: what corrections taught, seen and undone from a terminal."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from services.cli import app
from services.routing.rules.text_kind_model import packaged
from services.routing.tables import CORRECTIONS, DECISIONS
from services.runtime.rows import insert_rows
from services.runtime.settings import Settings
from services.stack import Stack

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FIXLINE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four corrections of Ann's, who knows that a kestrel is a program."""
    stack = Stack(Settings(data_dir=tmp_path))
    stack.migrate()
    with stack.workshops["routing"].database.transaction() as connection:
        for n in range(1, 5):
            number = f"48210000000{n}"
            decision = {
                "number": number,
                "index": 1,
                "decided_at": AT,
                "qualified_at": AT,
                "by": "system",
                "cause": "x",
            }
            stored = {"generation": 1, "request": {"text": f"kestrel {n} xy"}, "decision": {}, "evidence": {}}
            insert_rows(connection, DECISIONS, [decision | stored])
            said = {"number": number, "decision": 1, "text_hash": "x", "language": "en", "guessed": "software"}
            by = {"confidence": 0.5, "said": "software", "by": "ann", "at": AT, "undone": None}
            insert_rows(connection, CORRECTIONS, [said | by])
    return tmp_path


def model(folder: Path, *arguments: str) -> Result:
    command, *rest = arguments
    return CliRunner().invoke(app, ["model", command, "--data-dir", str(folder), *rest], catch_exceptions=False)


def answer(folder: Path, *arguments: str) -> Any:
    return json.loads(model(folder, *arguments, "--json").stdout)


def test_before_anything_was_learnt_the_packaged_model_is_in_use(folder: Path) -> None:
    assert answer(folder, "list") == {"in_use": packaged().version, "packaged": packaged().version, "steps": []}


def test_learning_at_once_says_whether_there_was_anything_new(folder: Path) -> None:
    """Exit code 1 is the answer no."""
    first, second = model(folder, "learn"), model(folder, "learn")
    assert (first.exit_code, second.exit_code) == (0, 1)
    assert answer(folder, "list")["steps"][0]["learnt_from"] == 4


def test_a_version_shows_what_it_added(folder: Path) -> None:
    model(folder, "learn")
    version = answer(folder, "list")["in_use"]
    assert answer(folder, "show", version)["added"]["kestrel"] < 0
    assert "kestrel" in model(folder, "show", version).stdout
    assert model(folder, "show", "2.9.none").exit_code == 1


def test_all_that_one_person_said_is_undone_with_a_reason_on_record(folder: Path) -> None:
    model(folder, "learn")
    done = answer(folder, "undo", "--said-by", "ann", "--by", "ops", "--note", "it is a bird")
    assert done == {"in_use": packaged().version}
    last = answer(folder, "list")["steps"][0]
    assert (last["step"], last["by"], last["note"], last["changed"]) == ("undone", "ops", "it is a bird", 4)
    assert [row["counts"] for row in answer(folder, "corrections")] == [False] * 4
    assert model(folder, "undo", "--said-by", "ann", "--by", "ops", "--note", "again").exit_code == 1


def test_single_corrections_are_undone_and_count_again(folder: Path) -> None:
    model(folder, "undo", "2", "3", "--by", "ops", "--note", "slips")
    assert [row["id"] for row in answer(folder, "corrections") if not row["counts"]] == [3, 2]
    model(folder, "redo", "3", "--by", "ops", "--note", "no slip")
    assert [row["id"] for row in answer(folder, "corrections") if not row["counts"]] == [2]


def test_what_a_version_learnt_first_is_undone_by_its_name(folder: Path) -> None:
    model(folder, "learn")
    version = answer(folder, "list")["in_use"]
    assert [row["id"] for row in answer(folder, "corrections", "--version", version)] == [4, 3, 2, 1]
    assert model(folder, "undo", "--version", version, "--by", "ops", "--note", "no").exit_code == 0


def test_which_corrections_must_be_said_in_one_way(folder: Path) -> None:
    """Usage is wrong with none, and with two."""
    said = ("--by", "ops", "--note", "x")
    assert model(folder, "undo", *said).exit_code == 2
    assert model(folder, "undo", "1", "--said-by", "ann", *said).exit_code == 2
