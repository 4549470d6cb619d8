"""Do the bills say what was told, and do the numbers add up? (docs/rules.md §8)

What customers were shown is compared with the rows it came from; sums, series and credits are computed a second time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Table, func, select

from schemas.vocabulary import EstimateState, Milestone, Status
from services.routing.rules.billing import left
from services.routing.rules.prices import total
from services.routing.tables import CREDIT_NOTES, DISPUTES, ESTIMATES, INVOICES, REQUESTS, SERIES, STEPS

#: Subject, what, expected, found.
Wrong = tuple[str, str, object, object]

_DONE: Final = (Status.RESOLVED, Status.CLOSED)
_ENDED: Final = (*_DONE, Status.REJECTED, Status.CANCELLED)


def wrong(connection: Connection) -> Iterator[Wrong]:
    """All that is not as it was told or does not add up."""
    yield from _shown(connection)
    yield from _waiting(connection)
    yield from _sums(connection)
    yield from _series(connection)


def _shown(connection: Connection) -> Iterator[Wrong]:
    """Each bill that a customer sees, against the rows."""
    kept = _Kept(connection)
    columns = (REQUESTS.c.number, REQUESTS.c.status, REQUESTS.c.bill)
    for row in connection.execute(select(*columns).where(REQUESTS.c.bill.is_not(None))).mappings():
        number, bill = row["number"], row["bill"]
        if bill["estimate"] is not None:
            offer = bill["estimate"]
            yield from _differ(offer["estimate"], _told(offer, *_ESTIMATE), kept.estimates.get(offer["estimate"], {}))
            done = offer["status"] == EstimateState.ACCEPTED and row["status"] in _DONE
            if done and number not in kept.given_up and bill["invoice"] is None:
                yield number, "invoice", "one", None
        if bill["invoice"] is not None:
            yield from _differ(number, _told(bill["invoice"], *_INVOICE), kept.invoices.get(number, {}))
        if bill["dispute"] is not None:
            shown, note = bill["dispute"], kept.notes.get(number, {})
            yield from _differ(number, _told(shown, *_DISPUTE), kept.disputes.get(number, {}))
            given = {"credit_note": shown["credit_note"], "total": shown["credited"]}
            yield from _differ(number, given, note)


class _Kept:
    """The rows that bills are made of."""

    def __init__(self, connection: Connection) -> None:
        def rows(table: Table, key: str) -> dict[str, Mapping[str, Any]]:
            return {row[key]: dict(row) for row in connection.execute(select(table)).mappings()}

        self.estimates, self.invoices = rows(ESTIMATES, "id"), rows(INVOICES, "number")
        self.disputes, self.notes = rows(DISPUTES, "number"), rows(CREDIT_NOTES, "number")
        self.given_up = set(connection.execute(select(STEPS.c.number).where(STEPS.c.step == "give_up")).scalars())


#: What the customer is shown of each, by the names of its row.
_ESTIMATE: Final = ("version", "status", "currency", "lines", "total")
_INVOICE: Final = ("invoice_number", "currency", "lines", "total")
_DISPUTE: Final = ("invoice_number", "lines", "outcome")


def _told(shown: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: shown[name] for name in names}


def _waiting(connection: Connection) -> Iterator[Wrong]:
    """A request waits for an answer exactly while an estimate does; a dispute that has ended holds nothing."""
    sent = set(connection.execute(select(ESTIMATES.c.number).where(ESTIMATES.c.status == EstimateState.SENT)).scalars())
    asks = REQUESTS.c.milestone == Milestone.ESTIMATE_SENT
    waiting = set(connection.execute(select(REQUESTS.c.number).where(asks)).scalars())
    for number in sorted(sent ^ waiting):
        yield number, "estimate", "sent" if number in waiting else None, "sent" if number in sent else None
    query = (
        select(DISPUTES.c.number)
        .join(REQUESTS, REQUESTS.c.number == DISPUTES.c.number)
        .where(DISPUTES.c.closed_at.is_(None), REQUESTS.c.status.in_(_ENDED))
    )
    for number in connection.execute(query).scalars():
        yield number, "dispute", "closed", "open"


def _sums(connection: Connection) -> Iterator[Wrong]:
    """Totals are the sums of their lines; no line is held twice or credited over."""
    credited: dict[str, list[Mapping[int, Decimal]]] = defaultdict(list)
    for note in connection.execute(select(CREDIT_NOTES)).mappings():
        amounts = {int(line): Decimal(amount) for line, amount in note["lines"].items()}
        credited[note["invoice_number"]].append(amounts)
        if total(amounts.values()) != note["total"]:
            yield note["credit_note"], "total", total(amounts.values()), note["total"]
    held: dict[str, Counter[int]] = defaultdict(Counter)
    for dispute in connection.execute(select(DISPUTES).where(DISPUTES.c.closed_at.is_(None))).mappings():
        held[dispute["invoice_number"]].update(dispute["lines"])
    for invoice in connection.execute(select(INVOICES)).mappings():
        name = invoice["invoice_number"]
        amounts = {line["line"]: Decimal(line["amount"]) for line in invoice["lines"]}
        if total(amounts.values()) != invoice["total"]:
            yield name, "total", total(amounts.values()), invoice["total"]
        for line, amount in left(amounts, credited[name]).items():
            if amount < 0:
                yield name, f"credited of line {line}", amounts[line], amounts[line] - amount
        for line, count in held[name].items():
            if count > 1:
                yield name, f"disputes that hold line {line}", 1, count


def _series(connection: Connection) -> Iterator[Wrong]:
    """Each country's numbers are 1, 2, 3 … and the series stands at the last."""
    last = {(row.sort, row.country): row.last for row in connection.execute(select(SERIES))}
    for sort, table in (("invoice", INVOICES), ("credit_note", CREDIT_NOTES)):
        counted = select(table.c.country, func.count().label("count"), func.max(table.c.ordinal).label("highest"))
        found = {row.country: row for row in connection.execute(counted.group_by(table.c.country))}
        for country in sorted({*found, *(country for kind, country in last if kind == sort)}):
            row = found.get(country)
            numbers = (0, 0) if row is None else (row.count, row.highest)
            expected = last.get((sort, country), 0)
            if numbers != (expected, expected):
                yield f"{sort} {country}", "numbers", (expected, expected), numbers


def _differ(subject: str, told: Mapping[str, Any], kept: Mapping[str, Any]) -> Iterator[Wrong]:
    for name, expected in told.items():
        found = kept.get(name)
        found = str(found) if isinstance(found, Decimal) else found
        if found != expected:
            yield subject, name, expected, found
