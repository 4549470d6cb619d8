"""`fixline dead`: the quarantine. See what could not be applied, replay it once it is mended, or discard it."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from schemas.decision import show_instant
from services.commands.console import DataDir, ServiceName, existing_stack, reachable
from services.commands.terminal import AsJson, Exit, fail, out, print_json
from services.runtime import quarantine
from services.runtime.clock import transaction_instant
from services.runtime.consumer import Processor
from services.runtime.failures import InvalidEvent
from services.runtime.quarantine import DeadLetter
from services.runtime.work import Workshop
from services.stack import Stack

app = typer.Typer(help="The quarantine: events that could not be applied.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="As `fixline dead list` shows it, such as routing:12.")]
By = Annotated[str, typer.Option("--by", help="Who does this; kept in the record.", prompt="Who are you")]
Note = Annotated[str, typer.Option("--note", help="Why; kept in the record.", prompt="Why")]


@app.command("list")
def list_(
    data_dir: DataDir = None, service: ServiceName = None, *, as_json: AsJson = False, ended: bool = False
) -> None:
    """List what lies in quarantine; with --ended also what was replayed or discarded."""
    stack = existing_stack(data_dir, service)
    found = []
    with reachable():
        for name, workshop in stack.workshops.items():
            with workshop.database.reading() as connection:
                state = None if ended else quarantine.OPEN
                found += [(name, letter) for letter in quarantine.letters(connection, workshop.tables, state=state)]
    if as_json:
        print_json([_row(name, letter) for name, letter in found])
        return
    if not found:
        out.print("The quarantine is empty.")
        return
    table = Table("id", "since", "topic", "key", "reason", "detail", "state")
    for name, letter in found:
        row = _row(name, letter)
        table.add_row(*(str(row[key] or "–") for key in ("id", "at", "topic", "key", "reason", "detail", "state")))
    out.print(table)
    out.print("Next: `fixline dead show ID`, `fixline dead replay ID` once it is mended, `fixline dead discard ID`.")


@app.command()
def show(id_: Id, data_dir: DataDir = None, *, as_json: AsJson = False) -> None:
    """Show one, with its raw bytes as text and as hexadecimal digits."""
    with reachable():
        workshop, letter = _find(id_, data_dir)
    row = _row(workshop.service, letter)
    row["headers"] = {name: (value or b"").decode(errors="replace") for name, value in letter.record.headers}
    row["text"] = (letter.record.value or b"").decode(errors="backslashreplace")
    row["hex"] = (letter.record.value or b"").hex(" ")
    if as_json:
        print_json(row)
        return
    for name, value in row.items():
        out.print(f"{name:>10}  {value}", markup=False)


@app.command()
def replay(
    id_: Id,
    by: By,
    body: Annotated[
        Path | None, typer.Option(help="A corrected body to use instead of the raw one, which is kept.", exists=True)
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Run its request's whole line again, in order, under the original ids. All of it works, or nothing changes."""
    stack = existing_stack(data_dir, id_.partition(":")[0])
    with reachable():
        workshop, letter = _find(id_, data_dir)
        if letter.state != quarantine.OPEN:
            fail(Exit.NO, f"{id_} was {letter.state} already")
        processor = _processor(stack, letter)
        try:
            count = _replay(workshop, processor, letter, by, body)
        except InvalidEvent as error:
            fail(Exit.NO, f"{id_} still does not work ({error.reason}: {error.detail}); nothing was changed")
    out.print(f"Replayed {count} event{'s' if count != 1 else ''} of {quarantine.text_key(letter.record) or 'no key'}.")


@app.command()
def discard(
    id_: Id,
    by: By,
    note: Note,
    line: Annotated[bool, typer.Option("--line", help="Discard also what waits behind it.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Give one up. What waits behind it stays parked, unless --line discards that too."""
    with reachable():
        workshop, letter = _find(id_, data_dir)
        if letter.state != quarantine.OPEN:
            fail(Exit.NO, f"{id_} was {letter.state} already")
        with workshop.database.transaction() as connection:
            ids = [letter.id]
            key = quarantine.text_key(letter.record)
            if line and key is not None:
                ids = [one.id for one in quarantine.line(connection, workshop.tables, letter.consumer, key)]
            quarantine.end(
                connection,
                workshop.tables,
                ids,
                quarantine.DISCARDED,
                transaction_instant(workshop.clock, connection),
                by,
                note,
            )
    out.print(f"Discarded {len(ids)}.")


def _replay(workshop: Workshop, processor: Processor, letter: DeadLetter, by: str, body: Path | None) -> int:
    key = quarantine.text_key(letter.record)
    if key is None:
        raise InvalidEvent("key", "a record without a key belongs to no request; discard it")
    mended = None if body is None else {letter.id: body.read_bytes()}
    return processor.replay(key, by=by, mended=mended)


def _processor(stack: Stack, letter: DeadLetter) -> Processor:
    for processor in stack.processors():
        if processor.subscription.consumer == letter.consumer:
            return processor
    fail(Exit.USAGE, f"this service has no consumer {letter.consumer} any more; discard the letter")


def _find(id_: str, data_dir: Path | None) -> tuple[Workshop, DeadLetter]:
    service, _, number = id_.partition(":")
    if not number.isdigit():
        fail(Exit.USAGE, f"{id_}: expected SERVICE:NUMBER, as `fixline dead list` shows it")
    workshop = existing_stack(data_dir, service).workshops[service]
    with workshop.database.reading() as connection:
        letter = quarantine.letter(connection, workshop.tables, int(number))
    if letter is None:
        fail(Exit.NO, f"{id_}: there is no such dead letter")
    return workshop, letter


def _row(service: str, letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": f"{service}:{letter.id}",
        "at": show_instant(letter.at),
        "consumer": letter.consumer,
        "topic": letter.record.topic,
        "partition": letter.record.partition,
        "offset": letter.record.offset,
        "key": quarantine.text_key(letter.record),
        "event_id": letter.event_id,
        "reason": letter.reason,
        "detail": letter.detail,
        "state": letter.state,
    }
