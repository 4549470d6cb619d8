"""What Prometheus can know of us: every series and its labels, read from services/runtime/metrics.py and the rules."""

import re
from functools import cache
from typing import Any

from prometheus_client.metrics import MetricWrapperBase

from services.runtime import metrics
from tests.unit.deploy.files import ROOT, read_yaml

RULES = sorted((ROOT / "deploy/prometheus/rules").glob("*.yml"))

#: Labels that Prometheus itself adds to what it reads, and those of a histogram's bucket.
TARGET_LABELS = frozenset({"job", "instance", "component"})


@cache
def rules() -> list[dict[str, Any]]:
    """All recording and alerting rules."""
    return [rule for file in RULES for group in read_yaml(file)["groups"] for rule in group["rules"]]


@cache
def series() -> dict[str, frozenset[str]]:
    """Each series' name with the labels it has."""
    found = {"up": TARGET_LABELS, "ALERTS": frozenset({"alertname", "alertstate", "severity"})}
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            (family,) = metric.describe()
            labels = frozenset(metric._labelnames) | TARGET_LABELS  # the library shows them nowhere else
            found |= _series_of(family.name, family.type, labels)
    for rule in rules():
        if "record" in rule:
            grouped = re.findall(r"by \(([^)]*)\)", rule["expr"])
            by = {name.strip() for group in grouped for name in group.split(",")}
            found[rule["record"]] = frozenset(by | set(rule.get("labels", {})))
    return found


def _series_of(name: str, kind: str, labels: frozenset[str]) -> dict[str, frozenset[str]]:
    match kind:
        case "counter":
            return {f"{name}_total": labels}
        case "histogram":
            return {f"{name}_bucket": labels | {"le"}, f"{name}_count": labels, f"{name}_sum": labels}
        case "info":
            return {f"{name}_info": labels | {"version"}}
        case _:
            return {name: labels}


def unknown(expression: str) -> list[str]:
    """The series of an expression that nobody writes, and the labels that its series do not have."""
    known = series()
    wrong = []
    asked: set[str] = set()
    for name, selector in re.findall(
        r"\b(fixline[a-z0-9_:]*|up|ALERTS)\b(?:{([^}]*)})?", re.sub(r'"fixline[^"]*"', '""', expression)
    ):
        if name not in known:
            wrong.append(name)
            continue
        asked |= known[name]
        wrong += [
            f"{name}{{{label}}}"
            for label in re.findall(r'(\w+)\s*(?:=~|!~|!=|=)\s*"', selector)
            if label not in known[name]
        ]
    for group in re.findall(r"\b(?:by|on|without)\s*\(([^)]*)\)", expression):
        wrong += [f"by ({label})" for label in map(str.strip, group.split(",")) if label and label not in asked]
    return wrong
