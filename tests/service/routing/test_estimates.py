"""Estimates: sent by the desk, answered by the customer, and nothing is dispatched before (docs/rules.md §8)."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from schemas.message import Message
from schemas.request_status import StatusChanged
from schemas.vocabulary import Action, Desk, EstimateState, LineReason, LineSort, Milestone, RepairWay, Status
from services.routing import desks, estimating
from services.routing.desks import Case
from services.routing.estimates import Estimate
from services.routing.lifecycle import ESTIMATE
from services.routing.people import Said
from services.routing.rules.prices import AskedLine
from services.routing.timers import fire_due
from services.runtime.errors import Conflict, Invalid, NotFound, Refused
from services.runtime.work import Work
from tests.builders import MONDAY, a_cancellation, a_number, a_reopening
from tests.service.routing import billing
from tests.service.routing.billing import CLERK, an_ended_contract, answer, estimate, not_covered, send
from tests.service.routing.harness import Routing, a_customer, a_site, at_the_bench, types

HELD = (Status.HELD, Milestone.ESTIMATE_IN_PREPARATION)


@pytest.fixture(autouse=True)
def _ended(routing: Routing) -> None:
    routing.given(an_ended_contract())


def standing(routing: Routing, index: int = 1) -> tuple[Status, Milestone]:
    life = routing.life(a_number(index))
    return life.status, life.milestone


def save(routing: Routing, *lines: AskedLine) -> list[Message]:
    """The desk saves an estimate and does not send it."""
    case = routing.case()
    return routing.does(
        lambda work: estimating.prepare(work, routing.judge, case.id, CLERK, case.version, None, lines or None)
    )


def fire(routing: Routing) -> None:
    while fire_due(routing.workshop, routing.judge):
        pass


def test_what_is_not_covered_waits_for_an_estimate_and_nothing_is_dispatched(routing: Routing) -> None:
    routing.receives(not_covered())
    assert standing(routing) == HELD
    assert (routing.case().desk, routing.orders(), routing.parcels()) == ("billing_desk", [], [])


def test_an_estimate_is_sent_with_its_lines_its_total_and_its_day(routing: Routing) -> None:
    """One event, told once; the customer may accept or decline, or cancel."""
    routing.receives(not_covered())
    [told] = send(routing)
    assert isinstance(told, StatusChanged)
    assert (told.standing.status, told.standing.milestone) == (Status.PENDING, Milestone.ESTIMATE_SENT)
    assert set(told.standing.actions) == {Action.CANCEL, Action.ACCEPT_ESTIMATE, Action.DECLINE_ESTIMATE}
    assert told.standing.bill is not None
    shown = told.standing.bill.estimate
    assert shown is not None
    assert (shown.way, shown.currency, shown.total) == (RepairWay.ONSITE, "CAD", Decimal("385.00"))
    assert [(line.sort, line.amount) for line in shown.lines] == [
        (LineSort.LABOUR, Decimal("290.00")),
        (LineSort.TRAVEL, Decimal("95.00")),
    ]
    assert shown.good_until == MONDAY + timedelta(days=14)
    assert routing.case().closed_as == "estimate_sent"
    assert routing.orders() == []


def test_money_is_exact_in_the_database(routing: Routing) -> None:
    """Three thirds of a cent and the like: what was computed is what is read."""
    routing.receives(not_covered())
    odd = AskedLine(LineSort.PART, Decimal("0.33"), LineReason.QUOTED_PART, Decimal("0.10"), None, "Screw")
    send(routing, [odd, odd, odd])
    assert str(estimate(routing).total) == "0.09"


def test_accepting_begins_the_visit(routing: Routing) -> None:
    """The territory of the site where the machine stands, promised by the next business day from now on."""
    routing.receives(not_covered())
    send(routing)
    routing.clock.forward(hours=2)
    told = answer(routing)
    assert types(told) == ["work-order.offered", "request.status-changed"]
    assert standing(routing) == (Status.IN_PROGRESS, Milestone.QUEUED_FOR_TECHNICIAN)
    order = routing.order()
    assert (order.queue, order.service_level, order.serial, order.place["site_id"]) == (
        "CA-QC-MTL",
        "ONSITE_NBD",
        "OLD",
        "S-1",
    )
    assert routing.life().respond_by == MONDAY + timedelta(days=1, hours=7)  # Tuesday 17:00
    changed = told[-1]
    assert isinstance(changed, StatusChanged)
    assert (changed.reason, changed.by) == ("estimate_accepted", "customer")
    assert changed.standing.actions == (Action.CANCEL,)


def test_without_a_site_the_device_is_sent_in(routing: Routing) -> None:
    """No item has a site, the customer has two: nobody knows where to go, but a workshop serves them."""
    routing.given([*an_ended_contract(None), a_site("S-1b")])
    routing.receives(not_covered())
    [told] = send(routing)
    assert isinstance(told, StatusChanged)
    assert told.standing.bill is not None
    assert told.standing.bill.estimate is not None
    assert [line.sort for line in told.standing.bill.estimate.lines] == [LineSort.LABOUR]
    answer(routing)
    assert standing(routing) == (Status.PENDING, Milestone.AWAITING_PACKAGE)
    assert (routing.parcel().depot, routing.orders()) == ("D-1", [])


def test_the_site_that_was_named_goes_before_the_items(routing: Routing) -> None:
    routing.given([a_site("S-1b", postal_code="M5V1A1")])
    routing.receives(not_covered(site_id="S-1b"))
    send(routing)
    answer(routing)
    assert routing.order().queue == "CA-ON-TOR"


def test_where_nobody_comes_and_no_workshop_serves_a_person_arranges_it(routing: Routing) -> None:
    routing.given([a_customer(country="MX", province=None), *an_ended_contract(None), a_site("S-1b")])
    routing.receives(not_covered())
    send(routing)
    answer(routing)
    assert standing(routing) == (Status.HELD, Milestone.BILLING_DESK)
    assert routing.case().desk == "billing_desk"


def test_declining_ends_the_request(routing: Routing) -> None:
    routing.receives(not_covered())
    send(routing)
    [told] = answer(routing, "decline", reason="too expensive")
    assert isinstance(told, StatusChanged)
    assert (told.standing.status, told.standing.milestone, told.reason) == (
        Status.CANCELLED,
        Milestone.ESTIMATE_DECLINED,
        "too expensive",
    )
    assert told.standing.actions == ()
    assert routing.orders() == []


def test_an_estimate_expires_after_fourteen_days_and_the_customer_is_told_once(routing: Routing) -> None:
    routing.receives(not_covered())
    send(routing)
    before = routing.last_outbox_id()
    routing.clock.forward(days=14, seconds=-1)
    fire(routing)
    assert routing.said(after=before) == []
    routing.clock.forward(seconds=1)
    fire(routing)
    fire(routing)
    [told] = routing.said(after=before)
    assert isinstance(told, StatusChanged)
    assert (told.standing.status, told.standing.milestone) == (Status.CANCELLED, Milestone.ESTIMATE_EXPIRED)
    assert estimate(routing).status is EstimateState.EXPIRED


def test_an_answer_after_the_last_moment_is_refused_also_before_the_timer_has_fired(routing: Routing) -> None:
    routing.receives(not_covered())
    send(routing)
    routing.clock.forward(days=14)
    with pytest.raises(Conflict) as late:
        answer(routing)
    assert (late.value.code, late.value.values) == ("estimate.expired", {"time": "2026-12-07 10:00"})


@pytest.mark.parametrize("state", list(EstimateState))
@pytest.mark.parametrize("said", ["accept", "decline"])
def test_an_estimate_is_answered_only_while_it_waits_for_the_answer(
    routing: Routing, state: EstimateState, said: str
) -> None:
    """The lifecycle's table says when; otherwise a sentence says what was first, and nothing changes."""
    routing.receives(not_covered())
    match state:
        case EstimateState.PREPARED:
            save(routing)
        case EstimateState.SENT:
            send(routing)
        case EstimateState.ACCEPTED | EstimateState.DECLINED:
            send(routing)
            answer(routing, "accept" if state is EstimateState.ACCEPTED else "decline")
        case EstimateState.EXPIRED:
            send(routing)
            routing.clock.forward(days=14)
            fire(routing)
        case EstimateState.WITHDRAWN:
            send(routing)
            routing.receives(a_cancellation(a_number(1)))
    assert estimate(routing).status is state
    before = routing.everything_stored()
    if ESTIMATE.may(state, said):
        answer(routing, "accept" if said == "accept" else "decline")
        return
    with pytest.raises(Conflict) as refused:
        answer(routing, "accept" if said == "accept" else "decline")
    expected = "none" if state is EstimateState.PREPARED else state.value
    assert refused.value.code == f"estimate.{expected}"
    assert routing.everything_stored() == before


