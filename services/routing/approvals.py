"""What nobody may do alone: end maintenance for a breach, move an appliance across a border (docs/rules.md §6, §9).

One person at the approval desk recommends, another decides, and who asked for it cannot be the one. A breach that is approved
ends maintenance on the date that the person set: a second decision beside the first. A move that is approved is then assigned
to somebody and executed; the service country changes with the last step alone.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from schemas.request import MoveDetails, details_of
from schemas.vocabulary import Desk, Kind, Milestone, MoveState, Outcome, Role, Status
from services.routing import decisions, desks, requests, store
from services.routing.decisions import Judge, Judged
from services.routing.desks import Case
from services.routing.facts import Asked
from services.routing.lifecycle import APPLIANCE_MOVE, IllegalStep
from services.routing.people import Person
from services.routing.requests import Cause, Life
from services.routing.rules import ending
from services.routing.rules.outcomes import AFTER
from services.routing.rules.policy import Policy
from services.routing.store import Writes
from services.runtime.errors import Conflict, Fault, Invalid
from services.runtime.work import Work

Verdict = Literal["approve", "reject"]

#: The step of who recommends; its reason is the verdict, its note why.
RECOMMEND: Final = "recommend"


@dataclass(frozen=True, slots=True)
class Approval:
    """What is decided, why, from when on (a breach: the first day without maintenance), and what the customer reads."""

    verdict: Verdict
    why: str
    effective_end: date | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Recommended:
    """What the first person said; a second one decides."""

    by: str
    by_name: str
    verdict: Verdict
    why: str


def recommendation(steps: list[store.Row], case: Case) -> Recommended | None:
    """The last recommendation on a case."""
    for step in reversed(steps):
        if step["subject"] == case.id and step["step"] == RECOMMEND:
            verdict: Verdict = "approve" if step["reason"] == "approve" else "reject"
            return Recommended(step["by"], step["by_name"], verdict, step["note"] or "")
    return None


def recommend(work: Work, id_: str, by: Person, seen: int, verdict: Verdict, why: str) -> Case:
    """The first of two persons. The case is free for another to take."""
    life, case = desks.locked(work, Desk.APPROVAL, id_, by, seen, why)
    _still_asked(life)
    writes = Writes()
    case.taken_by = case.taken_name = None
    desks.note_step(work, writes, case, RECOMMEND, by, reason=verdict, note=why)
    desks.finish(work, writes, case)
    return case


def decide(work: Work, by_rules: Judge, id_: str, by: Person, seen: int, said: Approval) -> Case:
    """The second of two persons. Raises `Conflict` where nobody else recommended, or it was they who asked."""
    life, case = desks.locked(work, Desk.APPROVAL, id_, by, seen, said.why)
    _still_asked(life)
    first = recommendation(store.steps_of(work.connection, [life.number]), case)
    if first is None:
        raise Conflict("approval.not_recommended", typed=said.why)
    if by.id in (first.by, life.submitter.get("id")):
        raise Conflict("approval.same_person", typed=said.why)
    writes = Writes()
    cause = Cause(by=Role.DESK)
    if said.verdict == "reject":
        desks.end(work, writes, case, by, "rejected", reason=said.why, note=said.answer)
        requests.move(
            work, writes, life, by_rules.policy, Status.REJECTED, Milestone.REJECTED, cause,
            reason="rejected", note=said.answer,
        )  # fmt: skip
    elif life.kind is Kind.APPLIANCE_MOVE:
        desks.note_step(work, writes, case, "approve", by, reason=said.why, note=said.answer)
        _to(work, writes, life, by_rules.policy, "approve", said.answer)
    else:
        _end_maintenance(work, writes, by_rules, life, case, by, said)
    desks.finish(work, writes, case)
    return case


def assign(work: Work, policy: Policy, id_: str, by: Person, seen: int, to: str, note: str = "") -> Case:
    """Who carries the approved move out, by name."""
    life, case = desks.locked(work, Desk.APPROVAL, id_, by, seen, note)
    writes = Writes()
    _to(work, writes, life, policy, "assign", None)
    desks.note_step(work, writes, case, "assign", by, reason=to, note=note or None)
    desks.finish(work, writes, case)
    return case


def execute(work: Work, policy: Policy, id_: str, by: Person, seen: int, note: str = "") -> Case:
    """The move is done: from now on the appliance is served in the country that it went to."""
    life, case = desks.locked(work, Desk.APPROVAL, id_, by, seen, note)
    writes = Writes()
    went_to = details_of(life.asked, MoveDetails).destination_country
    life.country = went_to or life.country
    _to(work, writes, life, policy, "execute", None)
    desks.end(work, writes, case, by, "executed", reason=life.country, note=note or None)
    desks.finish(work, writes, case)
    return case


def state_of(life: Life) -> MoveState | None:
    """Where an appliance's move stands; None: the request is none, or has gone another way."""
    if life.kind is not Kind.APPLIANCE_MOVE or life.milestone.value not in set(MoveState):
        return None
    return MoveState(life.milestone.value)


def _still_asked(life: Life) -> None:
    if life.outcome is not Outcome.APPROVAL or life.milestone is not Milestone.UNDER_REVIEW:
        raise Conflict("approval.not_asked")


def _to(work: Work, writes: Writes, life: Life, policy: Policy, event: str, answer: str | None) -> None:
    """The move's next state, which is the request's milestone. Raises `Conflict` for a step that is not next."""
    state = state_of(life)
    try:
        after = APPLIANCE_MOVE.step(state or MoveState.SUBMITTED, event)
    except IllegalStep:
        raise Conflict("approval.not_next") from None
    status = Status.RESOLVED if after is MoveState.EXECUTED else Status.IN_PROGRESS
    requests.move(work, writes, life, policy, status, Milestone(after.value), Cause(by=Role.DESK), note=answer)


def _end_maintenance(
    work: Work, writes: Writes, by_rules: Judge, life: Life, case: Case, by: Person, said: Approval
) -> None:
    """The breach is established: a second decision, as of the original day, with the date that the person set."""
    if said.effective_end is None:
        raise Invalid([Fault("effective_end", "required")])
    judged = _judged_again(work, by_rules, life)
    winner = judged.decided.evidence.ruling.winner
    if winner is None:
        raise Conflict("approval.not_maintained", typed=said.why)
    after = AFTER[Outcome.TERMINATION_SCHEDULED]
    decision = replace(
        judged.decision,
        outcome=Outcome.TERMINATION_SCHEDULED,
        rule="ending.breach_approved",
        dates=ending.on_approved_date(winner, said.effective_end),
        queue=None,
        status=after.status,
        milestone=after.milestone,
    )
    judged = judged._replace(decided=judged.decided._replace(decision=decision))
    desks.end(work, writes, case, by, "approved", reason=said.why, note=said.answer)
    decisions.adopt(life, judged)
    decisions.keep(work, writes, life, judged, by=by.id, cause=work.origin)
    requests.redecided(work, writes, life, by_rules.policy, decision, Cause(by=Role.DESK))


def _judged_again(work: Work, by_rules: Judge, life: Life) -> Judged:
    first = store.decision_row(work.connection, life.number, life.decided)
    qualified_at = None if first is None else first["qualified_at"]
    facts = by_rules.facts.load(work.connection, [Asked(life.asked, life.received_at)])
    return decisions.judge(by_rules, facts, life.asked, life.channel, life.received_at, qualified_at)
