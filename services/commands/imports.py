"""`fixline import`: contract data from CSV files into routing, all of it or nothing (docs/rules.md §1)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from schemas.vocabulary import Language
from services.commands.console import DataDir, reachable
from services.commands.language import Lang, terminal_language
from services.commands.terminal import AsJson, Exit, err, fail, out, print_json, settings
from services.routing import data_files
from services.routing.data_files import BrokenData
from services.routing.imports import ImportReport, import_folder
from services.routing.merging import Counts
from services.routing.phrase import Phrase
from services.runtime import migrate
from services.runtime.logs import set_up_logs
from services.stack import Stack

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
    data_dir: DataDir = None,
    lang: Lang = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Bring routing's contract data up to date with the files. Twice changes nothing the second time.

    Into the embedded stack's folder, or into FIXLINE_DATABASE_URL, which is then routing's.
    """
    language = terminal_language(lang, os.environ)
    if not folder.is_dir():
        fail(Exit.USAGE, _NO_FOLDER.say(language, folder=folder))
    with reachable():
        report = _import(_stack(data_dir, language), folder, language, replace=replace)
    if as_json:
        print_json(report.to_json())
        return
    width = max(map(len, report.files))
    for file, counts in report.files.items():
        out.print(f"{file:<{width}}  {_counts(counts, language)}", markup=False)
    out.print((_DONE if report.changed else _SAME).say(language, generation=report.generation), markup=False)


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


def _import(stack: Stack, folder: Path, language: Language, *, replace: bool) -> ImportReport:
    """The import, or every fault of the files on standard error and nothing changed."""
    try:
        with _bars(language) as progress:
            return import_folder(stack.workshops["routing"], folder, replace=replace, progress=progress)
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
