"""Stage A on quixstreams: a StreamingDataFrame over the topic; it commits a checkpoint every few seconds."""

from typing import Any

from quixstreams import Application

from benchmarks.programs.task import Deciding, Meter, Task
from schemas.envelope import decode
from schemas.service_requests import RequestAccepted


def main() -> None:
    task = Task.given()
    deciding, meter = Deciding(task.copies), Meter(task)
    _ = deciding.book
    app = Application(
        broker_address=task.bootstrap, consumer_group=task.group, auto_offset_reset="earliest", loglevel="WARNING"
    )
    requests = app.topic(task.topic, value_deserializer="bytes", key_deserializer="str")

    def on_accepted(value: bytes, _key: str, _timestamp: int, headers: Any) -> None:
        decode(headers)
        deciding.decide(RequestAccepted.model_validate_json(value))
        meter.add(1)

    app.dataframe(requests).update(on_accepted, metadata=True)
    app.run()


main()
