"""What routing promises: one first decision, one visit at a time, versions without gaps, each threshold once."""

from collections.abc import Iterator
from sqlite3 import Connection

from tests.faults.checker.violation import Violation

_ENDED = "('work-order.completed', 'work-order.incomplete', 'work-order.withdrawn')"
#: After one of these somebody else may hold the visit.
_FREED = "('work-order.requeued')"


def each_is_decided_once(facts: Connection) -> Iterator[Violation]:
    """Every stored request has exactly one first decision, told once and stored once; and no decision is told twice."""
    query = """
        SELECT stored.number, count(DISTINCT versions.event), count(DISTINCT decisions.decision) FROM stored
        LEFT JOIN versions ON versions.number = stored.number AND versions.decision = 1
        LEFT JOIN decisions ON decisions.number = stored.number AND decisions.decision = 1
        GROUP BY stored.number HAVING count(DISTINCT versions.event) <> 1 OR count(DISTINCT decisions.decision) <> 1"""
    for number, told, stored in facts.execute(query):
        yield Violation("each_is_decided_once", number, f"first decision told {told} times, stored {stored} times")
    later = """
        SELECT number, decision, count(*) FROM versions WHERE decision > 1 GROUP BY number, decision HAVING count(*) > 1"""
    for number, decision, count in facts.execute(later):
        yield Violation("each_is_decided_once", number, f"decision {decision} told {count} times")
    unasked = "SELECT DISTINCT number FROM versions WHERE number NOT IN (SELECT number FROM stored)"
    for (number,) in facts.execute(unasked):
        yield Violation("each_is_decided_once", number, "decided and never accepted")


def one_live_work_order(facts: Connection) -> Iterator[Violation]:
    """By the dispatch topic alone: a request has at most one visit that somebody still has to make, at any time."""
    final = f"""
        SELECT number, count(*) FROM (SELECT number, work_order FROM orders GROUP BY work_order
        HAVING sum(type IN {_ENDED}) = 0) GROUP BY number HAVING count(*) > 1"""  # noqa: S608  # our own words
    for number, count in facts.execute(final):
        yield Violation("one_live_work_order", number, f"{count} visits are open at the end")
    # The next is offered after the one before has ended: in a queue, the topic has them in order.
    overlapping = f"""
        SELECT DISTINCT later.number, later.work_order FROM orders AS later JOIN orders AS earlier
        ON earlier.number = later.number AND earlier.work_order <> later.work_order AND earlier.partition = later.partition
        AND earlier.type = 'work-order.offered' AND earlier.offset < later.offset
        WHERE later.type = 'work-order.offered' AND NOT EXISTS (SELECT 1 FROM orders AS ending
        WHERE ending.work_order = earlier.work_order AND ending.type IN {_ENDED} AND ending.offset < later.offset)"""  # noqa: S608  # our own words
    for number, work_order in facts.execute(overlapping):
        yield Violation("one_live_work_order", number, f"{work_order} was offered while another visit was open")
    held = "SELECT number, count(*) FROM work_orders WHERE live GROUP BY number HAVING count(*) > 1"
    for number, count in facts.execute(held):
        yield Violation("one_live_work_order", number, f"{count} live rows")


def nobody_goes_to_an_ended_request(facts: Connection) -> Iterator[Violation]:
    """Whose last status is an end, nobody has to visit any more."""
    query = f"""
        SELECT number, status, (SELECT min(work_order) FROM orders WHERE orders.number = latest.number
        AND work_order NOT IN (SELECT work_order FROM orders WHERE type IN {_ENDED})) AS open
        FROM (SELECT number, status, max(version) FROM versions GROUP BY number) AS latest
        WHERE status IN ('cancelled', 'closed', 'rejected') AND open IS NOT NULL"""  # noqa: S608  # our own words
    for number, status, work_order in facts.execute(query):
        yield Violation("nobody_goes_to_an_ended_request", number, f"it is {status}, and {work_order} is open")


def dispatch_counts_each_version_once(facts: Connection) -> Iterator[Violation]:
    """By work-order id and version: 1, 2, 3 … without a gap, and each one event, whatever was repeated on the wire."""
    query = """
        SELECT work_order, count(*), count(DISTINCT version), max(version) FROM orders GROUP BY work_order
        HAVING count(*) <> count(DISTINCT version) OR max(version) <> count(DISTINCT version)"""
    for work_order, events, versions, latest in facts.execute(query):
        what = f"{events} events for {versions} versions, the latest {latest}"
        yield Violation("dispatch_counts_each_version_once", work_order, what)
    offered = """
        SELECT work_order, count(*) FROM orders WHERE type = 'work-order.offered' GROUP BY work_order HAVING count(*) > 1"""
    for work_order, count in facts.execute(offered):
        yield Violation("dispatch_counts_each_version_once", work_order, f"offered {count} times")


