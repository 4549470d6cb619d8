"""News inside one process: who changed something says so, who shows it wakes up.

Only "look again" is passed on, never data: a listener reads the truth from the database, so that a lost or doubled
wake-up can at worst be late. Other processes' changes are fed in from PostgreSQL's LISTEN by the composition root.
"""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Listening:
    """One listener's bell. News that came while it was busy is kept: the next `wait` returns at once."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._rung = asyncio.Event()
        self.closed = False

    async def wait(self, timeout: float) -> bool:
        """True when there was news since the last call, False after `timeout` seconds without, or when closing."""
        if not self.closed:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._rung.wait(), timeout)
        rung = self._rung.is_set()
        self._rung.clear()
        return rung and not self.closed

    def ring(self, *, closing: bool = False) -> None:
        """From any thread."""
        self.closed = self.closed or closing
        with suppress(RuntimeError):  # the loop ended first: nobody is left to wake
            self._loop.call_soon_threadsafe(self._rung.set)


class Signals:
    """The bells of one process, by channel (`request:482190347716`, `queue:CA-QC-MTL`)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # held for a few set operations, never across a wait
        self._listening: dict[str, set[Listening]] = defaultdict(set)
        self.closed = False

    def notify(self, channel: str) -> None:
        """Wake who listens on `channel`. From any thread; costs nothing when nobody does."""
        with self._lock:
            bells = tuple(self._listening.get(channel, ()))
        for bell in bells:
            bell.ring()

    @contextmanager
    def listen(self, channel: str) -> Iterator[Listening]:
        """Inside a running event loop. Listen *before* the first read, or news between the two is missed."""
        bell = Listening(asyncio.get_running_loop())
        with self._lock:
            self._listening[channel].add(bell)
            bell.closed = self.closed
        try:
            yield bell
        finally:
            with self._lock:
                self._listening[channel].discard(bell)
                if not self._listening[channel]:
                    del self._listening[channel]

    async def wait(self, channel: str, timeout: float) -> bool:
        """One wait without a loop around it; use `listen` where news between two waits matters."""
        with self.listen(channel) as bell:
            return await bell.wait(timeout)

    def close(self) -> None:
        """The process is ending: every stream ends now, and new ones at once."""
        with self._lock:
            self.closed = True
            bells = [bell for group in self._listening.values() for bell in group]
        for bell in bells:
            bell.ring(closing=True)
