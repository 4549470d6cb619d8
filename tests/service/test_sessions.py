"""Sessions on PostgreSQL end when they wait in a transaction, so that they hold nothing that others wait for."""

from sqlalchemy import text

from services.runtime.database import open_database

_LIMIT = text("SELECT current_setting('idle_in_transaction_session_timeout')")


def test_who_reads_everything_may_think_about_it(postgres: str) -> None:
    """`fixline reconcile` compares a hundred thousand requests between two queries. The next of its connection may not."""
    database = open_database(postgres, pool_size=1)
    try:
        with database.reading(at_leisure=True) as connection:
            assert connection.execute(_LIMIT).scalar_one() == "0"
        with database.reading() as connection:
            assert connection.execute(_LIMIT).scalar_one() == "10s"
    finally:
        database.close()
