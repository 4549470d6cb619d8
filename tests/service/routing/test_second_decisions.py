"""A second decision: as of the original moment, both kept, what the first began set right, the customer told once."""

from datetime import date, timedelta
from typing import Any

import pytest

from schemas.message import Message
from schemas.request import parse_request
from schemas.request_status import RequestDecided
from schemas.vocabulary import Because, Desk, Role, ServiceLevel
from services.routing import desks, reviews, triage
from services.routing.entered import Coverage, Entered, from_json
from services.routing.people import Person, Said
from services.routing.reconcile import differences
from services.routing.reviews import Review
from services.routing.timers import fire_due
from services.runtime.errors import Conflict, Invalid
from services.runtime.work import Work
from tests.builders import MONDAY, a_number, an_acceptance, an_amendment
from tests.service.routing.browsing import Browsing, errors_of
from tests.service.routing.harness import (
    Routing,
    a_contract,
    a_dispatcher,
    a_site,
    a_technician,
    an_item,
    at,
    at_the_bench,
    covered,
    types,
)

ME, TECH = a_dispatcher("desk1"), a_technician()
ONE, TWO = a_number(1), a_number(2)
#: What the customer's papers say of a machine that the data do not know.
PAPERS = Coverage("M-1", "", "", service_level=ServiceLevel.ONSITE_4H_9X5, site_id="S-1")


def a_review(routing: Routing, number: str = TWO) -> None:
    """A customer's coverage review, waiting at the contract desk."""
    routing.receives(
        an_acceptance(
            number,
            kind="coverage_review",
            customer_number="C-1",
            machine={"type": "8286", "serial": "NONE"},
            details={"request_number": ONE, "evidence": "see the contract"},
            text=None,
        )
    )


def upheld(routing: Routing, review: Review, by: Person = ME, desk: Desk = Desk.CONTRACT_DESK) -> list[Message]:
    """The desk decides again on the last open case."""
    case = next(case for case in reversed(routing.cases()) if case.closed_at is None and case.desk is desk)
    return routing.does(lambda work: reviews.decide_again(work, routing.judge, desk, case.id, by, case.version, review))


def at_the_contract_desk(routing: Routing, number: str = ONE) -> None:
    """The request itself is disputed: its case is handed to the contract desk."""
    case = next(case for case in routing.cases() if case.number == number and case.closed_at is None)
    policy = routing.judge.policy
    routing.does(
        lambda work: desks.hand_over(
            work, policy, case.desk, case.id, ME, case.version, Desk.CONTRACT_DESK, "the customer disputes it"
        )
    )


def the_papers_arrive(routing: Routing, **item: Any) -> None:
    routing.given([a_contract(), an_item("NONE", **item)])


def timers_of(routing: Routing, number: str) -> list[tuple[str, Any]]:
    return [(timer["kind"], timer["due_at"]) for timer in routing.stored("timers") if timer["number"] == number]


def settled(routing: Routing) -> None:
    """Whatever happened, the tables say what the events say."""
    with routing.database.reading() as connection:
        assert list(differences(connection)) == []


def test_an_upheld_review_decides_as_of_the_original_moment_and_keeps_both(routing: Routing) -> None:
    """The clock runs from the original request; the review is answered; the customer is told by one decision."""
    routing.receives(covered(ONE, "NONE"))
    first = routing.stored("decisions")[0]
    routing.clock.forward(days=3)
    a_review(routing)
    told = upheld(routing, Review("contract of 2025 found", coverage=PAPERS, answer="You are right."))
    [decided] = [one for one in told if isinstance(one, RequestDecided)]
    assert (decided.number, decided.index, decided.because, decided.undone) == (
        ONE,
        2,
        Because.COVERAGE_REVIEW,
        ("estimate",),
    )
    assert (decided.decision.as_of, decided.decision.service_level) == (MONDAY, "ONSITE_4H_9X5")
    assert decided.standing.respond_by == at("2026-11-23T14:00-05:00")
    kept = [row for row in routing.stored("decisions") if row["number"] == ONE]
    assert kept[0] == first
    assert [row["decision"]["outcome"] for row in kept] == ["billable_estimate", "onsite_dispatch"]
    assert from_json(kept[1]["entered"]).coverage is not None
    assert (routing.order().number, routing.life(ONE).status) == (ONE, "inProgress")
    assert (routing.life(TWO).status, routing.life(TWO).milestone) == ("resolved", "answered")
    assert [case.closed_as for case in routing.cases()] == ["upheld", "upheld"]
    settled(routing)


