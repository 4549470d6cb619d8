"""`fixline decide`: what would be decided about these requests by these data files? Nothing is kept."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from io import BufferedIOBase
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from schemas import text
from schemas.vocabulary import Language
from services.commands.language import Lang, terminal_language
from services.commands.terminal import Exit, err, fail
from services.routing import dry_run
from services.routing.data_files import BrokenData
from services.routing.phrase import Phrase
from services.routing.rules.facts import Book
from services.routing.rules.policy import standard_policy

#: What is wrong before the first line is read; the mend last.
_BAD_NOW = Phrase(
    '--now: "{given}" is no moment with an offset; write it as 2026-11-23T10:00:00-05:00',
    "--now : « {given} » n'est pas un moment avec décalage; écrivez-le comme 2026-11-23T10:00:00-05:00",
)
_NO_FOLDER = Phrase(
    "--data: {folder} is no folder; name the one that holds customers.csv, contracts.csv, items.csv …",
    "--data : {folder} n'est pas un dossier; nommez celui de customers.csv, contracts.csv, items.csv …",
)
_BAD_REQUESTS = Phrase(
    "--requests: {file} cannot be read ({why}); name a file with one JSON request a line, or - for standard input",
    "--requests : {file} ne peut pas être lu ({why}); nommez un fichier d'une demande JSON par ligne, ou - pour l'entrée",
)
_BROKEN = Phrase(
    "the data files in {folder} are refused; mend these lines and try again",
    "les fichiers de données de {folder} sont refusés; corrigez ces lignes et essayez de nouveau",
)


def decide(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder of the contract data's CSV files.")],
    requests: Annotated[
        str, typer.Option("--requests", metavar="FILE|-", help="Requests, one JSON object a line; - is standard input.")
    ] = "-",
    now: Annotated[
        str | None, typer.Option("--now", metavar="ISO", help="The moment of lines that have no received_at.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print each decision's reasons for people.")] = False,
    lang: Lang = None,
) -> None:
    """Decide requests by data files alone: no database, no server. Ends with 1 if a line is no request."""
    language = terminal_language(lang, os.environ)
    moment = _moment(now, language)
    policy = standard_policy()
    with ExitStack() as opened:
        source = opened.enter_context(_source(requests, language))
        book = _book(data, language)
        show = dry_run.as_text(book, policy, language) if explain else dry_run.as_json
        try:
            good = dry_run.run(source, sys.stdout.buffer, book, policy, show=show, now=moment, language=language)
        except BrokenPipeError:
            # Whoever read us has seen enough. Python would complain once more when it closes standard output.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(Exit.NO) from None
    if not good:
        raise typer.Exit(Exit.NO)


def _moment(now: str | None, language: Language) -> datetime | None:
    try:
        return None if now is None else text.instant(now)
    except text.Unreadable:
        fail(Exit.USAGE, _BAD_NOW.say(language, given=now))


@contextmanager
def _source(requests: str, language: Language) -> Iterator[BufferedIOBase]:
    if requests == "-":
        yield cast("BufferedIOBase", sys.stdin.buffer)
        return
    try:
        source = Path(requests).open("rb")  # noqa: SIM115  # closed below, whoever consumes it
    except OSError as wrong:
        fail(Exit.USAGE, _BAD_REQUESTS.say(language, file=requests, why=wrong.strerror))
    with source:
        yield source


def _book(folder: Path, language: Language) -> Book:
    """The data files, with a progress bar while a person watches."""
    if not folder.is_dir():
        fail(Exit.USAGE, _NO_FOLDER.say(language, folder=folder))
    columns = (TextColumn("{task.description:<16}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        tasks = {}

        def progress(file: str, read: int, size: int) -> None:
            if file not in tasks:
                tasks[file] = bars.add_task(file, total=size)
            bars.update(tasks[file], completed=read)

        try:
            return dry_run.load_book(folder, progress)
        except BrokenData as broken:
            lines = broken.lines(language)
    for line in lines:
        typer.echo(line, err=True)
    fail(Exit.USAGE, _BROKEN.say(language, folder=folder))
