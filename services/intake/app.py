"""Intake, put together."""

from fastapi import APIRouter

from services.intake.accounts import Sessions, Tokens
from services.intake.api import Channels, api_router
from services.intake.committer import Committer
from services.intake.words import INTAKE_WORDS
from services.runtime.identity.introspection import introspection_router
from services.runtime.service import Parts, Service
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
    return Service(name="intake", workshop=workshop, router=router, words=INTAKE_WORDS, resources=(committer,))
