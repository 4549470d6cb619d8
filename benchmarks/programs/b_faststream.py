"""Stage B on FastStream, as usual: a typed subscriber, one transaction an event, publishing after it."""

import asyncio

import orjson
from faststream import FastStream
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage

from benchmarks.programs.task import Meter, Task
from benchmarks.programs.usual import Usual
from schemas.envelope import decode
from schemas.service_requests import RequestAccepted
from services.routing.rules.calendars import pin_time_zones

pin_time_zones()
task = Task.given()
meter, usual = Meter(task), Usual.on(task.database)
broker = KafkaBroker(task.bootstrap, logger=None, acks="all")


@broker.subscriber(task.topic, group_id=task.group, auto_offset_reset="earliest")
async def on_accepted(accepted: RequestAccepted, message: KafkaMessage) -> None:
    envelope = decode(message.raw_message.headers)
    for told in await usual.apply(envelope, accepted):
        headers = dict(told.row["headers"])
        await broker.publish(orjson.dumps(told.body), told.row["topic"], key=told.row["key"].encode(), headers=headers)
    meter.add(1)


asyncio.run(FastStream(broker, logger=None).run())
