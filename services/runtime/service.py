"""What a service hands to whoever runs it: its routes, what it consumes, and its chores. No service knows how it is run."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from fastapi import APIRouter

from services.runtime.consumer import Subscription
from services.runtime.failures import is_transient
from services.runtime.health import Check
from services.runtime.identity.codes import TrackingCodes
from services.runtime.identity.cookies import Cookies
from services.runtime.identity.rates import RateLimiter
from services.runtime.listen import listen
from services.runtime.web.assets import Assets
from services.runtime.web.pages import Site
from services.runtime.web.signal import Signals
from services.runtime.web.words import Words
from services.runtime.work import Workshop

logger = structlog.get_logger()


class Resource(Protocol):
    """Something the HTTP side needs running: a group committer, a listener."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True)
class Chore:
    """Work that no event asks for: timers, deliveries. ``run`` does one portion and says how much that was.

    It runs again at once while there was something to do, else after ``every`` seconds or a signal on ``wake_on``.
    """

    name: str
    run: Callable[[], int]
    every: float = 1.0
    wake_on: str | None = None


@dataclass(frozen=True)
class Parts:
    """What a service is given besides its settings and its database; the same objects for all services of a process."""

    signals: Signals
    cookies: Cookies
    codes: TrackingCodes
    limiter: RateLimiter
    assets: Assets
    site: Site
    service_key: str


@dataclass(frozen=True)
class Service:
    """``words`` are what its pages say; the failure pages of a process say the words of all its services."""

    name: str
    workshop: Workshop
    router: APIRouter
    words: Words
    subscriptions: tuple[Subscription, ...] = ()
    chores: tuple[Chore, ...] = ()
    resources: tuple[Resource, ...] = ()
    #: What must be well for its HTTP side to be ready, beside its database.
    checks: tuple[tuple[str, Check], ...] = ()


@dataclass
class Chores:
    """Runs a service's chores, each in a thread of its own, until stopped. A failing chore tries again, for ever."""

    workshop: Workshop
    chores: Sequence[Chore]
    _stop: threading.Event = field(default_factory=threading.Event)
    _wakes: list[threading.Event] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)
    _listeners: list[Callable[[], None]] = field(default_factory=list)

    def start(self) -> None:
        for chore in self.chores:
            wake = threading.Event()
            self._wakes.append(wake)
            if chore.wake_on:
                signals = listen(self.workshop.database, [chore.wake_on], lambda _c, _p, wake=wake: wake.set())  # type: ignore[misc]  # the default binds the loop's own
                self._listeners.append(signals.stop)
            thread = threading.Thread(target=self._follow, args=(chore, wake), name=f"chore-{chore.name}")
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """End after the portion in hand."""
        self._stop.set()
        for wake in self._wakes:
            wake.set()
        for thread in self._threads:
            thread.join(timeout=30)
        for stop in self._listeners:
            stop()

    def _follow(self, chore: Chore, wake: threading.Event) -> None:
        while not self._stop.is_set():
            try:
                busy = chore.run()
            except Exception as error:
                busy = 0
                if is_transient(error):
                    logger.warning("chore.retry", chore=chore.name, error=type(error).__name__)
                else:
                    logger.exception("chore.failed", chore=chore.name)
                self._stop.wait(min(5.0, max(1.0, chore.every)))
            if not busy:
                wake.wait(chore.every)
                wake.clear()
