"""What routing's pages and addresses share: a unit of work for each call, and who may do what."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

from fastapi import Header
from sqlalchemy import Connection
from starlette.requests import Request

from schemas.vocabulary import Role, Scope
from services.routing.decisions import Judge
from services.routing.rules.facts import Areas
from services.routing.rules.policy import Policy
from services.runtime.identity.access import staff, token
from services.runtime.identity.owners import EVERYWHERE
from services.runtime.identity.principal import Principal, Staff, Token
from services.runtime.web.pages import Pages
from services.runtime.web.problems import correlation_id
from services.runtime.web.signal import Signals
from services.runtime.work import Work, Workshop

#: A call's own name: the same call sent again is not done again.
IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]

#: Signal inside the process: any queue changed; who looks at several listens here.
ALL_QUEUES = "queues"

TECHNICIANS = staff(Role.TECHNICIAN)
DISPATCHERS = staff(Role.DESK, Role.OPS)
DESKS = staff(Role.DESK, Role.OPS)
BENCH = staff(Role.DEPOT, Role.OPS)
AGENTS = staff(Role.AGENT, Role.DESK, Role.OPS)
QUEUE_READERS = staff(Role.TECHNICIAN, Role.AGENT, Role.DESK, Role.OPS)
QUEUE_TOKENS = token(Scope.QUEUES_READ)
WORK_TOKENS = token(Scope.WORK_ORDERS_WRITE)


@dataclass(frozen=True)
class Edge:
    """What an endpoint needs."""

    workshop: Workshop
    judge: Judge
    pages: Pages
    signals: Signals

    @property
    def policy(self) -> Policy:
        return self.judge.policy

    @contextmanager
    def unit(self, request: Request) -> Iterator[Work]:
        """One transaction for one call; what it emits is tied to the call."""
        with self.workshop.begin(origin=str(uuid4()), correlation_id=correlation_id(request) or None) as work:
            yield work

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.workshop.database.reading() as connection:
            yield connection

    def areas(self, connection: Connection) -> Areas:
        return self.judge.facts.reference(connection).areas


def queue_channel(queue: str) -> str:
    """Signal inside the process: this queue changed."""
    return f"queue:{queue}"


def customers_of(principal: Principal) -> frozenset[str] | None:
    """The customers whose work a caller may see; None: all of it, as far as the queue is theirs."""
    return principal.customers if isinstance(principal, Token) else None


def sees_queue(principal: Principal, queue: str) -> bool:
    """Whether a caller may look into a queue at all; a program sees its own customers' work in any."""
    match principal:
        case Staff():
            return principal.has(*EVERYWHERE) or principal.works_on(queue)
        case Token():
            return True
        case _:
            return False
