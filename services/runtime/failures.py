"""Why an event could not be applied, and what follows (docs/architecture.md, Errors).

Invalid: never will work → quarantine. Transient: retry, back off, then stop. Anything else is a bug: the batch is tried
event by event and the culprit quarantined as ``bug``.
"""

import sqlite3

from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class InvalidEvent(Exception):
    """This event never will work. ``reason`` is a short stable code; the message is for the person who mends it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Transient(Exception):
    """It may work in a moment: something outside is away or busy."""


class Halted(Exception):
    """Half of what came last went to quarantine: rather than drain the topic, the consumer stops for a person."""


class WrongLog(Exception):
    """A cursor belongs to another log, or lies past its end: a database was restored or exchanged."""


#: PostgreSQL: serialization failure, deadlock, lock time-out, session ended, too many connections, disk full, shutdown.
_TRANSIENT_STATES = ("40001", "40P01", "55P03", "25P03", "53", "57P", "08", "58030")
_TRANSIENT_SQLITE = ("locked", "busy", "full", "disk i/o")


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed later, untouched."""
    if isinstance(error, Transient | PoolTimeout | DisconnectionError | PendingRollbackError):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if type(cause).__module__.startswith("psycopg"):  # not imported: the embedded stack has no PostgreSQL driver
        state = getattr(cause, "sqlstate", None)
        return state.startswith(_TRANSIENT_STATES) if state else isinstance(error, OperationalError)
    if isinstance(cause, sqlite3.OperationalError):
        return any(word in str(cause).lower() for word in _TRANSIENT_SQLITE)
    return False
