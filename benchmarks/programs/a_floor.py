"""Stage A, the floor: a bare loop over librdkafka; offsets are committed, and that is waited for, before the next batch."""

from confluent_kafka import Consumer

from benchmarks.programs.task import Deciding, Meter, Task
from services.runtime import memory


def main() -> None:
    task = Task.given()
    deciding, meter = Deciding(task.copies), Meter(task)
    _ = deciding.book
    consumer = Consumer(
        {
            "bootstrap.servers": task.bootstrap,
            "group.id": task.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([task.topic])
    memory.settle()
    while True:
        messages = consumer.consume(500, timeout=1.0)
        for message in messages:
            deciding.apply(message.headers(), message.value())
        if messages:
            consumer.commit(asynchronous=False)
            memory.sweep()
            meter.add(len(messages))


main()
