"""Stage B, Fixline as it is run: its worker with its processor, and its relay in a process of its own."""

import logging
import sys
from collections.abc import Sequence

import structlog

from benchmarks.programs.outbox import Companion, drained
from benchmarks.programs.task import Meter, Task
from services.routing.app import subscription
from services.routing.decisions import Judge
from services.routing.facts import FactSource
from services.routing.rules.calendars import pin_time_zones
from services.routing.rules.policy import standard_policy
from services.routing.tables import RUNTIME
from services.runtime import memory
from services.runtime.clock import DatabaseClock
from services.runtime.consumer import Processor
from services.runtime.database import open_database
from services.runtime.kafka.producer import Publisher, PublisherSettings
from services.runtime.kafka.worker import KafkaConsumerSettings, run_worker
from services.runtime.log import Record
from services.runtime.relay import Relay
from services.runtime.work import Workshop


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    task = Task.given()
    pin_time_zones()
    workshop = Workshop("routing", open_database(task.database), RUNTIME, DatabaseClock())
    relay(task, workshop) if "--relay" in sys.argv else work(task, workshop)


def work(task: Task, workshop: Workshop) -> None:
    companion = Companion([sys.executable, "-m", "benchmarks.programs.b_fixline", sys.argv[1], "--relay"])
    meter = Meter(task, settle=lambda: drained(task.database), companions=[companion])
    processor = Processor(workshop, subscription(Judge(standard_policy(), FactSource())))

    def process(records: Sequence[Record]) -> None:
        processor.process(records)
        meter.add(len(records))

    memory.settle()
    run_worker(KafkaConsumerSettings(task.bootstrap, task.group), [task.topic], process)


def relay(task: Task, workshop: Workshop) -> None:
    publisher = Publisher(PublisherSettings(task.bootstrap))
    memory.settle()
    Relay("routing", workshop.database, workshop.tables, publisher, DatabaseClock(), "bench").run()


main()
