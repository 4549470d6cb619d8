"""Stage S: Fixline's worker over a topic of any name, with stage A's work."""

from collections.abc import Sequence

from benchmarks.programs.task import Deciding, Meter, Task
from services.runtime import memory
from services.runtime.kafka.worker import KafkaConsumerSettings, run_worker
from services.runtime.log import Record


def main() -> None:
    task = Task.given()
    deciding, meter = Deciding(task.copies), Meter(task)
    _ = deciding.book

    def process(records: Sequence[Record]) -> None:
        for record in records:
            deciding.apply(record.headers, record.value or b"")
        memory.sweep()
        meter.add(len(records))

    memory.settle()
    run_worker(KafkaConsumerSettings(task.bootstrap, task.group), [task.topic], process)


main()
