"""The notifier's tables."""

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text, UniqueConstraint, text

from services.runtime.tables import NAMING, Count, runtime_tables
from services.runtime.types import InstantType, JsonType

METADATA = MetaData(naming_convention=NAMING)
RUNTIME = runtime_tables(METADATA)

#: One row a request. ``accepted`` is version 0 as intake told it, ``latest`` the highest version of routing's, ``decided``
#: its latest decision; each null until it came. ``seq`` counts the lines of its timeline, in the order they arrived.
REQUESTS = Table(
    "requests",
    METADATA,
    Column("number", Text, primary_key=True),
    Column("customer_number", Text),
    Column("version", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("accepted", JsonType),
    Column("latest", JsonType),
    Column("decided", JsonType),
    Column("received_at", InstantType, nullable=False),
    Index("ix_requests_customer", "customer_number", "received_at"),
)

#: One line a version. ``seq`` is what a stream resumes from: version 1 may come before version 0.
TIMELINE = Table(
    "timeline",
    METADATA,
    Column("number", Text, ForeignKey("requests.number"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("at", InstantType, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("entry", JsonType, nullable=False),
    UniqueConstraint("number", "seq"),
)

#: One row a message to a person. ``state``: due, sent, superseded, failed. ``sent`` follows the server's acceptance.
DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("id", Count, primary_key=True, autoincrement=True),
    Column("message_id", Text, nullable=False, unique=True),
    Column("number", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("recipient", JsonType, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", InstantType, nullable=False),
    Column("ended_at", InstantType),
    Column("answer", Text),
    Column("body", JsonType, nullable=False),
    Index("ix_deliveries_due", "due_at", postgresql_where=text("state = 'due'"), sqlite_where=text("state = 'due'")),
)
