"""What happens to each event of `service-requests`: load, decide, save and tell, one function a type.

The runtime has dropped repeats, locked the requests and cut the batch so that each request comes once. Statements are
the same few for 1 event or for 500.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection

from schemas.decision import Decision
from schemas.request import InvalidRequest, ServiceRequest, as_json, parse_request
from schemas.service_requests import CancelRequested, Command, ReopenRequested, RequestAccepted, RequestAmended
from schemas.vocabulary import Action, Channel, Milestone, ReturnState, Status, WorkOrderState
from services.routing import decisions, requests, store, waits
from services.routing.amending import amended
from services.routing.decisions import Judge, Judged, OpenWork
from services.routing.entered import from_json
from services.routing.facts import Asked, Facts
from services.routing.gathered import Gathered
from services.routing.queues import tell_queues
from services.routing.requests import Cause, Life
from services.routing.store import Writes
from services.runtime import metrics
from services.runtime.consumer import Handler
from services.runtime.failures import InvalidEvent
from services.runtime.log import Event
from services.runtime.work import Work

logger = structlog.get_logger()

C = TypeVar("C", bound=Command)


def handlers(by: Judge) -> dict[str, Handler]:
    """A handler for each type that routing acts on."""
    table: dict[str, Callable[..., None]] = {
        RequestAccepted.TYPE: on_accepted,
        RequestAmended.TYPE: on_amended,
        CancelRequested.TYPE: on_cancel_requested,
        ReopenRequested.TYPE: on_reopen_requested,
    }
    return {type_: partial(handler, by) for type_, handler in table.items()}


def look(by: Judge, connection: Connection, events: Sequence[Event[Any]]) -> Callable[[], Gathered | None]:
    """Asks for the contract data of what was accepted in a batch. The answer as with `database.ask`."""
    accepted = [event for event in events if isinstance(event.data, RequestAccepted)]
    return by.facts.ask(connection, _asked(accepted)) if accepted else lambda: None


def on_accepted(by: Judge, work: Work, events: Sequence[Event[RequestAccepted]]) -> None:
    """Decide what intake accepted; offer, issue or queue what the decision asks for.

    An acceptance behind which a cancellation waits already is decided and told, but nothing is begun: a request that
    was cancelled while its acceptance lay in quarantine is never dispatched.
    """
    _refuse_twins(work, [event.key for event in events])
    facts = by.facts.load(work.connection, _asked(events), found=work.looked)
    writes, log = Writes(), logger.bind()
    made: list[tuple[Judged, datetime]] = []
    for event in events:
        said, cause = event.data, Cause(envelope=event.envelope)
        judged = _judged(by, facts, said.request, said.channel, said.received_at)
        life = decisions.begin(said, judged, work.now)
        decisions.keep(work, writes, life, judged, by="system", cause=event.id)
        if CancelRequested.TYPE not in event.behind:
            decisions.follow(work, writes, life, judged, by.policy, cause)
        requests.arrive(work, writes, life, by.policy)
        requests.decided(work, life, by.policy, judged.decision, cause)
        writes.begin(life)
        made.append((judged, said.received_at))
        log.info("request.decided", number=life.number, outcome=life.outcome.value, rule=judged.decision.rule)
    work.put_off(writes.flush)
    _count(work, made)


def on_amended(by: Judge, work: Work, events: Sequence[Event[RequestAmended]]) -> None:
    """The missing fields: decided again as of the day of receipt; the clock starts with what completed the request. Where
    somebody asked something, the answer: the clock goes on."""
    lives = _lives(work, events)
    waiting = [number for number, life in lives.items() if life.milestone is Milestone.WAITING_FOR_CUSTOMER]
    under_way = decisions.open_work(work.connection, waiting)
    writes, told = Writes(), list[str]()
    legal: list[tuple[Event[RequestAmended], ServiceRequest]] = []
    for event in events:
        life = lives[event.key]
        if life.milestone is Milestone.WAITING_FOR_CUSTOMER:
            told += _answered(by, work, writes, life, under_way, event)
            continue
        changed = _amended(by, work, writes, life, event)
        if changed is not None:
            legal.append((event, changed))
    facts = by.facts.load(work.connection, [Asked(changed, lives[event.key].received_at) for event, changed in legal])
    in_force = store.in_force(work.connection, [event.key for event, _ in legal])
    made: list[tuple[Judged, datetime]] = []
    for event, changed in legal:
        life, known = lives[event.key], in_force[event.key]["entered"]
        judge, about = by, facts
        if known is not None:  # what a person entered for this request alone
            said = from_json(known)
            judge = replace(by, classify=said.reader(by.classify))
            about = by.facts.load(work.connection, [Asked(changed, life.received_at)], said)
        judged = _judged(judge, about, changed, life.channel, life.received_at, event.data.asked_at)
        decisions.adopt(life, judged)
        decisions.keep(work, writes, life, judged, by="system", cause=event.id, entered=known)
        if CancelRequested.TYPE not in event.behind:
            decisions.follow(work, writes, life, judged, by.policy, _cause(event))
        requests.redecided(work, writes, life, by.policy, judged.decision, _cause(event))
        made.append((judged, event.data.asked_at))
        logger.info("request.decided", number=life.number, outcome=life.outcome.value, rule=judged.decision.rule)
    writes.flush(work.connection)
    tell_queues(work, told)
    _count(work, made)


def on_cancel_requested(by: Judge, work: Work, events: Sequence[Event[CancelRequested]]) -> None:
    """The customer wants it no more: nobody comes, no parcel is awaited, no desk has it."""
    lives = _lives(work, events)
    under_way = decisions.open_work(work.connection, list(lives))
    writes = Writes()
    for event in events:
        life = lives[event.key]
        if Action.CANCEL not in requests.actions(life, by.policy, work.now):
            requests.refuse(work, writes, life, by.policy, Action.CANCEL, why_not(life), _cause(event))
            continue
        decisions.take_back(work, writes, life, under_way, _cause(event), "cancelled")
        requests.move(
            work,
            writes,
            life,
            by.policy,
            Status.CANCELLED,
            Milestone.CANCELLED,
            _cause(event),
            reason=event.data.reason,
        )
    writes.flush(work.connection)
    tell_queues(work, under_way.queues)


def on_reopen_requested(by: Judge, work: Work, events: Sequence[Event[ReopenRequested]]) -> None:
    """It was not resolved after all: the work that the decision asked for begins again."""
    lives = _lives(work, events)
    reference = by.facts.reference(work.connection)
    last = store.last_decisions(work.connection, list(lives))
    writes = Writes()
    for event in events:
        life = lives[event.key]
        if Action.REOPEN not in requests.actions(life, by.policy, event.data.asked_at):
            requests.refuse(work, writes, life, by.policy, Action.REOPEN, why_not(life), _cause(event))
            continue
        decision = Decision.from_json(last[event.key])
        life.milestone = Milestone.REOPENED
        at = decisions.begin_again(work, writes, life, decision, by.policy, reference, _cause(event))
        requests.move(work, writes, life, by.policy, *at, _cause(event), reason="reopened")
    writes.flush(work.connection)
    tell_queues(work, [life.queue for life in lives.values() if life.queue is not None])


def why_not(life: Life) -> str:
    """Why a command is refused where the request stands: a stable code, said in the customer's words by the notifier."""
    if life.status in (Status.CANCELLED, Status.CLOSED, Status.REJECTED):
        return f"already_{life.status.value}"
    if life.status is Status.RESOLVED:
        return "already_resolved"
    if life.visit_status is WorkOrderState.EN_ROUTE:
        return "technician_on_the_way"
    if life.visit_status is WorkOrderState.ON_SITE:
        return "technician_on_site"
    if life.parcel_status not in (None, ReturnState.ISSUED):
        return "package_on_its_way"
    return "not_resolved"


