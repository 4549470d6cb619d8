"""What a request's billing comes to, as its status events carry it (docs/rules.md §8).

Amounts are before taxes. Lines are the same from the estimate to the invoice; `line` counts them from 1 and is what a dispute
names.
"""

from typing import Annotated

from pydantic import Field

from schemas.message import Instant, Part
from schemas.money import Amount, Currency
from schemas.vocabulary import DisputeOutcome, EstimateState, LineReason, LineSort, RepairWay

LineNumber = Annotated[int, Field(ge=1)]


class BillLine(Part):
    """``what`` is the part's name in the request's language; ``amount`` is quantity times unit price, rounded once."""

    line: LineNumber
    sort: LineSort
    reason: LineReason
    part: str | None = None
    what: str | None = None
    quantity: Amount
    unit_price: Amount
    amount: Amount


class Estimate(Part):
    """An offer that the customer may accept until ``good_until``; ``version`` is what an answer names as seen."""

    estimate: str
    version: int = Field(ge=1)
    status: EstimateState
    way: RepairWay
    currency: Currency
    lines: tuple[BillLine, ...]
    total: Amount
    good_until: Instant


class Invoice(Part):
    """What is owed for a repair that is done; its lines can be disputed before ``dispute_until``."""

    invoice_number: str
    currency: Currency
    lines: tuple[BillLine, ...]
    total: Amount
    issued_at: Instant
    dispute_until: Instant


class Dispute(Part):
    """The lines that are held while somebody looks, and how it ended; no lines: the invoice holds none of them any more."""

    invoice_number: str
    currency: Currency
    lines: tuple[LineNumber, ...]
    held: Amount
    outcome: DisputeOutcome | None = None
    credit_note: str | None = None
    credited: Amount | None = None


class Bill(Part):
    """A repair has an estimate and later an invoice; a dispute has itself."""

    estimate: Estimate | None = None
    invoice: Invoice | None = None
    dispute: Dispute | None = None
