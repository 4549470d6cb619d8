"""Each promise holds in the whole run and is found broken where one thing is broken: a checker that cannot fail proves
nothing."""

import base64
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from tests.faults.checker import check, judge
from tests.faults.checker.judging import PROMISES
from tests.unit.faults.folder import (
    EMAIL,
    MARK_N,
    ORDER_M,
    ORDER_N,
    Folder,
    Line,
    M,
    N,
    P,
    a_run,
    call,
    record,
    told,
    visited,
)

Break = Callable[[Folder], object]

LEDGER, STORED = "ledger.jsonl", "tables/intake/requests.jsonl"
STATUS, DISPATCH = "topics/request-status.jsonl", "topics/dispatch.jsonl"
TIMELINE, DELIVERIES = "tables/notifier/timeline.jsonl", "tables/notifier/deliveries.jsonl"
QUARANTINE = "tables/notifier/quarantine.jsonl"
NEXT = f"WO-{N}-2"


def drop(name: str, **wanted: object) -> Break:
    return lambda run: run[name].remove(run.one(name, **wanted))


def change(name: str, wanted: dict[str, object], **values: object) -> Break:
    return lambda run: run.one(name, **wanted).update(values)


def append(name: str, *lines: Line) -> Break:
    return lambda run: run[name].extend(lines)


def both(*breaks: Break) -> Break:
    return lambda run: [one(run) for one in breaks]


def more_calls(*given: object, **told_: object) -> Break:
    return append(LEDGER, *call(*given, **told_))  # type: ignore[arg-type]  # a test's own words


BODY = {"kind": "hardware_repair", "text": f"Dead. {MARK_N}"}
OTHER = {"kind": "hardware_repair", "text": f"Other. {MARK_N}"}
MINE = {"work_order": ORDER_N}
MAIL = {"message_id": "m-1", "to": EMAIL, "reply": "250 taken"}
WARNED = "request.clock-warned"

