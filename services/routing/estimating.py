"""The billing desk makes estimates: proposed from the policy's prices, changed line by line, sent, made again (docs/rules.md §8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection

from schemas.bill import BillLine
from schemas.decision import MachineRef
from schemas.dispatch import Place
from schemas.vocabulary import Desk, EstimateState, Milestone, Outcome, RepairWay, Role, Status
from services.routing import desks, estimates, store
from services.routing.decisions import Judge
from services.routing.desks import Case
from services.routing.estimates import Estimate
from services.routing.facts import Asked, find, read
from services.routing.people import Person
from services.routing.requests import Cause, Life, move
from services.routing.rules.billed_work import Whereabouts, whereabouts
from services.routing.rules.book import Customer, Site
from services.routing.rules.prices import AskedLine, Line, PriceList, Unpriceable, priced, proposed, total
from services.routing.store import Writes
from services.routing.tables import CONTRACT_DATA as DATA
from services.routing.tables import ESTIMATES, STEPS
from services.runtime.errors import Conflict, Fault, Invalid, NotFound
from services.runtime.identity.owners import require_owner
from services.runtime.identity.principal import Resource
from services.runtime.work import Work


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an estimate for a request can be made of. `prepared`: what the desk has saved so far."""

    machine: MachineRef
    customer: Customer
    where: Whereabouts
    country: str
    prices: PriceList
    prepared: Estimate | None

    def lines(self, way: RepairWay) -> tuple[AskedLine, ...]:
        """To begin with: those saved, else the policy's."""
        if self.prepared is None or self.prepared.way is not way:
            return proposed(way, self.prices)
        return tuple(_asked(BillLine.model_validate(line)) for line in self.prepared.lines)


def wanted(life: Life) -> bool:
    """Whether the request waits for an estimate of ours."""
    waits = life.outcome is Outcome.BILLABLE_ESTIMATE and life.status is Status.HELD
    return waits and life.estimate is not EstimateState.ACCEPTED


def propose(connection: Connection, judge: Judge, life: Life) -> Proposal:
    """Raises `Conflict` for a request that is not waiting for an estimate."""
    if not wanted(life):
        raise Conflict("estimate.not_wanted")
    row = store.decision_row(connection, life.number, life.decided)
    customers = find(connection, Customer, DATA.customers.c.number, [life.customer_number or ""])
    if row is None or not customers:
        raise Conflict("estimate.not_wanted")
    machine = MachineRef(**row["evidence"]["coverage"]["machine"])
    facts = judge.facts.load(connection, [Asked(life.asked, life.received_at)])
    sites = read(connection, Site, DATA.sites.c.customer_number == customers[0].number)
    where = whereabouts(life.asked, machine, facts.book, customers[0], sites)
    country = customers[0].country if where.place.site is None else where.place.site.country
    prices = judge.policy.of(country).prices
    return Proposal(machine, customers[0], where, country, prices, _prepared(connection, life.number))


def prepare(
    work: Work,
    judge: Judge,
    id_: str,
    by: Person,
    seen: int,
    way: RepairWay | None = None,
    asked: Sequence[AskedLine] | None = None,
) -> Estimate:
    """Save the estimate of a case at the billing desk; without lines, those of the policy. The customer sees nothing yet.

    Raises `Invalid` naming the line, `Conflict` where things moved on.
    """
    life, case = desks.locked(work, Desk.BILLING_DESK, id_, by, seen, "")
    writes = Writes()
    made = _save(work, writes, judge, life, by, way, asked)
    desks.note_step(work, writes, case, "prepare", by)
    desks.finish(work, writes, case)
    return made


def send(
    work: Work,
    judge: Judge,
    id_: str,
    by: Person,
    seen: int,
    way: RepairWay | None = None,
    asked: Sequence[AskedLine] | None = None,
) -> Estimate:
    """Offer it to the customer: what was saved, or what is given here. The case is closed, the request waits for them."""
    life, case = desks.locked(work, Desk.BILLING_DESK, id_, by, seen, "")
    writes = Writes()
    made = None
    if asked is None and way is None:
        made = store.live(work.connection, Estimate, [life.number]).get(life.number)
    if made is None:
        made = _save(work, writes, judge, life, by, way, asked)
        writes.flush(work.connection)
    estimates.send(work, writes, life, made, judge.policy, by)
    desks.end(work, writes, case, by, "estimate_sent", reason="estimate_sent")
    life.queue = None
    move(work, writes, life, judge.policy, Status.PENDING, Milestone.ESTIMATE_SENT, Cause(by=Role.DESK))
    desks.finish(work, writes, case)
    return made


