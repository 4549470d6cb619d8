"""What the generator's process is told, and what it counts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from services.commands.day import Addresses
from tests.faults.accounts import Clients

#: The counters, in their order. `acknowledged`: distinct requests that were given a number; `unknown` and `failed` are calls.
COUNTED: Final = (
    "acknowledged",
    "unknown",
    "failed",
    "repeats",
    "conflicts",
    "twins",
    "commands",
    "steps",
    "races_lost",
    "poison",
    "lines_seen",
    "reconnects",
    "pries",
)


@dataclass(frozen=True)
class Plan:
    """One campaign; sent to the generator's process."""

    addresses: Addresses
    clients: Clients
    folder: Path
    seed: int
    rate: float
    bootstrap: str | None
    watchers: int


@dataclass
class Tally:
    """The counters, shared with who started the process; numbers that were acknowledged are counted once."""

    shared: Any

    def add(self, name: str, count: int = 1) -> None:
        self.shared[COUNTED.index(name)] += count
