"""A technician's day as a strip: what they hold, by the hour it is due; geometry only, the list beside it says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.routing.queues import WorkOrder

#: In user units; hours before the first and after the last are drawn at the ends.
WIDTH: Final = 280
FIRST_HOUR, LAST_HOUR = 6, 20


@dataclass(frozen=True, slots=True)
class Due:
    """One job on the strip."""

    x: float
    order: WorkOrder
    late: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """What one technician holds: today's jobs on the strip, the others beside it. `now` None: not today's hours."""

    username: str
    name: str
    due: tuple[Due, ...]
    later: tuple[WorkOrder, ...]
    now: float | None


def strips(orders: Sequence[WorkOrder], technicians: Sequence[tuple[str, str]], now: datetime) -> tuple[Strip, ...]:
    """A strip for each technician of the queue, also of those who hold nothing."""
    names = dict(technicians) | {
        order.technician: order.technician_name or order.technician for order in orders if order.technician is not None
    }
    return tuple(
        _strip(username, name, [order for order in orders if order.technician == username], now)
        for username, name in sorted(names.items(), key=lambda one: one[1].casefold())
    )


def _strip(username: str, name: str, held: Sequence[WorkOrder], now: datetime) -> Strip:
    marks = tuple(
        Due(_x(order.respond_by.astimezone(_zone(order))), order, order.respond_by < now)
        for order in held
        if order.respond_by is not None and _day(order, order.respond_by) <= _day(order, now)
    )
    drawn = {due.order.id for due in marks}
    later = tuple(order for order in held if order.id not in drawn)
    return Strip(username, name, marks, later, _x(now.astimezone(_zone(held[0]))) if held else None)


def _day(order: WorkOrder, moment: datetime) -> date:
    return moment.astimezone(_zone(order)).date()


def _zone(order: WorkOrder) -> ZoneInfo:
    return ZoneInfo(order.place["timezone"])


def _x(local: datetime) -> float:
    hour = min(max(local.hour + local.minute / 60, FIRST_HOUR), LAST_HOUR)
    return round((hour - FIRST_HOUR) / (LAST_HOUR - FIRST_HOUR) * WIDTH, 1)
