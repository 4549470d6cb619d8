"""What is answered: the devices covered on the day, the contract, the products to download (docs/rules.md §2, §9)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from schemas.vocabulary import ContractKind, ServiceLevel
from services.routing.answers import as_json
from tests.unit.routing_documents.answered import answered, answered_or_not
from tests.unit.rules.builders import (
    OTHER,
    World,
    a_contract,
    a_request,
    a_site,
    a_subscription,
    a_world,
    an_entitlement,
    an_item,
)

DEVICES = a_request("covered_devices")


def serials(world: World, received: str = "2026-11-23T15:00:00Z", **request: Any) -> list[str]:
    said = as_json(answered(world, a_request("covered_devices", **request), received))
    return [device["machine"]["serial"] for device in said["devices"]]


def test_the_device_list_says_of_each_machine_where_it_stands_and_how_it_is_covered() -> None:
    """To the letter: empty dates and levels are the contract's."""
    assert as_json(answered(a_world(), DEVICES)) == {
        "kind": "covered_devices",
        "as_of": "2026-11-23T15:00:00Z",
        "day": "2026-11-23",
        "customer": {"number": "C-1001", "name": "Atelier du Nord"},
        "contract_number": None,
        "devices": [
            {
                "machine": {"type": "8286", "model": "41A", "serial": "210F3AT"},
                "contract_number": "M-77",
                "contract_kind": "hardware_maintenance",
                "service_level": "ONSITE_NBD",
                "site": {
                    "site_id": "S-9",
                    "line1": "1 rue de l'Exemple",
                    "city": "Montréal",
                    "province": "QC",
                    "postal_code": "H3B2Y5",
                    "country": "CA",
                },
                "covered_from": "2025-04-01",
                "covered_until": "2027-03-31",
            }
        ],
    }


def test_only_what_covers_the_day_is_on_the_list() -> None:
    """Not begun, over, and ended early are not; the last covered day is."""
    world = World().under(
        a_contract(),
        an_item(serial="LAST", coverage_end="2026-11-23"),
        an_item(serial="OVER", coverage_end="2026-11-22"),
        an_item(serial="TOCOME", coverage_start="2026-11-24"),
        an_item(serial="ENDED", ended_on="2026-11-23"),
        an_item(serial="FIRST", coverage_start="2026-11-23"),
    )
    assert serials(world) == ["FIRST", "LAST"]


def test_each_machine_is_judged_at_its_own_site() -> None:
    """22:30 in Montréal on the last day is 19:30 in Vancouver, and both are covered; at 00:30 only Vancouver's is."""
    west = a_site("S-V", province="BC", city="Vancouver", postal_code="V5K0A1")
    world = World().under(
        a_contract(),
        an_item(serial="EAST", coverage_end="2026-11-23"),
        an_item(serial="WEST", coverage_end="2026-11-23", site_id="S-V"),
    )
    world.sites.append(west)
    assert serials(world, "2026-11-24T03:30:00Z") == ["EAST", "WEST"]
    assert serials(world, "2026-11-24T05:30:00Z") == ["WEST"]


def test_a_machine_under_two_contracts_is_there_for_each_the_better_first() -> None:
    """Maintenance and warranty are two lines of one machine."""
    world = (
        World()
        .under(a_contract("A-1", kind=ContractKind.WARRANTY, service_level=ServiceLevel.DEPOT_MAIL_IN), an_item("A-1"))
        .under(a_contract("B-1", service_level=ServiceLevel.ONSITE_NBD), an_item("B-1"))
    )
    said = as_json(answered(world, DEVICES))
    assert [device["contract_number"] for device in said["devices"]] == ["B-1", "A-1"]


def test_a_named_contract_narrows_the_list() -> None:
    """Only its machines."""
    world = World().under(a_contract("A-1"), an_item("A-1", serial="A")).under(a_contract(), an_item(serial="B"))
    assert serials(world) == ["A", "B"]
    assert serials(world, contract_number="A-1") == ["A"]


def test_no_covered_device_is_an_answer_too() -> None:
    """An empty list, not nothing."""
    assert serials(World().under(a_contract(end_date="2026-01-01"), an_item())) == []


def test_another_customers_devices_and_sites_are_never_on_the_list() -> None:
    """Not even the address, where an item wrongly names another's site."""
    world = a_world().under(a_contract("X-1", OTHER), an_item("X-1", serial="THEIRS"))
    strays = replace(world, items=[replace(world.items[0], site_id="S-20"), *world.items[1:]])
    said = as_json(answered(strays, DEVICES))
    assert [(device["machine"]["serial"], device["site"]) for device in said["devices"]] == [("210F3AT", None)]


