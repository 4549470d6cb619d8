"""Do the tables say what the events say? Everything recomputed from the outbox and compared (docs/architecture.md).

What a row must be is what its last event told. Work that must exist follows from where the request stands: a request that
waits for a technician has one live work order, and so on. What comes of all events and steps together, `replay.py` knows.
"""

from collections.abc import Iterator
from typing import Any, Final

import orjson
from sqlalchemy import Column, Connection, RowMapping, and_, exists, func, select, text

from schemas import dispatch, request_status
from schemas.dispatch import (
    Accepted,
    Assigned,
    Completed,
    EnRoute,
    Incomplete,
    Offered,
    OnSite,
    Requeued,
    Revised,
    Withdrawn,
)
from schemas.vocabulary import Milestone, ReturnState, Status, WorkOrderState
from services.routing import reconcile_bills
from services.routing.replay import Difference, replayed
from services.routing.tables import (
    CASES,
    LIVE_CASE,
    LIVE_RETURN,
    LIVE_WORK_ORDER,
    REQUESTS,
    RETURNS,
    RUNTIME,
    WORK_ORDERS,
)

#: What a work order is after each event.
_AFTER: Final = {
    Offered.TYPE: WorkOrderState.QUEUED,
    Assigned.TYPE: WorkOrderState.ASSIGNED,
    Accepted.TYPE: WorkOrderState.ACCEPTED,
    Requeued.TYPE: WorkOrderState.QUEUED,
    EnRoute.TYPE: WorkOrderState.EN_ROUTE,
    OnSite.TYPE: WorkOrderState.ON_SITE,
    Completed.TYPE: WorkOrderState.COMPLETED,
    Incomplete.TYPE: WorkOrderState.INCOMPLETE,
    Withdrawn.TYPE: WorkOrderState.CANCELLED,
}

#: Milestones at which somebody must be about to come.
_VISITED: Final = (
    Milestone.QUEUED_FOR_TECHNICIAN,
    Milestone.TECHNICIAN_ASSIGNED,
    Milestone.EN_ROUTE,
    Milestone.ON_SITE,
    Milestone.VISIT_INCOMPLETE,
)
#: Nobody has anything to do about these.
_ENDED: Final = (Status.RESOLVED, Status.REJECTED, Status.CANCELLED, Status.CLOSED)
#: Milestones of work under way at a desk.
_AT_A_DESK: Final = (
    Milestone.PARTS_ORDERED,
    Milestone.QUEUED_FOR_SUPPORT,
    Milestone.APPROVED,
    Milestone.ASSIGNED,
)
#: What a return must be at each milestone.
_PARCELS: Final = {
    Milestone.AWAITING_PACKAGE: (ReturnState.ISSUED,),
    Milestone.PACKAGE_IN_TRANSIT: (ReturnState.IN_TRANSIT,),
    Milestone.PACKAGE_RECEIVED: (ReturnState.RECEIVED,),
    Milestone.RETURN_SHIPPED: (ReturnState.RETURN_SHIPPED,),
    Milestone.DELIVERED: (ReturnState.DELIVERED,),
    Milestone.RETURN_EXPIRED: (ReturnState.EXPIRED,),
}


def differences(connection: Connection) -> Iterator[Difference]:
    """All of them; none when the tables are right. Rows whose events were pruned are left out."""
    for topic in (request_status.TOPIC, dispatch.TOPIC):
        yield from _gaps(connection, topic)
    yield from _untold(connection)
    yield from _requests(connection)
    yield from _work_orders(connection)
    yield from _live_work(connection)
    for subject, what, expected, found in reconcile_bills.wrong(connection):
        yield Difference(subject, what, expected, found)
    yield from replayed(connection)


def _untold(connection: Connection) -> Iterator[Difference]:
    """A request that is not over has events; of one that is, they may have been pruned."""
    outbox = RUNTIME.outbox.c
    told = exists().where(outbox.topic == request_status.TOPIC, outbox.subject == REQUESTS.c.number)
    query = select(REQUESTS.c.number, REQUESTS.c.version).where(REQUESTS.c.status.not_in(_ENDED), ~told)
    for row in connection.execute(query):
        yield Difference(row.number, "events", row.version, 0)


