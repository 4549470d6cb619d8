"""Accounts: staff with passwords, programs with tokens (docs/architecture.md, Identity).

Other services verify a cookie by key alone; that an account was disabled since, they learn by its session version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import RowMapping, insert, select, update

from schemas.vocabulary import Role, Scope
from services.intake.tables import STAFF, TOKENS
from services.runtime.errors import Conflict, NotFound
from services.runtime.identity.codes import new_token, token_hash
from services.runtime.identity.cookies import Session
from services.runtime.identity.directories import Remembered
from services.runtime.identity.passwords import hash_password, needs_rehash, password_matches
from services.runtime.identity.principal import Customer, Staff, Token
from services.runtime.work import Work, Workshop

#: A customer has no account row: whoever receives the code at the address on file is the customer.
_CUSTOMER_SESSION = 1


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """One member of staff, without the password."""

    username: str
    name: str
    roles: tuple[Role, ...]
    queues: tuple[str, ...]
    disabled: bool


@dataclass(frozen=True, slots=True)
class TokenAccount:
    """One API token, without its secret."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    customers: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None


class Tokens:
    """`TokenDirectory` over intake's tables. A program that sends hundreds of requests a second is looked up twice a second."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._remembered = Remembered(self._ask, known_for=1.0)

    def find(self, token_sha256: bytes) -> Token | None:
        return self._remembered.get(token_sha256.hex())

    def recent(self, token_sha256: bytes) -> Token | None:
        return self._remembered.recent(token_sha256.hex())

    def _ask(self, token_sha256: str) -> Token | None:
        with self._workshop.database.reading() as connection:
            hashed = bytes.fromhex(token_sha256)
            query = select(TOKENS).where(TOKENS.c.sha256 == hashed, TOKENS.c.revoked_at.is_(None))
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        scopes = frozenset(Scope(scope) for scope in row["scopes"])
        return Token(token_id=row["id"], scopes=scopes, customers=frozenset(row["customers"]))


@dataclass(frozen=True)
class Sessions:
    """`SessionDirectory` over intake's tables."""

    workshop: Workshop

    def version(self, account: str) -> int | None:
        sort, _, name = account.partition(":")
        if sort == "customer":
            return _CUSTOMER_SESSION
        with self.workshop.database.reading() as connection:
            row = connection.execute(
                select(STAFF.c.session_version).where(STAFF.c.username == name, STAFF.c.disabled.is_(False))
            ).one_or_none()
        return None if row is None else int(row.session_version)


def customer_session(customer_number: str) -> Session:
    """Of a customer who has proved the address on file."""
    return Session(Customer(customer_number), _CUSTOMER_SESSION)


def sign_in(workshop: Workshop, username: str, password: str) -> Session | None:
    """The session of someone who knows the password; None otherwise, after the same work for an unknown name."""
    with workshop.database.reading() as connection:
        row = connection.execute(select(STAFF).where(STAFF.c.username == username)).mappings().one_or_none()
    usable = row is not None and not row["disabled"]
    if not password_matches(row["password_hash"] if row is not None and usable else None, password) or row is None:
        return None
    if needs_rehash(row["password_hash"]):
        with workshop.database.transaction() as connection:
            renewed = {"password_hash": hash_password(password)}
            connection.execute(update(STAFF).where(STAFF.c.username == username).values(**renewed))
    return Session(_principal(row), row["session_version"])


def add_staff(
    work: Work, *, username: str, name: str, password: str, roles: Sequence[Role], queues: Sequence[str]
) -> None:
    """Raises `Conflict` (``username_taken``), `ValueError` for a password that cannot be one."""
    if work.connection.execute(select(STAFF.c.username).where(STAFF.c.username == username)).first():
        raise Conflict("username_taken", username=username)
    work.connection.execute(
        insert(STAFF).values(
            username=username,
            name=name,
            password_hash=hash_password(password),
            roles=sorted(roles),
            queues=sorted(queues),
            session_version=1,
            disabled=False,
            created_at=work.now,
        )
    )


def disable_staff(work: Work, username: str) -> None:
    """No sign-in from now on, and open sessions die within a minute. Raises `NotFound`."""
    changed = work.connection.execute(
        update(STAFF)
        .where(STAFF.c.username == username)
        .values(disabled=True, session_version=STAFF.c.session_version + 1)
    )
    if changed.rowcount == 0:
        raise NotFound


def list_staff(workshop: Workshop) -> list[StaffAccount]:
    with workshop.database.reading() as connection:
        rows = connection.execute(select(STAFF).order_by(STAFF.c.username)).mappings()
        return [
            StaffAccount(
                username=row["username"],
                name=row["name"],
                roles=tuple(Role(role) for role in row["roles"]),
                queues=tuple(row["queues"]),
                disabled=row["disabled"],
            )
            for row in rows
        ]


def create_token(work: Work, *, name: str, scopes: Sequence[Scope], customers: Sequence[str]) -> tuple[str, str]:
    """The new token's id and its secret, which is shown this once and kept nowhere."""
    id_, secret = uuid4().hex[:12], new_token()
    work.connection.execute(
        insert(TOKENS).values(
            id=id_,
            name=name,
            sha256=token_hash(secret),
            scopes=sorted(scopes),
            customers=sorted(customers),
            created_at=work.now,
        )
    )
    return id_, secret


def revoke_token(work: Work, id_: str) -> None:
    """It is refused within a second; by the other services within a minute. Raises `NotFound`."""
    still_good = (TOKENS.c.id == id_, TOKENS.c.revoked_at.is_(None))
    if work.connection.execute(update(TOKENS).where(*still_good).values(revoked_at=work.now)).rowcount == 0:
        raise NotFound


def list_tokens(workshop: Workshop) -> list[TokenAccount]:
    with workshop.database.reading() as connection:
        rows = connection.execute(select(TOKENS).order_by(TOKENS.c.created_at)).mappings()
        return [
            TokenAccount(
                id=row["id"],
                name=row["name"],
                scopes=tuple(Scope(scope) for scope in row["scopes"]),
                customers=tuple(row["customers"]),
                created_at=row["created_at"],
                revoked_at=row["revoked_at"],
            )
            for row in rows
        ]


def _principal(row: RowMapping) -> Staff:
    return Staff(
        username=row["username"],
        name=row["name"],
        roles=frozenset(Role(role) for role in row["roles"]),
        queues=frozenset(row["queues"]),
    )
