"""Disputes: "this charge is wrong" (docs/rules.md §8).

A dispute is a request of its own at the billing desk. It holds the lines that were ticked of an invoice of this customer's, and no
other, while somebody looks; an invoice that is not theirs, or too old, holds nothing, and the desk still answers. It ends with a
sentence that the customer reads, and a credit note where something is given back. Whoever changes what is held or credited of an
invoice holds its row.

A repair that was billed and is covered after all is given back as a dispute is that was found right, begun and ended in one.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Final

from sqlalchemy import Connection, Table, select

from schemas import bill, text
from schemas.request import DisputeDetails, details_of
from schemas.vocabulary import Desk, DisputeOutcome, Milestone, Role, Status
from services.routing import desks, store
from services.routing.desks import Case
from services.routing.invoices import Invoice, next_number, of_request
from services.routing.people import Person
from services.routing.queues import tell_queues
from services.routing.requests import Cause, Life, move
from services.routing.rules import billing
from services.routing.rules.billing import Amounts, Uncreditable
from services.routing.rules.policy import Policy
from services.routing.rules.prices import NOTHING, total
from services.routing.store import Writes
from services.routing.tables import CREDIT_NOTES, DISPUTES, INVOICES
from services.runtime.errors import Conflict, Fault, Invalid
from services.runtime.work import Work

#: Why a dispute ended that nobody had to decide.
COVERED_AFTER_ALL: Final = "covered_after_all"


@dataclass(slots=True)
class Dispute:
    """The row of `disputes`. `lines`: those that it holds, until it is closed."""

    TABLE: ClassVar[Table] = DISPUTES
    KEY: ClassVar[str] = "number"

    number: str
    invoice_number: str
    lines: Sequence[int]
    opened_at: datetime
    closed_at: datetime | None
    outcome: DisputeOutcome | None


@dataclass(slots=True)
class CreditNote:
    """The row of `credit_notes`: what is given back of an invoice's lines. Never changed."""

    TABLE: ClassVar[Table] = CREDIT_NOTES
    KEY: ClassVar[str] = "credit_note"

    credit_note: str
    country: str
    ordinal: int
    invoice_number: str
    number: str
    customer_number: str | None
    currency: str
    lines: Mapping[str, str]
    total: Decimal
    issued_at: datetime

    @property
    def amounts(self) -> dict[int, Decimal]:
        return {int(line): Decimal(amount) for line, amount in self.lines.items()}


@dataclass(frozen=True, slots=True)
class Disputed:
    """An invoice, what of each line is left to credit, and which lines other disputes hold."""

    invoice: Invoice
    remaining: Amounts
    elsewhere: Sequence[int]


def begin(work: Work, writes: Writes, life: Life, policy: Policy) -> None:
    """The dispute has come to the billing desk: its lines are held from now on, if the invoice is this customer's and not too old."""
    asked = details_of(life.asked, DisputeDetails)
    found = find(work.connection, asked.invoice_number, life.customer_number, but=life.number, lock=True)
    if found is None:
        return
    made = found.invoice
    until = billing.dispute_until(made.issued_at, policy.of(made.country).dispute_days)
    lines = billing.held(asked.lines, found.remaining, found.elsewhere) if life.received_at < until else ()
    dispute = Dispute(life.number, made.invoice_number, list(lines), work.now, None, None)
    writes.begin(dispute)
    _show(life, dispute, found)


def decide(
    work: Work,
    policy: Policy,
    id_: str,
    by: Person,
    seen: int,
    outcome: DisputeOutcome,
    sentence: str,
    asked: Amounts,
) -> Case:
    """How it ends, and the sentence that the customer reads; a credit note where something is given back.

    Raises `Invalid` naming the line where more would be given back than there is, `Conflict` where the case moved on or no
    invoice of the customer's is disputed.
    """
    life, case = desks.locked(work, Desk.BILLING_DESK, id_, by, seen, sentence)
    dispute = store.one(work.connection, Dispute, life.number, lock=True)
    if dispute is None or dispute.closed_at is not None:
        raise Conflict("dispute.none", typed=sentence)
    found = find(work.connection, dispute.invoice_number, life.customer_number, but=life.number, lock=True)
    if found is None:
        raise Conflict("dispute.none", typed=sentence)
    try:
        given = billing.credit(outcome, dispute.lines, found.remaining, asked)
    except Uncreditable as why:
        raise Invalid([Fault(why.path, why.code, why.values)]) from None
    writes = Writes()
    dispute.closed_at, dispute.outcome = work.now, outcome
    writes.change(dispute)
    note = _credit(work, writes, life, found.invoice, given) if given else None
    _show(life, dispute, found, note)
    desks.end(work, writes, case, by, outcome.value, reason=outcome.value, note=sentence)
    cause = Cause(by=Role.DESK)
    move(work, writes, life, policy, Status.RESOLVED, Milestone.ANSWERED, cause, reason=outcome.value, note=sentence)
    desks.finish(work, writes, case)
    return case


