"""The real thing: every service's HTTP side, worker and relay as processes of their own, on real Kafka and PostgreSQL.

    with stack_of_processes(kafka, postgres_port, folder) as stack:
        stack.driver().run()                        # the sample day
        stack["relay", "routing"].kill()            # kill -9
        stack["relay", "routing"].start()           # again, and wait until it is ready

A stack has fresh databases. Topics are one broker's and shared: they are emptied first, so one broker has one stack at
a time. The members of the consumer groups keep their names from stack to stack and from kill to restart, and so take
their places over at once.
"""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from kafka import KafkaAdminClient, TopicPartition  # type: ignore[import-untyped]  # kafka-python ships no types
from pydantic import SecretStr

from schemas.decision import show_instant
from schemas.topics import TOPICS
from services.commands.day import Addresses, Driver, by_form
from services.commands.sample import add_staff
from services.routing import sample
from services.routing.imports import import_folder
from services.runtime.settings import Settings
from services.stack import SERVICES, Stack
from tests import servers
from tests.integration.stack.mailbox import Mailbox
from tests.servers import ROOT, free_port, wait_until

FIXLINE: Final = (sys.executable, "-m", "services.cli")
#: Every process of the program: intake consumes nothing, the notifier publishes nothing.
ROLES: Final = (
    ("serve", "intake"),
    ("serve", "routing"),
    ("serve", "notifier"),
    ("work", "routing"),
    ("work", "notifier"),
    ("relay", "intake"),
    ("relay", "routing"),
)
#: Seconds for anything at all to happen: generous, because nothing waits longer than it has to.
PATIENCE: Final = 240.0

#: The secrets that all processes share, by setting.
KEYS: Final = {"keys": "k" * 40, "tracking_key": "t" * 40, "service_key": "s" * 40}

Environment = Mapping[str, str]


@dataclass
class Process:
    """One `fixline ROLE SERVICE`, or `fixline up`, which can be killed and started again."""

    role: str
    service: str
    environment: Environment
    port: int
    folder: Path
    program: Sequence[str] = FIXLINE
    _running: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> Path:
        return self.folder / f"{'-'.join(filter(None, (self.role, self.service)))}.log"

    @property
    def launched(self) -> bool:
        return self._running is not None

    @property
    def pid(self) -> int:
        assert self._running is not None, f"{self.role} {self.service} was never launched"
        return self._running.pid

    def launch(self) -> None:
        with self.log.open("ab") as out:
            command = [*self.program, self.role, *([self.service] if self.service else [])]
            environment = dict(self.environment)
            self._running = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    def ended(self) -> int | None:
        """Its exit code (negative: the signal), None while it runs."""
        assert self._running is not None, f"{self.role} {self.service} was never launched"
        return self._running.poll()

    def wait_ready(self) -> None:
        """Until it says so itself: its database answers; a worker has its partitions."""
        what = f"{self.role} {self.service} to be ready"
        wait_until(self.is_ready, PATIENCE, what, alive=self._running, log=self.log)

    def start(self) -> None:
        self.launch()
        self.wait_ready()

    def kill(self) -> None:
        """kill -9."""
        assert self._running is not None
        self._running.send_signal(signal.SIGKILL)
        self._running.wait(timeout=PATIENCE)

    def ask_to_stop(self) -> None:
        if self._running is not None:
            self._running.terminate()

    def wait_stopped(self) -> int | None:
        """Its exit code."""
        if self._running is None:
            return None
        try:
            return self._running.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait(timeout=PATIENCE)
            return None

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:  # refused, reset, or 503
            return False


