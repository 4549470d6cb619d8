"""Why a decision is what it is: what was asked, which items were compared and why each lost, how the clock ran.

Made by the rules while they decide and kept with the decision. Codes and values only: pages and the terminal word them
in the reader's language. Another customer's items are counted, never shown.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from schemas.decision import Decision, show_instant
from schemas.vocabulary import ContractKind
from services.routing.rules.case import Ruling, Step
from services.routing.rules.clock import Due
from services.routing.rules.coverage import Comparison, Coverage, preference, start_of
from services.routing.rules.entitlements import Standing
from services.routing.rules.policy import BusinessDays, BusinessTime, Elapsed, Policy, Promise, SameDay, data_versions
from services.routing.rules.reading import Reading


class Lost(StrEnum):
    """Why an item that covers the day does not decide."""

    OTHER_TYPE = "other_type"
    NOT_MAINTENANCE = "not_maintenance"
    OTHER_CONTRACT = "other_contract"
    LOWER_LEVEL = "lower_level"
    ENDS_SOONER = "ends_sooner"
    HIGHER_CONTRACT_NUMBER = "higher_contract_number"
    HIGHER_SITE_ID = "higher_site_id"
    SAME = "same"


class Evidence(NamedTuple):
    """What `decide` saw and asked. Cheap to keep; `to_json` writes it out."""

    policy: Policy
    decision: Decision
    steps: tuple[Step, ...]  # in the order asked; the last one decided
    ruling: Ruling
    coverage: Coverage | None
    standings: tuple[Standing, ...]
    reading: Reading | None = None  # what the classifier read, if it was asked

    @property
    def clock(self) -> Due | None:
        return self.ruling.clock


def to_json(evidence: Evidence) -> dict[str, Any]:
    """The evidence as plain JSON values."""
    return {
        "policy": evidence.policy.version,
        "data": dict(data_versions()),
        "rule": evidence.ruling.rule,
        "steps": [_step(step) for step in evidence.steps],
        "text": None if evidence.reading is None else _reading(evidence.reading, evidence.policy),
        "coverage": None if evidence.coverage is None else _coverage(evidence.coverage, evidence.ruling.winner),
        "entitlements": [_standing(one) for one in evidence.standings],
        "clock": None if evidence.clock is None else clock_json(evidence.clock),
        "offers": [
            {"code": offer.code, "price": str(offer.price), "currency": offer.currency}
            for offer in evidence.ruling.offers
        ],
    }


def why_lost(one: Comparison, winner: Comparison | None) -> str | None:
    """Why an own item does not decide: the first test that it failed. None: it does, or nothing had to."""
    if one.lost_by is not None:
        return one.lost_by.value
    if winner is None or one is winner:
        return None
    if preference(one) < preference(winner):  # it would have won a repair; endings look at maintenance alone
        maintenance = one.contract.kind is ContractKind.HARDWARE_MAINTENANCE
        return Lost.OTHER_CONTRACT if maintenance else Lost.NOT_MAINTENANCE
    tests = (Lost.LOWER_LEVEL, Lost.ENDS_SOONER, Lost.ENDS_SOONER, Lost.HIGHER_CONTRACT_NUMBER)
    for test, mine, theirs in zip(tests, preference(one), preference(winner), strict=False):
        if mine != theirs:
            return test
    return Lost.HIGHER_SITE_ID if one.site_id != winner.site_id else Lost.SAME


def promise_json(promise: Promise) -> dict[str, Any]:
    """What a response clock promises, as plain values."""
    match promise:
        case Elapsed(time=time):
            return {"promise": "elapsed", "seconds": int(time.total_seconds())}
        case BusinessTime(time=time):
            return {"promise": "business_time", "seconds": int(time.total_seconds())}
        case SameDay(cutoff=cutoff):
            return {"promise": "same_day", "cutoff": cutoff.isoformat("minutes")}
        case BusinessDays(days=days):
            return {"promise": "business_days", "days": days}


def clock_json(clock: Due) -> dict[str, Any]:
    """A response clock as plain values: what it promises, where it runs, what it passed over."""
    calendar = clock.calendar
    return promise_json(clock.promise) | {
        "qualified_at": show_instant(clock.started),
        "zone": calendar.zone.key,
        "country": calendar.country,
        "province": calendar.province,
        "base_day": _day(clock.base_day),
        "skipped": [{"day": _day(day.day), "why": day.why, "name": day.name} for day in clock.skipped],
        "pauses": [
            {"began": _plain(pause.began), "ended": _plain(pause.ended), "reason": pause.reason}
            for pause in clock.pauses
        ],
        "due": _plain(clock.at),
    }


def _step(step: Step) -> dict[str, Any]:
    return {"question": step.question, "answer": str(step.answer), "about": [_plain(value) for value in step.about]}


def _reading(said: Reading, policy: Policy) -> dict[str, Any]:
    return {
        "kind": said.kind,
        "confidence": said.confidence,
        "threshold": policy.kind_threshold,
        "conflict_above": policy.kind_conflict,
        "words": [{"word": word.word, "weight": word.weight} for word in said.words],
        "model": said.model,
    }


def _coverage(found: Coverage, winner: Comparison | None) -> dict[str, Any]:
    winner = found.winner if winner is None else winner
    return {
        "machine": {"type": found.machine.type, "serial": found.machine.serial},
        "compared": [_comparison(one, winner, why_lost(one, winner)) for one in found.own]
        + [_comparison(one, winner, Lost.OTHER_TYPE) for one in found.other_type],
        "hidden": len(found.others),  # items of other customers
    }


def _comparison(one: Comparison, winner: Comparison | None, lost_by: str | None) -> dict[str, Any]:
    return {
        "contract_number": one.contract.number,
        "contract_kind": str(one.contract.kind),
        "machine": {"type": one.item.machine_type, "serial": one.item.serial},
        "site_id": one.site_id,
        "service_level": None if (level := one.level) is None else str(level),
        "covered_from": _day(max(start_of(one.item, one.contract), one.contract.start_date)),
        "covered_until": _day(one.covered_until),
        "ended_on": _day(one.item.ended_on),
        "day": _day(one.day),
        "covers": one.lost_by is None,
        "wins": one is winner,
        "lost_by": lost_by,
    }


def _standing(one: Standing) -> dict[str, Any]:
    return {
        "contract_number": one.contract.number,
        "product_id": one.entitlement.product_id,
        "product_name": one.entitlement.product_name,
        "quantity": one.entitlement.quantity,
        "begins": _day(one.contract.start_date),
        "until": _day(one.until),
        "state": str(one.state),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _plain(value: object) -> Any:
    """Text first, which nearly everything is."""
    if type(value) is str or value is None:
        return value
    match value:
        case datetime():
            return show_instant(value)
        case date():
            return value.isoformat()
        case StrEnum():
            return str(value)
        case _:
            return value
