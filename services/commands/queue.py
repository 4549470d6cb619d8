"""`fixline queue`: what waits in the queues, in a terminal; read from routing's database."""

import os
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection

from schemas.decision import show_instant
from schemas.vocabulary import Desk, Language, WorkOrderState
from services.commands.columns import aligned
from services.commands.console import DataDir, existing_stack, reachable
from services.commands.language import Lang, terminal_language
from services.commands.terminal import AsJson, Exit, fail, out, print_json
from services.routing import boards, desks, explain_clock, store
from services.routing.boards import Depth
from services.routing.desks import Case
from services.routing.phrase import Phrase
from services.routing.queues import WorkOrder
from services.routing.requests import Life
from services.runtime.web import dates
from services.runtime.web.numbers import request_number
from services.runtime.work import Workshop

app = typer.Typer(help="Queues: what waits in them.", no_args_is_help=True)

_EVERY: Final = 1.0  # seconds between looks

_HEADS: Final = (
    Phrase("DUE", "ÉCHÉANCE"),
    Phrase("LEFT", "RESTE"),
    Phrase("STATE", "ÉTAT"),
    Phrase("REQUEST", "DEMANDE"),
    Phrase("DEVICE", "APPAREIL"),
    Phrase("PLACE", "LIEU"),
    Phrase("WHO", "QUI"),
)
_LIST_HEADS: Final = (
    Phrase("QUEUE", "FILE"),
    Phrase("OPEN", "OUVERTES"),
    Phrase("OLDEST", "PLUS ANCIENNE"),
    Phrase("NEXT DUE", "PROCHAINE ÉCHÉANCE"),
)
_NO_QUEUE: Final = Phrase("{queue}: no such queue; there are {known}", "{queue} : file inconnue; il y a {known}")
_LEASE: Final = Phrase("{who}, lease {minutes} min", "{who}, bail de {minutes} min")
_LATE: Final = Phrase("late", "en retard")
_EMPTY: Final = Phrase("{queue}: nothing waits", "{queue} : rien n'attend")
_GONE: Final = Phrase("gone", "parti")
_NEXT: Final = Phrase("Next: `fixline queue watch {queue}`.", "Ensuite : `fixline queue watch {queue}`.")

