"""Stage A, Fixline: its worker and its reading of events, without the database."""

from collections.abc import Sequence

from benchmarks.programs.task import Deciding, Meter, Task
from schemas.service_requests import RequestAccepted
from services.runtime import memory
from services.runtime.consumer import Subscription, read_event
from services.runtime.kafka.worker import KafkaConsumerSettings, run_worker
from services.runtime.log import Record


def main() -> None:
    task = Task.given()
    deciding, meter = Deciding(task.copies), Meter(task)
    _ = deciding.book
    subscription = Subscription("bench", (task.topic,), {RequestAccepted.TYPE: lambda _work, _events: None})

    def process(records: Sequence[Record]) -> None:
        for event in [read_event(record, subscription) for record in records]:
            if event is not None:
                deciding.decide(event.data)
        memory.sweep()
        meter.add(len(records))

    memory.settle()
    run_worker(KafkaConsumerSettings(task.bootstrap, task.group), [task.topic], process)


main()
