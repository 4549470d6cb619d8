"""`fixline demo`: the whole stack in this process, and the sample day sent to it over real HTTP."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer
import uvicorn
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from sqlalchemy import func, select

from schemas.decision import show_instant
from schemas.vocabulary import Language
from services.commands import demo_words
from services.commands.console import AsJson, Exit, err, fail, out, print_json, settings
from services.commands.day import Addresses, Day, DayFailed, Done, Driver, Handled, by_form
from services.commands.demo_folder import CONFIG, NotOurs, fresh
from services.commands.language import Lang, terminal_language
from services.commands.reconcile import Found, settled
from services.commands.running import with_address
from services.commands.sample import PASSWORDS, fill_if_empty
from services.routing import sample
from services.routing.phrase import Phrase
from services.routing.tables import CONTRACT_DATA
from services.runtime.failures import WrongLog
from services.runtime.logs import set_up_logs
from services.runtime.settings import Settings
from services.stack import Running, Stack

FOLDER: Final = Path("fixline-demo")

_READY: Final = Phrase(
    "✓ data {folder} (SQLite) · {customers} customers, {items} covered items · intake, routing, notifier on {address}  "
    "({seconds:.1f} s)",
    "✓ données {folder} (SQLite) · {customers} clients, {items} appareils couverts · intake, routing, notifier sur "
    "{address}  ({seconds:.1f} s)",
)
_PREPARING: Final = Phrase("preparing the sample …", "préparation de l'échantillon …")
_SENDING: Final = Phrase("requests decided", "demandes décidées")
_LOOK: Final = Phrase("Look: {addresses}   (passwords in {file})", "À voir : {addresses}   (mots de passe dans {file})")
_STOP: Final = Phrase("   Ctrl-C stops", "   Ctrl-C pour arrêter")
_NEXT: Final = Phrase("Next: {command}", "Ensuite : {command}")
_TAKEN: Final = Phrase(
    "port {port} is taken; choose another with --port, or 0 for a free one",
    "le port {port} est pris; choisissez-en un autre avec --port, ou 0 pour un port libre",
)


def demo(
    data_dir: Annotated[
        Path, typer.Option("--data-dir", help="Folder of the demo's files; made anew each time.")
    ] = FOLDER,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on.", show_default="8080, or a free one")
    ] = None,
    lang: Lang = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Run the bundled sample day: 60 requests by web and telephone, each decision with its reason, on this machine alone.

    On a terminal it then keeps serving until Ctrl-C; elsewhere, and with --json, it ends.
    """
    language = terminal_language(lang, os.environ)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(Exit.DONE))  # what is open is closed on the way out
    try:
        with fresh(data_dir):
            stack = Stack(_settings(data_dir, port, language))
            right = _run(stack, language, as_json=as_json)
    except NotOurs as error:
        fail(Exit.USAGE, str(error))
    except (DayFailed, WrongLog) as error:
        fail(Exit.NO, str(error))
    if not right:
        raise typer.Exit(Exit.NO)


def _run(stack: Stack, language: Language, *, as_json: bool) -> bool:
    """The demo from its first line to its last; whether all was decided, once, and shown as it was decided."""
    started = time.monotonic()
    with err.status(_PREPARING.say(language)) if err.is_terminal else _silence():
        stack.migrate()
        passwords = fill_if_empty(stack)
        _write_config(stack.settings)
    with serving(stack):
        if not as_json:
            out.print(_ready(stack, time.monotonic() - started, language), markup=False)
        address = stack.settings.public_url
        day = _drive(Driver(Addresses(address, address, address), by_form(address, passwords)), language, as_json)
        differences = settled(stack.workshops, patience=15.0)
        twice = decided_twice(stack)
        lost = len(sample.day()) - len(day.handled)
        if as_json:
            _print_json(day, lost, twice, differences)
        else:
            _tell(stack, day, lost, twice, differences, language)
            if out.is_terminal and sys.stdin.isatty():
                _wait()
    return not (differences or twice or lost)


@contextmanager
def serving(stack: Stack) -> Iterator[None]:
    """The stack's HTTP side, consumers and chores, in a thread of this process, until the block ends. Raises `WrongLog`."""
    running = Running(stack)
    config = uvicorn.Config(
        stack.app([("log", running.check)], running),
        host=stack.settings.host,
        port=stack.settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="http")
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise DayFailed(f"nothing listens on {stack.settings.public_url}: the log above says why")
            time.sleep(0.01)
        yield
    finally:
        stack.signals.close()  # or open pages would hold the server for its five seconds
        server.should_exit = True
        thread.join(timeout=30)


def decided_twice(stack: Stack) -> int:
    """Requests with more than one decision, or more than one visit that nobody's visit led to."""
    outbox = stack.workshops["routing"].tables.outbox.c
    first = outbox.type.in_(["request.decided", "work-order.offered"])
    query = select(outbox.key).where(first, outbox.type == "request.decided").group_by(outbox.key)
    with stack.workshops["routing"].database.reading() as connection:
        return len(connection.execute(query.having(func.count() > 1)).all())


def _drive(driver: Driver, language: Language, as_json: bool) -> Day:
    """The day, each decision printed as it is made, under a progress bar while a person watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shows = err.is_terminal and not as_json
    with Progress(*columns, console=err, transient=True, disable=not (shows or (as_json and err.is_terminal))) as bars:
        task = bars.add_task(_SENDING.say(language), total=len(sample.day()))

        def heard(what: Handled | Done) -> None:
            if isinstance(what, Handled):
                bars.advance(task)
                said = demo_words.line(what, language, out.width if out.is_terminal else demo_words.WIDE)
            else:
                said = demo_words.step(what, language)
            if not as_json:
                (bars.console if shows and out.is_terminal else out).print(said, markup=False, soft_wrap=True)

        driver.heard = heard
        return driver.run()
