"""Triage: what the rules left to a person (docs/rules.md §3, §4).

The person says hardware or software, asks the customer, or hands over what is somebody else's. What they say is kept as
a correction; the request is then decided again as of the original moment with the kind given, and both decisions stay.
"""

import hashlib
from collections.abc import Sequence
from typing import Final, Literal

from schemas.request import parse_request
from schemas.vocabulary import Because, Desk, Kind, Milestone, Role, Status
from services.routing import clocks, decisions, desks, redecide, requests, store
from services.routing.decisions import Judge
from services.routing.desks import Case
from services.routing.entered import Entered
from services.routing.people import Person
from services.routing.redecide import Again
from services.routing.requests import CLOCK, Cause, Life
from services.routing.rules.kind import REPAIRS
from services.routing.store import Row, Writes
from services.routing.tables import CORRECTIONS
from services.runtime.errors import Conflict, Fault, Invalid
from services.runtime.work import Work

#: What a person may ask the customer for.
ASKABLE: Final = ("machine", "machine.type", "machine.serial", "product_id", "contract_number", "site_id", "text")

#: The kinds that are hardware or software; of the others nobody asks it.
SORTABLE: Final = frozenset({Kind.REPAIR, Kind.HARDWARE_REPAIR, Kind.SOFTWARE_SUPPORT})


def correct(
    work: Work, by_rules: Judge, id_: str, by: Person, seen: int, said: Literal["hardware", "software"], note: str = ""
) -> Case:
    """Hardware or software, said by a person: kept, and decided again with it. The case that this closed."""
    life, _ = desks.locked(work, Desk.TRIAGE, id_, by, seen, note)
    asked = life.asked
    if asked.kind not in SORTABLE:
        raise Conflict("triage.not_sortable")
    first = store.decision_row(work.connection, life.number, life.decided)
    if first is None:
        raise Conflict("conflict")
    again = Again(
        Because.TRIAGE_CORRECTION,
        by,
        request=parse_request({**life.request, "kind": REPAIRS[said].value}),
        entered=Entered(kind=said),
        ended_as="corrected",
        note=note or None,
    )
    under_way = decisions.open_work(work.connection, [life.number])
    second = redecide.foresee(work.connection, by_rules, life, under_way, again, work.now)
    writes = Writes()
    writes.add(CORRECTIONS, _correction(work, life, first, said, by))
    redecide.redecide(work, writes, by_rules, life, under_way, again, second)
    desks.finish(work, writes, under_way.cases[life.number])
    return under_way.cases[life.number]


def ask_customer(
    work: Work, by_rules: Judge, id_: str, by: Person, seen: int, fields: Sequence[str], note: str = ""
) -> Case:
    """Something must come from the customer: the request waits for it, and is decided again when it comes."""
    if not fields or any(field not in ASKABLE for field in fields):
        raise Invalid([Fault("fields", "not_one_of", {"choices": ", ".join(ASKABLE)})])
    life, case = desks.locked(work, Desk.TRIAGE, id_, by, seen, note)
    writes = Writes()
    desks.end(work, writes, case, by, "asked", reason="information_needed", note=note or None)
    life.missing, life.queue = [field for field in ASKABLE if field in fields], None
    writes.stop(life.number, CLOCK)
    clocks.run(writes, life, by_rules.policy, None)
    requests.move(
        work,
        writes,
        life,
        by_rules.policy,
        Status.PENDING,
        Milestone.INFORMATION_NEEDED,
        Cause(by=Role.DESK),
        note=note or None,
    )
    desks.finish(work, writes, case)
    return case


def somebody_elses(work: Work, by_rules: Judge, id_: str, by: Person, seen: int, note: str = "") -> Case:
    """The machine seems to be another customer's: whose it is, the contract desk finds out by papers, not by guessing."""
    reason = note or "somebody_elses"
    return desks.hand_over(work, by_rules.policy, Desk.TRIAGE, id_, by, seen, Desk.CONTRACT_DESK, reason)


def _correction(work: Work, life: Life, first: Row, said: str, by: Person) -> Row:
    guessed = first["decision"]["classification"] or {}
    text = str(life.request.get("text") or "")
    return {
        "number": life.number,
        "decision": life.decided,
        "text_hash": hashlib.sha256(text.encode()).hexdigest(),
        "language": life.request.get("language"),
        "guessed": guessed.get("kind"),
        "confidence": guessed.get("confidence"),
        "said": said,
        "by": by.id,
        "at": work.now,
        "undone": None,
    }
