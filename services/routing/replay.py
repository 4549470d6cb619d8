"""What the stored events and steps come to, replayed from the first, against what the tables hold (docs/architecture.md).

Decisions are those that were told, each once and unchanged. The lives of visits, parcels and cases are their steps, taken
one after the other by the lifecycle's tables. A clock is what its start, its pauses and the calendar make it, and what has
to fall due by itself follows from where things stand: there is one timer for each, and no other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, Generic, TypeVar

import orjson
from sqlalchemy import Connection, RowMapping, Table, select, text

from schemas import dispatch, request_status
from schemas.dispatch import Offered, Revised
from schemas.request_status import RequestDecided
from schemas.vocabulary import ReturnState, Status, WorkOrderState
from services.routing import clocks, store
from services.routing.facts import FactSource
from services.routing.lifecycle import DEPOT_RETURN, WORK_ORDER, IllegalStep, Lifecycle, State
from services.routing.queues import LEASE
from services.routing.requests import AUTO_CLOSE, CLOCK, Life
from services.routing.returns import EXPIRY
from services.routing.rules.facts import Areas
from services.routing.rules.policy import Policy, standard_policy
from services.routing.tables import CASES, DECISIONS, NOT_FIRED, REQUESTS, RETURNS, RUNTIME, STEPS, TIMERS, WORK_ORDERS

T = TypeVar("T")

#: Timers that follow from where a request, its visit or its parcel stands.
_FOLLOWING: Final = (CLOCK, AUTO_CLOSE, LEASE, EXPIRY)
#: Steps that change what is promised, not where the work stands.
_STILL: Final = frozenset({"revise"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the events say."""

    subject: str
    what: str
    expected: object
    found: object


@dataclass(slots=True)
class _Told:
    """All that was told of one request."""

    first: int = 0  # the oldest version that is still kept
    decided: dict[int, dict[str, Any]] = field(default_factory=dict)
    waits: set[datetime] = field(default_factory=set)
    standing: Mapping[str, Any] = field(default_factory=dict)


class _Beside(Generic[T]):
    """Values by request number, in order, read along with the requests: as many in memory as one."""

    def __init__(self, values: Iterator[tuple[str, T]]) -> None:
        self._values = values
        self._next = next(values, None)

    def of(self, number: str) -> T | None:
        while self._next is not None and self._next[0] < number:
            self._next = next(self._values, None)
        return self._next[1] if self._next is not None and self._next[0] == number else None


def replayed(connection: Connection) -> Iterator[Difference]:
    """Everything that differs. What was pruned cannot be replayed and is left out."""
    policy, areas = standard_policy(), FactSource().reference(connection).areas
    yield from _requests(connection, policy, areas)
    yield from _lives(connection, WORK_ORDERS, WORK_ORDER)
    yield from _lives(connection, RETURNS, DEPOT_RETURN)
    yield from _cases(connection)
    yield from _promises(connection)
    yield from _timers(connection, policy, areas)


def _requests(connection: Connection, policy: Policy, areas: Areas) -> Iterator[Difference]:
    """Each request with all that was told of it; both in the order of their numbers."""
    told, decisions = _Beside(_all_told(connection)), _Beside(_all_decisions(connection))
    for life in _all_lives(connection):
        about, kept = told.of(life.number), decisions.of(life.number)
        if about is not None:
            yield from _one(life, about, kept or [], policy, areas)


def _one(life: Life, told: _Told, kept: Sequence[RowMapping], policy: Policy, areas: Areas) -> Iterator[Difference]:
    number = life.number
    if [row["index"] for row in kept] != list(range(1, life.decided + 1)):
        yield Difference(number, "decisions", life.decided, len(kept))
    for row in kept:
        said = told.decided.get(row["index"])
        if said is None:
            if told.first == 1:
                yield Difference(number, f"decision {row['index']}", "told", None)
        elif (said["decision"], said.get("because")) != (row["decision"], row["because"]):
            yield Difference(number, f"decision {row['index']}", said["decision"], row["decision"])
    if kept and kept[-1]["decision"]["outcome"] != life.outcome:
        yield Difference(number, "outcome", kept[-1]["decision"]["outcome"], life.outcome.value)
    yield from _clock(life, told, policy, areas)


def _clock(life: Life, told: _Told, policy: Policy, areas: Areas) -> Iterator[Difference]:
    """When it is due: as was told last, and as the rule has it today; its pauses are those that were told."""
    shown = life.respond_by if life.clock_runs else None
    said = told.standing.get("respond_by")
    if (None if said is None else datetime.fromisoformat(said)) != shown:
        yield Difference(life.number, "respond_by", said, shown)
    waiting = told.standing.get("waiting")
    since = None if life.waiting is None else life.waiting.since
    if (None if waiting is None else datetime.fromisoformat(waiting["since"])) != since:
        yield Difference(life.number, "waiting", waiting, since)
    if life.clock_started is None:
        return
    pauses = {pause.began for pause in clocks.pauses_of(life)}
    if told.first == 1 and pauses != {since for since in told.waits if since >= life.clock_started}:
        yield Difference(life.number, "pauses", sorted(told.waits), sorted(pauses))
    clock = clocks.open_clock(life, policy, areas)
    if clock is not None and clock.at != life.respond_by:
        yield Difference(life.number, "clock", clock.at, life.respond_by)


def _lives(connection: Connection, table: Table, life: Lifecycle[State]) -> Iterator[Difference]:
    """A visit or parcel is where its steps lead."""
    for row, taken in _with_steps(connection, table):
        state = life.first
        try:
            for step in taken:
                if step not in _STILL:
                    state = life.step(state, step)
        except IllegalStep as error:
            yield Difference(row["id"], "steps", "a legal life", str(error))
            continue
        if (state, 1 + len(taken)) != (row["status"], row["version"]):
            yield Difference(row["id"], "life", f"{state} {1 + len(taken)}", f"{row['status']} {row['version']}")


