"""A decision made for real: stored whole with its evidence, and followed by what it asks for (docs/rules.md §2).

Deciding is pure and happens elsewhere; here its result becomes rows and events. A decision is never edited: deciding
again adds a second one, and what was begun on the first is taken back or kept as the second says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, func, select

from schemas.decision import Decision
from schemas.dispatch import Place
from schemas.request import ServiceRequest, as_json
from schemas.service_requests import RequestAccepted
from schemas.vocabulary import Because, Channel, Desk, Language, Milestone, Outcome, Status
from services.routing import clocks, desks, disputes, estimates, evidence, queues, returns, store
from services.routing.decide import Decided, decide
from services.routing.desks import Case
from services.routing.disputes import Dispute
from services.routing.estimates import Estimate
from services.routing.facts import Facts, FactSource, Reference
from services.routing.queues import WorkOrder
from services.routing.requests import Cause, Life
from services.routing.returns import Return
from services.routing.rules.book import Customer, Depot
from services.routing.rules.policy import Policy
from services.routing.rules.reading import Classify
from services.routing.store import Writes
from services.routing.tables import DECISIONS, WORK_ORDERS
from services.runtime.work import Work

#: The provider's own zone and country, for requests of nobody that we know.
HOME_ZONE: Final = "America/Toronto"
HOME_COUNTRY: Final = "CA"


@dataclass(frozen=True)
class Judge:
    """What it takes to decide: the policy in force, contract data, and who reads texts if not the model in use."""

    policy: Policy
    facts: FactSource
    classify: Classify | None = None


class Judged(NamedTuple):
    """One request, decided. `request` is what was decided upon."""

    request: ServiceRequest
    decided: Decided
    qualified_at: datetime
    facts: Facts

    @property
    def decision(self) -> Decision:
        return self.decided.decision


def judge(
    by: Judge,
    facts: Facts,
    request: ServiceRequest,
    channel: Channel | None,
    received_at: datetime,
    qualified_at: datetime | None = None,
) -> Judged:
    """Decide on facts that are loaded already. Raises `InvalidRequest` as `decide` does."""
    decided = decide(
        request,
        facts.book,
        by.policy,
        received_at=received_at,
        qualified_at=qualified_at,
        channel=channel,
        ref=request.external_id,
        classify=by.classify or facts.classify,
    )
    return Judged(request, decided, qualified_at or received_at, facts)


def begin(accepted: RequestAccepted, judged: Judged, now: datetime) -> Life:
    """The life of a request that has just been decided for the first time; version 1 is yet to be told."""
    request, decision = judged.request, judged.decision
    submitter = accepted.submitter.model_dump(mode="json")
    return Life(
        number=accepted.number,
        version=0,
        decided=0,
        channel=accepted.channel,
        received_at=accepted.received_at,
        submitter=submitter,
        external_id=request.external_id,
        clock_started=None,
        respond_by=None,
        clock_stopped=None,
        pauses=[],
        warned=0,
        resolved_at=None,
        visit=None,
        visit_status=None,
        parcel=None,
        parcel_status=None,
        bill=None,
        created_at=now,
        updated_at=now,
        status=decision.status,
        milestone=decision.milestone,
        **_seen(judged, submitter),
    )


def adopt(life: Life, judged: Judged) -> None:
    """What the decision says of the request, but for its status: that moves as the lifecycle allows."""
    for name, value in _seen(judged, life.submitter).items():
        setattr(life, name, value)


def keep(
    work: Work,
    writes: Writes,
    life: Life,
    judged: Judged,
    *,
    by: str,
    cause: str,
    because: Because | None = None,
    entered: Mapping[str, Any] | None = None,
) -> None:
    """Store the decision with its evidence, as the request's next."""
    life.decided += 1
    writes.add(
        DECISIONS,
        {
            "number": life.number,
            "index": life.decided,
            "decided_at": work.now,
            "qualified_at": judged.qualified_at,
            "by": by,
            "cause": cause,
            "generation": judged.facts.generation,
            "because": None if because is None else because.value,
            "entered": entered,
            "request": life.request,
            "decision": judged.decision.to_json(),
            "evidence": evidence.to_json(judged.decided.evidence),
        },
    )


