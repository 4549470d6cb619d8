"""A stored decision made once more, by today's rules: the same, or what differs; and what another case would have come to.

Nothing here is saved. The request, its day and its hour are the stored ones. Contract data are kept as they are today, not
as they were: the generation says whether they are still those that decided (docs/decisions/0013-run-again-reads-todays-contract-data.md).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from schemas.request import parse_request
from schemas.vocabulary import ServiceLevel
from services.routing import decisions, evidence
from services.routing.decisions import Judge
from services.routing.entered import from_json
from services.routing.facts import Asked
from services.routing.requests import Life
from services.routing.store import Row

#: Of a decision, what follows from other fields or was given from outside.
_NOT_COMPARED: Final = frozenset({"ref", "status", "milestone"})


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What to suppose instead of what was: only what is given."""

    province: str | None = None
    level: ServiceLevel | None = None
    received_at: datetime | None = None

    def __bool__(self) -> bool:
        return self != WhatIf()


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of the decision, then and now, as plain JSON values."""

    field: str
    then: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Again:
    """The second making. `generation` is that of today's contract data; `decided_on` that of the stored decision.

    `read_by` is the version of the model that reads the text today, `was_read_by` the one that read it then.
    """

    decision: Mapping[str, Any]
    evidence: Mapping[str, Any]
    differences: tuple[Difference, ...]
    generation: int
    decided_on: int
    read_by: str | None
    was_read_by: str | None

    @property
    def same_data(self) -> bool:
        return self.generation == self.decided_on


def run_again(connection: Connection, by: Judge, life: Life, row: Row, supposed: WhatIf = WhatIf()) -> Again:  # frozen
    """Decide the stored request again, as supposed. Raises `InvalidRequest` where today's rules refuse the request itself."""
    request = parse_request(row["request"])
    before = datetime.fromisoformat(row["decision"]["as_of"])
    received_at = supposed.received_at or before
    qualified_at = received_at + (row["qualified_at"] - before)
    entered = from_json(row["entered"])  # the rules are run again, not the person
    facts = by.facts.load(connection, [Asked(request, received_at)], entered)
    if supposed.province is not None or supposed.level is not None:
        book = facts.book.supposing(request.customer_number or "", province=supposed.province, level=supposed.level)
        facts = replace(facts, book=book)
    reader = replace(by, classify=entered.reader(by.classify))
    judged = decisions.judge(reader, facts, request, life.channel, received_at, qualified_at)
    now = judged.decision.to_json()
    why = evidence.to_json(judged.decided.evidence)
    return Again(
        decision=now,
        evidence=why,
        differences=tuple(_differences(row["decision"], now)),
        generation=facts.generation,
        decided_on=row["generation"],
        read_by=_read_by(why),
        was_read_by=_read_by(row["evidence"]),
    )


def as_json(again: Again) -> dict[str, Any]:
    """For programs: the decision as it would be now, and each field that differs."""
    return {
        "same": not again.differences,
        "same_data": again.same_data,
        "generation": again.generation,
        "model": {"then": again.was_read_by, "now": again.read_by},
        "differences": [{"field": one.field, "then": one.then, "now": one.now} for one in again.differences],
        "decision": again.decision,
    }


def _read_by(why: Mapping[str, Any]) -> str | None:
    """The model that read the text; none: nobody read it, or a person did."""
    return None if why["text"] is None else why["text"].get("model")


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """Field by field; what lies inside another field has its name before it: ``dates.effective_end``."""
    before, after = dict(_flat(then)), dict(_flat(now))
    names = [name for name in dict.fromkeys([*after, *before]) if name.partition(".")[0] not in _NOT_COMPARED]
    return [
        Difference(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    ]


def _flat(decision: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in decision.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
