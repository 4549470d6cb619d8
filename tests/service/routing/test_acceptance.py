"""What follows from an accepted request."""

from typing import Any

import pytest

from schemas.dispatch import Offered
from schemas.request_status import RequestDecided
from schemas.service_requests import Submitter
from services.runtime import quarantine
from tests.builders import a_cancellation, a_number, a_record, an_acceptance
from tests.service.routing.harness import Routing, at, covered, types


def decided(routing: Routing, message: Any) -> RequestDecided:
    [told] = [one for one in routing.receives(message) if isinstance(one, RequestDecided)]
    return told


def test_a_covered_machine_gets_a_visit(routing: Routing) -> None:
    """Decided, told with version 1, and offered in the territory's queue."""
    offered, told = routing.receives(covered())
    assert isinstance(offered, Offered)
    assert isinstance(told, RequestDecided)
    assert (offered.queue, offered.version, offered.work_order) == ("CA-QC-MTL", 1, routing.order().id)
    assert (offered.place.city, offered.place.timezone) == ("Montréal", "America/Toronto")
    assert (told.version, told.index, told.standing.milestone) == (1, 1, "queued_for_technician")
    assert told.standing.respond_by == offered.respond_by == at("2026-11-24T17:00-05:00")
    assert told.standing.actions == ("cancel",)


@pytest.mark.parametrize(
    ("given", "outcome", "desk"),
    [
        ({"machine": {"type": "8286", "serial": "SNP"}}, "parts_shipment", "parts_desk"),
        ({"machine": {"type": "8286", "serial": "NONE"}}, "billable_estimate", "billing_desk"),
        ({"machine": {"type": "8286", "serial": "SN2"}}, "triage", "triage"),
        ({"customer_number": "C-9", "machine": {"type": "8286", "serial": "SN1"}}, "triage", "triage"),
        ({"kind": "software_support", "product_id": "P-1", "text": None}, "remote_support", "remote_support"),
        ({"kind": "contract_renewal", "contract_number": "M-1"}, "contract_desk", "contract_desk"),
        ({"kind": "billing_dispute", "details": {"invoice_number": "I-1"}}, "billing_desk", "billing_desk"),
        ({"kind": "inquiry"}, "general_desk", "general_desk"),
        ({"kind": "software_key", "machine": {"type": "8286", "serial": "SN1"}}, "key_centre", "key_centre"),
        (
            {
                "kind": "appliance_move",
                "product_id": "P-1",
                "details": {"origin_country": "CA", "destination_country": "US"},
            },
            "approval",
            "approval",
        ),
    ],
)
def test_what_people_decide_waits_at_their_desk(
    routing: Routing, given: dict[str, Any], outcome: str, desk: str
) -> None:
    """One open case at the desk that the decision names, and nothing else is begun."""
    told = decided(routing, an_acceptance(**{"customer_number": "C-1", **given}))
    assert (told.decision.outcome, told.decision.queue) == (outcome, desk)
    [case] = routing.cases()
    assert (case.desk, case.decision, case.respond_by) == (desk, 1, told.standing.respond_by)
    assert not routing.orders()
    assert not routing.parcels()


def test_a_depot_level_gets_a_return(routing: Routing) -> None:
    """With its number and the depot's address, good for thirty days; no clock runs before the parcel is there."""
    told = decided(routing, covered(serial="SNM"))
    parcel = routing.parcel()
    assert told.standing.parcel is not None
    assert told.standing.parcel.model_dump() == {
        "return_number": parcel.id,
        "depot": "D-1",
        "name": "Central workshop",
        "line1": "9 Depot Road",
        "city": "Toronto",
        "postal_code": "M1B2C3",
    }
    assert told.standing.respond_by is None
    [timer] = routing.stored("timers")
    assert (timer["kind"], timer["due_at"]) == ("expiry", at("2026-12-23T10:00-05:00"))


def test_what_is_answered_at_once_will_close_by_itself(routing: Routing) -> None:
    """Nobody works on it; it can be reopened for fourteen days."""
    told = decided(routing, an_acceptance(kind="covered_devices", customer_number="C-1"))
    assert (told.standing.status, told.standing.actions) == ("resolved", ("reopen",))
    assert [timer["kind"] for timer in routing.stored("timers")] == ["auto_close"]