@dataclass
class ProcessStack:
    """The program on its servers."""

    bootstrap: str
    urls: Mapping[str, str]
    folder: Path
    mailbox: Mailbox
    program: Sequence[str] = FIXLINE
    ports: dict[tuple[str, str], int] = field(default_factory=lambda: {role: free_port() for role in ROLES})
    processes: dict[tuple[str, str], Process] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    ended: dict[tuple[str, str], int | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = f"{show_instant(sample.OPENS)}@{datetime.now(UTC).isoformat()}"
        self.workshops = {name: Stack(self._settings(name), (name,)).workshops[name] for name in SERVICES}
        for role, service in ROLES:
            environment = self.environment(role, service)
            port = self.ports[role, service]
            self.processes[role, service] = Process(role, service, environment, port, self.folder, self.program)

    def __getitem__(self, role: tuple[str, str]) -> Process:
        return self.processes[role]

    @property
    def addresses(self) -> Addresses:
        return Addresses(*(f"http://127.0.0.1:{self.ports['serve', name]}" for name in SERVICES))

    def driver(self, name: str = "sample-day") -> Driver:
        """The sample day's driver."""
        sign_in = by_form(self.addresses.intake, self.passwords, PATIENCE)
        return Driver(self.addresses, sign_in, patience=PATIENCE, name=name)

    def environment(self, role: str, service: str) -> dict[str, str]:
        """What one process is told; nothing of the tests' own settings."""
        told = {
            "FIXLINE_DATABASE_URL": self.urls[service],
            "FIXLINE_KAFKA": self.bootstrap,
            "FIXLINE_INTAKE_URL": self.addresses.intake,
            "FIXLINE_ROUTING_URL": self.addresses.routing,
            "FIXLINE_PUBLIC_URL": self.addresses.intake,
            "FIXLINE_SMTP_URL": self.mailbox.url,
            "FIXLINE_SAMPLE": "true",
            "FIXLINE_CLOCK": self.clock,
            "FIXLINE_INSTANCE": f"{role}-{service}-1",
            **{f"FIXLINE_{name.upper()}": key for name, key in KEYS.items()},
        }
        if (role, service) in self.ports:
            told["FIXLINE_PORT" if role == "serve" else "FIXLINE_METRICS_PORT"] = str(self.ports[role, service])
        return inherited_environment() | told

    def command(self, service: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """`fixline …` as somebody at a service's terminal would run it."""
        environment = self.environment("cli", service) | settings
        return subprocess.run(
            [*FIXLINE, *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def answer(self, service: str, *arguments: str) -> Any:
        """What a command prints with --json."""
        done = self.command(service, *arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def differences(self) -> list[dict[str, str]]:
        """What `fixline reconcile` finds over all three databases."""
        urls = {f"FIXLINE_{name.upper()}_DATABASE_URL": self.urls[name] for name in SERVICES}
        done = self.command("intake", "reconcile", "--patience", "20", "--json", **urls)
        assert done.returncode in (0, 1), done.stderr
        found: list[dict[str, str]] = json.loads(done.stdout)["differences"]
        assert bool(found) == bool(done.returncode), done.stderr
        return found

    def prepare(self) -> None:
        """Databases migrated, topics as the catalogue says and empty, the sample's contract data and staff."""
        asked: list[tuple[str, tuple[str, ...]]] = [(name, ("db", "upgrade", "--service", name)) for name in SERVICES]
        asked.append(("intake", ("topics", "apply")))
        with ExitStack() as running:
            for service, arguments in asked:
                running.enter_context(_succeeds([*FIXLINE, *arguments], self.environment("cli", service)))
        self.empty_topics()
        import_folder(self.workshops["routing"], sample.data_dir())
        self.passwords = add_staff(self.workshops["intake"], self.folder / "passwords", self.addresses.intake)

    def start(self) -> None:
        for process in self.processes.values():
            process.launch()
        for process in self.processes.values():
            process.wait_ready()

    def stop(self) -> None:
        """Ask all to end; `ended` then holds each exit code."""
        for process in self.processes.values():
            process.ask_to_stop()
        self.ended = {role: process.wait_stopped() for role, process in self.processes.items()}
        for workshop in self.workshops.values():
            workshop.database.close()

    def empty_topics(self) -> None:
        """What earlier stacks left there."""
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        everything = [TopicPartition(topic.name, number) for topic in TOPICS for number in range(topic.partitions)]
        admin.delete_records(dict.fromkeys(everything, -1))
        admin.close()

    def _settings(self, service: str) -> Settings:
        """The same in this process: to look into the databases, and to sign cookies."""
        return Settings(
            database_url=SecretStr(self.urls[service]),
            data_dir=self.folder,
            sample=True,
            clock=self.clock,
            public_url=self.addresses.intake,
            intake_url=self.addresses.intake,
            **{name: SecretStr(key) for name, key in KEYS.items()},  # type: ignore[arg-type]  # all three are secrets
        )


@contextmanager
def stack_of_processes(kafka: str, postgres_port: int, folder: Path) -> Iterator[ProcessStack]:
    """A prepared stack with all its processes ready; ended, and its databases gone, when the block ends."""
    urls = {name: servers.new_database(postgres_port) for name in SERVICES}
    with Mailbox() as mailbox:
        stack = ProcessStack(kafka, urls, folder, mailbox)
        try:
            stack.prepare()
            stack.start()
            yield stack
        finally:
            stack.stop()
            for url in urls.values():
                servers.drop_database(url)


def inherited_environment() -> dict[str, str]:
    """This process's, without settings of the program's."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FIXLINE_")}
    # Forty processes come and go: none need compile what another has compiled, whatever the caller's taste.
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)
    return inherited | {"PYTHONPYCACHEPREFIX": str(Path(os.environ[servers.SHARED]) / "bytecode")}


@contextmanager
def _succeeds(command: list[str], environment: Environment) -> Iterator[None]:
    """Run a command beside the block; at its end the command must have ended with 0."""
    piped: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    running = subprocess.Popen(command, cwd=ROOT, env=dict(environment), stdin=subprocess.DEVNULL, **piped)
    yield
    said, _ = running.communicate(timeout=PATIENCE)
    assert running.returncode == 0, f"{' '.join(command[2:])}:\n{said}"
