"""What became of it all: read from the services' databases, and from Kafka as a stranger would."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kafka import KafkaConsumer, TopicPartition  # type: ignore[import-untyped]  # kafka-python ships no types
from sqlalchemy import func, select, text

from schemas import dispatch
from schemas.envelope import Envelope, decode
from schemas.topics import topic
from services.intake.tables import REQUESTS as ACCEPTED
from services.notifier.tables import DELIVERIES, TIMELINE
from services.routing.tables import LIVE_WORK_ORDER, RUNTIME, WORK_ORDERS
from services.runtime.relay import unpublished
from services.runtime.work import Workshop

Workshops = Mapping[str, Workshop]


@dataclass(frozen=True, slots=True)
class Published:
    """One record of a topic."""

    key: str
    envelope: Envelope
    value: bytes


def accepted(workshops: Workshops) -> set[str]:
    """Every number that intake gave."""
    with workshops["intake"].database.reading() as connection:
        return set(connection.execute(select(ACCEPTED.c.number)).scalars())


def versions_told(workshops: Workshops) -> dict[str, list[int]]:
    """The versions of each request that routing emitted, in order."""
    outbox = RUNTIME.outbox.c
    query = select(outbox.subject, outbox.ordinal).where(outbox.topic == "request-status")
    return _grouped(workshops["routing"], query.order_by(outbox.subject, outbox.ordinal))


def versions_shown(workshops: Workshops) -> dict[str, list[int]]:
    """The versions on each request's timeline, version 0 among them."""
    query = select(TIMELINE.c.number, TIMELINE.c.version).order_by(TIMELINE.c.number, TIMELINE.c.version)
    return _grouped(workshops["notifier"], query)


def live_work_orders(workshops: Workshops) -> Counter[str]:
    """How many visits somebody still has to make, by request."""
    with workshops["routing"].database.reading() as connection:
        return Counter(connection.execute(select(WORK_ORDERS.c.number).where(text(LIVE_WORK_ORDER))).scalars())


def waiting_to_publish(workshops: Workshops) -> int:
    """Rows that no relay has published yet. The notifier's outbox stays empty: it tells nobody."""
    counts = [unpublished(workshops[name].database, workshops[name].tables)[0] for name in ("intake", "routing")]
    return sum(counts)


def mails_waiting(workshops: Workshops) -> int:
    with workshops["notifier"].database.reading() as connection:
        query = select(func.count()).select_from(DELIVERIES).where(DELIVERIES.c.state == "due")
        return int(connection.execute(query).scalar_one())


def mails_sent(workshops: Workshops) -> list[str]:
    """Message ids that the notifier holds for delivered."""
    with workshops["notifier"].database.reading() as connection:
        return list(connection.execute(select(DELIVERIES.c.message_id).where(DELIVERIES.c.state == "sent")).scalars())


def everything_in(bootstrap: str, name: str) -> Iterator[Published]:
    """All of a topic, by a consumer that knows nothing of ours but the contract."""
    reader = KafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, isolation_level="read_committed"
    )
    try:
        parts = [TopicPartition(name, number) for number in range(topic(name).partitions)]
        reader.assign(parts)
        reader.seek_to_beginning(*parts)
        ends = reader.end_offsets(parts)
        while any(reader.position(part) < ends[part] for part in parts):
            for records in reader.poll(timeout_ms=500).values():
                for record in records:
                    yield Published((record.key or b"").decode(), decode(record.headers), record.value)
    finally:
        reader.close()


def offers(bootstrap: str) -> Counter[str]:
    """How often each work order was offered, by its id; a relay's repeat has its first's event id and is none."""
    seen = {one.envelope.id: one.envelope for one in everything_in(bootstrap, dispatch.TOPIC)}
    return Counter(envelope.subject for envelope in seen.values() if envelope.type == dispatch.Offered.TYPE)


def visits(workshops: Workshops) -> dict[str, str]:
    """The request of each work order there ever was, by its id."""
    with workshops["routing"].database.reading() as connection:
        return {row.id: row.number for row in connection.execute(select(WORK_ORDERS.c.id, WORK_ORDERS.c.number))}


def _grouped(workshop: Workshop, query: object) -> dict[str, list[int]]:
    grouped: dict[str, list[int]] = {}
    with workshop.database.reading() as connection:
        for number, version in connection.execute(query):  # type: ignore[call-overload]  # any select of two columns
            grouped.setdefault(number, []).append(version)
    return grouped
