"""`fixline demo`: the whole stack in this process, and the sample day sent to it over real HTTP."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer
import uvicorn
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from sqlalchemy import func, select

from schemas.decision import show_instant
from schemas.request_status import RequestDecided
from schemas.vocabulary import Language
from services.commands import demo_words
from services.commands.day import Addresses, Day, DayFailed, Done, Driver, Handled, by_form
from services.commands.demo_folder import CONFIG, NotOurs, fresh
from services.commands.language import Lang, terminal_language
from services.commands.reconcile import Found, settled
from services.commands.running import with_address
from services.commands.sample import PASSWORDS, fill_if_empty
from services.commands.terminal import AsJson, Exit, err, fail, out, print_json, settings
from services.routing import sample
from services.routing.phrase import Phrase
from services.routing.tables import CONTRACT_DATA, REQUESTS
from services.runtime.failures import WrongLog
from services.runtime.logs import set_up_logs
from services.runtime.settings import Settings
from services.stack import Running, Stack

FOLDER: Final = Path("fixline-demo")

_READY: Final = Phrase(
    "✓ data {folder} (SQLite) · {customers} customers, {items} covered items · intake, routing, notifier on {address}  "
    "({seconds} s)",
    "✓ données {folder} (SQLite) · {customers} clients, {items} appareils couverts · intake, routing, notifier sur "
    "{address}  ({seconds} s)",
)
_PREPARING: Final = Phrase("preparing the sample …", "préparation de l'échantillon …")
_SENDING: Final = Phrase("requests decided", "demandes décidées")
_LOOK: Final = Phrase("Look: {addresses}   (passwords in {file})", "À voir : {addresses}   (mots de passe dans {file})")
_STAFF_PAGES: Final = ("/tech", "/desk/triage", "/desk")
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
            right = _run(_settings(data_dir, port, language), language, as_json=as_json)
    except NotOurs as error:
        fail(Exit.USAGE, str(error))
    except (DayFailed, WrongLog) as error:
        fail(Exit.NO, str(error))
    if not right:
        raise typer.Exit(Exit.NO)


def _run(loaded: Settings, language: Language, *, as_json: bool) -> bool:
    """The demo from its first line to its last; whether all was decided, once, and shown as it was decided."""
    started = time.monotonic()
    with err.status(_PREPARING.say(language)) if err.is_terminal else nullcontext():
        passwords = _prepare(loaded)
    stack = Stack(loaded.model_copy(update={"clock": _clock(sample.OPENS)}))
    _write_config(stack.settings)
    with serving(stack):
        if not as_json:
            out.print(_ready(stack, time.monotonic() - started, language), markup=False)
        address = stack.settings.public_url
        driver = Driver(Addresses(address, address, address), by_form(address, passwords))
        day = _drive(driver, language, as_json=as_json)
        differences, doubled = settled(stack.workshops, patience=15.0), twice(stack)
        if as_json:
            _print_json(stack, day, doubled, differences)
        else:
            _tell(stack, day, doubled, differences, language)
            if _stays():
                _wait()
    return not differences and not doubled and len(day.handled) == len(sample.day())


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


def twice(stack: Stack) -> int:
    """Requests that have two numbers, and numbers that were decided twice."""
    routing = stack.workshops["routing"]
    outbox, external_id = routing.tables.outbox.c, REQUESTS.c.external_id
    again = select(outbox.subject).where(outbox.type == RequestDecided.TYPE).group_by(outbox.subject)
    doubled = select(external_id).where(external_id.is_not(None)).group_by(external_id)
    with routing.database.reading() as connection:
        return sum(len(connection.execute(query.having(func.count() > 1)).all()) for query in (again, doubled))


def _drive(driver: Driver, language: Language, *, as_json: bool) -> Day:
    """The day, each decision printed as it is made, over a progress bar while a person watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    watched = err.is_terminal
    # What is printed goes above the bar only where both are the same terminal; a pipe gets its lines as they are.
    with Progress(*columns, console=err, transient=True, disable=not watched, redirect_stdout=out.is_terminal) as bars:
        task = bars.add_task(_SENDING.say(language), total=len(sample.day()))

        def heard(what: Handled | Done) -> None:
            if isinstance(what, Handled):
                bars.advance(task)
            if as_json:
                return
            width = out.width if out.is_terminal else demo_words.WIDE
            said = (
                demo_words.line(what, language, width) if isinstance(what, Handled) else demo_words.step(what, language)
            )
            out.print(said, markup=False)

        driver.heard = heard
        return driver.run()


