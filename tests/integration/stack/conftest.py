"""One stack of processes for the tests that hurt nobody."""

from collections.abc import Iterator

import pytest

from services.routing.rules.calendars import pin_time_zones
from services.runtime.logs import set_up_logs
from tests.integration.stack.processes import ProcessStack, stack_of_processes


@pytest.fixture(scope="session", autouse=True)
def _zones() -> None:
    pin_time_zones()
    set_up_logs("json", "warning", service="test")  # what runs in this process; the others write files


@pytest.fixture(scope="package")
def stack(kafka: str, postgres_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessStack]:
    with stack_of_processes(kafka, postgres_port, tmp_path_factory.mktemp("stack")) as running:
        yield running
