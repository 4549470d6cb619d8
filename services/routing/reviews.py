"""A desk has a request decided again: a coverage review that is upheld, or contract data that came late (docs/rules.md §2).

The contract desk enters what its papers say: what the request should have said, or the contract that covers the machine.
It is decided again as of the original moment, and both decisions are kept. A review is itself a request that names the
original one; upheld, it is answered. A dispute on the request itself stands at the desk under the request's own number.
"""

from dataclasses import dataclass, replace

from schemas.request import InvalidRequest, ReviewDetails, ServiceRequest, details_of
from schemas.vocabulary import Because, Desk, Kind, Milestone, Role, Status
from services.routing import decisions, desks, disputes, redecide, requests, store
from services.routing.amending import amended
from services.routing.decisions import Judge, OpenWork
from services.routing.desks import Case
from services.routing.entered import NOTHING_ENTERED, Coverage, Entered
from services.routing.people import Person
from services.routing.queues import tell_queues
from services.routing.redecide import Again, Second
from services.routing.requests import Cause, Life
from services.routing.store import Writes
from services.runtime.errors import Conflict, Fault, Invalid, NotFound
from services.runtime.work import Work


@dataclass(frozen=True, slots=True)
class Review:
    """What a desk enters. `number` None: the request that the review names, or the case's own.

    `changes`: what the request should have said. `coverage`: the contract that covers, its machine the request's unless
    named (empty type and serial). `reason` is why, for us; `answer` what the customer of the review reads.
    """

    reason: str
    number: str | None = None
    changes: ServiceRequest | None = None
    coverage: Coverage | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class _AtHand:
    """The case, its request, and the request that is decided again (often the same), all locked."""

    case: Case
    asking: Life
    original: Life
    under_way: OpenWork
    again: Again
    second: Second


def foresee(work: Work, by_rules: Judge, desk: Desk, id_: str, by: Person, seen: int, review: Review) -> Second:
    """What `decide_again` would do; nothing is changed. Raises as it does, but for `Conflict` where it is stuck."""
    return _at_hand(work, by_rules, desk, id_, by, seen, review).second


def decide_again(work: Work, by_rules: Judge, desk: Desk, id_: str, by: Person, seen: int, review: Review) -> Second:
    """Decide the original request again on what the desk enters and the contract data as they are now.

    Raises `Invalid` for what cannot be asked, `NotFound` for what is not theirs to see, and `Conflict` in words: the
    case moved on, both decisions would be the same, or work on the first can no longer be taken back.
    """
    at_hand = _at_hand(work, by_rules, desk, id_, by, seen, review)
    if at_hand.second.same:
        raise Conflict("redecide.same", typed=review.reason)
    writes = Writes()
    redecide.redecide(work, writes, by_rules, at_hand.original, at_hand.under_way, at_hand.again, at_hand.second)
    if at_hand.asking.number != at_hand.original.number:
        _answer(work, writes, by_rules, at_hand, by, review)
    writes.flush(work.connection)
    touched = [*at_hand.under_way.queues, desk.value, at_hand.second.second.queue or desk.value]
    tell_queues(work, touched)
    return at_hand.second


def _at_hand(work: Work, by_rules: Judge, desk: Desk, id_: str, by: Person, seen: int, review: Review) -> _AtHand:
    if review.coverage is not None and desk is not Desk.CONTRACT_DESK:
        raise Conflict("redecide.contract_desk_only", typed=review.reason)
    case = store.one(work.connection, Case, id_)
    asking = None if case is None else store.one(work.connection, Life, case.number)
    if case is None or asking is None:
        raise NotFound
    number = review.number or _named_by(asking)
    # All before any, also who disputes what was billed: nobody waits in a circle.
    store.lock_requests(work.connection, [case.number, number, *disputes.about(work.connection, number)])
    asking, case = desks.locked(work, desk, id_, by, seen, review.reason)
    original = asking if number == asking.number else store.one(work.connection, Life, number, lock=True)
    if original is None or original.customer_number != asking.customer_number:
        raise Invalid([Fault("number", "not_this_customers")])
    again = _again(desk, original, by, review)
    under_way = decisions.open_work(work.connection, [number])
    second = redecide.foresee(work.connection, by_rules, original, under_way, again, work.now)
    return _AtHand(case, asking, original, under_way, again, second)


def _named_by(asking: Life) -> str:
    """The request that a case is about: a review names another one."""
    if asking.kind is not Kind.COVERAGE_REVIEW:
        return asking.number
    number = details_of(asking.asked, ReviewDetails).request_number
    if number is None:
        raise Invalid([Fault("number", "required")])
    return number


def _again(desk: Desk, original: Life, by: Person, review: Review) -> Again:
    request = original.asked
    try:
        changed = request if review.changes is None else amended(request, review.changes)
    except InvalidRequest as error:
        raise Invalid([Fault(f"changes.{wrong.path}", wrong.code) for wrong in error.errors]) from error
    because = Because.COVERAGE_REVIEW if desk is Desk.CONTRACT_DESK else Because.CONTRACT_DATA
    return Again(
        because,
        by,
        request=changed,
        entered=NOTHING_ENTERED if review.coverage is None else Entered(coverage=_named(review.coverage, changed)),
        ended_as="upheld" if because is Because.COVERAGE_REVIEW else "decided_again",
        note=review.reason,
    )


def _named(covers: Coverage, request: ServiceRequest) -> Coverage:
    machine = (covers.machine_type or request.machine.type or "", covers.serial or request.machine.serial or "")
    missing = [
        Fault(f"coverage.{name}", "required")
        for name, value in zip(("machine_type", "serial"), machine, strict=True)
        if not value
    ]
    if missing:
        raise Invalid(missing)
    return replace(covers, machine_type=machine[0], serial=machine[1])


def _answer(work: Work, writes: Writes, by_rules: Judge, at_hand: _AtHand, by: Person, review: Review) -> None:
    """The review has done what it asked for. The customer hears it once, from the original request."""
    desks.end(work, writes, at_hand.case, by, "upheld", reason=review.reason, note=review.answer)
    cause = Cause(by=Role.DESK)
    requests.move(
        work,
        writes,
        at_hand.asking,
        by_rules.policy,
        Status.RESOLVED,
        Milestone.ANSWERED,
        cause,
        reason="upheld",
        note=review.answer,
    )
