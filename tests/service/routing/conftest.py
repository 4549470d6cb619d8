"""The same routing on both databases."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from services.routing.rules.calendars import pin_time_zones
from services.routing.tables import METADATA
from services.runtime import migrate
from services.runtime.database import Database, open_database
from tests import servers
from tests.service.routing.browsing import Browsing, browsing
from tests.service.routing.harness import Routing


@pytest.fixture(scope="session", autouse=True)
def _zones() -> None:
    pin_time_zones()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file; each test gets a copy."""
    path = tmp_path_factory.mktemp("routing") / "routing.db"
    database = open_database(f"sqlite:///{path}")
    migrate.upgrade(database, "routing")
    database.close()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_port: int) -> Iterator[Database]:
    """One migrated database for all tests, which empty it; making one for each takes a second."""
    url = servers.new_database(postgres_port)
    database = open_database(url)
    migrate.upgrade(database, "routing")
    yield database
    database.close()
    servers.drop_database(url)


@pytest.fixture
def emptied_postgres(migrated_postgres: Database) -> Database:
    names = ", ".join(table.name for table in METADATA.sorted_tables)
    with migrated_postgres.transaction() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    return migrated_postgres


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def routing(request: pytest.FixtureRequest, tmp_path: Path, empty_file: Path) -> Iterator[Routing]:
    """Routing with a small provider's data (`harness.a_provider`)."""
    if request.param == "sqlite":
        database = open_database(f"sqlite:///{shutil.copy(empty_file, tmp_path / 'routing.db')}")
        routing = Routing(database)
        routing.given()
        yield routing
        database.close()
    else:
        routing = Routing(request.getfixturevalue("emptied_postgres"))
        routing.given()
        yield routing


@pytest.fixture
def web(routing: Routing) -> Browsing:
    """Routing's addresses over the same database."""
    return browsing(routing)
