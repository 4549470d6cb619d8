"""What falls due by itself: once each, in order, also when nobody was there."""

import threading
from datetime import timedelta

import pytest

from schemas.message import Message
from schemas.request_status import ClockWarned
from services.routing.people import Said
from services.routing.timers import fire_due
from services.runtime.metrics import CLOCK_BREACHES
from tests.builders import MONDAY, a_number, an_acceptance
from tests.service.routing.harness import Routing, a_technician, at, at_the_bench, covered, types

TECH = a_technician()


def fire(routing: Routing) -> list[Message]:
    """Everything that is due now."""
    before = routing.last_outbox_id()
    while fire_due(routing.workshop, routing.judge, portion=2):
        pass
    return routing.said(after=before)


def breaches(level: str) -> float:
    value: float = CLOCK_BREACHES.labels(level)._value.get()
    return value


def test_a_clock_warns_at_three_quarters_and_at_its_end(routing: Routing) -> None:
    """Once each; the job moves up its queue; the end counts as a breach."""
    routing.receives(covered(serial="SN4"))
    before = breaches("ONSITE_4H_24X7")
    routing.clock.at = MONDAY + timedelta(hours=3, seconds=-1)
    assert fire(routing) == []
    routing.clock.at = MONDAY + timedelta(hours=3)
    [warned] = fire(routing)
    assert isinstance(warned, ClockWarned)
    assert (warned.threshold, warned.version, routing.order().priority) == (75, 2, 75)
    assert breaches("ONSITE_4H_24X7") == before
    routing.clock.at = MONDAY + timedelta(hours=4)
    [breached] = fire(routing)
    assert isinstance(breached, ClockWarned)
    assert (breached.threshold, routing.order().priority) == (100, 100)
    assert breaches("ONSITE_4H_24X7") == before + 1
    routing.clock.forward(days=1)
    assert fire(routing) == []
    kept = [(timer["kind"], timer["fired_at"], len(timer["events"])) for timer in routing.stored("timers")]
    assert kept == [("clock", MONDAY + timedelta(hours=3), 1), ("clock", MONDAY + timedelta(hours=4), 1)]


def test_a_clock_that_ran_out_while_nobody_was_there_warns_of_both_in_order(routing: Routing) -> None:
    routing.receives(covered(serial="SN4"))
    routing.clock.forward(days=3)
    assert [one.threshold for one in fire(routing) if isinstance(one, ClockWarned)] == [75, 100]
    assert fire(routing) == []


def test_a_clock_that_was_met_warns_no_more(routing: Routing) -> None:
    routing.receives(covered(serial="SN4"))
    for step in ("claim", "accept", "en-route", "arrive"):
        routing.on_order(step, TECH)
    routing.clock.forward(days=3)
    assert fire(routing) == []


def test_a_case_at_a_desk_moves_up_too(routing: Routing) -> None:
    routing.receives(
        an_acceptance(kind="software_support", customer_number="C-1", product_id="P-1", severity=1, text=None)
    )
    routing.clock.forward(hours=2)
    assert types(fire(routing)) == ["request.clock-warned"] * 2
    assert routing.case().priority == 100


def test_a_claim_that_nobody_confirmed_lapses(routing: Routing) -> None:
    """Open to all of the queue again; the customer never saw it taken."""
    routing.receives(covered())
    routing.on_order("claim", TECH)
    routing.clock.forward(minutes=15)
    assert types(fire(routing)) == ["work-order.requeued"]
    assert (routing.order().status, routing.order().technician, routing.life().visit_status) == (
        "queued",
        None,
        "queued",
    )
    assert fire(routing) == []


def test_an_accepted_job_does_not_lapse(routing: Routing) -> None:
    routing.receives(covered())
    routing.on_order("claim", TECH)
    routing.on_order("accept", TECH)
    routing.clock.forward(minutes=30)
    assert fire(routing) == []


def test_a_label_that_nobody_used_ends_the_request(routing: Routing) -> None:
    """After thirty days, and the customer is told."""
    routing.receives(covered(serial="SNM"))
    routing.clock.forward(days=30)
    [told] = fire(routing)
    assert told.model_dump()["standing"]["milestone"] == "return_expired"
    assert (routing.parcel().status, routing.life().status) == ("expired", "cancelled")


def test_a_parcel_that_came_does_not_expire(routing: Routing) -> None:
    routing.receives(covered(serial="SNM"))
    routing.on_return("receive", at_the_bench())
    routing.on_return("diagnose", at_the_bench())
    routing.clock.forward(days=31)
    assert types(fire(routing)) == ["request.clock-warned"] * 2


def test_what_was_resolved_closes_by_itself(routing: Routing) -> None:
    """After fourteen days; closed is final."""
    routing.receives(covered())
    for step in ("claim", "accept", "en-route", "arrive"):
        routing.on_order(step, TECH)
    routing.on_order("complete", TECH, said=Said(report={"fixed": True}))
    routing.clock.forward(days=14)
    [closed] = fire(routing)
    assert closed.TYPE == "request.closed"
    assert (routing.life().status, routing.life().milestone) == ("closed", "closed")


def test_two_workers_fire_each_timer_once(routing: Routing) -> None:
    """Whoever comes second skips what the first has in hand."""
    routing.receives(*(covered(a_number(n), "SN4") for n in range(20)))
    routing.clock.at = at("2026-11-23T18:00Z")
    ready = threading.Barrier(2)

    def work() -> None:
        ready.wait()
        while fire_due(routing.workshop, routing.judge, portion=3):
            pass

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    fire(routing)
    warned = [one.number for one in routing.said() if isinstance(one, ClockWarned)]
    assert sorted(warned) == sorted(a_number(n) for n in range(20))


@pytest.mark.parametrize("days", [1, 40])
def test_all_timers_of_a_long_absence_fire_in_the_order_in_which_they_were_due(routing: Routing, days: int) -> None:
    routing.receives(covered(a_number(1), "SNM"), covered(a_number(2), "SN4"), covered(a_number(3)))
    routing.on_order("claim", TECH)
    routing.clock.forward(days=days)
    fire(routing)
    fired = [timer for timer in routing.stored("timers") if timer["fired_at"] is not None]
    assert all(timer["due_at"] <= routing.clock.at for timer in fired)
    late = [timer for timer in routing.stored("timers") if timer["fired_at"] is None]
    assert all(timer["due_at"] > routing.clock.at for timer in late)
