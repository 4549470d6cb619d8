"""What intake promises: what was acknowledged is there, nothing else is, and a key has one answer."""

from collections.abc import Iterator
from sqlite3 import Connection

from tests.faults.checker.violation import Violation


def acknowledged_is_stored(facts: Connection) -> Iterator[Violation]:
    """Every number that was given is stored with the request that it was given for."""
    query = """
        SELECT DISTINCT given, calls.mark, stored.mark FROM calls LEFT JOIN stored ON stored.number = given
        WHERE given IS NOT NULL AND (stored.number IS NULL OR stored.mark IS NOT calls.mark)"""
    for number, asked, held in facts.execute(query):
        what = "acknowledged and not stored" if held is None else f"was given for {asked}, holds {held}"
        yield Violation("acknowledged_is_stored", number, what)
    # A form that was answered by the page with its number, whether or not that page was seen.
    unseen = """
        SELECT DISTINCT mark FROM calls WHERE op = 'submit' AND phase = 'ok' AND given IS NULL
        AND NOT EXISTS (SELECT 1 FROM stored WHERE stored.mark = calls.mark AND stored.channel = calls.channel)"""
    for (mark,) in facts.execute(unseen):
        yield Violation("acknowledged_is_stored", mark, "acknowledged and not stored")


def stored_was_asked(facts: Connection) -> Iterator[Violation]:
    """Nothing is stored that was not acknowledged or has an unknown outcome."""
    query = """
        SELECT number, mark, channel FROM stored WHERE NOT EXISTS (SELECT 1 FROM calls
        WHERE calls.mark = stored.mark AND calls.channel = stored.channel AND phase IN ('ok', 'unknown'))"""
    for number, mark, channel in facts.execute(query):
        yield Violation("stored_was_asked", number, f"{mark} over {channel} was refused, or never asked")


def one_intention_is_one_request(facts: Connection) -> Iterator[Violation]:
    """Whatever was sent again is stored once; over another channel it is another request."""
    query = (
        "SELECT mark, channel, count(*), group_concat(number) FROM stored GROUP BY mark, channel HAVING count(*) > 1"
    )
    for mark, channel, count, numbers in facts.execute(query):
        yield Violation("one_intention_is_one_request", mark, f"{count} requests over {channel}: {numbers}")


def one_key_has_one_answer(facts: Connection) -> Iterator[Violation]:
    """The same key and body gives the first answer again; another body under it is refused; a channel has its own keys."""
    several = """
        SELECT channel, key, count(DISTINCT given) FROM calls WHERE key IS NOT NULL AND given IS NOT NULL
        GROUP BY channel, key HAVING count(DISTINCT given) > 1"""
    for channel, key, count in facts.execute(several):
        yield Violation("one_key_has_one_answer", f"{channel} {key}", f"{count} numbers")
    bodies = """
        SELECT channel, key, count(DISTINCT body) FROM calls WHERE op = 'submit' AND key IS NOT NULL AND given IS NOT NULL
        AND body IS NOT NULL GROUP BY channel, key HAVING count(DISTINCT body) > 1"""
    for channel, key, count in facts.execute(bodies):
        yield Violation("one_key_has_one_answer", f"{channel} {key}", f"accepted with {count} bodies")
    refused = """
        SELECT DISTINCT first.channel, first.key FROM calls AS first JOIN calls AS again
        ON again.key = first.key AND again.channel = first.channel AND again.body = first.body
        WHERE first.op = 'submit' AND first.given IS NOT NULL AND again.op = 'submit' AND again.status = 422"""
    for channel, key in facts.execute(refused):
        yield Violation(
            "one_key_has_one_answer", f"{channel} {key}", "the same body was accepted once and refused once"
        )
    twins = """
        SELECT given, group_concat(DISTINCT channel) FROM calls WHERE given IS NOT NULL
        GROUP BY given HAVING count(DISTINCT channel) > 1"""
    for number, channels in facts.execute(twins):
        yield Violation("one_key_has_one_answer", number, f"one request for two channels: {channels}")
    refused_twins = "SELECT channel, key FROM calls WHERE op = 'submit' AND twin = 1 AND status = 422"
    for channel, key in facts.execute(refused_twins):
        yield Violation("one_key_has_one_answer", f"{channel} {key}", "refused because another channel used the key")


def acknowledged_command_is_answered(facts: Connection) -> Iterator[Violation]:
    """What a customer asked and was given a command id for becomes one version: done, or refused."""
    query = """
        SELECT calls.command, calls.number, count(DISTINCT versions.event) FROM calls
        LEFT JOIN versions ON versions.command = calls.command WHERE calls.command IS NOT NULL
        GROUP BY calls.command HAVING count(DISTINCT versions.event) <> 1"""
    for command, number, count in facts.execute(query):
        yield Violation("acknowledged_command_is_answered", command, f"{count} versions of {number} answer it")
    keys = """
        SELECT key, count(DISTINCT command) FROM calls WHERE command IS NOT NULL AND key IS NOT NULL
        GROUP BY op, number, key HAVING count(DISTINCT command) > 1"""
    for key, count in facts.execute(keys):
        yield Violation("acknowledged_command_is_answered", key, f"{count} commands under one key")


def commands_are_answered_in_order(facts: Connection) -> Iterator[Violation]:
    """What a customer asked first is answered first: the answers' versions rise as the commands' sequence does."""
    query = """
        SELECT number, sequence, version, before FROM (SELECT number, sequence, version,
        lag(version) OVER (PARTITION BY number ORDER BY sequence) AS before FROM
        (SELECT accepted.number, accepted.sequence, min(versions.version) AS version FROM accepted
        JOIN versions ON versions.command = accepted.command GROUP BY accepted.event))
        WHERE version < before"""
    for number, sequence, version, before in facts.execute(query):
        what = f"command {sequence} is answered by version {version}, the one before it by {before}"
        yield Violation("commands_are_answered_in_order", number, what)
