"""Kafka and PostgreSQL for several stages one after the other, each client's connections through the proxy.

A stage has nothing of the one before it. Its broker is a cluster of its own: what `DeleteRecords` removed comes back when a
broker is killed before it has written down where its logs begin. Its databases are copied from some that were prepared
once: migrated, with contract data, staff and programs.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pydantic import SecretStr

from services.commands.kafka_roles import catalogue
from services.commands.sample import add_staff
from services.routing import sample
from services.routing.imports import import_folder
from services.runtime.kafka import topics
from services.runtime.settings import Settings
from services.runtime.work import Workshop
from services.stack import SERVICES, Stack
from tests.faults.accounts import Clients, prepare
from tests.faults.proxy import Proxy
from tests.integration.stack.processes import KEYS
from tests.servers import Broker, Missing, Postgres, free_port, new_database

#: What the tablespace may hold before and after it is full; its memory is taken as it is used.
_ROOM: Final = "2g"
_SMALL: Final = "-small"
#: Whose outbox is followed by a relay.
PUBLISHERS: Final = ("intake", "routing")


class Servers:
    """Both servers, the proxy before them, and prepared databases."""

    clients: Clients

    def __init__(self) -> None:
        self._resources = ExitStack()
        self._templates: dict[str, str] = {}
        self._tablespace: Path | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._resources.close()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._resources.close()

    def _start(self) -> None:
        _tidy()
        kafka = free_port()
        self.postgres = self._resources.enter_context(Postgres())
        self.broker = Broker(clients_come_through=kafka)
        self._resources.callback(self.broker.destroy)
        targets = {"kafka": self.broker.port, **dict.fromkeys(SERVICES, self.postgres.port)}
        ports = {"kafka": kafka, **{name: free_port() for name in SERVICES}}
        self.proxy = self._resources.enter_context(Proxy(targets, ports))
        self._prepare()

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.proxy.ports['kafka']}"

    def through_proxy(self, service: str, url: str) -> str:
        """The same database's address, for the program."""
        return url.replace(f":{self.postgres.port}/", f":{self.proxy.ports[service]}/")

    def fresh_broker(self) -> None:
        """A cluster that nobody has used, with the catalogue's topics."""
        self.broker.start_anew()
        topics.apply(self.bootstrap, catalogue())

    def databases(self) -> dict[str, str]:
        """A fresh copy for each service; addresses past the proxy."""
        return {name: new_database(self.postgres.port, template) for name, template in self._templates.items()}

    def heal(self) -> None:
        """All connections pass, the tablespace has room."""
        for name in self.proxy.ports:
            self.proxy.set(name, "pass")
        self.tablespace_room(full=False)

    def tablespace_room(self, *, full: bool) -> None:
        """Let the small file system be no larger than what it holds, or large again. Raises where there is none."""
        if self._tablespace is None:
            if full:
                raise Missing("no file system for a small tablespace; run as root, who may mount one")
            return
        for _ in range(20):  # it may grow between the look and the mount, which then refuses
            has = os.statvfs(self._tablespace)
            size = str((has.f_blocks - has.f_bfree) * has.f_frsize) if full else _ROOM
            asked = ["mount", "-o", f"remount,size={size}", str(self._tablespace)]
            if subprocess.run(asked, capture_output=True, check=False).returncode == 0:
                return
        raise RuntimeError(f"{self._tablespace} would not be resized")

    def said_full(self) -> int:
        """How often PostgreSQL has found no room on a disk."""
        return self.postgres.log.read_bytes().count(b"No space left on device")

    def _make_tablespace(self) -> str | None:
        """A tablespace on a small file system of its own; None where we may not mount one."""
        folder = self.postgres.directory.with_name(self.postgres.directory.name + _SMALL)
        folder.mkdir()
        asked = ["mount", "-t", "tmpfs", "-o", f"size={_ROOM}", "tmpfs", str(folder)]
        if subprocess.run(asked, capture_output=True, check=False).returncode:
            folder.rmdir()
            return None
        self._resources.callback(_unmount, folder)
        if self.postgres.user is not None:
            shutil.chown(folder, self.postgres.user)
        self._tablespace = folder
        self.postgres.execute(f"CREATE TABLESPACE small LOCATION '{folder}'")
        return "small"

    def _prepare(self) -> None:
        urls = {name: new_database(self.postgres.port) for name in SERVICES}
        stacks = [Stack(kafka_settings(url), (name,)) for name, url in urls.items()]
        for stack in stacks:
            stack.migrate()
        workshops = {name: stack.workshops[name] for stack in stacks for name in stack.services}
        self.clients = populate(workshops, self.postgres.directory, "http://127.0.0.1")
        space = self._make_tablespace()
        for name, workshop in workshops.items():
            if space and name in PUBLISHERS:
                with workshop.database.transaction() as connection:
                    connection.exec_driver_sql(f"ALTER TABLE outbox SET TABLESPACE {space}")
            workshop.database.close()
            self._templates[name] = urls[name].rpartition("/")[2]


def _unmount(folder: Path) -> None:
    """Also where the server that used it has only just ended."""
    subprocess.run(["umount", "--lazy", folder], check=False)
    folder.rmdir()


def _tidy() -> None:
    """File systems of campaigns that were killed."""
    for left in Path(tempfile.gettempdir()).glob(f"fixline-server-*{_SMALL}"):
        if not left.with_name(left.name.removesuffix(_SMALL)).exists():
            with suppress(OSError):
                _unmount(left)


def populate(workshops: Mapping[str, Workshop], folder: Path, address: str) -> Clients:
    """The sample's contract data and staff, and the campaign's own."""
    import_folder(workshops["routing"], sample.data_dir())
    passwords = add_staff(workshops["intake"], folder / "passwords", address)
    return prepare(workshops["intake"], workshops["routing"], folder, passwords)


def kafka_settings(url: str) -> Settings:
    return Settings(database_url=SecretStr(url), sample=True, **{name: SecretStr(key) for name, key in KEYS.items()})  # type: ignore[arg-type]  # all three are secrets
