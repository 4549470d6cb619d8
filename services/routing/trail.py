"""What was said of one request, in order: each event with its id, what caused it, and where it lies in the log."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from schemas.envelope import decode, instant
from schemas.request_status import TOPIC as REQUEST_STATUS
from schemas.request_status import RequestDecided
from services.routing.tables import RUNTIME


@dataclass(frozen=True, slots=True)
class Told:
    """One event. `position` is its row in the outbox, which is the log; `decision` the index of the decision that it told."""

    position: int
    type: str
    version: int
    id: str
    caused_by: str | None
    correlation_id: str
    at: datetime
    decision: int | None


def told_of(connection: Connection, number: str) -> tuple[Told, ...]:
    """Everything that routing said of the request on its own topic, the first version first."""
    outbox = RUNTIME.outbox.c
    query = (
        select(RUNTIME.outbox)
        .where(outbox.topic == REQUEST_STATUS, outbox.subject == number)
        .order_by(outbox.ordinal)
        .limit(500)
    )
    return tuple(_told(row) for row in connection.execute(query).mappings())


def as_json(told: Sequence[Told]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "type": one.type,
            "version": one.version,
            "time": instant(one.at),
            "causation_id": one.caused_by,
            "correlation_id": one.correlation_id,
            "position": one.position,
            "decision": one.decision,
        }
        for one in told
    ]


def _told(row: Any) -> Told:
    envelope = decode([(name, value.encode()) for name, value in row["headers"]])
    decided = row["type"] == RequestDecided.TYPE
    return Told(
        position=row["id"],
        type=row["type"],
        version=envelope.ordinal,
        id=envelope.id,
        caused_by=envelope.causation_id,
        correlation_id=envelope.correlation_id,
        at=envelope.time,
        decision=json.loads(row["body"])["index"] if decided else None,
    )
