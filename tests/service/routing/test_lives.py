"""Every step of the three lifecycles is taken as people, customers and timers take it; every step that is not in a table is
refused in words, and changes nothing. Generated from the tables: a new step has its test, or the suite fails."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import pytest
from fastapi.testclient import TestClient

from schemas.message import Message
from schemas.request_status import CommandRefused
from schemas.vocabulary import Desk, Milestone, ReturnState, Role, Status, WaitsFor, WorkOrderState
from services.routing import desks, requests, store, triage, waits
from services.routing.lifecycle import DEPOT_RETURN, REQUEST, WORK_ORDER, IllegalStep, Lifecycle, State
from services.routing.people import Said
from services.routing.reconcile import differences
from services.routing.requests import Life
from services.routing.store import Writes
from services.routing.timers import fire_due
from services.runtime.work import Work
from tests.builders import a_cancellation, a_number, a_reopening, an_acceptance, an_amendment
from tests.service.routing.browsing import Browsing
from tests.service.routing.harness import Routing, a_dispatcher, a_technician, covered

ONE = a_number(1)
ME = a_dispatcher("desk1")


def way_to(life: Lifecycle[State], state: State) -> tuple[str, ...]:
    """The events of the shortest way from the first state."""
    ways: dict[State, tuple[str, ...]] = {life.first: ()}
    ends = [life.first]
    for at in ends:
        for event in life.events(at):
            to = life.step(at, event)
            if to not in ways:
                ways[to] = (*ways[at], event)
                ends.append(to)
    return ways[state]


def steps(life: Lifecycle[State]) -> list[Any]:
    return [pytest.param(at, event, to, id=f"{at}-{event}") for (at, event), to in life.steps.items()]


def absent(life: Lifecycle[State], state: State) -> list[str]:
    events = dict.fromkeys(event for _, event in life.steps)
    return [event for event in events if not life.may(state, event)]


def settled(routing: Routing) -> None:
    with routing.database.reading() as connection:
        assert list(differences(connection)) == []


# ---- work orders ----------------------------------------------------------------------------------------------------


class Visits:
    """One work order, moved by HTTP, by the customer's cancellation and by its lease."""

    BY_DISPATCHER = frozenset({"assign", "withdraw"})

    def __init__(self, routing: Routing, web: Browsing) -> None:
        self.routing = routing
        self.technician = web.technician("tech1")
        self.dispatcher = web.staff(Role.DESK, username="dispatch1")
        self.sequence = 0
        routing.receives(covered(ONE))
        self.id = f"WO-{ONE}-1"

    @property
    def state(self) -> str:
        return self.routing.order(self.id).status

    def does(self, event: str) -> Any:
        """The answer of the program, the events of a command, or how many timers fired."""
        match event:
            case "lapse":
                self.routing.clock.forward(minutes=15)
                return fire_due(self.routing.workshop, self.routing.judge)
            case "cancel":
                self.sequence += 1
                return self.routing.receives(a_cancellation(ONE, self.sequence))
            case _:
                return self._post(event)

    def _post(self, event: str) -> Any:
        client: TestClient = self.dispatcher if event in self.BY_DISPATCHER else self.technician
        body: dict[str, Any] = {"version": self.routing.order(self.id).version, "reason": "because"}
        name = {"en_route": "en-route", "leave": "complete"}.get(event, event)
        body |= {"technician": "tech1"} if event == "assign" else {}
        body |= {"fixed": event == "complete"} if name == "complete" else {}
        return client.post(f"/api/work-orders/{self.id}/{name}", json=body)


@pytest.mark.parametrize(("state", "event", "to"), steps(WORK_ORDER))
def test_a_visit_takes_each_step(
    routing: Routing, web: Browsing, state: WorkOrderState, event: str, to: WorkOrderState
) -> None:
    visits = Visits(routing, web)
    for before in way_to(WORK_ORDER, state):
        visits.does(before)
    assert visits.state == state
    visits.does(event)
    assert visits.state == to
    settled(routing)


