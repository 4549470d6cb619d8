"""Technicians' work orders: one test a transition, races, leases, device clocks."""

import threading
from datetime import timedelta

import pytest

from schemas.dispatch import Assigned, Requeued, WorkOrderMessage
from schemas.message import Message
from schemas.request_status import StatusChanged
from schemas.vocabulary import WorkOrderState
from services.routing import queue_steps
from services.routing.lifecycle import WORK_ORDER
from services.routing.people import NOTHING_SAID, Person, Said
from services.routing.queues import WorkOrder
from services.routing.tables import LIVE_WORK_ORDER
from services.runtime.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from services.runtime.work import Work
from tests.builders import a_cancellation
from tests.service.routing.harness import Routing, a_dispatcher, a_technician, covered, types

TECH, OTHER, FOREIGN = a_technician(), a_technician("tech2"), a_technician("tech3", "CA-ON-TOR")
BOSS = a_dispatcher()
WHY = Said(reason="too_far")
FIXED = Said(report={"fixed": True, "parts": [{"number": "00AB", "quantity": 1}]})
TO_OTHER = Said(technician="tech2", technician_name="Name of tech2")

#: How to bring a new work order to each state.
WAY: dict[WorkOrderState, tuple[str, ...]] = {
    WorkOrderState.QUEUED: (),
    WorkOrderState.ASSIGNED: ("claim",),
    WorkOrderState.ACCEPTED: ("claim", "accept"),
    WorkOrderState.EN_ROUTE: ("claim", "accept", "en-route"),
    WorkOrderState.ON_SITE: ("claim", "accept", "en-route", "arrive"),
    WorkOrderState.COMPLETED: ("claim", "accept", "en-route", "arrive", "complete"),
    WorkOrderState.INCOMPLETE: ("claim", "accept", "en-route", "arrive", "leave"),
}
#: By the table's events: the step's address, who takes it and with what; what `dispatch` tells; what customers see.
STEPS: dict[str, tuple[str, Person, Said, str, str | None]] = {
    "claim": ("claim", TECH, NOTHING_SAID, "work-order.assigned", None),
    "assign": ("assign", BOSS, TO_OTHER, "work-order.assigned", None),
    "accept": ("accept", TECH, NOTHING_SAID, "work-order.accepted", "technician_assigned"),
    "decline": ("decline", TECH, WHY, "work-order.requeued", None),
    "withdraw": ("withdraw", BOSS, WHY, "work-order.requeued", "queued_for_technician"),
    "release": ("release", TECH, WHY, "work-order.requeued", "queued_for_technician"),
    "en_route": ("en-route", TECH, NOTHING_SAID, "work-order.en-route", "en_route"),
    "arrive": ("arrive", TECH, NOTHING_SAID, "work-order.on-site", "on_site"),
    "complete": ("complete", TECH, FIXED, "work-order.completed", "repaired"),
    "leave": ("leave", TECH, WHY, "work-order.incomplete", "visit_incomplete"),
}


def bring(routing: Routing, state: WorkOrderState) -> WorkOrder:
    routing.receives(covered())
    for step in WAY[state]:
        routing.on_order(step, TECH, f"{routing.orders()[0].id}", said=WHY if step == "leave" else NOTHING_SAID)
    return routing.orders()[0]


@pytest.mark.parametrize(("state", "event"), [step for step in WORK_ORDER.steps if step[1] in STEPS], ids=str)
def test_each_step_of_the_table(routing: Routing, state: WorkOrderState, event: str) -> None:
    """The state after it, one event with the next version, and what the customer sees of it."""
    order = bring(routing, state)
    name, by, said, told, shown = STEPS[event]
    messages = routing.on_order(name, by, order.id, said)
    after = routing.order(order.id)
    assert after.status == WORK_ORDER.steps[state, event]
    dispatched = [one for one in messages if isinstance(one, WorkOrderMessage) and one.work_order == order.id]
    assert [(one.TYPE, one.version) for one in dispatched] == [(told, order.version + 1)]
    statuses = [one.standing.milestone for one in messages if isinstance(one, StatusChanged)]
    seen = None if event == "withdraw" and state is WorkOrderState.ASSIGNED else shown
    assert statuses == ([] if seen is None else [seen])
    assert routing.life().visit_status == routing.order().status


@pytest.mark.parametrize("state", WAY)
def test_each_step_that_is_not_in_the_table_is_refused(routing: Routing, state: WorkOrderState) -> None:
    """With a conflict, and nothing has changed."""
    order = bring(routing, state)
    before = routing.everything_stored()
    for event, (name, by, said, _, _) in STEPS.items():
        if not WORK_ORDER.may(state, event):
            with pytest.raises(Conflict):
                routing.on_order(name, by, order.id, said)
    assert routing.everything_stored() == before


