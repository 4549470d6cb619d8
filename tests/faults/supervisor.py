"""Whoever runs the program starts what ended again, at once: compose's ``restart: always``, and what did it is noted.

Only the nemesis takes a process out (`Supervisor.hold`); everything else that ends comes back.
"""

import os
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from tests.faults.journal import Journal
from tests.integration.stack.processes import Process

_LOOK_EVERY: Final = 0.05


class Supervisor:
    """Watches ``processes`` by name until `end`. `restarts` counts by name, `codes` keeps the exit codes."""

    def __init__(self, processes: Mapping[str, Process], journal: Journal) -> None:
        self.processes = dict(processes)
        self.restarts: dict[str, int] = dict.fromkeys(processes, 0)
        self.codes: list[tuple[str, int]] = []
        self._journal = journal
        self._held: set[str] = set()
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Watch no more, and kill them all: what they have done is on record by now."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        for process in self.processes.values():
            if process.launched:
                process.kill()

    def signal(self, name: str, number: signal.Signals) -> int:
        """Send it, also to one that is stopped; the pid that got it."""
        with self._lock:
            pid = self.processes[name].pid
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            return pid

    def hold(self, name: str) -> None:
        """From now on it stays away once it ends."""
        with self._lock:
            self._held.add(name)

    def release(self, name: str) -> None:
        with self._lock:
            self._held.discard(name)

    def add(self, name: str, process: Process) -> None:
        """One more, which is launched here."""
        with self._lock:
            process.launch()
            self.processes[name] = process
            self.restarts.setdefault(name, 0)

    def remove(self, name: str) -> None:
        """It is not started again; it is asked to end, and waited for."""
        with self._lock:
            process = self.processes.pop(name)
        process.ask_to_stop()
        process.wait_stopped()

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK_EVERY):
            with self._lock:
                for name, process in self.processes.items():
                    code = process.ended()
                    if code is None or name in self._held:
                        continue
                    before = process.pid
                    process.launch()
                    self.restarts[name] += 1
                    self.codes.append((name, code))
                    self._journal.write(
                        fault="restart", target=name, phase="end", pid=process.pid, before=before, code=code
                    )
