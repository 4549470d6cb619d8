"""What the queues hold: for technicians, dispatchers, desks and metrics. Only looks."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, and_, func, or_, select, text

from schemas.vocabulary import Desk, WorkOrderState
from services.routing import store
from services.routing.desks import Case
from services.routing.queues import WorkOrder
from services.routing.requests import Life
from services.routing.tables import CASES, CONTRACT_DATA, LIVE_CASE, LIVE_WORK_ORDER, REQUESTS, WORK_ORDERS
from services.runtime import metrics

_ORDERS: Final = WORK_ORDERS.c
#: The most urgent first, then by due time, then the oldest.
_DUE_FIRST: Final = (
    _ORDERS.priority.desc(),
    _ORDERS.respond_by.is_(None),
    _ORDERS.respond_by,
    _ORDERS.opened_at,
    _ORDERS.id,
)


@dataclass(frozen=True, slots=True)
class Depth:
    """One queue at a glance."""

    queue: str
    kind: Literal["dispatch", "desk"]
    open: int
    oldest_at: datetime | None
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class Escalated:
    """A request whose time is nearly gone or over, and the work on it: a visit, a case, or neither (a device at the workshop)."""

    life: Life
    order: WorkOrder | None
    case: Case | None

    @property
    def holder(self) -> str | None:
        """Who has it, for people."""
        if self.order is not None:
            return self.order.technician_name
        return None if self.case is None else self.case.taken_name


@dataclass(frozen=True, slots=True)
class Mine:
    """A technician's page."""

    mine: tuple[WorkOrder, ...]
    open: tuple[WorkOrder, ...]
    done: tuple[WorkOrder, ...]


def depths(connection: Connection, customers: Collection[str] | None = None) -> list[Depth]:
    """Every queue that exists, the empty ones too, by name: dispatch queues first.

    `customers`: counts their work alone, for who may know of no other.
    """
    territories = connection.execute(select(CONTRACT_DATA.territories.c.territory).distinct()).scalars()
    dispatch = {name: Depth(name, "dispatch", 0, None, None) for name in territories}
    desks = {desk.value: Depth(desk.value, "desk", 0, None, None) for desk in Desk}
    for row in connection.execute(_depth(WORK_ORDERS, WORK_ORDERS.c.queue, LIVE_WORK_ORDER, customers)):
        dispatch[row.queue] = Depth(row.queue, "dispatch", row.open, row.oldest, row.due)
    for row in connection.execute(_depth(CASES, CASES.c.desk, LIVE_CASE, customers)):
        desks[row.queue] = Depth(row.queue, "desk", row.open, row.oldest, row.due)
    return [dispatch[name] for name in sorted(dispatch)] + [desks[name] for name in sorted(desks)]


def escalated(connection: Connection, limit: int = 200) -> list[Escalated]:
    """Every running clock that has warned, in all queues, the soonest due first."""
    columns = REQUESTS.c
    lives = store.found(
        connection,
        Life,
        columns.warned > 0,
        columns.respond_by.is_not(None),
        columns.clock_stopped.is_(None),
        order=(columns.respond_by, columns.number),
        limit=limit,
    )
    numbers = [life.number for life in lives]
    orders = store.live(connection, WorkOrder, numbers, lock=False)
    cases = store.live(connection, Case, numbers, lock=False)
    return [Escalated(life, orders.get(life.number), cases.get(life.number)) for life in lives]


def measure(connection: Connection, now: datetime) -> None:
    """The metrics of all queues."""
    for depth in depths(connection):
        age = 0.0 if depth.oldest_at is None else (now - depth.oldest_at).total_seconds()
        metrics.QUEUE_DEPTH.labels(depth.queue).set(depth.open)
        metrics.QUEUE_OLDEST_AGE.labels(depth.queue).set(max(0.0, age))


def in_queue(
    connection: Connection, queue: str, customers: Collection[str] | None = None, limit: int = 200
) -> list[WorkOrder]:
    """Work orders under way in a dispatch queue, soonest due first; `customers`: theirs alone."""
    theirs = () if customers is None else (_of(_ORDERS.number, customers),)
    return store.found(connection, WorkOrder, _ORDERS.queue == queue, _live(), *theirs, order=_DUE_FIRST, limit=limit)


