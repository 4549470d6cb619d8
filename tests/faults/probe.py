"""Calls that a scenario makes itself, in the ledger like all others: a client that asks all the time while restarts are timed
(others wait between their tries), and cancellations at a chosen moment."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

import httpx
from sqlalchemy import select

from services.intake.tables import REQUESTS as ACCEPTED
from services.routing.tables import REQUESTS as DECIDED
from tests.faults.accounts import sample_machines
from tests.faults.generator.bodies import Bodies
from tests.faults.ledger import CALL, FAIL, OK, UNKNOWN, Ledger
from tests.faults.stage import Stage

_EVERY: Final = 0.2


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
            ledger.put({**line, "phase": CALL, "body": body}).result()
            headers = {
                "Authorization": f"Bearer {stage.clients.tokens[machine.customer]}",
                "Idempotency-Key": str(line["key"]),
            }
            ledger.put({**line, **_outcome(http, address, body, headers)}).result()


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
            body = {"reason": "Solved."}
            ledger.put({**line, "phase": CALL, "body": body}).result()
            headers = {"Authorization": f"Bearer {stage.clients.tokens[customer]}"}
            address = f"{stage.addresses.intake}/api/requests/{number}/cancel"
            ledger.put({**line, **_outcome(http, address, body, headers)}).result()


def _outcome(http: httpx.Client, address: str, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    try:
        answer = http.post(address, json=body, headers=headers)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        return {"phase": FAIL, "status": None, "answer": type(error).__name__}
    except httpx.HTTPError as error:
        return {"phase": UNKNOWN, "status": None, "answer": type(error).__name__}
    known = OK if answer.is_success else FAIL if answer.is_client_error else UNKNOWN
    return {"phase": known, "status": answer.status_code, "answer": answer.json() if known == OK else answer.text}
