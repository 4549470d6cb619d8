"""Does each timeline say what the events said, and does each request stand where its highest version left it?

The events come from the others' outboxes, so whoever composes the services hands them in: intake's acceptances and all
of routing's status events, sorted by request and version. What the handlers do is worked out here a second time and in
another way: from the stored bytes, a request at a time (docs/architecture.md).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from schemas.request_status import RequestDecided
from services.notifier.tables import DELIVERIES, REQUESTS, TIMELINE

#: Requests looked at together.
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Told:
    """One event as its outbox holds it: version 0 is the acceptance, 1, 2, 3 … are routing's."""

    number: str
    version: int
    event_id: str
    type: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the events say."""

    subject: str
    what: str
    expected: object
    found: object


def differences(connection: Connection, told: Iterable[Told]) -> Iterator[Difference]:
    """All of them. `told` is sorted by number, then version; requests of which nothing is told any more are left out."""
    page: dict[str, list[Told]] = {}
    for number, events in groupby(told, attrgetter("number")):
        page[number] = list(events)
        if len(page) == _PAGE:
            yield from _page(connection, page)
            page.clear()
    yield from _page(connection, page)


def _page(connection: Connection, page: Mapping[str, list[Told]]) -> Iterator[Difference]:
    numbers = list(page)
    rows = _by_number(connection.execute(select(REQUESTS).where(REQUESTS.c.number.in_(numbers))).mappings())
    lines = _by_number(
        connection.execute(
            select(TIMELINE).where(TIMELINE.c.number.in_(numbers)).order_by(TIMELINE.c.number, TIMELINE.c.version)
        ).mappings()
    )
    sent = _by_number(
        connection.execute(
            select(DELIVERIES.c.number, DELIVERIES.c.version, DELIVERIES.c.recipient)
            .where(DELIVERIES.c.number.in_(numbers))
            .order_by(DELIVERIES.c.number, DELIVERIES.c.version)
        ).mappings()
    )
    for number, events in page.items():
        yield from _lines(number, events, lines.get(number, []))
        if number in rows:
            yield from _standing(number, events, rows[number][0], len(lines.get(number, [])))
        yield from _messages(number, events, sent.get(number, []))


def _lines(number: str, events: list[Told], lines: list[RowMapping]) -> Iterator[Difference]:
    """A line for each event with the same content, and no other line behind the oldest event kept."""
    found = {line["version"]: line for line in lines}
    for event in events:
        line = found.pop(event.version, None)
        if line is None:
            yield Difference(number, f"line {event.version}", event.type, None)
            continue
        expected: dict[str, Any] = {"type": event.type, "event_id": event.event_id, "entry": _entry(event)}
        for name, value in expected.items():
            if line[name] != value:
                yield Difference(number, f"line {event.version} {name}", value, line[name])
    oldest = min(event.version for event in events)
    for version, line in found.items():
        if version > oldest:
            yield Difference(number, f"line {version}", None, line["type"])


def _standing(number: str, events: list[Told], row: RowMapping, lines: int) -> Iterator[Difference]:
    """The request's row, folded from its events."""
    routing = [event for event in events if event.version > 0]
    decided = [event for event in routing if event.type == RequestDecided.TYPE]
    told: dict[str, Any] = {"seq": lines}
    if routing:
        last = routing[-1]
        told |= {"version": last.version, "latest": {k: v for k, v in last.body.items() if k != "decision"}}
    if decided:
        last = max(decided, key=lambda event: int(event.body["index"]))
        told["decided"] = {**last.body["decision"], "index": last.body["index"]}
    if events[0].version == 0:
        told["accepted"] = _entry(events[0])
    for name, expected in told.items():
        if row[name] != expected:
            yield Difference(number, name, expected, row[name])
    owners = {_owner(event) for event in events} - {None}
    if row["customer_number"] not in (owners or {None}):
        yield Difference(number, "customer_number", sorted(map(str, owners)), row["customer_number"])


def _messages(number: str, events: list[Told], sent: list[RowMapping]) -> Iterator[Difference]:
    """Nobody was written to twice of one event, nor of an event that was not, nor at an address that it did not name."""
    told = {(event.version, recipient["email"]) for event in events for recipient in event.body.get("recipients", ())}
    seen = set()
    for message in sent:
        key = (message["version"], message["recipient"]["email"])
        if key in seen:
            yield Difference(number, f"messages of {message['version']}", 1, 2)
        elif key not in told and message["version"] >= events[0].version:
            yield Difference(number, f"messages of {message['version']}", 0, 1)
        seen.add(key)


def _entry(event: Told) -> Mapping[str, Any]:
    """What is kept of an event: of the acceptance neither text nor contact, of routing's all."""
    if event.version > 0:
        return event.body
    request = event.body["request"]
    return {
        "kind": request["kind"],
        "channel": event.body["channel"],
        "language": request.get("language"),
        "external_id": request.get("external_id"),
        "received_at": event.body["received_at"],
        "submitter_known": event.body["submitter"]["type"] != "anonymous",
        "customer_number": event.body["submitter"]["customer_number"],
    }


def _owner(event: Told) -> str | None:
    said = event.body if event.version > 0 else event.body["submitter"]
    owner: str | None = said["customer_number"]
    return owner


def _by_number(rows: Iterable[RowMapping]) -> dict[str, list[RowMapping]]:
    found: dict[str, list[RowMapping]] = {}
    for row in rows:
        found.setdefault(row["number"], []).append(row)
    return found
