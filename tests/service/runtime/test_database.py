"""Transactions on PostgreSQL: statements that go together, signals, and connections that lost their server."""

import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.runtime.clock import DatabaseClock, transaction_instant
from services.runtime.database import Database, ask, open_database, together
from services.runtime.failures import is_transient
from services.runtime.listen import listen

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(postgres: str) -> Iterator[Database]:
    database = open_database(postgres)
    with database.transaction() as connection:
        connection.execute(text("CREATE TABLE line (place INTEGER PRIMARY KEY)"))
    yield database
    database.close()


def places(database: Database) -> list[int]:
    with database.reading() as connection:
        return list(connection.execute(text("SELECT place FROM line ORDER BY place")).scalars())


def test_statements_that_go_together_are_done_in_order(database: Database) -> None:
    with database.transaction() as connection, together(connection):
        connection.execute(text("INSERT INTO line VALUES (:place)"), [{"place": 1}, {"place": 2}])
        connection.execute(text("UPDATE line SET place = place + 10 WHERE place > 1"))
        connection.execute(text("INSERT INTO line VALUES (2)"))
    assert places(database) == [1, 2, 12]


def test_one_that_fails_raises_its_own_error_and_nothing_is_done(database: Database) -> None:
    def insert_twice() -> None:
        with database.transaction() as connection:
            connection.execute(text("INSERT INTO line VALUES (1)"))
            with together(connection):
                connection.execute(text("INSERT INTO line VALUES (2)"))
                connection.execute(text("INSERT INTO line VALUES (1)"))

    with pytest.raises(IntegrityError) as failed:
        insert_twice()
    assert not is_transient(failed.value)
    assert places(database) == []


def test_what_is_asked_is_read_after_the_block_and_a_block_within_is_part_of_it(database: Database) -> None:
    with database.transaction() as connection:
        with together(connection):
            connection.execute(text("INSERT INTO line VALUES (1)"))
            with together(connection):
                connection.execute(text("INSERT INTO line VALUES (2)"))
            answer = ask(connection, text("SELECT place FROM line WHERE place > :than ORDER BY place"), {"than": 0})
            connection.execute(text("INSERT INTO line VALUES (3)"))
        assert [tuple(row) for row in answer()] == [(1,), (2,)]
    assert places(database) == [1, 2, 3]


def commit_along(database: Database, *statements: str) -> None:
    with database.transaction() as connection, together(connection):
        for statement in statements:
            connection.execute(text(statement))
        database.commit(connection)


def test_a_commit_that_goes_along_commits(database: Database) -> None:
    commit_along(database, "INSERT INTO line VALUES (1)")
    assert places(database) == [1]


def test_a_commit_behind_a_statement_that_fails_commits_nothing_and_spoils_no_connection(database: Database) -> None:
    with pytest.raises(IntegrityError):
        commit_along(database, "INSERT INTO line VALUES (1)", "INSERT INTO line VALUES (1)")
    commit_along(database, "INSERT INTO line VALUES (2)")
    assert places(database) == [2]


def test_a_commit_that_fails_itself_is_an_error(database: Database) -> None:
    """A rule that is looked at last of all."""
    commit_along(database, "ALTER TABLE line ADD CONSTRAINT twice EXCLUDE (place WITH =) DEFERRABLE INITIALLY DEFERRED")
    commit_along(database, "ALTER TABLE line DROP CONSTRAINT line_pkey")
    with pytest.raises(IntegrityError):
        commit_along(database, "INSERT INTO line VALUES (1)", "INSERT INTO line VALUES (1)")
    commit_along(database, "INSERT INTO line VALUES (2)")
    assert places(database) == [2]


def end_sessions(database: Database, url: str) -> None:
    other = open_database(url)
    with other.transaction() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    other.close()


def insert(_database: Database, connection: Connection) -> None:
    connection.execute(text("INSERT INTO line VALUES (2)"))


@pytest.mark.parametrize("last", [insert, Database.commit], ids=["statement", "commit"])
def test_a_session_that_ends_in_the_middle_is_a_failure_that_passes(
    database: Database, postgres: str, last: Callable[[Database, Connection], None]
) -> None:
    def lose_the_session() -> None:
        with database.transaction() as connection:
            connection.execute(text("INSERT INTO line VALUES (1)"))
            end_sessions(database, postgres)
            with together(connection):
                last(database, connection)

    with pytest.raises(DBAPIError) as failed:
        lose_the_session()
    assert is_transient(failed.value)
    assert places(database) == []


def test_a_session_that_ended_before_the_clock_is_read_is_a_failure_that_passes(
    database: Database, postgres: str
) -> None:
    places(database)
    end_sessions(database, postgres)
    with pytest.raises(DBAPIError) as failed, database.transaction() as connection:
        transaction_instant(DatabaseClock(), connection)
    assert is_transient(failed.value)


def test_a_connection_that_lay_idle_is_asked_before_it_is_used(
    database: Database, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its server restarted meanwhile: whoever comes next notices nothing."""
    monkeypatch.setattr("services.runtime.database._TRUSTED", 0.0)
    places(database)
    end_sessions(database, postgres)
    assert places(database) == []


def test_signals_reach_a_listener_once_each_when_the_transaction_commits(database: Database) -> None:
    heard: list[tuple[str, str]] = []
    last = threading.Event()

    def hear(channel: str, payload: str) -> None:
        heard.append((channel, payload))
        if payload == "last":
            last.set()

    listening = listen(database, ["news"], hear)
    try:
        while not heard:  # the listener begins by saying that something may have happened before
            threading.Event().wait(0.01)
        with database.engine.connect() as connection:
            database.notify(connection, [("news", "never")])
            connection.rollback()
        with database.transaction() as connection:
            database.notify(connection, [("news", "a"), ("news", "b"), ("other", "c"), ("news", "last")])
        assert last.wait(10)
    finally:
        listening.stop()
    assert heard[1:] == [("news", "a"), ("news", "b"), ("news", "last")]
