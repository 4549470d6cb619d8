"""A response clock stands still while somebody waits for the customer or for access, and follows the calendar of today."""

from datetime import date, timedelta
from typing import Any

import pytest

from schemas.message import Message
from schemas.request_status import CUSTOMER_ANSWERED, QUIET, ClockWarned, CommandRefused, StatusChanged
from schemas.vocabulary import Desk, Role, ServiceLevel, WaitsFor
from services.routing import desks, waits
from services.routing.people import Person
from services.routing.reconcile import differences
from services.routing.rules.book import Closure
from services.routing.timers import fire_due
from services.runtime.errors import Conflict, Invalid
from services.runtime.work import Work
from tests.builders import MONDAY, a_cancellation, a_number, an_acceptance, an_amendment
from tests.service.routing.browsing import Browsing
from tests.service.routing.harness import Routing, a_dispatcher, a_technician, an_item, at, covered, types

TECH, DISPATCH = a_technician(), a_dispatcher()


def waits_now(routing: Routing, what_for: WaitsFor = WaitsFor.SITE_ACCESS, by: Person = DISPATCH) -> list[Message]:
    order = routing.order()
    said = (order.version, what_for, "Please tell the guard.")
    return routing.does(lambda work: waits.visit_waits(work, routing.judge, order.id, by, *said))


def goes_on(routing: Routing, by: Person = DISPATCH) -> list[Message]:
    order = routing.order()
    return routing.does(lambda work: waits.visit_goes_on(work, routing.judge, order.id, by, order.version))


def fire(routing: Routing) -> list[Message]:
    before = routing.last_outbox_id()
    while fire_due(routing.workshop, routing.judge):
        pass
    return routing.said(after=before)


def timers(routing: Routing) -> list[tuple[str, Any]]:
    """Those that have not fired."""
    return [(timer["kind"], timer["due_at"]) for timer in routing.stored("timers") if timer["fired_at"] is None]


def settled(routing: Routing) -> None:
    with routing.database.reading() as connection:
        assert list(differences(connection)) == []


def test_a_clock_stands_still_while_nobody_lets_us_in(routing: Routing) -> None:
    """The customer is asked and told since when; nothing warns; it is due by so much later as it stood still."""
    routing.receives(covered(serial="SN4"))
    routing.clock.forward(hours=1)
    told, revised = waits_now(routing)
    assert isinstance(told, StatusChanged)
    assert (told.standing.status, told.standing.milestone, told.note) == (
        "pending",
        "waiting_for_access",
        "Please tell the guard.",
    )
    assert told.standing.waiting is not None
    assert (told.standing.waiting.since, told.standing.waiting.what_for) == (routing.clock.at, "site_access")
    assert (told.standing.respond_by, routing.order().respond_by, revised.TYPE) == (None, None, "work-order.revised")
    routing.clock.forward(hours=20)
    assert (fire(routing), timers(routing)) == ([], [])
    settled(routing)
    told, _ = goes_on(routing)
    assert isinstance(told, StatusChanged)
    assert (told.standing.status, told.standing.milestone, told.standing.waiting) == (
        "inProgress",
        "queued_for_technician",
        None,
    )
    assert told.standing.respond_by == routing.order().respond_by == MONDAY + timedelta(hours=24)
    assert timers(routing) == [("clock", MONDAY + timedelta(hours=23))]
    settled(routing)


def test_a_threshold_that_was_told_is_not_told_again_after_a_wait(routing: Routing) -> None:
    routing.receives(covered(serial="SN4"))
    routing.clock.forward(hours=3)
    assert [one.threshold for one in fire(routing) if isinstance(one, ClockWarned)] == [75]
    waits_now(routing)
    routing.clock.forward(days=2)
    goes_on(routing)
    routing.clock.forward(hours=1)
    assert [one.threshold for one in fire(routing) if isinstance(one, ClockWarned)] == [100]
    routing.clock.forward(days=9)
    assert fire(routing) == []


def test_who_goes_there_waits_no_longer(routing: Routing) -> None:
    """A job can be accepted while it waits; on the way the clock runs again."""
    routing.receives(covered(serial="SN4"))
    waits_now(routing)
    routing.on_order("claim", TECH)
    told = routing.on_order("accept", TECH)[-1]
    assert isinstance(told, StatusChanged)
    assert (told.standing.status, told.standing.milestone, told.reason) == (
        "pending",
        "waiting_for_access",
        "still_waiting",
    )
    assert told.standing.visit is not None
    assert told.standing.visit.technician == "Name of tech1"
    routing.clock.forward(hours=2)
    told = routing.on_order("en-route", TECH)[-1]
    assert isinstance(told, StatusChanged)
    assert (told.standing.status, told.standing.respond_by) == ("inProgress", MONDAY + timedelta(hours=6))
    settled(routing)


