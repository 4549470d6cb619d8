"""What each kind needs, what counts as naming it, and what a contract of somebody else's comes to (docs/rules.md §2, §4)."""

from typing import Any

import pytest

from schemas.vocabulary import Kind, Outcome, Reason
from tests.unit.rules.builders import (
    OTHER,
    SERIAL,
    TYPE,
    World,
    a_contract,
    a_request,
    a_subscription,
    a_world,
    an_entitlement,
    an_item,
    decision,
    reads,
    told,
)

ANOTHERS = "X-1"


def with_anothers(world: World) -> World:
    return world.under(a_contract(ANOTHERS, OTHER), an_item(ANOTHERS, serial="THEIRS", site_id="S-20"))


def repair(world: World, machine: Any = None, **given: Any) -> dict[str, Any]:
    return dict(told(decision(world, a_request(machine=machine, **given)), "outcome", "missing", "reasons"))


def asks(*missing: str) -> dict[str, Any]:
    return {"outcome": "incomplete", "missing": list(missing), "reasons": []}


VISIT = {"outcome": "onsite_dispatch", "missing": [], "reasons": []}


def test_type_and_serial_name_a_machine() -> None:
    assert repair(a_world(), (TYPE, SERIAL)) == VISIT


def test_a_serial_is_enough_when_the_customer_holds_it_under_one_type_whatever_the_dates() -> None:
    assert repair(a_world(), (None, SERIAL)) == VISIT
    ended = World().under(a_contract(end_date="2026-01-01"), an_item())
    assert repair(ended, (None, SERIAL))["outcome"] == "billable_estimate"
    two_types = World().under(a_contract(end_date="2026-01-01"), an_item(), an_item(machine_type="7944"))
    assert repair(two_types, (None, SERIAL)) == asks("machine.type")


def test_a_serial_that_another_customer_holds_is_no_help() -> None:
    assert repair(with_anothers(World()), (None, "THEIRS")) == asks("machine.type")


def test_what_is_missing_of_a_machine() -> None:
    assert repair(a_world()) == asks("machine")
    assert repair(a_world(), (TYPE, None)) == asks("machine.serial")
    assert repair(a_world(), (None, "UNKNOWN")) == asks("machine.type")


def test_a_contract_that_covers_one_single_machine_names_it() -> None:
    one = World().under(a_contract(), an_item(), an_item(site_id="S-10"), an_item(serial="GONE", ended_on="2026-11-23"))
    assert repair(one, contract_number="m-77")["outcome"] == "onsite_dispatch"
    assert repair(one, contract_number="M-77", site_id=None)["missing"] == []


def test_a_contract_of_several_or_no_machines_names_none_unless_narrowed() -> None:
    several = World().under(a_contract(), an_item(), an_item(serial="B"), an_item(serial="B", machine_type="7944"))
    assert repair(several, contract_number="M-77") == asks("machine")
    assert repair(several, (TYPE, None), contract_number="M-77") == asks("machine.serial")
    assert repair(several, ("7944", None), contract_number="M-77") == VISIT
    assert repair(several, (None, "B"), contract_number="M-77") == asks("machine.type")
    ended = World().under(a_contract(end_date="2026-11-22"), an_item())
    assert repair(ended, contract_number="M-77") == asks("machine")
    two_types = several.under(
        a_contract("M-2"), an_item("M-2", serial=SERIAL, machine_type="7944", ended_on="2026-01-01")
    )
    assert repair(two_types, (None, SERIAL), contract_number="M-77") == VISIT
    assert repair(two_types, (None, SERIAL)) == asks("machine.type")


def test_the_contract_only_names_the_machine_the_best_level_still_wins() -> None:
    world = a_world().under(a_contract("M-2", end_date="2030-01-01"), an_item("M-2"))
    assert decision(world, a_request(contract_number="M-77")).contract_number == "M-2"


