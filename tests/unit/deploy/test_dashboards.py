"""The Grafana dashboard: four questions, only measures that exist, every panel with a unit and a place of its own."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.unit.deploy.files import ROOT, read_yaml
from tests.unit.deploy.metric_names import series, unknown

GRAFANA = ROOT / "deploy" / "grafana"
DASHBOARD = json.loads((GRAFANA / "dashboards" / "fixline.json").read_text())
PANELS: list[dict[str, Any]] = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [
    *(target["expr"] for panel in PANELS for target in panel["targets"]),
    *(note["expr"] for note in DASHBOARD["annotations"]["list"] if "expr" in note),
]


def test_the_rows_are_the_four_questions() -> None:
    """Promise, Flow, Channels, Budget."""
    rows = [panel["title"].partition(":")[0] for panel in DASHBOARD["panels"] if panel["type"] == "row"]
    assert rows == ["Promise", "Flow", "Channels", "Budget"]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_query_asks_for_what_we_measure(expression: str) -> None:
    """Every series and label is one that our code or a recording rule writes."""
    assert unknown(expression) == []


def test_everything_we_measure_can_be_seen() -> None:
    """Each metric is on the dashboard in some form."""
    shown = " ".join(EXPRESSIONS)
    ours = {re.sub(r"_(bucket|count|sum)$", "", name) for name in series() if name.startswith("fixline_")}
    recorded = {"fixline_dead_letters_total"}  # by fixline:dead_letters:increase15m
    assert {name for name in ours if name not in shown} == recorded


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool: the dashboard's queries are not parsed")
def test_every_query_is_valid(tmp_path: Path) -> None:
    """promtool parses each, with Grafana's own variables filled in."""
    queries = [expression.replace("$__rate_interval", "1m") for expression in EXPRESSIONS]
    rules = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(queries)]
    (tmp_path / "queries.yml").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    run = subprocess.run(
        ["promtool", "check", "rules", tmp_path / "queries.yml"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_panel_is_complete() -> None:
    """A title, a unit, the data source by its variable, an id of its own."""
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    for panel in PANELS:
        assert panel["title"]
        unit = panel["fieldConfig"]["defaults"].get("unit") or panel["options"].get("yAxis", {}).get("unit")
        assert unit, panel["title"]
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources)


def test_panels_do_not_lie_on_each_other() -> None:
    """Each cell of the 24-column grid has one panel, and every line is full."""
    cells: dict[tuple[int, int], int] = {}
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        for y in range(place["y"], place["y"] + place["h"]):
            for x in range(place["x"], place["x"] + place["w"]):
                assert (x, y) not in cells, panel["title"]
                cells[x, y] = panel["id"]
    assert len(cells) == 24 * (1 + max(y for _, y in cells))


def test_the_data_source_that_the_dashboard_starts_with_is_provisioned() -> None:
    """Its uid is the variable's first value, and compose mounts the dashboards where the provider looks."""
    (source,) = read_yaml(GRAFANA / "provisioning/datasources/prometheus.yml")["datasources"]
    (variable,) = DASHBOARD["templating"]["list"]
    assert source["uid"] == variable["current"]["value"]
    (provider,) = read_yaml(GRAFANA / "provisioning/dashboards/fixline.yml")["providers"]
    grafana = read_yaml(ROOT / "docker-compose.yml")["services"]["grafana"]
    assert f"./deploy/grafana/dashboards:{provider['options']['path']}:ro" in grafana["volumes"]
