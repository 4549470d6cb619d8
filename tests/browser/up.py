"""`fixline up --sample` as a person starts it: a process of its own, with the sample's staff."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from services.commands.day import by_form
from tests.servers import ROOT, free_port, wait_until


@dataclass(frozen=True)
class Running:
    """Where it is, and the sample staff's passwords."""

    url: str
    passwords: dict[str, str]

    def as_staff(self, username: str) -> httpx.Client:
        """A signed-in client of one member of staff."""
        cookies = dict(by_form(self.url, self.passwords)(username))
        return httpx.Client(base_url=self.url, cookies=cookies, headers={"Sec-Fetch-Site": "same-origin"}, timeout=30)


@contextmanager
def fixline_up(folder: Path) -> Iterator[Running]:
    """Ready to use; ended by SIGTERM, and then it must end with 0."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FIXLINE_")}
    environment |= {"FIXLINE_CLOCK": "2026-11-23T15:00:00Z", "FIXLINE_SAMPLE": "true"}
    command = [sys.executable, "-m", "services.cli", "up", "--sample", "--data-dir", str(folder), "--port", str(port)]
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _ready(url), 120, "fixline up to be ready", log=log)
        lines = (folder / "README").read_text().splitlines()
        found = [match for line in lines if (match := re.match(r"^([\w-]+) +(\S{12}) +\w+", line))]
        yield Running(url, {match[1]: match[2] for match in found})
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0, log.read_text(errors="replace")[-2000:]


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
