"""What all commands share: where they print, how they end, by which settings.

Imported by every command, also those that answer at once: nothing here loads a service.
"""

from enum import IntEnum
from typing import Annotated, Any, NoReturn

import orjson
import typer
from rich.console import Console

from services.runtime.settings import Settings, WrongSetting, load_settings

#: Answers go to standard output, progress and problems to standard error. Both honour NO_COLOR and pipes.
out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


class Exit(IntEnum):
    """How a command ends."""

    DONE = 0
    NO = 1
    USAGE = 2
    AWAY = 3


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def fail(code: Exit, message: str) -> NoReturn:
    """Say what, where and the mend on standard error, and end."""
    err.print(f"fixline: {message}", markup=False, style="bold red")
    raise typer.Exit(code)


def settings(**given: object) -> Settings:
    """The process's settings. A wrong one ends the command and names itself."""
    try:
        return load_settings(**given)
    except WrongSetting as error:
        fail(Exit.USAGE, str(error))


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
