"""A broker and a database for one benchmark: as in production, on the core that the programs under test do not have.

Unlike the tests' servers the database waits for the disk, and the broker's virtual machine compiles as it sees fit.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks import workload
from tests.servers import Broker, Postgres, children

#: Cores: the servers, the load generator and whoever measures; the program under test.
SERVERS, PROGRAM = 0, 1


class SettledBroker(Broker):
    def __init__(self) -> None:
        super().__init__()
        self.command = ["env", "KAFKA_JVM=-XX:+UseSerialGC -Xmx1g", *self.command[2:]]


class DurablePostgres(Postgres):
    """Every commit is on the disk before it is answered."""

    def __init__(self) -> None:
        super().__init__()
        kept = ("--max_connections", "--listen_addresses")
        fixed = [word for word in self.command if not word.startswith("--") or word.startswith(kept)]
        self.command = [*fixed, "--shared_buffers=256MB", "--max_wal_size=4GB"]


@dataclass(frozen=True)
class Servers:
    broker: Broker
    postgres: Postgres


@contextmanager
def spread(servers: Servers) -> Iterator[None]:
    """For this block the servers, and this process, have all cores; what is started inherits it."""
    everywhere = set(range(os.cpu_count() or 1))
    try:
        _pin(servers, everywhere)
        yield
    finally:
        _pin(servers, {SERVERS} & everywhere)


def _pin(servers: Servers, cores: set[int]) -> None:
    """All threads of both servers' processes, and ours."""
    os.sched_setaffinity(0, cores)
    for server in (servers.broker, servers.postgres):
        for pid in (server.pid, *children(server.pid)):
            for thread in Path(f"/proc/{pid}/task").glob("*"):
                with suppress(ProcessLookupError):
                    os.sched_setaffinity(int(thread.name), cores)


@contextmanager
def servers() -> Iterator[Servers]:
    """Both, on `SERVERS` once they have started; this process moves there too, and what it starts inherits it."""
    with SettledBroker() as broker, DurablePostgres() as postgres:
        running = Servers(broker, postgres)
        if (os.cpu_count() or 1) > 1:
            _pin(running, {SERVERS})
        yield running


def fill(bootstrap: str, topic: str, count: int, copies: int, *, partitions: int = 8) -> None:
    """A backlog of `count` acceptances."""
    from confluent_kafka import Producer
    from confluent_kafka.admin import AdminClient, NewTopic

    admin = AdminClient({"bootstrap.servers": bootstrap})
    for done in admin.create_topics([NewTopic(topic, partitions, 1)]).values():
        done.result()
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 20, "partitioner": "murmur2_random"})
    for index, (key, headers, body) in enumerate(workload.events(count, copies)):
        producer.produce(topic, body, key, headers=headers)
        if index % 1000 == 0:
            producer.poll(0)
        while len(producer) > 50_000:
            producer.poll(0.05)
    producer.flush()
