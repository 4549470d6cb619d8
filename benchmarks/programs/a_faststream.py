"""Stage A on FastStream: a batch subscriber (the faster of its two) of typed bodies, committed by itself."""

import asyncio

from faststream import FastStream
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage

from benchmarks.programs.task import Deciding, Meter, Task
from schemas.envelope import decode
from schemas.service_requests import RequestAccepted

task = Task.given()
deciding, meter = Deciding(task.copies), Meter(task)
_ = deciding.book
broker = KafkaBroker(task.bootstrap, logger=None)


@broker.subscriber(task.topic, group_id=task.group, auto_offset_reset="earliest", batch=True, max_records=500)
async def on_accepted(requests: list[RequestAccepted], message: KafkaMessage) -> None:
    for request, raw in zip(requests, message.raw_message, strict=True):
        decode(raw.headers)
        deciding.decide(request)
    meter.add(len(requests))


asyncio.run(FastStream(broker, logger=None).run())
