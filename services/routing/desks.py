"""Work for people at a desk: one case a request, taken by one person, and closed with an answer (docs/rules.md §2).

All desks are the same here. What only triage does is in `triage.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Literal

from sqlalchemy import Connection, Table

from schemas.vocabulary import Desk, Milestone, Outcome, Role, Status
from services.routing import clocks, lifecycle, store
from services.routing.people import Person, resource
from services.routing.queues import tell_queues
from services.routing.requests import Cause, Life, move, stop_clock
from services.routing.rules.facts import Areas
from services.routing.rules.outcomes import AFTER
from services.routing.rules.policy import Policy
from services.routing.store import Writes
from services.routing.tables import CASES, STEPS
from services.runtime.errors import Conflict, NotFound
from services.runtime.identity.owners import require_owner
from services.runtime.work import Work


@dataclass(frozen=True, slots=True)
class Closing:
    """How a case ends: the customer has the answer, or the answer is no; why; and what the customer reads."""

    ending: Literal["resolved", "rejected"]
    reason: str
    answer: str | None = None


#: The milestone of a request that waits at a desk: that of the outcome which brings requests there.
WAITING: Final[dict[Desk, tuple[Status, Milestone]]] = {
    after.queue: (after.status, after.milestone) for after in AFTER.values() if after.queue is not None
}


@dataclass(slots=True)
class Case:
    """One request at one desk: the row of `cases`."""

    TABLE: ClassVar[Table] = CASES
    KEY: ClassVar[str] = "id"

    id: str
    number: str
    version: int
    desk: Desk
    decision: int
    priority: int
    respond_by: datetime | None
    taken_by: str | None
    taken_name: str | None
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    closed_as: str | None


def open_case(work: Work, writes: Writes, life: Life, desk: Desk) -> Case:
    """The request waits at `desk`. Its number within the request is the version that it had before."""
    case = Case(
        id=f"C-{life.number}-{life.version + 1}",
        number=life.number,
        version=1,
        desk=desk,
        decision=life.decided,
        priority=0,
        respond_by=life.respond_by if life.clock_runs else None,
        taken_by=None,
        taken_name=None,
        opened_at=work.now,
        updated_at=work.now,
        closed_at=None,
        closed_as=None,
    )
    writes.begin(case)
    return case


def waiting(connection: Connection, desk: Desk, limit: int = 200) -> list[Case]:
    """Open cases, the most urgent first, then by due time, then the oldest."""
    columns = CASES.c
    order = (columns.priority.desc(), columns.respond_by.is_(None), columns.respond_by, columns.opened_at, columns.id)
    return store.found(connection, Case, columns.desk == desk, columns.closed_at.is_(None), order=order, limit=limit)


def take(work: Work, desk: Desk, id_: str, by: Person, seen: int) -> Case:
    """I work on this one. Raises `Conflict` when somebody else already does."""
    _, case = locked(work, desk, id_, by, seen, "")
    if case.taken_by not in (None, by.id):
        raise Conflict("case.taken", name=case.taken_name or "")
    writes = Writes()
    case.taken_by, case.taken_name = by.id, by.name
    note_step(work, writes, case, "take", by)
    finish(work, writes, case)
    return case


def note(work: Work, desk: Desk, id_: str, by: Person, seen: int, text: str) -> Case:
    """An internal note; customers never see it."""
    _, case = locked(work, desk, id_, by, seen, text)
    writes = Writes()
    note_step(work, writes, case, "note", by, note=text)
    finish(work, writes, case)
    return case


def answer(work: Work, policy: Policy, areas: Areas, desk: Desk, id_: str, by: Person, seen: int, text: str) -> Case:
    """A first answer that the customer reads; the case stays open. A response clock has been met with it."""
    life, case = locked(work, desk, id_, by, seen, text)
    writes = Writes()
    _meet_clock(work, writes, life, policy, areas)
    note_step(work, writes, case, "answer", by, note=text)
    move(work, writes, life, policy, life.status, life.milestone, Cause(by=Role.DESK), reason="answer", note=text)
    finish(work, writes, case)
    return case


def close(
    work: Work, policy: Policy, areas: Areas, desk: Desk, id_: str, by: Person, seen: int, closing: Closing
) -> Case:
    """The case ends with a reason, and what the customer reads of it, if anything."""
    life, case = locked(work, desk, id_, by, seen, closing.answer or "")
    if life.outcome is Outcome.APPROVAL:
        raise Conflict("approval.two_persons", typed=closing.answer or "")
    if life.disputes:
        raise Conflict("dispute.undecided", typed=closing.answer or "")
    writes = Writes()
    _meet_clock(work, writes, life, policy, areas)
    end(work, writes, case, by, closing.ending, reason=closing.reason, note=closing.answer)
    status = Status.RESOLVED if closing.ending == "resolved" else Status.REJECTED
    cause = Cause(by=Role.DESK)
    move(work, writes, life, policy, status, Milestone.ANSWERED, cause, reason=closing.reason, note=closing.answer)
    finish(work, writes, case)
    return case


def hand_over(work: Work, policy: Policy, desk: Desk, id_: str, by: Person, seen: int, to: Desk, reason: str) -> Case:
    """Another desk's matter. It arrives there untaken."""
    life, case = locked(work, desk, id_, by, seen, reason)
    if to is desk:
        raise Conflict("case.same_desk")
    writes = Writes()
    to_desk(work, writes, life, policy, case, by, to, reason)
    finish(work, writes, case, also=to)
    return case


