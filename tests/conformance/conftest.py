"""The same promises on every log."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conformance.stacks import EmbeddedStack, Stack


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=[pytest.mark.kafka, pytest.mark.postgres])])
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stack]:
    """Embedded on SQLite, and Kafka with PostgreSQL."""
    if request.param == "embedded":
        yield EmbeddedStack(tmp_path)
        return
    from tests.conformance.kafka_stack import KafkaStack

    bootstrap: str = request.getfixturevalue("kafka")
    databases: Callable[[], str] = request.getfixturevalue("databases")
    made = KafkaStack(bootstrap, databases(), databases(), tmp_path)
    yield made
    made.close()
