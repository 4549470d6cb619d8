"""Has every request that was given a number told so, once, and does its row say the same? (docs/architecture.md)

The outbox forbids a second acceptance of one number, so counting is left to the database: a row without its event, an
event without its row, and rows that say something else are what can be wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import orjson
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, select

from schemas.decision import show_instant
from schemas.service_requests import TOPIC, RequestAccepted
from services.intake.tables import REQUESTS, RUNTIME

#: No event of a request goes before its request has been closed for so long (docs/architecture.md, Retention).
KEPT = timedelta(days=90)

_OUTBOX = RUNTIME.outbox.c
_ACCEPTED = and_(_OUTBOX.topic == TOPIC, _OUTBOX.type == RequestAccepted.TYPE)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the events say."""

    subject: str
    what: str
    expected: object
    found: object


def differences(connection: Connection) -> Iterator[Difference]:
    """All of them. Old rows whose events may have been pruned are left out."""
    newest = connection.execute(select(func.max(REQUESTS.c.received_at))).scalar_one()
    told = select(REQUESTS, _OUTBOX.body.label("body")).outerjoin(
        RUNTIME.outbox, and_(_ACCEPTED, _OUTBOX.subject == REQUESTS.c.number)
    )
    for row in connection.execution_options(yield_per=1000).execute(told.order_by(REQUESTS.c.number)).mappings():
        if row["body"] is not None:
            yield from _compare(row)
        elif row["received_at"] > newest - KEPT:
            yield Difference(row["number"], "request.accepted", 1, 0)
    lone = select(_OUTBOX.subject).where(_ACCEPTED, ~select(REQUESTS.c.number).where(_own()).exists())
    for number in connection.execute(lone.order_by(_OUTBOX.subject)).scalars():
        yield Difference(number, "request", "a row", None)
    yield from _sequences(connection)


def _own() -> ColumnElement[bool]:
    return REQUESTS.c.number == _OUTBOX.subject


def _compare(row: RowMapping) -> Iterator[Difference]:
    said = orjson.loads(row["body"])
    submitter = said["submitter"]
    told = {
        "channel": said["channel"],
        "kind": said["request"]["kind"],
        "submitter_type": submitter["type"],
        "submitter_id": submitter["id"],
        "customer_number": submitter["customer_number"],
    }
    for name, expected in told.items():
        if row[name] != expected:
            yield Difference(row["number"], name, expected, row[name])
    received = show_instant(row["received_at"])
    if received != said["received_at"]:
        yield Difference(row["number"], "received_at", said["received_at"], received)


def _sequences(connection: Connection) -> Iterator[Difference]:
    """A request's row knows the last number that it gave to an event."""
    last = (
        select(_OUTBOX.subject, func.max(_OUTBOX.ordinal).label("last"))
        .where(_OUTBOX.topic == TOPIC)
        .group_by(_OUTBOX.subject)
        .subquery()
    )
    query = select(REQUESTS.c.number, REQUESTS.c.sequence, last.c.last).join(last, last.c.subject == REQUESTS.c.number)
    for row in connection.execute(query.where(REQUESTS.c.sequence != last.c.last)):
        yield Difference(row.number, "sequence", row.last, row.sequence)