def last_change(connection: Connection, queues: Collection[str]) -> int:
    """A number that grows whenever something changes in one of these queues or desks; `*`: in any."""
    latest = []
    for queue, changed in ((_ORDERS.queue, _ORDERS.updated_at), (CASES.c.desk, CASES.c.updated_at)):
        query = (
            select(func.max(changed)) if "*" in queues else select(func.max(changed)).where(queue.in_(sorted(queues)))
        )
        latest.append(connection.execute(query).scalar_one_or_none())
    return max((int(moment.timestamp() * 1_000_000) for moment in latest if moment is not None), default=0)


def exists(connection: Connection, queue: str) -> bool:
    """Whether a dispatch queue of this name is known: by a territory, or by work that was once in it."""
    territories = CONTRACT_DATA.territories.c
    known = select(territories.territory).where(territories.territory == queue).limit(1)
    used = select(_ORDERS.queue).where(_ORDERS.queue == queue).limit(1)
    return any(connection.execute(query).scalar_one_or_none() is not None for query in (known, used))


def for_technician(connection: Connection, username: str, queues: Collection[str], now: datetime) -> Mine:
    """What is theirs, what they may take, and what they have done in the last day."""
    mine = store.found(connection, WorkOrder, _ORDERS.technician == username, _held(now), order=_DUE_FIRST)
    free = or_(
        _ORDERS.status == WorkOrderState.QUEUED,
        and_(_ORDERS.status == WorkOrderState.ASSIGNED, _ORDERS.lease_until <= now),
    )
    theirs: tuple[ColumnElement[bool], ...] = () if "*" in queues else (_ORDERS.queue.in_(sorted(queues)),)
    open_ = store.found(connection, WorkOrder, free, *theirs, order=_DUE_FIRST, limit=50)
    done = store.found(
        connection,
        WorkOrder,
        _ORDERS.technician == username,
        _ORDERS.done_at > now - timedelta(days=1),
        order=(_ORDERS.done_at.desc(),),
    )
    return Mine(tuple(mine), tuple(open_), tuple(done))


def technicians(connection: Connection, queue: str, now: datetime) -> list[tuple[str, str]]:
    """Who holds or held work in a queue in the last 30 days: username and name."""
    query = (
        select(_ORDERS.technician, func.max(_ORDERS.technician_name))
        .where(_ORDERS.queue == queue, _ORDERS.technician.is_not(None), _ORDERS.happened_at > now - timedelta(days=30))
        .group_by(_ORDERS.technician)
        .order_by(_ORDERS.technician)
    )
    return [(row[0], row[1] or row[0]) for row in connection.execute(query)]


def device_history(connection: Connection, order: WorkOrder, limit: int = 3) -> list[Life]:
    """The last requests about the same machine, the present one left out."""
    columns = REQUESTS.c
    return store.found(
        connection,
        Life,
        columns.machine_serial == order.serial,
        columns.machine_type == order.machine_type,
        columns.number != order.number,
        order=(columns.received_at.desc(),),
        limit=limit,
    )


def _depth(
    table: Table, queue: Column[str], live: str, customers: Collection[str] | None
) -> Select[Any, Any, Any, Any]:
    columns = (queue.label("queue"), func.count().label("open"), func.min(table.c.opened_at).label("oldest"))
    theirs = () if customers is None else (_of(table.c.number, customers),)
    due = func.min(table.c.respond_by).label("due")
    return select(*columns, due).where(text(live), *theirs).group_by(queue)


def _of(number: Column[str], customers: Collection[str]) -> ColumnElement[bool]:
    return number.in_(select(REQUESTS.c.number).where(REQUESTS.c.customer_number.in_(sorted(customers))))


def _live() -> ColumnElement[bool]:
    return text(LIVE_WORK_ORDER)  # type: ignore[return-value]  # a text is a condition where one is expected


def _held(now: datetime) -> ColumnElement[bool]:
    """Under way, and if only claimed, still within the lease."""
    return and_(_live(), or_(_ORDERS.status != WorkOrderState.ASSIGNED, _ORDERS.lease_until > now))
