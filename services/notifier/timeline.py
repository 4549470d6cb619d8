"""The timeline: what happened to a request, one line a version (docs/architecture.md, Who owns what).

Inserted by (number, version), whichever comes first; the highest version is what is shown. Version 1 may come before
version 0, so a stream resumes by ``seq``, the order of arrival.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, select

from schemas.envelope import instant
from schemas.request_status import Recipient, RequestDecided, StatusMessage
from schemas.service_requests import RequestAccepted
from services.notifier.deliveries import due_messages
from services.notifier.tables import DELIVERIES, REQUESTS, TIMELINE
from services.runtime.database import together
from services.runtime.log import Event
from services.runtime.rows import insert_rows, lock_rows, update_rows
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

    def accept(self, data: RequestAccepted, entry: dict[str, Any]) -> None:
        self.accepted = entry
        self.customer_number = self.customer_number or data.submitter.customer_number

    def tell(self, data: StatusMessage, entry: dict[str, Any]) -> bool:
        """Whether it says what is past: a later version was here before."""
        passed = data.version < self.version
        if not passed:
            self.version = data.version
            self.latest = {name: said for name, said in entry.items() if name != "decision"}
        if isinstance(data, RequestDecided) and (self.decided is None or data.index > self.decided["index"]):
            self.decided = entry["decision"] | {"index": data.index}
        self.customer_number = data.customer_number or self.customer_number
        return passed


def on_events(manager: Recipient | None, work: Work, events: Sequence[Event[Any]]) -> None:
    """Version 0, by which intake has given the request its number, and routing's versions: the standing after each, and the
    messages that it calls for."""
    standings = _standings(work, events)
    lines, messages = [], []
    for event in events:
        standing, data = standings[event.key], event.data
        if isinstance(data, RequestAccepted):
            entry = _accepted_entry(data)
            standing.accept(data, entry)
        else:
            entry = data.model_dump(mode="json")
            passed = standing.tell(data, entry)
            messages += due_messages(event, entry, work.now, superseded=passed, manager=manager)
        standing.seq += 1
        lines.append(_line(event, standing.seq, entry))
        work.notify(CHANGED, event.key)

    def write(connection: Connection) -> None:
        insert_rows(connection, TIMELINE, lines)
        update_rows(connection, REQUESTS, [standing.row() for standing in standings.values()])
        insert_rows(connection, DELIVERIES, messages, ignore=True)

    work.put_off(write)
    if messages:
        work.notify(DELIVER)


def _standings(work: Work, events: Sequence[Event[Any]]) -> dict[str, Standing]:
    """The rows of these requests, made where they are not there yet, locked in order.

    Two workers may meet the same new request, one with version 0 and one with version 1: the second waits here.
    """
    received = {event.key: event.data.received_at for event in events}
    blank = {"version": 0, "seq": 0, "customer_number": None}
    with together(work.connection):
        rows = [{"number": number, **blank, "received_at": received[number]} for number in sorted(received)]
        insert_rows(work.connection, REQUESTS, rows, ignore=True)
        answer = lock_rows(work.connection, REQUESTS, tuple(one.name for one in fields(Standing)), received)
    return {number: Standing(number, *rest) for number, *rest in answer()}


def _line(event: Event[Any], seq: int, entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": event.key,
        "version": event.envelope.ordinal,
        "seq": seq,
        "type": event.envelope.type,
        "at": getattr(event.data, "occurred_at", event.data.received_at),
        "event_id": event.id,
        "entry": entry,
    }


def _accepted_entry(data: RequestAccepted) -> dict[str, Any]:
    """What is kept of the acceptance: no text, no contact; those are intake's."""
    return {
        "kind": data.request.kind.value,
        "channel": data.channel.value,
        "language": data.request.language,
        "external_id": data.request.external_id,
        "received_at": instant(data.received_at),
        "submitter_known": data.submitter.type != "anonymous",
        "customer_number": data.submitter.customer_number,
    }


def lines_after(connection: Connection, number: str, seq: int) -> list[tuple[int, int]]:
    """(seq, version) of the lines that came after ``seq``, in the order of arrival."""
    query = select(TIMELINE.c.seq, TIMELINE.c.version).where(TIMELINE.c.number == number, TIMELINE.c.seq > seq)
    return [(row.seq, row.version) for row in connection.execute(query.order_by(TIMELINE.c.seq).limit(200))]
