"""The ledger as facts: each call with its outcome, a bulk file as one call for each of its lines, and what leaked."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

from tests.faults.generator.bodies import CANARY, STRANGER
from tests.faults.ledger import CALL, FAIL, OK, UNKNOWN

_NUMBER: Final = re.compile(r"/en/requests/([0-9]{12})")
_NOTHING: Final[Mapping[str, Any]] = {"phase": UNKNOWN, "status": None, "answer": None}

Fact = tuple[str, tuple[Any, ...]]


def calls_in(ledger: Iterable[Mapping[str, Any]]) -> Iterator[Fact]:
    """(table, row) of every call; one without a second line has an unknown outcome."""
    open_calls: dict[str, Mapping[str, Any]] = {}
    for line in ledger:
        if line["phase"] == CALL:
            open_calls[line["id"]] = line
        elif (call := open_calls.pop(line["id"], None)) is not None:
            yield from _facts(call, line)
    for call in open_calls.values():
        yield from _facts(call, _NOTHING)


def _facts(call: Mapping[str, Any], end: Mapping[str, Any]) -> Iterator[Fact]:
    match call["op"]:
        case "poison":
            answer = end["answer"] or {}
            headers = orjson.dumps(call["headers"]).decode()
            place = (call["topic"], answer.get("partition"), answer.get("offset"))
            yield "meant", (*place, end["phase"], call["key"], headers, call["value"])
            return
        case "bulk":
            yield from _bulk(call, end)
        case "form" | "form-sent":
            yield "calls", _form(call, end)
        case "submit":
            yield "calls", _submit(call, end, call["body"], call["key"], end["phase"], end["status"], end["answer"])
        case _:
            yield "calls", _other(call, end)
    yield from _leaks(call, end)


def _bulk(call: Mapping[str, Any], end: Mapping[str, Any]) -> Iterator[Fact]:
    """A line's outcome is its own; one without an answer, of a file that was not refused whole, is unknown."""
    answers = {line["line"]: line for line in end["answer"]} if isinstance(end["answer"], list) else {}
    for number, body in enumerate(call["body"], 1):
        answer = answers.get(number)
        if answer is None:
            phase, status = (FAIL if end["phase"] == FAIL else UNKNOWN), end["status"]
        else:
            status = answer["status"]
            phase = OK if status == 201 else UNKNOWN if status >= 500 else FAIL
        line = {**call, "id": f"{call['id']}/{number}"}
        # A conflict changes one line of the file; the others are repeats.
        yield "calls", _submit(line, end, body, f"{call['key']}/{number}", phase, status, answer or {})


def _submit(
    call: Mapping[str, Any],
    end: Mapping[str, Any],
    body: Mapping[str, Any],
    key: str | None,
    phase: str,
    status: int | None,
    answer: Any,
) -> tuple[Any, ...]:
    given = answer.get("number") if phase == OK and isinstance(answer, dict) else None
    mark = CANARY.search(body.get("text") or "")
    return (
        call["id"],
        call["client"],
        "submit",
        phase,
        status,
        call["channel"],
        key,
        digest(body),
        mark[0] if mark else None,
        None,
        given,
        None,
        None,
        None,
        *_flags(call),
    )


def _form(call: Mapping[str, Any], end: Mapping[str, Any]) -> tuple[Any, ...]:
    """The last page of a web form: the redirect acknowledges, the page behind it shows the number."""
    found = _NUMBER.search(end["answer"]) if isinstance(end["answer"], str) else None
    acknowledged = end["phase"] == OK and (isinstance(end["answer"], dict) or found is not None)
    phase = OK if acknowledged else UNKNOWN
    given = found[1] if found and acknowledged else None
    head = (call["id"], call["client"], "submit", phase, end["status"], "web", call.get("draft"), None, call["mark"])
    return (*head, None, given, None, None, None, *_flags(call))


def _other(call: Mapping[str, Any], end: Mapping[str, Any]) -> tuple[Any, ...]:
    answer = end["answer"] if isinstance(end["answer"], dict) else {}
    ok = end["phase"] == OK
    head = (call["id"], call["client"], call["op"], end["phase"], end["status"], call["channel"], call["key"])
    return (
        *head,
        digest(call.get("body")),
        None,
        call.get("number"),
        None,
        answer.get("command_id") if ok else None,
        call.get("work_order"),
        answer.get("version") if ok else None,
        *_flags(call),
    )


def _leaks(call: Mapping[str, Any], end: Mapping[str, Any]) -> Iterator[Fact]:
    """Marks of other customers in an answer, and an answer where there should be none."""
    if call["op"] == "pry" and end["phase"] == OK:
        yield "leaks", (call.get("number"), f"{call['acts_for']} was answered {end['status']} for another's request")
    if not call.get("acts_for"):
        return
    own = {*str(call["acts_for"]).split(","), STRANGER}
    shown = CANARY.findall(orjson.dumps(end["answer"]).decode())
    for customer in sorted(set(shown) - own):
        yield "leaks", (call["id"], f"{call['acts_for']} was shown what {customer} wrote")


def _flags(call: Mapping[str, Any]) -> tuple[int, int, int]:
    return int(bool(call.get("again"))), int(bool(call.get("twin"))), int(bool(call.get("conflict")))


def digest(body: Any) -> str:
    """The same for the same JSON."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()[:24]