def test_what_is_missing_is_asked_and_nothing_is_begun(routing: Routing) -> None:
    """The fields, and that they can be given."""
    told = decided(routing, an_acceptance(customer_number="C-1", machine={"type": "8286"}))
    assert told.standing.missing == ("machine.serial",)
    assert told.standing.actions == ("amend", "cancel")
    assert not (routing.orders())
    assert not (routing.cases())
    assert not (routing.stored("timers"))


def test_the_decision_is_stored_whole_with_its_evidence(routing: Routing) -> None:
    """What was decided upon, on which contract data, why, and how the clock ran."""
    told = decided(routing, covered())
    [row] = routing.stored("decisions")
    assert row["decision"] == told.decision.to_json()
    assert (row["index"], row["by"], row["generation"]) == (1, "system", 1)
    assert row["request"]["machine"] == {"type": "8286", "model": None, "serial": "SN1"}
    assert row["evidence"]["coverage"]["compared"][0]["wins"] is True
    assert row["evidence"]["clock"]["due"] == "2026-11-24T22:00:00Z"


def test_the_address_on_file_reads_all_and_another_only_outcome_and_hour(routing: Routing) -> None:
    """In the request's language; the same address twice is told once."""
    told = decided(routing, covered(language="fr", contact={"email": "me@elsewhere.example"}))
    assert [(one.email, one.language, one.full) for one in told.recipients] == [
        ("c-1@example.com", "fr", True),
        ("me@elsewhere.example", "fr", False),
    ]
    again = decided(routing, covered(a_number(2), contact={"email": "c-1@example.com"}))
    assert [one.full for one in again.recipients] == [True]


def test_an_unknown_sender_learns_no_type_or_product_from_what_they_did_not_say(routing: Routing) -> None:
    """The serial alone names the machine to us; the page shows what was typed."""
    anonymous = decided(routing, covered(machine={"serial": "SN1"}))
    assert (anonymous.device, anonymous.submitter_known) == ("SN1", False)
    known = covered(a_number(2), machine={"serial": "SN1"}).model_copy(
        update={"submitter": Submitter(type="customer", id="C-1", customer_number="C-1")}
    )
    assert decided(routing, known).device == "8286 SN1"


def test_a_number_of_nobody_we_know_belongs_to_nobody(routing: Routing) -> None:
    """Unless the sender proved to act for it: a customer of that number must not read a stranger's request later."""
    assert decided(routing, covered(customer_number="C-9")).customer_number is None
    proved = covered(a_number(2), customer_number="C-9").model_copy(
        update={"submitter": Submitter(type="token", id="t1", customer_number="C-9")}
    )
    assert decided(routing, proved).customer_number == "C-9"


def test_a_repeated_event_changes_nothing(routing: Routing) -> None:
    """Delivered again, alone and inside a batch."""
    request = covered()
    routing.receives(request)
    before = routing.everything_stored()
    assert routing.receives(request) == []
    assert routing.receives(request, request) == []
    assert routing.everything_stored() == before


def test_a_second_acceptance_of_one_number_goes_to_quarantine(routing: Routing) -> None:
    """And its neighbours are decided."""
    routing.receives(covered())
    twin = covered().model_copy(update={"sequence": 7})
    told = routing.receives(covered(a_number(2)), twin, covered(a_number(3)))
    assert types(told) == ["work-order.offered", "request.decided"] * 2
    assert [row["reason"] for row in routing.stored("quarantine")] == ["accepted-twice"]


def test_a_request_cancelled_behind_its_acceptance_is_never_dispatched(routing: Routing) -> None:
    """Decided and recorded, then cancelled; no visit was ever offered."""
    told = routing.receives(covered(), a_cancellation())
    assert types(told) == ["request.decided", "request.status-changed"]
    assert not (routing.orders())
    assert not (routing.stored("timers"))
    assert routing.life().status == "cancelled"


def test_a_request_cancelled_while_its_acceptance_lay_in_quarantine_is_never_dispatched(routing: Routing) -> None:
    """Poison first; the cancellation is parked behind it; mended and replayed, both are applied and nobody is sent."""
    good = a_record(covered())
    routing.processor.process([a_record(covered(), value=b"{")])
    assert routing.receives(a_cancellation()) == []
    with routing.database.reading() as connection:
        [poison, behind] = quarantine.letters(connection, routing.workshop.tables)
    assert behind.reason == "behind"
    routing.processor.replay(a_number(), by="ops", mended={poison.id: good.value or b""})
    assert types(routing.said()) == ["request.decided", "request.status-changed"]
    assert routing.orders() == []
    assert routing.life().status == "cancelled"
