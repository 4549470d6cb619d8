"""Contracts, lists of devices, reviews and the desks (docs/rules.md §2)."""

from typing import Any

import pytest

from schemas.vocabulary import ContractKind, Outcome, Reason
from tests.unit.rules.builders import (
    OTHER,
    TYPE,
    World,
    a_contract,
    a_request,
    a_subscription,
    a_world,
    an_entitlement,
    an_item,
    decision,
    told,
)


def asked(world: World, kind: str, **given: Any) -> dict[str, Any]:
    found = decision(world, a_request(kind, **given))
    return dict(told(found, "outcome", "reasons", "missing", "contract_number"))


def answer(outcome: str, contract: str | None, *reasons: str, missing: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"outcome": outcome, "reasons": list(reasons), "missing": list(missing), "contract_number": contract}


def test_a_copy_of_the_customers_own_contract_is_answered() -> None:
    found = decision(a_world(), a_request("contract_copy", contract_number=" m-77 "))
    assert told(
        found, "outcome", "contract_number", "queue", "status", "service_level", "covered_until", "site_id"
    ) == {
        "outcome": "answered",
        "contract_number": "M-77",
        "queue": None,
        "status": "resolved",
        "service_level": None,
        "covered_until": None,
        "site_id": None,
    }


def test_a_machine_names_the_one_contract_that_covers_it() -> None:
    assert asked(a_world(), "contract_copy", machine=True) == answer("answered", "M-77")
    assert asked(a_world(), "contract_copy", machine=(None, "21-0F3AT")) == answer("answered", "M-77")
    ended = a_world().under(a_contract("M-1", end_date="2026-01-01"), an_item("M-1"))
    assert asked(ended, "contract_copy", machine=True) == answer("answered", "M-77")
    only_ended = World().under(a_contract("M-1", end_date="2026-01-01"), an_item("M-1"))
    assert asked(only_ended, "contract_copy", machine=True) == answer("answered", "M-1")


def test_none_or_several_contracts_of_a_machine_name_none() -> None:
    several = a_world().under(a_contract("M-1"), an_item("M-1"))
    missing = ("contract_number",)
    assert asked(several, "contract_copy", machine=True) == answer("incomplete", None, missing=missing)
    assert asked(several, "contract_copy", contract_number="M-1", machine=True) == answer("answered", "M-1")
    assert asked(World(), "contract_copy", machine=True) == answer("incomplete", None, missing=missing)
    several_ended = World().under(a_contract("M-1", end_date="2026-01-01"), an_item("M-1"))
    several_ended = several_ended.under(a_contract("M-2", end_date="2026-01-01"), an_item("M-2"))
    assert asked(several_ended, "contract_copy", machine=True) == answer("incomplete", None, missing=missing)
    anothers = World().under(a_contract("X-1", OTHER), an_item("X-1", site_id=None))
    assert asked(anothers, "contract_copy", machine=True) == answer("incomplete", None, missing=missing)


@pytest.mark.parametrize("kind", ["contract_renewal", "contract_change"])
def test_a_renewal_and_a_change_always_go_to_their_desk(kind: str) -> None:
    several = a_world().under(a_contract("M-1"), an_item("M-1"))
    assert asked(a_world(), kind, contract_number="M-77") == answer("contract_desk", "M-77")
    assert asked(a_world(), kind, machine=True) == answer("contract_desk", "M-77")
    assert asked(several, kind, machine=True) == answer("contract_desk", None, missing=("contract_number",))
    assert asked(several, kind) == answer("contract_desk", None, missing=("contract_number",))
    assert asked(several, kind, contract_number="NONE") == answer("contract_desk", None, "contract_unknown")
    found = decision(a_world(), a_request(kind, machine=True, contract_number="NONE"))
    assert (found.contract_number, found.reasons) == ("M-77", (Reason.CONTRACT_UNKNOWN,))


