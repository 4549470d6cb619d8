"""Contract data that come late: which open requests would be decided otherwise, and which clocks would move
(docs/rules.md §10).

Seen before anything is changed: the import is done, everything open is judged by it, and all of it is undone again. Then
those requests can be decided again, each in a transaction of its own, so that one that is stuck keeps nobody waiting.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import structlog
from sqlalchemy import Connection, func, select

from schemas.decision import show_instant
from schemas.vocabulary import Because, Status
from services.routing import clocks, decisions, redecide, store
from services.routing.data_files.layout import Row as DataRow
from services.routing.decisions import Judge
from services.routing.entered import from_json
from services.routing.facts import Asked, FactSource
from services.routing.imports import ImportReport, import_rows
from services.routing.queues import tell_queues
from services.routing.redecide import Again, Second
from services.routing.requests import Life
from services.routing.store import Writes
from services.routing.tables import REQUESTS
from services.runtime.errors import Invalid
from services.runtime.work import Workshop

logger = structlog.get_logger()

#: Open requests judged together.
PORTION: Final = 500
_OPEN: Final = (Status.IN_PROGRESS, Status.PENDING, Status.HELD)
_LATE: Final = Again(Because.CONTRACT_DATA)


@dataclass(frozen=True, slots=True)
class MovedClock:
    """An open clock that would be due at another time; None: not before it goes on."""

    number: str
    before: datetime | None
    after: datetime | None

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "before": self.before and show_instant(self.before),
            "after": self.after and show_instant(self.after),
        }


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an import would change: in the data, for open requests, and for clocks that run on by the same decision."""

    report: ImportReport
    requests: tuple[Second, ...]
    clocks: tuple[MovedClock, ...]

    @property
    def matters(self) -> bool:
        """Whether anything under way is touched."""
        return bool(self.requests or self.clocks)

    def to_json(self) -> dict[str, Any]:
        return {
            **self.report.to_json(),
            "requests": [second.to_json() for second in self.requests],
            "clocks": [moved.to_json() for moved in self.clocks],
        }


class _Undo(Exception):
    """Ends a transaction whose changes were only to be looked at."""


def count_open(connection: Connection) -> int:
    query = select(func.count()).select_from(REQUESTS).where(REQUESTS.c.status.in_(_OPEN))
    return connection.execute(query).scalar_one()


def foresee_import(workshop: Workshop, by_rules: Judge, rows: Iterable[DataRow], *, replace: bool = False) -> Foreseen:
    """What importing checked `rows` would change; nothing is. Raises whatever they do."""
    seen: list[Foreseen] = []
    judge = Judge(by_rules.policy, FactSource(), by_rules.classify)  # what it remembers is undone with the import
    try:
        with workshop.begin(origin=str(uuid4())) as work:
            report = import_rows(work, rows, replace=replace)
            found = tuple(_otherwise(work.connection, judge, work.now)) if report.changed else ()
            seconds = tuple(one for one in found if isinstance(one, Second))
            moved = tuple(one for one in found if isinstance(one, MovedClock))
            seen.append(Foreseen(report, seconds, moved))
            raise _Undo
    except _Undo:
        return seen[0]


def redecide_open(workshop: Workshop, by_rules: Judge) -> list[Second]:
    """Decide again every open request that the contract data of now decide otherwise; those that are stuck stay.

    Returns them all: `stuck` tells which were left. Safe to run again, and beside everything else.
    """
    with workshop.begin(origin=str(uuid4())) as work:
        numbers = [one.number for one in _otherwise(work.connection, by_rules, work.now) if isinstance(one, Second)]
    decided = (decide_again(workshop, by_rules, number) for number in numbers)
    return [second for second in decided if second is not None]


def decide_again(workshop: Workshop, by_rules: Judge, number: str) -> Second | None:
    """None: meanwhile it is not open any more, or decided so already."""
    with workshop.begin(origin=str(uuid4())) as work:
        life = store.one(work.connection, Life, number, lock=True)
        if life is None or life.status not in _OPEN:
            return None
        under_way = decisions.open_work(work.connection, [number])
        second = redecide.foresee(work.connection, by_rules, life, under_way, _LATE, work.now)
        if second.same:
            return None
        if second.stuck is None:
            writes = Writes()
            redecide.redecide(work, writes, by_rules, life, under_way, _LATE, second)
            writes.flush(work.connection)
            queue = second.second.queue
            tell_queues(work, [*under_way.queues, *([] if queue is None else [queue])])
        logger.info("request.redecided", number=number, outcome=second.second.outcome.value, stuck=second.stuck)
        return second


def _otherwise(connection: Connection, by_rules: Judge, now: datetime) -> Iterator[Second | MovedClock]:
    """Every open request whose decision would be another, and every open clock that would move though it would not."""
    after = ""
    while lives := _open_after(connection, after):
        yield from _compared(connection, by_rules, lives, now)
        after = lives[-1].number


def _compared(
    connection: Connection, by_rules: Judge, lives: Sequence[Life], now: datetime
) -> Iterator[Second | MovedClock]:
    numbers = [life.number for life in lives]
    rows = store.in_force(connection, numbers)
    asked = {life.number: Asked(life.asked, life.received_at) for life in lives}
    facts = by_rules.facts.load(connection, list(asked.values()))
    under_way = decisions.open_work(connection, numbers, lock=False)
    for life in lives:
        row, about = rows[life.number], facts
        if row["entered"] is not None:  # counts for this request alone
            about = by_rules.facts.load(connection, [asked[life.number]], from_json(row["entered"]))
        try:
            second = redecide.compare(by_rules, life, under_way, _LATE, now, row, about)
        except Invalid:  # a rule of today refuses what was once accepted: a person's matter, not an import's
            logger.warning("request.not-judged", number=life.number)
            continue
        if not second.same:
            yield second
            continue
        clock = clocks.open_clock(life, by_rules.policy, about.book.areas)
        if clock is not None and clock.at != life.respond_by:
            yield MovedClock(life.number, life.respond_by, clock.at)


def _open_after(connection: Connection, number: str) -> list[Life]:
    columns = REQUESTS.c
    where = (columns.number > number, columns.status.in_(_OPEN))
    return store.found(connection, Life, *where, order=(columns.number,), limit=PORTION)
