"""Stage B as it is usually written: one event, one transaction of SQLAlchemy's ORM, its events published after COMMIT.

No outbox: who dies between COMMIT and publishing loses what was to be told. It saves the same rows otherwise, so it is
spared the outbox's cost here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import UTC
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from benchmarks.programs.effects import Told, effects
from benchmarks.programs.lookups import TABLES, Reference, load_async
from schemas.envelope import Envelope
from schemas.service_requests import RequestAccepted
from services.routing.decide import decide
from services.routing.rules.book import Closure, Depot, Territory
from services.routing.rules.policy import Policy, standard_policy
from services.routing.tables import METADATA


class Base(DeclarativeBase):
    metadata = METADATA


class Request(Base):
    __table__ = METADATA.tables["requests"]


class Decision(Base):
    __table__ = METADATA.tables["decisions"]


class WorkOrder(Base):
    __table__ = METADATA.tables["work_orders"]


class Return(Base):
    __table__ = METADATA.tables["returns"]


class Case(Base):
    __table__ = METADATA.tables["cases"]


class Timer(Base):
    __table__ = METADATA.tables["timers"]


class Seen(Base):
    __table__ = METADATA.tables["inbox"]


_CLASSES: Final[dict[str, type[Base]]] = {
    made.__table__.name: made for made in (Request, Decision, WorkOrder, Return, Case, Timer)
}


@dataclass
class Usual:
    """`reference` is read once, as a cache would hold it."""

    sessions: async_sessionmaker[AsyncSession]
    policy: Policy
    reference: Reference | None = None

    @classmethod
    def on(cls, database: str) -> "Usual":
        return cls(async_sessionmaker(create_async_engine(database)), standard_policy())

    async def apply(self, envelope: Envelope, accepted: RequestAccepted) -> list[Told]:
        """Decide one event and save that; what to publish now."""
        async with self.sessions() as session, session.begin():
            if await session.get(Seen, ("routing", envelope.id)) is not None:
                return []
            now = (await session.execute(select(func.transaction_timestamp()))).scalar_one().astimezone(UTC)
            session.add(Seen(consumer="routing", event_id=envelope.id, received_at=now))
            if self.reference is None:
                whole = [await _rows(session, kind) for kind in (Territory, Depot, Closure)]
                self.reference = Reference.of(*whole)

            async def fetch(kind: type, column: str, values: Collection[str]) -> Sequence[tuple[Any, ...]]:
                return await _rows(session, kind, column, values)

            book = await load_async(fetch, self.reference.areas, [accepted])
            decided = decide(
                accepted.request,
                book,
                self.policy,
                received_at=accepted.received_at,
                channel=accepted.channel,
                ref=accepted.request.external_id,
            )
            rows, told = effects(accepted, envelope, decided, book, self.reference.depots, self.policy, now)
            session.add_all(_CLASSES[table](**row) for table, theirs in rows.items() for row in theirs)
        return told


async def _rows(
    session: AsyncSession, kind: type, column: str = "", values: Collection[str] = ()
) -> Sequence[tuple[Any, ...]]:
    table = METADATA.tables[TABLES[kind]]
    query = select(*(table.c[one.name] for one in fields(kind)))
    if column:
        query = query.where(table.c[column].in_(values))
    return [tuple(row) for row in await session.execute(query)]