def take_back(work: Work, judge: Judge, number: str, by: Person, seen: int, reason: str) -> Case:
    """An estimate that was sent is to be made again: the customer cannot accept it any more. The case that this opened."""
    life = store.one(work.connection, Life, number, lock=True)
    if life is None:
        raise NotFound
    require_owner(by.principal, Resource(customer_number=life.customer_number, number=number))
    made = estimates.last_of(work, number)
    if made is None or made.status is not EstimateState.SENT or made.version != seen:
        raise Conflict("estimate.none") if made is None else estimates.moved_on(work, life, made, reason)
    writes = Writes()
    estimates.withdraw(work, writes, life, made, by.id, by.name, reason)
    case = desks.open_case(work, writes, life, Desk.BILLING_DESK)
    life.queue = Desk.BILLING_DESK.value
    cause = Cause(by=Role.DESK)
    move(
        work, writes, life, judge.policy, Status.HELD, Milestone.ESTIMATE_IN_PREPARATION, cause, reason="estimate_again"
    )
    desks.finish(work, writes, case)
    return case


def _save(
    work: Work,
    writes: Writes,
    judge: Judge,
    life: Life,
    by: Person,
    way: RepairWay | None,
    asked: Sequence[AskedLine] | None,
) -> Estimate:
    """The live estimate with new lines, or a first one."""
    offered = propose(work.connection, judge, life)
    before = store.live(work.connection, Estimate, [life.number]).get(life.number)
    chosen = way or (offered.where.ways[0] if before is None else before.way)
    if chosen not in offered.where.ways:
        raise Invalid([Fault("way", "not_one_of", {"choices": ", ".join(offered.where.ways)})])
    try:
        lines = priced(offered.lines(chosen) if asked is None else asked, offered.prices, life.language)
    except Unpriceable as why:
        raise Invalid([Fault(why.path, why.code, why.values)]) from None
    made = _new(work, judge, life, offered, chosen, lines)
    if before is None:
        writes.begin(made)
    else:
        made.id, made.version, made.prepared_at = before.id, before.version + 1, before.prepared_at
        writes.change(made)
    step = store.step(
        number=made.number,
        subject=made.id,
        version=made.version,
        step="prepare",
        by=by.id,
        by_name=by.name,
        at=work.now,
    )
    writes.add(STEPS, step)
    return made


def _new(work: Work, judge: Judge, life: Life, offered: Proposal, way: RepairWay, lines: Sequence[Line]) -> Estimate:
    place = offered.where.place
    on_site = way is RepairWay.ONSITE
    zone = place.zone.key if place.zone is not None else offered.customer.timezone
    province = offered.customer.province if place.site is None else place.site.province
    return Estimate(
        id=f"E-{life.number}-{1 + store.how_many(work.connection, Estimate, life.number)}",
        number=life.number,
        version=1,
        status=EstimateState.PREPARED,
        way=way,
        machine_type=offered.machine.type,
        serial=offered.machine.serial,
        place=_place(place.site, zone) if on_site else None,
        queue=place.territory.territory if on_site and place.territory is not None else None,
        depot=offered.where.depot.depot if way is RepairWay.MAIL_IN and offered.where.depot is not None else None,
        country=offered.country,
        province=province,
        timezone=zone,
        policy=judge.policy.version,
        currency=offered.prices.currency,
        lines=[_shown(line) for line in lines],
        total=total(line.amount for line in lines),
        prepared_at=work.now,
        sent_at=None,
        good_until=None,
        answered_at=None,
        updated_at=work.now,
    )


def _place(site: Site | None, zone: str) -> dict[str, str | None] | None:
    if site is None:
        return None
    place = Place(
        site_id=site.site_id,
        line1=site.line1,
        city=site.city,
        postal_code=site.postal_code,
        country=site.country,
        timezone=zone,
    )
    return place.model_dump(mode="json")


def _shown(line: Line) -> dict[str, object]:
    """The line as it is kept and told."""
    return BillLine(
        line=line.line,
        sort=line.sort,
        reason=line.reason,
        part=line.part,
        what=line.what,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.amount,
    ).model_dump(mode="json")


def _asked(line: BillLine) -> AskedLine:
    return AskedLine(line.sort, line.quantity, line.reason, Decimal(line.unit_price), line.part, line.what)


def _prepared(connection: Connection, number: str) -> Estimate | None:
    saved = store.found(
        connection, Estimate, ESTIMATES.c.number == number, ESTIMATES.c.status == EstimateState.PREPARED, limit=1
    )
    return saved[0] if saved else None