BROKEN: list[tuple[str, str, Break]] = [
    ("acknowledged_is_stored", "an acknowledged number is not there", drop(STORED, number=N)),
    ("acknowledged_is_stored", "it holds another's request", change(STORED, {"number": P}, request={"text": MARK_N})),
    (
        "acknowledged_is_stored",
        "a web form was redirected to its number, and nothing is there",
        more_calls("f-1", "form", "form", "web", {}, {"location": "/x"}, 303, draft="d", mark="canary-X-0-7-form-1"),
    ),
    (
        "stored_was_asked",
        "what was refused is there",
        append(STORED, {"number": "1", "channel": "web", "request": {"text": MARK_N}}),
    ),
    (
        "one_intention_is_one_request",
        "what was sent again is there twice",
        append(STORED, {"number": "1", "channel": "api", "request": {"text": MARK_N}}),
    ),
    (
        "one_key_has_one_answer",
        "a repeat got another number",
        more_calls("x-1", "api", "submit", "api", BODY, {"number": "1"}, 201, key="k1"),
    ),
    (
        "one_key_has_one_answer",
        "another body was accepted under the key",
        more_calls("x-1", "api", "submit", "api", OTHER, {"number": N}, 201, key="k1"),
    ),
    (
        "one_key_has_one_answer",
        "the same body was refused the second time",
        more_calls("x-1", "api", "submit", "api", BODY, {}, 422, key="k1"),
    ),
    (
        "one_key_has_one_answer",
        "the key forgot its channel: one number for both",
        more_calls("x-1", "api", "submit", "phone", BODY, {"number": N}, 201, key="k9"),
    ),
    (
        "one_key_has_one_answer",
        "the key forgot its channel: refused",
        more_calls("x-1", "api", "submit", "phone", BODY, {}, 422, key="k9", twin=True),
    ),
    (
        "acknowledged_command_is_answered",
        "a cancellation is answered by no version",
        more_calls("x-1", "api", "cancel", "api", {}, {"command_id": "cmd-9"}, 202, key="k9", number=N),
    ),
    (
        "commands_are_answered_in_order",
        "the second is answered before the first",
        both(
            append(
                "topics/service-requests.jsonl",
                record(4, f"c-{M}-2", "request.amended", {"number": M, "sequence": 2, "command_id": "cmd-2"}),
                record(5, f"c-{M}-3", "request.amended", {"number": M, "sequence": 3, "command_id": "cmd-3"}),
            ),
            append(STATUS, told(7, M, 3, command_id="cmd-3"), told(8, M, 4, command_id="cmd-2")),
        ),
    ),
    (
        "nobody_goes_to_an_ended_request",
        "cancelled, and the visit still offered",
        lambda run: drop_records(run, DISPATCH, f"d-{ORDER_M}-2"),
    ),
    ("each_is_decided_once", "never told", lambda run: drop_records(run, STATUS, f"s-{P}-1")),
    ("each_is_decided_once", "decided and stored twice", lambda run: run[STATUS].append(twice_decided())),
    ("each_is_decided_once", "told and not stored", drop("tables/routing/decisions.jsonl", number=P)),
    ("one_live_work_order", "two visits open at the end", append(DISPATCH, visited(6, NEXT, 1, "offered"))),
    (
        "one_live_work_order",
        "the second was offered before the first ended",
        append(DISPATCH, visited(6, NEXT, 1, "offered"), visited(7, ORDER_N, 4, "withdrawn")),
    ),
    (
        "one_live_work_order",
        "two live rows",
        append("tables/routing/work_orders.jsonl", {"id": NEXT, "number": N, "version": 1, "status": "queued"}),
    ),
    (
        "dispatch_counts_each_version_once",
        "offered again under another event",
        append(
            DISPATCH, record(6, "d-other", "work-order.offered", {"work_order": ORDER_N, "version": 1, "number": N})
        ),
    ),
    ("dispatch_counts_each_version_once", "a version is missing", append(DISPATCH, visited(6, ORDER_N, 5, "en-route"))),
    (
        "one_technician_holds_a_visit",
        "two were told that they have it",
        more_calls("t-9", "racer-b", "claim", "staff", {}, {"version": 2}, 200, key="t9", **MINE),
    ),
    (
        "one_technician_holds_a_visit",
        "another goes on with it",
        more_calls("t-9", "racer-b", "en-route", "staff", {}, {"version": 4}, 200, key="t9", **MINE),
    ),
    ("acknowledged_step_is_recorded", "a step is not on record", drop("tables/routing/steps.jsonl", version=3)),
    ("acknowledged_step_is_recorded", "a step was not told", lambda run: drop_records(run, DISPATCH, f"d-{ORDER_N}-3")),
    ("versions_have_no_gap", "a version is missing", lambda run: drop_records(run, STATUS, f"s-{N}-2")),
    ("versions_have_no_gap", "a later one came first", lambda run: swap(run, f"s-{M}-1", f"s-{M}-2")),
    ("each_threshold_fires_once", "told twice", lambda run: run[STATUS].append(told(11, N, 4, WARNED, threshold=75))),
    (
        "each_threshold_fires_once",
        "a timer fired twice",
        lambda run: run.again("tables/routing/timers.jsonl", run.one("tables/routing/timers.jsonl", id=1), id=3),
    ),
    ("every_status_is_on_the_timeline", "a version is not shown", drop(TIMELINE, number=N, version=3)),
    ("every_status_is_on_the_timeline", "the acceptance is not shown", drop(TIMELINE, number=P, version=0)),
    (
        "every_status_is_on_the_timeline",
        "a line that nobody told",
        append(TIMELINE, {"number": P, "version": 2, "seq": 3, "event_id": "nobody's"}),
    ),
    ("every_message_arrives", "no message for a step", drop(DELIVERIES, version=2)),
    ("every_message_arrives", "still waiting", change(DELIVERIES, {"version": 2}, state="due")),
    (
        "every_message_arrives",
        "sent, says the table, and the sink has it not",
        drop("mails.jsonl", message_id="<m-2@localhost>"),
    ),
    (
        "every_message_arrives",
        "the sink refused it",
        change("mails.jsonl", {"message_id": "<m-2@localhost>"}, reply="451"),
    ),
    (
        "every_message_arrives",
        "held back for a later step that there is not",
        both(change(DELIVERIES, {"version": 2}, state="superseded"), lambda run: drop_records(run, STATUS, f"s-{N}-3")),
    ),
    ("every_message_arrives", "a mail that is nobody's", append("mails.jsonl", {**MAIL, "message_id": "m-9"})),
    ("second_copies_only_after_kills", "a second copy, and nothing broke", append("mails.jsonl", MAIL)),
    ("pages_see_each_line_once", "a line is missing", drop("sse.jsonl", id=2)),
    ("pages_see_each_line_once", "a line came twice", lambda run: run.again("sse.jsonl", run.one("sse.jsonl", id=2))),
    (
        "pages_see_each_line_once",
        "the last never came",
        both(drop("sse.jsonl", id=4, event="change"), lambda run: closed(run, 3)),
    ),
    (
        "nobody_sees_anothers",
        "another's mark in an answer",
        more_calls("w-9", "page.0", "look", "page", None, {"text": MARK_N}, 200, acts_for="F-002"),
    ),
    (
        "nobody_sees_anothers",
        "another's request is answered",
        more_calls("w-9", "page.0", "pry", "page", None, {}, 200, acts_for="F-002", number=N),
    ),
    (
        "only_poison_is_set_aside",
        "a good event in quarantine",
        lambda run: run.again(QUARANTINE, run[QUARANTINE][0], offset=2),
    ),
    (
        "only_poison_is_set_aside",
        "rubbish that is nobody's",
        lambda run: run.again(STATUS, run[STATUS][-1], offset=12, value="AAAA"),
    ),
    ("poison_is_set_aside_whole", "it is in no quarantine", drop(QUARANTINE, offset=9)),
    ("poison_is_set_aside_whole", "a byte is another", change(QUARANTINE, {"offset": 9}, raw="AAAA")),
    ("poison_is_set_aside_whole", "it never reached the topic", lambda run: run[STATUS].pop()),
    (
        "nothing_is_left_over",
        "an event is not published",
        append("tables/intake/outbox.jsonl", {"event_id": "x", "published_at": None}),
    ),
    ("nothing_is_left_over", "a consumer is behind", change("lag.jsonl", {"partition": 0}, committed=9)),
    ("nothing_is_left_over", "nobody looked", lambda run: run["lag.jsonl"].clear()),
    (
        "reconcile_finds_no_difference",
        "one difference",
        lambda run: run.reconcile.update(
            exit=1, differences=[{"service": "routing", "subject": N, "what": "status", "expected": "a", "found": "b"}]
        ),
    ),
    (
        "reconcile_finds_no_difference",
        "it did not run",
        lambda run: run.reconcile.pop("differences"),
    ),
]


