"""Group commit: concurrent submissions share one transaction, and each caller is answered after COMMIT.

One bad submission never fails its neighbours: a group that cannot be committed whole is tried one by one. Repeats inside
the group fold into the first. Keys are inserted sorted, so that two groups never lock each other dead.

What cannot be committed in time is turned away before it is tried, and so certainly not accepted: when too many wait, when it
has waited too long, when the outbox is too far ahead of Kafka (docs/operations.md, Overload).
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import delete, select, tuple_
from sqlalchemy.exc import IntegrityError

from schemas.request import as_json
from schemas.service_requests import RequestAccepted
from schemas.topics import MAX_MESSAGE_BYTES
from services.intake.admission import Admitted
from services.intake.numbers import draw_number
from services.intake.tables import IDEMPOTENCY, REQUESTS
from services.runtime import metrics
from services.runtime.errors import Fault, Invalid, Unavailable
from services.runtime.failures import is_transient
from services.runtime.rows import insert_rows
from services.runtime.work import TooLarge, Work, Workshop

logger = structlog.get_logger(__name__)

#: More submissions than this waiting means that we cannot keep up: new ones are turned away before they harm old ones.
MOST_WAITING = 2_000
#: Seconds that one may wait for its turn; by then its caller has given up or soon will.
PATIENCE = 10.0
_GROUP = 200
#: Seconds that a group waits for more, where the last one had company: a COMMIT for ten costs little more than for one.
_COMPANY = 0.003
#: Seconds after a COMMIT that failed for which this process says that it is not ready.
_UNREADY = 10.0

#: How long the answer given under an idempotency key is given again.
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Key:
    """An idempotency key: ``scope`` is principal, channel and operation; the fingerprint is SHA-256 of the canonical body."""

    scope: str
    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """``repeated``: the answer had been given before, under the same key."""

    number: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    admitted: Admitted
    key: Key | None
    correlation_id: str
    answer: "Future[Accepted]" = field(default_factory=Future)
    since: float = field(default_factory=time.monotonic)


class Collision(Exception):
    """A number that was drawn is taken: draw again."""


@dataclass
class Committer:
    """Takes submissions from any thread; one thread of its own commits them. ``draw`` makes request numbers.

    ``most_waiting`` and ``patience`` (seconds): how many may wait, and how long. ``full``: why nothing may be taken now.
    """

    workshop: Workshop
    draw: Callable[[], str] = draw_number
    most_waiting: int = MOST_WAITING
    patience: float = PATIENCE
    full: Callable[[], Unavailable | None] = lambda: None
    _waiting: "queue.Queue[Submission | None]" = field(init=False)
    _thread: threading.Thread | None = None
    _failed_at: float | None = None
    _crowded: bool = False  # the last group was of more than one

    def __post_init__(self) -> None:
        self._waiting = queue.Queue(self.most_waiting)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="committer")
        self._thread.start()

    def stop(self) -> None:
        """What is waiting is committed first."""
        self._waiting.put(None)
        if self._thread:
            self._thread.join(timeout=30)

    def submit(self, admitted: Admitted, key: Key | None, correlation_id: str) -> "Future[Accepted]":
        """The answer follows COMMIT. Raises `Unavailable` at once when too many wait.

        The future raises `Invalid` (``idempotency_key_reused``) for a key that was used with another body, and
        `Unavailable` when the database is away.
        """
        submission = Submission(admitted, key, correlation_id)
        try:
            self._waiting.put_nowait(submission)
        except queue.Full:
            raise Unavailable(2, "overloaded") from None
        return submission.answer

    def why_unready(self) -> str | None:
        """None: submissions are committed. A COMMIT that failed is forgotten after a while: only traffic tries again."""
        if self._failed_at is not None and time.monotonic() - self._failed_at < _UNREADY:
            return "the last submissions could not be committed"
        return None

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            group, last = self._gather(first)
            self._crowded = len(group) > 1
            self.commit(group)
            if last:
                return

    def _gather(self, first: Submission) -> tuple[list[Submission], bool]:
        """Everything that waits by now. Who comes alone is not kept waiting."""
        group = [first]
        if self._crowded:
            time.sleep(_COMPANY)
        while len(group) < _GROUP:
            try:
                submission = self._waiting.get_nowait()
            except queue.Empty:
                break
            if submission is None:
                return group, True
            group.append(submission)
        return group, False

    def commit(self, group: Sequence[Submission]) -> None:
        """Commit a group and answer each of it. Never raises: what fails is answered with its failure."""
        # A caller who hung up while waiting is not asked again; from here on nobody can take the question back.
        asked = [one for one in group if one.answer.set_running_or_notify_cancel()]
        late = time.monotonic() - self.patience
        self._refuse([one for one in asked if one.since < late], Unavailable(5, "overloaded"))
        self._commit([one for one in asked if one.since >= late])

    def _refuse(self, group: Sequence[Submission], refusal: Unavailable) -> None:
        for submission in group:
            submission.answer.set_exception(refusal)

    def _commit(self, group: Sequence[Submission]) -> None:
        if not group:
            return
        try:
            if (refusal := self.full()) is not None:
                self._refuse(group, refusal)
                return
            answers = self._attempt(group)
            self._failed_at = None
        except Exception as error:
            if is_transient(error):
                self._failed_at = time.monotonic()
            if len(group) > 1 and not is_transient(error):
                for submission in group:
                    self._commit([submission])
                return
            for submission in group:
                submission.answer.set_exception(_said(error))
            return
        for submission, answer in zip(group, answers, strict=True):
            if isinstance(answer, Accepted):
                _count(submission, answer)
                submission.answer.set_result(answer)
            else:
                submission.answer.set_exception(answer)

    def _attempt(self, group: Sequence[Submission]) -> list[Accepted | Invalid]:
        for _ in range(5):
            try:
                with self.workshop.begin(origin=str(uuid4())) as work:
                    return _accept(work, group, self.draw)
            except (Collision, IntegrityError):  # of a number that is taken the table knows
                continue
        raise Collision("no free request number in five draws")


def _accept(work: Work, group: Sequence[Submission], draw: Callable[[], str]) -> list[Accepted | Invalid]:
    """One transaction: keys, then requests, then their events."""
    drawn = [draw() for _ in group]
    known = _claim(work, group, drawn)
    answers: list[Accepted | Invalid] = []
    fresh: list[tuple[Submission, str]] = []
    for submission, number in zip(group, drawn, strict=True):
        held = known.get((submission.key.scope, submission.key.key)) if submission.key else None
        if held is None or submission.key is None or held[0] == number:
            fresh.append((submission, number))
            answers.append(Accepted(number))
        elif held[1] == submission.key.fingerprint:
            answers.append(Accepted(held[0], repeated=True))
        else:
            answers.append(Invalid([Fault("Idempotency-Key", "idempotency_key_reused")]))
    _store(work, fresh)
    return answers


def _claim(work: Work, group: Sequence[Submission], drawn: Sequence[str]) -> dict[tuple[str, str], tuple[str, bytes]]:
    """Put each key's first submission down, and return for every key the number and fingerprint that hold it.

    Another process that holds a key in an open transaction is waited for: a repeat in flight waits for the first.
    """
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for submission, number in zip(group, drawn, strict=True):
        if submission.key:
            row = {"fingerprint": submission.key.fingerprint, "answer": number, "created_at": work.now}
            first.setdefault((submission.key.scope, submission.key.key), row)
    if not first:
        return {}
    rows = [{"scope": scope, "key": key, **first[scope, key]} for scope, key in sorted(first)]
    insert_rows(work.connection, IDEMPOTENCY, rows, ignore=True)
    table = IDEMPOTENCY.c
    found = work.connection.execute(
        select(table.scope, table.key, table.answer, table.fingerprint).where(tuple_(table.scope, table.key).in_(first))
    )
    return {(row.scope, row.key): (row.answer, row.fingerprint) for row in found}


def _store(work: Work, fresh: Sequence[tuple[Submission, str]]) -> None:
    if not fresh:
        return
    received_at = work.now.replace(microsecond=0)
    numbers = [number for _, number in fresh]
    if len(set(numbers)) < len(numbers):
        raise Collision
    for submission, number in fresh:
        work.correlation_id = submission.correlation_id
        work.emit(
            RequestAccepted(
                number=number,
                sequence=0,
                submitter=submission.admitted.submitter,
                channel=submission.admitted.channel,
                received_at=received_at,
                request=submission.admitted.request,
            )
        )
    rows = [_row(submission, number, received_at) for submission, number in fresh]
    work.put_off(lambda connection: insert_rows(connection, REQUESTS, rows))


def _row(submission: Submission, number: str, received_at: datetime) -> dict[str, Any]:
    admitted = submission.admitted
    return {
        "number": number,
        "sequence": 0,
        "channel": admitted.channel.value,
        "kind": admitted.request.kind.value,
        "language": admitted.request.language,
        "submitter_type": admitted.submitter.type,
        "submitter_id": admitted.submitter.id,
        "customer_number": admitted.submitter.customer_number,
        "request": as_json(admitted.request),
        "received_at": received_at,
    }


def _said(error: Exception) -> Exception:
    """What the caller is told; a bug is logged whole and told as one."""
    if isinstance(error, TooLarge):
        return Invalid([Fault("", "too_large", {"kib": MAX_MESSAGE_BYTES // 1024})], status=413, code="too_large")
    if is_transient(error) or isinstance(error, Collision):
        logger.warning("intake.commit-failed", error=type(error).__name__)
        return Unavailable(5)
    logger.error("intake.commit-bug", exc_info=error)
    return error


def _count(submission: Submission, answer: Accepted) -> None:
    if not answer.repeated:
        admitted = submission.admitted
        metrics.REQUESTS_ACCEPTED.labels(admitted.channel.value, admitted.request.kind.value).inc()


def sweep_keys(work: Work) -> int:
    """Forget answers that were given more than a week ago; how many."""
    return work.connection.execute(delete(IDEMPOTENCY).where(IDEMPOTENCY.c.created_at < work.now - KEPT)).rowcount
