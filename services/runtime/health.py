"""Alive, ready, measured: ``/healthz``, ``/readyz`` and ``/metrics``, the same in every process."""

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from services.runtime.database import Database

#: None: ready; else why not.
Check = Callable[[], str | None]


def database_check(database: Database) -> Check:
    """Ready when the database answers and takes writes."""

    def check() -> str | None:
        try:
            with database.reading() as connection:
                connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError) as error:
            return f"database: {type(error).__name__}"
        return None

    return check


def readiness(checks: Sequence[tuple[str, Check]]) -> dict[str, str]:
    """What is not ready, and why; empty when all is."""
    return {name: reason for name, check in checks if (reason := check()) is not None}


def metrics_page() -> bytes:
    """All metrics in the text format; with several processes, of them all together."""
    import os

    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # prometheus-client leaves it untyped
    return generate_latest(registry)


def health_router(checks: Sequence[tuple[str, Check]], public: Sequence[Any]) -> APIRouter:
    """The three routes. ``public`` are the dependencies that declare who may: anyone."""
    router = APIRouter(dependencies=list(public), include_in_schema=False)

    @router.get("/healthz")
    def alive() -> dict[str, str]:
        """The process runs and answers."""
        return {"status": "ok"}

    @router.get("/readyz")
    def ready() -> JSONResponse:
        """What it needs is there. 503 with the reasons if not."""
        problems = readiness(checks)
        return JSONResponse(
            {"status": "ok" if not problems else "unready", "problems": problems}, 503 if problems else 200
        )

    @router.get("/metrics")
    def metrics() -> Response:
        return Response(metrics_page(), media_type=CONTENT_TYPE_LATEST)

    return router
