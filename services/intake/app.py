"""Intake, put together."""

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from fastapi import APIRouter

from services.intake.accounts import Sessions, Tokens
from services.intake.api import api_router
from services.intake.backlog import Backlog
from services.intake.bulk import Uploads
from services.intake.channels import Channels
from services.intake.command_pages import command_router
from services.intake.committer import Committer, sweep_keys
from services.intake.customers import customers_at
from services.intake.dispute_pages import dispute_router
from services.intake.drafts import DraftCookie, sweep_drafts
from services.intake.home_pages import home_router
from services.intake.one_time_codes import Post, sweep_codes
from services.intake.phone_pages import Phone, phone_router
from services.intake.request_pages import request_router
from services.intake.sign_in_pages import sign_in_router
from services.intake.words import INTAKE_WORDS
from services.runtime.identity.introspection import introspection_router
from services.runtime.mail import MailServer, mail_server
from services.runtime.service import Chore, Chores, Parts, Service
from services.runtime.settings import Settings
from services.runtime.web.pages import Pages
from services.runtime.work import Workshop


def build(settings: Settings, workshop: Workshop, parts: Parts) -> Service:
    """Routes and the group committer; intake consumes nothing."""
    pages = Pages("services.intake", INTAKE_WORDS, parts.site, parts.assets, workshop.clock.read)
    backlog = Backlog(workshop, settings.intake_backlog, timedelta(seconds=settings.intake_backlog_seconds))
    committer = Committer(
        workshop, most_waiting=settings.intake_waiting, patience=settings.intake_patience, full=backlog.refusal
    )
    channels = Channels(workshop, committer, parts, pages)
    customers = customers_at(settings.routing_url or settings.public_url, parts.service_key)
    secure = urlsplit(settings.public_url).scheme == "https"
    router = APIRouter()
    for inner in (
        api_router(channels, Uploads(settings.intake_uploads)),
        introspection_router(Tokens(workshop), Sessions(workshop)),
        home_router(channels),
        sign_in_router(channels, Post(workshop, customers, _mail_server(settings), settings.mail_from)),
        request_router(channels, DraftCookie(secure)),
        command_router(channels),
        dispute_router(channels),
        phone_router(Phone(channels, customers)),
    ):
        router.include_router(inner)
    # Intake has no worker: what it forgets, it forgets beside its HTTP side.
    forgetting = Chores(workshop, (Chore("forget", lambda: _forget(workshop), every=3600),))
    resources = (committer, forgetting)
    return Service(
        name="intake",
        workshop=workshop,
        router=router,
        words=INTAKE_WORDS,
        resources=resources,
        checks=(("intake", committer.why_unready),),
    )


def _forget(workshop: Workshop) -> int:
    """Old answers, old drafts and old codes; how many."""
    with workshop.begin(origin=str(uuid4())) as work:
        return sweep_keys(work) + sweep_drafts(work) + sweep_codes(work)


def _mail_server(settings: Settings) -> MailServer | None:
    return None if settings.smtp_url is None else mail_server(settings.smtp_url.get_secret_value())