def test_a_dispute_on_the_request_itself_is_upheld_on_its_own_case(routing: Routing) -> None:
    routing.receives(covered(ONE, "NONE"))
    at_the_contract_desk(routing)
    upheld(routing, Review("found", coverage=PAPERS))
    assert (routing.life(ONE).outcome, routing.life(ONE).decided) == ("onsite_dispatch", 2)
    assert [case.closed_as for case in routing.cases()] == ["upheld"]
    settled(routing)


def test_what_the_request_should_have_said_decides_too(routing: Routing) -> None:
    """A serial that was read wrongly over the telephone."""
    routing.receives(covered(ONE, "NONE"))
    at_the_contract_desk(routing)
    upheld(routing, Review("misread", changes=parse_request({"kind": "repair", "machine": {"serial": "SN4"}})))
    assert (routing.life(ONE).service_level, routing.life(ONE).machine_serial) == ("ONSITE_4H_24X7", "SN4")
    first, second = routing.stored("decisions")
    assert (first["request"]["machine"]["serial"], second["request"]["machine"]["serial"]) == ("NONE", "SN4")


def test_nothing_new_is_no_second_decision(routing: Routing) -> None:
    routing.receives(covered(ONE, "NONE"))
    a_review(routing)
    before = routing.everything_stored()
    with pytest.raises(Conflict) as refused:
        upheld(routing, Review("I believe it"))
    assert refused.value.code == "redecide.same"
    assert routing.everything_stored() == before


@pytest.mark.parametrize("status", ["rejected", "closed"])
def test_a_correction_leaves_what_is_otherwise_final(routing: Routing, status: str) -> None:
    """Rejected or closed by the billing desk; the review brings it back, straight."""
    routing.receives(covered(ONE, "NONE"))
    case, policy = routing.case(), routing.judge.policy

    def refuse(work: Work) -> None:
        areas = routing.judge.facts.reference(work.connection).areas
        ending = desks.Closing("rejected" if status == "rejected" else "resolved", "no_money")
        desks.close(work, policy, areas, case.desk, case.id, ME, case.version, ending)

    routing.does(refuse)
    if status == "closed":
        routing.clock.forward(days=14)
        fire_due(routing.workshop, routing.judge)
    assert routing.life(ONE).status == status
    a_review(routing)
    told = upheld(routing, Review("found", coverage=PAPERS))
    statuses = [one.standing.status for one in told if getattr(one, "number", "") == ONE and hasattr(one, "standing")]
    assert statuses == ["inProgress"]
    settled(routing)


def test_a_return_on_the_first_decision_is_cancelled_and_the_customer_told_with_the_second(routing: Routing) -> None:
    """One message says both: a technician comes, and the label counts no more."""
    routing.receives(covered(ONE, "SNM"))
    a_review(routing)
    papers = Coverage("M-1", "8286", "SNM", service_level=ServiceLevel.ONSITE_NBD)
    told = upheld(routing, Review("upgraded in spring", coverage=papers))
    [decided] = [one for one in told if isinstance(one, RequestDecided)]
    assert (decided.undone, decided.standing.parcel) == (("return",), None)
    assert (routing.parcel().status, routing.order().status) == ("expired", "queued")
    assert [kind for kind, _ in timers_of(routing, ONE)] == ["clock"]
    settled(routing)


def test_a_visit_in_another_territory_is_withdrawn_and_offered_there(routing: Routing) -> None:
    """Re-routed: the technician of the first loses it, the other queue gets a new visit."""
    routing.given([a_site("S-3", city="Toronto", province="ON", postal_code="M5V1A1")])
    routing.receives(covered(ONE))
    routing.on_order("claim", TECH)
    a_review(routing)
    told = upheld(routing, Review("moved", coverage=Coverage("M-1", "8286", "SN1", site_id="S-3")))
    assert types(told)[:3] == ["work-order.withdrawn", "work-order.offered", "request.decided"]
    assert [(order.visit, order.queue, order.status) for order in routing.orders()] == [
        (1, "CA-QC-MTL", "cancelled"),
        (2, "CA-ON-TOR", "queued"),
    ]
    assert told[2].model_dump()["undone"] == ("visit",)
    settled(routing)


