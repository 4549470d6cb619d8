"""What may succeed later, untouched: a full disk and an absent database, never a mistake (docs/architecture.md, Errors)."""

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.runtime.failures import InvalidEvent, Transient, is_transient


def in_sqlalchemy(error: Exception, kind: type[DBAPIError] = OperationalError) -> DBAPIError:
    return kind("INSERT …", None, error)


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("database or disk is full"),
        sqlite3.OperationalError("disk I/O error"),
        sqlite3.OperationalError("database is locked"),
        psycopg.errors.DiskFull("could not extend file: No space left on device"),
        psycopg.errors.DeadlockDetected("deadlock detected"),
        psycopg.errors.LockNotAvailable("lock timeout"),
        psycopg.errors.AdminShutdown("terminating connection"),
        psycopg.errors.TooManyConnections("too many clients"),
        psycopg.OperationalError("connection refused"),
    ],
    ids=lambda error: f"{type(error).__name__}: {error}",
)
def test_what_passes_by_itself_is_tried_again(error: Exception) -> None:
    """As the driver raises it, wrapped by SQLAlchemy."""
    assert is_transient(in_sqlalchemy(error))


@pytest.mark.parametrize("error", [Transient("busy"), PoolTimeout("no connection in time")])
def test_being_busy_passes_by_itself(error: Exception) -> None:
    """Ours, and a pool that gives no connection in time."""
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [
        in_sqlalchemy(psycopg.errors.UniqueViolation("duplicate key"), IntegrityError),
        in_sqlalchemy(sqlite3.IntegrityError("UNIQUE constraint failed"), IntegrityError),
        in_sqlalchemy(sqlite3.OperationalError("no such table: requests")),
        in_sqlalchemy(psycopg.errors.UndefinedTable("no such table"), DBAPIError),
        InvalidEvent("body", "not JSON"),
        ValueError("a bug"),
    ],
    ids=lambda error: f"{type(error).__name__}: {error}",
)
def test_a_mistake_is_not_tried_again(error: Exception) -> None:
    """It would never end."""
    assert not is_transient(error)