def test_what_is_live_in_sql_is_what_the_table_has_not_ended() -> None:
    """The partial index and the lifecycle name the same states."""
    live = [state for state in WorkOrderState if not WORK_ORDER.final(state)]
    assert all(f"'{state}'" in LIVE_WORK_ORDER for state in live)
    assert LIVE_WORK_ORDER.count("'") == 2 * len(live)


def test_a_claim_is_a_lease_of_fifteen_minutes(routing: Routing) -> None:
    routing.receives(covered())
    [assigned] = routing.on_order("claim", TECH)
    assert isinstance(assigned, Assigned)
    assert (assigned.technician, assigned.lease_until) == ("tech1", routing.clock.at + timedelta(minutes=15))
    [timer] = [timer for timer in routing.stored("timers") if timer["kind"] == "lease"]
    assert timer["due_at"] == assigned.lease_until


def test_an_expired_lease_is_free_to_claim_before_its_timer_fires(routing: Routing) -> None:
    """Both are told: that it lapsed, and who has it now."""
    routing.receives(covered())
    routing.on_order("claim", TECH)
    routing.clock.forward(minutes=15)
    lapsed, assigned = routing.on_order("claim", OTHER)
    assert isinstance(lapsed, Requeued)
    assert (lapsed.version, lapsed.reason, assigned.ordinal) == (3, "lease_over", 4)
    assert routing.order().technician == "tech2"
    assert len([timer for timer in routing.stored("timers") if timer["kind"] == "lease"]) == 1


def test_whoever_let_the_lease_run_out_cannot_accept(routing: Routing) -> None:
    routing.receives(covered())
    routing.on_order("claim", TECH)
    routing.clock.forward(minutes=15)
    with pytest.raises(Conflict) as late:
        routing.on_order("accept", TECH)
    assert late.value.code == "work_order.lapse"


def test_who_comes_too_late_learns_who_was_first_and_when(routing: Routing) -> None:
    """The note that was typed comes back."""
    routing.receives(covered())
    order = routing.order()
    routing.on_order("claim", TECH)
    with pytest.raises(Conflict) as late:
        act(routing, order.id, "claim", OTHER, seen=order.version, said=Said(note="my note"))
    assert (late.value.code, late.value.values, late.value.typed) == (
        "work_order.claim",
        {"name": "Name of tech1", "time": "10:00"},
        "my note",
    )


def test_a_step_on_what_has_changed_since_is_refused_though_it_would_be_legal(routing: Routing) -> None:
    """The same person holds it again, but it is not what they saw."""
    routing.receives(covered())
    for name, said in (("claim", NOTHING_SAID), ("decline", WHY), ("claim", NOTHING_SAID)):
        routing.on_order(name, TECH, said=said)
    with pytest.raises(Conflict):
        act(routing, routing.order().id, "accept", TECH, seen=2)
    act(routing, routing.order().id, "accept", TECH, seen=4)


