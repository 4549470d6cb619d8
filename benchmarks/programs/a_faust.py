"""Stage A on Faust, as its documentation writes agents: one event at a time from a JSON topic."""

import sys
from typing import Any

import faust

from benchmarks.programs.task import Deciding, Meter, Task
from schemas.envelope import decode
from schemas.service_requests import RequestAccepted

task = Task.given()
deciding, meter = Deciding(task.copies), Meter(task)
_ = deciding.book
app = faust.App(
    task.group,
    broker=f"kafka://{task.bootstrap}",
    store="memory://",
    topic_disable_leader=True,
    consumer_auto_offset_reset="earliest",
    datadir=f"/tmp/{task.group}",  # noqa: S108  # a folder of this run's own, which stays empty
)
requests = app.topic(task.topic, value_type=bytes, value_serializer="json")


@app.agent(requests)
async def on_accepted(stream: faust.StreamT[Any]) -> None:
    async for event in stream.events():
        decode(list(event.headers.items()))
        deciding.decide(RequestAccepted.model_validate(event.value))
        meter.add(1)


if __name__ == "__main__":
    sys.argv = ["bench", "worker", "--without-web", "-l", "warn"]
    app.main()
