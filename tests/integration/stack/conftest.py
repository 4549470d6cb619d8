"""A stack of processes for each module, on a broker of its own: two stacks on one would share consumer groups."""

from collections.abc import Iterator

import pytest

from services.routing.rules.calendars import pin_time_zones
from services.runtime.logs import set_up_logs
from tests import servers
from tests.integration.stack.processes import ProcessStack, stack_of_processes


@pytest.fixture(scope="session", autouse=True)
def _zones() -> None:
    pin_time_zones()
    set_up_logs("json", "warning", service="test")  # what runs in this process; the others write files


@pytest.fixture(scope="module")
def broker() -> Iterator[str]:
    """Its bootstrap address."""
    try:
        own = servers.Broker()
    except servers.Missing as missing:
        servers.unavailable("kafka", str(missing))
    with own:
        yield own.bootstrap


@pytest.fixture(scope="module")
def stack(broker: str, postgres_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessStack]:
    with stack_of_processes(broker, postgres_port, tmp_path_factory.mktemp("stack")) as running:
        yield running
