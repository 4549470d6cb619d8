"""What the notifier promises: every status is shown, every message arrives, no line of a page is missing or comes twice."""

from collections.abc import Iterator
from sqlite3 import Connection

from tests.faults.checker.violation import Violation

#: Faults that can come between a mail server's 250 and the COMMIT that remembers it.
_COMES_BETWEEN = """
    phase = 'begin' AND (target LIKE '%notifier%' OR target LIKE '%postgres%' OR target LIKE '%mail%'
    OR target LIKE '%smtp%' OR target = 'up' OR target LIKE '%disk%')"""


def every_status_is_on_the_timeline(facts: Connection) -> Iterator[Violation]:
    """Version 0 and each that routing told, once, by the event that told it; and nothing else."""
    missing = """
        SELECT number, version, event FROM versions AS told WHERE NOT EXISTS (SELECT 1 FROM timeline
        WHERE timeline.number = told.number AND timeline.version = told.version AND timeline.event = told.event)"""
    for number, version, event in facts.execute(missing):
        yield Violation("every_status_is_on_the_timeline", number, f"version {version} ({event}) is not there")
    unaccepted = """
        SELECT DISTINCT number, event FROM accepted WHERE type = 'request.accepted' AND NOT EXISTS (SELECT 1 FROM timeline
        WHERE timeline.number = accepted.number AND version = 0 AND timeline.event = accepted.event)"""
    for number, event in facts.execute(unaccepted):
        yield Violation("every_status_is_on_the_timeline", number, f"version 0 ({event}) is not there")
    untold = """
        SELECT number, version FROM timeline WHERE version > 0 AND NOT EXISTS (SELECT 1 FROM versions
        WHERE versions.event = timeline.event) OR version = 0 AND NOT EXISTS (SELECT 1 FROM accepted
        WHERE accepted.number = timeline.number AND accepted.event = timeline.event)"""
    for number, version in facts.execute(untold):
        yield Violation("every_status_is_on_the_timeline", number, f"version {version} was never told")
    counted = """
        SELECT number, count(*), min(seq), max(seq) FROM timeline GROUP BY number
        HAVING min(seq) <> 1 OR max(seq) <> count(*)"""
    for number, count, first, last in facts.execute(counted):
        yield Violation("every_status_is_on_the_timeline", number, f"{count} lines, numbered {first} to {last}")


def every_message_arrives(facts: Connection) -> Iterator[Violation]:
    """Each step that a customer is written to about has its message, and the sink took it; or a later step was known first."""
    missing = """
        SELECT DISTINCT number, version FROM owed WHERE NOT EXISTS (SELECT 1 FROM deliveries
        WHERE deliveries.number = owed.number AND deliveries.version = owed.version AND deliveries.email = owed.email)"""
    for number, version in facts.execute(missing):
        yield Violation("every_message_arrives", number, f"no message for version {version}")
    unsent = """
        SELECT message, number, state FROM deliveries WHERE state NOT IN ('sent', 'superseded') OR (state = 'sent' AND
        NOT EXISTS (SELECT 1 FROM mails WHERE mails.message = deliveries.message AND taken))"""
    for message, number, state in facts.execute(unsent):
        yield Violation("every_message_arrives", number, f"{message} is {state}, and the sink has not taken it")
    superseded = """
        SELECT message, number FROM deliveries WHERE state = 'superseded' AND NOT EXISTS (SELECT 1 FROM versions
        WHERE versions.number = deliveries.number AND versions.version > deliveries.version)"""
    for message, number in facts.execute(superseded):
        yield Violation("every_message_arrives", number, f"{message} was held back for a later step that there is not")
    unknown = """
        SELECT DISTINCT message FROM mails WHERE taken AND NOT EXISTS (SELECT 1 FROM deliveries
        WHERE deliveries.message = mails.message)"""
    for (message,) in facts.execute(unknown):
        yield Violation("every_message_arrives", message, "reached the sink and is nobody's")


def second_copies_only_after_kills(facts: Connection) -> Iterator[Violation]:
    """A mail comes twice only where something broke between the server's 250 and COMMIT: at most one a fault."""
    copies = duplicate_mails(facts)
    (allowed,) = facts.execute(f"SELECT count(*) FROM faults WHERE {_COMES_BETWEEN}").fetchone()  # noqa: S608  # our own words
    if copies > allowed:
        yield Violation(
            "second_copies_only_after_kills", "mails", f"{copies} second copies, {allowed} faults allow for one"
        )


def duplicate_mails(facts: Connection) -> int:
    """Second copies of messages that the sink took."""
    query = """
        SELECT coalesce(sum(copies - 1), 0) FROM (SELECT count(*) AS copies FROM mails WHERE taken
        GROUP BY message, recipient)"""
    return int(facts.execute(query).fetchone()[0])


def pages_see_each_line_once(facts: Connection) -> Iterator[Violation]:
    """Over all its connections a watcher sees 1, 2, 3 …; who followed to the end has seen the whole timeline."""
    query = """
        SELECT watcher, seq, place FROM (SELECT watcher, seq,
        row_number() OVER (PARTITION BY watcher ORDER BY position) AS place FROM lines_seen WHERE event = 'change')
        WHERE seq <> place"""
    for watcher, seq, place in facts.execute(query):
        yield Violation("pages_see_each_line_once", watcher, f"line {seq} came as the {place}.")
    ends = """
        SELECT watcher, seq, (SELECT count(*) FROM timeline WHERE timeline.number = lines_seen.number) AS there
        FROM lines_seen WHERE event = 'closed' AND seq <> there"""
    for watcher, seq, there in facts.execute(ends):
        yield Violation("pages_see_each_line_once", watcher, f"saw {seq} lines of {there}")
