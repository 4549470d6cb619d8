"""Routing's database for one run: its migrations, and contract data by its own import."""

from uuid import uuid4

from benchmarks import workload
from services.routing.imports import import_rows
from services.routing.tables import RUNTIME
from services.runtime import migrate
from services.runtime.clock import DatabaseClock
from services.runtime.database import open_database
from services.runtime.work import Workshop


def routing(url: str, copies: int) -> Workshop:
    """Made and filled."""
    workshop = Workshop("routing", open_database(url), RUNTIME, DatabaseClock())
    migrate.upgrade(workshop.database, "routing")
    with workshop.begin(origin=str(uuid4())) as work:
        import_rows(work, workload.contract_rows(copies))
    return workshop
