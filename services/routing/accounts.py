"""A customer's account: invoices with what was given back, paid and disputed of them (docs/rules.md §8). Looks, and records payments."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import Connection, Table, select

from schemas.decision import show_instant
from services.routing import disputes, store
from services.routing.disputes import CreditNote, Dispute
from services.routing.invoices import Invoice
from services.routing.people import Person
from services.routing.rules import billing
from services.routing.rules.policy import Policy
from services.routing.rules.prices import total
from services.routing.rules.statement import Account, Entry, accounts, owed
from services.routing.store import Row
from services.routing.tables import CREDIT_NOTES, DISPUTES, INVOICES, PAYMENTS
from services.runtime.errors import Conflict, Fault, Invalid, NotFound
from services.runtime.rows import insert_rows
from services.runtime.work import Work


@dataclass(slots=True)
class Payment:
    """The row of `payments`, by the reference that the bank or the cheque bears."""

    TABLE: ClassVar[Table] = PAYMENTS
    KEY: ClassVar[str] = "reference"

    reference: str
    invoice_number: str
    customer_number: str | None
    currency: str
    amount: Decimal
    paid_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Billed:
    """One invoice with all that became of it. `held`: lines that are disputed just now."""

    invoice: Invoice
    credit_notes: Sequence[CreditNote]
    payments: Sequence[Payment]
    held: Sequence[int]
    dispute_until: datetime

    @property
    def remaining(self) -> dict[int, Decimal]:
        """What of each line was not given back."""
        return billing.left(self.invoice.amounts, [note.amounts for note in self.credit_notes])

    @property
    def balance(self) -> Decimal:
        credited, paid = (note.total for note in self.credit_notes), (payment.amount for payment in self.payments)
        return owed(self.invoice.total, credited, paid)


def billed(connection: Connection, policy: Policy, invoice: Invoice) -> Billed:
    """An invoice and what became of it."""
    number = invoice.invoice_number
    payments = store.found(
        connection, Payment, PAYMENTS.c.invoice_number == number, order=(PAYMENTS.c.paid_at, PAYMENTS.c.reference)
    )
    held = store.found(connection, Dispute, DISPUTES.c.invoice_number == number, DISPUTES.c.closed_at.is_(None))
    lines = sorted(line for dispute in held for line in dispute.lines)
    until = billing.dispute_until(invoice.issued_at, policy.of(invoice.country).dispute_days)
    return Billed(invoice, disputes.credit_notes_of(connection, number), payments, lines, until)


def statement(connection: Connection, customer_number: str) -> tuple[Account, ...]:
    """Everything that was billed, given back and paid."""
    entries = [
        Entry(row["issued_at"], "invoice", row["invoice_number"], row["invoice_number"], row["currency"], row["total"])
        for row in _rows(connection, INVOICES, customer_number)
    ]
    notes = _rows(connection, CREDIT_NOTES, customer_number)
    entries += [
        Entry(
            row["issued_at"], "credit_note", row["credit_note"], row["invoice_number"], row["currency"], -row["total"]
        )
        for row in notes
    ]
    entries += [
        Entry(row["paid_at"], "payment", row["reference"], row["invoice_number"], row["currency"], -row["amount"])
        for row in _rows(connection, PAYMENTS, customer_number)
    ]
    return accounts(entries, _held(connection, customer_number))


def pay(work: Work, invoice_number: str, by: Person, reference: str, amount: Decimal, paid_at: datetime) -> Payment:
    """A payment came in. The same reference again is the same payment.

    Raises `Invalid` for a payment of nothing, `Conflict` where the reference was used for another.
    """
    invoice = store.one(work.connection, Invoice, invoice_number, lock=True)
    if invoice is None:
        raise NotFound
    if amount <= 0:
        raise Invalid([Fault("amount", "not_an_amount")])
    made = Payment(
        reference,
        invoice_number,
        invoice.customer_number,
        invoice.currency,
        amount,
        paid_at.replace(microsecond=0),
        by.id,
    )
    insert_rows(work.connection, PAYMENTS, [store.row_of(made)], ignore=True)
    kept = store.one(work.connection, Payment, reference)
    if kept is None or (kept.invoice_number, kept.amount) != (made.invoice_number, made.amount):
        raise Conflict("payment.other", typed=reference)
    return kept


def billed_json(found: Billed) -> dict[str, Any]:
    """An invoice as programs read it; amounts are text with two decimals."""
    invoice = found.invoice
    return {
        "invoice_number": invoice.invoice_number,
        "number": invoice.number,
        "customer_number": invoice.customer_number,
        "issued_at": show_instant(invoice.issued_at),
        "dispute_until": show_instant(found.dispute_until),
        "currency": invoice.currency,
        "lines": [{**line, "held": line["line"] in found.held} for line in invoice.lines],
        "total": str(invoice.total),
        "credit_notes": [
            {
                "credit_note": note.credit_note,
                "number": note.number,
                "issued_at": show_instant(note.issued_at),
                "lines": dict(note.lines),
                "total": str(note.total),
            }
            for note in found.credit_notes
        ],
        "payments": [
            {"reference": one.reference, "paid_at": show_instant(one.paid_at), "amount": str(one.amount)}
            for one in found.payments
        ],
        "balance": str(found.balance),
    }


def statement_json(customer_number: str, found: Sequence[Account]) -> dict[str, Any]:
    return {"customer_number": customer_number, "accounts": [_account(account) for account in found]}


def _account(account: Account) -> dict[str, Any]:
    return {
        "currency": account.currency,
        "entries": [
            {
                "at": show_instant(entry.at),
                "sort": entry.sort,
                "reference": entry.reference,
                "invoice_number": entry.invoice_number,
                "amount": str(entry.amount),
                "balance": str(balance),
            }
            for entry, balance in account.entries
        ],
        "held": str(account.held),
        "balance": str(account.balance),
    }


def _rows(connection: Connection, table: Table, customer_number: str) -> list[Row]:
    query = select(table).where(table.c.customer_number == customer_number)
    return [dict(row) for row in connection.execute(query).mappings()]


def _held(connection: Connection, customer_number: str) -> Mapping[str, Decimal]:
    """What is disputed, by currency, less what was given back of it."""
    held: dict[str, Decimal] = defaultdict(Decimal)
    query = (
        select(DISPUTES.c.invoice_number, DISPUTES.c.lines)
        .join(INVOICES, INVOICES.c.invoice_number == DISPUTES.c.invoice_number)
        .where(INVOICES.c.customer_number == customer_number, DISPUTES.c.closed_at.is_(None))
    )
    for row in connection.execute(query):
        invoice = store.one(connection, Invoice, row.invoice_number)
        if invoice is not None:
            notes = disputes.credit_notes_of(connection, row.invoice_number)
            remaining = billing.left(invoice.amounts, [note.amounts for note in notes])
            held[invoice.currency] += total(remaining[line] for line in row.lines)
    return held
