"""One FastAPI app out of routers: the same for one service alone and for all three in one process.

Every route must declare who may (`identity/access.py`); the description of the API, the health addresses and the static
files are ordinary routes that do so too.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from services.runtime.identity.access import ANYONE, Identity, may
from services.runtime.web.doors import Doors
from services.runtime.web.middleware import Correlation, Guards, HttpMetrics, LastNet, Measured, SecureHeaders
from services.runtime.web.openapi import api_description
from services.runtime.web.pages import Pages
from services.runtime.web.problems import Unexpected, answer, install_problems


class Lifespan(Protocol):
    def __call__(self, app: FastAPI) -> AbstractAsyncContextManager[None]: ...


@dataclass(frozen=True)
class Web:
    """What one HTTP process is made of. `pages` renders the failure pages: give it the words of all its services."""

    title: str
    version: str
    identity: Identity
    pages: Pages
    metrics: HttpMetrics
    #: Exceptions that mean "we are down, try again", beside `Unavailable`: the database's and the log's.
    down: Sequence[type[Exception]] = field(default=())
    #: Requests in hand at once; more are asked to come again.
    in_flight: int = 128


def build_app(web: Web, routers: Sequence[APIRouter], lifespan: Lifespan | None = None) -> FastAPI:
    """The app, with middleware, problem handlers, static files and `/openapi.json`; routers in the order given."""
    site = web.pages.site
    app = FastAPI(
        title=web.title,
        version=web.version,
        docs_url=None,  # the interactive pages load scripts from another host
        redoc_url=None,
        openapi_url=None,  # served below, so that it declares who may like any other route
        redirect_slashes=False,
        lifespan=lifespan,
        middleware=[
            Middleware(Correlation),
            Middleware(Measured, metrics=web.metrics),
            Middleware(SecureHeaders, https=site.public_url.startswith("https://")),
            Middleware(Doors, most=web.in_flight, answer=lambda request, refused: answer(request, refused, web.pages)),
            Middleware(LastNet, answer=lambda request, _: answer(request, Unexpected(), web.pages)),
            Middleware(
                Guards, public_url=site.public_url, answer=lambda request, refused: answer(request, refused, web.pages)
            ),
        ],
    )
    app.state.identity = web.identity
    install_problems(app, web.pages, web.down)
    for router in (web.pages.assets.router(), _described(app), *routers):
        app.include_router(router)
    return app


def _described(app: FastAPI) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json", dependencies=[may(ANYONE)])
    def openapi() -> dict[str, object]:
        return api_description(app)

    return router
