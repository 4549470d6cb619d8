"""`fixline model`: the versions of the model that tells hardware from software, and the corrections behind them.

A bad batch is undone by naming it: who said it, which version first learnt it, or which numbers. What is left is learnt
anew at once; workers use it from their next batch.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Annotated, Any, Final
from uuid import uuid4

import typer
from rich.table import Table

from schemas.decision import show_instant
from services.commands.console import DataDir, existing_stack, reachable
from services.commands.terminal import AsJson, Exit, fail, out, print_json
from services.routing import learning
from services.routing.learning import NothingToChange
from services.routing.rules.text_kind_model import Model, packaged
from services.runtime.work import Work, Workshop

app = typer.Typer(
    help="What people's corrections taught the reader of texts, and how to undo it.", no_args_is_help=True
)

Numbers = Annotated[
    list[int] | None, typer.Argument(help="Numbers of corrections, as `fixline model corrections` shows them.")
]
Said = Annotated[str | None, typer.Option("--said-by", help="All that this person said.")]
Version = Annotated[str | None, typer.Option("--version", help="All that this version was the first to learn.")]
By = Annotated[str, typer.Option("--by", help="Who does this; kept in the record.", prompt="Who are you")]
Note = Annotated[str, typer.Option("--note", help="Why; kept in the record.", prompt="Why")]

#: Words shown of what a version learnt.
_SHOWN: Final = 20


@app.command("list")
def list_(data_dir: DataDir = None, *, as_json: AsJson = False) -> None:
    """List every version that came into use, the one in use first: when, by whom, and why."""
    workshop = _workshop(data_dir)
    with reachable(), workshop.database.reading() as connection:
        steps = [_step(row) for row in learning.history(connection)]
        in_use = learning.Models().in_use(connection).version
    if as_json:
        print_json({"in_use": in_use, "packaged": packaged().version, "steps": steps})
        return
    out.print(f"In use: {in_use}. Packaged: {packaged().version}.", markup=False)
    if steps:
        _print(steps, ("at", "version", "step", "by", "learnt_from", "changed", "note"))
        out.print("Next: `fixline model show VERSION`, `fixline model corrections`.")


@app.command()
def show(
    version: Annotated[str, typer.Argument(help="As `fixline model list` or a decision's evidence names it.")],
    data_dir: DataDir = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what a version adds to the packaged weights; positive speaks for hardware."""
    workshop = _workshop(data_dir)
    with reachable(), workshop.database.reading() as connection:
        moved = learning.moved(connection, version)
    if moved is None:
        fail(Exit.NO, f"{version}: there is no such version; `fixline model list` shows them")
    words = sorted(moved.items(), key=lambda one: (-abs(one[1]), one[0]))
    if as_json:
        print_json({"version": version, "added": dict(words)})
        return
    out.print(f"{version}: {len(words)} weights differ from the packaged ones.", markup=False)
    _print([{"word": word, "added": f"{by:+.2f}"} for word, by in words[:_SHOWN]], ("word", "added"))


@app.command()
def corrections(
    said_by: Said = None,
    version: Version = None,
    data_dir: DataDir = None,
    limit: Annotated[int, typer.Option(help="At most so many, the newest first.")] = 100,
    *,
    as_json: AsJson = False,
) -> None:
    """List what people said: which request, what had been guessed, and whether it still counts."""
    workshop = _workshop(data_dir)
    with reachable(), workshop.database.reading() as connection:
        found = learning.corrections(connection, by=said_by, version=version, limit=limit)
    rows = [_correction(row) for row in found]
    if as_json:
        print_json(rows)
        return
    if not rows:
        out.print("Nothing was corrected.")
        return
    _print(rows, ("id", "at", "by", "request", "guessed", "said", "counts"))
    out.print("Next: `fixline model undo`, with numbers, --said-by or --version.")


@app.command()
def learn(data_dir: DataDir = None, *, as_json: AsJson = False) -> None:
    """Learn at once what was corrected since; workers do so every five minutes. Ends with 1 if there is nothing new."""
    workshop = _workshop(data_dir)
    with reachable():
        made = learning.learn(workshop)
        with workshop.database.reading() as connection:
            in_use = learning.Models().in_use(connection).version
    if as_json:
        print_json({"learnt": bool(made), "in_use": in_use})
    else:
        out.print(f"In use: {in_use}." if made else f"Nothing new; in use: {in_use}.", markup=False)
    if not made:
        raise typer.Exit(Exit.NO)


@app.command()
def undo(
    by: By,
    note: Note,
    numbers: Numbers = None,
    said_by: Said = None,
    version: Version = None,
    data_dir: DataDir = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Take corrections out and use what the others teach. They stay on record; `redo` lets them count again."""
    _change(learning.undo, _chosen(_workshop(data_dir), numbers, said_by, version), by, note, as_json=as_json)


@app.command()
def redo(
    by: By,
    note: Note,
    numbers: Numbers = None,
    said_by: Said = None,
    version: Version = None,
    data_dir: DataDir = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Let corrections that were taken out count again."""
    _change(learning.redo, _chosen(_workshop(data_dir), numbers, said_by, version), by, note, as_json=as_json)


def _change(
    how: Callable[[Work, Collection[int], str, str], Model],
    chosen: tuple[Workshop, list[int]],
    by: str,
    note: str,
    *,
    as_json: bool,
) -> None:
    workshop, ids = chosen
    with reachable():
        try:
            with workshop.begin(origin=str(uuid4())) as work:
                in_use = how(work, ids, by, note).version
        except NothingToChange:
            fail(Exit.NO, "none of these is left to change; `fixline model corrections` shows which count")
    if as_json:
        print_json({"in_use": in_use})
    else:
        out.print(f"In use: {in_use}.", markup=False)


def _chosen(
    workshop: Workshop, numbers: list[int] | None, said_by: str | None, version: str | None
) -> tuple[Workshop, list[int]]:
    """The corrections meant, by exactly one of the three ways to name them."""
    if sum(map(bool, (numbers, said_by, version))) != 1:
        fail(Exit.USAGE, "say which corrections: numbers, or --said-by, or --version")
    if numbers:
        return workshop, numbers
    with reachable(), workshop.database.reading() as connection:
        return workshop, [row["id"] for row in learning.corrections(connection, by=said_by, version=version)]


def _workshop(data_dir: Any) -> Workshop:
    return existing_stack(data_dir, "routing").workshops["routing"]


def _step(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "at": show_instant(row["at"]),
        "version": row["version"],
        "base": row["base"],
        "step": row["step"],
        "by": row["by"],
        "note": row["note"],
        "learnt_from": row["learnt_from"],
        "changed": len(row["corrections"] or ()),
        "corrections": row["corrections"],
    }


def _correction(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "at": show_instant(row["at"]),
        "by": row["by"],
        "request": row["number"],
        "decision": row["decision"],
        "guessed": row["guessed"],
        "confidence": row["confidence"],
        "said": row["said"],
        "counts": row["undone"] is None,
    }


def _print(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    table = Table(*columns)
    for row in rows:
        table.add_row(*("–" if row[name] is None else str(row[name]) for name in columns))
    out.print(table)
