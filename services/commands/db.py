"""`fixline db`: migrations."""

import typer

from services.commands.console import DataDir, ServiceName, reachable, services_meant
from services.commands.terminal import Exit, fail, out, settings
from services.runtime import migrate
from services.runtime.logs import set_up_logs
from services.stack import Stack

app = typer.Typer(help="Databases: bring them to the newest revision, or check that they are.", no_args_is_help=True)


@app.command()
def upgrade(data_dir: DataDir = None, service: ServiceName = None) -> None:
    """Run the migrations that are missing. Safe to run twice, and by two at once."""
    loaded = settings(data_dir=data_dir)
    set_up_logs(loaded.log_format, "warning", service="cli")
    with reachable():
        for name, revision in Stack(loaded, services_meant(loaded, service)).migrate().items():
            out.print(f"{name}: at revision {revision}")


@app.command()
def check(data_dir: DataDir = None, service: ServiceName = None) -> None:
    """Say whether each database is at the newest revision; ends with 1 if one is not."""
    loaded = settings(data_dir=data_dir)
    set_up_logs(loaded.log_format, "warning", service="cli")
    behind = []
    with reachable():
        for name, workshop in Stack(loaded, services_meant(loaded, service)).workshops.items():
            at, newest = migrate.current(workshop.database), migrate.newest(name)
            out.print(f"{name}: at revision {at or 'none'}, the newest is {newest}")
            if at != newest:
                behind.append(name)
    if behind:
        fail(Exit.NO, f"{', '.join(behind)}: run `fixline db upgrade`")
