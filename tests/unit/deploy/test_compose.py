"""docker-compose.yml: everything pinned, healthy, limited, without rights, without a secret in it."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from schemas.topics import TOPICS
from services.runtime.secrets import from_settings
from services.runtime.settings import Settings, check_names, load_settings
from tests.unit.deploy.files import ROOT, read_yaml

COMPOSE = read_yaml(ROOT / "docker-compose.yml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
JOBS = {name for name, service in SERVICES.items() if service.get("restart") == "no"}
OURS = {name for name, service in SERVICES.items() if service["image"].startswith("fixline:")}
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def secret_names(service: dict[str, Any]) -> dict[str, str]:
    """File name under /run/secrets → secret."""
    found = {}
    for entry in service.get("secrets", []):
        source = entry if isinstance(entry, str) else entry["source"]
        found[source if isinstance(entry, str) else entry["target"]] = source
    return found


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned_by_a_whole_version(name: str) -> None:
    """A tag with at least two numbers; ours is the version of pyproject.toml."""
    image, _, tag = SERVICES[name]["image"].rpartition(":")
    assert re.fullmatch(r"v?\d+(\.\d+)+", tag), SERVICES[name]["image"]
    if image.startswith("fixline"):
        assert tag == VERSION


@pytest.mark.parametrize("name", SERVICES)
def test_nobody_has_rights(name: str) -> None:
    """A user that is not root, no capability, none to be had; read-only but where it cannot be."""
    service = SERVICES[name]
    assert re.fullmatch(r"[1-9]\d*:\d+", service["user"])
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is (name != "kafka")
    assert "privileged" not in service
    assert "cap_add" not in service


@pytest.mark.parametrize("name", SERVICES)
def test_everything_has_limits_and_short_logs(name: str) -> None:
    """CPU, memory, processes; log files that end."""
    assert SERVICES[name]["deploy"]["resources"]["limits"].keys() == {"cpus", "memory", "pids"}
    assert SERVICES[name]["logging"]["options"].keys() == {"max-size", "max-file"}


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - JOBS))
def test_everything_that_stays_says_whether_it_is_healthy(name: str) -> None:
    """And is started again when it ends."""
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_everything_waits_for_what_it_needs() -> None:
    """Jobs are waited for to their end, the others until they are healthy; a worker waits for topics and database."""
    for service in SERVICES.values():
        for other, how in service.get("depends_on", {}).items():
            expected = "service_completed_successfully" if other in JOBS else "service_healthy"
            assert how == {"condition": expected}
    for name in OURS - JOBS:
        role, _, owner = name.rpartition("-")
        needs = {f"db-{owner}"} | ({"topics"} if role else set())
        assert SERVICES[name]["depends_on"].keys() == needs, name


def test_every_process_of_the_design_is_there() -> None:
    """Three HTTP sides, two workers, three relays, topics and three migrations; each with its own command."""
    commands = {name: SERVICES[name]["command"] for name in OURS}
    assert commands == {
        "topics": ["topics", "apply"],
        **{f"db-{name}": ["db", "upgrade", "--service", name] for name in ("intake", "routing", "notifier")},
        **{name: ["serve", name] for name in ("intake", "routing", "notifier")},
        **{f"relay-{name}": ["relay", name] for name in ("intake", "routing", "notifier")},
        **{f"work-{name}": ["work", name] for name in sorted({who for topic in TOPICS for who in topic.consumers})},
    }


def test_only_this_machine_can_reach_what_is_published() -> None:
    """Every published port is bound to 127.0.0.1, and the stores publish none."""
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published.keys() == {"proxy", "mailpit", "prometheus", "grafana"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_the_stores_are_reached_by_our_processes_alone() -> None:
    """Kafka and PostgreSQL lie on a network without a way out, on which only our image's containers are."""
    assert COMPOSE["networks"]["data"] == {"internal": True}
    on_data = {name for name, service in SERVICES.items() if "data" in service["networks"]}
    assert on_data == OURS | {"kafka", "postgres"}
    assert SERVICES["kafka"]["networks"] == SERVICES["postgres"]["networks"] == ["data"]


def test_a_process_gets_only_its_own_services_database() -> None:
    """The address of intake's database is mounted in intake's containers, and so on; PostgreSQL gets the passwords."""
    for name in OURS - {"topics"}:
        owner = name.rpartition("-")[2]
        mounted = secret_names(SERVICES[name])
        assert mounted["fixline_database_url"] == f"{owner}_database_url"
        assert not [source for source in mounted.values() if source.endswith("_password")]
    assert "secrets" not in SERVICES["topics"]
    assert set(secret_names(SERVICES["postgres"])) == {
        "postgres_password",
        *(f"{owner}_database_password" for owner in ("intake", "routing", "notifier")),
    }