def one_technician_holds_a_visit(facts: Connection) -> Iterator[Violation]:
    """By the technicians' own records: who was told that a step was theirs, nobody else was told the same."""
    twice = """
        SELECT work_order, version, group_concat(DISTINCT client) FROM calls
        WHERE work_order IS NOT NULL AND phase = 'ok' GROUP BY work_order, version HAVING count(DISTINCT client) > 1"""
    for work_order, version, clients in facts.execute(twice):
        yield Violation("one_technician_holds_a_visit", work_order, f"version {version} is {clients}'s")
    between = f"""
        SELECT work_order, version, client, before FROM (SELECT work_order, version, client,
        lag(client) OVER mine AS before, lag(version) OVER mine AS since FROM
        (SELECT DISTINCT work_order, version, client FROM calls WHERE work_order IS NOT NULL AND phase = 'ok')
        WINDOW mine AS (PARTITION BY work_order ORDER BY version)) AS pairs
        WHERE client <> before AND NOT EXISTS (SELECT 1 FROM orders WHERE orders.work_order = pairs.work_order
        AND orders.version > since AND orders.version <= pairs.version AND type IN {_FREED})"""  # noqa: S608  # our own words
    for work_order, version, client, before in facts.execute(between):
        what = f"{client} has version {version} while {before} holds it"
        yield Violation("one_technician_holds_a_visit", work_order, what)


def acknowledged_step_is_recorded(facts: Connection) -> Iterator[Violation]:
    """A step that a technician was told is done is on record under that technician's name, and was told on the topic."""
    query = """
        SELECT DISTINCT calls.work_order, calls.version, calls.client, calls.op FROM calls
        WHERE calls.work_order IS NOT NULL AND calls.phase = 'ok' AND (NOT EXISTS (SELECT 1 FROM steps
        WHERE steps.work_order = calls.work_order AND steps.version = calls.version AND steps.by = calls.client)
        OR NOT EXISTS (SELECT 1 FROM orders WHERE orders.work_order = calls.work_order AND orders.version = calls.version))"""
    for work_order, version, client, op in facts.execute(query):
        what = f"{client} was told {op} is done at version {version}; it is not on record, or was not told"
        yield Violation("acknowledged_step_is_recorded", work_order, what)


def versions_have_no_gap(facts: Connection) -> Iterator[Violation]:
    """On request-status the first occurrences of a key's versions are 1, 2, 3 …, in order, on one partition."""
    query = """
        SELECT number, version, place FROM (SELECT number, version,
        row_number() OVER (PARTITION BY number ORDER BY partition, offset) AS place FROM versions)
        WHERE version <> place"""
    for number, version, place in facts.execute(query):
        yield Violation("versions_have_no_gap", number, f"version {version} comes as the {place}.")
    parts = "SELECT number FROM versions GROUP BY number HAVING count(DISTINCT partition) > 1"
    for (number,) in facts.execute(parts):
        yield Violation("versions_have_no_gap", number, "lies on several partitions")


def each_threshold_fires_once(facts: Connection) -> Iterator[Violation]:
    """A response clock warns once at each threshold; a new decision starts a new clock. No timer fires twice."""
    query = """
        SELECT number, threshold, count(*), (SELECT count(*) FROM versions AS decided
        WHERE decided.number = warned.number AND decided.decision IS NOT NULL) AS clocks FROM versions AS warned
        WHERE threshold IS NOT NULL GROUP BY number, threshold HAVING count(*) > max(1, clocks)"""
    for number, threshold, count, clocks in facts.execute(query):
        yield Violation("each_threshold_fires_once", number, f"{threshold} % told {count} times for {clocks} clocks")
    timers = """
        SELECT subject, kind, due, count(*) FROM timers WHERE fired IS NOT NULL
        GROUP BY subject, kind, due HAVING count(*) > 1"""
    for subject, kind, due, count in facts.execute(timers):
        yield Violation("each_threshold_fires_once", subject, f"{kind} due {due} fired {count} times")