def test_a_job_under_way_goes_on_where_both_decisions_ask_for_it(routing: Routing) -> None:
    """A better level: whoever holds it keeps it, with a new hour; nobody is withdrawn."""
    routing.receives(covered(ONE))
    routing.on_order("claim", TECH)
    routing.on_order("accept", TECH)
    a_review(routing)
    papers = Coverage("M-1", "8286", "SN1", service_level=ServiceLevel.ONSITE_4H_24X7)
    told = upheld(routing, Review("upgraded", coverage=papers))
    assert types(told)[:2] == ["work-order.revised", "request.decided"]
    order, life = routing.order(), routing.life(ONE)
    assert (order.status, order.technician, order.service_level) == ("accepted", "tech1", "ONSITE_4H_24X7")
    assert order.respond_by == life.respond_by == MONDAY + timedelta(hours=4)
    assert (life.status, life.milestone) == ("inProgress", "technician_assigned")
    assert timers_of(routing, ONE) == [("clock", MONDAY + timedelta(hours=3))]
    settled(routing)


@pytest.mark.parametrize(
    ("steps", "code"),
    [(("claim", "accept", "en-route"), "en_route"), (("claim", "accept", "en-route", "arrive"), "on_site")],
)
def test_who_is_on_the_way_is_not_called_back_by_a_decision(
    routing: Routing, steps: tuple[str, ...], code: str
) -> None:
    """Refused in words; nothing is half done."""
    routing.receives(covered(ONE))
    for step in steps:
        routing.on_order(step, TECH)
    a_review(routing)
    papers = Coverage("M-1", "8286", "SN1", service_level=ServiceLevel.PARTS_ONLY)
    before = routing.everything_stored()
    with pytest.raises(Conflict) as refused:
        upheld(routing, Review("downgraded", coverage=papers))
    assert refused.value.code == f"redecide.{code}"
    assert routing.everything_stored() == before


def test_a_device_that_is_with_us_is_not_decided_away(routing: Routing) -> None:
    routing.receives(covered(ONE, "SNM"))
    routing.on_return("receive", at_the_bench())
    a_review(routing)
    with pytest.raises(Conflict) as refused:
        upheld(routing, Review("x", coverage=Coverage("M-1", "8286", "SNM", service_level=ServiceLevel.ONSITE_NBD)))
    assert refused.value.code == "redecide.package"


def test_what_was_repaired_is_corrected_on_paper_only(routing: Routing) -> None:
    """The visit is done: the second decision is recorded, nobody goes twice."""
    routing.receives(covered(ONE))
    for step in ("claim", "accept", "en-route", "arrive"):
        routing.on_order(step, TECH)
    routing.on_order("complete", TECH, said=Said(report={"fixed": True}))
    a_review(routing)
    told = upheld(
        routing, Review("better", coverage=Coverage("M-1", "8286", "SN1", service_level=ServiceLevel.ONSITE_SBD))
    )
    [decided] = [one for one in told if isinstance(one, RequestDecided)]
    assert (decided.standing.status, decided.standing.milestone, decided.undone) == ("resolved", "repaired", ())
    assert len(routing.orders()) == 1
    settled(routing)


def test_another_customers_contract_covers_nothing(routing: Routing) -> None:
    routing.receives(covered(ONE, "NONE"))
    a_review(routing)
    with pytest.raises(Invalid) as refused:
        upheld(routing, Review("x", coverage=Coverage("M-2", "", "")))
    assert [fault.path for fault in refused.value.faults] == ["coverage.contract_number"]


def test_a_review_names_its_customers_own_request(routing: Routing) -> None:
    routing.receives(an_acceptance(ONE, customer_number="C-2", machine={"type": "8286", "serial": "SN2"}))
    a_review(routing)
    with pytest.raises(Invalid) as refused:
        upheld(routing, Review("x", coverage=PAPERS))
    assert [fault.path for fault in refused.value.faults] == ["number"]