def cancelled(world: World, **given: Any) -> dict[str, Any]:
    request = a_request("contract_change", details={"action": "cancel"}, **given)
    found = decision(world, request)
    said = told(found, "outcome", "reasons", "contract_number", "machine", "dates")
    return {**said, "dates": {name: value for name, value in said["dates"].items() if value is not None}}


def test_a_cancellation_carries_what_it_comes_to() -> None:
    expected: dict[str, Any] = {
        "outcome": "contract_desk",
        "reasons": [],
        "contract_number": "M-77",
        "machine": None,
        "dates": {"effective_end": "2026-12-23", "last_billed_on": "2026-12-22"},
    }
    assert cancelled(a_world(), machine=True) == expected
    assert cancelled(a_world(), contract_number="M-77") == expected
    warranty = a_contract("W-1", kind=ContractKind.WARRANTY)
    assert cancelled(a_world().under(warranty, an_item("W-1")), machine=True) == expected
    assert cancelled(a_world(), machine=True, contract_number="NONE") == expected | {"reasons": ["contract_unknown"]}


def test_a_cancellation_too_early_says_from_when() -> None:
    world = a_world(start_date="2026-10-01")
    assert cancelled(world, machine=True)["dates"] == {"earliest_notice_on": "2027-04-01"}


def test_a_cancellation_without_one_maintained_machine_has_no_dates_and_no_reason() -> None:
    warranty = World().under(a_contract("W-1", kind=ContractKind.WARRANTY), an_item("W-1"))
    several = World().under(a_contract(), an_item(), an_item(serial="B"))
    anothers = World().under(a_contract("X-1", OTHER), an_item("X-1", site_id=None))
    for world, given, contract in (
        (warranty, {"machine": True}, "W-1"),
        (several, {"contract_number": "M-77"}, "M-77"),
        (several, {"contract_number": "M-77", "machine": (TYPE, None)}, "M-77"),
        (anothers, {"machine": True}, None),
        (
            a_world().under(a_contract("W-1", kind=ContractKind.WARRANTY), an_item("W-1")),
            {"contract_number": "W-1"},
            "W-1",
        ),
    ):
        found = cancelled(world, **given)
        assert (found["dates"], found["reasons"], found["contract_number"]) == ({}, [], contract)
    adding = decision(a_world(), a_request("contract_change", machine=True, details={"action": "add"}))
    assert set(adding.to_json()["dates"].values()) == {None}


def test_devices_are_listed_for_the_customer_or_one_contract() -> None:
    assert asked(a_world(), "covered_devices") == answer("answered", None)
    assert asked(World(), "covered_devices") == answer("answered", None)
    assert asked(a_world(), "covered_devices", contract_number="M-77") == answer("answered", "M-77")
    unknown = answer("triage", None, "contract_unknown")
    assert asked(a_world(), "covered_devices", machine=True, contract_number="NONE") == unknown


def test_a_review_goes_to_a_person_whoevers_machine_it_seems_to_be() -> None:
    anothers = World().under(a_contract("X-1", OTHER), an_item("X-1", site_id=None))
    for world in (a_world(), World(), anothers):
        assert asked(world, "coverage_review", machine=True) == answer("contract_desk", None)
    assert asked(a_world(), "coverage_review", machine=True, contract_number="NONE")["reasons"] == ["contract_unknown"]


def test_a_dispute_and_an_inquiry_ignore_contracts() -> None:
    for number in (None, "NONE", "M-77"):
        dispute = asked(a_world(), "billing_dispute", contract_number=number, details={"invoice_number": "I-1"})
        assert dispute == answer("billing_desk", None)
        assert asked(a_world(), "inquiry", contract_number=number, text="?") == answer("general_desk", None)


def test_a_software_contract_names_no_machine() -> None:
    world = World().under(a_subscription(), entitlements=[an_entitlement()])
    found = decision(world, a_request(contract_number="S-1"))
    assert (found.outcome, found.missing) == (Outcome.INCOMPLETE, ("machine",))
