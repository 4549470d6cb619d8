"""Routing put together: what it consumes, what it does by itself, and its pages."""

from dataclasses import dataclass, field
from functools import partial

from fastapi import APIRouter

from schemas.service_requests import TOPIC
from services.routing import boards, learning, waits
from services.routing.answers_api import answers_router
from services.routing.api import routing_api
from services.routing.approval_api import approval_router
from services.routing.billing_desk_api import billing_desk_router
from services.routing.billing_pages import billing_pages
from services.routing.bills_api import bills_router
from services.routing.decisions import Judge
from services.routing.depot_pages import depot_pages
from services.routing.desk_pages import desk_pages
from services.routing.edge import ALL_QUEUES, Edge, queue_channel
from services.routing.explain_pages import explain_pages
from services.routing.facts import FactSource
from services.routing.handlers import handlers, look
from services.routing.manager_pages import manager_pages
from services.routing.pages import tech_pages
from services.routing.queues import QUEUES_CHANGED
from services.routing.rules.policy import standard_policy
from services.routing.store import lock_requests
from services.routing.timers import fire_due
from services.routing.words import ROUTING_WORDS
from services.runtime import listen
from services.runtime.consumer import Subscription
from services.runtime.service import Chore, Parts, Service
from services.runtime.settings import Settings
from services.runtime.web.pages import Pages
from services.runtime.web.signal import Signals
from services.runtime.work import Workshop


def build(_settings: Settings, workshop: Workshop, parts: Parts) -> Service:
    """The service, for whoever runs it."""
    judge = Judge(standard_policy(), FactSource())
    pages = Pages("services.routing", ROUTING_WORDS, parts.site, parts.assets, workshop.clock.read)
    edge = Edge(workshop, judge, pages, parts.signals)
    router = APIRouter()
    first = (
        approval_router,
        billing_desk_router,
        bills_router,
        billing_pages,
        manager_pages,
    )  # before the addresses of every desk
    for part in (*first, routing_api, answers_router, tech_pages, desk_pages, explain_pages, depot_pages):
        router.include_router(part(edge))
    return Service(
        name="routing",
        workshop=workshop,
        router=router,
        words=ROUTING_WORDS,
        subscriptions=(subscription(judge),),
        chores=(
            Chore("timers", lambda: fire_due(workshop, judge)),
            Chore("calendar", Calendar(workshop, judge).follow, every=5.0),
            Chore("learning", lambda: learning.learn(workshop), every=learning.EVERY),
            Chore("queue-metrics", lambda: _measure(workshop), every=15.0),
        ),
        resources=(QueueNews(workshop, parts.signals),),
    )


def subscription(judge: Judge) -> Subscription:
    """What routing reads. A key behind a dead letter is parked: what was cancelled meanwhile is never dispatched."""
    return Subscription(
        consumer="routing",
        topics=(TOPIC,),
        handlers=handlers(judge),
        parks=True,
        lock=lock_requests,
        look=partial(look, judge),
    )


def _measure(workshop: Workshop) -> int:
    with workshop.database.reading() as connection:
        boards.measure(connection, workshop.clock.read())
    return 0


@dataclass
class Calendar:
    """Has open clocks computed again when an import brought other closed days, and once at the start: what a new version
    of the program or its holidays changes."""

    workshop: Workshop
    judge: Judge
    _seen: int | None = None

    def follow(self) -> int:
        with self.workshop.database.reading() as connection:
            generation = self.judge.facts.reference(connection).generation
        if generation != self._seen:
            waits.follow_calendar(self.workshop, self.judge)
            self._seen = generation
        return 0


@dataclass
class QueueNews:
    """Passes the database's signal on to the pages that show a queue."""

    workshop: Workshop
    signals: Signals
    _listening: list[listen.Subscription] = field(default_factory=list)

    def start(self) -> None:
        self._listening.append(listen.listen(self.workshop.database, [QUEUES_CHANGED], self._heard))

    def stop(self) -> None:
        for listening in self._listening:
            listening.stop()

    def _heard(self, _channel: str, names: str) -> None:
        for name in names.split("\n"):
            self.signals.notify(queue_channel(name))
        self.signals.notify(ALL_QUEUES)
