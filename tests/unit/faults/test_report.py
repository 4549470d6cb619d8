"""The figures of docs/reliability.md come from the runs' folders."""

from pathlib import Path

import orjson
import pytest

from tests.faults.report import gathered


def test_a_campaign_is_taken_as_it_was_summed_up(tmp_path: Path) -> None:
    """All but where it was."""
    told = {"ok": True, "kills": 500, "acknowledged": 200_000, "lost": 0, "folder": "/somewhere"}
    (tmp_path / "campaign.json").write_bytes(orjson.dumps(told))
    assert gathered([tmp_path]) == {
        "campaigns": [{"ok": True, "kills": 500, "acknowledged": 200_000, "lost": 0}],
        "overloads": [],
    }


def test_an_overload_is_its_figures_and_its_verdict(tmp_path: Path) -> None:
    """What was offered and what was turned away, beside what the checker counted."""
    run = {"mode": "embedded", "seed": 7, "figures": {"overload": {"times": 12.5, "shed": 900}}}
    counts = {"acknowledged": 100, "lost": 0, "dispatched_twice": 0, "calls": 1000}
    (tmp_path / "run.json").write_bytes(orjson.dumps(run))
    (tmp_path / "verdict.json").write_bytes(orjson.dumps({"violations": [], "broken": {}, "counts": counts}))
    (overload,) = gathered([tmp_path])["overloads"]
    assert overload == {
        "mode": "embedded",
        "seed": 7,
        "times": 12.5,
        "shed": 900,
        "acknowledged": 100,
        "lost": 0,
        "dispatched_twice": 0,
        "violations": {},
    }


def test_the_overload_of_a_campaign_is_told_with_it(tmp_path: Path) -> None:
    """A long campaign ends with one."""
    (tmp_path / "campaign.json").write_bytes(orjson.dumps({"ok": True}))
    part = tmp_path / "overload"
    part.mkdir()
    run = {"mode": "embedded", "seed": 7, "figures": {"overload": {"times": 12.5}}}
    counts = {"acknowledged": 100, "lost": 0, "dispatched_twice": 0}
    (part / "run.json").write_bytes(orjson.dumps(run))
    (part / "verdict.json").write_bytes(orjson.dumps({"violations": [], "broken": {}, "counts": counts}))
    assert [one["times"] for one in gathered([tmp_path])["overloads"]] == [12.5]


def test_another_folder_is_refused(tmp_path: Path) -> None:
    """A figure from nowhere is none."""
    with pytest.raises(ValueError, match="neither"):
        gathered([tmp_path])
