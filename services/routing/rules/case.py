"""One request on its way to a decision: what the rules read, what they answer, and the trail that they leave.

A rule takes a `Case` and gives a `Ruling`. While it decides it notes each question with its answer: the evidence is what
was asked, not a second computation that could disagree. What is made anew for each request is a tuple with names: a
frozen dataclass takes two to three times as long to make.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.decision import NO_DATES, Dates, MachineRef
from schemas.request import ServiceRequest
from schemas.vocabulary import Outcome, Reason
from services.routing.rules.book import Contract, Customer, Site
from services.routing.rules.clock import Due
from services.routing.rules.coverage import Comparison, Coverage, coverage
from services.routing.rules.entitlements import Standing
from services.routing.rules.facts import Book
from services.routing.rules.policy import Policy, Terms
from services.routing.rules.prices import Offer
from services.routing.rules.reading import Reading


class Step(NamedTuple):
    """A question that was asked, its answer, and what it was about; codes, so that nothing is worded in the hot path."""

    question: str
    answer: str
    about: Sequence[object] = ()


@dataclass(slots=True)
class Case:
    """The request with what was found for it so far."""

    request: ServiceRequest
    book: Book
    policy: Policy
    received_at: datetime
    qualified_at: datetime
    customer: Customer
    zone: ZoneInfo  # the customer's
    contract: Contract | None  # the one that was named, if it is this customer's
    foreign: bool  # a contract was named that is not this customer's
    site: Site | None  # the one that was named, if it is this customer's
    steps: list[Step] = field(default_factory=list)
    coverage: Coverage | None = None
    standings: tuple[Standing, ...] = ()
    reading: Reading | None = None

    @property
    def terms(self) -> Terms:
        return self.policy.of(self.customer.country)

    def ask(self, question: str, answer: str, *about: object) -> None:
        self.steps.append(Step(question, answer, about))

    def cover(self, machine: MachineRef) -> Coverage:
        """What covers `machine` on the day of the request (docs/rules.md §4); asked once."""
        if self.coverage is not None and self.coverage.machine == machine:
            return self.coverage
        self.coverage = found = coverage(machine, self.customer.number, self.book, self.received_at, self.zone)
        if found.winner is not None:
            self.ask("covered", "yes", found.winner.contract.number, found.winner.day)
        else:
            self.ask("covered", found.stranger or "no", machine.type, machine.serial)
        return found


class Ruling(NamedTuple):
    """What a rule found; `decide` makes the decision of it."""

    outcome: Outcome
    rule: str  # names one function and one section of docs/rules.md
    reasons: tuple[Reason, ...] = ()
    missing: tuple[str, ...] = ()
    winner: Comparison | None = None  # the covering item that decided
    site: Site | None = None  # where it stands
    contract_number: str | None = None  # where no item decided
    covered_until: date | None = None
    territory: str | None = None
    depot: str | None = None
    clock: Due | None = None
    dates: Dates = NO_DATES
    offers: tuple[Offer, ...] = ()


Rule = Callable[[Case], Ruling]


def triage(rule: str, reason: Reason, *more: Reason) -> Ruling:
    """A person decides."""
    return Ruling(Outcome.TRIAGE, rule, (reason, *more))


def incomplete(*missing: str | None) -> Ruling:
    """Something is asked of the customer, in the order of the table of what each kind needs (docs/rules.md §2)."""
    return Ruling(Outcome.INCOMPLETE, "needed.missing", missing=tuple(field for field in missing if field))


def contract_unknown() -> Ruling:
    """The contract that was named is not this customer's, and nothing else decides (docs/rules.md §4)."""
    return triage("contract.unknown", Reason.CONTRACT_UNKNOWN)
