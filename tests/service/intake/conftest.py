"""The same intake on both databases."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from services.intake.tables import METADATA
from services.runtime import migrate
from services.runtime.database import open_database
from tests import servers
from tests.service.intake.harness import Intake, embedded, on_postgres, running


@pytest.fixture(scope="session")
def empty_intake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file; each test gets a copy."""
    path = tmp_path_factory.mktemp("intake") / "intake.db"
    database = open_database(f"sqlite:///{path}")
    migrate.upgrade(database, "intake")
    database.close()
    return path


@pytest.fixture
def intake(tmp_path: Path, empty_intake: Path) -> Iterator[Intake]:
    """Embedded: SQLite."""
    shutil.copy(empty_intake, tmp_path / "intake.db")
    with running(embedded(tmp_path)) as intake:
        yield intake


@pytest.fixture(scope="session")
def intake_on_postgres(postgres_port: int) -> Iterator[str]:
    """One migrated database for all tests, which empty it; making one for each takes a second."""
    url = servers.new_database(postgres_port)
    database = open_database(url)
    migrate.upgrade(database, "intake")
    database.close()
    yield url
    servers.drop_database(url)


@pytest.fixture
def emptied(intake_on_postgres: str) -> str:
    database = open_database(intake_on_postgres)
    names = ", ".join(table.name for table in METADATA.sorted_tables)
    with database.transaction() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    database.close()
    return intake_on_postgres


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either(request: pytest.FixtureRequest) -> Iterator[Intake]:
    """What promises something of the database is tested on both."""
    if request.param == "sqlite":
        yield request.getfixturevalue("intake")
    else:
        with running(on_postgres(request.getfixturevalue("emptied"))) as intake:
            yield intake
