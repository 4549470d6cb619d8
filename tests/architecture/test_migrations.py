"""A migrated database is what the code's tables say, on both kinds of database."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.runtime import migrate
from services.runtime.database import Database, open_database


def migrated(url: str, service: str) -> Database:
    database = open_database(url)
    migrate.upgrade(database, service)
    return database


@pytest.mark.parametrize("service", migrate.SERVICES)
def test_the_migrations_make_the_tables_on_sqlite(service: str, tmp_path: Path) -> None:
    """No drift, and the second run finds nothing to do."""
    database = migrated(f"sqlite:///{tmp_path}/{service}.db", service)
    assert migrate.drift(database, service) == []
    assert migrate.upgrade(database, service) == migrate.current(database) == migrate.newest(service)
    database.close()


@pytest.mark.parametrize("service", migrate.SERVICES)
def test_the_migrations_make_the_tables_on_postgresql(service: str, databases: Callable[[], str]) -> None:
    """The same scripts."""
    database = migrated(databases(), service)
    assert migrate.drift(database, service) == []
    assert migrate.upgrade(database, service) == migrate.current(database) == migrate.newest(service)
    database.close()
