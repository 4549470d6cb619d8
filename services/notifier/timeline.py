"""The timeline: what happened to a request, one line a version (docs/architecture.md, Who owns what).

Inserted by (number, version), whichever comes first; the highest version is what is shown. Version 1 may come before
version 0, so a stream resumes by ``seq``, the order of arrival.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from schemas.request_status import Recipient, RequestDecided, StatusMessage
from schemas.service_requests import RequestAccepted
from services.notifier.deliveries import due_messages
from services.notifier.tables import DELIVERIES, REQUESTS, TIMELINE
from services.runtime.database import together
from services.runtime.log import Event
from services.runtime.rows import among, insert_rows, update_rows
from services.runtime.work import Work

#: Database signal, with the request's number: its timeline has a new line.
CHANGED = "fixline_timeline"
#: Database signal: there is something to send.
DELIVER = "fixline_deliver"


@dataclass
class Standing:
    """One row of `requests` in hand; written back at the end of the batch."""

    number: str
    customer_number: str | None
    version: int
    seq: int
    accepted: dict[str, Any] | None
    latest: dict[str, Any] | None
    decided: dict[str, Any] | None

    def row(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "customer_number": self.customer_number,
            "version": self.version,
            "seq": self.seq,
            "accepted": self.accepted,
            "latest": self.latest,
            "decided": self.decided,
        }


def on_accepted(work: Work, events: Sequence[Event[RequestAccepted]]) -> None:
    """Version 0: intake has given the request its number."""
    standings = _standings(work, events)
    for event in events:
        standing = standings[event.key]
        standing.accepted = _accepted_entry(event.data)
        standing.customer_number = standing.customer_number or event.data.submitter.customer_number
    _save(work, events, standings)


def on_status(manager: Recipient | None, work: Work, events: Sequence[Event[StatusMessage]]) -> None:
    """Routing's versions: the standing after each, and the messages that it calls for."""
    standings = _standings(work, events)
    messages = []
    for event in events:
        standing, data = standings[event.key], event.data
        passed = data.version < standing.version
        if not passed:
            standing.version, standing.latest = data.version, data.model_dump(mode="json", exclude={"decision"})
        if isinstance(data, RequestDecided) and _is_later(data, standing.decided):
            standing.decided = data.model_dump(mode="json")["decision"] | {"index": data.index}
        standing.customer_number = data.customer_number or standing.customer_number
        messages += due_messages(event, work.now, superseded=passed, manager=manager)
    _save(work, events, standings)
    insert_rows(work.connection, DELIVERIES, messages, ignore=True)
    if messages:
        work.notify(DELIVER)


def _standings(work: Work, events: Sequence[Event[Any]]) -> dict[str, Standing]:
    """The rows of these requests, made where they are not there yet, locked in order.

    Two workers may meet the same new request, one with version 0 and one with version 1: the second waits here.
    """
    numbers = sorted(event.key for event in events)
    blank = {"version": 0, "seq": 0, "customer_number": None}
    received = {event.key: event.data.received_at for event in events}
    rows = [{"number": number, **blank, "received_at": received[number]} for number in numbers]
    insert_rows(work.connection, REQUESTS, rows, ignore=True)
    columns = REQUESTS.c
    wanted = [
        columns[name] for name in ("number", "customer_number", "version", "seq", "accepted", "latest", "decided")
    ]
    query = (
        select(*wanted)
        .where(among(work.connection, columns.number, numbers))
        .order_by(columns.number)
        .with_for_update()
    )
    return {row["number"]: Standing(**row) for row in work.connection.execute(query).mappings()}


def _save(work: Work, events: Sequence[Event[Any]], standings: dict[str, Standing]) -> None:
    lines = []
    for event in events:
        standing = standings[event.key]
        standing.seq += 1
        entry = standing.accepted if event.envelope.ordinal == 0 else event.data.model_dump(mode="json")
        lines.append(
            {
                "number": event.key,
                "version": event.envelope.ordinal,
                "seq": standing.seq,
                "type": event.envelope.type,
                "at": getattr(event.data, "occurred_at", event.data.received_at),
                "event_id": event.id,
                "entry": entry,
            }
        )
        work.notify(CHANGED, event.key)
    with together(work.connection):
        insert_rows(work.connection, TIMELINE, lines)
        update_rows(work.connection, REQUESTS, [standing.row() for standing in standings.values()])


def _accepted_entry(data: RequestAccepted) -> dict[str, Any]:
    """What is kept of the acceptance: no text, no contact; those are intake's."""
    return {
        "kind": data.request.kind.value,
        "channel": data.channel.value,
        "language": data.request.language,
        "external_id": data.request.external_id,
        "received_at": data.model_dump(mode="json")["received_at"],
        "submitter_known": data.submitter.type != "anonymous",
        "customer_number": data.submitter.customer_number,
    }


def _is_later(data: RequestDecided, decided: dict[str, Any] | None) -> bool:
    return decided is None or data.index > decided["index"]


def lines_after(connection: Connection, number: str, seq: int) -> list[tuple[int, int]]:
    """(seq, version) of the lines that came after ``seq``, in the order of arrival."""
    query = select(TIMELINE.c.seq, TIMELINE.c.version).where(TIMELINE.c.number == number, TIMELINE.c.seq > seq)
    return [(row.seq, row.version) for row in connection.execute(query.order_by(TIMELINE.c.seq).limit(200))]