def follow(
    work: Work,
    writes: Writes,
    life: Life,
    judged: Judged,
    policy: Policy,
    cause: Cause,
    pauses: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Begin what the decision asks for: a visit, a return or a case at a desk, and its response clock.

    `pauses` of an earlier clock of the same request count in this one.
    """
    decision = judged.decision
    clocks.run(writes, life, policy, judged.decided.evidence.clock, pauses)
    _begin_work(work, writes, life, decision, policy, cause, _place_of(judged), judged.facts.depots)
    if decision.outcome is Outcome.BILLING_DESK:
        disputes.begin(work, writes, life, policy)


def begin_again(
    work: Work, writes: Writes, life: Life, decision: Decision, policy: Policy, reference: Reference, cause: Cause
) -> tuple[Status, Milestone]:
    """The same work once more, for a request that was reopened; where it then stands.

    What was answered without anybody's work goes to a desk: the answer was not enough. What the customer accepted to pay for is
    done again for nothing more.
    """
    if (accepted := estimates.accepted(work, life)) is not None:
        return estimates.begin_work(work, writes, life, accepted, policy, reference, cause)
    if decision.outcome in (Outcome.ONSITE_DISPATCH, Outcome.REMOTE_SUPPORT):
        clocks.start(writes, life, policy, clocks.clock_from(life, policy, reference.areas, work.now))
    if decision.queue is None and decision.depot is None:
        contract = decision.outcome in (Outcome.ANSWERED, Outcome.TERMINATION_SCHEDULED)
        desk = Desk.CONTRACT_DESK if contract else Desk.GENERAL_DESK
        desks.open_case(work, writes, life, desk)
        life.queue = desk.value
        return desks.WAITING[desk]
    place = _last_place(work.connection, life.number)
    _begin_work(work, writes, life, decision, policy, cause, place, reference.depots)
    return decision.status, decision.milestone


def take_back(work: Work, writes: Writes, life: Life, open_work: "OpenWork", cause: Cause, reason: str) -> None:
    """End what was begun: nobody comes, no parcel is awaited, no desk has it. Raises `IllegalStep` when it is too late."""
    if (order := open_work.orders.get(life.number)) is not None:
        queues.cancel(work, writes, life, order, cause, reason)
    if (parcel := open_work.parcels.get(life.number)) is not None:
        returns.withdraw(work, writes, life, parcel, cause)
    if (case := open_work.cases.get(life.number)) is not None:
        desks.end(work, writes, case, None, "withdrawn", reason=reason)
    if (estimate := open_work.estimates.get(life.number)) is not None:
        estimates.withdraw(work, writes, life, estimate, str(cause.by), "", reason)
    if (dispute := open_work.disputes.get(life.number)) is not None:
        disputes.let_go(work, writes, dispute)


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What is under way for some requests, by request number, locked."""

    orders: Mapping[str, WorkOrder]
    parcels: Mapping[str, Return]
    cases: Mapping[str, Case]
    estimates: Mapping[str, Estimate]
    disputes: Mapping[str, Dispute]

    @property
    def queues(self) -> list[str]:
        return [order.queue for order in self.orders.values()] + [case.desk.value for case in self.cases.values()]


def open_work(connection: Connection, numbers: Sequence[str], *, lock: bool = True) -> OpenWork:
    return OpenWork(
        store.live(connection, WorkOrder, numbers, lock=lock),
        store.live(connection, Return, numbers, lock=lock),
        store.live(connection, Case, numbers, lock=lock),
        store.live(connection, Estimate, numbers, lock=lock),
        store.live(connection, Dispute, numbers, lock=lock),
    )


def _seen(judged: Judged, submitter: Mapping[str, Any]) -> dict[str, Any]:
    """What a decision, its request and the customer on file say of a request."""
    request, decision = judged.request, judged.decision
    customer = judged.facts.book.customer(request.customer_number)
    site = judged.decided.evidence.ruling.site
    zone = judged.facts.book.place(site).zone
    where = site or customer
    language = request.language or (Language.EN if customer is None else customer.language)
    machine = decision.machine
    return {
        "kind": decision.kind,
        "outcome": decision.outcome,
        "service_level": decision.service_level,
        "queue": decision.queue,
        "missing": list(decision.missing),
        "customer_number": _owner(request, customer, submitter),
        "language": language,
        "timezone": zone.key if zone is not None else HOME_ZONE if customer is None else customer.timezone,
        "country": HOME_COUNTRY if where is None else where.country,
        "province": None if where is None else where.province,
        "device": _device(judged, known=submitter["type"] != "anonymous"),
        "machine_type": request.machine.type if machine is None else machine.type,
        "machine_serial": request.machine.serial if machine is None else machine.serial,
        "recipients": _recipients(request, customer, language),
        "request": as_json(request),
    }


def _owner(request: ServiceRequest, customer: Customer | None, submitter: Mapping[str, Any]) -> str | None:
    """Whose request it is: the customer's that was named, if we know them or the submitter proved to act for them."""
    if customer is not None:
        return customer.number
    proved = submitter.get("customer_number")
    return request.customer_number if proved == request.customer_number else None


def _device(judged: Judged, *, known: bool) -> str | None:
    """What people call the device. To somebody unknown, only what they said themselves."""
    request, machine = judged.request, judged.decision.machine
    if machine is not None and known:
        return f"{machine.type} {machine.serial}"
    said = " ".join(part for part in (request.machine.type, request.machine.serial) if part)
    if said:
        return said
    names = {one.entitlement.product_id: one.entitlement.product_name for one in judged.decided.evidence.standings}
    return (names.get(request.product_id or "") if known else None) or request.product_id


def _recipients(request: ServiceRequest, customer: Customer | None, language: Language) -> list[dict[str, Any]]:
    """The address on file may read everything; another that the request gives, outcome, milestone and hour alone."""
    told = []
    on_file = None if customer is None else customer.email
    if on_file is not None:
        told.append({"email": on_file, "language": language.value, "full": True})
    given = request.contact.email
    if given is not None and given != on_file:
        told.append({"email": given, "language": language.value, "full": False})
    return told


def _begin_work(
    work: Work,
    writes: Writes,
    life: Life,
    decision: Decision,
    policy: Policy,
    cause: Cause,
    place: Place | None,
    depots: Mapping[str, Depot],
) -> None:
    if decision.outcome is Outcome.ONSITE_DISPATCH and decision.machine is not None and place is not None:
        visit = 1 + _how_many(work.connection, WorkOrder, life)
        queues.offer(work, writes, life, place, decision.machine, cause, visit=visit)
    elif decision.outcome is Outcome.MAIL_IN and decision.machine is not None and decision.depot is not None:
        parcel = 1 + _how_many(work.connection, Return, life)
        returns.issue(work, writes, life, depots[decision.depot], decision.machine, policy, parcel=parcel)
    elif decision.queue is not None:
        desks.open_case(work, writes, life, Desk(decision.queue))


def _how_many(connection: Connection, kind: type[WorkOrder] | type[Return], life: Life) -> int:
    """Visits or parcels that the request has had; a new request has had none, without asking."""
    if life.decided <= 1 and life.version == 0:
        return 0
    table = kind.TABLE
    return connection.execute(select(func.count()).where(table.c.number == life.number)).scalar_one()


def _last_place(connection: Connection, number: str) -> Place | None:
    """Where the last visit went."""
    visits = store.found(
        connection, WorkOrder, WORK_ORDERS.c.number == number, order=(WORK_ORDERS.c.visit.desc(),), limit=1
    )
    return Place(**visits[0].place) if visits else None


def _place_of(judged: Judged) -> Place | None:
    site = judged.decided.evidence.ruling.site
    zone = judged.facts.book.place(site).zone
    if site is None or zone is None:
        return None
    return Place(
        site_id=site.site_id,
        line1=site.line1,
        city=site.city,
        postal_code=site.postal_code,
        country=site.country,
        timezone=zone.key,
    )
