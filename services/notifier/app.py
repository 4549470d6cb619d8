"""The notifier, put together."""

from functools import partial

from fastapi import APIRouter

from schemas import request_status, service_requests
from schemas.message import Message
from schemas.request_status import Recipient
from schemas.vocabulary import Language
from services.notifier.api import Timelines, api_router
from services.notifier.deliveries import Deliveries
from services.notifier.mail import MailSender
from services.notifier.messages import Messages
from services.notifier.pages import page_router
from services.notifier.timeline import CHANGED, DELIVER, on_events
from services.notifier.words import NOTIFIER_WORDS
from services.runtime.consumer import Subscription
from services.runtime.identity.opening import Opening
from services.runtime.listen import Feed
from services.runtime.mail import mail_server
from services.runtime.service import Chore, Parts, Service
from services.runtime.settings import Settings
from services.runtime.web.pages import Pages
from services.runtime.work import Workshop


def build(settings: Settings, workshop: Workshop, parts: Parts) -> Service:
    """Routes, one consumer of two topics, and the deliveries."""
    pages = Pages("services.notifier", NOTIFIER_WORDS, parts.site, parts.assets, workshop.clock.read)
    timelines = Timelines(workshop)
    router = APIRouter()
    router.include_router(api_router(timelines, pages, parts.signals))
    router.include_router(page_router(timelines, pages, Opening(parts.codes, parts.limiter), parts.cookies))
    return Service(
        name="notifier",
        workshop=workshop,
        router=router,
        words=NOTIFIER_WORDS,
        subscriptions=(subscription(manager_of(settings)),),
        chores=_chores(settings, workshop, Messages(pages, parts.codes)),
        resources=(Feed(workshop.database, {CHANGED: "request:"}, parts.signals.notify),),
    )


def manager_of(settings: Settings) -> Recipient | None:
    """Who is written to when a response time runs out."""
    if settings.manager_email is None:
        return None
    return Recipient(email=settings.manager_email, language=Language(settings.manager_language), full=True)


def subscription(manager: Recipient | None = None) -> Subscription:
    """It does not park: it inserts by (number, version) and shows the highest."""
    messages: tuple[type[Message], ...] = (service_requests.RequestAccepted, *request_status.MESSAGES)
    return Subscription(
        consumer="notifier",
        topics=(service_requests.TOPIC, request_status.TOPIC),
        handlers=dict.fromkeys((message.TYPE for message in messages), partial(on_events, manager)),
    )


def _chores(settings: Settings, workshop: Workshop, messages: Messages) -> tuple[Chore, ...]:
    """Deliveries, where there is a mail server; without one, messages wait."""
    if settings.smtp_url is None:
        return ()
    server = mail_server(settings.smtp_url.get_secret_value())
    deliveries = Deliveries(workshop, MailSender(server, settings.mail_from, messages))
    return (Chore("deliveries", deliveries.send_due, every=2.0, wake_on=DELIVER),)
