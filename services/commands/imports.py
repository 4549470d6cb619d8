"""`fixline import`: contract data from CSV files into routing, all of it or nothing (docs/rules.md §1)."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from schemas.vocabulary import Language
from services.commands.console import DataDir, reachable
from services.commands.foreseen import ASK, show_foreseen, show_redecided
from services.commands.language import Lang, terminal_language
from services.commands.terminal import AsJson, Exit, err, fail, out, print_json, settings
from services.routing import data_files
from services.routing.data_files import BrokenData
from services.routing.decisions import Judge
from services.routing.facts import FactSource
from services.routing.imports import import_folder
from services.routing.late_data import count_open, foresee_import, redecide_open
from services.routing.merging import Counts
from services.routing.phrase import Phrase
from services.routing.rules.policy import standard_policy
from services.runtime import migrate
from services.runtime.logs import set_up_logs
from services.runtime.work import Workshop
from services.stack import Stack

T = TypeVar("T")

_NO_FOLDER = Phrase(
    "{folder} is no folder; name the one that holds customers.csv, contracts.csv, items.csv …",
    "{folder} n'est pas un dossier; nommez celui de customers.csv, contracts.csv, items.csv …",
)
_BROKEN = Phrase(
    "nothing was imported from {folder}; mend these lines and try again",
    "rien n'a été importé de {folder}; corrigez ces lignes et essayez de nouveau",
)
_BEHIND = Phrase(
    "routing's database is not at its newest revision; run `fixline db upgrade --service routing` first",
    "la base de routing n'est pas à sa dernière version; lancez d'abord `fixline db upgrade --service routing`",
)
_SAVING = Phrase("saving", "enregistrement")
_NOTHING = Phrase("nothing changed", "rien n'a changé")
_SAID = {
    "added": Phrase("{count} added", "{count} ajoutées"),
    "changed": Phrase("{count} changed", "{count} modifiées"),
    "ended": Phrase("{count} ended", "{count} terminées"),
    "unchanged": Phrase("{count} as before", "{count} comme avant"),
}
_DONE = Phrase("Contract data, version {generation}.", "Données contractuelles, version {generation}.")
_SAME = Phrase("Nothing changed: version {generation} stays.", "Rien n'a changé : la version {generation} demeure.")


def import_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the contract data's CSV files.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="What the files no longer name ends with today; else it stays.")
    ] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Change nothing: show what would change, for open requests too.")
    ] = False,
    redecide: Annotated[
        bool, typer.Option("--redecide", help="Then decide again the open requests that the data now decide otherwise.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="On a terminal: do not ask first.")] = False,
    data_dir: DataDir = None,
    lang: Lang = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Bring routing's contract data up to date with the files. Twice changes nothing the second time.

    Into the embedded stack's folder, or into FIXLINE_DATABASE_URL, which is then routing's. Where requests are open, a
    terminal shows first which of them would be decided otherwise and which response times would move, and asks.
    """
    language = terminal_language(lang, os.environ)
    if not folder.is_dir():
        fail(Exit.USAGE, _NO_FOLDER.say(language, folder=folder))
    with reachable():
        workshop = _stack(data_dir, language).workshops["routing"]
        if preview or (err.is_terminal and not (yes or as_json) and _anything_open(workshop)):
            foreseen = _or_fail(
                folder,
                language,
                lambda bars: foresee_import(workshop, _judge(), data_files.stream(folder, bars), replace=replace),
            )
            if preview and as_json:
                print_json(foreseen.to_json())
                return
            show_foreseen(foreseen, language)
            if preview:
                return
            if foreseen.matters and not typer.confirm(ASK.say(language), err=True):
                raise typer.Exit(Exit.NO)
        report = _or_fail(
            folder, language, lambda bars: import_folder(workshop, folder, replace=replace, progress=bars)
        )
        again = redecide_open(workshop, _judge()) if redecide else []
    if as_json:
        print_json({**report.to_json(), **({"requests": [one.to_json() for one in again]} if redecide else {})})
        return
    width = max(map(len, report.files))
    for file, counts in report.files.items():
        out.print(f"{file:<{width}}  {_counts(counts, language)}", markup=False)
    out.print((_DONE if report.changed else _SAME).say(language, generation=report.generation), markup=False)
    if redecide:
        show_redecided(again, language)


def _stack(data_dir: Path | None, language: Language) -> Stack:
    """Routing's database: embedded, it is made if it is not there; PostgreSQL's is upgraded by its own command."""
    loaded = settings(data_dir=data_dir)
    set_up_logs(loaded.log_format, "warning", service="cli")
    stack = Stack(loaded, ("routing",))
    if stack.embedded:
        stack.migrate()
    elif migrate.current(stack.workshops["routing"].database) != migrate.newest("routing"):
        fail(Exit.USAGE, _BEHIND.say(language))
    return stack


def _judge() -> Judge:
    return Judge(standard_policy(), FactSource())


def _anything_open(workshop: Workshop) -> bool:
    with workshop.database.reading() as connection:
        return count_open(connection) > 0


def _or_fail(folder: Path, language: Language, act: Callable[[data_files.Progress], T]) -> T:
    """What `act` makes of the files, or every fault of theirs on standard error and nothing changed."""
    try:
        with _bars(language) as progress:
            return act(progress)
    except BrokenData as broken:
        for line in broken.lines(language):
            typer.echo(line, err=True)
        fail(Exit.USAGE, _BROKEN.say(language, folder=folder))


@contextmanager
def _bars(language: Language) -> Iterator[data_files.Progress]:
    """A bar a file, while a person watches; behind the last file the rows are saved."""
    columns = (TextColumn("{task.description:<16}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        saving = bars.add_task(_SAVING.say(language), total=None, visible=False)
        tasks = {}

        def progress(file: str, read: int, size: int) -> None:
            if file not in tasks:
                tasks[file] = bars.add_task(file, total=size)
            bars.update(tasks[file], completed=read)
            bars.update(saving, visible=all(task.finished for task in bars.tasks if task.id != saving))

        yield progress


def _counts(counts: Counts, language: Language) -> str:
    if not counts.anything:
        return _NOTHING.say(language)
    numbers = {name: getattr(counts, name) for name in _SAID}
    return ", ".join(_SAID[name].say(language, count=count) for name, count in numbers.items() if count)
