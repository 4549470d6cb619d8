"""Real servers for tests: an Apache Kafka broker from Maven's jars and a PostgreSQL cluster, on free ports of 127.0.0.1.

Each is started once a test run, by the first test that wants it, and shared by all pytest-xdist workers; what ends it is the
end of the run, or a guard when the run was killed. A test that hurts its server (kills, pauses it) makes one of its own:

    with Broker() as broker: ...            broker.bootstrap, .kill(), .start(), .pause(), .resume(), .stop()
    with Postgres() as server: ...          server.new_database(), .kill(), .start(), .stop()

Where something is not installed, `Missing` says what to install; the fixtures make of it a visible skip, or a failure where
FIXLINE_REQUIRE names it.
"""

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

ROOT = Path(__file__).resolve().parents[1]
#: The folder of this run's shared servers, made by the pytest process that all others come from.
SHARED = "TEST_SERVERS_DIR"
_PATIENCE = 60.0


class Missing(Exception):
    """Something is not installed here; the message says the mend."""


def unavailable(what: str, reason: str) -> NoReturn:
    """Skip, visibly; or fail, where FIXLINE_REQUIRE (``kafka,postgres,browser``) names ``what``."""
    if what in os.environ.get("FIXLINE_REQUIRE", "").split(","):
        pytest.fail(f"FIXLINE_REQUIRE asks for {what}: {reason}", pytrace=False)
    pytest.skip(f"{what}: {reason}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class _Server:
    """A program in a folder of its own, under a guard that ends it when the test run is gone."""

    command: list[str]
    user: str | None = None

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="fixline-server-"))
        self.log = self.directory / "server.log"
        self._guard: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.destroy()

    @property
    def pid(self) -> int:
        """Of the server itself."""
        return int((self.directory / "pid").read_text())

    def start(self) -> None:
        """Start, or start again on the same ports and data; returns when it answers."""
        (self.directory / "pid").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._guard = subprocess.Popen(
                [sys.executable, __file__, str(_owner()), str(self.directory / "pid"), self.user or "", *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._answers, _PATIENCE, f"{type(self).__name__} to answer", alive=self._guard, log=self.log)

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self._guard is not None:
            self._guard.terminate()
            self._guard.wait(timeout=_PATIENCE)
            self._guard = None

    def kill(self) -> None:
        """kill -9, of everything that belongs to it."""
        family = [self.pid, *children(self.pid)]
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._guard is not None:
            self._guard.wait(timeout=_PATIENCE)
            self._guard = None

    def pause(self) -> None:
        """SIGSTOP: connections stay, nobody answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def destroy(self) -> None:
        if self._guard is not None:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                self.resume()
            self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _answers(self) -> bool:
        raise AssertionError("each kind of server says how it answers")


class Broker(_Server):
    """Kafka as deploy/kafka starts it."""

    def __init__(self, clients_come_through: int | None = None) -> None:
        """``clients_come_through``: the port that clients are told to use, where a proxy stands before the broker."""
        _need("java", "install a JRE 17 or newer (Debian: openjdk-17-jre-headless)")
        _fetch_kafka()
        super().__init__()
        self.port, controller_port = free_port(), free_port()
        self.command = ["env", "KAFKA_JVM=-XX:+UseSerialGC -XX:TieredStopAtLevel=1", str(ROOT / "deploy/kafka/start")]
        self.command += ["--port", str(self.port), "--controller-port", str(controller_port)]
        self.command += ["--data-dir", str(self.directory / "data")]
        self.command += ["--advertised-port", str(clients_come_through or self.port)]

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start_anew(self) -> None:
        """Start on the same ports as a cluster of its own, with nothing of what it held."""
        if self._guard is not None:
            self.kill()
        shutil.rmtree(self.directory / "data", ignore_errors=True)
        self.start()

    def _answers(self) -> bool:
        from kafka import KafkaAdminClient  # type: ignore[import-untyped]  # kafka-python ships no types
        from kafka.errors import KafkaError  # type: ignore[import-untyped]  # as above

        if not _listens(self.port):
            return False
        try:
            KafkaAdminClient(bootstrap_servers=self.bootstrap, bootstrap_timeout_ms=1000).close()
        except KafkaError:
            return False
        return True


class Postgres(_Server):
    """A PostgreSQL cluster that trusts everybody on loopback and does not wait for the disk: a kill loses nothing of it."""

    def __init__(self) -> None:
        binaries = _postgres_binaries()
        super().__init__()
        self.port, self.user = free_port(), "postgres" if os.geteuid() == 0 else None
        data = self.directory / "data"
        if self.user:  # PostgreSQL refuses root
            try:
                account = pwd.getpwnam(self.user)
            except KeyError:
                raise Missing("no user postgres to run it as; install PostgreSQL (Debian: postgresql)") from None
            os.chown(self.directory, account.pw_uid, account.pw_gid)
        initdb = [binaries / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"]
        made = subprocess.run(
            [*map(str, initdb), "--locale=C.UTF-8"],
            user=self.user,
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed:\n{made.stdout}\n{made.stderr}")
        options = {"fsync": "off", "full_page_writes": "off", "max_connections": "300", "listen_addresses": "127.0.0.1"}
        self.command = [str(binaries / "postgres"), "-D", str(data), "-p", str(self.port), "-k", str(self.directory)]
        self.command += [f"--{name}={value}" for name, value in options.items()]

    def new_database(self) -> str:
        """The address of a fresh, empty database, for SQLAlchemy."""
        return new_database(self.port)

    def execute(self, statement: str) -> None:
        """As the superuser, in no transaction."""
        with psycopg.connect(_address(self.port, "postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _answers(self) -> bool:
        try:
            psycopg.connect(_address(self.port, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


def new_database(port: int, template: str = "template0") -> str:
    """Make a database in the cluster at ``port``, a copy of ``template``; returns its address, for SQLAlchemy."""
    name = f"t_{uuid4().hex[:12]}"
    with psycopg.connect(_address(port, "postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    return f"postgresql+psycopg://postgres@127.0.0.1:{port}/{name}"


def drop_database(url: str) -> None:
    """Drop it, whoever is still connected."""
    address, _, name = url.removeprefix("postgresql+psycopg://postgres@127.0.0.1:").partition("/")
    with psycopg.connect(_address(int(address), "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def shared_port(make: Callable[[], Broker | Postgres]) -> int:
    """The port of this run's server of one kind, started by whoever asks first; the others wait."""
    folder = Path(os.environ[SHARED])
    kind = getattr(make, "__name__", "server")
    with (folder / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note = folder / f"{kind}.json"
        if note.exists():
            found = json.loads(note.read_text())
            if "missing" in found:
                raise Missing(found["missing"])
            return int(found["port"])
        try:
            server = make()
        except Missing as missing:
            note.write_text(json.dumps({"missing": str(missing)}))
            raise
        server.start()
        assert server._guard is not None
        note.write_text(
            json.dumps({"port": server.port, "guard": server._guard.pid, "directory": str(server.directory)})
        )
        return server.port


def open_shared() -> None:
    """Make the folder in which this run's processes find each other's servers; take away those of runs that were killed."""
    for left in Path(tempfile.gettempdir()).glob("fixline-test-run-*"):
        with contextlib.suppress(OSError, ValueError):
            if not _exists(int((left / "owner").read_text())):
                shutil.rmtree(left)
    os.environ[SHARED] = tempfile.mkdtemp(prefix="fixline-test-run-")
    (Path(os.environ[SHARED]) / "owner").write_text(str(os.getpid()))


def close_shared() -> None:
    """End this run's servers."""
    folder = Path(os.environ.pop(SHARED))
    notes = [json.loads(note.read_text()) for note in folder.glob("*.json")]
    for note in notes:
        if "guard" in note:
            with contextlib.suppress(ProcessLookupError):
                os.kill(note["guard"], signal.SIGTERM)
    for note in notes:
        if "guard" in note:
            _wait_gone(note["guard"])
            shutil.rmtree(note["directory"], ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def wait_until(
    done: Callable[[], bool],
    patience: float,
    what: str,
    *,
    alive: "subprocess.Popen[bytes] | None" = None,
    log: Path | None = None,
) -> None:
    """Wait for ``done``, no longer than ``patience`` seconds. Fails with the end of ``log``; at once if ``alive`` ended."""
    give_up_at = time.monotonic() + patience
    while not done():
        ended = alive is not None and alive.poll() is not None
        if ended or time.monotonic() > give_up_at:
            tail = log.read_text(errors="replace")[-3000:] if log is not None and log.exists() else ""
            why = f"the process ended with {alive.returncode}" if ended and alive else f"not within {patience:g} s"
            raise AssertionError(f"waited for {what}: {why}\n{tail}")
        time.sleep(0.05)


def _need(program: str, mend: str) -> None:
    if shutil.which(program) is None:
        raise Missing(f"{program} not found; {mend}")


def _fetch_kafka() -> None:
    fetched = subprocess.run(
        [ROOT / "deploy/kafka/start", "--fetch"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if fetched.returncode:
        raise Missing(
            fetched.stderr.strip().splitlines()[-1] if fetched.stderr.strip() else "the jars could not be fetched"
        )


def _postgres_binaries() -> Path:
    """The newest server's programs: Debian keeps them out of the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    at = found[-1] if found else shutil.which("initdb")
    if at is None:
        raise Missing("initdb not found; install PostgreSQL 15 or newer (Debian: postgresql)")
    return Path(at).parent


def _address(port: int, name: str) -> str:
    return f"postgresql://postgres@127.0.0.1:{port}/{name}"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _owner() -> int:
    """The process whose end ends the servers: the test run's own, or whoever uses this module without pytest."""
    folder = os.environ.get(SHARED)
    return int((Path(folder) / "owner").read_text()) if folder else os.getpid()


def children(pid: int) -> Iterator[int]:
    """All descendants, by /proc."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError):
            if path.read_text().rpartition(")")[2].split()[1] == str(pid):
                child = int(path.parent.name)
                yield child
                yield from children(child)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _wait_gone(pid: int) -> None:
    for _ in range(int(_PATIENCE * 10)):
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        if not _exists(pid):
            return
        time.sleep(0.1)


def _guard(owner: int, pid_file: Path, user: str, command: list[str]) -> int:
    """Run ``command`` until it ends, somebody asks us to end, or ``owner`` is gone."""
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
    account = pwd.getpwnam(user) if user else None
    server = subprocess.Popen(
        command,
        cwd="/",
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
    pid_file.write_text(str(server.pid))
    while server.poll() is None and not asked and _exists(owner):
        time.sleep(0.1)
    if server.poll() is None:
        server.send_signal(
            signal.SIGINT if user else signal.SIGTERM
        )  # to PostgreSQL: now, not when all clients have left
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=15)
        server.kill()
    code = server.wait()
    if not _exists(owner):
        shutil.rmtree(pid_file.parent, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(_guard(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:]))