@pytest.mark.parametrize("state", WorkOrderState)
def test_a_visit_takes_no_other_step(routing: Routing, web: Browsing, state: WorkOrderState) -> None:
    """409 with who and when; a cancellation is refused to the customer; a timer has nothing to do."""
    visits = Visits(routing, web)
    for before in way_to(WORK_ORDER, state):
        visits.does(before)
    as_it_was = routing.order(visits.id)
    for event in absent(WORK_ORDER, state):
        answer = visits.does(event)
        assert routing.order(visits.id) == as_it_was, event
        if event not in ("lapse", "cancel"):
            assert (answer.status_code, answer.json()["detail"][:9]) == (409, "Not saved"), event
        elif (
            event == "cancel" and state is not WorkOrderState.INCOMPLETE
        ):  # there it is the next visit that is cancelled
            [refused] = answer
            assert isinstance(refused, CommandRefused)
    settled(routing)


# ---- depot returns --------------------------------------------------------------------------------------------------


class Parcels:
    """One depot return, moved by the bench's HTTP and by its own expiry."""

    def __init__(self, routing: Routing, web: Browsing) -> None:
        self.routing = routing
        self.web = web
        routing.receives(covered(ONE, "SNM"))

    @property
    def state(self) -> str:
        return self.routing.parcel().status

    def does(self, event: str) -> Any:
        if event == "expire":
            self.routing.clock.forward(days=30)
            return fire_due(self.routing.workshop, self.routing.judge)
        parcel = self.routing.parcel()
        bench = self.web.staff(Role.DEPOT, username="bench1", queues=["D-1"])  # signed in today
        return bench.post(
            f"/api/returns/{parcel.id}/{event.replace('_', '-')}", json={"version": parcel.version, "reason": "because"}
        )


@pytest.mark.parametrize(("state", "event", "to"), steps(DEPOT_RETURN))
def test_a_parcel_takes_each_step(
    routing: Routing, web: Browsing, state: ReturnState, event: str, to: ReturnState
) -> None:
    parcels = Parcels(routing, web)
    for before in way_to(DEPOT_RETURN, state):
        parcels.does(before)
    assert parcels.state == state
    parcels.does(event)
    assert parcels.state == to
    settled(routing)


@pytest.mark.parametrize("state", ReturnState)
def test_a_parcel_takes_no_other_step(routing: Routing, web: Browsing, state: ReturnState) -> None:
    """Received without having been seen on its way, it takes both steps (`test_returns.py`); nothing else is skipped."""
    parcels = Parcels(routing, web)
    for before in way_to(DEPOT_RETURN, state):
        parcels.does(before)
    as_it_was = routing.parcel()
    for event in absent(DEPOT_RETURN, state):
        if (state, event) == (ReturnState.ISSUED, "receive"):
            continue
        answer = parcels.does(event)
        assert routing.parcel() == as_it_was, event
        assert event == "expire" or answer.status_code == 409, event
    settled(routing)


# ---- requests -------------------------------------------------------------------------------------------------------


def at_desk(routing: Routing, act: Callable[[Work, desks.Case], object]) -> None:
    case = next(case for case in routing.cases() if case.closed_at is None)
    routing.does(lambda work: act(work, case))


def asks_for(kind: str, **given: Any) -> Message:
    return an_acceptance(ONE, kind=kind, customer_number="C-1", text=None, **given)


def repaired(routing: Routing) -> None:
    routing.receives(covered(ONE))
    for step in ("claim", "accept", "en-route", "arrive"):
        routing.on_order(step, a_technician())
    routing.on_order("complete", a_technician(), said=Said(report={"fixed": True}))


def incomplete(routing: Routing) -> None:
    routing.receives(an_acceptance(ONE, customer_number="C-1", machine={"type": "8286"}))


def in_triage(routing: Routing) -> None:
    """The machine is held under another type."""
    routing.receives(an_acceptance(ONE, customer_number="C-1", machine={"type": "9999", "serial": "SN1"}))


def waits_for_customer(routing: Routing) -> None:
    order = routing.order()
    said = (order.version, WaitsFor.SITE_ACCESS, "Who opens?")
    routing.does(lambda work: waits.visit_waits(work, routing.judge, order.id, ME, *said))


