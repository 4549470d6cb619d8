"""The relay's part of stage B: a companion process whose CPU counts, and waiting until it has published everything."""

import atexit
import os
import subprocess
import time
from collections.abc import Sequence

import psycopg


class Companion:
    """A process beside the program under test. Ends with it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        atexit.register(self.end)

    def cpu_seconds(self) -> float:
        """User and system time so far, to the kernel's hundredth of a second."""
        with open(f"/proc/{self._process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


def address(database: str) -> str:
    """For psycopg, of an address for SQLAlchemy."""
    return database.replace("postgresql+psycopg://", "postgresql://")


def drained(database: str) -> None:
    """Return when nothing is unpublished."""
    with psycopg.connect(address(database), autocommit=True) as connection:
        waiting = "SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL)"
        while connection.execute(waiting).fetchone() != (False,):
            time.sleep(0.05)
