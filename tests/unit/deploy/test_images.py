"""The images: pinned, small, without root, with a health check that needs no further tool."""

import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.unit.deploy.files import ROOT, load

IMAGES = ROOT / "deploy" / "images"
DOCKERFILES = sorted(IMAGES.glob("*.Dockerfile"))


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda file: file.name)
def test_an_image_is_pinned_checks_itself_and_ends_without_root(file: Path) -> None:
    """Every base has a version; the last user is a number that is not root; nothing is fetched by ADD."""
    text = file.read_text()
    bases = re.findall(r"^FROM (\S+)", text, re.M)
    assert all(re.search(r":\d+\.\d+", base) for base in bases), bases
    assert re.findall(r"^USER (\S+)$", text, re.M)[-1] == "10001:10001"
    assert re.search(r"^HEALTHCHECK .*\\\n +CMD \[", text, re.M)
    assert "org.opencontainers.image.title" in text
    assert not re.search(r"^ADD |curl", text, re.M)


@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda file: file.name)
def test_only_named_files_enter_a_build_and_all_that_is_copied_is_there(file: Path) -> None:
    """The ignore file shuts everything out and lets in what COPY takes from the repository."""
    allowed = (file.parent / f"{file.name}.dockerignore").read_text().splitlines()
    assert allowed.index("*") < min(i for i, line in enumerate(allowed) if line.startswith("!"))
    copied = [
        source for line in re.findall(r"^COPY (?!--from)(.+)$", file.read_text(), re.M) for source in line.split()[:-1]
    ]
    assert sorted(f"!{source.removeprefix('./')}" for source in copied) == sorted(
        line for line in allowed if line.startswith("!")
    )
    assert [source for source in copied if not (ROOT / source).exists()] == []


def test_the_image_is_installed_by_hash() -> None:
    """Exactly the lock, each file checked, then the wheel without looking anything up."""
    text = (IMAGES / "fixline.Dockerfile").read_text()
    assert "--require-hashes --no-deps --only-binary=:all: -r requirements.lock" in text
    assert "--no-deps --no-index /wheel/*.whl" in text


def test_what_runs_needs_no_tool_of_development() -> None:
    """The build removes what fixline does not require at run time."""
    needed = load(IMAGES / "prune.py").needed("fixline")
    assert {"fixline", "faust-streaming", "crc32c", "psycopg-binary", "uvicorn"} <= needed
    assert not needed & {"pytest", "mypy", "ruff", "playwright", "hypothesis", "pip"}


class Answer(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/readyz" else 404)
        self.end_headers()
        self.wfile.write(b"because")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's own name)
        """Silent."""


@pytest.mark.parametrize(
    ("status", "setting"), [(200, "FIXLINE_PORT"), (503, "FIXLINE_PORT"), (200, "FIXLINE_METRICS_PORT")]
)
def test_healthy_asks_the_processes_own_port(status: int, setting: str) -> None:
    """0 when /readyz is 200, 1 and the reason when it is not; a worker is asked at its metrics port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Is", (Answer,), {"status": status}))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        run = healthy({"FIXLINE_PORT": "1", setting: str(server.server_address[1])})
    finally:
        server.shutdown()
        server.server_close()
    assert (run.returncode, "because" in run.stderr) == ((0, False) if status == 200 else (1, True))


def test_healthy_says_so_when_nobody_answers() -> None:
    """A refused connection is a reason, not a traceback."""
    run = healthy({"FIXLINE_PORT": "1"})
    assert (run.returncode, run.stderr) == (1, "port 1: ConnectionRefusedError\n")


def healthy(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("FIXLINE_")}
    return subprocess.run(
        [sys.executable, IMAGES / "healthy.py"], env=clean | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(
    shutil.which("shellcheck") is None, reason="no shellcheck: the shell scripts of deploy/ are not checked"
)
@pytest.mark.parametrize("script", ["deploy/make-secrets.sh", "deploy/images/postgres/10-databases.sh"])
def test_shell_scripts_are_clean(script: str) -> None:
    """shellcheck finds nothing, and the file can be run."""
    assert os.access(ROOT / script, os.X_OK)
    run = subprocess.run(["shellcheck", ROOT / script], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "")
