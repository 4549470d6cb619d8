"""How fast: a bucket that fills with the campaign's rate, and who shares what is known of the requests so far."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import Final

from tests.faults.accounts import Machine

#: More than this is not saved up over an outage, in seconds of the rate.
_SAVED_UP: Final = 5.0


@dataclass
class Pace:
    """`take(n)` waits until n requests are due; several takers share one rate."""

    rate: float
    _filled: float = 0.0
    _at: float = field(default_factory=time.monotonic)

    async def take(self, amount: int, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            now = time.monotonic()
            self._filled = min(self._filled + (now - self._at) * self.rate, self.rate * _SAVED_UP + amount)
            self._at = now
            if self._filled >= amount:
                self._filled -= amount
                return
            await asyncio.sleep(min(0.5, (amount - self._filled) / self.rate))


@dataclass(frozen=True, slots=True)
class Known:
    """An acknowledged request, as its submitter knows it."""

    number: str
    code: str
    customer: str
    machine: Machine | None
    lacks_serial: bool = False

    @property
    def theirs(self) -> str:
        """Whose marks may be shown to who looks at it, with commas: a stranger names a customer, and is shown that name."""
        named = self.machine.customer if self.machine is not None else self.customer
        return self.customer if named == self.customer else f"{self.customer},{named}"


@dataclass
class Board:
    """Requests that were acknowledged lately, for technicians to visit, pages to follow and strangers to look for."""

    visits: "deque[Known]" = field(default_factory=lambda: deque(maxlen=2_000))
    pages: "deque[Known]" = field(default_factory=lambda: deque(maxlen=500))

    def put(self, known: Known) -> None:
        if known.machine is not None and known.machine.onsite:
            self.visits.append(known)
        self.pages.append(known)

    def another(self, random: Random, customer: str) -> Known | None:
        """A request of somebody else's, and not about anything of theirs."""
        others = [one for one in self.pages if customer not in one.theirs.split(",")]
        return random.choice(others) if others else None