def test_an_answer_speaks_of_the_day_of_its_decision() -> None:
    """A machine whose coverage ended since is still on the list of that day; one that came since is not."""
    ended = World().under(
        a_contract(), an_item(ended_on="2026-12-01"), an_item(serial="NEW", coverage_start="2026-12-01")
    )
    said = as_json(answered(a_world(), DEVICES, later=ended))
    assert [device["machine"]["serial"] for device in said["devices"]] == ["210F3AT"]


def test_a_contract_copy_is_the_contract_with_all_its_items_and_products() -> None:
    """To the letter; an item that does not cover the day is on the contract all the same."""
    world = World().under(
        a_contract(auto_renew=True, prepaid_until="2027-01-31", customer_notice_months=2),
        an_item(ended_on="2026-01-01"),
        entitlements=[an_entitlement("M-77")],
    )
    said = as_json(answered(world, a_request("contract_copy", contract_number="M-77")))["contract"]
    (item,) = said.pop("items")
    assert (item["machine"]["serial"], item["covers"], item["covered_until"]) == ("210F3AT", False, "2025-12-31")
    assert said == {
        "number": "M-77",
        "kind": "hardware_maintenance",
        "start_date": "2025-04-01",
        "end_date": "2027-03-31",
        "auto_renew": True,
        "service_level": "ONSITE_NBD",
        "prepaid_until": "2027-01-31",
        "customer_minimum_months": None,
        "customer_notice_months": 2,
        "provider_minimum_months": None,
        "provider_notice_months": None,
        "products": [
            {
                "product_id": "P-100",
                "product_name": "Ledger",
                "quantity": 1,
                "contract_number": "M-77",
                "state": "active",
                "subscription_end": None,
                "versions_until": None,
            }
        ],
    }


def test_a_machine_names_the_contract_to_copy() -> None:
    """The decision says which; the copy is of that one."""
    said = as_json(answered(a_world(), a_request("contract_copy", machine=True)))
    assert said["contract"]["number"] == "M-77"


@pytest.mark.parametrize("kind", ["contract_copy", "covered_devices"])
def test_a_contract_that_is_no_longer_this_customers_is_not_shown(kind: str) -> None:
    """It went to somebody else after the decision."""
    asked = a_request(kind, contract_number="M-77")
    assert answered_or_not(a_world(), asked, later=World().under(a_contract("M-77", OTHER), an_item())) is None


def test_a_lapsed_product_is_answered_with_the_versions_of_its_time() -> None:
    """An active one without limit; one to come not at all."""
    world = (
        World()
        .under(
            a_subscription(), entitlements=[an_entitlement(product="P-1"), an_entitlement("S-1", "P-2", "2026-11-22")]
        )
        .under(a_subscription("S-2", start_date="2027-01-01"), entitlements=[an_entitlement("S-2", "P-3")])
    )
    said = as_json(answered(world, a_request("software_download")))["products"]
    assert [(one["product_id"], one["state"], one["versions_until"]) for one in said] == [
        ("P-1", "active", None),
        ("P-2", "lapsed", "2026-11-22"),
    ]


def test_a_named_product_is_answered_by_the_entitlement_that_decides() -> None:
    """Of two the active one, and nothing else that was bought."""
    world = (
        World()
        .under(a_subscription(), entitlements=[an_entitlement("S-1", "P-1", "2026-01-01"), an_entitlement()])
        .under(a_subscription("S-2"), entitlements=[an_entitlement("S-2", "P-1")])
    )
    said = as_json(answered(world, a_request("software_download", product_id="P-1")))["products"]
    assert [(one["product_id"], one["contract_number"], one["state"]) for one in said] == [("P-1", "S-2", "active")]


def test_a_named_contract_narrows_the_products() -> None:
    """Only what was bought under it."""
    world = (
        World()
        .under(a_subscription(), entitlements=[an_entitlement()])
        .under(a_subscription("S-2"), entitlements=[an_entitlement("S-2", "P-2")])
    )
    said = as_json(answered(world, a_request("software_download", contract_number="S-2")))["products"]
    assert [one["product_id"] for one in said] == ["P-2"]


@pytest.mark.parametrize(
    "asked",
    [
        a_request("hardware_repair", machine=True),
        a_request("contract_renewal", contract_number="M-77"),
        a_request("contract_copy", contract_number="X-1"),
        a_request("covered_devices", contract_number="X-1"),
        a_request("software_download"),
    ],
)
def test_what_was_not_answered_by_itself_has_no_answer(asked: Any) -> None:
    """Whatever the kind: a copy of another's contract went to a desk, a download of nothing was refused."""
    world = a_world().under(a_contract("X-1", OTHER), an_item("X-1", serial="THEIRS"))
    assert answered_or_not(world, asked) is None


def test_the_day_is_the_customers() -> None:
    """03:30 UTC on the 24th is still the 23rd in Toronto."""
    assert answered(a_world(), DEVICES, "2026-11-24T03:30:00Z").day == date(2026, 11, 23)