def test_only_the_contract_desk_enters_coverage(routing: Routing) -> None:
    routing.receives(covered(ONE, "NONE"))
    with pytest.raises(Conflict) as refused:
        upheld(routing, Review("x", coverage=PAPERS), desk=Desk.BILLING_DESK)
    assert refused.value.code == "redecide.contract_desk_only"


def test_late_contract_data_decide_again_at_any_desk(routing: Routing) -> None:
    """The contract is there now, with a window that holds the original day."""
    routing.receives(covered(ONE, "NONE"))
    routing.clock.forward(days=2)
    the_papers_arrive(routing)
    told = upheld(routing, Review("booked late"), desk=Desk.BILLING_DESK)
    [decided] = [one for one in told if isinstance(one, RequestDecided)]
    assert (decided.because, decided.decision.contract_number) == (Because.CONTRACT_DATA, "M-1")
    settled(routing)


def test_a_persons_word_stands_in_later_decisions(routing: Routing) -> None:
    """The data still do not know the contract; deciding again does not take back what the desk entered."""
    routing.receives(covered(ONE, "NONE"))
    a_review(routing)
    upheld(routing, Review("found", coverage=PAPERS))
    a_review(routing, number=a_number(3))
    with pytest.raises(Conflict) as refused:
        upheld(routing, Review("once more"))
    assert refused.value.code == "redecide.same"


def test_a_kind_that_a_person_said_stands_when_the_customer_amends(routing: Routing) -> None:
    """The text reads like software; triage said hardware; the serial comes later: no conflict again."""
    text = "The application crashes with an error message after the update; the licence of the software is fine."
    routing.receives(covered(ONE, machine={"type": "8286"}, text=text))
    case = routing.case()
    routing.does(lambda work: triage.correct(work, routing.judge, case.id, ME, case.version, "hardware"))
    assert routing.life(ONE).milestone == "information_needed"
    routing.receives(an_amendment(ONE, machine={"type": "8286", "serial": "SN1"}))
    assert routing.life(ONE).outcome == "onsite_dispatch"


def test_what_is_entered_survives_being_stored() -> None:
    entered = Entered(
        "hardware",
        Coverage("M-1", "8286", "SN1", start_date=date(2025, 1, 1), service_level=ServiceLevel.ONSITE_NBD),
    )
    assert from_json(entered.to_json()) == entered
    assert from_json(None) == Entered()


def test_the_desk_sees_what_would_happen_before_it_decides(web: Browsing, routing: Routing) -> None:
    """The same body twice: the preview changes nothing, then it happens; a stale version is told in words."""
    routing.receives(covered(ONE, "NONE"))
    a_review(routing)
    case, desk = routing.cases()[-1], web.staff(Role.DESK, username="desk1", queues=["contract_desk"])
    address = f"/api/desks/contract_desk/{case.id}/redecide"
    body = {
        "version": case.version,
        "reason": "contract found",
        "coverage": {"contract_number": "m-1", "service_level": "ONSITE_NBD", "site_id": "S-1"},
    }
    before = routing.everything_stored()
    foreseen = desk.post(address.replace("redecide", "foresee"), json=body)
    assert foreseen.status_code == 200, foreseen.text
    assert routing.everything_stored() == before
    assert foreseen.json()["second"]["outcome"] == "onsite_dispatch"
    assert (foreseen.json()["undone"], foreseen.json()["stuck"], foreseen.json()["same"]) == (["estimate"], None, False)
    assert desk.post(address, json=body).json() == foreseen.json()
    late = desk.post(address, json=body)
    assert (late.status_code, late.json()["detail"].startswith("Not saved: this case was closed")) == (409, True)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"changes": {"machine": {"colour": "red"}}}, "changes.machine.colour"),
        ({"coverage": {}}, "coverage.contract_number"),
        ({"number": "123"}, "number"),
    ],
)
def test_what_a_desk_enters_is_checked(web: Browsing, routing: Routing, wrong: dict[str, Any], path: str) -> None:
    routing.receives(covered(ONE, "NONE"))
    a_review(routing)
    case, desk = routing.cases()[-1], web.staff(Role.DESK, username="desk1", queues=["contract_desk"])
    body = {"version": case.version, "reason": "x", **wrong}
    answer = desk.post(f"/api/desks/contract_desk/{case.id}/redecide", json=body)
    assert (answer.status_code, [found for found, _ in errors_of(answer)]) == (422, [path])
