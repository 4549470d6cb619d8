"""What every test may ask for: a real broker and fresh real databases. See tests/servers.py."""

import os
import zoneinfo
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests import servers

_MARKED_BY_FIXTURE = {"kafka": "kafka", "postgres": "postgres", "databases": "postgres"}


#: How long an example takes says how busy the machine is, not whether the rule holds: a first look-up of Unicode's tables takes
#: more than the usual 200 ms on a laden one. A failure prints how to run its example again.
settings.register_profile("fixline", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("fixline")


def pytest_configure(config: pytest.Config) -> None:
    zoneinfo.reset_tzpath(to=[])  # as every process of ours does: the pinned rules, never the machine's
    if servers.SHARED not in os.environ:  # else we are a worker of pytest-xdist
        servers.open_shared()
        config.add_cleanup(servers.close_shared)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`-m "not kafka"` leaves out whatever uses the broker, without each test saying so."""
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in _MARKED_BY_FIXTURE:
                item.add_marker(_MARKED_BY_FIXTURE[fixture])


@pytest.fixture(scope="session")
def kafka() -> str:
    """Bootstrap address of this run's broker. Topics: make your own, with names nobody else has."""
    try:
        return f"127.0.0.1:{servers.shared_port(servers.Broker)}"
    except servers.Missing as missing:
        servers.unavailable("kafka", str(missing))


@pytest.fixture(scope="session")
def postgres_port() -> int:
    """Port of this run's PostgreSQL cluster, on 127.0.0.1; its user `postgres` needs no password."""
    try:
        return servers.shared_port(servers.Postgres)
    except servers.Missing as missing:
        servers.unavailable("postgres", str(missing))


@pytest.fixture
def databases(postgres_port: int) -> Iterator[Callable[[], str]]:
    """Makes fresh databases, each call one: ``postgresql+psycopg://…``. They go when the test ends."""
    made: list[str] = []

    def fresh() -> str:
        made.append(servers.new_database(postgres_port))
        return made[-1]

    yield fresh
    for url in made:
        servers.drop_database(url)


@pytest.fixture
def postgres(databases: Callable[[], str]) -> str:
    """A fresh, empty database: ``postgresql+psycopg://…``."""
    return databases()