@pytest.mark.parametrize("number", [ANOTHERS, "NONE"])
def test_a_contract_of_somebody_elses_is_as_one_that_does_not_exist(number: str) -> None:
    world = with_anothers(a_world())
    unknown = {"outcome": "triage", "missing": [], "reasons": ["contract_unknown"]}
    assert repair(world, contract_number=number) == unknown
    assert repair(world, (TYPE, None), contract_number=number) == unknown
    assert repair(world, (None, "UNKNOWN"), contract_number=number) == unknown
    assert repair(world, (TYPE, SERIAL), contract_number=number) == VISIT | {"reasons": ["contract_unknown"]}
    assert repair(world, (None, SERIAL), contract_number=number) == VISIT | {"reasons": ["contract_unknown"]}


def test_before_anything_missing_is_asked_unless_the_machine_decides() -> None:
    request = a_request("termination", contract_number="NONE", details={})
    assert decision(a_world(), request).reasons == (Reason.CONTRACT_UNKNOWN,)
    request = a_request("termination", machine=True, contract_number="NONE", details={})
    found = decision(a_world(), request)
    assert (found.outcome, found.missing, found.reasons) == (
        Outcome.INCOMPLETE,
        ("details.party",),
        (Reason.CONTRACT_UNKNOWN,),
    )


@pytest.mark.parametrize(
    ("kind", "outcome", "reasons"),
    [
        ("hardware_repair", "triage", ["contract_unknown"]),
        ("software_support", "triage", ["contract_unknown"]),
        ("coverage_review", "triage", ["contract_unknown"]),
        ("contract_copy", "contract_desk", ["contract_unknown"]),
        ("covered_devices", "triage", ["contract_unknown"]),
        ("contract_renewal", "contract_desk", ["contract_unknown"]),
        ("contract_change", "contract_desk", ["contract_unknown"]),
        ("machine_transfer", "triage", ["contract_unknown"]),
        ("termination", "triage", ["contract_unknown"]),
        ("software_key", "triage", ["contract_unknown"]),
        ("software_download", "triage", ["contract_unknown"]),
        ("appliance_move", "triage", ["contract_unknown"]),
        ("billing_dispute", "incomplete", []),
        ("inquiry", "incomplete", []),
        ("repair", "incomplete", []),
    ],
)
def test_an_unknown_contract_and_nothing_else(kind: str, outcome: str, reasons: list[str]) -> None:
    found = decision(with_anothers(a_world()), a_request(kind, contract_number=ANOTHERS))
    assert told(found, "outcome", "reasons", "contract_number") == {
        "outcome": outcome,
        "reasons": reasons,
        "contract_number": None,
    }


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("number", [None, "C-404"])
def test_nothing_is_decided_for_an_unknown_customer(kind: str, number: str | None) -> None:
    request = a_request(kind, machine=True, customer_number=number, contract_number="M-77", text="It is broken")
    found = decision(a_world(), request)
    assert told(found, "outcome", "reasons", "missing", "kind", "queue", "contract_number") == {
        "outcome": "triage",
        "reasons": ["customer_unknown"],
        "missing": [],
        "kind": kind,
        "queue": "triage",
        "contract_number": None,
    }
    repairs = (Kind.HARDWARE_REPAIR, Kind.SOFTWARE_SUPPORT, Kind.REPAIR)
    assert (found.classification is not None) is (kind in repairs)


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("hardware_repair", ["machine"]),
        ("software_support", ["product_id"]),
        ("repair", ["text"]),
        ("coverage_review", ["machine"]),
        ("contract_copy", ["contract_number"]),
        ("machine_transfer", ["machine", "details.reason", "details.event_date"]),
        ("termination", ["machine", "details.party"]),
        ("software_key", ["machine"]),
        ("appliance_move", ["product_id", "details.origin_country", "details.destination_country"]),
        ("billing_dispute", ["details.invoice_number"]),
        ("inquiry", ["text"]),
    ],
)
def test_what_each_kind_needs_is_asked_for_in_order(kind: str, missing: list[str]) -> None:
    found = decision(a_world(), a_request(kind))
    assert told(found, "outcome", "missing", "status", "milestone", "queue") == {
        "outcome": "incomplete",
        "missing": missing,
        "status": "pending",
        "milestone": "information_needed",
        "queue": None,
    }


# ---- a repair that does not say which (§3)


