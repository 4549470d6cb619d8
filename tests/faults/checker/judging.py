"""All promises held against a folder, and the verdict that says so."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Final

from tests.faults.checker import deciding, keeping, taking, telling
from tests.faults.checker.facts import facts_of
from tests.faults.checker.violation import Violation

Promise = Callable[[Connection], Iterator[Violation]]

PROMISES: Final[Sequence[Promise]] = (
    taking.acknowledged_is_stored,
    taking.stored_was_asked,
    taking.one_intention_is_one_request,
    taking.one_key_has_one_answer,
    taking.acknowledged_command_is_answered,
    taking.commands_are_answered_in_order,
    deciding.each_is_decided_once,
    deciding.one_live_work_order,
    deciding.nobody_goes_to_an_ended_request,
    deciding.dispatch_counts_each_version_once,
    deciding.one_technician_holds_a_visit,
    deciding.acknowledged_step_is_recorded,
    deciding.versions_have_no_gap,
    deciding.each_threshold_fires_once,
    telling.every_status_is_on_the_timeline,
    telling.every_message_arrives,
    telling.second_copies_only_after_kills,
    telling.pages_see_each_line_once,
    keeping.nobody_sees_anothers,
    keeping.only_poison_is_set_aside,
    keeping.poison_is_set_aside_whole,
    keeping.nothing_is_left_over,
    keeping.reconcile_finds_no_difference,
)

#: What each figure of the verdict counts.
_COUNTS: Final = {
    "acknowledged": "SELECT count(*) FROM (SELECT given FROM calls WHERE given IS NOT NULL UNION SELECT channel || mark "
    "FROM calls WHERE op = 'submit' AND phase = 'ok' AND given IS NULL AND mark NOT IN (SELECT mark FROM calls "
    "WHERE given IS NOT NULL AND mark IS NOT NULL))",
    "stored": "SELECT count(*) FROM stored",
    "calls": "SELECT count(*) FROM calls",
    "unknown": "SELECT count(*) FROM calls WHERE phase = 'unknown'",
    "repeats": "SELECT count(*) FROM calls WHERE again",
    "commands": "SELECT count(DISTINCT command) FROM calls WHERE command IS NOT NULL",
    "steps": "SELECT count(*) FROM calls WHERE work_order IS NOT NULL AND phase = 'ok'",
    "visits": "SELECT count(DISTINCT work_order) FROM orders",
    "status_events": "SELECT count(*) FROM versions",
    "repeats_on_the_wire": "SELECT (SELECT count(*) FROM told) - (SELECT count(*) FROM versions) "
    "+ (SELECT count(*) FROM dispatched) - (SELECT count(*) FROM orders)",
    "poison": "SELECT count(*) FROM poison",
    "mails": "SELECT count(*) FROM mails WHERE taken",
    "lines_seen": "SELECT count(*) FROM lines_seen WHERE event = 'change'",
    "kills": "SELECT count(*) FROM faults WHERE fault = 'kill' AND phase = 'begin'",
    "faults": "SELECT count(*) FROM faults WHERE phase = 'begin'",
    "lost": """
        SELECT count(DISTINCT given) FROM calls WHERE given IS NOT NULL AND (given NOT IN (SELECT number FROM stored)
        OR given NOT IN (SELECT number FROM versions WHERE decision = 1)
        OR given NOT IN (SELECT number FROM timeline WHERE version = 1))""",
}
#: Which violations mean that somebody was sent twice.
_TWICE: Final = frozenset({"one_live_work_order", "dispatch_counts_each_version_once", "one_technician_holds_a_visit"})


def check(folder: Path) -> list[Violation]:
    """Every violation of every promise, in their order."""
    with facts_of(folder) as facts:
        return [violation for promise in PROMISES for violation in promise(facts)]


def judge(folder: Path, shown: int = 200) -> dict[str, Any]:
    """The verdict, also written to the folder: the figures, and the first `shown` violations of each promise."""
    found: list[Violation] = []
    with facts_of(folder) as facts:
        for promise in PROMISES:
            found += promise(facts)
        counts = {name: int(facts.execute(query).fetchone()[0]) for name, query in _COUNTS.items()}
        counts["duplicate_mails"] = telling.duplicate_mails(facts)
        counts["lost"] += sum(one.what == "acknowledged and not stored" and "canary" in one.subject for one in found)
    counts["dispatched_twice"] = len({one.subject for one in found if one.promise in _TWICE})
    by_promise = Counter(one.promise for one in found)
    kept = [one for name in by_promise for one in [each for each in found if each.promise == name][:shown]]
    verdict = {"violations": [asdict(one) for one in kept], "broken": dict(by_promise), "counts": counts}
    (folder / "verdict.json").write_text(json.dumps(verdict, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return verdict
