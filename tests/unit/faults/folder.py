"""A tiny run in which every promise was kept: three requests, a visit, a page, some mails, poison. Tests break one thing in it.

N came over the API and is visited; M is the same key over the telephone, and was cancelled at once; P is a line of a bulk file.
"""

import base64
import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

N, M, P = "482190347716", "482190347724", "482190347732"
ORDER_N, ORDER_M = f"WO-{N}-1", f"WO-{M}-1"
MARK_N = "canary-F-001-7-api-1"
MARK_P = "canary-F-002-7-bulk.a-1"
EMAIL = "service@example.com"

Line = dict[str, Any]


def encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


POISON: Final = encoded(b"\xff poison-7-1")
POISON_HEADERS: Final = [["colour", encoded(b"blue")]]


@dataclass
class Folder:
    """A run's files: lines by file name, and the two that are one object each."""

    files: dict[str, list[Line]]
    run: Line = field(default_factory=lambda: {"seed": 7, "mode": "kafka", "mutant": None})
    reconcile: Line = field(default_factory=lambda: {"exit": 0, "requests": 3, "differences": []})

    def __getitem__(self, name: str) -> list[Line]:
        return self.files[name]

    def one(self, name: str, **wanted: Any) -> Line:
        """The only line with these values."""
        (found,) = [line for line in self.files[name] if wanted.items() <= line.items()]
        return found

    def again(self, name: str, line: Line, **changed: Any) -> None:
        """The line once more at the end of its file, with these values."""
        self.files[name].append(copy.deepcopy(line) | changed)

    def write(self, path: Path) -> Path:
        for name, lines in self.files.items():
            file = path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
        (path / "run.json").write_bytes(orjson.dumps(self.run))
        (path / "reconcile.json").write_bytes(orjson.dumps(self.reconcile))
        return path


def call(id_: str, client: str, op: str, channel: str, body: Any, answer: Any, status: int, **told: Any) -> list[Line]:
    """Both lines of one call."""
    phase = "ok" if status < 400 else "fail" if status < 500 else "unknown"
    told = {"key": None, "acts_for": None, **told}
    head = {"at": "2026-11-28T12:00:00+00:00", "id": id_, "client": client, "op": op, "channel": channel, **told}
    return [{**head, "phase": "call", "body": body}, {**head, "phase": phase, "status": status, "answer": answer}]


def record(offset: int, id_: str, type_: str, body: Line, partition: int = 0) -> Line:
    headers = [["ce_id", encoded(id_.encode())], ["ce_type", encoded(type_.encode())]]
    value = encoded(orjson.dumps(body))
    return {"partition": partition, "offset": offset, "key": encoded(b"k"), "headers": headers, "value": value}


def told(offset: int, number: str, version: int, type_: str = "request.status-changed", **more: Any) -> Line:
    """A record of request-status; its id is `s-NUMBER-VERSION`."""
    milestone = more.pop("milestone", "queued_for_technician")
    standing = {"milestone": milestone, "status": "cancelled" if milestone == "cancelled" else "inProgress"}
    body = {"number": number, "version": version, "standing": standing, "command_id": None}
    body |= {"recipients": [{"email": EMAIL}] if number == N else [], **more}
    return record(offset, f"s-{number}-{version}", type_, body)


def visited(offset: int, order: str, version: int, step: str) -> Line:
    body = {"work_order": order, "version": version, "number": order.split("-")[1]}
    return record(offset, f"d-{order}-{version}", f"work-order.{step}", body)


def a_run() -> Folder:
    """All promises kept."""
    body = {"kind": "hardware_repair", "text": f"Dead. {MARK_N}"}
    line = {"kind": "hardware_repair", "text": f"Dead. {MARK_P}"}
    other = {"kind": "hardware_repair", "text": "Dead. canary-F-002-7-bulk.a-2"}
    api: Line = {"key": "k1", "acts_for": "F-001"}
    accepted = {"number": N, "tracking_code": "12345678"}
    bulk_answer = [{"line": 1, "status": 201, "number": P, "external_id": MARK_P}, {"line": 2, "status": 503}]
    steps: Line = {"work_order": ORDER_N}
    ledger = [
        *call("a-1", "api", "submit", "api", body, accepted, 201, **api),
        *call("a-2", "api", "submit", "api", body, accepted, 201, again=True, **api),
        *call("a-3", "api", "submit", "api", {**body, "text": f"Other. {MARK_N}"}, {}, 422, conflict=True, **api),
        *call("a-4", "api", "submit", "phone", body, {"number": M}, 201, key="k1", twin=True),
        *call("b-1", "bulk.a", "bulk", "bulk", [line, other], bulk_answer, 200, key="k2", acts_for="F-001,F-002"),
        *call("a-5", "api", "cancel", "phone", {"reason": "x"}, {"command_id": "cmd-1"}, 202, key="k3", number=M),
        *call("t-1", "racer-a", "claim", "staff", {"version": 1}, {"version": 2}, 200, key="t1", **steps),
        *call("t-2", "racer-b", "claim", "staff", {"version": 1}, {"code": "moved_on"}, 409, key="t2", **steps),
        *call("t-3", "racer-a", "accept", "staff", {"version": 2}, {"version": 3}, 200, key="t3", **steps),
        *call("w-1", "page.0", "look", "page", None, {"number": N, "external_id": MARK_N}, 200, acts_for="F-001"),
        *call("w-2", "page.0", "pry", "page", None, {"code": "not_found"}, 404, acts_for="F-001", number=P),
        *poisoned(),
    ]
    return Folder({"ledger.jsonl": ledger, **_topics(), **_routing(), **_notifier(), **_outside()})


