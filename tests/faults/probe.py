"""Calls that a scenario makes itself, in the ledger like all others: a client that asks all the time while restarts are timed
(others wait between their tries), cancellations at a chosen moment, and pages that are left at a chosen line."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from typing import Any, Final

import httpx
import orjson
from sqlalchemy import select

from services.intake.tables import REQUESTS as ACCEPTED
from services.routing.tables import REQUESTS as DECIDED
from tests.faults.accounts import sample_machines
from tests.faults.generator.bodies import Bodies
from tests.faults.ledger import CALL, FAIL, OK, UNKNOWN, Ledger
from tests.faults.stage import Stage

_EVERY: Final = 0.2
#: Lines that a page which is left is followed for, and seconds that it waits for each.
_LINES: Final = 3
_PATIENCE: Final = 10.0


@contextmanager
def probing(stage: Stage, seed: int) -> Iterator[None]:
    """A request every fifth of a second while the block runs; each is in the run's ledger."""
    stopping = threading.Event()
    thread = threading.Thread(target=_probe, args=(stage, seed, stopping), name="probe")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def _probe(stage: Stage, seed: int, stopping: threading.Event) -> None:
    bodies = Bodies(seed, "probe", sample_machines())
    address = f"{stage.addresses.intake}/api/requests"
    with Ledger(stage.folder / "ledger.jsonl") as ledger, httpx.Client(timeout=5, trust_env=False) as http:
        for number in count(1):
            if stopping.wait(_EVERY):
                return
            body, machine = bodies.request()
            line = {"id": f"probe-{number}", "client": "probe", "op": "submit", "key": bodies.key(), "channel": "api"}
            line |= {"acts_for": machine.customer}
            headers = {
                "Authorization": f"Bearer {stage.clients.tokens[machine.customer]}",
                "Idempotency-Key": str(line["key"]),
            }
            _noted(http, ledger, line, address, body, headers)


def cancel_undecided(stage: Stage, most: int) -> None:
    """The oldest that are accepted and not decided yet are cancelled, each in the run's ledger."""
    with stage.workshops["routing"].database.reading() as connection:
        decided = set(connection.execute(select(DECIDED.c.number)).scalars())
    with stage.workshops["intake"].database.reading() as connection:
        query = select(ACCEPTED.c.number, ACCEPTED.c.customer_number).order_by(ACCEPTED.c.received_at)
        waiting = [row for row in connection.execute(query) if row.number not in decided]
    with Ledger(stage.folder / "ledger.jsonl") as ledger, httpx.Client(timeout=5, trust_env=False) as http:
        for number, customer in [row for row in waiting if row.customer_number in stage.clients.tokens][:most]:
            line = {"id": f"cancel-{number}", "client": "canceller", "op": "cancel", "key": None, "channel": "api"}
            line |= {"acts_for": customer, "number": number}
            headers = {"Authorization": f"Bearer {stage.clients.tokens[customer]}"}
            address = f"{stage.addresses.intake}/api/requests/{number}/cancel"
            _noted(http, ledger, line, address, {"reason": "Solved."}, headers)


def leave_at_each_line(stage: Stage, seed: int, requests: int) -> None:
    """Pages of new requests: each is left at every line and taken up again from there, while the next line comes. What
    they see is in the run's `sse.jsonl`."""
    bodies = Bodies(seed, "leaver", sample_machines())
    with ExitStack() as opened:
        ledger = opened.enter_context(Ledger(stage.folder / "ledger.jsonl"))
        seen = opened.enter_context(Ledger(stage.folder / "sse.jsonl"))
        http = opened.enter_context(httpx.Client(timeout=5, trust_env=False))
        for turn in range(requests):
            body, machine = bodies.request()
            headers = {"Authorization": f"Bearer {stage.clients.tokens[machine.customer]}"}
            line = {"client": "leaver", "channel": "api", "acts_for": machine.customer}
            asked = {**line, "id": f"leaver-{seed}-{turn}", "op": "submit", "key": bodies.key()}
            address = f"{stage.addresses.intake}/api/requests"
            answer = _noted(http, ledger, asked, address, body, {**headers, "Idempotency-Key": str(asked["key"])})
            if answer["phase"] != OK:
                continue
            number = answer["answer"]["number"]
            page = {"watcher": f"leaver-{number}", "number": number, "customer": machine.customer, "event": "change"}
            last = _next_line(http, stage, number, headers, 0)
            cancelled = {**line, "id": f"leaver-{number}", "op": "cancel", "key": None, "number": number}
            _noted(http, ledger, cancelled, f"{address}/{number}/cancel", {"reason": "Solved."}, headers)
            for connection in count(1):
                if last is None:
                    break
                seen.put({**page, "connection": connection, "id": last["seq"], "data": last})
                last = _next_line(http, stage, number, headers, last["seq"]) if last["seq"] < _LINES else None


def _next_line(
    http: httpx.Client, stage: Stage, number: str, headers: Mapping[str, str], after: int
) -> dict[str, Any] | None:
    """The first line that a page is shown which has seen so many; None: not in time."""
    resumed = {**headers, "Accept": "text/event-stream", **({"Last-Event-ID": str(after)} if after else {})}
    address = f"{stage.addresses.notifier}/api/requests/{number}/events"
    ends = time.monotonic() + _PATIENCE
    while time.monotonic() < ends:
        with suppress(httpx.HTTPError), http.stream("GET", address, headers=resumed) as answer:
            event = ""
            for line in answer.iter_lines():
                name, _, value = line.partition(":")
                event = value.strip() if name == "event" else event
                if event == "change" and name == "data":
                    found: dict[str, Any] = orjson.loads(value)
                    return found
                if time.monotonic() > ends:
                    break
        time.sleep(_EVERY)  # not heard of yet, or away
    return None


def _noted(
    http: httpx.Client,
    ledger: Ledger,
    line: Mapping[str, Any],
    address: str,
    body: dict[str, Any],
    headers: Mapping[str, str],
) -> dict[str, Any]:
    """A call between its two lines; its outcome."""
    ledger.put({**line, "phase": CALL, "body": body}).result()
    outcome = _outcome(http, address, body, headers)
    ledger.put({**line, **outcome}).result()
    return outcome


def _outcome(http: httpx.Client, address: str, body: dict[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    try:
        answer = http.post(address, json=body, headers=headers)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        return {"phase": FAIL, "status": None, "answer": type(error).__name__}
    except httpx.HTTPError as error:
        return {"phase": UNKNOWN, "status": None, "answer": type(error).__name__}
    known = OK if answer.is_success else FAIL if answer.is_client_error else UNKNOWN
    return {"phase": known, "status": answer.status_code, "answer": answer.json() if known == OK else answer.text}
