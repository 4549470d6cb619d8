"""Stage B on Faust, as usual: an agent, one transaction an event, sending after it."""

import sys
from typing import Any

import faust
import orjson

from benchmarks.programs.task import Meter, Task
from benchmarks.programs.usual import Usual
from schemas.envelope import decode
from schemas.service_requests import RequestAccepted
from services.routing.rules.calendars import pin_time_zones

pin_time_zones()
task = Task.given()
meter, usual = Meter(task), Usual.on(task.database)
app = faust.App(
    task.group,
    broker=f"kafka://{task.bootstrap}",
    store="memory://",
    topic_disable_leader=True,
    consumer_auto_offset_reset="earliest",
    producer_acks=-1,
    datadir=f"/tmp/{task.group}",  # noqa: S108  # a folder of this run's own, which stays empty
)
requests = app.topic(task.topic, value_type=bytes, value_serializer="json")
topics = {
    name: app.topic(name, value_serializer="raw", key_serializer="raw") for name in ("request-status", "dispatch")
}


@app.agent(requests)
async def on_accepted(stream: faust.StreamT[Any]) -> None:
    async for event in stream.events():
        envelope = decode(list(event.headers.items()))
        for told in await usual.apply(envelope, RequestAccepted.model_validate(event.value)):
            headers = {name: value.encode() for name, value in told.row["headers"]}
            body, key = orjson.dumps(told.body), told.row["key"].encode()
            await topics[told.row["topic"]].send(key=key, value=body, headers=headers)
        meter.add(1)


if __name__ == "__main__":
    sys.argv = ["bench", "worker", "--without-web", "-l", "warn"]
    app.main()