def test_no_two_workers_have_one_name() -> None:
    """Static members with one name throw each other out; only workers have one."""
    named = {name: SERVICES[name]["environment"].get("FIXLINE_INSTANCE") for name in OURS}
    names = [value for value in named.values() if value]
    assert {name for name, value in named.items() if value} == {"work-routing", "work-notifier"}
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", sorted(OURS - {"topics"}))
def test_every_process_starts_with_these_settings(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No unknown name, no wrong value, and all keys there, read from files made by make-secrets.sh."""
    subprocess.run([ROOT / "deploy/make-secrets.sh", tmp_path / "made"], check=True, capture_output=True)
    mounted = tmp_path / "run"
    mounted.mkdir()
    for target, source in secret_names(SERVICES[name]).items():
        (mounted / target).write_text((tmp_path / "made" / source).read_text())
    environment = {key: defaults(value) for key, value in SERVICES[name]["environment"].items()}
    check_names(environment)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setenv("FIXLINE_SECRETS_DIR", str(mounted))
    settings = load_settings()
    owner = name.rpartition("-")[2]
    assert settings.database_url is not None
    assert f"{owner}:" in settings.database_url.get_secret_value()
    assert settings.database_url.get_secret_value().endswith(f"@postgres:5432/{owner}")
    if name not in JOBS:
        assert len(from_settings(settings).keys) == 1
    if settings.metrics_port is not None:
        assert settings.metrics_port == 9100


def defaults(text: str) -> str:
    """``${NAME:-text}`` as compose fills it when nobody sets NAME."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def test_no_secret_is_written_in_the_file() -> None:
    """Every secret is a file that git ignores; no setting that is one has its value in plain text."""
    assert all(secret == {"file": f"deploy/secrets/{name}"} for name, secret in COMPOSE["secrets"].items())
    assert "deploy/secrets/*" in (ROOT / ".gitignore").read_text().splitlines()
    secret_fields = {
        f"FIXLINE_{name.upper()}" for name, field in Settings.model_fields.items() if "SecretStr" in str(field)
    }
    assert "FIXLINE_KEYS" in secret_fields
    for service in SERVICES.values():
        found = secret_fields & set(service.get("environment", {}))
        assert found <= {"FIXLINE_SMTP_URL"}
        assert "@" not in service.get("environment", {}).get("FIXLINE_SMTP_URL", "")
    text = (ROOT / "docker-compose.yml").read_text()
    assert not re.findall(
        r"(?i)password\w*:\s*[^\s{/]", text.replace("PASSWORD_FILE: /run", "").replace("__FILE: /run", "")
    )


def test_every_secret_is_made_by_the_script(tmp_path: Path) -> None:
    """make-secrets.sh makes all that compose names and no more, keeps what is there, and closes the folder."""
    script = ROOT / "deploy/make-secrets.sh"
    subprocess.run([script, tmp_path / "s"], check=True, capture_output=True)
    made = {file.name: file.read_text() for file in (tmp_path / "s").iterdir()}
    assert made.keys() == COMPOSE["secrets"].keys()
    assert len(set(made.values())) == len(made)
    assert min(map(len, made.values())) >= 64
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o700
    (tmp_path / "s" / "routing_database_password").unlink()
    subprocess.run([script, tmp_path / "s"], check=True, capture_output=True)
    again = {file.name: file.read_text() for file in (tmp_path / "s").iterdir()}
    assert {name for name in made if again[name] != made[name]} == {"routing_database_password", "routing_database_url"}
    assert again["routing_database_password"] in again["routing_database_url"]


def test_every_volume_and_file_that_is_mounted_exists() -> None:
    """Named volumes are declared, paths are in the repository."""
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith("./") else source in COMPOSE["volumes"], volume
        if "build" in service:
            assert (ROOT / service["build"]["dockerfile"]).exists()


def test_prometheus_reads_every_process() -> None:
    """Its targets are the containers of this file at the ports that they have."""
    jobs = read_yaml(ROOT / "deploy/prometheus/prometheus.yml")["scrape_configs"]
    targets = {
        (job["job_name"], target): group.get("labels", {}).get("component")
        for job in jobs
        for group in job["static_configs"]
        for target in group["targets"]
    }
    expected: dict[tuple[str, str], str | None] = {
        ("proxy", "proxy:8081"): None,
        ("prometheus", "localhost:9090"): None,
    }
    for name in OURS - JOBS:
        role, _, owner = name.rpartition("-")
        port = SERVICES[name]["environment"].get("FIXLINE_METRICS_PORT", "8080")
        expected[(f"fixline-{role or 'serve'}", f"{name}:{port}")] = owner
    assert targets == expected
