"""What is hurt: the program's processes under a supervisor, on their servers, in a run's folder.

Two kinds, with one shape: `KafkaStage` (seven processes on Kafka and PostgreSQL) and `EmbeddedStage` (one, on SQLite).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from schemas.decision import show_instant
from services.commands.day import Addresses
from services.routing import sample
from services.runtime.settings import Settings
from services.runtime.work import Workshop
from services.stack import SERVICES, Stack
from tests.faults.accounts import Clients
from tests.faults.journal import Journal
from tests.faults.mail import MoodyMailbox
from tests.faults.servers import Servers, populate
from tests.faults.supervisor import Supervisor
from tests.faults.switches import switches, turn_off
from tests.integration.stack.processes import FIXLINE, Process, ProcessStack, inherited_environment
from tests.servers import drop_database, free_port

#: Seconds for a stage to be ready, or to come to rest.
PATIENCE: Final = 180.0


class Stage(Protocol):
    """What the nemesis and the orchestrator know of it."""

    mode: str
    folder: Path
    clients: Clients
    journal: Journal
    mailbox: MoodyMailbox
    supervisor: Supervisor
    #: How much each service's clock is off.
    shifts: dict[str, timedelta]

    @property
    def addresses(self) -> Addresses: ...

    @property
    def urls(self) -> Mapping[str, str]: ...

    @property
    def workshops(self) -> Mapping[str, Workshop]: ...

    @property
    def bootstrap(self) -> str | None: ...

    @property
    def clock(self) -> str:
        """FIXLINE_CLOCK, as all processes have it when nothing is wrong."""

    def ready(self) -> bool:
        """Whether every process says so."""

    def shift_clock(self, service: str, by: timedelta) -> list[str]:
        """From its next start on a service's clock is off by so much; the names of its processes."""


class _HurtStack(ProcessStack):
    """Its processes reach their servers through the proxy."""

    servers: Servers

    def environment(self, role: str, service: str) -> dict[str, str]:
        told: dict[str, str] = super().environment(role, service)
        if role != "cli":
            told["FIXLINE_DATABASE_URL"] = self.servers.through_proxy(service, self.urls[service])
        return {**told, **switches(self.folder.parent)}


@dataclass
class KafkaStage:
    """Seven processes; more when the nemesis adds some."""

    folder: Path
    servers: Servers
    clients: Clients
    stack: ProcessStack
    mailbox: MoodyMailbox
    journal: Journal
    supervisor: Supervisor
    mode: str = "kafka"
    shifts: dict[str, timedelta] = field(default_factory=lambda: dict.fromkeys(SERVICES, timedelta()))

    @property
    def addresses(self) -> Addresses:
        return self.stack.addresses

    @property
    def urls(self) -> Mapping[str, str]:
        return self.stack.urls

    @property
    def workshops(self) -> Mapping[str, Workshop]:
        return self.stack.workshops

    @property
    def bootstrap(self) -> str | None:
        return self.servers.bootstrap

    @property
    def clock(self) -> str:
        return self.stack.clock

    def ready(self) -> bool:
        return all(process.is_ready() for process in list(self.supervisor.processes.values()))

    def shift_clock(self, service: str, by: timedelta) -> list[str]:
        self.shifts[service] = by
        names = [name for name, process in self.supervisor.processes.items() if process.service == service]
        for name in names:
            process = self.supervisor.processes[name]
            process.environment = {**process.environment, "FIXLINE_CLOCK": _moved(self.stack.clock, by)}
        return names

    def another(self, role: str, service: str) -> Process:
        """A second worker or relay beside the first, under a name of its own."""
        port = free_port()
        environment = self.stack.environment(role, service)
        environment |= {"FIXLINE_INSTANCE": f"{role}-{service}-2", "FIXLINE_METRICS_PORT": str(port)}
        folder = self.folder / "logs" / "second"
        folder.mkdir(exist_ok=True)
        return Process(role, service, environment, port, folder, self.stack.program)


