"""Cases at desks, and triage."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from schemas.message import Message
from schemas.request_status import RequestDecided, StatusChanged
from schemas.vocabulary import Desk, Role
from services.routing import desks, triage
from services.routing.desks import Case, Closing
from services.routing.people import Person
from services.runtime.errors import Conflict, Invalid, NotFound
from services.runtime.identity.principal import Staff
from services.runtime.work import Work
from tests.builders import MONDAY, a_cancellation, an_acceptance, an_amendment
from tests.service.routing.harness import Routing, a_technician, at, covered, types


def someone(username: str = "desk1") -> Person:
    staff = Staff(username, f"Name of {username}", frozenset({Role.DESK}))
    return Person(staff.username, staff.name, staff)


ME, OTHER = someone(), someone("desk2")


def at_desk(routing: Routing, act: Callable[[Work, Case], object]) -> list[Message]:
    """`act` on the last case, as it is."""
    case = routing.case()
    return routing.does(lambda work: act(work, case))


def a_support_request(routing: Routing, **given: Any) -> None:
    routing.receives(
        an_acceptance(
            **{"kind": "software_support", "customer_number": "C-1", "product_id": "P-1", "text": None, **given}
        )
    )


def close(routing: Routing, closing: Closing, desk: Desk) -> list[Message]:
    def act(work: Work, case: Case) -> None:
        areas = routing.judge.facts.reference(work.connection).areas
        desks.close(work, routing.judge.policy, areas, desk, case.id, ME, case.version, closing)

    return at_desk(routing, act)


def test_a_case_is_taken_by_one_person(routing: Routing) -> None:
    """The second learns who was first."""
    routing.receives(covered(serial="SNP"))
    at_desk(routing, lambda work, case: desks.take(work, Desk.PARTS_DESK, case.id, ME, case.version))
    assert (routing.case().taken_by, routing.case().version) == ("desk1", 2)
    with pytest.raises(Conflict) as taken:
        at_desk(routing, lambda work, case: desks.take(work, Desk.PARTS_DESK, case.id, OTHER, case.version))
    assert (taken.value.code, taken.value.values) == ("case.taken", {"name": "Name of desk1"})


def test_what_somebody_saw_before_it_changed_is_not_saved(routing: Routing) -> None:
    """The words typed come back."""
    routing.receives(covered(serial="SNP"))
    case = routing.case()
    routing.does(lambda work: desks.note(work, Desk.PARTS_DESK, case.id, ME, 1, "fan in stock"))
    with pytest.raises(Conflict) as late:
        routing.does(lambda work: desks.note(work, Desk.PARTS_DESK, case.id, OTHER, 1, "my words"))
    assert (late.value.code, late.value.typed, late.value.values) == (
        "case.moved",
        "my words",
        {"name": "Name of desk1"},
    )


def test_a_note_is_ours_alone(routing: Routing) -> None:
    routing.receives(covered(serial="SNP"))
    told = at_desk(routing, lambda work, case: desks.note(work, Desk.PARTS_DESK, case.id, ME, 1, "fan in stock"))
    assert told == []
    assert routing.stored("steps")[-1]["note"] == "fan in stock"


def test_the_first_answer_stops_a_remote_clock_and_keeps_the_case(routing: Routing) -> None:
    a_support_request(routing, severity=2)
    assert routing.life().respond_by == at("2026-11-23T19:00Z")
    routing.clock.forward(hours=1)

    def answer(work: Work, case: Case) -> None:
        areas = routing.judge.facts.reference(work.connection).areas
        desks.answer(work, routing.judge.policy, areas, Desk.REMOTE_SUPPORT, case.id, ME, case.version, "Try this.")

    [told] = at_desk(routing, answer)
    assert isinstance(told, StatusChanged)
    assert (told.note, told.standing.respond_by, told.standing.status) == ("Try this.", None, "inProgress")
    assert routing.stored("timers") == []
    assert routing.case().closed_at is None


def test_a_case_ends_with_a_reason_and_what_the_customer_reads(routing: Routing) -> None:
    a_support_request(routing)
    [told] = close(routing, Closing("resolved", "fixed_remotely", "Done."), Desk.REMOTE_SUPPORT)
    assert isinstance(told, StatusChanged)
    assert (told.standing.status, told.standing.milestone, told.reason, told.note) == (
        "resolved",
        "answered",
        "fixed_remotely",
        "Done.",
    )
    assert (routing.case().closed_as, routing.case().closed_at) == ("resolved", MONDAY)


def test_what_is_held_passes_in_progress_on_its_way_to_resolved(routing: Routing) -> None:
    routing.receives(an_acceptance(kind="inquiry", customer_number="C-1"))
    told = close(routing, Closing("resolved", "answered", "Yes."), Desk.GENERAL_DESK)
    assert [one.standing.status for one in told if isinstance(one, StatusChanged)] == ["inProgress", "resolved"]


def test_an_answer_can_be_no(routing: Routing) -> None:
    routing.receives(an_acceptance(kind="inquiry", customer_number="C-1"))
    [told] = close(routing, Closing("rejected", "not_ours", "No."), Desk.GENERAL_DESK)
    assert isinstance(told, StatusChanged)
    assert (told.standing.status, told.standing.actions) == ("rejected", ())


def test_a_closed_case_is_closed(routing: Routing) -> None:
    routing.receives(covered(serial="SNP"), a_cancellation())
    routing.receives(an_acceptance("482100000025", kind="inquiry", customer_number="C-1"))
    close(routing, Closing("rejected", "not_ours"), Desk.GENERAL_DESK)
    with pytest.raises(Conflict) as late:
        close(routing, Closing("resolved", "answered"), Desk.GENERAL_DESK)
    assert late.value.code == "case.closed"


def test_another_desks_matter_arrives_there_untaken(routing: Routing) -> None:
    routing.receives(an_acceptance(kind="inquiry", customer_number="C-1"))
    at_desk(routing, lambda work, case: desks.take(work, Desk.GENERAL_DESK, case.id, ME, case.version))
    [told] = at_desk(
        routing,
        lambda work, case: desks.hand_over(
            work, routing.judge.policy, Desk.GENERAL_DESK, case.id, ME, case.version, Desk.BILLING_DESK, "a charge"
        ),
    )
    assert isinstance(told, StatusChanged)
    assert (told.standing.status, told.standing.milestone) == ("held", "billing_desk")
    assert (routing.case().desk, routing.case().taken_by) == ("billing_desk", None)


def test_a_case_is_not_there_for_who_does_not_work_at_desks(routing: Routing) -> None:
    routing.receives(covered(serial="SNP"))
    with pytest.raises(NotFound):
        at_desk(routing, lambda work, case: desks.take(work, Desk.PARTS_DESK, case.id, a_technician(), 1))
    with pytest.raises(NotFound):
        routing.does(lambda work: desks.take(work, Desk.PARTS_DESK, "C-0", ME, 1))


UNCLEAR: dict[str, Any] = {
    "kind": "repair",
    "text": "It does not work.",
    "machine": {"type": "8286", "serial": "SN4"},
    "product_id": "P-1",
}


def correct(routing: Routing, said: Any) -> list[Message]:
    return at_desk(
        routing, lambda work, case: triage.correct(work, routing.judge, case.id, ME, case.version, said, "seen")
    )


def test_a_person_says_hardware_and_it_is_decided_again_as_of_the_day_of_receipt(routing: Routing) -> None:
    """Both decisions stay, the correction is kept, the visit is offered; the clock counts from the first."""
    routing.receives(an_acceptance(customer_number="C-1", **UNCLEAR))
    assert routing.case().desk == "triage"
    routing.clock.forward(hours=1)
    told = correct(routing, "hardware")
    assert types(told) == ["work-order.offered", "request.decided"]
    decided = told[-1]
    assert isinstance(decided, RequestDecided)
    assert (decided.index, decided.by, decided.decision.as_of) == (2, "desk", MONDAY)
    assert decided.standing.respond_by == at("2026-11-23T19:00Z")
    first, second = routing.stored("decisions")
    assert (first["decision"]["outcome"], second["decision"]["outcome"]) == ("triage", "onsite_dispatch")
    assert (second["by"], second["request"]["kind"]) == ("desk1", "hardware_repair")
    [kept] = routing.stored("corrections")
    assert (kept["said"], kept["by"], kept["decision"], kept["at"]) == ("hardware", "desk1", 1, routing.clock.at)
    assert kept["text_hash"] == hashlib.sha256(b"It does not work.").hexdigest()
    assert (kept["guessed"], routing.case().closed_as) == (first["decision"]["classification"]["kind"], "corrected")


def test_a_person_says_software(routing: Routing) -> None:
    routing.receives(an_acceptance(customer_number="C-1", **UNCLEAR))
    correct(routing, "software")
    assert (routing.life().kind, routing.life().outcome, routing.case().desk) == (
        "software_support",
        "remote_support",
        "remote_support",
    )


def test_what_a_person_said_stands_against_the_words(routing: Routing) -> None:
    """The declared kind contradicted the text; the person agrees with the customer, and no rule asks again."""
    words = "Excel crashes after the software update, login password and application error."
    routing.receives(covered(text=words))
    if routing.life().outcome != "triage":
        pytest.skip("the classifier is not that sure of these words any more")
    correct(routing, "hardware")
    assert routing.life().outcome == "onsite_dispatch"


def test_the_customer_is_asked_and_answers(routing: Routing) -> None:
    """The case ends; the request waits for the fields; what they give is decided again."""
    routing.receives(an_acceptance(customer_number="C-1", **UNCLEAR))
    [told] = at_desk(
        routing,
        lambda work, case: triage.ask_customer(
            work, routing.judge, case.id, ME, case.version, ["text", "product_id"], "Which?"
        ),
    )
    assert isinstance(told, StatusChanged)
    assert (told.standing.status, told.standing.missing, told.standing.actions, told.note) == (
        "pending",
        ("product_id", "text"),
        ("amend", "cancel"),
        "Which?",
    )
    routing.receives(an_amendment(kind="software_support"))
    assert routing.life().outcome == "remote_support"


def test_only_known_fields_are_asked_for(routing: Routing) -> None:
    routing.receives(an_acceptance(customer_number="C-1", **UNCLEAR))
    with pytest.raises(Invalid):
        at_desk(routing, lambda work, case: triage.ask_customer(work, routing.judge, case.id, ME, 1, ["password"]))


def test_somebody_elses_machine_goes_to_the_contract_desk(routing: Routing) -> None:
    """Papers say whose it is; nothing is revealed meanwhile."""
    routing.receives(covered(serial="SN2"))
    [told] = at_desk(routing, lambda work, case: triage.somebody_elses(work, routing.judge, case.id, ME, case.version))
    assert isinstance(told, StatusChanged)
    assert (told.standing.status, told.standing.milestone) == ("held", "contract_desk")
    assert routing.case().desk == "contract_desk"


def test_only_a_repair_is_hardware_or_software(routing: Routing) -> None:
    routing.receives(
        an_acceptance(kind="software_key", customer_number="C-1", machine={"type": "8286", "serial": "SN2"})
    )
    assert routing.case().desk == "triage"
    with pytest.raises(Conflict) as wrong:
        correct(routing, "hardware")
    assert wrong.value.code == "triage.not_sortable"
