"""Repairs that nothing covers, at the billing desk: what a test does to one."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from schemas.message import Message
from schemas.service_requests import Submitter
from schemas.vocabulary import DisputeOutcome, RepairWay
from services.routing import disputes, estimates, estimating
from services.routing.data_files.layout import Row
from services.routing.disputes import CreditNote, Dispute
from services.routing.estimates import Answer, Estimate
from services.routing.invoices import Invoice
from services.routing.people import Person, Said
from services.routing.requests import Cause
from services.routing.rules.prices import AskedLine
from services.runtime.identity.principal import Customer
from services.runtime.work import Work
from tests.builders import a_number, an_acceptance
from tests.service.routing.answering import BY_CUSTOMER
from tests.service.routing.harness import Routing, a_contract, a_dispatcher, a_technician, an_item, covered

CLERK = a_dispatcher("clerk1")
TECH = a_technician()


def customer(number: str = "C-1") -> Person:
    return Person(f"customer:{number}", number, Customer(number))


def not_covered(index: int = 1, *, by: Submitter = BY_CUSTOMER, **given: Any) -> Message:
    """A repair of a machine whose maintenance is over; it stands at site S-1."""
    return covered(a_number(index), "OLD", **given).model_copy(update={"submitter": by})


def an_ended_contract(site_id: str | None = "S-1") -> list[Row]:
    """The contract that covered it."""
    from datetime import date

    return [a_contract("M-0", end_date=date(2026, 1, 31)), an_item("OLD", "M-0", site_id=site_id)]


def estimate(routing: Routing, number: str = "") -> Estimate:
    found = [one for one in routing._all(Estimate) if number in ("", one.number)]
    return found[-1]


def send(
    routing: Routing, lines: Sequence[AskedLine] | None = None, way: RepairWay | None = None, index: int = 1
) -> list[Message]:
    """The desk sends an estimate, of the policy's lines unless others are given."""
    case = [one for one in routing.cases() if one.number == a_number(index)][-1]
    return routing.does(lambda work: estimating.send(work, routing.judge, case.id, CLERK, case.version, way, lines))


def answer(
    routing: Routing,
    said: Answer = "accept",
    seen: int | None = None,
    by: Person | None = None,
    index: int = 1,
    **more: Any,
) -> list[Message]:
    """The customer answers the estimate as it is."""
    version = estimate(routing, a_number(index)).version if seen is None else seen

    def act(work: Work) -> None:
        reference = routing.judge.facts.reference(work.connection)
        cause = Cause(by="customer")
        estimates.answer(
            work, routing.judge.policy, reference, a_number(index), said, by or customer(), version, cause, **more
        )

    return routing.does(act)


def accepted(routing: Routing, index: int = 1, lines: Sequence[AskedLine] | None = None) -> None:
    """A repair that the customer has agreed to pay."""
    routing.receives(not_covered(index))
    send(routing, lines, index=index)
    answer(routing, index=index)


def done(routing: Routing, index: int = 1) -> list[Message]:
    """The technician comes and repairs it."""
    order = f"WO-{a_number(index)}-1"
    for step in ("claim", "accept", "en-route", "arrive"):
        routing.on_order(step, TECH, order)
    return routing.on_order("complete", TECH, order, Said(report={"fixed": True}))


def a_dispute(index: int, invoice_number: str, *lines: str, by: Submitter = BY_CUSTOMER, **given: Any) -> Message:
    details = {"invoice_number": invoice_number, "lines": list(lines)}
    request = {"kind": "billing_dispute", "customer_number": "C-1", "text": "Too much.", "details": details, **given}
    return an_acceptance(a_number(index), **request).model_copy(update={"submitter": by})


def decide(
    routing: Routing, outcome: DisputeOutcome, index: int, sentence: str = "We looked.", **credit: str
) -> list[Message]:
    """The desk decides a dispute; `credit`: `line2="50.00"`."""
    case = [one for one in routing.cases() if one.number == a_number(index)][-1]
    asked = {int(line.removeprefix("line")): Decimal(amount) for line, amount in credit.items()}
    return routing.does(
        lambda work: disputes.decide(work, routing.judge.policy, case.id, CLERK, case.version, outcome, sentence, asked)
    )


def invoice(routing: Routing) -> Invoice:
    return routing._all(Invoice)[-1]


def dispute(routing: Routing, index: int) -> Dispute:
    return next(one for one in routing._all(Dispute) if one.number == a_number(index))


def credit_notes(routing: Routing) -> list[CreditNote]:
    return routing._all(CreditNote)