def handed_over(routing: Routing) -> None:
    to, policy = Desk.GENERAL_DESK, routing.judge.policy
    at_desk(routing, lambda work, case: desks.hand_over(work, policy, case.desk, case.id, ME, case.version, to, "x"))


def closed_as_rejected(routing: Routing) -> None:
    def act(work: Work, case: desks.Case) -> None:
        areas, closing = routing.judge.facts.reference(work.connection).areas, desks.Closing("rejected", "no")
        desks.close(work, routing.judge.policy, areas, case.desk, case.id, ME, case.version, closing)

    at_desk(routing, act)


def contradicted(routing: Routing) -> None:
    """Declared as hardware, written like software: triage."""
    text = "The application crashes with an error message after the update; the licence of the software is fine."
    routing.receives(covered(ONE, text=text))


def said_hardware(routing: Routing) -> None:
    routing.does(
        lambda work: triage.correct(work, routing.judge, routing.case().id, ME, routing.case().version, "hardware")
    )


def customer_asked(routing: Routing) -> None:
    at_desk(
        routing, lambda work, case: triage.ask_customer(work, routing.judge, case.id, ME, case.version, ["machine"])
    )


def two_weeks_pass(routing: Routing) -> None:
    routing.clock.forward(days=14)
    fire_due(routing.workshop, routing.judge)


def received(*messages: Message) -> Callable[[Routing], None]:
    """These come, in one batch."""

    def come(routing: Routing) -> None:
        routing.receives(*messages)

    return come


#: How a request comes to each status, and takes each step from there, in people's and customers' hands.
SCENES: Mapping[tuple[Status, str], tuple[Callable[[Routing], None], ...]] = {
    (Status.ACKNOWLEDGED, "begin"): (received(covered(ONE)),),
    (Status.ACKNOWLEDGED, "ask"): (incomplete,),
    (Status.ACKNOWLEDGED, "hold"): (received(covered(ONE, "NONE")),),
    (Status.ACKNOWLEDGED, "resolve"): (received(asks_for("covered_devices")),),
    (Status.ACKNOWLEDGED, "reject"): (received(asks_for("software_support", product_id="NEVER")),),
    (Status.ACKNOWLEDGED, "cancel"): (received(covered(ONE), a_cancellation(ONE)),),
    (Status.PENDING, "begin"): (incomplete, received(an_amendment(ONE, machine={"serial": "SN1"}))),
    (Status.PENDING, "hold"): (incomplete, received(an_amendment(ONE, machine={"type": "8286", "serial": "NONE"}))),
    (Status.PENDING, "resolve"): (
        received(asks_for("contract_copy")),
        received(an_amendment(ONE, contract_number="M-1")),
    ),
    (Status.PENDING, "reject"): (
        received(asks_for("software_support")),
        received(an_amendment(ONE, product_id="NEVER")),
    ),
    (Status.PENDING, "cancel"): (incomplete, received(a_cancellation(ONE))),
    (Status.HELD, "begin"): (contradicted, said_hardware),
    (Status.HELD, "ask"): (in_triage, customer_asked),
    (Status.HELD, "reject"): (received(covered(ONE, "NONE")), closed_as_rejected),
    (Status.HELD, "cancel"): (received(covered(ONE, "NONE")), received(a_cancellation(ONE))),
    (Status.IN_PROGRESS, "ask"): (received(covered(ONE)), waits_for_customer),
    (Status.IN_PROGRESS, "hold"): (received(covered(ONE, "SNP")), handed_over),
    (Status.IN_PROGRESS, "resolve"): (repaired,),
    (Status.IN_PROGRESS, "cancel"): (received(covered(ONE)), received(a_cancellation(ONE))),
    (Status.RESOLVED, "close"): (repaired, two_weeks_pass),
    (Status.RESOLVED, "reopen"): (repaired, received(a_reopening(ONE))),
}

#: How a request comes to each status that is no step's beginning above.
ENDS: Mapping[Status, tuple[Status, str]] = {
    Status.REJECTED: (Status.HELD, "reject"),
    Status.CANCELLED: (Status.IN_PROGRESS, "cancel"),
    Status.CLOSED: (Status.RESOLVED, "close"),
}