def _judged(
    by: Judge,
    facts: Facts,
    request: ServiceRequest,
    channel: Channel,
    received_at: datetime,
    qualified_at: datetime | None = None,
) -> Judged:
    try:
        return decisions.judge(by, facts, request, channel, received_at, qualified_at)
    except InvalidRequest as error:  # intake lets none through; a person mends what came another way
        raise InvalidEvent("request", ", ".join(f"{wrong.path}: {wrong.code}" for wrong in error.errors)) from error


def _asked(events: Sequence[Event[RequestAccepted]]) -> list[Asked]:
    return [Asked(event.data.request, event.data.received_at) for event in events]


def _refuse_twins(work: Work, numbers: Sequence[str]) -> None:
    for number in numbers:
        if number in work.locked:
            raise InvalidEvent("accepted-twice", f"{number} was accepted before under another event id")


def _lives(work: Work, events: Sequence[Event[C]]) -> dict[str, Life]:
    """The requests that commands are about, which the runtime has locked."""
    lives = store.by_keys(work.connection, Life, [event.key for event in events])
    for event in events:
        if event.key not in lives:
            raise InvalidEvent("unknown-request", f"{event.key} was never accepted")
    return lives


def _cause(event: Event[C]) -> Cause:
    return Cause(by="customer", envelope=event.envelope, command_id=event.data.command_id)


def _amended(by: Judge, work: Work, writes: Writes, life: Life, event: Event[RequestAmended]) -> ServiceRequest | None:
    """The request with the changes; None: refused, and told so."""
    reason = why_not(life) if life.status in (Status.CANCELLED, Status.CLOSED, Status.REJECTED) else "nothing_is_asked"
    if Action.AMEND in requests.actions(life, by.policy, work.now):
        try:
            return amended(life.asked, event.data.changes)
        except InvalidRequest:
            reason = "not_readable"
    requests.refuse(work, writes, life, by.policy, Action.AMEND, reason, _cause(event))
    return None


def _answered(
    by: Judge, work: Work, writes: Writes, life: Life, under_way: OpenWork, event: Event[RequestAmended]
) -> list[str]:
    """The queues to tell of an answer; none: refused, and told so. An answer is words: fields would need another decision."""
    changes = event.data.changes
    words_alone = as_json(changes) | {"text": None} == as_json(parse_request({"kind": changes.kind}))
    told: list[str] = []
    if changes.text is not None and words_alone:
        told = waits.customer_answered(work, writes, by, life, under_way, changes.text, _cause(event))
    if not told:
        reason = "nothing_is_asked" if changes.text is not None and words_alone else "answer_in_words"
        requests.refuse(work, writes, life, by.policy, Action.AMEND, reason, _cause(event))
    return told


def _count(work: Work, made: Sequence[tuple[Judged, datetime]]) -> None:
    """Metrics of what was decided, and a signal to who looks at the queues that got something."""
    sorts = Counter((judged.decision.outcome.value, (judged.decision.service_level or "none")) for judged, _ in made)
    for (outcome, level), number in sorts.items():
        metrics.DECISIONS.labels(outcome, level).inc(number)
    for _, asked_at in made:
        metrics.DECISION_AGE.observe(max(0.0, (work.now - asked_at).total_seconds()))
    tell_queues(work, [judged.decision.queue for judged, _ in made if judged.decision.queue is not None])