def test_a_run_in_which_all_was_kept_breaks_no_promise(tmp_path: Path) -> None:
    """Repeats on the wire, a conflict, a lost race, an unknown outcome and poison are no violations."""
    assert check(a_run().write(tmp_path)) == []


@pytest.mark.parametrize(("promise", "what", "broken"), BROKEN, ids=[f"{one[0]}: {one[1]}" for one in BROKEN])
def test_a_broken_promise_is_found(promise: str, what: str, broken: Break, tmp_path: Path) -> None:
    """By its name, when one thing in the folder is not as it should be."""
    run = a_run()
    broken(run)
    assert promise in {violation.promise for violation in check(run.write(tmp_path))}, what


def test_every_promise_is_seen_broken() -> None:
    """So that none is added that cannot fail."""
    assert {one[0] for one in BROKEN} == {promise.__name__ for promise in PROMISES}


def test_an_unknown_outcome_allows_both(tmp_path: Path) -> None:
    """A request whose answer was lost may be stored, and may not be."""
    run = a_run()
    run.one(LEDGER, id="a-1", phase="ok").update(phase="unknown", status=None, answer=None)
    run.one(LEDGER, id="a-2", phase="ok").update(phase="unknown", status=None, answer=None)
    run[LEDGER].extend(call("u-1", "web", "submit", "web", {"text": "x canary-X-0-7-web-1"}, None, 503))
    assert check(run.write(tmp_path)) == []


