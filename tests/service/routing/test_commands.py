"""What customers ask about a request later: amend, cancel, reopen."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.message import Message
from schemas.request_status import CommandRefused, RequestDecided, StatusChanged
from services.routing.people import Said
from tests.builders import MONDAY, a_cancellation, a_number, a_reopening, an_acceptance, an_amendment
from tests.service.routing.harness import Routing, a_technician, at, at_the_bench, covered, types

TECH = a_technician()
FIXED = Said(report={"fixed": True})


def asked_at(message: Any, moment: Any) -> Message:
    changed: Message = message.model_copy(update={"asked_at": moment})
    return changed


def only(messages: list[Message]) -> Any:
    [message] = messages
    return message


def visited(routing: Routing, *steps: str) -> None:
    for step in steps:
        routing.on_order(step, TECH)


def test_an_amendment_gives_what_was_missing_and_starts_the_clock(routing: Routing) -> None:
    """Decided again as of the day of receipt; the clock starts with the amendment; the first decision stays."""
    routing.receives(an_acceptance(customer_number="C-1", machine={"type": "8286"}))
    routing.clock.forward(days=2)
    offered, told = routing.receives(asked_at(an_amendment(machine={"serial": "sn-4"}), at("2026-11-25T13:00Z")))
    assert isinstance(told, RequestDecided)
    assert (told.version, told.index, told.by, told.command_id) == (2, 2, "customer", f"command-{a_number()}-1")
    assert told.decision.as_of == MONDAY
    assert told.standing.respond_by == at("2026-11-25T17:00Z")
    assert offered.subject == routing.order().id
    first, second = routing.stored("decisions")
    assert (first["decision"]["outcome"], second["decision"]["outcome"]) == ("incomplete", "onsite_dispatch")
    assert second["request"]["text"] == "The fan is loud."


def test_an_amendment_can_leave_something_missing(routing: Routing) -> None:
    """The next question is asked."""
    routing.receives(an_acceptance(customer_number="C-1", machine={}))
    told = only(routing.receives(an_amendment(machine={"type": "8286"})))
    assert told.standing.missing == ("machine.serial",)
    assert (told.version, told.index) == (2, 2)


def test_an_undeclared_repair_can_be_declared_later(routing: Routing) -> None:
    """The kind changes only from `repair` to one of the two that it can be."""
    routing.receives(an_acceptance(kind="repair", customer_number="C-1", text=None))
    told = only(routing.receives(an_amendment(kind="software_support", product_id="P-1")))
    assert (told.decision.kind, told.decision.outcome) == ("software_support", "remote_support")


@pytest.mark.parametrize("serial", ["SN1", "SNM", "NONE"])
def test_nobody_asked_so_an_amendment_is_refused(routing: Routing, serial: str) -> None:
    """With the reason, and nothing else changes; whether work is under way, pending or held."""
    routing.receives(covered(serial=serial))
    told = only(routing.receives(an_amendment(machine={"serial": "SN4"})))
    assert isinstance(told, CommandRefused)
    assert (told.command, told.reason, told.version) == ("amend", "nothing_is_asked", 2)
    assert routing.life().machine_serial == serial


def test_a_cancellation_withdraws_the_visit(routing: Routing) -> None:
    """Nobody needs to go; the clock warns no more."""
    routing.receives(covered())
    routing.on_order("claim", TECH)
    withdrawn, told = routing.receives(a_cancellation())
    assert isinstance(told, StatusChanged)
    assert (withdrawn.TYPE, told.standing.status, told.standing.actions) == ("work-order.withdrawn", "cancelled", ())
    assert (routing.order().status, routing.order().technician) == ("cancelled", None)
    assert routing.stored("timers") == []


@pytest.mark.parametrize("serial", ["SNM", "SNP"])
def test_a_cancellation_ends_the_return_or_the_case(routing: Routing, serial: str) -> None:
    """The label is good no longer; the desk does not see it any more."""
    routing.receives(covered(serial=serial))
    told = only(routing.receives(a_cancellation()))
    assert told.standing.status == "cancelled"
    assert [parcel.status for parcel in routing.parcels()] == (["expired"] if serial == "SNM" else [])
    assert [case.closed_as for case in routing.cases()] == (["withdrawn"] if serial == "SNP" else [])
    assert routing.stored("timers") == []


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (("claim", "accept", "en-route"), "technician_on_the_way"),
        (("claim", "accept", "en-route", "arrive"), "technician_on_site"),
    ],
)
def test_a_cancellation_comes_too_late_once_somebody_is_on_the_way(
    routing: Routing, steps: tuple[str, ...], reason: str
) -> None:
    routing.receives(covered())
    visited(routing, *steps)
    assert routing.life().visit_status == routing.order().status
    told = only(routing.receives(a_cancellation()))
    assert (told.TYPE, told.reason, told.standing.actions) == ("request.command-refused", reason, ())
    assert routing.order().status != "cancelled"


def test_a_cancellation_comes_too_late_once_the_parcel_is_here(routing: Routing) -> None:
    routing.receives(covered(serial="SNM"))
    routing.on_return("receive", at_the_bench())
    assert only(routing.receives(a_cancellation())).reason == "package_on_its_way"


def test_what_has_ended_is_cancelled_no_more(routing: Routing) -> None:
    routing.receives(covered(), a_cancellation())
    assert only(routing.receives(a_cancellation(sequence=2))).reason == "already_cancelled"


def test_a_resolved_visit_is_reopened_with_a_new_one(routing: Routing) -> None:
    """Within fourteen days; a new clock runs, the old visit stays as it was."""
    routing.receives(covered())
    visited(routing, "claim", "accept", "en-route", "arrive")
    routing.on_order("complete", TECH, said=FIXED)
    assert routing.life().resolved_at == MONDAY
    routing.clock.forward(days=13)
    offered, told = routing.receives(asked_at(a_reopening(), routing.clock.at))
    assert (offered.subject, routing.orders()[0].status) == (f"WO-{a_number()}-2", "completed")
    assert isinstance(told, StatusChanged)
    assert (told.standing.status, told.standing.milestone, told.reason) == (
        "inProgress",
        "queued_for_technician",
        "reopened",
    )
    assert told.standing.respond_by == at("2026-12-08T17:00-05:00")
    assert [timer["kind"] for timer in routing.stored("timers")] == ["clock"]


def test_a_reopened_mail_in_passes_in_progress_on_its_way_to_pending(routing: Routing) -> None:
    """Every status told is one that the lifecycle allows after the one before."""
    routing.receives(covered(serial="SNM"))
    for step in ("receive", "diagnose", "repair", "ship-back", "deliver"):
        routing.on_return(step, at_the_bench())
    told = routing.receives(a_reopening())
    assert [(one.standing.status, one.standing.milestone) for one in told if isinstance(one, StatusChanged)] == [
        ("inProgress", "reopened"),
        ("pending", "awaiting_package"),
    ]
    assert [parcel.status for parcel in routing.parcels()] == ["delivered", "issued"]


def test_an_answer_that_was_not_enough_goes_to_a_desk(routing: Routing) -> None:
    routing.receives(an_acceptance(kind="covered_devices", customer_number="C-1"))
    routing.receives(a_reopening())
    assert (routing.case().desk, routing.life().status) == ("contract_desk", "held")


@pytest.mark.parametrize(("days", "reason"), [(0, "not_resolved"), (15, "already_resolved")])
def test_only_what_was_resolved_lately_is_reopened(routing: Routing, days: int, reason: str) -> None:
    routing.receives(covered())
    if days:
        visited(routing, "claim", "accept", "en-route", "arrive")
        routing.on_order("complete", TECH, said=FIXED)
    told = only(routing.receives(asked_at(a_reopening(), MONDAY + timedelta(days=days))))
    assert (told.TYPE, told.reason) == ("request.command-refused", reason)


def test_a_command_for_a_number_that_was_never_accepted_goes_to_quarantine(routing: Routing) -> None:
    assert routing.receives(a_cancellation()) == []
    assert [row["reason"] for row in routing.stored("quarantine")] == ["unknown-request"]


def test_a_whole_life_in_one_batch_comes_out_in_order(routing: Routing) -> None:
    """Accept, amend, cancel, reopen, cancel of one number: versions without a gap, each answered once, nobody sent."""
    told = routing.receives(
        an_acceptance(customer_number="C-1", machine={"type": "8286"}),
        an_amendment(sequence=1, machine={"serial": "SN1"}),
        a_cancellation(sequence=2),
        a_reopening(sequence=3),
        a_cancellation(sequence=4),
    )
    assert types(told) == [
        "request.decided",
        "request.decided",
        "request.status-changed",
        "request.command-refused",
        "request.command-refused",
    ]
    assert [one.ordinal for one in told] == [1, 2, 3, 4, 5]
    assert routing.orders() == []
    assert routing.life().status == "cancelled"


def test_many_requests_in_one_batch_do_not_mix(routing: Routing) -> None:
    """Each gets its own answer, whatever stands around it."""
    acceptances = [covered(a_number(n), ("SN1", "SNM", "SNP")[n % 3]) for n in range(30)]
    routing.receives(*acceptances)
    told = routing.receives(*(a_cancellation(a_number(n)) for n in range(0, 30, 2)))
    assert types(told).count("request.status-changed") == 15
    statuses = {life.number: life.status for life in routing.lives()}
    assert all((statuses[a_number(n)] == "cancelled") == (n % 2 == 0) for n in range(30))