def poisoned() -> list[Line]:
    head: Line = {
        "id": "p-1",
        "client": "poison",
        "op": "poison",
        "topic": "request-status",
        "key": encoded(b"poison-7-1"),
    }
    head |= {"headers": POISON_HEADERS, "value": POISON}
    return [{**head, "phase": "call"}, {**head, "phase": "ok", "answer": {"partition": 0, "offset": 9}}]


def _topics() -> dict[str, list[Line]]:
    return {
        "topics/service-requests.jsonl": [
            record(0, f"a-{N}", "request.accepted", {"number": N, "sequence": 0}),
            record(1, f"a-{M}", "request.accepted", {"number": M, "sequence": 0}),
            record(2, f"c-{M}", "request.cancel-requested", {"number": M, "sequence": 1}),
            record(3, f"a-{P}", "request.accepted", {"number": P, "sequence": 0}),
        ],
        "topics/request-status.jsonl": [
            told(0, N, 1, "request.decided", index=1),
            told(1, M, 1, "request.decided", index=1),
            told(2, P, 1, "request.decided", index=1),
            told(3, M, 2, milestone="cancelled", command_id="cmd-1"),
            told(4, N, 2, milestone="technician_assigned"),
            told(5, N, 1, "request.decided", index=1),  # once more on the wire, after a later version
            told(6, N, 3, "request.clock-warned", threshold=75),
            {"partition": 0, "offset": 9, "key": encoded(b"poison-7-1"), "headers": POISON_HEADERS, "value": POISON},
        ],
        "topics/dispatch.jsonl": [
            visited(0, ORDER_N, 1, "offered"),
            visited(1, ORDER_M, 1, "offered"),
            visited(2, ORDER_N, 2, "assigned"),
            visited(3, ORDER_M, 2, "withdrawn"),
            visited(4, ORDER_N, 3, "accepted"),
            visited(5, ORDER_N, 3, "accepted"),
        ],
    }


def _routing() -> dict[str, list[Line]]:
    step = {"subject": ORDER_N, "by": "racer-a"}
    return {
        "tables/intake/requests.jsonl": [
            {"number": N, "channel": "api", "request": {"text": f"Dead. {MARK_N}"}},
            {"number": M, "channel": "phone", "request": {"text": f"Dead. {MARK_N}"}},
            {"number": P, "channel": "bulk", "request": {"text": f"Dead. {MARK_P}"}},
        ],
        "tables/intake/outbox.jsonl": [{"event_id": f"a-{N}", "published_at": "2026-11-28T12:00:01+00:00"}],
        "tables/routing/decisions.jsonl": [{"number": number, "index": 1} for number in (N, M, P)],
        "tables/routing/steps.jsonl": [
            {**step, "version": 2, "step": "claim"},
            {**step, "version": 3, "step": "accept"},
        ],
        "tables/routing/timers.jsonl": [
            {
                "id": 1,
                "subject": N,
                "kind": "clock",
                "due_at": "2026-11-28T12:30:00+00:00",
                "fired_at": "2026-11-28T12:30:01",
            },
            {"id": 2, "subject": N, "kind": "clock", "due_at": "2026-11-28T13:00:00+00:00", "fired_at": None},
        ],
        "tables/routing/work_orders.jsonl": [
            {"id": ORDER_N, "number": N, "version": 3, "status": "accepted"},
            {"id": ORDER_M, "number": M, "version": 2, "status": "cancelled"},
        ],
    }


def _notifier() -> dict[str, list[Line]]:
    lines = [(N, 0), (N, 1), (N, 2), (N, 3), (M, 0), (M, 1), (M, 2), (P, 0), (P, 1)]
    return {
        "tables/notifier/timeline.jsonl": [
            {"number": n, "version": v, "seq": v + 1, "event_id": f"s-{n}-{v}" if v else f"a-{n}"} for n, v in lines
        ],
        "tables/notifier/deliveries.jsonl": [
            {"message_id": f"m-{v}", "number": N, "version": v, "recipient": {"email": EMAIL}, "state": "sent"}
            for v in (1, 2)
        ],
        "tables/notifier/quarantine.jsonl": [
            {
                "consumer": "notifier",
                "topic": "request-status",
                "partition": 0,
                "offset": 9,
                "headers": [["colour", b"blue".hex()]],
                "raw": POISON,
                "reason": "envelope",
            }
        ],
    }


def _outside() -> dict[str, list[Line]]:
    mail = {"to": EMAIL, "reply": "250 taken"}
    page = {"watcher": "page.0-1", "number": N, "customer": "F-001"}
    return {
        "mails.jsonl": [{"message_id": f"<m-{v}@localhost>", **mail} for v in (1, 2)],
        "sse.jsonl": [
            {**page, "connection": 1, "event": "change", "id": 1},
            {**page, "connection": 1, "event": "change", "id": 2},
            {**page, "connection": 2, "event": "change", "id": 3},
            {**page, "connection": 2, "event": "change", "id": 4},
            {**page, "connection": 3, "event": "closed", "id": 4},
        ],
        "faults.jsonl": [
            {"at": "2026-11-28T12:00:00+00:00", "fault": "kill", "target": "work routing", "phase": "begin", "pid": 7}
        ],
        "lag.jsonl": [
            {"group": "fixline-notifier", "topic": "request-status", "partition": 0, "committed": 10, "end": 10}
        ],
    }
