"""Coming to rest: nobody hurts it any more, nobody asks anything new; all that is on its way arrives.

At rest, every outbox is published, every consumer has read to the end, and no mail waits.
"""

import time
from datetime import timedelta
from signal import SIGTERM
from typing import Final

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition  # type: ignore[import-untyped]  # kafka-python ships no types
from kafka.errors import KafkaError  # type: ignore[import-untyped]  # as above
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from schemas import request_status, service_requests
from schemas.topics import topic
from tests.faults.servers import PUBLISHERS
from tests.faults.stage import Stage
from tests.integration.stack import reading

#: What each consumer reads, and who tells it.
READS: Final = {
    "routing": {"intake": service_requests.TOPIC},
    "notifier": {"intake": service_requests.TOPIC, "routing": request_status.TOPIC},
}
#: Longer than any wait between two tries of a mail, or than the claim of a sender that was killed.
_MAILS_WAIT: Final = timedelta(hours=3)
_CALM: Final = 2


def come_to_rest(stage: Stage, patience: float) -> list[str]:
    """Wait for it; what is still on its way after ``patience`` seconds, empty at rest.

    A mail that waits for its next try would be minutes: the notifier's clock is put forward instead.
    """
    ends, calm, forward = time.monotonic() + patience, 0, False
    moving: list[str] = ["not looked yet"]
    while calm < _CALM and time.monotonic() < ends:
        try:
            moving = [] if stage.ready() else ["a process is not ready"]
            moving += _unpublished(stage) + _unread(stage)
            if not moving and (mails := reading.mails_waiting(stage.workshops)):
                moving = [f"{mails} mails wait"]
                if not forward:
                    forward = True
                    for name in stage.shift_clock("notifier", stage.shifts["notifier"] + _MAILS_WAIT):
                        stage.supervisor.signal(name, SIGTERM)
        except (DBAPIError, KafkaError) as error:
            moving = [f"{type(error).__name__} while looking"]
        calm = 0 if moving else calm + 1
        time.sleep(0.5)
    return moving


def _unpublished(stage: Stage) -> list[str]:
    if stage.bootstrap is None:
        return []
    waiting = reading.waiting_to_publish(stage.workshops)
    return [f"{waiting} events unpublished in {' and '.join(PUBLISHERS)}"] if waiting else []


def _unread(stage: Stage) -> list[str]:
    found = []
    for consumer, logs in READS.items():
        lag = _lag_kafka(stage.bootstrap, consumer, logs) if stage.bootstrap else _lag_embedded(stage, consumer, logs)
        if lag:
            found.append(f"{consumer} is {lag} events behind")
    return found


def _lag_kafka(bootstrap: str, consumer: str, logs: dict[str, str]) -> int:
    parts = [TopicPartition(name, number) for name in logs.values() for number in range(topic(name).partitions)]
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    reader = KafkaConsumer(bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False)
    try:
        ends, starts = reader.end_offsets(parts), reader.beginning_offsets(parts)
        group = f"fixline-{consumer}"
        committed = admin.list_group_offsets(group)[group]
        read = {part: max(starts[part], committed[part].offset if part in committed else 0) for part in parts}
        return sum(ends[part] - read[part] for part in parts)
    finally:
        reader.close()
        admin.close()


def _lag_embedded(stage: Stage, consumer: str, logs: dict[str, str]) -> int:
    mine, behind = stage.workshops[consumer], 0
    cursor = mine.tables.cursor.c
    for log, name in logs.items():
        outbox = stage.workshops[log].tables.outbox.c
        with stage.workshops[log].database.reading() as connection:
            end = connection.execute(select(func.max(outbox.id)).where(outbox.topic == name)).scalar_one() or 0
        with mine.database.reading() as connection:
            query = select(cursor.position).where(cursor.consumer == consumer, cursor.log == log)
            behind += max(0, end - (connection.execute(query).scalar_one_or_none() or 0))
    return behind