def told(routing: Routing) -> list[Status]:
    """The statuses that everybody was told, in order; it begins with what intake said."""
    statuses = [Status.ACKNOWLEDGED]
    for message in routing.said():
        standing = getattr(message, "standing", None)
        if standing is not None and standing.status is not statuses[-1]:
            statuses.append(standing.status)
    return statuses


def bring_to(routing: Routing, status: Status) -> None:
    """A request that stands there, by the shortest of the scenes."""
    if status in ENDS:
        scenes = SCENES[ENDS[status]]
    else:
        scenes = min((scenes[:-1] for (at, _), scenes in SCENES.items() if at is status and len(scenes) > 1), key=len)
    for scene in scenes:
        scene(routing)
    assert routing.life(ONE).status is status


@pytest.mark.parametrize(("state", "event", "to"), steps(REQUEST))
def test_a_request_takes_each_step(routing: Routing, state: Status, event: str, to: Status) -> None:
    """By the hand that takes it in life; every status told is one step from the one before.

    A cancellation that is there before the decision is told behind it: the decision is kept, but nothing is begun.
    """
    for scene in SCENES[state, event]:
        scene(routing)
    statuses = told(routing)
    assert statuses[-1] is to
    if (state, event) == (Status.ACKNOWLEDGED, "cancel"):
        assert routing.orders() == []
    else:
        assert statuses[-2] is state
    assert all(REQUEST.leads(at, after) for at, after in pairwise(statuses))
    settled(routing)


@pytest.mark.parametrize("event", ["cancel", "reopen"])
@pytest.mark.parametrize("status", [status for status in Status if status is not Status.ACKNOWLEDGED])
def test_a_customers_command_is_legal_only_where_the_table_says_so(
    routing: Routing, status: Status, event: str
) -> None:
    """Elsewhere it is refused, with why, and nothing else changes."""
    bring_to(routing, status)
    asked_at = routing.clock.at
    command = a_cancellation(ONE, 9) if event == "cancel" else a_reopening(ONE, 9)
    *_, answer = routing.receives(command.model_copy(update={"asked_at": asked_at}))
    if REQUEST.may(status, event):
        assert not isinstance(answer, CommandRefused)
        return
    assert isinstance(answer, CommandRefused)
    assert (answer.command, routing.life(ONE).status) == (event, status)
    assert answer.reason in (f"already_{status.value}", "not_resolved")


@pytest.mark.parametrize("target", Status)
@pytest.mark.parametrize("status", [status for status in Status if status is not Status.ACKNOWLEDGED])
def test_no_status_is_reached_but_by_the_table(routing: Routing, status: Status, target: Status) -> None:
    """Whoever tries: told step by step where the table knows a way, an error that changes nothing where it knows none."""
    bring_to(routing, status)
    before, as_it_was = len(told(routing)), routing.everything_stored()

    def act(work: Work) -> None:
        life = store.one(work.connection, Life, ONE, lock=True)
        assert life is not None
        writes = Writes()
        requests.move(work, writes, life, routing.judge.policy, target, Milestone.ANSWERED)
        writes.flush(work.connection)

    if not way(status, target):
        with pytest.raises(IllegalStep):
            routing.does(act)
        assert routing.everything_stored() == as_it_was
        return
    routing.does(act)
    statuses = told(routing)[before - 1 :]
    assert statuses[-1] is target
    assert all(REQUEST.leads(at, after) for at, after in pairwise(statuses))


def way(status: Status, target: Status) -> bool:
    """Whether the table leads there at all; where a request stands, it is already."""
    try:
        REQUEST.way(status, target)
    except IllegalStep:
        return False
    return True


@pytest.mark.parametrize("status", [s for s in Status if s not in (Status.ACKNOWLEDGED, Status.RESOLVED)])
def test_only_what_is_resolved_closes_by_itself(routing: Routing, status: Status) -> None:
    bring_to(routing, status)
    routing.clock.forward(days=29)  # a day before a label expires
    while fire_due(routing.workshop, routing.judge):
        pass
    assert routing.life(ONE).status is status
