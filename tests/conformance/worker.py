"""A worker process for the conformance suite: the service of `tests.conformance.effects` on Kafka."""

import json
import sys

from services.runtime.clock import DatabaseClock
from services.runtime.consumer import Processor
from services.runtime.database import open_database
from services.runtime.kafka.worker import KafkaConsumerSettings, run_worker
from services.runtime.work import Workshop
from tests.conformance.effects import RUNTIME, subscription

if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    workshop = Workshop("routing", open_database(asked["database"]), RUNTIME, DatabaseClock())
    processor = Processor(workshop, subscription())
    settings = KafkaConsumerSettings(bootstrap=asked["bootstrap"], group=asked["group"])
    sys.exit(run_worker(settings, processor.subscription.topics, processor.process))
