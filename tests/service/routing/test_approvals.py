"""What nobody may do alone: a breach, an appliance across a border; and parts on their way (docs/rules.md §2, §6, §9)."""

from datetime import date
from typing import Any

import pytest

from schemas.message import Message
from schemas.request_status import RequestDecided, StatusChanged, StatusMessage
from schemas.service_requests import Submitter
from schemas.vocabulary import Desk
from services.notifier.deliveries import due_messages
from services.routing import approvals, parts
from services.routing.approvals import Approval
from services.routing.desks import Closing
from services.routing.lifecycle import APPLIANCE_MOVE
from services.routing.people import Person
from services.runtime.errors import Conflict, Invalid
from services.runtime.log import Event
from tests.builders import MONDAY, a_record, an_acceptance, an_envelope
from tests.service.routing.harness import Routing, covered, types
from tests.service.routing.test_desks import ME, OTHER, at_desk, close
from tests.service.routing.test_reconcile import found


def a_move(routing: Routing, submitter: Submitter | None = None) -> None:
    """The customer's machine goes from Canada to the United States."""
    asked = an_acceptance(
        kind="appliance_move",
        customer_number="C-1",
        machine={"type": "8286", "serial": "SN1"},
        details={"origin_country": "CA", "destination_country": "US"},
    )
    routing.receives(asked if submitter is None else asked.model_copy(update={"submitter": submitter}))


def a_breach(routing: Routing) -> None:
    routing.receives(
        an_acceptance(
            kind="termination",
            customer_number="C-1",
            machine={"type": "8286", "serial": "SN1"},
            details={"party": "breach", "evidence": "Nobody came three times."},
        )
    )


def recommend(routing: Routing, by: Person = ME, verdict: Any = "approve") -> list[Message]:
    return at_desk(routing, lambda work, case: approvals.recommend(work, case.id, by, case.version, verdict, "seen"))


def decide(routing: Routing, by: Person = OTHER, said: Approval | None = None) -> list[Message]:
    approval = said or Approval("approve", "in order")
    return at_desk(
        routing, lambda work, case: approvals.decide(work, routing.judge, case.id, by, case.version, approval)
    )


def assign(routing: Routing) -> list[Message]:
    return at_desk(
        routing, lambda work, case: approvals.assign(work, routing.judge.policy, case.id, ME, case.version, "R. Roy")
    )


def execute(routing: Routing) -> list[Message]:
    return at_desk(routing, lambda work, case: approvals.execute(work, routing.judge.policy, case.id, ME, case.version))


def mailed(messages: list[Message]) -> list[str]:
    """The milestones that a customer with an address on file is written to about."""
    told = []
    for message in messages:
        assert isinstance(message, RequestDecided | StatusChanged)
        event: Event[StatusMessage] = Event(an_envelope(message), message.key, message, a_record(message))
        if due_messages(event, message.model_dump(mode="json"), MONDAY, superseded=False):
            told.append(message.standing.milestone.value)
    return told


def test_a_move_goes_from_review_to_executed_and_writes_once_at_assigned_and_once_at_executed(routing: Routing) -> None:
    """Nothing is said of the approval itself; the country changes with the last step."""
    a_move(routing)
    assert (routing.life().status, routing.life().milestone, routing.case().desk) == (
        "held",
        "under_review",
        "approval",
    )
    assert recommend(routing) == []
    assert mailed(decide(routing)) == []
    assert (routing.life().status, routing.life().milestone) == ("inProgress", "approved")
    assert found(routing) == []
    assert mailed(assign(routing)) == ["assigned"]
    assert found(routing) == []
    assert routing.life().country == "CA"
    assert mailed(execute(routing)) == ["executed"]
    assert (routing.life().status, routing.life().milestone, routing.life().country) == ("resolved", "executed", "US")
    assert routing.case().closed_as == "executed"