def _requests(connection: Connection) -> Iterator[Difference]:
    for row, body in _with_last_event(connection, REQUESTS, REQUESTS.c.number, request_status.TOPIC):
        said = orjson.loads(body["body"])
        standing = said["standing"]
        told = {
            "version": said["version"],
            "status": standing["status"],
            "milestone": standing["milestone"],
            "kind": said["kind"],
            "visit": standing["visit"],
            "parcel": standing["parcel"],
            "bill": standing.get("bill"),
        }
        yield from _compare(row["number"], told, row)


def _work_orders(connection: Connection) -> Iterator[Difference]:
    for row, event in _with_last_event(connection, WORK_ORDERS, WORK_ORDERS.c.id, dispatch.TOPIC):
        said = orjson.loads(event["body"])
        status = said["status"] if event["type"] == Revised.TYPE else _AFTER[event["type"]].value
        told: dict[str, Any] = {"version": said["version"], "status": status}
        told |= {"queue": said["queue"], "number": said["number"]}
        if row["done_at"] is None:
            told["technician"] = said["technician"]
        yield from _compare(row["id"], told, row)


def _live_work(connection: Connection) -> Iterator[Difference]:
    """A request that waits for work has that work, and one that has ended has none."""
    live = {
        "visit": _live_of(connection, WORK_ORDERS.c.number, WORK_ORDERS.c.status, LIVE_WORK_ORDER),
        "parcel": _live_of(connection, RETURNS.c.number, RETURNS.c.status, LIVE_RETURN),
        "case": _live_of(connection, CASES.c.number, CASES.c.desk, LIVE_CASE),
    }
    columns = (REQUESTS.c.number, REQUESTS.c.status, REQUESTS.c.milestone, REQUESTS.c.visit_status, REQUESTS.c.queue)
    for row in connection.execution_options(yield_per=1000).execute(select(*columns)).mappings():
        number = row["number"]
        if row["status"] in _ENDED:
            for name, numbers in live.items():
                if number in numbers:
                    yield Difference(number, name, None, numbers[number])
        elif row["milestone"] in _VISITED and number not in live["visit"]:
            yield Difference(number, "visit", "a live work order", None)
        elif row["milestone"] in _PARCELS and live["parcel"].get(number) not in _PARCELS[row["milestone"]]:
            yield Difference(number, "parcel", _PARCELS[row["milestone"]][0].value, live["parcel"].get(number))
        elif (row["status"] == Status.HELD or row["milestone"] in _AT_A_DESK) and number not in live["case"]:
            yield Difference(number, "case", row["queue"], None)
        if number in live["visit"] and row["visit_status"] != live["visit"][number]:
            yield Difference(number, "visit_status", live["visit"][number], row["visit_status"])


def _live_of(connection: Connection, number: Column[str], state: Column[str], where: str) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.execute(select(number, state).where(text(where)))}


def _gaps(connection: Connection, topic: str) -> Iterator[Difference]:
    """Versions count without a gap from the oldest event kept to the newest."""
    outbox = RUNTIME.outbox.c
    first, last, number = func.min(outbox.ordinal), func.max(outbox.ordinal), func.count()
    query = (
        select(outbox.subject, first.label("first"), last.label("last"), number.label("number"))
        .where(outbox.topic == topic)
        .group_by(outbox.subject)
        .having(number != last - first + 1)
    )
    for row in connection.execute(query):
        yield Difference(row.subject, "versions", row.last - row.first + 1, row.number)


def _with_last_event(
    connection: Connection, table: Any, key: Any, topic: str
) -> Iterator[tuple[RowMapping, RowMapping]]:
    """Each row with the last event about it."""
    outbox = RUNTIME.outbox
    last = (
        select(outbox.c.subject, func.max(outbox.c.ordinal).label("ordinal"))
        .where(outbox.c.topic == topic)
        .group_by(outbox.c.subject)
        .subquery()
    )
    told = and_(outbox.c.topic == topic, outbox.c.subject == last.c.subject, outbox.c.ordinal == last.c.ordinal)
    query = (
        select(table, outbox.c.type.label("type"), outbox.c.body.label("body"))
        .join(last, last.c.subject == key)
        .join(outbox, told)
        .order_by(key)
    )
    for row in connection.execution_options(yield_per=1000).execute(query).mappings():
        yield row, row


def _compare(subject: str, told: dict[str, Any], row: RowMapping) -> Iterator[Difference]:
    for name, expected in told.items():
        if row[name] != expected:
            yield Difference(subject, name, expected, row[name])