def test_two_claims_at_once_have_one_winner(routing: Routing) -> None:
    """Both saw it free; one gets it, the other learns of it."""
    routing.receives(covered())
    order, ready, results = routing.order(), threading.Barrier(2), []

    def claim(by: Person) -> None:
        ready.wait()
        try:
            act(routing, order.id, "claim", by, seen=order.version)
            results.append("won")
        except Conflict as lost:
            results.append(lost.code)

    racers = [threading.Thread(target=claim, args=(by,)) for by in (TECH, OTHER)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(results) == ["won", "work_order.claim"]
    assert routing.order().version == 2


@pytest.mark.parametrize(("by", "error"), [(OTHER, Conflict), (FOREIGN, NotFound), (BOSS, Conflict)])
def test_a_job_is_moved_on_by_who_holds_it_alone(routing: Routing, by: Person, error: type[Refused]) -> None:
    """A colleague learns whose it is; for another territory it does not exist."""
    routing.receives(covered())
    routing.on_order("claim", TECH)
    with pytest.raises(error):
        routing.on_order("accept", by)


@pytest.mark.parametrize("name", ["assign", "withdraw"])
def test_only_a_dispatcher_assigns_and_takes_back(routing: Routing, name: str) -> None:
    routing.receives(covered())
    if name == "withdraw":
        routing.on_order("claim", TECH)
    with pytest.raises(Forbidden):
        routing.on_order(name, TECH, said=Said(reason="no", technician="tech2"))


@pytest.mark.parametrize("name", ["decline", "release", "withdraw"])
def test_giving_back_needs_a_reason(routing: Routing, name: str) -> None:
    bring(routing, WorkOrderState.ASSIGNED if name == "decline" else WorkOrderState.ACCEPTED)
    with pytest.raises(Invalid) as wrong:
        routing.on_order(name, BOSS if name == "withdraw" else TECH)
    assert [(fault.path, fault.code) for fault in wrong.value.faults] == [("reason", "required")]


@pytest.mark.parametrize(("minutes_ago", "believed"), [(5, True), (0, True), (20, True), (21, False), (-1, False)])
def test_a_device_is_believed_between_the_last_step_and_now(routing: Routing, minutes_ago: int, believed: bool) -> None:
    """Otherwise the time of receipt stands, and what the device said is kept for the dispatcher."""
    bring(routing, WorkOrderState.EN_ROUTE)
    routing.clock.forward(minutes=20)
    said = routing.clock.at - timedelta(minutes=minutes_ago)
    told = routing.on_order("arrive", TECH, said=Said(occurred_at=said))
    expected = said if believed else routing.clock.at
    assert [one.occurred_at for one in told if isinstance(one, WorkOrderMessage | StatusChanged)] == [expected] * 2
    assert routing.life().clock_stopped == expected
    step = routing.stored("steps")[-1]
    assert (step["happened_at"], step["claimed_at"]) == (expected, None if believed else said)


def test_the_clock_stops_when_somebody_is_there(routing: Routing) -> None:
    """What is left is measured, nothing warns any more, and no deadline is shown."""
    bring(routing, WorkOrderState.EN_ROUTE)
    *_, told = routing.on_order("arrive", TECH)
    assert isinstance(told, StatusChanged)
    assert told.standing.respond_by is None
    assert [timer["kind"] for timer in routing.stored("timers")] == []


def test_what_was_not_fixed_gets_a_new_visit(routing: Routing) -> None:
    """At once, higher in the queue; the first visit's report stays."""
    order = bring(routing, WorkOrderState.ON_SITE)
    told = routing.on_order("leave", TECH, order.id, said=Said(reason="no_part", note="fan ordered"))
    assert types(told) == ["work-order.incomplete", "work-order.offered", "request.status-changed"]
    first, second = routing.orders()
    assert first.report == {"fixed": False, "reason": "no_part", "note": "fan ordered"}
    assert (second.id, second.status, second.priority) == (f"WO-{order.number}-2", "queued", 75)
    assert routing.life().status == "inProgress"


def test_a_repair_resolves_the_request(routing: Routing) -> None:
    """With what was used; it closes by itself in fourteen days."""
    order = bring(routing, WorkOrderState.ON_SITE)
    routing.on_order("complete", TECH, order.id, said=FIXED)
    assert routing.order().report == FIXED.report
    life = routing.life()
    assert (life.status, life.milestone, life.resolved_at) == ("resolved", "repaired", routing.clock.at)
    [timer] = routing.stored("timers")
    assert (timer["kind"], timer["due_at"]) == ("auto_close", routing.clock.at + timedelta(days=14))


def test_the_customer_sees_a_name_once_somebody_has_accepted(routing: Routing) -> None:
    routing.receives(covered())
    routing.on_order("claim", TECH)
    [_, told] = routing.on_order("accept", TECH)
    assert isinstance(told, StatusChanged)
    assert told.standing.visit is not None
    assert (told.by, told.standing.visit.technician) == ("technician", "Name of tech1")
    [_, back] = routing.on_order("withdraw", BOSS, said=WHY)
    assert isinstance(back, StatusChanged)
    assert back.standing.visit is not None
    assert (back.by, back.standing.visit.technician) == ("desk", None)


def test_a_step_sent_again_under_its_key_is_not_a_second_step(routing: Routing) -> None:
    """As a device does that never heard the first answer; the version it saw is then old."""
    bring(routing, WorkOrderState.ACCEPTED)
    order = routing.order()
    act(routing, order.id, "en-route", TECH, seen=order.version, said=Said(key="k-1"))
    before = routing.everything_stored()
    assert act(routing, order.id, "en-route", TECH, seen=order.version, said=Said(key="k-1")) == []
    assert routing.everything_stored() == before


def test_a_withdrawn_job_says_so(routing: Routing) -> None:
    routing.receives(covered())
    routing.on_order("claim", TECH)
    routing.receives(a_cancellation())
    with pytest.raises(Conflict) as late:
        routing.on_order("accept", TECH)
    assert late.value.code == "work_order.cancel"


def test_versions_are_gap_free_over_a_long_life(routing: Routing) -> None:
    bring(routing, WorkOrderState.ACCEPTED)
    for name, by, said in (
        ("release", TECH, WHY),
        ("assign", BOSS, TO_OTHER),
        ("decline", OTHER, WHY),
        ("claim", TECH, NOTHING_SAID),
    ):
        routing.on_order(name, by, said=said)
    versions = [one.version for one in routing.said() if isinstance(one, WorkOrderMessage)]
    assert versions == list(range(1, 8))


def act(routing: Routing, id_: str, name: str, by: Person, *, seen: int, said: Said = NOTHING_SAID) -> list[Message]:
    def step(work: Work) -> None:
        areas = routing.judge.facts.reference(work.connection).areas
        queue_steps.take_step(work, routing.judge.policy, areas, id_, name, by, seen, said)

    return routing.does(step)
