"""Stage A on aiokafka, as its documentation has it for batches: `getmany`, then commit by hand."""

import asyncio

from aiokafka import AIOKafkaConsumer  # type: ignore[import-untyped]  # aiokafka ships no types

from benchmarks.programs.task import Deciding, Meter, Task


async def main() -> None:
    task = Task.given()
    deciding, meter = Deciding(task.copies), Meter(task)
    _ = deciding.book
    consumer = AIOKafkaConsumer(
        task.topic,
        bootstrap_servers=task.bootstrap,
        group_id=task.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    async with consumer:
        while True:
            fetched = await consumer.getmany(timeout_ms=1000, max_records=500)
            for messages in fetched.values():
                for message in messages:
                    deciding.apply(message.headers, message.value)
            if fetched:
                await consumer.commit()
                meter.add(sum(map(len, fetched.values())))


asyncio.run(main())
