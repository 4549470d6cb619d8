"""Intake, put together."""

from uuid import uuid4

from fastapi import APIRouter

from services.intake.accounts import Sessions, Tokens
from services.intake.api import api_router
from services.intake.channels import Channels
from services.intake.committer import Committer, sweep_keys
from services.intake.words import INTAKE_WORDS
from services.runtime.identity.introspection import introspection_router
from services.runtime.service import Chore, Chores, Parts, Service
from services.runtime.settings import Settings
from services.runtime.web.pages import Pages
from services.runtime.work import Workshop


def build(settings: Settings, workshop: Workshop, parts: Parts) -> Service:
    """Routes and the group committer; intake consumes nothing."""
    pages = Pages("services.intake", INTAKE_WORDS, parts.site, parts.assets, workshop.clock.read)
    committer = Committer(workshop)
    channels = Channels(workshop, committer, parts, pages)
    router = APIRouter()
    router.include_router(api_router(channels))
    router.include_router(introspection_router(Tokens(workshop), Sessions(workshop)))
    # Intake has no worker: what it forgets, it forgets beside its HTTP side.
    forgetting = Chores(workshop, (Chore("forget", lambda: _forget(workshop), every=3600),))
    resources = (committer, forgetting)
    return Service(name="intake", workshop=workshop, router=router, words=INTAKE_WORDS, resources=resources)


def _forget(workshop: Workshop) -> int:
    with workshop.begin(origin=str(uuid4())) as work:
        return sweep_keys(work)
