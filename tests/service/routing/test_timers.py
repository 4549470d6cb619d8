"""What falls due by itself: once each, in order, also when nobody was there."""

import threading
from datetime import timedelta

import pytest

from schemas.message import Message
from schemas.request_status import ClockWarned
from services.routing.people import Said
from services.routing.reconcile import differences
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


@pytest.mark.parametrize("hours", [5, 31 * 24])
def test_days_pass_and_each_timer_fires_once_and_in_order(routing: Routing, hours: int) -> None:
    """Also when the process was down all the while: the same is told, in the same order."""
    visit, parcel, repair, next_day = (a_number(n) for n in range(1, 5))
    routing.receives(covered(visit, "SN4"), covered(parcel, "SNM"), covered(repair), covered(next_day))
    routing.on_order("claim", TECH, f"WO-{visit}-1")
    for step in ("claim", "accept", "en-route", "arrive"):
        routing.on_order(step, TECH, f"WO-{repair}-1")
    routing.on_order("complete", TECH, f"WO-{repair}-1", said=Said(report={"fixed": True}))
    told: list[Message] = []
    for _ in range(0, 31 * 24, hours):
        routing.clock.forward(hours=hours)
        told += fire(routing)
    assert [what_of(message) for message in told] == [
        (visit, "work-order.requeued"),
        (visit, 75),
        (visit, 100),
        (next_day, 75),
        (next_day, 100),
        (repair, "closed"),
        (parcel, "return_expired"),
    ]
    timers = routing.stored("timers")
    assert [timer for timer in timers if timer["fired_at"] is None] == []
    assert all(timer["fired_at"] >= timer["due_at"] for timer in timers)
    assert fire(routing) == []
    with routing.database.reading() as connection:
        assert list(differences(connection)) == []


def what_of(message: Message) -> tuple[str, object]:
    """The request, and what the timer had to say of it."""
    said = message.model_dump()
    what = said.get("threshold") or (said["standing"]["milestone"] if "standing" in said else message.TYPE)
    return said["number"], what


def test_two_workers_and_a_long_absence_tell_each_thing_once(routing: Routing) -> None:
    """Clocks, leases, labels and endings of many requests, all overdue, taken by two at once."""
    serials = ("SN4", "SNM", "SN1")
    routing.receives(*(covered(a_number(n), serials[n % 3]) for n in range(30)))
    for order in routing.orders()[:6]:
        routing.on_order("claim", TECH, order.id)
    routing.clock.forward(days=40)
    before, ready = routing.last_outbox_id(), threading.Barrier(2)

    def work() -> None:
        ready.wait()
        while fire_due(routing.workshop, routing.judge, portion=4):
            pass

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    fire(routing)
    told = [what_of(message) for message in routing.said(after=before)]
    assert len(told) == len(set(told)) == 20 * 2 + 10 + 6
    with routing.database.reading() as connection:
        assert list(differences(connection)) == []
