"""The composition root: the only place that knows settings, databases, services and logs together.

Embedded: three services, three SQLite files, one process. On Kafka: one service a process, in one of three roles (serve,
work, relay). Neither knows of the other's libraries until it is asked for.
"""

import importlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from typing import Final
from urllib.parse import urlsplit

from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.concurrency import run_in_threadpool

from schemas.topics import TOPICS
from schemas.vocabulary import Role
from services.routing.rules.calendars import pin_time_zones
from services.runtime import metrics, migrate
from services.runtime.clock import Clock, clock_for
from services.runtime.consumer import Processor
from services.runtime.database import Database, open_database
from services.runtime.embedded import EmbeddedConsumer, Source
from services.runtime.health import Check, database_check, health_router
from services.runtime.identity.access import ANYONE, Identity, may
from services.runtime.identity.codes import TrackingCodes
from services.runtime.identity.cookies import Cookies
from services.runtime.identity.directories import (
    IntrospectingSessions,
    IntrospectingTokens,
    SessionDirectory,
    TokenDirectory,
)
from services.runtime.identity.opening import Opening
from services.runtime.identity.rates import RateLimiter
from services.runtime.identity.sql_rates import SqlCounters
from services.runtime.secrets import Secrets, for_data_dir, from_settings
from services.runtime.service import Chores, Parts, Service
from services.runtime.settings import Settings
from services.runtime.tables import RuntimeTables
from services.runtime.web.app import Lifespan, Web, build_app
from services.runtime.web.assets import Assets
from services.runtime.web.pages import MenuItem, Pages, Site
from services.runtime.web.phrases import KIT_WORDS
from services.runtime.web.signal import Signals
from services.runtime.web.sse import ends_streams
from services.runtime.web.words import Phrase
from services.runtime.work import Workshop

SERVICES = migrate.SERVICES


@dataclass(frozen=True)
class Stack:
    """Everything built from one process's settings, each part made when it is first asked for."""

    settings: Settings
    services: tuple[str, ...] = SERVICES
    signals: Signals = field(default_factory=Signals)

    def __post_init__(self) -> None:
        pin_time_zones()  # before anything is decided or shown: machines differ in how old their own zone rules are

    @property
    def embedded(self) -> bool:
        return self.settings.database_url is None

    @cached_property
    def clock(self) -> Clock:
        return clock_for(self.settings.clock)

    @cached_property
    def secrets(self) -> Secrets:
        return for_data_dir(self.settings.data_dir) if self.embedded else from_settings(self.settings)

    @cached_property
    def workshops(self) -> dict[str, Workshop]:
        return {name: self._workshop(name) for name in self.services}

    @cached_property
    def parts(self) -> Parts:
        return Parts(
            signals=self.signals,
            cookies=self._cookies,
            codes=TrackingCodes(self.secrets.tracking_key),
            limiter=self._limiter,
            assets=Assets(tuple(f"services.{name}" for name in SERVICES)),
            site=site(self.settings),
            service_key=self.secrets.service_key,
        )

    @cached_property
    def built(self) -> dict[str, Service]:
        """The services of this process."""
        return {
            name: importlib.import_module(f"services.{name}.app").build(self.settings, workshop, self.parts)
            for name, workshop in self.workshops.items()
        }

    def migrate(self) -> dict[str, str]:
        """Bring every database of this process to its newest revision."""
        return {name: migrate.upgrade(workshop.database, name) for name, workshop in self.workshops.items()}

    def processors(self) -> list[Processor]:
        """One for each subscription of this process's services."""
        return [
            Processor(service.workshop, subscription)
            for service in self.built.values()
            for subscription in service.subscriptions
        ]

    def app(self, checks: Sequence[tuple[str, Check]] = (), running: "Running | None" = None) -> FastAPI:
        """The HTTP side of this process's services: one app, whether one service or three."""
        words = KIT_WORDS
        for service in self.built.values():
            words = words | service.words
        pages = Pages("services.runtime.web", words, self.parts.site, self.parts.assets, self.clock.read)
        web = Web(
            title="Fixline",
            version=version("fixline"),
            identity=self._identity,
            pages=pages,
            metrics=_HttpDurations(),
            down=(OperationalError, PoolTimeout),  # a pool that gives no connection in time is overload, not a bug
            in_flight=self.settings.in_flight,
        )
        databases = [(name, database_check(workshop.database)) for name, workshop in self.workshops.items()]
        own = [check for service in self.built.values() for check in service.checks]
        health = health_router([*databases, *own, *checks], [may(ANYONE)])
        tell_version()
        return build_app(web, [health, *(service.router for service in self.built.values())], self._lifespan(running))

    def _lifespan(self, running: "Running | None") -> Lifespan:
        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            resources = [resource for service in self.built.values() for resource in service.resources]
            for resource in resources:
                resource.start()
            if running:
                running.start()
            try:
                with ends_streams(self.signals):
                    yield
            finally:
                self.signals.close()
                if running:
                    await run_in_threadpool(running.stop)
                for resource in reversed(resources):
                    await run_in_threadpool(resource.stop)

        return lifespan

    def _workshop(self, name: str) -> Workshop:
        tables: RuntimeTables = importlib.import_module(f"services.{name}.tables").RUNTIME
        return Workshop(service=name, database=self._database(name), tables=tables, clock=self.clock)

    def _database(self, name: str) -> Database:
        if self.settings.database_url is not None:
            return open_database(self.settings.database_url.get_secret_value())
        return open_database(f"sqlite:///{self.settings.data_dir / name}.db")

    @cached_property
    def _cookies(self) -> Cookies:
        secure = urlsplit(self.settings.public_url).scheme == "https"
        return Cookies(self.secrets.keys, secure=secure, now=self.clock.read)

    @cached_property
    def _limiter(self) -> RateLimiter:
        if self.embedded:
            return RateLimiter()
        workshop = next(iter(self.workshops.values()))
        return RateLimiter(SqlCounters(workshop.database.statement, workshop.tables.rate_counters))

    @cached_property
    def _identity(self) -> Identity:
        tokens, sessions = self._directories()
        return Identity(
            cookies=self._cookies,
            tokens=tokens,
            sessions=sessions,
            opening=Opening(self.parts.codes, self._limiter),
            service_key=self.secrets.service_key.encode(),
        )

    def _directories(self) -> tuple[TokenDirectory, SessionDirectory]:
        """Intake's own tables where they are at hand, else asked for over HTTP and remembered for a minute."""
        if "intake" in self.workshops:
            accounts = importlib.import_module("services.intake.accounts")
            return accounts.Tokens(self.workshops["intake"]), accounts.Sessions(self.workshops["intake"])
        url = self.settings.intake_url or self.settings.public_url
        key = self.secrets.service_key
        return IntrospectingTokens(url, key), IntrospectingSessions(url, key)


