"""`fixline demo` from its first line to its last, and that it decides as `fixline decide` does."""

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.decision import show_instant
from services.commands.day import PARCELS, VISITS, comparable
from services.routing import sample
from services.routing.dry_run import as_json, load_book, run
from services.routing.rules.policy import standard_policy
from tests.servers import ROOT

pytestmark = pytest.mark.slow

LINE = re.compile(r"^\d\d:\d\d:\d\d  (web|phone|appel) +(\d{4}-\d{4}-\d{4})  (\S.*?)  +(\S+)  +(\S.*?)  +(\S.*)$")


def demo(folder: Path, *options: str, installed: Path | None = None) -> subprocess.CompletedProcess[str]:
    """As a script runs it: no terminal, nothing on standard input, no settings of whoever runs the tests.

    `installed`: run what was unpacked there instead of the checkout, from a folder that has nothing to do with it.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FIXLINE_")}
    if installed is not None:
        environment["PYTHONPATH"] = str(installed)
    return subprocess.run(
        [sys.executable, "-m", "services.cli", "demo", "--data-dir", str(folder), "--port", "0", *options],
        env=environment,
        cwd=installed,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def decided_dry() -> dict[str, dict[str, Any]]:
    """The day's decisions by `external_id`, by files alone."""
    lines = b"".join(
        json.dumps(
            {
                "ref": sent.request["external_id"],
                "received_at": show_instant(sample.OPENS + timedelta(seconds=sent.at)),
                "channel": sent.channel,
                **sent.request,
            }
        ).encode()
        + b"\n"
        for sent in sample.day()
    )
    out = io.BytesIO()
    run(io.BytesIO(lines), out, load_book(sample.data_dir()), standard_policy(), show=as_json)
    return {one["ref"]: comparable(one) for one in map(json.loads, out.getvalue().splitlines())}


def test_it_ends_by_itself_and_tells_every_decision(tmp_path: Path) -> None:
    """Sixty lines with a number, a place, a moment and a reason; staff's work; a sum that is right; addresses to look at."""
    done = demo(tmp_path / "demo")
    assert (done.returncode, done.stderr) == (0, "")
    first, *rest = done.stdout.splitlines()
    assert "40 customers, 160 covered items" in first
    decisions = [found for line in rest if (found := LINE.match(line))]
    assert len({found[2] for found in decisions}) == 60
    assert Counter(found[1] for found in decisions) == {"web": 36, "phone": 24}
    assert rest[0].endswith("8286 210F3AT covered to 2027-03-31 by M-77, next business day")
    assert sum(line.startswith("    ") for line in rest) == len(VISITS) + len(PARCELS)
    result, _, look = rest[-3:]
    assert re.fullmatch(
        r"60 requests in [\d.]+ s: 24 onsite · 14 mail-in · 6 parts · 8 billable · 8 to people"
        r" — 60 decided, 0 lost, 0 twice \(reconcile ✓\)",
        result,
    )
    assert re.search(r"http://127\.0\.0\.1:\d+/en/requests/\d{12}\?k=\d{8}  /tech  /desk/triage", look)
    assert (tmp_path / "demo" / "README").stat().st_mode & 0o777 == 0o600


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """The wheel as it is shipped, unpacked as an installer would."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=300)
    (built,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(tmp_path / "installed")
    return tmp_path / "installed"


def test_the_wheel_decides_outside_the_checkout_as_the_dry_run_does(tmp_path: Path, wheel: Path) -> None:
    """Templates, migrations and sample are in the wheel; over HTTP, events and databases nothing is decided differently."""
    done = demo(tmp_path / "demo", "--json", installed=wheel)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["decisions"] == decided_dry()
    assert (told["lost"], told["twice"], told["differences"]) == (0, 0, [])


def test_a_folder_that_is_no_demos_is_left_alone(tmp_path: Path) -> None:
    """Somebody's data folder may be named by mistake."""
    (tmp_path / "routing.db").write_text("mine")
    done = demo(tmp_path)
    assert done.returncode == 2
    assert "is no demo's folder and is left alone" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["routing.db"]
