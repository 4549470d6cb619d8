"""What one caller is shown of a request (docs/architecture.md, Identity).

To an anonymous submitter: outcome, milestone and hour. Contract, site and coverage dates are for those who proved who they
are. What others hold is shown to nobody: two reasons are one to customers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from schemas.vocabulary import SERIAL_TO_CHECK, Action, Channel, Kind, Outcome, Reason
from services.notifier.tables import REQUESTS, TIMELINE
from services.runtime.identity.owners import owns
from services.runtime.identity.principal import Customer, Principal, Resource, Staff, Token

_HIDDEN_REASONS = {Reason.OWNER_MISMATCH.value, Reason.MACHINE_TYPE_MISMATCH.value}
#: Of the decision, for everyone who may see the request at all.
_OPEN = ("kind", "outcome", "rule", "missing", "respond_by", "status", "milestone", "as_of")
#: And for those who proved who they are.
_FULL = ("service_level", "contract_number", "covered_until", "site_id", "machine", "depot", "dates", "classification")

#: What a customer asks of intake. The estimate is answered at routing, by those whom its amounts are shown.
ASKED_OF_INTAKE = frozenset({Action.AMEND, Action.CANCEL, Action.REOPEN})

#: The files that routing makes of an answer, beside its page and its JSON.
_FILES: Mapping[str, tuple[str, ...]] = {
    Kind.COVERED_DEVICES: ("pdf", "csv"),
    Kind.CONTRACT_COPY: ("pdf",),
    Kind.SOFTWARE_DOWNLOAD: (),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """There is an answer to read at routing, in these files too. ``mine``: for this caller's eyes."""

    files: tuple[str, ...]
    mine: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One request as far as a caller may see it. ``version`` is the highest; ``seq`` the last line to arrive.

    ``asks``: intake takes from this caller what is asked of the request.
    """

    number: str
    version: int
    seq: int
    full: bool
    accepted: Mapping[str, Any] | None
    latest: Mapping[str, Any] | None
    decision: Mapping[str, Any] | None
    lines: tuple[Mapping[str, Any], ...]  # newest first
    answer: Answer | None = None
    asks: bool = True

    @property
    def actions(self) -> tuple[Action, ...]:
        """What is possible next, as far as this caller may ask it."""
        legal = () if self.latest is None else map(Action, self.latest["standing"]["actions"])
        return tuple(one for one in legal if (self.asks if one in ASKED_OF_INTAKE else self.full))


def find(connection: Connection, number: str) -> tuple[Resource, Mapping[str, Any]] | None:
    """Whose a request is, and its row; None when nothing of it has come yet."""
    row = connection.execute(select(REQUESTS).where(REQUESTS.c.number == number)).mappings().one_or_none()
    if row is None:
        return None
    return Resource(customer_number=row["customer_number"], number=number), dict(row)


def shown(connection: Connection, row: Mapping[str, Any], who: Principal) -> Shown:
    """The request for a caller who may see it."""
    full = sees_all(who, row)
    staff = isinstance(who, Staff)
    lines = connection.execute(
        select(TIMELINE).where(TIMELINE.c.number == row["number"]).order_by(TIMELINE.c.version.desc())
    ).mappings()
    return Shown(
        number=row["number"],
        version=row["version"],
        seq=row["seq"],
        full=full,
        accepted=row["accepted"],
        latest=row["latest"],
        decision=None if row["decided"] is None else decision_for(row["decided"], full=full, staff=staff),
        lines=tuple(dict(line) for line in lines),
        answer=answer_for(who, row),
        asks=may_ask(who, row),
    )


def may_ask(who: Principal, row: Mapping[str, Any]) -> bool:
    """Whether intake takes from this caller what is asked of the request (services/intake/asking.py).

    Intake knows a request's customer by what its submitter proved; routing, which the request's row here follows, also by the
    number that it names. So customers see what somebody sent in their name without signing in, and need its code to change it.
    """
    return owns(who, Resource(customer_number=_proved(row), number=row["number"]))


def _proved(row: Mapping[str, Any]) -> str | None:
    """The customer whom the submitter proved to act for. Before the acceptance came, whoever proved anything proved that."""
    accepted, latest = row["accepted"], row["latest"]
    if accepted is not None:
        proved: str | None = accepted["customer_number"]
        return proved
    return row["customer_number"] if latest is not None and latest["submitter_known"] else None


def answer_for(who: Principal, row: Mapping[str, Any]) -> Answer | None:
    """What the request was answered with, if the decision in force answered it by itself.

    Contract data goes to the customer, their programs and staff; a tracking code alone opens it only where it is as good
    as the customer's word. Routing, which gives the answer, judges by the same (services/routing/answering.py).
    """
    decided, latest = row["decided"], row["latest"]
    if decided is None or latest is None or decided["outcome"] != Outcome.ANSWERED or decided["kind"] not in _FILES:
        return None
    whose = Resource(customer_number=row["customer_number"], number=row["number"] if _proves(latest) else None)
    return Answer(_FILES[decided["kind"]], owns(who, whose))


def sees_all(who: Principal, row: Mapping[str, Any]) -> bool:
    """Whether contract, site and coverage dates are for this caller's eyes."""
    match who:
        case Staff():
            return True
        case Customer(customer_number=number):
            return bool(row["customer_number"] == number)
        case Token(customers=customers):
            return row["customer_number"] in customers
        case _:
            return row["latest"] is not None and _proves(row["latest"])


def _proves(latest: Mapping[str, Any]) -> bool:
    """Whether the tracking code alone is as good as the customer's word: who submitted proved who they are, not by a
    telephone call, and the code was mailed to no address but the one on file."""
    proved = latest["submitter_known"] and latest["channel"] != Channel.PHONE
    return bool(proved) and all(recipient["full"] for recipient in latest["recipients"])


def decision_for(decided: Mapping[str, Any], *, full: bool, staff: bool) -> dict[str, Any]:
    """The decision's fields for this caller. Staff see the reasons as they are."""
    names = _OPEN + (_FULL if full else ())
    kept = {name: decided[name] for name in names if name in decided}
    reasons = [SERIAL_TO_CHECK if r in _HIDDEN_REASONS and not staff else r for r in decided["reasons"]]
    return {**kept, "reasons": reasons}