def give_back(
    work: Work, writes: Writes, life: Life, policy: Policy, by: Person | None, lines: Collection[int]
) -> None:
    """The repair is covered after all: what is left of `lines` of its invoice is given back, whoever disputes them.

    A dispute that holds none but these lines ends with it, credited; the rest is credited on the repair itself. Each request
    is told once. A repair gives back once: what a third decision adds is a person's to give, on a dispute. The requests of
    `about` are locked.
    """
    invoice = of_request(work.connection, life.number)
    if invoice is None:
        return
    disputing = store.by_keys(work.connection, Life, about(work.connection, life.number), lock=True)
    found = find(work.connection, invoice.invoice_number, life.customer_number, but=life.number, lock=True)
    if found is None:
        return
    given = {line: amount for line, amount in found.remaining.items() if line in lines and amount > NOTHING}
    for dispute in open_of(work.connection, list(disputing)).values():
        if dispute.lines and set(dispute.lines) <= set(given):
            theirs = {line: given.pop(line) for line in dispute.lines}
            _end_with_it(work, writes, disputing[dispute.number], policy, by, dispute, found, theirs)
    if given and store.one(work.connection, Dispute, life.number) is None:
        ended = Dispute(life.number, invoice.invoice_number, list(given), work.now, work.now, DisputeOutcome.CREDITED)
        writes.begin(ended)
        _show(life, ended, found, _credit(work, writes, life, invoice, given))


def about(connection: Connection, number: str) -> list[str]:
    """The requests that dispute the invoice of repair `number` just now."""
    query = (
        select(DISPUTES.c.number)
        .join(INVOICES, INVOICES.c.invoice_number == DISPUTES.c.invoice_number)
        .where(INVOICES.c.number == number, DISPUTES.c.closed_at.is_(None))
        .order_by(DISPUTES.c.number)
    )
    return list(connection.execute(query).scalars())


def let_go(work: Work, writes: Writes, dispute: Dispute) -> None:
    """The customer disputes it no more: nothing is held."""
    dispute.closed_at = work.now
    writes.change(dispute)


def find(
    connection: Connection, invoice_number: str | None, customer_number: str | None, *, but: str, lock: bool = False
) -> Disputed | None:
    """The invoice, if it is this customer's: another's is as none. `but`: the dispute that asks."""
    wanted = text.identifier(invoice_number or "")
    made = None if wanted is None or customer_number is None else store.one(connection, Invoice, wanted, lock=lock)
    if made is None or made.customer_number != customer_number:
        return None
    others = store.found(
        connection, Dispute, DISPUTES.c.invoice_number == made.invoice_number, DISPUTES.c.closed_at.is_(None)
    )
    elsewhere = [line for other in others if other.number != but for line in other.lines]
    credited = [note.amounts for note in credit_notes_of(connection, made.invoice_number)]
    return Disputed(made, billing.left(made.amounts, credited), elsewhere)


def credit_notes_of(connection: Connection, invoice_number: str) -> list[CreditNote]:
    where = CREDIT_NOTES.c.invoice_number == invoice_number
    return store.found(connection, CreditNote, where, order=(CREDIT_NOTES.c.ordinal,))


def _credit(work: Work, writes: Writes, life: Life, made: Invoice, given: Amounts) -> CreditNote:
    ordinal, credit_note = next_number(work.connection, "credit_note", made.country)
    note = CreditNote(
        credit_note=credit_note,
        country=made.country,
        ordinal=ordinal,
        invoice_number=made.invoice_number,
        number=life.number,
        customer_number=made.customer_number,
        currency=made.currency,
        lines={str(line): str(amount) for line, amount in given.items()},
        total=total(given.values()),
        issued_at=work.now.replace(microsecond=0),
    )
    writes.begin(note)
    return note


def _end_with_it(
    work: Work,
    writes: Writes,
    life: Life,
    policy: Policy,
    by: Person | None,
    dispute: Dispute,
    found: Disputed,
    given: Amounts,
) -> None:
    """What it disputed is covered: nobody needs to look at it any more."""
    outcome = DisputeOutcome.CREDITED
    dispute.closed_at, dispute.outcome = work.now, outcome
    writes.change(dispute)
    _show(life, dispute, found, _credit(work, writes, life, found.invoice, given))
    for case in store.live(work.connection, Case, [life.number]).values():
        desks.end(work, writes, case, by, outcome.value, reason=COVERED_AFTER_ALL)
        tell_queues(work, [case.desk])
    cause = Cause(by=Role.DESK if by is not None else "system")
    move(work, writes, life, policy, Status.RESOLVED, Milestone.ANSWERED, cause, reason=outcome.value)


def _show(life: Life, dispute: Dispute, found: Disputed, note: CreditNote | None = None) -> None:
    told = bill.Dispute(
        invoice_number=dispute.invoice_number,
        currency=found.invoice.currency,
        lines=tuple(dispute.lines),
        held=total(found.remaining[line] for line in dispute.lines),
        outcome=dispute.outcome,
        credit_note=None if note is None else note.credit_note,
        credited=None if note is None else note.total,
    )
    before = bill.Bill() if life.bill is None else bill.Bill.model_validate(life.bill)
    life.bill = before.model_copy(update={"dispute": told}).model_dump(mode="json")


def open_of(connection: Connection, numbers: Sequence[str]) -> Mapping[str, Dispute]:
    """The open dispute of each request that is one, locked."""
    return store.live(connection, Dispute, list(numbers))


def of_invoices(connection: Connection, customer_number: str, limit: int = 1000) -> list[Invoice]:
    """All invoices of a customer, the oldest first."""
    where = INVOICES.c.customer_number == customer_number
    return store.found(connection, Invoice, where, order=(INVOICES.c.issued_at, INVOICES.c.ordinal), limit=limit)
