"""How far the outbox may run ahead of Kafka before intake takes no more (docs/operations.md, Overload).

What was acknowledged is safe in the outbox however long Kafka is away; but a request that nobody decides for hours is better
sent elsewhere, and a disk that fills takes down what was accepted as well. So beyond a number of rows, or an age of the oldest,
submissions are refused with 503 until the relay has caught up.

Embedded the outbox itself is the log and nothing is published: there is no such backlog.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from services.runtime.clock import transaction_instant
from services.runtime.errors import Unavailable
from services.runtime.work import Workshop

#: Seconds for which a look holds; a row a commit can be added meanwhile, which is not what the ceiling is about.
LOOK_AGAIN = 1.0
#: Seconds until it is worth asking again.
_RETRY = 30


@dataclass
class Backlog:
    """Asked by the committer before each group. ``rows`` and ``age``: the most that may wait."""

    workshop: Workshop
    rows: int
    age: timedelta
    clock: Callable[[], float] = time.monotonic
    _looked: float | None = None
    _full: bool = False

    def refusal(self) -> Unavailable | None:
        """None: there is room. Raises what the database raises."""
        now = self.clock()
        if self._looked is None or now - self._looked >= LOOK_AGAIN:
            self._full, self._looked = self._look(), now
        return Unavailable(_RETRY, "backlog") if self._full else None

    def _look(self) -> bool:
        if self.workshop.database.is_sqlite:
            return False
        outbox = self.workshop.tables.outbox.c
        # Counted no further than the ceiling: a long outage must not make each look longer.
        waiting = (
            select(outbox.created_at).where(outbox.published_at.is_(None)).order_by(outbox.id).limit(self.rows + 1)
        )
        rows = waiting.subquery()
        with self.workshop.database.reading() as connection:
            count, oldest = connection.execute(select(func.count(), func.min(rows.c.created_at))).one()
            now = transaction_instant(self.workshop.clock, connection)
        return bool(count > self.rows or (oldest is not None and now - oldest > self.age))
