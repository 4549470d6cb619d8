"""Half-filled forms: kept on the server for a day, under a random id in the address, shown to the browser that began them.

The cookie holds a secret, the table its hash: whoever learns an address learns nothing. Two tabs are two drafts.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, select, update
from starlette.requests import Request
from starlette.responses import Response

from services.intake.tables import DRAFTS
from services.runtime.work import Work, Workshop

LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Draft:
    """``number`` once it was sent."""

    id: str
    answers: Mapping[str, str]
    number: str | None = None


@dataclass(frozen=True)
class DraftCookie:
    """The secret that binds drafts to a browser."""

    secure: bool

    @property
    def name(self) -> str:
        return "__Host-fixline_draft" if self.secure else "fixline_draft"

    def owner(self, request: Request) -> bytes | None:
        """The hash of this browser's secret; None when it has none."""
        secret = request.cookies.get(self.name, "")
        return _hash(secret) if 20 <= len(secret) <= 100 else None

    def give(self, response: Response) -> bytes:
        """A new secret for a browser without one; its hash."""
        secret = secrets.token_urlsafe(32)
        age = int(LIFE.total_seconds()) * 2  # a draft begun late in the cookie's life still has its day
        response.set_cookie(self.name, secret, max_age=age, path="/", secure=self.secure, httponly=True, samesite="lax")
        return _hash(secret)


def begin(work: Work, owner: bytes, answers: Mapping[str, str]) -> str:
    """A new draft's id."""
    draft_id = secrets.token_urlsafe(16)
    work.connection.execute(
        insert(DRAFTS).values(id=draft_id, owner=owner, answers=dict(answers), expires_at=work.now + LIFE)
    )
    return draft_id


def find(workshop: Workshop, draft_id: str, owner: bytes | None) -> Draft | None:
    """The draft, if it is this browser's and younger than a day."""
    if owner is None:
        return None
    columns = DRAFTS.c
    with workshop.database.reading() as connection:
        row = connection.execute(
            select(columns.id, columns.answers, columns.number).where(
                columns.id == draft_id, columns.owner == owner, columns.expires_at > workshop.clock.read()
            )
        ).one_or_none()
    return None if row is None else Draft(row.id, row.answers, row.number)


def keep(work: Work, draft_id: str, answers: Mapping[str, str]) -> None:
    """Put its answers down; not of one that was sent meanwhile."""
    unsent = (DRAFTS.c.id == draft_id, DRAFTS.c.number.is_(None))
    work.connection.execute(update(DRAFTS).where(*unsent).values(answers=dict(answers)))


def sent(work: Work, draft_id: str, number: str) -> None:
    """It became this request."""
    work.connection.execute(update(DRAFTS).where(DRAFTS.c.id == draft_id).values(number=number))


def sweep_drafts(work: Work) -> int:
    """Forget those older than a day; how many."""
    return work.connection.execute(delete(DRAFTS).where(DRAFTS.c.expires_at < work.now)).rowcount


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
