"""One lab a test: its own topic, group and effects on the run's shared broker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.kafka.lab import Lab


@pytest.fixture
def lab(kafka: str, tmp_path: Path) -> Iterator[Lab]:
    with_broker = Lab(kafka, tmp_path)
    yield with_broker
    with_broker.close()
