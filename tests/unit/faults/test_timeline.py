"""The picture of a run shows all that was done to it."""

from pathlib import Path
from xml.etree import ElementTree

import orjson

from tests.faults.timeline import draw

RUN = {"seed": 7, "mode": "kafka", "mutant": None, "begun": "2026-11-28T12:00:00Z", "ended": "2026-11-28T12:00:40Z"}
LEDGER = [
    {"at": "2026-11-28T12:00:01Z", "phase": "call", "op": "submit"},
    {"at": "2026-11-28T12:00:02Z", "phase": "ok", "op": "submit"},
    {"at": "2026-11-28T12:00:03Z", "phase": "ok", "op": "bulk", "answer": [{"status": 201}, {"status": 422}]},
]
FAULTS = [
    {"at": "2026-11-28T12:00:05Z", "fault": "kill", "target": "work routing", "phase": "begin"},
    {"at": "2026-11-28T12:00:05.5Z", "fault": "restart", "target": "work routing", "phase": "end"},
    {"at": "2026-11-28T12:00:10Z", "fault": "cut", "target": "kafka", "phase": "begin"},
    {"at": "2026-11-28T12:00:14Z", "fault": "cut", "target": "kafka", "phase": "end"},
    {"at": "2026-11-28T12:00:30Z", "fault": "stop", "target": "<relay>", "phase": "begin"},
]


def test_it_shows_requests_kills_and_faults(tmp_path: Path) -> None:
    """Two acknowledgements of three calls, one kill, one restart, a fault with its length, and one that never ended."""
    outbox = tmp_path / "tables" / "routing" / "outbox.jsonl"
    outbox.parent.mkdir(parents=True)
    outbox.write_bytes(orjson.dumps({"type": "request.decided", "created_at": "2026-11-28T12:00:04Z"}) + b"\n")
    (tmp_path / "run.json").write_bytes(orjson.dumps(RUN))
    for name, lines in (("ledger", LEDGER), ("faults", FAULTS)):
        (tmp_path / f"{name}.jsonl").write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    draw(tmp_path)
    text = (tmp_path / "timeline.svg").read_text()
    ElementTree.fromstring(text)  # noqa: S314  # our own file
    assert "2 acknowledgements, 1 kills" in text
    assert text.count('class="kill"') == 1
    assert text.count("<circle") == 1
    assert "cut kafka, 4.0 s" in text
    assert "&lt;relay&gt;" in text