def _cases(connection: Connection) -> Iterator[Difference]:
    """A case is what was done at desks: one version a step, and closed by its last."""
    for row, taken in _with_steps(connection, CASES):
        if row["version"] != 1 + len(taken):
            yield Difference(row["id"], "version", 1 + len(taken), row["version"])
        closed_as = taken[-1] if taken and row["closed_at"] is not None else None
        if row["closed_as"] != closed_as:
            yield Difference(row["id"], "closed_as", closed_as, row["closed_as"])


def _promises(connection: Connection) -> Iterator[Difference]:
    """A visit's level and hour are those that were offered, or told anew since."""
    outbox = RUNTIME.outbox.c
    query = (
        select(outbox.subject, outbox.body)
        .where(outbox.topic == dispatch.TOPIC, outbox.type.in_((Offered.TYPE, Revised.TYPE)))
        .order_by(outbox.subject, outbox.ordinal)
    )
    last = {row.subject: row.body for row in connection.execution_options(yield_per=1000).execute(query)}
    for row in _rows(connection, WORK_ORDERS):
        if row["id"] not in last:
            continue
        said = orjson.loads(last[row["id"]])
        due = None if said["respond_by"] is None else datetime.fromisoformat(said["respond_by"])
        if (said["service_level"], due) != (row["service_level"], row["respond_by"]):
            yield Difference(row["id"], "promise", f"{said['service_level']} {due}", f"{row['respond_by']}")


def _timers(connection: Connection, policy: Policy, areas: Areas) -> Iterator[Difference]:
    """Each thing that falls due by itself has one timer waiting for it, and nothing else has."""
    expected = dict(_falling_due(connection, policy, areas))
    for row in _rows(connection, TIMERS, NOT_FIRED):
        if row["kind"] not in _FOLLOWING:
            continue
        due_at = expected.pop((row["subject"], row["kind"]), None)
        if due_at != row["due_at"]:
            yield Difference(row["subject"], f"timer {row['kind']}", due_at, row["due_at"])
    for (subject, kind), due_at in expected.items():
        yield Difference(subject, f"timer {kind}", due_at, None)


def _falling_due(connection: Connection, policy: Policy, areas: Areas) -> Iterator[tuple[tuple[str, str], datetime]]:
    countries: dict[str, str] = {}
    for life in _all_lives(connection):
        terms = policy.of(life.country)
        if life.status is Status.RESOLVED and life.resolved_at is not None:
            yield (life.number, AUTO_CLOSE), life.resolved_at + timedelta(days=terms.reopen_days)
        clock = clocks.open_clock(life, policy, areas)
        at = None if clock is None else clocks.warns_at(life, policy, clock)
        if at is not None:
            yield (life.number, CLOCK), at
        if life.parcel_status is ReturnState.ISSUED:
            countries[life.number] = life.country
    for row in _rows(connection, WORK_ORDERS):
        if row["status"] == WorkOrderState.ASSIGNED:
            yield (row["id"], LEASE), row["lease_until"]
    for row in _rows(connection, RETURNS):
        if row["status"] == ReturnState.ISSUED and row["number"] in countries:
            days = policy.of(countries[row["number"]]).return_days
            yield (row["id"], EXPIRY), row["issued_at"] + timedelta(days=days)


def _all_told(connection: Connection) -> Iterator[tuple[str, _Told]]:
    outbox = RUNTIME.outbox.c
    query = (
        select(outbox.subject, outbox.ordinal, outbox.type, outbox.body)
        .where(outbox.topic == request_status.TOPIC)
        .order_by(outbox.subject, outbox.ordinal)
    )
    rows = connection.execution_options(yield_per=1000).execute(query)
    for number, events in groupby(rows, key=itemgetter(0)):
        told = _Told()
        for row in events:
            said = orjson.loads(row.body)
            told.first, told.standing = told.first or row.ordinal, said["standing"]
            if (waiting := said["standing"].get("waiting")) is not None:
                told.waits.add(datetime.fromisoformat(waiting["since"]))
            if row.type == RequestDecided.TYPE:
                told.decided[said["index"]] = said
        yield number, told


def _all_lives(connection: Connection) -> Iterator[Life]:
    for row in _rows(connection, REQUESTS):
        yield store.restored(Life, row)


def _all_decisions(connection: Connection) -> Iterator[tuple[str, list[RowMapping]]]:
    columns = (DECISIONS.c.number, DECISIONS.c.index, DECISIONS.c.because, DECISIONS.c.decision)
    query = select(*columns).order_by(DECISIONS.c.number, DECISIONS.c.index)
    rows = connection.execution_options(yield_per=1000).execute(query).mappings()
    for number, kept in groupby(rows, key=itemgetter("number")):
        yield number, list(kept)


def _with_steps(connection: Connection, table: Table) -> Iterator[tuple[RowMapping, list[str]]]:
    """Each row with its steps, in order."""
    query = (
        select(table, STEPS.c.step.label("step"))
        .outerjoin(STEPS, STEPS.c.subject == table.c.id)
        .order_by(table.c.id, STEPS.c.version)
    )
    rows = connection.execution_options(yield_per=1000).execute(query).mappings()
    for _, group in groupby(rows, key=itemgetter("id")):
        same = list(group)
        yield same[0], [row["step"] for row in same if row["step"] is not None]


def _rows(connection: Connection, table: Table, where: str = "") -> Iterator[RowMapping]:
    query = select(table).order_by(*table.primary_key.columns)
    if where:
        query = query.where(text(where))
    yield from connection.execution_options(yield_per=1000).execute(query).mappings()