#: Less left than this is marked.
_SOON: Final = 3600.0

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that waits. `stays` changes only when something happens, `left` with the clock."""

    id: str
    due: str
    left: str
    state: str
    number: str
    device: str
    place: str
    who: str

    @property
    def stays(self) -> Cells:
        return (self.due, self.state, self.number, self.device, self.place, self.who.partition(",")[0])

    @property
    def cells(self) -> Cells:
        return (self.due, self.left, self.state, self.number, self.device, self.place, self.who)


@app.command("list")
def list_(data_dir: DataDir = None, lang: Lang = None, *, as_json: AsJson = False) -> None:
    """List every queue, dispatch queues first: how much waits, since when, and what is due next."""
    language = terminal_language(lang, os.environ)
    workshop = existing_stack(data_dir, "routing").workshops["routing"]
    with reachable(), workshop.database.reading() as connection:
        depths = boards.depths(connection)
    if as_json:
        print_json([_depth_json(depth) for depth in depths])
        return
    rows = [
        (depth.queue, str(depth.open), _moment(depth.oldest_at, language), _moment(depth.next_due, language))
        for depth in depths
    ]
    out.print(aligned([head.say(language) for head in _LIST_HEADS], rows), markup=False)
    fullest = max(depths, key=lambda depth: depth.open)
    out.print(_NEXT.say(language, queue=fullest.queue), markup=False)


@app.command()
def watch(
    queue: Annotated[str, typer.Argument(help="A dispatch queue or a desk, as `fixline queue list` shows it.")],
    data_dir: DataDir = None,
    lang: Lang = None,
) -> None:
    """Show a queue and what changes in it, the soonest due first, until Ctrl-C.

    On a terminal the list is drawn anew; elsewhere each change is one line.
    """
    language = terminal_language(lang, os.environ)
    workshop = existing_stack(data_dir, "routing").workshops["routing"]
    with reachable():
        _check(workshop, queue, language)
        try:
            with closing(_looks(workshop, queue, language)) as looks:
                (_draw if out.is_terminal else _print)(looks, queue, language)
        except (KeyboardInterrupt, BrokenPipeError):
            # Whoever read us has seen enough; Python would complain once more when it closes standard output.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _looks(workshop: Workshop, queue: str, language: Language) -> Generator[list[Entry], None, None]:
    """What is in the queue, again and again."""
    while True:
        now = workshop.clock.read()
        with workshop.database.reading() as connection:
            yield _entries(connection, queue, now, language)
        time.sleep(_EVERY)


def _draw(looks: Iterator[list[Entry]], queue: str, language: Language) -> None:
    with Live(console=out, auto_refresh=False) as live:
        for entries in looks:
            live.update(_table(entries, queue, language), refresh=True)


def _print(looks: Iterator[list[Entry]], queue: str, language: Language) -> None:
    """What is there at first, then a line for each entry that came, changed or went."""
    known: dict[str, Entry] = {}
    for at, entries in enumerate(looks):
        found = {entry.id: entry for entry in entries}
        changed = [entry for id_, entry in found.items() if id_ not in known or known[id_].stays != entry.stays]
        for entry in changed:
            out.print("  ".join(entry.cells), markup=False)
        for id_ in known.keys() - found.keys():
            out.print("  ".join((*known[id_].cells[:2], _GONE.say(language), *known[id_].cells[3:6])), markup=False)
        if not at and not entries:
            out.print(_EMPTY.say(language, queue=queue), markup=False)
        sys.stdout.flush()
        known = found


def _entries(connection: Connection, queue: str, now: datetime, language: Language) -> list[Entry]:
    """Work orders of a territory, or cases of a desk."""
    if queue not in {desk.value for desk in Desk}:
        return [_of_order(order, now, language) for order in boards.in_queue(connection, queue)]
    cases = desks.waiting(connection, Desk(queue))
    lives = store.by_keys(connection, Life, [case.number for case in cases])
    return [_of_case(case, lives[case.number], now, language) for case in cases]


def _of_order(order: WorkOrder, now: datetime, language: Language) -> Entry:
    who = order.technician_name or order.technician or "–"
    free = order.free_at(now)
    if order.status is WorkOrderState.ASSIGNED and order.lease_until is not None and not free:
        minutes = int((order.lease_until - now).total_seconds() // 60) + 1
        who = _LEASE.say(language, who=who, minutes=minutes)
    due, left = _due(order.respond_by, now, ZoneInfo(order.place["timezone"]), language)
    return Entry(
        id=order.id,
        due=due,
        left=left,
        state=WorkOrderState.QUEUED.value if free else order.status.value,
        number=request_number(order.number),
        device=f"{order.machine_type} {order.serial}",
        place=" ".join(filter(None, (order.place.get("city"), (order.place.get("postal_code") or "")[:3]))) or "–",
        who="–" if free else who,
    )


def _of_case(case: Case, life: Life, now: datetime, language: Language) -> Entry:
    due, left = _due(case.respond_by, now, ZoneInfo(life.timezone), language)
    return Entry(
        id=case.id,
        due=due,
        left=left,
        state="taken" if case.taken_by else "waiting",
        number=request_number(case.number),
        device=life.device or "–",
        place=life.milestone,
        who=case.taken_name or case.taken_by or "–",
    )


def _due(at: datetime | None, now: datetime, zone: ZoneInfo, language: Language) -> tuple[str, str]:
    """When it is due at its place, and what is left; the last hour and what is late are marked."""
    if at is None:
        return "–", "–"
    left = (at - now).total_seconds()
    words = _LATE.say(language) if left < 0 else dates.duration(at - now, language)
    return explain_clock.moment(at.astimezone(zone), language), words + (" !" if left < _SOON else "")


def _table(entries: Sequence[Entry], queue: str, language: Language) -> RenderableType:
    """The queue as it is drawn on a terminal."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in _HEADS:
        table.add_column(head.say(language), no_wrap=True)
    for entry in entries:
        table.add_row(*(Text(cell) for cell in entry.cells))
    return Group(table) if entries else Text(_EMPTY.say(language, queue=queue))


def _moment(at: datetime | None, language: Language) -> str:
    """At the provider's own place: a queue's requests can lie in several zones."""
    return "–" if at is None else explain_clock.moment(at.astimezone(ZoneInfo("America/Toronto")), language)


def _depth_json(depth: Depth) -> dict[str, Any]:
    return {
        "queue": depth.queue,
        "kind": depth.kind,
        "open": depth.open,
        "oldest_at": depth.oldest_at and show_instant(depth.oldest_at),
        "next_due": depth.next_due and show_instant(depth.next_due),
    }


def _check(workshop: Workshop, queue: str, language: Language) -> None:
    with workshop.database.reading() as connection:
        if queue in {desk.value for desk in Desk} or boards.exists(connection, queue):
            return
        known = ", ".join(depth.queue for depth in boards.depths(connection))
    fail(Exit.USAGE, _NO_QUEUE.say(language, queue=queue, known=known))
