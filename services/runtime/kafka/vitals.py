"""Is the worker alive, or does it only look so? What it does is noted here, and a watchdog of our own reads it.

Faust has nothing of the kind: past its poll interval it lives and never consumes again, and a stuck handler ignores SIGTERM
for ever. The watchdog ends such a process by ``os._exit``, which loses nothing: offsets move only behind finished batches.
"""

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

#: EX_SOFTWARE of sysexits.h: ended by itself; whoever runs it starts it again.
EXIT_STUCK = 70
#: A watchdog that itself slept longer than this was stopped with its process (SIGSTOP, a suspended machine).
_OVERSLEPT = 5.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How long what may take, in seconds."""

    batch: float = 40.0  # one batch without progress; a retry is progress. Stuck for ever, it is back within a minute
    fetch: float = 30.0  # between two fetches, while the flow is open and no batch is in hand
    rebalance: float = 45.0  # with the flow stopped and no batch in hand: longer than the group's rebalance timeout
    drain: float = 8.0  # from the request to stop to the end: below the 10 s after which Docker kills


@dataclass(slots=True)
class Vitals:
    """What the worker did last. Each field is one value that is replaced whole: written by the event loop and the handler's
    thread, read by the watchdog's, without a lock that a stuck thread could hold."""

    clock: Callable[[], float] = time.monotonic
    moved_at: float = field(
        init=False
    )  # the last sign of life: a fetch begun, a batch begun or ended, the flow changed
    batch_at: float | None = field(default=None, init=False)  # since when a batch is in hand; moved on by its progress
    batch_thread: int | None = field(default=None, init=False)
    open: bool = field(default=False, init=False)  # whether the flow is
    stopping_at: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.moved_at = self.clock()

    def fetch(self) -> None:
        """The fetch loop was entered."""
        self.moved_at = self.clock()

    def flow(self, *, active: bool) -> None:
        """The flow was opened (an assignment is complete) or stopped (a rebalance began)."""
        self.open, self.moved_at = active, self.clock()

    def begin_batch(self) -> None:
        """The handler got a batch; called in its thread."""
        self.batch_thread = threading.get_ident()
        self.moved_at = self.batch_at = self.clock()

    def progress(self) -> None:
        """The handler moves on within its batch, or waits on purpose (it retries while a database is away)."""
        if self.batch_at is not None:
            self.batch_at = self.clock()

    def end_batch(self) -> None:
        self.batch_at, self.moved_at = None, self.clock()

    def stopping(self) -> None:
        """Somebody asked the worker to stop. The first time counts."""
        if self.stopping_at is None:
            self.stopping_at = self.clock()

    def excuse(self, seconds: float) -> None:
        """The whole process stood still for so long: nobody could move."""
        self.moved_at += seconds
        if self.batch_at is not None:
            self.batch_at += seconds
        if self.stopping_at is not None:
            self.stopping_at += seconds

    def unready(self, limits: Limits) -> str | None:
        """None when the worker has its partitions and fetches; else why not. The shape of a readiness check."""
        if self.stopping_at is not None:
            return "stopping"
        if not self.open:
            return "waiting for partitions"
        return verdict(self, limits, self.clock())


def verdict(vitals: Vitals, limits: Limits, now: float) -> str | None:
    """What is stuck, or None. Pure."""
    stopping_at, batch_at = vitals.stopping_at, vitals.batch_at
    if stopping_at is not None and now - stopping_at > limits.drain:
        return f"not stopped within {limits.drain:g} s"
    if batch_at is not None:
        return f"one batch without progress for {limits.batch:g} s" if now - batch_at > limits.batch else None
    if vitals.open and now - vitals.moved_at > limits.fetch:
        return f"nothing fetched for {limits.fetch:g} s"
    if not vitals.open and now - vitals.moved_at > limits.rebalance:
        return f"no partitions for {limits.rebalance:g} s"
    return None


@dataclass
class Watchdog:
    """Looks every half second, in a thread of its own, and ends the process when something is stuck.

    ``asked_to_stop``: whether the worker was told to stop; polled, so that no signal handler is needed.
    ``end``: what ends the process; given only by tests.
    """

    vitals: Vitals
    limits: Limits
    asked_to_stop: Callable[[], bool]
    end: Callable[[int], None] = os._exit
    every: float = 0.5
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            # A daemon: it must look on while the interpreter waits for a stuck handler's thread to end.
            self._thread = threading.Thread(target=self._look, name="watchdog", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _look(self) -> None:
        before = self.vitals.clock()
        while not self._stop.wait(self.every):
            now = self.vitals.clock()
            if now - before > _OVERSLEPT:
                self.vitals.excuse(now - before)
            before = now
            if self.asked_to_stop():
                self.vitals.stopping()
            if (reason := verdict(self.vitals, self.limits, now)) is not None:
                _say(reason, self.vitals)
                self.end(EXIT_STUCK)
                return


def _say(reason: str, vitals: Vitals) -> None:
    """One line, written past the logging machinery: what is stuck may hold its locks. Names of functions, no values."""
    line = {"event": "worker.stuck", "level": "critical", "reason": reason}
    frame = sys._current_frames().get(vitals.batch_thread or 0) if vitals.batch_at is not None else None
    if frame is not None:
        stack = traceback.extract_stack(frame)[-6:]
        line["at"] = " > ".join(f"{step.name}:{step.lineno}" for step in stack)
    os.write(2, orjson.dumps(line) + b"\n")
