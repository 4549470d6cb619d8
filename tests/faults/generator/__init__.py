"""The generator: customers, agents, programs and technicians who use the system over real HTTP while it is being broken.

It runs in a process of its own, so that it neither slows the nemesis nor dies with it, and stands any outage: what has an
unknown outcome is sent again under the same key until it is known, or given up and left unknown in the ledger.
"""

import multiprocessing
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from typing import Any, Final

from services.commands.day import Addresses
from tests.faults.accounts import Clients
from tests.faults.generator.plan import COUNTED, Plan
from tests.faults.generator.run import run

_SPAWN: Final[SpawnContext] = multiprocessing.get_context("spawn")


@dataclass
class Generator:
    """One campaign's load. `rate`: acknowledged requests a second to aim at. `bootstrap`: where poison goes; None: none.

    `stop` sends nothing new and returns when all that was asked has its outcome; pages are still followed. Let the system
    come to rest, then `finish`: what the pages saw is complete and on the disk.
    """

    addresses: Addresses
    clients: Clients
    folder: Path
    seed: int
    rate: float
    bootstrap: str | None = None
    watchers: int = 12
    _process: SpawnProcess | None = None
    _counts: Any = field(default_factory=lambda: _SPAWN.Array("Q", len(COUNTED), lock=False))
    _stopping: Any = field(default_factory=_SPAWN.Event)
    _stopped: Any = field(default_factory=_SPAWN.Event)
    _finishing: Any = field(default_factory=_SPAWN.Event)

    def start(self) -> None:
        plan = Plan(self.addresses, self.clients, self.folder, self.seed, self.rate, self.bootstrap, self.watchers)
        signals = (self._counts, self._stopping, self._stopped, self._finishing)
        self._process = _SPAWN.Process(target=run, args=(plan, *signals), name="generator", daemon=True)
        self._process.start()

    def counts(self) -> Mapping[str, int]:
        """So far: requests acknowledged, calls with an unknown outcome and refused, steps of technicians, and so on."""
        return dict(zip(COUNTED, self._counts, strict=True))

    def alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def stop(self, patience: float = 180.0) -> None:
        """Raises `RuntimeError` when it is not done after `patience` seconds, or has died."""
        self._stopping.set()
        for _ in range(max(1, int(patience * 10))):
            if self._stopped.wait(0.1):
                return
            if not self.alive():
                break
        raise RuntimeError(f"the generator did not come to its end; see {self.folder / 'generator.log'}")

    def finish(self, patience: float = 120.0) -> None:
        """Raises `RuntimeError` when the process does not end."""
        self._finishing.set()
        if self._process is None:
            return
        self._process.join(patience)
        if self._process.exitcode != 0:
            self._process.kill()
            raise RuntimeError(
                f"the generator ended with {self._process.exitcode}; see {self.folder / 'generator.log'}"
            )