def test_the_same_answer_sent_again_is_one_answer(routing: Routing) -> None:
    """Under the same key; without one, the second is told what was first."""
    routing.receives(not_covered())
    send(routing)
    seen = estimate(routing).version
    answer(routing, key="k-1")
    assert answer(routing, key="k-1", seen=seen) == []
    assert len(routing.orders()) == 1
    with pytest.raises(Conflict):
        answer(routing, seen=seen)


def test_what_was_changed_since_it_was_seen_is_not_accepted(routing: Routing) -> None:
    """The desk took it back and sent a better one: the old total is not what is agreed to."""
    routing.receives(not_covered())
    send(routing)
    seen = estimate(routing).version
    routing.does(lambda work: estimating.take_back(work, routing.judge, a_number(1), CLERK, seen, "part forgotten"))
    assert standing(routing) == HELD
    routing.clock.forward(minutes=1)
    fan = AskedLine(LineSort.PART, Decimal(1), LineReason.LISTED_PART, part="00FAN120")
    send(routing, [fan])
    with pytest.raises(Conflict) as other:
        answer(routing, seen=seen - 1)
    assert other.value.code == "estimate.changed"
    answer(routing)
    assert [one.status for one in sorted(routing._all(Estimate), key=lambda one: one.id)] == [
        EstimateState.WITHDRAWN,
        EstimateState.ACCEPTED,
    ]