@dataclass
class Running:
    """The embedded stack's consumers and chores."""

    stack: Stack
    consumers: list[EmbeddedConsumer] = field(default_factory=list)
    chores: list[Chores] = field(default_factory=list)

    def start(self) -> None:
        """Raises `WrongLog` when a data folder was put together from different backups."""
        producers = {topic.name: topic.producer for topic in TOPICS}
        for service in self.stack.built.values():
            for subscription in service.subscriptions:
                for producer in sorted({producers[name] for name in subscription.topics}):
                    consumer = EmbeddedConsumer(Processor(service.workshop, subscription), self._source(producer))
                    consumer.start()
                    self.consumers.append(consumer)
        for service in self.stack.built.values():
            chores = Chores(service.workshop, service.chores)
            chores.start()
            self.chores.append(chores)

    def stop(self) -> None:
        """What is in hand is finished."""
        for consumer in self.consumers:
            consumer.stop()
        for chores in self.chores:
            chores.stop()

    def check(self) -> str | None:
        """Why not ready, if not."""
        failed = [consumer.failed for consumer in self.consumers if consumer.failed]
        return "; ".join(failed) or None

    def _source(self, producer: str) -> Source:
        workshop = self.stack.workshops[producer]
        return Source(producer, workshop.database, workshop.tables)


@dataclass(frozen=True)
class _HttpDurations:
    """The web kit's measure, in our metrics."""

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        metrics.HTTP_DURATION.labels(method, route, str(status)).observe(seconds)


def tell_version() -> None:
    """`fixline_build_info`, in every process."""
    metrics.BUILD.info({"version": version("fixline")})


#: Where staff work: the header leads back there from every page.
_MENU: Final = (
    (Phrase("Take a call", "Prendre un appel"), "/phone", (Role.AGENT,)),
    (Phrase("My jobs", "Mes interventions"), "/tech", (Role.TECHNICIAN,)),
    (Phrase("Queues", "Files"), "/desk", (Role.DESK, Role.OPS)),
    (Phrase("Late and nearly late", "En retard ou presque"), "/desk/late", (Role.OPS,)),
    (Phrase("What corrections taught", "Ce que les corrections ont appris"), "/desk/models", (Role.OPS,)),
    (Phrase("Depot bench", "Atelier"), "/depot", (Role.DEPOT,)),
)


def site(settings: Settings) -> Site:
    """What all pages share."""
    return Site(
        public_url=settings.public_url.rstrip("/"),
        phone="+18005550199",
        hours=Phrase("every day, at any hour", "tous les jours, à toute heure"),
        menu=tuple(MenuItem(label, Phrase(at, at), frozenset(roles)) for label, at, roles in _MENU),
    )