def test_a_call_without_a_second_line_has_an_unknown_outcome(tmp_path: Path) -> None:
    """The generator was killed; a line cut off in the middle counts as not written."""
    run = a_run()
    for id_ in ("a-1", "a-2"):
        run[LEDGER].remove(run.one(LEDGER, id=id_, phase="ok"))
    folder = run.write(tmp_path)
    with (folder / LEDGER).open("ab") as ledger:
        ledger.write(b'{"id": "cut')
    assert check(folder) == []


def test_a_second_copy_is_allowed_for_each_fault_that_comes_between(tmp_path: Path) -> None:
    """The notifier was killed once, between the server's 250 and COMMIT: one copy, not two."""
    run = a_run()
    run["faults.jsonl"].append({"fault": "kill", "target": "work notifier", "phase": "begin"})
    run["mails.jsonl"].append(MAIL)
    assert check(run.write(tmp_path)) == []
    run["mails.jsonl"].append(MAIL)
    assert [one.promise for one in check(run.write(tmp_path))] == ["second_copies_only_after_kills"]


def test_embedded_nothing_is_published(tmp_path: Path) -> None:
    """The outbox is the log, and a cursor stands at its end."""
    run = a_run()
    run.run["mode"] = "embedded"
    run["tables/intake/outbox.jsonl"][0]["published_at"] = None
    run["lag.jsonl"][:] = [{"group": "routing", "topic": "intake", "partition": 0, "committed": 4, "end": 4}]
    assert check(run.write(tmp_path)) == []


def test_the_verdict_counts_and_stays_in_the_folder(tmp_path: Path) -> None:
    """What the report and docs/reliability.md are made of."""
    run = a_run()
    run[STORED].remove(run.one(STORED, number=N))
    folder = run.write(tmp_path)
    verdict = judge(folder)
    assert orjson.loads((folder / "verdict.json").read_bytes()) == verdict
    assert verdict["broken"]["acknowledged_is_stored"] == 1
    figures = {"acknowledged": 3, "stored": 2, "lost": 1, "dispatched_twice": 0, "kills": 1, "poison": 1, "mails": 2}
    assert {name: verdict["counts"][name] for name in figures} == figures


def drop_records(run: Folder, topic: str, event: str) -> None:
    """Every occurrence of an event."""
    kept = [line for line in run[topic] if id_of(line) != event]
    run.files[topic] = kept


def swap(run: Folder, one: str, other: str) -> None:
    """Two events change places on the wire."""
    first, second = (next(line for line in run[STATUS] if id_of(line) == event) for event in (one, other))
    first["offset"], second["offset"] = second["offset"], first["offset"]


def id_of(line: dict[str, object]) -> str:
    headers: list[list[str]] = line["headers"]  # type: ignore[assignment]  # lines are plain JSON
    return base64.b64decode(headers[0][1]).decode()


def twice_decided() -> dict[str, object]:
    body = {"number": P, "version": 2, "index": 1, "standing": {"milestone": "x"}, "recipients": []}
    return record(12, "s-again", "request.decided", body)


def closed(run: Folder, seq: int) -> None:
    run.one("sse.jsonl", event="closed")["id"] = seq
