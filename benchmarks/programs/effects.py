"""What a decision on a fresh acceptance saves and tells, as plain values: the rows and events that routing's own handler makes.

The floor and the usual ways write these; stage B compares the tables afterwards, so that nobody is fast by doing less.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from schemas.envelope import Envelope, caused_id, encode, instant
from schemas.request import as_json
from schemas.service_requests import RequestAccepted
from schemas.vocabulary import Action, Milestone, Outcome, ReturnState, WorkOrderState
from services.routing import evidence, lifecycle
from services.routing.decide import Decided
from services.routing.rules.book import Depot
from services.routing.rules.clock import warn_at
from services.routing.rules.facts import Book
from services.routing.rules.policy import Policy

Row = dict[str, Any]
#: Rows by table.
Rows = dict[str, list[Row]]

GENERATION: Final = 1


@dataclass(frozen=True, slots=True)
class Told:
    """An event to publish: its outbox row, whose body is not encoded yet."""

    row: Row
    body: Mapping[str, Any]


def effects(
    accepted: RequestAccepted,
    cause: Envelope,
    decided: Decided,
    book: Book,
    depots: Mapping[str, Depot],
    policy: Policy,
    now: datetime,
) -> tuple[Rows, list[Told]]:
    """Rows by table, and what is told. For a customer who is known, which is all that the workload has."""
    decision, life = decided.decision, _life(accepted, decided, book, now)
    rows: Rows = {"requests": [life]}
    told: list[Told] = []
    clock = decided.evidence.clock
    if clock is not None:
        life["clock_started"], life["respond_by"] = clock.started, clock.at
        if (first := warn_at(clock, policy.warn_at[0])) is not None:
            rows["timers"] = [_timer(life, life["number"], "clock", first)]
    if decision.outcome is Outcome.ONSITE_DISPATCH:
        order = rows["work_orders"] = [_order(life, decided, book, now)]
        life["visit"], life["visit_status"] = {"work_order": order[0]["id"], "technician": None}, "queued"
        told.append(_offered(order[0], cause, now))
    elif decision.outcome is Outcome.MAIL_IN and decision.depot is not None:
        parcel = rows["returns"] = [_parcel(life, depots[decision.depot], now)]
        life["parcel"] = {"return_number": parcel[0]["id"], "depot": decision.depot, **parcel[0]["address"]}
        life["parcel_status"] = "issued"
        due = now + timedelta(days=policy.of(life["country"]).return_days)
        rows.setdefault("timers", []).append(_timer(life, parcel[0]["id"], "expiry", due))
    elif decision.queue is not None:
        rows["cases"] = [_case(life, now)]
    said = decision.to_json()
    rows["decisions"] = [_decision(life, said, decided, accepted, cause, now)]
    told.append(_told_decided(life, said, cause, policy, now))
    return rows, told


def _life(accepted: RequestAccepted, decided: Decided, book: Book, now: datetime) -> Row:
    request, decision = accepted.request, decided.decision
    customer, site = book.customer(request.customer_number), decided.evidence.ruling.site
    zone = book.place(site).zone
    where = site or customer
    language = request.language or (customer.language if customer else "en")
    machine = decision.machine or request.machine
    products = {one.entitlement.product_id: one.entitlement.product_name for one in decided.evidence.standings}
    product = products.get(request.product_id or "") or request.product_id
    device = " ".join(part for part in (machine.type, machine.serial) if part) or product
    return {
        "number": accepted.number,
        "version": 1,
        "decided": 1,
        "kind": decision.kind,
        "status": decision.status,
        "milestone": decision.milestone,
        "outcome": decision.outcome,
        "service_level": decision.service_level,
        "queue": decision.queue,
        "missing": list(decision.missing),
        "channel": accepted.channel,
        "received_at": accepted.received_at,
        "submitter": accepted.submitter.model_dump(mode="json"),
        "customer_number": customer.number if customer else request.customer_number,
        "language": language,
        "timezone": zone.key if zone else customer.timezone if customer else "America/Toronto",
        "country": where.country if where else "CA",
        "province": where.province if where else None,
        "device": device,
        "machine_type": machine.type,
        "machine_serial": machine.serial,
        "external_id": request.external_id,
        "recipients": list(_recipients(request.contact.email, customer.email if customer else None, language)),
        "request": as_json(request),
        "clock_started": None,
        "respond_by": None,
        "clock_stopped": None,
        "pauses": [],
        "warned": 0,
        "resolved_at": None,
        "visit": None,
        "visit_status": None,
        "parcel": None,
        "parcel_status": None,
        "bill": None,
        "created_at": now,
        "updated_at": now,
    }


def _recipients(given: str | None, on_file: str | None, language: str) -> Iterator[Row]:
    if on_file is not None:
        yield {"email": on_file, "language": language, "full": True}
    if given is not None and given != on_file:
        yield {"email": given, "language": language, "full": False}


def _decision(life: Row, said: Row, decided: Decided, accepted: RequestAccepted, cause: Envelope, now: datetime) -> Row:
    return {
        "number": life["number"],
        "index": 1,
        "decided_at": now,
        "qualified_at": accepted.received_at,
        "by": "system",
        "cause": cause.id,
        "generation": GENERATION,
        "because": None,
        "entered": None,
        "request": life["request"],
        "decision": said,
        "evidence": evidence.to_json(decided.evidence),
    }


def _order(life: Row, decided: Decided, book: Book, now: datetime) -> Row:
    site, machine = decided.evidence.ruling.site, decided.decision.machine
    assert site is not None  # noqa: S101  # an onsite visit has a site and a machine
    assert machine is not None  # noqa: S101  # as above
    zone = book.place(site).zone
    place = {name: getattr(site, name) for name in ("site_id", "line1", "city", "postal_code", "country")}
    return {
        "id": f"WO-{life['number']}-1",
        "number": life["number"],
        "visit": 1,
        "version": 1,
        "queue": life["queue"],
        "status": "queued",
        "technician": None,
        "technician_name": None,
        "lease_until": None,
        "priority": 0,
        "service_level": life["service_level"],
        "respond_by": life["respond_by"],
        "machine_type": machine.type,
        "serial": machine.serial,
        "place": place | {"timezone": zone.key if zone else None},
        "opened_at": now,
        "happened_at": now,
        "updated_at": now,
        "done_at": None,
        "report": None,
    }


def _parcel(life: Row, depot: Depot, now: datetime) -> Row:
    return {
        "id": f"RA-{life['number']}-1",
        "number": life["number"],
        "version": 1,
        "depot": depot.depot,
        "address": {
            "name": depot.name,
            "line1": depot.line1,
            "city": depot.city,
            "postal_code": depot.postal_code,
        },
        "status": "issued",
        "machine_type": life["machine_type"],
        "serial": life["machine_serial"],
        "issued_at": now,
        "happened_at": now,
        "received_at": None,
        "done_at": None,
    }


def _case(life: Row, now: datetime) -> Row:
    return {
        "id": f"C-{life['number']}-1",
        "number": life["number"],
        "version": 1,
        "desk": life["queue"],
        "decision": 1,
        "priority": 0,
        "respond_by": life["respond_by"],
        "taken_by": None,
        "taken_name": None,
        "opened_at": now,
        "updated_at": now,
        "closed_at": None,
        "closed_as": None,
    }


def _timer(life: Row, subject: str, kind: str, due_at: datetime) -> Row:
    return {
        "number": life["number"],
        "subject": subject,
        "kind": kind,
        "due_at": due_at,
        "fired_at": None,
        "events": None,
    }


def _offered(order: Row, cause: Envelope, now: datetime) -> Told:
    body = {
        "work_order": order["id"],
        "version": 1,
        "number": order["number"],
        "queue": order["queue"],
        "occurred_at": instant(now),
        "technician": None,
        "reason": None,
        "service_level": order["service_level"],
        "respond_by": order["respond_by"] and instant(order["respond_by"]),
        "machine_type": order["machine_type"],
        "serial": order["serial"],
        "place": order["place"],
    }
    return _told("dispatch", "work-order.offered", order["queue"], order["id"], body, cause, now)


def _told_decided(life: Row, said: Row, cause: Envelope, policy: Policy, now: datetime) -> Told:
    asks = life["milestone"] is Milestone.INFORMATION_NEEDED
    legal = lifecycle.actions(
        life["status"],
        visit=life["visit_status"] and WorkOrderState(life["visit_status"]),
        parcel=life["parcel_status"] and ReturnState(life["parcel_status"]),
        resolved_at=None,
        now=now,
        reopen_days=policy.of(life["country"]).reopen_days,
    )
    standing = {
        "status": life["status"],
        "milestone": life["milestone"],
        "respond_by": life["respond_by"] and instant(life["respond_by"]),
        "missing": life["missing"] if asks else [],
        "actions": [action for action in legal if action is not Action.AMEND or asks],
        "visit": life["visit"],
        "parcel": life["parcel"],
        "bill": None,
        "waiting": None,
    }
    names = ("kind", "channel", "language", "timezone", "customer_number", "external_id", "device", "recipients")
    body = {
        "number": life["number"],
        "version": 1,
        "occurred_at": instant(now),
        "received_at": instant(life["received_at"]),
        "by": "system",
        **{name: life[name] for name in names},
        "submitter_known": True,
        "standing": standing,
        "command_id": None,
        "index": 1,
        "decision": said,
        "because": None,
        "undone": [],
    }
    return _told("request-status", "request.decided", life["number"], life["number"], body, cause, now)


def _told(
    topic: str, type_: str, key: str, subject: str, body: Mapping[str, Any], cause: Envelope, now: datetime
) -> Told:
    id_ = caused_id(cause.id, type_, subject, 1)
    envelope = Envelope(id_, type_, "/fixline/routing", subject, now, cause.correlation_id, cause.id, 1)
    headers = [[name, value.decode()] for name, value in encode(envelope, counter="version")]
    row = {
        "event_id": id_,
        "topic": topic,
        "key": key,
        "type": type_,
        "subject": subject,
        "ordinal": 1,
        "headers": headers,
        "created_at": now,
    }
    return Told(row, body)