def mixed() -> World:
    """A machine and a product of the customer's."""
    return a_world().under(a_subscription(), entitlements=[an_entitlement()])


def which(world: World, said: Any, **given: Any) -> dict[str, Any]:
    request = a_request("repair", **({"text": "It is broken"} | given))
    found = decision(world, request, classify=said)
    return dict(told(found, "kind", "outcome", "reasons", "classification"))


def test_a_known_machine_and_hardware_words_are_hardware() -> None:
    found = which(mixed(), reads("hardware", 0.55), machine=True)
    assert found == {
        "kind": "hardware_repair",
        "outcome": "onsite_dispatch",
        "reasons": [],
        "classification": {"kind": "hardware", "confidence": 1.0, "by": "machine"},
    }


def test_a_known_product_is_software_whatever_the_words() -> None:
    found = which(mixed(), reads("hardware", 0.99), product_id="p-100")
    assert found == {
        "kind": "software_support",
        "outcome": "remote_support",
        "reasons": [],
        "classification": {"kind": "software", "confidence": 1.0, "by": "product"},
    }


def test_both_known_or_neither_the_text_decides() -> None:
    both = which(mixed(), reads("hardware", 0.9), machine=True, product_id="P-100")
    assert (both["kind"], both["classification"]["by"]) == ("hardware_repair", "text")
    neither = which(mixed(), reads("software", 0.75), machine=(TYPE, "UNKNOWN"), product_id="P-404")
    assert (neither["kind"], neither["outcome"], neither["classification"]["by"]) == (
        "software_support",
        "not_entitled",
        "text",
    )
    machine_but_software = which(mixed(), reads("software", 0.9), machine=True)
    assert (machine_but_software["kind"], machine_but_software["outcome"]) == ("software_support", "incomplete")


def test_below_the_threshold_a_person_says_which() -> None:
    found = which(mixed(), reads("hardware", 0.7499))
    assert found == {
        "kind": "repair",
        "outcome": "triage",
        "reasons": ["kind_unclear"],
        "classification": {"kind": "hardware", "confidence": 0.7499, "by": "text"},
    }


def test_a_repair_without_text_is_incomplete_and_still_has_a_classification() -> None:
    found = which(mixed(), reads("hardware", 0.9), text=None, machine=True)
    assert (found["kind"], found["outcome"], found["classification"]["confidence"]) == ("repair", "incomplete", 0.5)


def test_a_repairs_unknown_contract_counts_only_where_machine_or_product_decides_without_it() -> None:
    world = with_anothers(mixed())
    assert which(world, reads("hardware", 0.6), machine=True, contract_number=ANOTHERS)["reasons"] == [
        "contract_unknown"
    ]
    assert which(world, reads("software", 0.6), product_id="P-100", contract_number=ANOTHERS)["reasons"] == [
        "contract_unknown"
    ]
    assert which(world, reads("hardware", 0.9), contract_number=ANOTHERS) == {
        "kind": "hardware_repair",
        "outcome": "incomplete",
        "reasons": [],
        "classification": {"kind": "hardware", "confidence": 0.9, "by": "text"},
    }
    assert which(world, reads("hardware", 0.6), contract_number=ANOTHERS)["reasons"] == ["kind_unclear"]


def test_a_declared_kind_stands_unless_the_text_surely_contradicts_it() -> None:
    request = a_request(machine=True, text="The application shows a licence error")
    stands = decision(a_world(), request, classify=reads("software", 0.9))
    assert told(stands, "outcome", "classification") == {
        "outcome": "onsite_dispatch",
        "classification": {"kind": "hardware", "confidence": 1.0, "by": "declared"},
    }
    conflict = decision(a_world(), request, classify=reads("software", 0.91))
    assert told(conflict, "kind", "outcome", "reasons", "classification") == {
        "kind": "hardware_repair",
        "outcome": "triage",
        "reasons": ["kind_conflict"],
        "classification": {"kind": "software", "confidence": 0.91, "by": "text"},
    }
    agreed = decision(a_world(), request, classify=reads("hardware", 0.99))
    assert agreed.outcome is Outcome.ONSITE_DISPATCH
