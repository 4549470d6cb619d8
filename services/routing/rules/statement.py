"""What does a customer owe? (docs/rules.md §8)

Invoices add to an account, credit notes and payments take from it; each currency has its own account, for no rate is ours to
choose. What is disputed stays in the balance and is said beside it: it need not be paid while somebody looks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import accumulate
from typing import Literal

from services.routing.rules.prices import NOTHING, total

Sort = Literal["invoice", "credit_note", "payment"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an account; `amount` is what it adds to what is owed. `invoice_number`: what it is about."""

    at: datetime
    sort: Sort
    reference: str
    invoice_number: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Account:
    """All of one currency, the oldest first, with the balance after each."""

    currency: str
    entries: tuple[tuple[Entry, Decimal], ...]
    held: Decimal

    @property
    def balance(self) -> Decimal:
        return self.entries[-1][1] if self.entries else NOTHING


def accounts(entries: Iterable[Entry], held: Mapping[str, Decimal]) -> tuple[Account, ...]:
    """The accounts of one customer, by currency. `held`: what is disputed, by currency."""
    by_currency: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: (entry.at, _ORDER[entry.sort], entry.reference)):
        by_currency.setdefault(entry.currency, []).append(entry)
    return tuple(
        Account(
            currency,
            tuple(zip(found, accumulate(entry.amount for entry in found), strict=True)),
            held.get(currency, NOTHING),
        )
        for currency, found in sorted(by_currency.items())
    )


def owed(invoice: Decimal, credited: Iterable[Decimal], paid: Iterable[Decimal]) -> Decimal:
    """What is left to pay of an invoice; less than nothing is owed to the customer."""
    return invoice - total(credited) - total(paid)


#: Of the same instant, what is given back or paid comes after what it is for.
_ORDER: dict[Sort, int] = {"invoice": 0, "credit_note": 1, "payment": 2}
