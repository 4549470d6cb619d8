"""Stage A, Fixline: its worker and its reading of events, without the database."""

from collections.abc import Sequence
from typing import Final

from benchmarks.programs.task import Deciding, Meter, Task
from schemas.service_requests import RequestAccepted
from services.runtime import memory
from services.runtime.consumer import Subscription, read_event
from services.runtime.kafka.worker import KafkaConsumerSettings, run_worker
from services.runtime.log import Record

#: What was read is decided while it is still in the processor's cache; read one by one, it is the code that is not.
_PORTION: Final = 50


def main() -> None:
    task = Task.given()
    deciding, meter = Deciding(task.copies), Meter(task)
    _ = deciding.book
    subscription = Subscription("bench", (task.topic,), {RequestAccepted.TYPE: lambda _work, _events: None})

    def process(records: Sequence[Record]) -> None:
        for at in range(0, len(records), _PORTION):
            for event in [read_event(record, subscription) for record in records[at : at + _PORTION]]:
                if event is not None:
                    deciding.decide(event.data)
        memory.sweep()
        meter.add(len(records))

    memory.settle()
    run_worker(KafkaConsumerSettings(task.bootstrap, task.group), [task.topic], process)


main()
