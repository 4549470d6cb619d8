"""Messages to customers: which event calls for one, to whom, and that each is sent once (docs/architecture.md).

A message's id derives from its event and its recipient, so that a repeat is the same message. It is marked sent after the
server took it; a process killed between the two sends it again under the same id. A message whose step is past when its
event arrives is recorded as ``superseded`` and not sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid5

import structlog
from sqlalchemy import Connection, RowMapping, select, update

from schemas.request_status import (
    QUIET,
    ClockWarned,
    CommandRefused,
    Recipient,
    RequestDecided,
    StatusChanged,
    StatusMessage,
)
from schemas.vocabulary import DisputeOutcome, Milestone
from services.notifier.tables import DELIVERIES
from services.runtime import metrics
from services.runtime.clock import transaction_instant
from services.runtime.log import Event
from services.runtime.work import Workshop

logger = structlog.get_logger(__name__)

DUE, SENT, SUPERSEDED, FAILED = "due", "sent", "superseded", "failed"

#: Steps that a customer is written to about; the others are on the page only.
_TOLD = frozenset(
    {
        Milestone.TECHNICIAN_ASSIGNED,
        Milestone.EN_ROUTE,
        Milestone.VISIT_INCOMPLETE,
        Milestone.REPAIRED,
        Milestone.PACKAGE_RECEIVED,
        Milestone.RETURN_SHIPPED,
        Milestone.RETURN_EXPIRED,
        Milestone.INFORMATION_NEEDED,
        Milestone.CANCELLED,
        Milestone.REOPENED,
        Milestone.PARTS_SHIPPED,
        Milestone.REJECTED,
        Milestone.ASSIGNED,
        Milestone.EXECUTED,
        Milestone.WAITING_FOR_CUSTOMER,
        Milestone.WAITING_FOR_ACCESS,
        Milestone.ESTIMATE_SENT,
        Milestone.ESTIMATE_DECLINED,
        Milestone.ESTIMATE_EXPIRED,
    }
)
#: And what else: the customer agreed to pay, or a disputed charge was looked at.
_TOLD_REASONS = frozenset({"estimate_accepted", *DisputeOutcome})
_NAMESPACE = UUID("0d8a6f0e-3f8c-5b57-9f0a-8a6d1c2b7e11")

#: Waits between tries; after the last the message has failed and a person is told by the metric.
WAITS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800))


#: How long a message is ours to send; longer than a conversation with a mail server may take.
CLAIM = timedelta(seconds=60)


class Refusal(Exception):
    """The server will never take this message: a wrong address, say."""


class Away(Exception):
    """The server did not take it now; later it may."""


class Sender(Protocol):
    def send(self, delivery: RowMapping) -> str:
        """Hand it over and return what the server said. Raises `Refusal` or `Away`."""


def due_messages(
    event: Event[StatusMessage],
    said: Mapping[str, Any],
    now: datetime,
    *,
    superseded: bool,
    manager: Recipient | None = None,
) -> list[dict[str, Any]]:
    """The rows of the messages that this event, ``said`` in JSON, calls for; none for a step that is only shown.

    A clock that runs out is the service manager's matter, never the customer's; without an address it is on pages alone.
    """
    data = event.data
    if isinstance(data, ClockWarned):
        recipients: tuple[Recipient, ...] = () if manager is None else (manager,)
    else:
        recipients = data.recipients if _is_told(data) else ()
    return [
        {
            "message_id": str(uuid5(_NAMESPACE, f"{event.id}|{recipient.email}")),
            "number": data.number,
            "version": data.version,
            "channel": "email",
            "recipient": recipient.model_dump(mode="json"),
            "state": SUPERSEDED if superseded else DUE,
            "attempts": 0,
            "due_at": now,
            "body": {name: value for name, value in said.items() if name != "recipients"},
        }
        for recipient in recipients
    ]


def _is_told(data: StatusMessage) -> bool:
    if isinstance(data, RequestDecided | CommandRefused):
        return True
    if isinstance(data, StatusChanged) and data.reason in QUIET:
        return False
    if isinstance(data, StatusChanged) and data.note and data.standing.milestone is not Milestone.APPROVED:
        return True  # we wrote something to them; of a move they hear when it is assigned
    if isinstance(data, StatusChanged) and data.reason in _TOLD_REASONS:
        return True
    return data.standing.milestone in _TOLD


@dataclass(frozen=True)
class Deliveries:
    """Sends what is due. A message is claimed in one transaction, sent outside any, and marked in another: a mail server
    that hangs holds no lock. A claim lasts longer than any conversation, so that nobody else sends meanwhile."""

    workshop: Workshop
    sender: Sender

    def send_due(self) -> int:
        """One message; how many that was. For a chore."""
        with self.workshop.database.transaction() as connection:
            delivery = _claim(connection, transaction_instant(self.workshop.clock, connection))
        if delivery is None:
            return 0
        state, answer = self._attempt(delivery)
        with self.workshop.database.transaction() as connection:
            now = transaction_instant(self.workshop.clock, connection)
            values: dict[str, Any] = {"state": state, "answer": answer[:500]}
            values |= {"due_at": now + WAITS[delivery["attempts"]]} if state == DUE else {"ended_at": now}
            connection.execute(update(DELIVERIES).where(DELIVERIES.c.id == delivery["id"]).values(**values))
        metrics.NOTIFICATIONS.labels(delivery["channel"], "deferred" if state == DUE else state).inc()
        return 1

    def _attempt(self, delivery: RowMapping) -> tuple[str, str]:
        """The delivery's next state, and what the server said."""
        known = {"message_id": delivery["message_id"], "number": delivery["number"]}
        try:
            answer = self.sender.send(delivery)
        except Refusal as refusal:
            logger.warning("delivery.refused", **known, answer=str(refusal)[:200])
            return FAILED, str(refusal)
        except Away as away:
            logger.warning("delivery.deferred", **known, answer=str(away)[:200])
            return (DUE if delivery["attempts"] < len(WAITS) else FAILED), str(away)
        logger.info("delivery.sent", **known)
        return SENT, answer


def _claim(connection: Connection, now: datetime) -> RowMapping | None:
    """The next due message, as it was before; it is due again after the claim, should we die."""
    query = (
        select(DELIVERIES)
        .where(DELIVERIES.c.state == DUE, DELIVERIES.c.due_at <= now)
        .order_by(DELIVERIES.c.due_at, DELIVERIES.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found = connection.execute(query).mappings().one_or_none()
    if found is not None:
        claimed = {"attempts": found["attempts"] + 1, "due_at": now + CLAIM}
        connection.execute(update(DELIVERIES).where(DELIVERIES.c.id == found["id"]).values(**claimed))
    return found
