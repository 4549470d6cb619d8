"""Which services and databases a command means."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import OperationalError

from services.commands.terminal import Exit, fail, settings
from services.runtime.logs import set_up_logs
from services.runtime.settings import Settings
from services.stack import SERVICES, Stack

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of the embedded stack's files.", show_default="data")
]
ServiceName = Annotated[
    str | None, typer.Option("--service", help="On PostgreSQL: whose database FIXLINE_DATABASE_URL is.")
]


def services_meant(loaded: Settings, service: str | None) -> tuple[str, ...]:
    """Embedded: all three, or the one named. On PostgreSQL a process has one service's database: it must be named."""
    if service is not None and service not in SERVICES:
        fail(Exit.USAGE, f"{service}: no such service; choose one of {', '.join(SERVICES)}")
    if service is not None:
        return (service,)
    if loaded.database_url is not None:
        fail(Exit.USAGE, "FIXLINE_DATABASE_URL is one service's: say which with --service")
    return SERVICES


def existing_stack(data_dir: Path | None = None, service: str | None = None) -> Stack:
    """The stack that is already there, for commands that look at it or mend it."""
    loaded = settings(data_dir=data_dir)
    set_up_logs(loaded.log_format, "warning", service="cli")
    meant = services_meant(loaded, service)
    if loaded.database_url is None and not (loaded.data_dir / f"{meant[0]}.db").exists():
        fail(
            Exit.USAGE,
            f"{loaded.data_dir}: no Fixline data here; name its folder with --data-dir, or start one with `fixline up`",
        )
    return Stack(loaded, meant)


@contextmanager
def reachable() -> Iterator[None]:
    """A database that is away ends the command with 3, without a traceback."""
    try:
        yield
    except OperationalError as error:
        fail(
            Exit.AWAY,
            f"the database does not answer: {type(error.orig).__name__}; start it, or check FIXLINE_DATABASE_URL",
        )
