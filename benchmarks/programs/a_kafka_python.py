"""Stage A on kafka-python: `poll`, then commit by hand."""

from kafka import KafkaConsumer  # type: ignore[import-untyped]  # kafka-python ships no types

from benchmarks.programs.task import Deciding, Meter, Task


def main() -> None:
    task = Task.given()
    deciding, meter = Deciding(task.copies), Meter(task)
    _ = deciding.book
    consumer = KafkaConsumer(
        task.topic,
        bootstrap_servers=task.bootstrap,
        group_id=task.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_poll_records=500,
    )
    while True:
        polled = consumer.poll(timeout_ms=1000)
        for messages in polled.values():
            for message in messages:
                deciding.apply(message.headers, message.value)
        if polled:
            consumer.commit()
            meter.add(sum(map(len, polled.values())))


main()