def test_what_ends_while_it_waits_warns_no_more(routing: Routing) -> None:
    routing.receives(covered(serial="SN4"))
    waits_now(routing)
    routing.clock.forward(hours=1)
    routing.receives(a_cancellation())
    life = routing.life()
    assert (life.clock_stopped, life.waiting, timers(routing)) == (routing.clock.at, None, [])
    settled(routing)


def a_question(routing: Routing) -> None:
    routing.receives(
        an_acceptance(kind="software_support", customer_number="C-1", product_id="P-1", severity=1, text=None)
    )
    case = routing.case()
    desk = Desk.REMOTE_SUPPORT
    routing.does(
        lambda work: waits.case_waits(work, routing.judge, desk, case.id, DISPATCH, case.version, "Which version?")
    )


def test_a_question_to_the_customer_stops_a_remote_clock(routing: Routing) -> None:
    a_question(routing)
    assert (routing.life().milestone, routing.case().respond_by) == ("waiting_for_customer", None)
    routing.clock.forward(days=1)
    case, desk = routing.case(), Desk.REMOTE_SUPPORT
    routing.does(lambda work: waits.case_goes_on(work, routing.judge, desk, case.id, DISPATCH, case.version))
    assert routing.case().respond_by == routing.life().respond_by == MONDAY + timedelta(days=1, hours=2)
    settled(routing)


def answers(routing: Routing, **given: Any) -> Message:
    """The customer amends; what is told of it first."""
    return routing.receives(an_amendment(**given))[0]


def test_a_desks_question_is_answered_by_the_customer(routing: Routing, web: Browsing) -> None:
    """The clock goes on, the desk reads the answer, nothing is decided again and nobody is written to."""
    a_question(routing)
    [asked] = [one for one in routing.said() if isinstance(one, StatusChanged)]
    assert "amend" in asked.standing.actions
    routing.clock.forward(days=1)
    told = answers(routing, kind="software_support", text="Version 9.4.")
    assert isinstance(told, StatusChanged)
    assert (told.by, told.reason, told.note, told.reason in QUIET) == (
        "customer",
        CUSTOMER_ANSWERED,
        "Version 9.4.",
        True,
    )
    assert (told.standing.milestone, told.standing.waiting) == ("queued_for_support", None)
    assert "amend" not in told.standing.actions
    case = routing.case()
    assert case.respond_by == routing.life().respond_by == MONDAY + timedelta(days=1, hours=2)
    assert (routing.life().decided, routing.life().asked.text) == (1, None)
    page = web.staff(Role.DESK, username="dispatch1").get(f"/desk/remote_support?case={case.id}").text
    assert "The customer: answered" in page
    assert "Version 9.4." in page
    settled(routing)


def test_a_dispatchers_question_is_answered_by_the_customer(routing: Routing, web: Browsing) -> None:
    """Who dispatches and who goes there read it; the job stays with its holder."""
    routing.receives(covered(serial="SN4"))
    for step in ("claim", "accept"):
        routing.on_order(step, TECH)
    waits_now(routing, WaitsFor.CUSTOMER)
    routing.clock.forward(hours=2)
    told = answers(routing, text="The left one, orange.")
    assert isinstance(told, StatusChanged)
    assert (told.standing.milestone, told.standing.respond_by) == ("technician_assigned", MONDAY + timedelta(hours=6))
    assert (routing.order().technician, routing.order().respond_by) == ("tech1", MONDAY + timedelta(hours=6))
    assert "The left one, orange." in web.technician().get("/tech").text
    dispatcher = web.staff(Role.DESK, username="dispatch1")
    assert "The left one, orange." in dispatcher.get(f"/desk/dispatch/{routing.order().queue}").text
    settled(routing)


@pytest.mark.parametrize("given", [{}, {"machine": {"serial": "SN1"}}, {"text": "It is another.", "site_id": "S-9"}])
def test_an_answer_is_words(routing: Routing, given: dict[str, Any]) -> None:
    """What would need another decision is refused and says so; the question stays open."""
    a_question(routing)
    told = answers(routing, kind="software_support", **given)
    assert isinstance(told, CommandRefused)
    assert (told.reason, told.standing.milestone) == ("answer_in_words", "waiting_for_customer")
    assert routing.life().waiting is not None
    settled(routing)


def test_who_waits_for_access_has_asked_nothing(routing: Routing) -> None:
    routing.receives(covered(serial="SN4"))
    waits_now(routing, WaitsFor.SITE_ACCESS)
    told = answers(routing, text="Come in.")
    assert isinstance(told, CommandRefused)
    assert told.reason == "nothing_is_asked"


