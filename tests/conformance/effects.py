"""A service that does nothing but write down what it was given, so that the log's promises can be seen from outside."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, select

from services.runtime.consumer import Subscription
from services.runtime.failures import InvalidEvent, Transient
from services.runtime.log import Event
from services.runtime.rows import insert_rows
from services.runtime.tables import NAMING, Count, runtime_tables
from services.runtime.types import JsonType
from services.runtime.work import Work

METADATA = MetaData(naming_convention=NAMING)
RUNTIME = runtime_tables(METADATA)
#: Deliberately without a unique rule: an effect applied twice must show.
EFFECTS = Table(
    "effects",
    METADATA,
    Column("id", Count, primary_key=True, autoincrement=True),
    Column("number", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("behind", JsonType, nullable=False),
)
#: What the handler finds here it can now handle: the "mend" of a poisonous or failing event.
MENDED = Table("mended", METADATA, Column("text", Text, primary_key=True))

POISON, BUG, BUSY = "poison", "bug", "busy"

TYPES = ("request.accepted", "request.amended", "request.cancel-requested", "request.reopen-requested")


def write_down(work: Work, events: Sequence[Event[Any]]) -> None:
    """Save each event; an event whose text says so is invalid, a bug, or meets a dependency that is away."""
    mended = set(work.connection.execute(select(MENDED.c.text)).scalars())
    for event in events:
        said = getattr(getattr(event.data, "request", None), "text", None) or getattr(event.data, "reason", None)
        if said in mended:
            continue
        if said == POISON:
            raise InvalidEvent("poison", "this event never will work")
        if said == BUG:
            raise ZeroDivisionError("a mistake of the programmer")
        if said == BUSY:
            raise Transient("away for a moment")
    insert_rows(
        work.connection,
        EFFECTS,
        [
            {
                "number": event.key,
                "type": event.envelope.type,
                "sequence": event.envelope.ordinal,
                "behind": list(event.behind),
            }
            for event in events
        ],
    )


def subscription(*, parks: bool = True) -> Subscription:
    return Subscription(
        consumer="effects", topics=("service-requests",), handlers=dict.fromkeys(TYPES, write_down), parks=parks
    )
