"""What all promise: nothing of one customer is seen by another, only poison is set aside, and nothing is left over."""

from collections.abc import Iterator
from sqlite3 import Connection

from tests.faults.checker.violation import Violation

#: Who reads a topic, and so sets its poison aside.
_READERS = {"service-requests": ("routing", "notifier"), "request-status": ("notifier",), "dispatch": ()}


def nobody_sees_anothers(facts: Connection) -> Iterator[Violation]:
    """No mark of a customer in anything that another was shown, and no answer for another's request."""
    for subject, what in facts.execute("SELECT subject, what FROM leaks"):
        yield Violation("nobody_sees_anothers", str(subject), what)


def only_poison_is_set_aside(facts: Connection) -> Iterator[Violation]:
    """What lies in quarantine is what was put on the topics to harm; the topics hold nothing else that is no event."""
    query = """
        SELECT consumer, topic, partition, offset, reason FROM quarantine AS letter WHERE NOT EXISTS (SELECT 1 FROM poison
        WHERE poison.topic = letter.topic AND poison.partition = letter.partition AND poison.offset = letter.offset)"""
    for consumer, topic, partition, offset, reason in facts.execute(query):
        yield Violation(
            "only_poison_is_set_aside", f"{topic}/{partition}/{offset}", f"a good event, by {consumer}: {reason}"
        )
    strange = "SELECT topic, partition, offset FROM poison WHERE value NOT IN (SELECT value FROM meant)"
    for topic, partition, offset in facts.execute(strange):
        yield Violation(
            "only_poison_is_set_aside", f"{topic}/{partition}/{offset}", "no event, and the generator's neither"
        )


def poison_is_set_aside_whole(facts: Connection) -> Iterator[Violation]:
    """Each poison that was acknowledged is on its topic, and with each reader in quarantine, byte for byte, once."""
    lost = """
        SELECT topic, partition, offset FROM meant WHERE phase = 'ok' AND NOT EXISTS (SELECT 1 FROM poison
        WHERE poison.topic = meant.topic AND poison.partition = meant.partition AND poison.offset = meant.offset
        AND poison.value = meant.value AND poison.headers = meant.headers AND poison.key IS meant.key)"""
    for topic, partition, offset in facts.execute(lost):
        yield Violation(
            "poison_is_set_aside_whole", f"{topic}/{partition}/{offset}", "is not on the topic as it was put there"
        )
    query = """
        SELECT topic, partition, offset FROM poison WHERE topic = :topic AND (SELECT count(*) FROM quarantine AS letter
        WHERE letter.consumer = :consumer AND letter.topic = poison.topic AND letter.partition = poison.partition
        AND letter.offset = poison.offset AND letter.value = poison.value AND letter.headers = poison.headers) <> 1"""
    for topic, readers in _READERS.items():
        for consumer in readers:
            for _, partition, offset in facts.execute(query, {"topic": topic, "consumer": consumer}):
                what = f"{consumer} does not have it once, byte for byte"
                yield Violation("poison_is_set_aside_whole", f"{topic}/{partition}/{offset}", what)


def nothing_is_left_over(facts: Connection) -> Iterator[Violation]:
    """At rest every outbox is published and every consumer has read all there is."""
    for service, count in facts.execute("SELECT service, count(*) FROM unpublished GROUP BY service"):
        yield Violation("nothing_is_left_over", service, f"{count} events are not published")
    # A topic that was emptied before the run ends beyond its last record: only records count.
    query = """
        SELECT consumer, lag.topic, lag.partition, committed, offset FROM lag JOIN last ON last.topic = lag.topic
        AND last.partition = lag.partition WHERE committed <= offset"""
    for consumer, topic, partition, committed, offset in facts.execute(query):
        what = f"{consumer} stands at {committed}, the last record is {offset}"
        yield Violation("nothing_is_left_over", f"{topic}/{partition}", what)
    logs = """
        SELECT consumer, topic, committed, ending FROM lag WHERE topic IN ('intake', 'routing', 'notifier')
        AND committed < ending"""
    for consumer, topic, committed, ending in facts.execute(logs):
        yield Violation("nothing_is_left_over", topic, f"{consumer} stands at {committed}, the log ends at {ending}")
    if facts.execute("SELECT count(*) FROM lag").fetchone()[0] == 0:
        yield Violation("nothing_is_left_over", "lag.jsonl", "missing: nobody looked")


def reconcile_finds_no_difference(facts: Connection) -> Iterator[Violation]:
    """`fixline reconcile` recomputes every read model from the stored events: 0 differences."""
    for service, subject, what in facts.execute("SELECT service, subject, what FROM differences"):
        yield Violation("reconcile_finds_no_difference", f"{service} {subject}", what)
