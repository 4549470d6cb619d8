"""What a form at a desk asks for, by the last word of its address: one capability each, with what was typed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from schemas.text import identifier
from schemas.vocabulary import Desk, ServiceLevel
from services.routing import approvals, desks, parts, reviews, triage, waits
from services.routing.approvals import Approval, Verdict
from services.routing.desks import Closing
from services.routing.edge import Edge
from services.routing.entered import Coverage
from services.routing.people import Person
from services.routing.redecide import Second
from services.routing.reviews import Review
from services.runtime.errors import Fault, Invalid, NotFound
from services.runtime.web.bodies import Form
from services.runtime.work import Work

#: After these the case is still before the person; after the others the next one is.
STAYS: Final = frozenset({"take", "note", "answer", "recommend", "decide", "assign", "wait", "go-on"})

_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """A posted form: which case at which desk, by whom, at which version."""

    desk: Desk
    id: str
    by: Person
    form: Form

    @property
    def seen(self) -> int:
        given = self.form.text("version")
        if not given.isdigit() or len(given) > 9:
            raise Invalid([Fault("version", "not_a_whole_number")])
        return int(given)

    def text(self, name: str) -> str:
        return self.form.text(name)[:_LONGEST]

    def needed(self, name: str) -> str:
        """Raises `Invalid` where it was left empty."""
        value = self.text(name)
        if not value:
            raise Invalid([Fault(name, "required")])
        return value

    @property
    def answer(self) -> str:
        """What the customer reads: a reviewed sentence, then what was typed."""
        return "\n\n".join(part for part in (self.text("phrase"), self.text("answer")) if part)[:_LONGEST]

    def one_of(self, name: str, choices: Mapping[str, Any]) -> Any:
        if self.text(name) not in choices:
            raise Invalid([Fault(name, "required")])
        return choices[self.text(name)]

    def day(self, name: str) -> date | None:
        try:
            return date.fromisoformat(self.text(name)) if self.text(name) else None
        except ValueError:
            raise Invalid([Fault(name, "not_a_date")]) from None


def act(edge: Edge, work: Work, asked: Asked, name: str) -> None:
    """Do it. Raises `NotFound` for what this desk does not do, `Invalid` for what is missing, `Conflict` when too late."""
    do = _EVERYWHERE.get(name) or _AT.get((asked.desk, name))
    if do is None:
        raise NotFound
    do(edge, work, asked)


def _take(_edge: Edge, work: Work, asked: Asked) -> None:
    desks.take(work, asked.desk, asked.id, asked.by, asked.seen)


def _note(_edge: Edge, work: Work, asked: Asked) -> None:
    desks.note(work, asked.desk, asked.id, asked.by, asked.seen, asked.needed("note"))


def _answer(edge: Edge, work: Work, asked: Asked) -> None:
    if not asked.answer:
        raise Invalid([Fault("answer", "required")])
    areas = edge.areas(work.connection)
    desks.answer(work, edge.policy, areas, asked.desk, asked.id, asked.by, asked.seen, asked.answer)


def _close(edge: Edge, work: Work, asked: Asked) -> None:
    ending = asked.one_of("ending", {"resolved": "resolved", "rejected": "rejected"})
    closing = Closing(ending, asked.needed("reason"), asked.answer or None)
    desks.close(work, edge.policy, edge.areas(work.connection), asked.desk, asked.id, asked.by, asked.seen, closing)


def _hand_over(edge: Edge, work: Work, asked: Asked) -> None:
    to, why = asked.one_of("desk", {desk.value: desk for desk in Desk}), asked.needed("reason")
    desks.hand_over(work, edge.policy, asked.desk, asked.id, asked.by, asked.seen, to, why)


def _wait(edge: Edge, work: Work, asked: Asked) -> None:
    waits.case_waits(work, edge.judge, asked.desk, asked.id, asked.by, asked.seen, asked.needed("question"))


def _go_on(edge: Edge, work: Work, asked: Asked) -> None:
    waits.case_goes_on(work, edge.judge, asked.desk, asked.id, asked.by, asked.seen)


def _triage(edge: Edge, work: Work, asked: Asked) -> None:
    note = asked.text("note")
    match asked.text("is"):
        case "hardware":
            triage.correct(work, edge.judge, asked.id, asked.by, asked.seen, "hardware", note)
        case "software":
            triage.correct(work, edge.judge, asked.id, asked.by, asked.seen, "software", note)
        case "ask":
            fields = asked.form.all("fields")
            triage.ask_customer(work, edge.judge, asked.id, asked.by, asked.seen, fields, asked.text("ask"))
        case "elses":
            triage.somebody_elses(work, edge.judge, asked.id, asked.by, asked.seen, note)
        case _:
            raise Invalid([Fault("is", "required")])


def _recommend(_edge: Edge, work: Work, asked: Asked) -> None:
    approvals.recommend(work, asked.id, asked.by, asked.seen, _verdict(asked), asked.needed("reason"))


def _decide(edge: Edge, work: Work, asked: Asked) -> None:
    said = Approval(_verdict(asked), asked.needed("reason"), asked.day("effective_end"), asked.answer or None)
    approvals.decide(work, edge.judge, asked.id, asked.by, asked.seen, said)


def _assign(edge: Edge, work: Work, asked: Asked) -> None:
    to = asked.needed("to")[:100]
    approvals.assign(work, edge.policy, asked.id, asked.by, asked.seen, to, asked.text("note"))


def _execute(edge: Edge, work: Work, asked: Asked) -> None:
    approvals.execute(work, edge.policy, asked.id, asked.by, asked.seen, asked.text("note"))


def _ship(edge: Edge, work: Work, asked: Asked) -> None:
    parcel = asked.needed("parcel")[:100]
    parts.ship(work, edge.policy, asked.id, asked.by, asked.seen, parcel, asked.text("said"))


def foresee(edge: Edge, work: Work, asked: Asked) -> Second:
    """What `redecide` with the same form would do; nothing is changed."""
    if asked.desk is not Desk.CONTRACT_DESK:
        raise NotFound
    review = _review(asked, asked.text("why"))
    return reviews.foresee(work, edge.judge, asked.desk, asked.id, asked.by, asked.seen, review)


def _redecide(edge: Edge, work: Work, asked: Asked) -> None:
    review = _review(asked, asked.needed("why"))
    reviews.decide_again(work, edge.judge, asked.desk, asked.id, asked.by, asked.seen, review)


def _review(asked: Asked, reason: str) -> Review:
    """What the papers say. Without a contract number: as the contract data say today."""
    given = ("service_level", "coverage_start", "coverage_end", "site_id")
    number = identifier(asked.text("contract_number"))
    if number is None and any(asked.text(name) for name in given):
        raise Invalid([Fault("contract_number", "required")])
    level = asked.one_of("service_level", {"": None, **{level.value: level for level in ServiceLevel}})
    covers = (
        None
        if number is None
        else Coverage(
            contract_number=number,
            machine_type="",
            serial="",
            service_level=level,
            coverage_start=asked.day("coverage_start"),
            coverage_end=asked.day("coverage_end"),
            site_id=identifier(asked.text("site_id")),
        )
    )
    return Review(reason, coverage=covers, answer=asked.text("said") or None)


def _verdict(asked: Asked) -> Verdict:
    verdict: Verdict = asked.one_of("verdict", {"approve": "approve", "reject": "reject"})
    return verdict


_Do = Callable[[Edge, Work, Asked], None]

_EVERYWHERE: Final[Mapping[str, _Do]] = MappingProxyType(
    {
        "take": _take,
        "note": _note,
        "answer": _answer,
        "close": _close,
        "hand-over": _hand_over,
        "wait": _wait,
        "go-on": _go_on,
    }
)
_AT: Final[Mapping[tuple[Desk, str], _Do]] = MappingProxyType(
    {
        (Desk.TRIAGE, "triage"): _triage,
        (Desk.APPROVAL, "recommend"): _recommend,
        (Desk.APPROVAL, "decide"): _decide,
        (Desk.APPROVAL, "assign"): _assign,
        (Desk.APPROVAL, "execute"): _execute,
        (Desk.PARTS_DESK, "ship"): _ship,
        (Desk.CONTRACT_DESK, "redecide"): _redecide,
    }
)
