"""The `fixline` command: composition only. Exit codes: 0 done, 1 the answer is no, 2 bad usage or input, 3 a dependency is down."""

import typer

from services.commands import (
    accounts,
    channels,
    db,
    dead,
    decide,
    demo,
    doctor,
    imports,
    queue,
    reconcile,
    running,
    topics,
    track,
)

app = typer.Typer(
    name="fixline",
    help="Service requests: accepted once, decided with their evidence, dispatched once.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(running.up)
app.command()(demo.demo)
app.command()(running.serve)
app.command()(running.work)
app.command()(running.relay)
app.command()(decide.decide)
app.command("import")(imports.import_)
app.command()(reconcile.reconcile)
app.command()(track.track)
app.command()(doctor.doctor)
app.command()(channels.submit)
app.add_typer(accounts.user, name="user")
app.add_typer(accounts.token, name="token")
app.add_typer(queue.app, name="queue")
app.add_typer(topics.app, name="topics")
app.add_typer(db.app, name="db")
app.add_typer(dead.app, name="dead")


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
