"""The runtime's own tables, the same in each service's database (docs/architecture.md, The outbox is the log)."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint, text

from services.runtime.identity.sql_rates import rate_counters
from services.runtime.types import InstantType, JsonType

#: SQLite counts upwards only for INTEGER; PostgreSQL needs the room of BIGINT.
Count = BigInteger().with_variant(Integer(), "sqlite")

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


@dataclass(frozen=True)
class RuntimeTables:
    outbox: Table
    inbox: Table
    quarantine: Table
    lease: Table
    cursor: Table
    log_identity: Table
    rate_counters: Table


def runtime_tables(metadata: MetaData) -> RuntimeTables:
    """Define them in a service's metadata."""
    return RuntimeTables(
        outbox=_outbox(metadata),
        inbox=Table(
            "inbox",
            metadata,
            Column("consumer", Text, primary_key=True),
            Column("event_id", Text, primary_key=True),
            Column("received_at", InstantType, nullable=False),
        ),
        quarantine=_quarantine(metadata),
        lease=Table(
            "lease",
            metadata,
            Column("name", Text, primary_key=True),
            Column("holder", Text, nullable=False),
            Column("epoch", BigInteger, nullable=False),
            Column("expires_at", InstantType, nullable=False),
        ),
        cursor=Table(
            "cursor",
            metadata,
            Column("consumer", Text, primary_key=True),
            Column("log", Text, primary_key=True),  # the service whose outbox is read
            Column("log_id", Text, nullable=False),
            Column("position", BigInteger, nullable=False),
        ),
        log_identity=Table("log_identity", metadata, Column("id", Text, primary_key=True)),
        rate_counters=rate_counters(metadata),
    )


def _outbox(metadata: MetaData) -> Table:
    """Rows stay after publishing: they are the log that read models are rebuilt and reconciled from.

    AUTOINCREMENT on SQLite: otherwise ids start again after the last rows are pruned, and cursors would skip.
    """
    return Table(
        "outbox",
        metadata,
        Column("id", Count, primary_key=True, autoincrement=True),
        Column("event_id", Text, nullable=False, unique=True),
        Column("topic", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("ordinal", BigInteger, nullable=False),
        Column("headers", JsonType, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("created_at", InstantType, nullable=False),
        Column("published_at", InstantType),
        Index(
            "ix_outbox_unpublished",
            "id",
            postgresql_where=text("published_at IS NULL"),
            sqlite_where=text("published_at IS NULL"),
        ),
        UniqueConstraint("topic", "subject", "ordinal"),
        sqlite_autoincrement=True,
    )


def _quarantine(metadata: MetaData) -> Table:
    """``state``: open, replayed or discarded. ``event_id`` is null when the record could not be decoded."""
    return Table(
        "quarantine",
        metadata,
        Column("id", Count, primary_key=True, autoincrement=True),
        Column("consumer", Text, nullable=False),
        Column("event_id", Text),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),
        Column("key", Text),
        Column("headers", JsonType, nullable=False),
        Column("raw", LargeBinary),
        Column("mended", LargeBinary),  # a body given at replay; the raw bytes stay as they came
        Column("reason", Text, nullable=False),
        Column("detail", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("at", InstantType, nullable=False),
        Column("ended_at", InstantType),
        Column("ended_by", Text),
        Column("ended_note", Text),
        UniqueConstraint("consumer", "event_id"),
        UniqueConstraint("consumer", "topic", "partition", "offset"),
        Index(
            "ix_quarantine_open",
            "consumer",
            "key",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        sqlite_autoincrement=True,
    )
