"""The `fixline` command: composition only. Exit codes: 0 done, 1 the answer is no, 2 bad usage or input, 3 a dependency is down.

A command is imported when it is called: the whole program takes more than a second to load, and a list of commands or a
dry run needs little of it. What the list says of each command stands here; a test holds it to the command's own words.
"""

from importlib import import_module
from typing import Any, Final, NamedTuple, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command


class Entry(NamedTuple):
    """Where a command is, as ``module:name`` within `services.commands`, and its line in the list."""

    where: str
    says: str


COMMANDS: Final = {
    "up": Entry("running:up", "Run all three services in one process on SQLite: no other server needed."),
    "demo": Entry(
        "demo:demo",
        "Run the bundled sample day: 60 requests by web and telephone, each decision with its reason, on this machine alone.",
    ),
    "serve": Entry("running:serve", "Run a service's HTTP side."),
    "work": Entry("running:work", "Run a service's Kafka consumer, its timers and deliveries."),
    "relay": Entry("running:relay", "Publish a service's outbox to Kafka. A second one waits until the first is gone."),
    "decide": Entry(
        "decide:decide",
        "Decide requests by data files alone: no database, no server. Ends with 1 if a line is no request.",
    ),
    "import": Entry(
        "imports:import_",
        "Bring routing's contract data up to date with the files. Twice changes nothing the second time.",
    ),
    "reconcile": Entry(
        "reconcile:reconcile",
        "Compare all that is shown with the events that say so; 0 differences, or it ends with 1.",
    ),
    "track": Entry(
        "track:track",
        "Print what has happened to a request, from FIXLINE_PUBLIC_URL. Ends with 0, or 1 once it is refused or cancelled.",
    ),
    "doctor": Entry(
        "doctor:doctor",
        "Check what this process needs, by the same settings. Ends with 3 when a dependency is down, 1 for what else is wrong.",
    ),
    "submit": Entry("channels:submit", "Send a request and print its number. Options go before what the file says."),
    "user": Entry("accounts:user", "Staff accounts."),
    "token": Entry("accounts:token", "API tokens of programs."),
    "queue": Entry("queue:app", "Queues: what waits in them."),
    "model": Entry("model:app", "What people's corrections taught the reader of texts, and how to undo it."),
    "topics": Entry("topics:app", "Kafka's topics, as the catalogue says."),
    "db": Entry("db:app", "Databases: bring them to the newest revision, or check that they are."),
    "dead": Entry("dead:app", "The quarantine: events that could not be applied."),
}


def load(name: str) -> TyperCommand | TyperGroup:
    """The command itself, its module imported."""
    module, _, attribute = COMMANDS[name].where.partition(":")
    found = getattr(import_module(f"services.commands.{module}"), attribute)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(name)(found)
        found = alone
    command = cast("TyperCommand | TyperGroup", get_command(found))  # its signature names a private class above both
    command.name = name
    return command


class _Later(TyperCommand):
    """A command's place in the list, until it is called."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        return load(str(self.name)).make_context(info_name, args, parent, **extra)


class _Commands(TyperGroup):
    """The list of commands, none of them imported."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for name, entry in COMMANDS.items():
            self.add_command(_Later(name, help=entry.says), name)


app = typer.Typer(
    name="fixline",
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback(help="Service requests: accepted once, decided with their evidence, dispatched once.")
def _fixline() -> None:
    """Nothing is common to all commands: typer wants a callback where it registers none."""


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
