"""What was decided about one request, as events, answers and `fixline decide` carry it (docs/rules.md).

Stored whole and never edited. The order of the fields is the order in JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Literal

import orjson

from schemas.vocabulary import Kind, Milestone, Outcome, Reason, ServiceLevel, Status

By = Literal["declared", "machine", "product", "text"]

#: What a caller may tie a decision to; echoed, never read.
Ref = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Classification:
    """Hardware or software, how sure, and what said so (docs/rules.md §3)."""

    kind: Literal["hardware", "software"]
    confidence: float  # 0.5 to 1
    by: By


@dataclass(frozen=True, slots=True)
class MachineRef:
    """A machine's normalised type and serial; neither alone names a machine."""

    type: str
    serial: str


@dataclass(frozen=True, slots=True)
class Dates:
    """What ending or moving maintenance comes to (docs/rules.md §6, §7)."""

    earliest_notice_on: date | None = None
    effective_end: date | None = None  # the first uncovered day
    last_billed_on: date | None = None
    credit_days: int | None = None


NO_DATES: Final = Dates()


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, whole. `as_of` and `respond_by` are UTC, cut to whole seconds."""

    ref: Ref
    as_of: datetime
    kind: Kind
    classification: Classification | None
    outcome: Outcome
    rule: str  # names one function and one section of docs/rules.md
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    service_level: ServiceLevel | None
    contract_number: str | None
    covered_until: date | None  # the last covered day; null also means no end
    machine: MachineRef | None
    site_id: str | None
    queue: str | None
    depot: str | None
    respond_by: datetime | None
    dates: Dates
    status: Status
    milestone: Milestone
    policy: str

    def to_json(self) -> dict[str, Any]:
        """The decision as plain JSON values, keys in the order of the fields. A word's `str` is its value, three times sooner."""
        said, machine, dates = self.classification, self.machine, self.dates
        return {
            "ref": self.ref,
            "as_of": show_instant(self.as_of),
            "kind": str(self.kind),
            "classification": said and {"kind": said.kind, "confidence": said.confidence, "by": said.by},
            "outcome": str(self.outcome),
            "rule": self.rule,
            "reasons": [str(reason) for reason in self.reasons],
            "missing": list(self.missing),
            "service_level": self.service_level and str(self.service_level),
            "contract_number": self.contract_number,
            "covered_until": _show_day(self.covered_until),
            "machine": machine and {"type": machine.type, "serial": machine.serial},
            "site_id": self.site_id,
            "queue": self.queue,
            "depot": self.depot,
            "respond_by": self.respond_by and show_instant(self.respond_by),
            "dates": {
                "earliest_notice_on": _show_day(dates.earliest_notice_on),
                "effective_end": _show_day(dates.effective_end),
                "last_billed_on": _show_day(dates.last_billed_on),
                "credit_days": dates.credit_days,
            },
            "status": str(self.status),
            "milestone": str(self.milestone),
            "policy": self.policy,
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Decision":
        """The decision that `to_json` gave. Raises KeyError or ValueError on anything else."""
        classification, machine, dates = said["classification"], said["machine"], said["dates"]
        return cls(
            ref=said["ref"],
            as_of=_read_instant(said["as_of"]),
            kind=Kind(said["kind"]),
            classification=classification and Classification(**classification),
            outcome=Outcome(said["outcome"]),
            rule=said["rule"],
            reasons=tuple(Reason(reason) for reason in said["reasons"]),
            missing=tuple(said["missing"]),
            service_level=said["service_level"] and ServiceLevel(said["service_level"]),
            contract_number=said["contract_number"],
            covered_until=_read_day(said["covered_until"]),
            machine=machine and MachineRef(**machine),
            site_id=said["site_id"],
            queue=said["queue"],
            depot=said["depot"],
            respond_by=said["respond_by"] and _read_instant(said["respond_by"]),
            dates=Dates(
                earliest_notice_on=_read_day(dates["earliest_notice_on"]),
                effective_end=_read_day(dates["effective_end"]),
                last_billed_on=_read_day(dates["last_billed_on"]),
                credit_days=dates["credit_days"],
            ),
            status=Status(said["status"]),
            milestone=Milestone(said["milestone"]),
            policy=said["policy"],
        )


_WHOLE_SECONDS: Final = orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


def show_instant(moment: datetime) -> str:
    """``2026-11-24T22:00:00Z``: UTC, whole seconds."""
    return orjson.dumps(moment.astimezone(UTC), option=_WHOLE_SECONDS)[1:-1].decode()


def _read_instant(said: str) -> datetime:
    return datetime.fromisoformat(said).astimezone(UTC)


def _show_day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _read_day(said: str | None) -> date | None:
    return None if said is None else date.fromisoformat(said)
