"""Alert rules: they are valid, use only what we measure, fire when they should and not when they should not."""

import re
import shutil
import subprocess
from typing import Any

import pytest

from services.runtime import metrics
from tests.unit.deploy.files import ROOT, read_yaml
from tests.unit.deploy.metric_names import RULES, rules, unknown

FOLDER = ROOT / "deploy" / "prometheus"
TESTS = sorted((FOLDER / "tests").glob("*.yml"))
ALERTS: list[dict[str, Any]] = [rule for rule in rules() if "alert" in rule]

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool: alert rules are not run")


def promtool(*arguments: object) -> str:
    run = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@needs_promtool
def test_rules_and_configuration_are_valid() -> None:
    """promtool reads them all, and finds nothing."""
    promtool("check", "rules", "--lint=all", "--lint-fatal", *RULES)
    promtool("check", "config", "--syntax-only", FOLDER / "prometheus.yml")


@needs_promtool
@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_alerts_fire_when_they_should_and_only_then(file: Any) -> None:
    """The cases are in deploy/prometheus/tests/."""
    assert "SUCCESS" in promtool("test", "rules", file)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))
def test_every_alert_is_tested_both_ways(alert: dict[str, Any]) -> None:
    """At least one case in which it fires, and one in which it does not."""
    cases = [case for file in TESTS for test in read_yaml(file)["tests"] for case in test.get("alert_rule_test", [])]
    fired = [bool(case.get("exp_alerts")) for case in cases if case["alertname"] == alert["alert"]]
    assert True in fired
    if not alert["alert"].endswith("Steadily"):  # three days of evaluations for each: the promises share one "not"
        assert False in fired


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))
def test_every_alert_says_how_bad_it_is_and_what_to_do(alert: dict[str, Any]) -> None:
    """Severity page or ticket; a one-line summary; a runbook that is there."""
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert alert["annotations"].keys() == {"summary", "runbook"}
    assert re.fullmatch(r"docs/runbooks/[a-z-]+\.md", alert["annotations"]["runbook"])
    assert (ROOT / alert["annotations"]["runbook"]).is_file()


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule.get("alert", rule.get("record"))))
def test_rules_use_only_what_we_measure(rule: dict[str, Any]) -> None:
    """Every series and label is one of services/runtime/metrics.py, or of a recording rule."""
    assert unknown(rule["expr"]) == []


def test_a_misspelt_name_or_label_is_found() -> None:
    """The check above can fail."""
    assert unknown("fixline_queue_dept > 1") == ["fixline_queue_dept"]
    assert unknown('fixline_queue_depth{service="x"}') == ["fixline_queue_depth{service}"]
    assert unknown("sum by (service) (fixline_queue_depth)") == ["by (service)"]
    assert (
        unknown('max by (queue) (fixline_queue_depth{queue=~"fixline.*"}) > 1 and on (job) up{job="fixline-work"} == 0')
        == []
    )


def test_the_promise_of_five_seconds_is_a_bucket() -> None:
    """As the client writes its bounds, which is also how Prometheus 3 rewrites them."""
    bounds = {
        sample.labels["le"]
        for family in metrics.DECISION_AGE.collect()
        for sample in family.samples
        if "le" in sample.labels
    }
    asked = {bound for rule in rules() for bound in re.findall(r'le="([^"]+)"', rule["expr"])}
    assert asked == {"5.0"}
    assert asked <= bounds


@pytest.mark.parametrize(
    ("method", "route", "counts"),
    [
        ("POST", "/api/requests", True),
        ("POST", "/api/requests/bulk", True),
        ("POST", "/en/requests/new", True),
        ("POST", "/fr/demandes/nouvelle/{draft}", True),
        ("POST", "/phone", True),
        ("POST", "/phone/voice", True),
        ("GET", "/api/requests", False),
        ("POST", "/api/requests/{number}/cancel", False),
        ("POST", "/api/work-orders/{id}/claim", False),
        ("POST", "/api/requests/{number}", False),
        ("POST", "/phonebook", False),
    ],
)
def test_what_counts_as_a_submission(method: str, route: str, counts: bool) -> None:
    """The doors of all four channels, and nothing that comes after a request has its number."""
    (expression,) = {
        rule["expr"]
        for rule in rules()
        if rule.get("labels") == {"slo": "submissions"} and "rate1h" in rule.get("record", "")
    }
    methods, routes = re.search(r'method="(\w+)", route=~"([^"]+)"', expression).groups()  # type: ignore[union-attr]  # fails the test if it is not there
    assert (method == methods and re.fullmatch(routes, route) is not None) is counts
