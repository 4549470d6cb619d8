"""Invoices: what is owed once a repair that was not covered is done (docs/rules.md §8).

An invoice is the estimate that was accepted, line by line: extra work needs an estimate of its own. Its number is the next of its
country's series, taken in the transaction that writes the invoice: whoever comes second waits for the first to commit, and a
rollback or a crash gives the number back, so that the series has no gap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from sqlalchemy import Connection, Table, exists, select, update

from schemas import bill
from schemas.vocabulary import EstimateState
from services.routing import store
from services.routing.rules.billing import dispute_until
from services.routing.rules.policy import Policy
from services.routing.store import Writes
from services.routing.tables import INVOICES, SERIES, STEPS
from services.runtime.rows import insert_rows
from services.runtime.work import Work

if TYPE_CHECKING:  # a request that is resolved is billed: requests.py imports this module
    from services.routing.requests import Life

Series = Literal["invoice", "credit_note"]

_PREFIX: Final[Mapping[Series, str]] = {"invoice": "INV", "credit_note": "CRN"}


@dataclass(slots=True)
class Invoice:
    """The row of `invoices`. Never changed: what is given back of it is a credit note."""

    TABLE: ClassVar[Table] = INVOICES
    KEY: ClassVar[str] = "invoice_number"

    invoice_number: str
    country: str
    ordinal: int
    number: str
    estimate: str
    customer_number: str | None
    currency: str
    lines: Sequence[Mapping[str, Any]]
    total: Decimal
    issued_at: datetime

    @property
    def amounts(self) -> dict[int, Decimal]:
        """What each line comes to."""
        return {line["line"]: Decimal(line["amount"]) for line in self.lines}


def bill_done(work: Work, writes: Writes, life: "Life", policy: Policy) -> None:
    """The request is resolved: what was accepted and done is billed, once. A device that could not be repaired costs nothing."""
    shown = None if life.bill is None else life.bill["estimate"]
    if life.bill is None or shown is None or shown["status"] != EstimateState.ACCEPTED or life.bill["invoice"]:
        return
    if _given_up(work.connection, life.number):
        return
    country = life.country
    ordinal, invoice_number = next_number(work.connection, "invoice", country)
    made = Invoice(
        invoice_number=invoice_number,
        country=country,
        ordinal=ordinal,
        number=life.number,
        estimate=shown["estimate"],
        customer_number=life.customer_number,
        currency=shown["currency"],
        lines=shown["lines"],
        total=Decimal(shown["total"]),
        issued_at=work.now.replace(microsecond=0),
    )
    writes.begin(made)
    told = seen_by_customer(made, policy).model_dump(mode="json")
    life.bill = {**life.bill, "invoice": told}


def seen_by_customer(made: Invoice, policy: Policy) -> bill.Invoice:
    """What the customer is told of it."""
    return bill.Invoice(
        invoice_number=made.invoice_number,
        currency=made.currency,
        lines=tuple(bill.BillLine.model_validate(line) for line in made.lines),
        total=made.total,
        issued_at=made.issued_at,
        dispute_until=dispute_until(made.issued_at, policy.of(made.country).dispute_days),
    )


def next_number(connection: Connection, series: Series, country: str) -> tuple[int, str]:
    """The next ordinal of a series and the number that shows it (`INV-CA-000012`).

    The series' row stays locked until this transaction ends.
    """
    first = {"sort": series, "country": country, "last": 0}
    insert_rows(connection, SERIES, [first], ignore=True)
    taken = (
        update(SERIES)
        .where(SERIES.c.sort == series, SERIES.c.country == country)
        .values(last=SERIES.c.last + 1)
        .returning(SERIES.c.last)
    )
    ordinal: int = connection.execute(taken).scalar_one()
    return ordinal, f"{_PREFIX[series]}-{country}-{ordinal:06d}"


def of_request(connection: Connection, number: str) -> Invoice | None:
    """The invoice of a repair."""
    made = store.found(connection, Invoice, INVOICES.c.number == number, order=(INVOICES.c.issued_at.desc(),), limit=1)
    return made[0] if made else None


def _given_up(connection: Connection, number: str) -> bool:
    """The workshop could not repair it."""
    query = select(exists().where(STEPS.c.number == number, STEPS.c.step == "give_up"))
    return bool(connection.execute(query).scalar_one())