def to_desk(
    work: Work, writes: Writes, life: Life, policy: Policy, case: Case, by: Person, to: Desk, reason: str
) -> None:
    case.desk, case.taken_by, case.taken_name = to, None, None
    life.queue = to.value
    note_step(work, writes, case, "hand_over", by, reason=reason)
    status, milestone = WAITING[to]
    move(work, writes, life, policy, status, milestone, Cause(by=Role.DESK), reason=reason)


def end(
    work: Work, writes: Writes, case: Case, by: Person | None, ended_as: str, *, reason: str, note: str | None = None
) -> None:
    """Nobody needs to look at it any more."""
    case.closed_at, case.closed_as = work.now, ended_as
    note_step(work, writes, case, ended_as, by, reason=reason, note=note)
    writes.change(case)


def locked(work: Work, desk: Desk, id_: str, by: Person, seen: int, typed: str) -> tuple[Life, Case]:
    """The request and its case at this desk, locked in this order.

    Raises `NotFound`, or `Conflict` when it was closed, went elsewhere, or changed since version `seen`.
    """
    known = store.one(work.connection, Case, id_)
    if known is None:
        raise NotFound
    life = store.one(work.connection, Life, known.number, lock=True)
    case = store.one(work.connection, Case, id_, lock=True)
    if life is None or case is None:
        raise NotFound
    require_owner(by.principal, resource(queue=case.desk, customer_number=life.customer_number))
    if case.desk is not desk or case.closed_at is not None or case.version != seen:
        last = store.step_at(work.connection, case.id, case.version)
        name = "" if last is None else last["by_name"]
        raise Conflict("case.closed" if case.closed_at is not None else "case.moved", typed=typed, name=name)
    return life, case


def note_step(work: Work, writes: Writes, case: Case, what: str, by: Person | None, **said: Any) -> None:
    case.version, case.updated_at = case.version + 1, work.now
    writes.change(case)
    who = ("system", "") if by is None else (by.id, by.name)
    row = store.step(
        number=case.number,
        subject=case.id,
        version=case.version,
        step=what,
        by=who[0],
        by_name=who[1],
        at=work.now,
        **said,
    )
    writes.add(STEPS, row)


def finish(work: Work, writes: Writes, case: Case, *, also: Desk | None = None) -> None:
    writes.flush(work.connection)
    tell_queues(work, [case.desk, *([] if also is None else [also])])


def _meet_clock(work: Work, writes: Writes, life: Life, policy: Policy, areas: Areas) -> None:
    """The first human answer stops a remote response clock (docs/rules.md §5)."""
    if life.outcome is Outcome.REMOTE_SUPPORT:
        clocks.measure(writes, life, policy, areas, work.now)
        stop_clock(writes, life, work.now)


def can_reject(life: Life) -> bool:
    """Whether the lifecycle knows a way from here to a refusal."""
    try:
        lifecycle.REQUEST.way(life.status, Status.REJECTED)
    except lifecycle.IllegalStep:
        return False
    return True
