"""Intake's tables."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

from services.runtime.tables import NAMING, runtime_tables
from services.runtime.types import InstantType, JsonType

METADATA = MetaData(naming_convention=NAMING)
RUNTIME = runtime_tables(METADATA)

#: What was accepted, whole. ``sequence`` is the last one given to an event of this request.
REQUESTS = Table(
    "requests",
    METADATA,
    Column("number", Text, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("language", Text),
    Column("submitter_type", Text, nullable=False),
    Column("submitter_id", Text),
    Column("customer_number", Text),  # what the submitter proved to act for; never what the body claims
    Column("request", JsonType, nullable=False),
    Column("received_at", InstantType, nullable=False),
    Index("ix_requests_customer", "customer_number", "received_at"),
)

#: One row an accepted answer under a key. ``scope`` is principal, channel and operation.
IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    Column("scope", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("answer", Text, nullable=False),  # a request number, or a command id
    Column("created_at", InstantType, nullable=False),
    Index("ix_idempotency_created_at", "created_at"),
)

STAFF = Table(
    "staff",
    METADATA,
    Column("username", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("roles", JsonType, nullable=False),
    Column("queues", JsonType, nullable=False),
    Column("session_version", Integer, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", InstantType, nullable=False),
)

#: API tokens: the secret itself is stored nowhere.
TOKENS = Table(
    "tokens",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("scopes", JsonType, nullable=False),
    Column("customers", JsonType, nullable=False),
    Column("created_at", InstantType, nullable=False),
    Column("revoked_at", InstantType),
    UniqueConstraint("sha256"),
)

#: A half-filled web form, for 24 hours, under a random id in the address and bound to a cookie.
DRAFTS = Table(
    "drafts",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("owner", LargeBinary, nullable=False),  # SHA-256 of the cookie's secret
    Column("answers", JsonType, nullable=False),
    Column("number", Text, ForeignKey("requests.number")),  # once it was sent
    Column("expires_at", InstantType, nullable=False),
    Index("ix_drafts_expires_at", "expires_at"),
)

#: A one-time code that a customer asked for; ten minutes. ``customers``: whose address it is, none until that was looked up.
ONE_TIME_CODES = Table(
    "one_time_codes",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("code", LargeBinary, nullable=False),  # SHA-256 with the id; worth nothing once it is over
    Column("customers", JsonType, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("asked_at", InstantType, nullable=False),
    Index("ix_one_time_codes_asked_at", "asked_at"),
)