@dataclass
class EmbeddedStage:
    """One process, `fixline up`."""

    folder: Path
    clients: Clients
    one: Stack
    mailbox: MoodyMailbox
    journal: Journal
    supervisor: Supervisor
    mode: str = "embedded"
    shifts: dict[str, timedelta] = field(default_factory=lambda: dict.fromkeys(SERVICES, timedelta()))

    @property
    def addresses(self) -> Addresses:
        address = self.one.settings.public_url
        return Addresses(address, address, address)

    @property
    def urls(self) -> Mapping[str, str]:
        return {name: f"sqlite:///{self.one.settings.data_dir / name}.db" for name in self.workshops}

    @property
    def workshops(self) -> Mapping[str, Workshop]:
        return self.one.workshops

    @property
    def bootstrap(self) -> str | None:
        return None

    @property
    def clock(self) -> str:
        return str(self.one.settings.clock)

    def ready(self) -> bool:
        return all(process.is_ready() for process in list(self.supervisor.processes.values()))

    def shift_clock(self, service: str, by: timedelta) -> list[str]:
        self.shifts = dict.fromkeys(SERVICES, by)  # one process, one clock
        process = self.supervisor.processes["up"]
        process.environment = {**process.environment, "FIXLINE_CLOCK": _moved(self.clock, by)}
        return ["up"]


@contextmanager
def kafka_stage(
    folder: Path, servers: Servers, *, program: Sequence[str] = FIXLINE, static: bool = True
) -> Iterator[KafkaStage]:
    """Fresh databases, a broker of its own, all processes ready; ended when the block ends. ``static``: workers keep their names."""
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    servers.fresh_broker()
    urls = servers.databases()
    journal = Journal(folder / "faults.jsonl")
    with MoodyMailbox(folder / "mails.jsonl") as mailbox:
        _HurtStack.servers = servers
        stack = _HurtStack(servers.bootstrap, urls, logs, mailbox, program)
        processes = {f"{role} {service}": process for (role, service), process in stack.processes.items()}
        if not static:
            for process in processes.values():
                process.environment = {k: v for k, v in process.environment.items() if k != "FIXLINE_INSTANCE"}
        supervisor = Supervisor(processes, journal)
        stage = KafkaStage(folder, servers, servers.clients, stack, mailbox, journal, supervisor)
        try:
            stack.start()
            supervisor.start()
            yield stage
        finally:
            servers.heal()
            supervisor.end()
            stack.stop()
            journal.close()
            for url in urls.values():
                drop_database(url)


@contextmanager
def embedded_stage(folder: Path, *, program: Sequence[str] = FIXLINE) -> Iterator[EmbeddedStage]:
    """A fresh data folder with the sample, and `fixline up` on it."""
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    data, port = folder / "data", free_port()
    clock = f"{show_instant(sample.OPENS)}@{datetime.now(UTC).isoformat()}"
    address = f"http://127.0.0.1:{port}"
    one = Stack(Settings(data_dir=data, port=port, public_url=address, sample=True, clock=clock))
    one.migrate()
    clients = populate(one.workshops, data, address)
    journal = Journal(folder / "faults.jsonl")
    with MoodyMailbox(folder / "mails.jsonl") as mailbox:
        environment = {
            **inherited_environment(),
            **switches(folder),
            "FIXLINE_DATA_DIR": str(data),
            "FIXLINE_PORT": str(port),
            "FIXLINE_PUBLIC_URL": address,
            "FIXLINE_SMTP_URL": mailbox.url,
            "FIXLINE_SAMPLE": "true",
            "FIXLINE_CLOCK": clock,
        }
        up = Process("up", "", environment, port, logs, program)
        supervisor = Supervisor({"up": up}, journal)
        try:
            up.start()
            supervisor.start()
            yield EmbeddedStage(folder, clients, one, mailbox, journal, supervisor)
        finally:
            supervisor.end()
            journal.close()
            for workshop in one.workshops.values():
                workshop.database.close()


def _moved(clock: str, by: timedelta) -> str:
    """A setting's value: at the same real instant it shows so much more."""
    shown, _, real = clock.partition("@")
    return f"{show_instant(datetime.fromisoformat(shown) + by)}@{real}"


def heal(stage: Stage) -> None:
    """Nothing hurts any more."""
    stage.mailbox.mood = "take"
    for name in ("disk", "stuck-routing", "frozen-routing", "deaf-notifier"):
        turn_off(stage.folder, name)
    if isinstance(stage, KafkaStage):
        stage.servers.heal()