def test_a_clock_that_goes_on_by_a_step_without_a_calendar_is_computed_at_once(routing: Routing) -> None:
    """Handed over while it waits: the clock is open again, and its timer says until when."""
    a_question(routing)
    routing.clock.forward(hours=5)
    case = routing.case()

    def hand_over(work: Work) -> None:
        args = (Desk.REMOTE_SUPPORT, case.id, DISPATCH, case.version, Desk.GENERAL_DESK, "not software")
        desks.hand_over(work, routing.judge.policy, *args)

    routing.does(hand_over)
    [told] = fire(routing)
    assert isinstance(told, StatusChanged)
    assert (told.reason, told.standing.respond_by) == ("clock_moved", MONDAY + timedelta(hours=7))
    assert (routing.case().respond_by, timers(routing)) == (
        MONDAY + timedelta(hours=7),
        [("clock", MONDAY + timedelta(hours=6, minutes=30))],
    )
    settled(routing)


def test_an_open_clock_follows_a_change_of_the_calendar(routing: Routing) -> None:
    """A closed day is added: due a day later, told once; a second look changes nothing."""
    routing.receives(covered())
    assert routing.life().respond_by == at("2026-11-24T17:00-05:00")
    routing.given([Closure("CA", "QC", date(2026, 11, 24))])
    before = routing.last_outbox_id()
    assert waits.follow_calendar(routing.workshop, routing.judge) == 1
    assert waits.follow_calendar(routing.workshop, routing.judge) == 0
    told, revised = routing.said(after=before)
    assert isinstance(told, StatusChanged)
    assert (told.reason, told.standing.respond_by) == ("clock_moved", at("2026-11-25T17:00-05:00"))
    assert (revised.TYPE, routing.order().respond_by) == ("work-order.revised", at("2026-11-25T17:00-05:00"))
    settled(routing)


def test_a_timer_fires_by_the_calendar_of_the_day_on_which_it_fires(routing: Routing) -> None:
    """Closed days came while the process was down: no warning too early, the new hour is told."""
    routing.receives(covered())
    routing.given([Closure("CA", "QC", date(2026, 11, 24)), Closure("CA", "QC", date(2026, 11, 25))])
    routing.clock.at = at("2026-11-24T17:00-05:00")
    assert types(fire(routing)) == ["request.status-changed", "work-order.revised"]
    routing.clock.at = at("2026-11-26T17:00-05:00")
    assert [one.threshold for one in fire(routing) if isinstance(one, ClockWarned)] == [75, 100]
    settled(routing)


def test_many_open_clocks_are_computed_in_portions(routing: Routing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waits, "PORTION", 3)
    routing.receives(*(covered(a_number(n)) for n in range(8)))
    routing.given([Closure("CA", None, date(2026, 11, 24))])
    assert waits.follow_calendar(routing.workshop, routing.judge) == 8


@pytest.mark.parametrize(
    ("by", "code"), [(a_technician("tech2"), "work_order.held_by"), (TECH, None), (DISPATCH, None)]
)
def test_who_holds_the_job_or_dispatches_may_say_that_it_waits(routing: Routing, by: Person, code: str | None) -> None:
    routing.receives(covered())
    routing.on_order("claim", TECH)
    if code is None:
        waits_now(routing, by=by)
        return
    with pytest.raises(Conflict) as refused:
        waits_now(routing, by=by)
    assert refused.value.code == code


def test_a_wait_is_refused_in_words_where_nothing_can_wait(routing: Routing) -> None:
    """Twice, without a question, where no clock runs, and going on without having waited; nothing changes."""
    routing.given([an_item("SNX", service_level=ServiceLevel.ONSITE_NBD)])
    routing.receives(covered())
    order = routing.order()
    with pytest.raises(Conflict, match=r"wait\.not_waiting"):
        goes_on(routing)
    with pytest.raises(Invalid):
        routing.does(lambda work: waits.visit_waits(work, routing.judge, order.id, DISPATCH, 1, WaitsFor.CUSTOMER, ""))
    waits_now(routing)
    before = routing.everything_stored()
    with pytest.raises(Conflict, match=r"wait\.waits_already"):
        waits_now(routing)
    assert routing.everything_stored() == before


def test_a_wait_by_the_programs_address(web: Browsing, routing: Routing) -> None:
    """And refused in words, in the caller's language."""
    routing.receives(covered())
    order, desk = routing.order().id, web.staff(Role.DESK, username="dispatch1")
    body = {"version": 1, "what_for": "site_access", "note": "Closed until Thursday."}
    waiting = desk.post(f"/api/work-orders/{order}/wait", json=body)
    assert (waiting.status_code, waiting.json()["respond_by"], waiting.json()["version"]) == (200, None, 2)
    late = desk.post(f"/api/work-orders/{order}/wait", json=body)
    assert (late.status_code, late.json()["detail"][:9]) == (409, "Not saved")
    assert desk.post(f"/api/work-orders/{order}/go-on", json={"version": 2}).json()["version"] == 3
