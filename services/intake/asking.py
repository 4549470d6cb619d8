"""What customers ask about a request they have: amend, cancel, reopen (docs/rules.md §10).

Intake records it, numbered per request by ``sequence``; routing answers with the next version or a refusal that names the
command. Whether it is possible is routing's to say, whether it is theirs is said here.
"""

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import insert, select, update

from schemas.request import ServiceRequest, parse_request
from schemas.service_requests import CancelRequested, Command, ReopenRequested, RequestAmended, Submitter
from schemas.vocabulary import Action, Channel
from services.intake.committer import Key
from services.intake.tables import IDEMPOTENCY, REQUESTS
from services.runtime.errors import Fault, Invalid, NotFound
from services.runtime.identity.owners import require_owner
from services.runtime.identity.principal import Customer, OneRequest, Principal, Resource, Staff, Token
from services.runtime.work import Work, Workshop


@dataclass(frozen=True, slots=True)
class Ask:
    """One command; ``changes`` for an amendment: the request's shape, of which only what is given counts."""

    action: Action
    number: str
    reason: str | None = None
    changes: ServiceRequest | None = None


def ask(work: Work, asked: Ask, who: Principal, channel: Channel, key: Key | None) -> str:
    """Record it and return its command id; under the same key the same again.

    Raises `NotFound` for a request that is not there or another's, `Invalid` for a key used with another body.
    """
    row = (
        work.connection.execute(select(REQUESTS).where(REQUESTS.c.number == asked.number).with_for_update())
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound
    require_owner(who, Resource(customer_number=row["customer_number"], number=asked.number))
    if key is not None and (known := _answered(work, key)) is not None:
        return known
    sequence = row["sequence"] + 1
    command_id = str(uuid4())
    work.connection.execute(update(REQUESTS).where(REQUESTS.c.number == asked.number).values(sequence=sequence))
    if key is not None:
        row_of_key = {"scope": key.scope, "key": key.key, "fingerprint": key.fingerprint}
        work.connection.execute(insert(IDEMPOTENCY).values(**row_of_key, answer=command_id, created_at=work.now))
    common = {
        "number": asked.number,
        "sequence": sequence,
        "submitter": _submitter(who),
        "channel": channel,
        "command_id": command_id,
        "asked_at": work.now.replace(microsecond=0),
    }
    work.emit(_message(asked, common, row["kind"]))
    return command_id


def kind_of(workshop: Workshop, number: str, who: Principal) -> str:
    """The kind of a request that this caller may see. Raises `NotFound`."""
    with workshop.database.reading() as connection:
        row = connection.execute(select(REQUESTS.c.kind, REQUESTS.c.customer_number).where(REQUESTS.c.number == number))
        found = row.one_or_none()
    if found is None:
        raise NotFound
    require_owner(who, Resource(customer_number=found.customer_number, number=number))
    return str(found.kind)


def original(workshop: Workshop, number: str, who: Principal) -> ServiceRequest:
    """A request that this caller may see, as it was accepted. Raises `NotFound`."""
    with workshop.database.reading() as connection:
        row = connection.execute(
            select(REQUESTS.c.request, REQUESTS.c.customer_number).where(REQUESTS.c.number == number)
        ).one_or_none()
    if row is None:
        raise NotFound
    require_owner(who, Resource(customer_number=row.customer_number, number=number))
    return parse_request(row.request)


def _message(asked: Ask, common: dict[str, object], kind: str) -> Command:
    match asked.action:
        case Action.CANCEL:
            return CancelRequested.model_validate({**common, "reason": asked.reason})
        case Action.REOPEN:
            return ReopenRequested.model_validate({**common, "reason": asked.reason})
        case _:
            changes = asked.changes or parse_request({"kind": kind})
            return RequestAmended.model_validate({**common, "changes": changes})


def _answered(work: Work, key: Key) -> str | None:
    """The command id given under this key before. The request's row is locked, so that no one is asking it just now."""
    table = IDEMPOTENCY.c
    found = work.connection.execute(
        select(table.answer, table.fingerprint).where(table.scope == key.scope, table.key == key.key)
    ).one_or_none()
    if found is None:
        return None
    if found.fingerprint != key.fingerprint:
        raise Invalid([Fault("Idempotency-Key", "idempotency_key_reused")])
    return str(found.answer)


def _submitter(who: Principal) -> Submitter:
    match who:
        case Staff():
            return Submitter(type="staff", id=who.username)
        case Customer():
            return Submitter(type="customer", id=who.customer_number, customer_number=who.customer_number)
        case Token():
            return Submitter(type="token", id=who.token_id)
        case OneRequest():
            return Submitter(type="request")
        case _:
            return Submitter(type="anonymous")
