"""Who may import whom, and what importing may do (docs/architecture.md, Layout)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.servers import ROOT


def probe(name: str, **environment: str) -> Any:
    """What a program of probes.py found, in an interpreter of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.architecture.probes", name],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_every_import_contract_is_kept() -> None:
    """`[tool.importlinter]` of pyproject.toml: no service knows another, the rules are pure, contracts do no I/O."""
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [linter, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_embedded_stack_loads_no_broker_and_no_server_library() -> None:
    """Three services built, migrated and started on SQLite: no Faust, no Kafka client, no psycopg. Nor what draws a PDF: a
    restart does not wait for it."""
    assert probe("embedded") == []


def test_the_command_line_loads_them_only_when_asked() -> None:
    """`fixline --help` and the embedded commands start without them."""
    assert probe("command_line") == []


def test_help_and_a_dry_run_load_no_service() -> None:
    """They answer at once: no database, no web, no template library."""
    assert probe("quick") == []


def test_the_first_answer_of_a_dry_run_waits_for_nothing() -> None:
    """Holidays, telephone numbers and the classifier are loaded with the contract data."""
    assert probe("first_answer") == []


def test_importing_builds_nothing() -> None:
    """Every module, imported where all settings are wrong: no app, engine or template is made, no thread started, no
    file or socket opened, no setting read."""
    found = probe("imports", FIXLINE_PORT="not a port", FIXLINE_KEYS="short")
    assert found == {"done": [], "threads": 0, "built": []}
