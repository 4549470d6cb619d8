"""Routing's tables: contract data as imported, and each request's life as routing decides it.

A request has one row that always says where it stands; its decisions are kept beside it and never edited. A work order,
a depot return or a desk case is what somebody has to do about it: at most one of each is live for a request, and the
database forbids a second. `steps` tells who did what; `timers` what falls due by itself.

Rows name their request without a foreign key: whoever writes one holds the request's row, and a foreign key would double
the cost of writing it, which is most of a batch's.
"""

from typing import Any

from sqlalchemy import (
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from services.routing.contract_tables import ContractTables
from services.runtime.tables import NAMING, Count, runtime_tables
from services.runtime.types import InstantType, JsonType, MoneyType

METADATA = MetaData(naming_convention=NAMING)
RUNTIME = runtime_tables(METADATA)
CONTRACT_DATA = ContractTables(METADATA)

#: Work that somebody still has to do, in SQL for partial indexes; the lifecycle tables name the same states (tested).
LIVE_WORK_ORDER = "status IN ('queued', 'assigned', 'accepted', 'en_route', 'on_site')"
LIVE_RETURN = "status NOT IN ('expired', 'delivered')"
LIVE_CASE = "closed_at IS NULL"
LIVE_ESTIMATE = "status IN ('prepared', 'sent')"
LIVE_DISPUTE = "closed_at IS NULL"
NOT_FIRED = "fired_at IS NULL"


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


REQUESTS = Table(
    "requests",
    METADATA,
    Column("number", Text, primary_key=True),
    Column("version", Integer, nullable=False),  # of request-status; the last one written
    Column("decided", Integer, nullable=False),  # how many decisions there are
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("milestone", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("service_level", Text),
    Column("queue", Text),
    Column("missing", JsonType, nullable=False),
    Column("channel", Text, nullable=False),
    Column("received_at", InstantType, nullable=False),
    Column("submitter", JsonType, nullable=False),
    Column("customer_number", Text, index=True),  # null: nobody's that we know
    Column("language", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("country", Text, nullable=False),  # with province and time zone: whose working days count
    Column("province", Text),
    Column("device", Text),
    Column("machine_type", Text),
    Column("machine_serial", Text),
    Column("external_id", Text),
    Column("recipients", JsonType, nullable=False),
    Column("request", JsonType, nullable=False),  # as amended; each decision keeps what it saw
    Column("clock_started", InstantType),  # null: no response clock
    Column("respond_by", InstantType),
    Column("clock_stopped", InstantType),
    Column("pauses", JsonType, nullable=False, server_default=text("'[]'")),  # of an open clock: began, ended, what_for
    Column("warned", Integer, nullable=False),  # per cent of the promised time that were announced: 0, 75, 100
    Column("resolved_at", InstantType),
    Column("visit", JsonType),  # as the customer sees it
    Column("visit_status", Text),
    Column("parcel", JsonType),
    Column("parcel_status", Text),
    Column("bill", JsonType),  # estimate, invoice, dispute, as the customer sees them
    Column("created_at", InstantType, nullable=False),
    Column("updated_at", InstantType, nullable=False),
    Index("ix_requests_machine", "machine_serial", "machine_type"),
)

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("number", Text, primary_key=True),
    Column("index", Integer, primary_key=True, autoincrement=False),
    Column("decided_at", InstantType, nullable=False),
    Column("qualified_at", InstantType, nullable=False),
    Column("by", Text, nullable=False),  # 'system', or the username of who caused it
    Column("cause", Text, nullable=False),  # the event or call
    Column("generation", Integer, nullable=False),  # of the contract data
    Column("because", Text),  # why it was decided again; null: the first, or the customer amended it
    Column("entered", JsonType),  # what people entered against the data, all that counts for this decision
    Column("request", JsonType, nullable=False),
    Column("decision", JsonType, nullable=False),
    Column("evidence", JsonType, nullable=False),
)

WORK_ORDERS = Table(
    "work_orders",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False, index=True),
    Column("visit", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("queue", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("technician", Text),  # a username
    Column("technician_name", Text),
    Column("lease_until", InstantType),
    Column("priority", Integer, nullable=False),  # higher first; raised as the clock runs down
    Column("service_level", Text, nullable=False),
    Column("respond_by", InstantType),
    Column("machine_type", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("place", JsonType, nullable=False),
    Column("opened_at", InstantType, nullable=False),
    Column("happened_at", InstantType, nullable=False),  # when the last step took place, as far as we believe
    Column("updated_at", InstantType, nullable=False),
    Column("done_at", InstantType),
    Column("report", JsonType),  # fixed, reason, parts, note
    Index("ix_work_orders_news", "queue", "updated_at"),
    Index("ix_work_orders_live", "queue", "status", **_where(LIVE_WORK_ORDER)),
    Index("ix_work_orders_technician", "technician", "done_at", **_where("technician IS NOT NULL")),
    Index("uq_work_orders_one_live", "number", unique=True, **_where(LIVE_WORK_ORDER)),
)

RETURNS = Table(
    "returns",
    METADATA,
    Column("id", Text, primary_key=True),  # the return authorisation number on the label
    Column("number", Text, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("depot", Text, nullable=False, index=True),
    Column("address", JsonType, nullable=False),
    Column("status", Text, nullable=False),
    Column("machine_type", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("issued_at", InstantType, nullable=False),
    Column("happened_at", InstantType, nullable=False),
    Column("received_at", InstantType),
    Column("done_at", InstantType),
    Index("ix_returns_serial", "serial", "machine_type"),
    Index("uq_returns_one_live", "number", unique=True, **_where(LIVE_RETURN)),
)

CASES = Table(
    "cases",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("desk", Text, nullable=False),
    Column("decision", Integer, nullable=False),  # the index of the decision that brought it here
    Column("priority", Integer, nullable=False),
    Column("respond_by", InstantType),
    Column("taken_by", Text),
    Column("taken_name", Text),
    Column("opened_at", InstantType, nullable=False),
    Column("updated_at", InstantType, nullable=False),
    Column("closed_at", InstantType),
    Column("closed_as", Text),
    Index("ix_cases_news", "desk", "updated_at"),
    Index("ix_cases_live", "desk", **_where(LIVE_CASE)),
    Index("uq_cases_one_live", "number", unique=True, **_where(LIVE_CASE)),
)

STEPS = Table(
    "steps",
    METADATA,
    Column("id", Count, primary_key=True, autoincrement=True),
    Column("number", Text, nullable=False, index=True),
    Column("subject", Text, nullable=False),  # the work order, return or case
    Column("version", Integer, nullable=False),  # the subject's, after the step
    Column("step", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("at", InstantType, nullable=False),  # when we heard of it
    Column("happened_at", InstantType, nullable=False),  # when it took place, as far as we believe
    Column("claimed_at", InstantType),  # what the device said, when we did not believe it
    Column("reason", Text),
    Column("note", Text),
    Column("key", Text),  # the caller's Idempotency-Key: the same step sent again is not a second one
    UniqueConstraint("subject", "version"),
    UniqueConstraint("subject", "key"),
    sqlite_autoincrement=True,
)

ESTIMATES = Table(
    "estimates",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("number", Text, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("machine_type", Text, nullable=False),
    Column("serial", Text, nullable=False),
    Column("place", JsonType),  # where the technician goes
    Column("queue", Text),  # the territory's
    Column("depot", Text),
    Column("country", Text, nullable=False),  # where the work is done: whose prices, whose series of invoices
    Column("province", Text),
    Column("timezone", Text, nullable=False),
    Column("policy", Text, nullable=False),  # the version whose prices these are
    Column("currency", Text, nullable=False),
    Column("lines", JsonType, nullable=False),
    Column("total", MoneyType, nullable=False),
    Column("prepared_at", InstantType, nullable=False),
    Column("sent_at", InstantType),
    Column("good_until", InstantType),
    Column("answered_at", InstantType),
    Column("updated_at", InstantType, nullable=False),
    Index("uq_estimates_one_live", "number", unique=True, **_where(LIVE_ESTIMATE)),
)

#: The last number given in each series; a number is taken in the transaction that uses it, so that a rollback gives it back.
SERIES = Table(
    "series",
    METADATA,
    Column("sort", Text, primary_key=True),
    Column("country", Text, primary_key=True),
    Column("last", Integer, nullable=False),
)

INVOICES = Table(
    "invoices",
    METADATA,
    Column("invoice_number", Text, primary_key=True),
    Column("country", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("number", Text, nullable=False, index=True),
    Column("estimate", Text, nullable=False, unique=True),  # billed once
    Column("customer_number", Text, index=True),
    Column("currency", Text, nullable=False),
    Column("lines", JsonType, nullable=False),
    Column("total", MoneyType, nullable=False),
    Column("issued_at", InstantType, nullable=False),
    UniqueConstraint("country", "ordinal"),
)

CREDIT_NOTES = Table(
    "credit_notes",
    METADATA,
    Column("credit_note", Text, primary_key=True),
    Column("country", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("invoice_number", Text, nullable=False, index=True),
    Column("number", Text, nullable=False, unique=True),  # the dispute's request
    Column("customer_number", Text, index=True),
    Column("currency", Text, nullable=False),
    Column("lines", JsonType, nullable=False),  # {"2": "84.50"}: what is given back of each line
    Column("total", MoneyType, nullable=False),
    Column("issued_at", InstantType, nullable=False),
    UniqueConstraint("country", "ordinal"),
)

DISPUTES = Table(
    "disputes",
    METADATA,
    Column("number", Text, primary_key=True),  # the dispute's request
    Column("invoice_number", Text, nullable=False, index=True),
    Column("lines", JsonType, nullable=False),  # those that it holds
    Column("opened_at", InstantType, nullable=False),
    Column("closed_at", InstantType),
    Column("outcome", Text),
)

PAYMENTS = Table(
    "payments",
    METADATA,
    Column("reference", Text, primary_key=True),  # the bank's, or the cheque's
    Column("invoice_number", Text, nullable=False, index=True),
    Column("customer_number", Text, index=True),
    Column("currency", Text, nullable=False),
    Column("amount", MoneyType, nullable=False),
    Column("paid_at", InstantType, nullable=False),
    Column("by", Text, nullable=False),
)

CORRECTIONS = Table(
    "corrections",
    METADATA,
    Column("id", Count, primary_key=True, autoincrement=True),
    Column("number", Text, nullable=False, index=True),
    Column("decision", Integer, nullable=False),  # the index of the decision that was corrected
    Column("text_hash", Text, nullable=False),  # SHA-256 of the text that was judged
    Column("language", Text),
    Column("guessed", Text),
    Column("confidence", Float),
    Column("said", Text, nullable=False),  # hardware or software
    Column("by", Text, nullable=False),
    Column("at", InstantType, nullable=False),
    Column("undone", Count),  # the model step that took it out; null: it counts
    sqlite_autoincrement=True,
)

MODELS = Table(
    "models",
    METADATA,
    Column("version", Text, primary_key=True),
    Column("base", Text, nullable=False),  # the packaged model that it adds to
    Column("corrections", Count, nullable=False),  # how many counted when it was made
    Column("newest", Count, nullable=False),  # the newest of them
    Column("moved", JsonType, nullable=False),  # entry → what is added to its weight
    Column("made_at", InstantType, nullable=False),
)

MODEL_STEPS = Table(
    "model_steps",
    METADATA,
    Column("id", Count, primary_key=True, autoincrement=True),
    Column("version", Text, nullable=False),  # in use from now on
    Column("step", Text, nullable=False),  # learnt, undone, redone
    Column("by", Text, nullable=False),
    Column("note", Text),
    Column("corrections", JsonType),  # ids of those that a person took out or let count again
    Column("at", InstantType, nullable=False),
    sqlite_autoincrement=True,
)

TIMERS = Table(
    "timers",
    METADATA,
    Column("id", Count, primary_key=True, autoincrement=True),
    Column("number", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("due_at", InstantType, nullable=False),
    Column("fired_at", InstantType),
    Column("events", JsonType),  # ids of what it caused
    Index("ix_timers_due", "due_at", **_where(NOT_FIRED)),
    Index("uq_timers_pending", "subject", "kind", unique=True, **_where(NOT_FIRED)),
    sqlite_autoincrement=True,
)