def _prepare(loaded: Settings) -> Mapping[str, str]:
    """Databases, contract data and accounts, as of an hour before the day begins; the accounts' passwords."""
    stack = Stack(loaded)
    stack.migrate()
    passwords = fill_if_empty(stack)
    for workshop in stack.workshops.values():
        workshop.database.close()
    return passwords


def _clock(opens: datetime) -> str:
    """The sample day's, from now on; FIXLINE_CLOCK moves it."""
    return os.environ.get("FIXLINE_CLOCK") or f"{show_instant(opens)}@{datetime.now(UTC).isoformat()}"


def _settings(folder: Path, port: int | None, language: Language) -> Settings:
    """Embedded on this machine, whatever the environment asks for: the demo reaches no server and writes to nobody."""
    clock = _clock(sample.OPENS - timedelta(hours=1))
    loaded = settings(data_dir=folder, port=port, sample=True, clock=clock)
    set_up_logs(loaded.log_format, "warning", service="demo")
    alone = {"database_url": None, "smtp_url": None, "host": "127.0.0.1"}
    chosen = loaded.port if port is not None or "FIXLINE_PORT" in os.environ else _free(loaded.port)
    if chosen and _is_taken(chosen):
        fail(Exit.USAGE, _TAKEN.say(language, port=chosen))
    default = Settings.model_fields["public_url"].default
    return with_address(loaded.model_copy(update={**alone, "port": chosen, "public_url": default}))


def _free(port: int) -> int:
    """The usual port, or any where something else has that one."""
    return 0 if _is_taken(port) else port


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _write_config(loaded: Settings) -> None:
    """For other commands that look at the demo: its folder, its address, and its day's clock."""
    lines = {
        "data_dir": str(loaded.data_dir.resolve()),
        "port": loaded.port,
        "public_url": loaded.public_url,
        "sample": True,
        "clock": loaded.clock,
    }
    text = "".join(f"{name} = {orjson.dumps(value).decode()}\n" for name, value in lines.items())
    (loaded.data_dir / CONFIG).write_text(text, encoding="utf-8")


def _ready(stack: Stack, seconds: float, language: Language) -> str:
    with stack.workshops["routing"].database.reading() as connection:
        customers, items = (
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (CONTRACT_DATA.customers, CONTRACT_DATA.items)
        )
    return _READY.say(
        language,
        folder=stack.settings.data_dir,
        customers=customers,
        items=items,
        address=stack.settings.public_url,
        seconds=demo_words.tenths(seconds, language),
    )


def _tell(stack: Stack, day: Day, doubled: int, differences: Sequence[Found], language: Language) -> None:
    """The sum of the day, what to look at, and what to try next."""
    outcomes = [one.outcome for one in day.handled]
    lost = len(sample.day()) - len(outcomes)
    out.print(
        demo_words.result(outcomes, day.seconds, lost=lost, twice=doubled, right=not differences, language=language),
        markup=False,
    )
    for one in differences:
        err.print(str(one), markup=False)
    folder, stays = stack.settings.data_dir, _stays()
    command = f"FIXLINE_CONFIG={folder / CONFIG} fixline queue list" if stays else "fixline up --sample"
    out.print(_NEXT.say(language, command=command), markup=False)
    shown = next(one for one in day.handled if one.sent.request.get("language") == language)
    addresses = "  ".join([f"{shown.address}?k={shown.code}", *_STAFF_PAGES])
    said = _LOOK.say(language, addresses=addresses, file=folder / PASSWORDS)
    out.print(said + (_STOP.say(language) if stays else ""), markup=False)


def _print_json(stack: Stack, day: Day, doubled: int, differences: Sequence[Found]) -> None:
    """The decisions by `external_id`, the same in every run, and what differs from run to run beside them."""
    print_json(
        {
            "decisions": day.decisions(),
            "numbers": {one.external_id: one.number for one in day.handled},
            "lost": len(sample.day()) - len(day.handled),
            "twice": doubled,
            "differences": [str(one) for one in differences],
            "seconds": round(day.seconds, 3),
            "address": stack.settings.public_url,
        }
    )


def _stays() -> bool:
    """Whether a person is there to look at pages and to press Ctrl-C."""
    return out.is_terminal and sys.stdin.isatty()


def _wait() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return
