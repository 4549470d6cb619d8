"""A customer signs in by a code sent to the address on file (docs/architecture.md, Identity).

10 minutes, 5 tries, another code after 30 seconds. What is answered, and how soon, is the same whether the address is
on file or not: who stands behind it is looked up, and the mail sent, after the answer. A code and not a link, because
mail scanners open links first.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

import aiosmtplib
import structlog
from sqlalchemy import ColumnElement, delete, insert, select, update

from schemas.vocabulary import Language
from services.intake.customers import Customers
from services.intake.one_time_code_words import CODE_MAIL
from services.intake.tables import ONE_TIME_CODES
from services.runtime.errors import Fault, Invalid, NotFound
from services.runtime.identity.codes import one_time_code, only_digits
from services.runtime.mail import MailServer, letter, post
from services.runtime.work import Work, Workshop

LIFE = timedelta(minutes=10)
TRIES = 5
AGAIN_AFTER = timedelta(seconds=30)

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A code that somebody asked for: the page's id, the address, and the code, which only the mail may hold."""

    id: str
    address: str
    code: str


@dataclass(frozen=True)
class Post:
    """Sends codes: to whom, routing says. ``server`` None: no mail can be sent, so nobody can sign in by code."""

    workshop: Workshop
    customers: Customers
    server: MailServer | None
    sender: str

    def deliver(self, asked: Asked, language: Language) -> None:
        """After the answer. Never raises: who gets no code asks again."""
        try:
            numbers = self.customers.at_address(asked.address)
            if numbers is None or self.server is None:
                logger.warning(
                    "one-time-code.not-sent", why="no mail server" if self.server is None else "routing away"
                )
                return
            if not numbers:
                return
            with self.workshop.begin(origin=asked.id) as work:
                known = {"customers": sorted(numbers)}
                work.connection.execute(update(ONE_TIME_CODES).where(ONE_TIME_CODES.c.id == asked.id).values(known))
                message = code_mail(asked, self.sender, language, work.now)
            post(self.server, message)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            logger.warning("one-time-code.not-sent", why=type(error).__name__)


def ask(work: Work, address: str, draw: Callable[[], str] = one_time_code) -> Asked:
    """A new code for an address, on file or not."""
    asked = Asked(secrets.token_urlsafe(16), address, draw())
    work.connection.execute(
        insert(ONE_TIME_CODES).values(
            id=asked.id,
            address=address,
            code=_hash(asked.id, asked.code),
            customers=[],
            tries=0,
            asked_at=work.now,
        )
    )
    return asked


def address_of(work: Work, asked_id: str) -> str:
    """To whom another code may go. Raises `NotFound` when the page is too old, `Invalid` (``code_too_soon``)."""
    row = work.connection.execute(select(ONE_TIME_CODES).where(ONE_TIME_CODES.c.id == asked_id)).one_or_none()
    if row is None or work.now - row.asked_at > LIFE:
        raise NotFound
    if work.now - row.asked_at < AGAIN_AFTER:
        raise Invalid([Fault("code", "code_too_soon", {"seconds": int(AGAIN_AFTER.total_seconds())})])
    return str(row.address)


def redeem(work: Work, asked_id: str, typed: str, wanted: str) -> str | tuple[str, ...] | Fault:
    """The customer that the right code proves; several, when the address is theirs and `wanted` is none of them; or why not.

    A wrong try must count, so nothing is raised: the caller's transaction commits in any case.
    """
    good = _good(work, asked_id)
    row = work.connection.execute(
        update(ONE_TIME_CODES)
        .where(*good)
        .values(tries=ONE_TIME_CODES.c.tries + 1)
        .returning(ONE_TIME_CODES.c.code, ONE_TIME_CODES.c.customers)
    ).one_or_none()
    if row is None:
        return Fault("code", "code_over")
    if not hmac.compare_digest(row.code, _hash(asked_id, only_digits(typed))) or not row.customers:
        return Fault("code", "code_wrong")
    customers: tuple[str, ...] = tuple(row.customers)
    proved = wanted if wanted in customers else customers[0] if len(customers) == 1 else None
    if proved is None:
        return customers
    work.connection.execute(delete(ONE_TIME_CODES).where(ONE_TIME_CODES.c.id == asked_id))
    return proved


def sweep_codes(work: Work) -> int:
    """Forget those that nobody can use any more; how many."""
    return work.connection.execute(delete(ONE_TIME_CODES).where(ONE_TIME_CODES.c.asked_at < work.now - LIFE)).rowcount


def code_mail(asked: Asked, sender: str, language: Language, at: datetime) -> EmailMessage:
    """The code opens the subject, so that it is read without opening the mail."""
    minutes = int(LIFE.total_seconds()) // 60
    return letter(
        sender=sender,
        to=asked.address,
        subject=CODE_MAIL["subject"].text(language).format(code=asked.code),
        text=CODE_MAIL["text"].text(language).format(code=asked.code, minutes=minutes),
        language=language,
        at=at,
        message_id=asked.id,
    )


def _good(work: Work, asked_id: str) -> tuple[ColumnElement[bool], ...]:
    """Young enough, and not tried too often."""
    table = ONE_TIME_CODES.c
    return table.id == asked_id, table.asked_at > work.now - LIFE, table.tries < TRIES


def _hash(asked_id: str, code: str) -> bytes:
    return hashlib.sha256(f"{asked_id}:{code}".encode()).digest()
