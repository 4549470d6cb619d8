"""A second decision: as of the original moment, both kept, and what was begun on the first set right (docs/rules.md §10).

A triage correction, a coverage review that was upheld and contract data that came late all end here. The first decision
is never edited. Work that the second asks for as well goes on; other work is taken back and the second's begun, and the
customer is told once. What can no longer be taken back (somebody on the way, a parcel with us) refuses, in words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from schemas.decision import Decision
from schemas.request import InvalidRequest, ServiceRequest, as_json
from schemas.vocabulary import Because, LineSort, Outcome, ReturnState, Role, Status, Undone, WorkOrderState
from services.routing import clocks, decisions, desks, disputes, estimates, queues, requests, store
from services.routing.decisions import Judge, Judged, OpenWork
from services.routing.desks import Case
from services.routing.entered import NOTHING_ENTERED, Entered, from_json
from services.routing.facts import Asked, Facts
from services.routing.lifecycle import DEPOT_RETURN, WORK_ORDER
from services.routing.people import Person
from services.routing.queues import WorkOrder
from services.routing.requests import Cause, Life
from services.routing.returns import Return
from services.routing.rules.policy import Policy
from services.routing.store import Row, Writes
from services.runtime.errors import Conflict, Fault, Invalid
from services.runtime.work import Work

#: The work was done on the first decision; a second one changes what it was done on, not that it was.
_DONE: Final = frozenset({Status.RESOLVED, Status.CLOSED})
#: A contract pays for these repairs, the last of them for its parts alone.
_COVERED: Final = frozenset({Outcome.ONSITE_DISPATCH, Outcome.MAIL_IN, Outcome.PARTS_SHIPMENT})


@dataclass(frozen=True, slots=True)
class Again:
    """Why a request is decided again, by whom, and on what; `request` None: as it stands.

    `ended_as` and `note` say how the case at hand ends.
    """

    because: Because
    by: Person | None = None  # None: nobody in person, an import
    request: ServiceRequest | None = None
    entered: Entered = NOTHING_ENTERED
    ended_as: str = "decided_again"
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Second:
    """Both decisions, and what the second comes to. `stuck`: why it cannot be made now, a stable code; None: it can.

    `kept` is work under way that goes on; `undone` what is taken back. `done`: the work was finished on the first
    decision, so that the second only corrects the record (an invoice, say) and where the request stands stays.
    """

    number: str
    index: int
    first: Decision
    judged: Judged
    entered: Entered
    kept: WorkOrder | Return | Case | None
    undone: tuple[Undone, ...]
    done: bool
    stuck: str | None

    @property
    def second(self) -> Decision:
        return self.judged.decision

    @property
    def same(self) -> bool:
        """Whether both say the same. Which version of the policy said it does not matter, nor when it is due by today's
        calendar: an open clock follows that by itself."""
        again = self.second
        return replace(self.first, policy=again.policy, ref=again.ref, respond_by=again.respond_by) == again

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "index": self.index,
            "same": self.same,
            "first": self.first.to_json(),
            "second": self.second.to_json(),
            "undone": [one.value for one in self.undone],
            "stuck": self.stuck,
        }


def foresee(
    connection: Connection, by_rules: Judge, life: Life, under_way: OpenWork, again: Again, now: datetime
) -> Second:
    """What deciding again would come to; nothing is changed. Raises `Invalid` for what cannot be asked."""
    row = store.in_force(connection, [life.number])[life.number]
    entered = again.entered.over(from_json(row["entered"]))
    request = again.request or life.asked
    facts = by_rules.facts.load(connection, [Asked(request, life.received_at)], entered)
    return compare(by_rules, life, under_way, again, now, row, facts)


def compare(
    by_rules: Judge, life: Life, under_way: OpenWork, again: Again, now: datetime, row: Row, facts: Facts
) -> Second:
    """The decision in force, `row`, and the one on `facts`, which are all that it needs. Raises `Invalid` as above."""
    first = Decision.from_json(row["decision"])
    entered = again.entered.over(from_json(row["entered"]))
    request = again.request or life.asked
    judged = _judged(by_rules, facts, life, request, entered, _qualified_at(row, first, now))
    done = life.status in _DONE and (
        life.visit_status is WorkOrderState.COMPLETED or life.parcel_status is ReturnState.DELIVERED
    )
    kept = None if done else _kept(judged.decision, first, life, under_way)
    return Second(
        number=life.number,
        index=life.decided + 1,
        first=first,
        judged=judged,
        entered=entered,
        kept=kept,
        undone=() if done else _undone(first, judged.decision, life, under_way, kept),
        done=done,
        stuck=_stuck(life, under_way, kept),
    )


def redecide(
    work: Work, writes: Writes, by_rules: Judge, life: Life, under_way: OpenWork, again: Again, second: Second
) -> None:
    """Make the second decision that `foresee` saw under the same lock. Raises `Conflict` where it is stuck."""
    if second.stuck is not None:
        raise Conflict(second.stuck)
    policy, judged = by_rules.policy, second.judged
    cause = Cause(by="system" if again.by is None else Role.DESK)
    _take_back(work, writes, life, policy, under_way, again, second, cause)
    decisions.adopt(life, judged)
    who = "system" if again.by is None else again.by.id
    decisions.keep(
        work, writes, life, judged, by=who, cause=work.origin, because=again.because, entered=second.entered.to_json()
    )
    told = requests.Correction(again.because, second.undone)
    if second.done:
        requests.decided(work, life, policy, judged.decision, cause, told)
        writes.change(life)
    elif second.kept is not None:
        _go_on(work, writes, by_rules, life, second, cause)
        requests.decided(work, life, policy, judged.decision, cause, told)
        writes.change(life)
    else:
        _forget(life)
        if life.waiting is not None:
            requests.end_pause(life, work.now)
        writes.stop(life.number, requests.CLOCK)
        decisions.follow(work, writes, life, judged, policy, cause, life.pauses)
        requests.redecided(work, writes, life, policy, judged.decision, cause, told)


def _judged(
    by_rules: Judge, facts: Facts, life: Life, request: ServiceRequest, entered: Entered, qualified_at: datetime
) -> Judged:
    covers = entered.coverage
    if covers is not None:
        contract = facts.book.contract(covers.contract_number)
        if contract is not None and contract.customer_number != request.customer_number:
            raise Invalid([Fault("coverage.contract_number", "not_this_customers")])
    told = replace(by_rules, classify=entered.reader(by_rules.classify))
    try:
        return decisions.judge(told, facts, request, life.channel, life.received_at, qualified_at)
    except InvalidRequest as error:
        raise Invalid([Fault(wrong.path, wrong.code) for wrong in error.errors]) from error


def _qualified_at(row: Row, first: Decision, now: datetime) -> datetime:
    """All that is needed was known when it was known; what only now completes the request, now."""
    qualified: datetime = row["qualified_at"]
    return now if first.outcome is Outcome.INCOMPLETE else qualified


def _kept(second: Decision, first: Decision, life: Life, under_way: OpenWork) -> WorkOrder | Return | Case | None:
    """The work under way that the second decision asks for as well."""
    order, parcel = under_way.orders.get(life.number), under_way.parcels.get(life.number)
    case = under_way.cases.get(life.number)
    machine = second.machine
    if second.outcome is Outcome.ONSITE_DISPATCH and order is not None and machine is not None:
        wanted = (second.queue, machine, second.site_id)
        return order if wanted == (order.queue, order.machine, order.place["site_id"]) else None
    if second.outcome is Outcome.MAIL_IN and parcel is not None and machine is not None:
        return parcel if (second.depot, machine) == (parcel.depot, parcel.machine) else None
    if second.outcome is first.outcome and case is not None and second.queue == case.desk:
        return case
    return None


def _undone(
    first: Decision, second: Decision, life: Life, under_way: OpenWork, kept: WorkOrder | Return | Case | None
) -> tuple[Undone, ...]:
    order, parcel = under_way.orders.get(life.number), under_way.parcels.get(life.number)
    happens = {
        Undone.VISIT: order is not None and kept is not order,
        Undone.RETURN: parcel is not None and kept is not parcel,
        Undone.ESTIMATE: first.outcome is Outcome.BILLABLE_ESTIMATE and second.outcome is not first.outcome,
    }
    return tuple(what for what, does in happens.items() if does)


def _stuck(life: Life, under_way: OpenWork, kept: WorkOrder | Return | Case | None) -> str | None:
    if life.status is Status.CANCELLED:
        return "redecide.cancelled"
    order, parcel = under_way.orders.get(life.number), under_way.parcels.get(life.number)
    if order is not None and kept is not order and not WORK_ORDER.may(order.status, "cancel"):
        return f"redecide.{order.status.value}"
    if parcel is not None and kept is not parcel and not DEPOT_RETURN.may(parcel.status, "expire"):
        return "redecide.package"
    return None


def _take_back(
    work: Work,
    writes: Writes,
    life: Life,
    policy: Policy,
    under_way: OpenWork,
    again: Again,
    second: Second,
    cause: Cause,
) -> None:
    """End what goes on no longer; the case at hand with the word of the person who decided."""
    case = under_way.cases.get(life.number)
    if case is not None and second.kept is not case:
        desks.end(work, writes, case, again.by, again.ended_as, reason=again.because, note=again.note)
    stays = case is not None and second.kept is case
    others = OpenWork(
        {} if second.kept is under_way.orders.get(life.number) else under_way.orders,
        {} if second.kept is under_way.parcels.get(life.number) else under_way.parcels,
        {},
        {} if stays else under_way.estimates,
        {} if stays else under_way.disputes,
    )
    decisions.take_back(work, writes, life, others, cause, again.because)
    if second.second.outcome is not Outcome.BILLABLE_ESTIMATE:
        _do_not_bill(work, writes, life, policy, again, second.second)


def _do_not_bill(work: Work, writes: Writes, life: Life, policy: Policy, again: Again, decision: Decision) -> None:
    """It is not to be paid for after all: what the customer agreed to is not asked for, also where the visit goes on; what was
    billed already is given back."""
    agreed = estimates.accepted(work, life)
    if agreed is None:
        return
    if life.bill is not None and life.bill["invoice"] is not None:
        lines = covered_lines(decision.outcome, agreed.lines)
        disputes.give_back(work, writes, life, policy, again.by, lines)
        return
    by = ("system", "") if again.by is None else (again.by.id, again.by.name)
    estimates.withdraw(work, writes, life, agreed, *by, reason=again.because)


def covered_lines(outcome: Outcome, lines: Sequence[Mapping[str, Any]]) -> frozenset[int]:
    """The lines of an estimate that a coverage pays for: all of them, or of one for parts alone the parts; none where it is
    not known to be covered."""
    if outcome not in _COVERED:
        return frozenset()
    sorts = set(LineSort) if outcome is not Outcome.PARTS_SHIPMENT else {LineSort.PART}
    return frozenset(line["line"] for line in lines if line["sort"] in sorts)


def _go_on(work: Work, writes: Writes, by_rules: Judge, life: Life, second: Second, cause: Cause) -> None:
    """The work under way goes on by the second decision's terms: its level, and when it is due."""
    if not isinstance(second.kept, Return):  # a parcel's clock runs from its receipt, whatever was decided
        clocks.replace_open(writes, life, by_rules.policy, second.judged.decided.evidence.clock)
    match second.kept:
        case WorkOrder() as order:
            order.service_level = life.service_level or order.service_level
            queues.revise(work, writes, life, order, cause, reason="decided_again")
        case Case() as case:
            case.decision = life.decided
            case.respond_by = life.respond_by if life.clock_runs else None
            case.updated_at = work.now
            writes.change(case)
        case _:
            pass


def _forget(life: Life) -> None:
    """Nothing of what the first decision began concerns the customer any more."""
    life.visit = life.visit_status = life.parcel = life.parcel_status = None


def asked_again(life: Life, request: ServiceRequest) -> bool:
    """Whether `request` says anything else than the request as it stands."""
    return as_json(request) != dict(life.request)