def test_a_move_that_is_rejected_ends_and_writes_once(routing: Routing) -> None:
    a_move(routing)
    recommend(routing, verdict="reject")
    assert mailed(decide(routing, said=Approval("reject", "no papers", answer="The export papers are missing."))) == [
        "rejected"
    ]
    assert (routing.life().status, routing.life().milestone) == ("rejected", "rejected")


@pytest.mark.parametrize("kind", [a_move, a_breach])
def test_who_recommended_cannot_decide(routing: Routing, kind: Any) -> None:
    kind(routing)
    recommend(routing, ME)
    with pytest.raises(Conflict) as refused:
        decide(routing, ME)
    assert refused.value.code == "approval.same_person"
    assert routing.life().milestone == "under_review"


def test_nothing_is_decided_before_anybody_recommended(routing: Routing) -> None:
    a_move(routing)
    with pytest.raises(Conflict) as refused:
        decide(routing)
    assert refused.value.code == "approval.not_recommended"


def test_the_agent_who_asked_cannot_decide(routing: Routing) -> None:
    a_move(routing, Submitter(type="staff", id="desk2", customer_number="C-1"))
    recommend(routing)
    with pytest.raises(Conflict):
        decide(routing, OTHER)


def test_it_cannot_be_closed_by_one_person_either(routing: Routing) -> None:
    a_move(routing)
    with pytest.raises(Conflict) as refused:
        close(routing, Closing("rejected", "no"), Desk.APPROVAL)
    assert refused.value.code == "approval.two_persons"


@pytest.mark.parametrize("step", [assign, execute])
def test_a_move_is_not_carried_out_before_it_is_approved(routing: Routing, step: Any) -> None:
    a_move(routing)
    recommend(routing)
    with pytest.raises(Conflict) as refused:
        step(routing)
    assert refused.value.code == "approval.not_next"


def test_a_breach_that_is_approved_ends_maintenance_on_the_approved_date(routing: Routing) -> None:
    """A second decision, as of the day of receipt; both stay."""
    a_breach(routing)
    recommend(routing)
    told = decide(routing, said=Approval("approve", "proved", effective_end=date(2026, 12, 1)))
    assert types(told)[-1] == "request.decided"
    first, second = routing.stored("decisions")
    assert (first["decision"]["outcome"], second["decision"]["outcome"]) == ("approval", "termination_scheduled")
    assert second["decision"]["dates"] == {
        "earliest_notice_on": None,
        "effective_end": "2026-12-01",
        "last_billed_on": "2026-11-30",
        "credit_days": None,
    }
    assert (second["decision"]["rule"], second["by"]) == ("ending.breach_approved", "desk2")
    assert (routing.life().status, routing.case().closed_as) == ("resolved", "approved")


def test_an_approved_breach_needs_its_date(routing: Routing) -> None:
    a_breach(routing)
    recommend(routing)
    with pytest.raises(Invalid) as wrong:
        decide(routing)
    assert [fault.path for fault in wrong.value.faults] == ["effective_end"]


def test_parts_that_are_shipped_end_the_request(routing: Routing) -> None:
    routing.receives(covered(serial="SNP"))
    told = at_desk(
        routing,
        lambda work, case: parts.ship(work, routing.judge.policy, case.id, ME, case.version, "1Z 999", "Fan enclosed."),
    )
    assert (routing.life().status, routing.life().milestone) == ("resolved", "parts_shipped")
    assert routing.case().closed_as == "shipped"
    assert mailed(told) == ["parts_shipped"]


def test_the_move_s_table_is_the_rules() -> None:
    """docs/rules.md §9: submitted → under_review → approved | rejected → assigned → executed."""
    assert {(state.value, after.value) for (state, _), after in APPLIANCE_MOVE.steps.items()} == {
        ("submitted", "under_review"),
        ("under_review", "approved"),
        ("under_review", "rejected"),
        ("approved", "assigned"),
        ("assigned", "executed"),
    }