def test_another_customers_estimate_is_not_there(routing: Routing) -> None:
    routing.receives(not_covered())
    send(routing)
    with pytest.raises(NotFound):
        answer(routing, by=billing.customer("C-2"))


def test_a_line_without_its_price_is_named(routing: Routing) -> None:
    routing.receives(not_covered())
    with pytest.raises(Invalid) as wrong:
        send(routing, [AskedLine(LineSort.PART, Decimal(1), LineReason.LISTED_PART, part="NONE")])
    assert [(fault.path, fault.code) for fault in wrong.value.faults] == [("lines.0.part", "part_not_listed")]
    assert routing._all(Estimate) == []


def test_a_request_that_went_to_another_desk_and_back_still_gets_its_estimate(routing: Routing) -> None:
    routing.receives(not_covered())
    for here, there in ((Desk.BILLING_DESK, Desk.GENERAL_DESK), (Desk.GENERAL_DESK, Desk.BILLING_DESK)):
        case = routing.case()
        routing.does(partial(_hand_over, routing, case, here, there))
    send(routing)
    assert standing(routing) == (Status.PENDING, Milestone.ESTIMATE_SENT)


def _hand_over(routing: Routing, case: Case, here: Desk, there: Desk, work: Work) -> None:
    desks.hand_over(work, routing.judge.policy, here, case.id, CLERK, case.version, there, "yours")


def test_a_saved_estimate_is_changed_and_sent_as_it_was_saved(routing: Routing) -> None:
    """Saved twice, one estimate; the customer sees nothing before it is sent."""
    routing.receives(not_covered())
    for hours in ("1.00", "3.00"):
        assert save(routing, AskedLine(LineSort.LABOUR, Decimal(hours), LineReason.REPAIR)) == []
    send(routing)
    assert str(estimate(routing).total) == "435.00"
    assert len(routing._all(Estimate)) == 1


def test_cancelling_takes_the_estimate_back(routing: Routing) -> None:
    routing.receives(not_covered())
    send(routing)
    [told] = routing.receives(a_cancellation(a_number(1)))
    assert isinstance(told, StatusChanged)
    assert told.standing.bill is not None
    assert told.standing.bill.estimate is not None
    assert told.standing.bill.estimate.status is EstimateState.WITHDRAWN
    fire(routing)
    assert standing(routing) == (Status.CANCELLED, Milestone.CANCELLED)


def test_what_was_paid_for_and_fails_again_is_repaired_again_without_another_estimate(routing: Routing) -> None:
    billing.accepted(routing)
    billing.done(routing)
    routing.receives(a_reopening(a_number(1)))
    assert standing(routing) == (Status.IN_PROGRESS, Milestone.QUEUED_FOR_TECHNICIAN)
    routing.on_order("claim", billing.TECH)
    for step in ("accept", "en-route", "arrive"):
        routing.on_order(step, billing.TECH)
    routing.on_order("complete", billing.TECH, said=Said(report={"fixed": True}))
    assert len(routing.stored("invoices")) == 1


def test_a_device_that_cannot_be_repaired_costs_nothing(routing: Routing) -> None:
    routing.given([*an_ended_contract(None), a_site("S-1b")])
    billing.accepted(routing)
    for step in ("receive", "diagnose", "give-up", "ship-back", "deliver"):
        routing.on_return(step, at_the_bench())
    assert standing(routing)[0] is Status.RESOLVED
    assert routing.stored("invoices") == []


def test_accept_decline_cancel_and_expiry_racing_have_one_winner(routing: Routing) -> None:
    """All at once, many times: one of them happened, everybody else was told, and nothing is left half done."""
    rounds = range(1, 9)
    routing.receives(*(not_covered(index) for index in rounds))
    for index in rounds:
        send(routing, index=index)
    routing.clock.forward(days=14, seconds=-1)
    refused: list[Refused] = []

    def race(act: Callable[[], object], barrier: threading.Barrier) -> None:
        barrier.wait()
        try:
            act()
        except Refused as refusal:
            refused.append(refusal)

    for index in rounds:
        version = estimate(routing, a_number(index)).version
        barrier = threading.Barrier(3)
        acts: list[Callable[[], object]] = [
            partial(answer, routing, "accept", version, index=index),
            partial(answer, routing, "decline", version, index=index),
            partial(routing.receives, a_cancellation(a_number(index))),
        ]
        threads = [threading.Thread(target=race, args=(act, barrier)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    routing.clock.forward(days=1)
    fire(routing)
    orders = {order.number for order in routing.orders() if order.status != "cancelled"}
    for index in rounds:
        life, made = routing.life(a_number(index)), estimate(routing, a_number(index))
        assert (life.number in orders) == (life.status is Status.IN_PROGRESS)
        assert life.estimate is made.status
        assert made.status in (EstimateState.ACCEPTED, EstimateState.DECLINED, EstimateState.WITHDRAWN)
    assert all(isinstance(refusal, Conflict) and refusal.code.startswith("estimate.") for refusal in refused)
