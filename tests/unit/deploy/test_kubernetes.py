"""The manifests: they parse, name each other rightly, run without rights, and let nobody reach what they need not."""

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from schemas.topics import TOPICS
from services.runtime.settings import check_names
from tests.unit.deploy.files import ROOT, read_yaml

FOLDER = ROOT / "deploy" / "kubernetes"
KUSTOMIZATION = read_yaml(FOLDER / "kustomization.yaml")
OBJECTS: list[dict[str, Any]] = [
    found for name in KUSTOMIZATION["resources"] for found in yaml.safe_load_all((FOLDER / name).read_text())
]
WORKLOADS = [found for found in OBJECTS if found["kind"] in {"Deployment", "StatefulSet", "Job"}]
POLICIES = [found for found in OBJECTS if found["kind"] == "NetworkPolicy"]
EVERYWHERE = yaml.safe_load(KUSTOMIZATION["patches"][0]["patch"])["spec"]["template"]["spec"]


def called(found: dict[str, Any]) -> str:
    return f"{found['kind']}/{found['metadata']['name']}"


def container(found: dict[str, Any]) -> dict[str, Any]:
    (only,) = found["spec"]["template"]["spec"]["containers"]
    assert isinstance(only, dict)
    return only


def test_every_file_is_listed_and_no_object_twice() -> None:
    """The kustomization names each file of the folder."""
    assert {file.name for file in FOLDER.glob("*.yaml")} == {*KUSTOMIZATION["resources"], "kustomization.yaml"}
    assert len({called(found) for found in OBJECTS}) == len(OBJECTS)


def test_the_processes_are_those_of_compose() -> None:
    """The same commands as docker-compose.yml runs."""
    ours = [s for s in read_yaml(ROOT / "docker-compose.yml")["services"].values() if s["image"].startswith("fixline:")]
    assert sorted(container(found)["args"] for found in WORKLOADS if container(found)["image"] == "fixline") == sorted(
        service["command"] for service in ours
    )


@pytest.mark.parametrize("found", WORKLOADS, ids=called)
def test_nothing_runs_with_rights(found: dict[str, Any]) -> None:
    """Not root, read-only, no capability, limits; the pods' part comes from the kustomization's patch."""
    one = container(found)
    assert one["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert one["resources"].keys() == {"requests", "limits"}
    assert EVERYWHERE["securityContext"]["runAsNonRoot"] is True
    assert EVERYWHERE["automountServiceAccountToken"] is False
    assert KUSTOMIZATION["patches"][0]["target"] == {"kind": "Deployment|StatefulSet|Job"}


def test_kubernetes_adds_no_settings_of_its_own() -> None:
    """A service's name in a pod's environment would look like an unknown setting and stop the start."""
    assert EVERYWHERE["enableServiceLinks"] is False


@pytest.mark.parametrize("found", WORKLOADS, ids=called)
def test_settings_are_known_and_secrets_are_files(found: dict[str, Any]) -> None:
    """No unknown FIXLINE_ name; a process mounts its own service's database address and the keys."""
    one = container(found)
    shared = next(o for o in OBJECTS if o["kind"] == "ConfigMap")["data"]
    environment = {entry["name"]: "" for entry in one.get("env", [])} | (shared if "envFrom" in one else {})
    check_names(environment)
    volumes = {volume["name"]: volume for volume in found["spec"]["template"]["spec"].get("volumes", [])}
    assert {mount["name"] for mount in one["volumeMounts"]} == volumes.keys()
    if one["image"] != "fixline" or one["args"][0] == "topics":
        return
    sources = [source["secret"]["name"] for source in volumes["secrets"]["projected"]["sources"]]
    assert sources[0] == f"fixline-{one['args'][-1]}-database"
    assert sources[1:] == ([] if one["args"][0] == "db" else ["fixline-keys"])


@pytest.mark.parametrize("found", [f for f in WORKLOADS if f["kind"] != "Job"], ids=called)
def test_everything_that_stays_is_probed_and_selected_by_its_own_labels(found: dict[str, Any]) -> None:
    """Alive and ready at a port that it has; the selector is the template's labels and nobody else's."""
    one = container(found)
    ports = {port["name"] for port in one["ports"]}
    assert {one[probe]["httpGet"]["port"] for probe in ("livenessProbe", "readinessProbe")} <= ports
    assert one["livenessProbe"]["httpGet"]["path"] == "/healthz"
    labels = found["spec"]["template"]["metadata"]["labels"]
    assert found["spec"]["selector"]["matchLabels"] == labels
    assert [called(o) for o in WORKLOADS if o["spec"]["template"]["metadata"]["labels"] == labels] == [called(found)]


def test_workers_are_named_by_their_pods() -> None:
    """Static membership: a StatefulSet's pod keeps its name; no more of them than a topic has partitions."""
    workers = [found for found in WORKLOADS if container(found).get("args", [""])[0] == "work"]
    assert {found["kind"] for found in workers} == {"StatefulSet"}
    for found in workers:
        named = {entry["name"]: entry.get("valueFrom") for entry in container(found)["env"]}
        assert named["FIXLINE_INSTANCE"] == {"fieldRef": {"fieldPath": "metadata.name"}}
        assert found["spec"]["replicas"] <= min(topic.partitions for topic in TOPICS)


def test_services_and_budgets_point_at_pods_that_exist() -> None:
    """Every selector matches a workload, every named port is one of its ports."""
    pods = [(found["spec"]["template"]["metadata"]["labels"], container(found)) for found in WORKLOADS]
    for found in OBJECTS:
        if found["kind"] not in {"Service", "PodDisruptionBudget"}:
            continue
        selector = found["spec"]["selector"].get("matchLabels", found["spec"]["selector"])
        matched = [one for labels, one in pods if labels == selector]
        assert len(matched) == 1, called(found)
        named = {port["targetPort"] for port in found["spec"].get("ports", [])}
        assert named <= {port["name"] for port in matched[0]["ports"]}


def test_traffic_is_denied_unless_it_is_written() -> None:
    """One policy denies all, both ways, for every pod; only the proxy takes what comes from outside."""
    deny = next(policy for policy in POLICIES if policy["metadata"]["name"] == "deny-all")
    assert deny["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    open_doors = {
        policy["metadata"]["name"]
        for policy in POLICIES
        for rule in policy["spec"].get("ingress", [])
        if "from" not in rule
    }
    assert open_doors == {"proxy"}


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="no kubectl: the kustomization is read but not built")
def test_the_kustomization_builds() -> None:
    """kubectl puts it together: namespace, image tags and the patch arrive in every workload."""
    run = subprocess.run(["kubectl", "kustomize", FOLDER], capture_output=True, text=True, check=True)
    built = [found for found in yaml.safe_load_all(run.stdout) if found["kind"] in {"Deployment", "StatefulSet", "Job"}]
    assert len(built) == len(WORKLOADS)
    for found in built:
        pod = found["spec"]["template"]["spec"]
        assert found["metadata"]["namespace"] == "fixline"
        assert {key: pod[key] for key in EVERYWHERE} == EVERYWHERE
        assert re.fullmatch(r"fixline(-proxy)?:\d+\.\d+\.\d+", container(found)["image"])
