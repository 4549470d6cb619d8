"""Software: subscriptions, downloads, keys, appliances that move (docs/rules.md §9)."""

from typing import Any

import pytest

from schemas.vocabulary import Outcome, Reason
from services.routing import evidence
from tests.unit.rules.builders import (
    OTHER,
    World,
    a_contract,
    a_customer,
    a_request,
    a_subscription,
    a_world,
    an_entitlement,
    an_item,
    decided,
    decision,
    told,
)


def bought(end: str | None = None, *, product: str = "P-100", number: str = "S-1", **contract: Any) -> World:
    return World().under(a_subscription(number, **contract), entitlements=[an_entitlement(number, product, end)])


def support(world: World, received: str = "2026-11-23T15:00Z", **given: Any) -> dict[str, Any]:
    found = decision(world, a_request("software_support", **({"product_id": "P-100"} | given)), received)
    return dict(told(found, "outcome", "contract_number", "covered_until", "missing", "reasons"))


def answer(outcome: str, contract: str | None = None, until: str | None = None) -> dict[str, Any]:
    return {"outcome": outcome, "contract_number": contract, "covered_until": until, "missing": [], "reasons": []}


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        (bought("2026-11-23"), answer("remote_support", "S-1", "2026-11-23")),
        (bought("2026-11-22"), answer("subscription_lapsed", "S-1", "2026-11-22")),
        (bought(), answer("remote_support", "S-1", "2027-03-31")),
        (bought(end_date=None), answer("remote_support", "S-1", None)),
        (bought(end_date="2026-11-22"), answer("subscription_lapsed", "S-1", "2026-11-22")),
        (bought("2026-12-31", end_date="2026-11-22"), answer("remote_support", "S-1", "2026-12-31")),
        (bought(auto_renew=True, end_date="2026-01-31"), answer("remote_support", "S-1", None)),
        (bought("2026-01-31", auto_renew=True, end_date="2026-01-31"), answer("remote_support", "S-1", None)),
        (
            bought("2026-01-30", auto_renew=True, end_date="2026-01-31"),
            answer("subscription_lapsed", "S-1", "2026-01-30"),
        ),
        (bought(start_date="2026-11-23"), answer("remote_support", "S-1", "2027-03-31")),
        (bought(start_date="2026-11-24"), answer("not_entitled")),
        (bought(product="P-200"), answer("not_entitled")),
        (World(), answer("not_entitled")),
    ],
)
def test_active_lapsed_to_come_or_never_bought(world: World, expected: dict[str, Any]) -> None:
    assert support(world) == expected


def test_the_day_is_the_customers() -> None:
    """03:30Z on the 24th is still the 23rd in Toronto, and the 24th in Paris."""
    assert support(bought("2026-11-23"), "2026-11-24T03:30Z")["outcome"] == "remote_support"
    paris = World(customers=[a_customer(timezone="Europe/Paris")])
    paris = paris.under(a_subscription(), entitlements=[an_entitlement(end="2026-11-23")])
    assert support(paris, "2026-11-24T03:30Z")["outcome"] == "subscription_lapsed"


def test_of_several_an_active_one_then_a_lapsed_one_then_the_latest_then_the_lower_number() -> None:
    lapsed, to_come = bought("2026-01-31", number="S-5"), a_subscription("S-4", start_date="2027-01-01")
    both = lapsed.under(to_come, entitlements=[an_entitlement("S-4")])
    assert support(both) == answer("subscription_lapsed", "S-5", "2026-01-31")
    active = both.under(a_subscription("S-3"), entitlements=[an_entitlement("S-3", end="2026-11-30")])
    assert support(active)["contract_number"] == "S-3"
    later = active.under(a_subscription("S-6"), entitlements=[an_entitlement("S-6", end="2026-12-31")])
    assert support(later)["contract_number"] == "S-6"
    same = later.under(a_subscription("S-10"), entitlements=[an_entitlement("S-10", end="2026-12-31")])
    assert support(same)["contract_number"] == "S-10"
    endless = same.under(a_subscription("S-7", end_date=None), entitlements=[an_entitlement("S-7")])
    assert support(endless)["contract_number"] == "S-7"


def test_a_contract_with_one_single_entitlement_names_the_product() -> None:
    world = bought("2026-01-31").under(a_subscription("S-2"), entitlements=[an_entitlement("S-2", end="2026-12-31")])
    named = support(world, product_id=None, contract_number="S-1")
    assert named == answer("remote_support", "S-2", "2026-12-31")  # §9 chooses among all entitlements for it
    two = bought().under(a_subscription("S-2"), entitlements=[an_entitlement("S-2"), an_entitlement("S-2", "P-200")])
    for number in ("S-2", None):
        assert support(two, product_id=None, contract_number=number)["missing"] == ["product_id"]
    foreign = support(two, contract_number="NONE")
    assert (foreign["outcome"], foreign["reasons"]) == ("remote_support", ["contract_unknown"])


def test_support_answers_by_severity_in_the_customers_zone() -> None:
    world = bought()
    for severity, by in ((1, "17:00"), (2, "19:00"), (None, "22:00"), (3, "22:00")):
        found = decision(world, a_request("software_support", product_id="P-100", severity=severity))
        assert told(found, "respond_by")["respond_by"][11:16] == by
        assert found.queue == "remote_support"


def test_a_lapsed_subscription_has_two_ways_out_with_their_prices() -> None:
    found = decided(bought("2026-01-31"), a_request("software_support", product_id="P-100"))
    offers = evidence.to_json(found.evidence)["offers"]
    assert [offer["code"] for offer in offers] == ["new_licence", "reinstatement"]
    assert {offer["currency"] for offer in offers} == {"CAD"}


# ---- downloads


def download(world: World, **given: Any) -> dict[str, Any]:
    found = decision(world, a_request("software_download", **given))
    return dict(told(found, "outcome", "contract_number", "covered_until", "missing", "reasons"))


def test_all_that_was_bought_is_answered_lapsed_too() -> None:
    one = bought("2026-01-31")
    assert download(one) == answer("answered", "S-1", "2026-01-31")
    two = World().under(a_subscription(), entitlements=[an_entitlement(), an_entitlement(product="P-200")])
    assert download(two) == answer("answered", "S-1", None)
    apart = one.under(a_subscription("S-2"), entitlements=[an_entitlement("S-2", "P-200")])
    assert download(apart) == answer("answered", None, None)
    assert download(apart, contract_number="S-2") == answer("answered", "S-2", "2027-03-31")
    assert download(apart, product_id="P-200") == answer("answered", "S-2", "2027-03-31")


def test_what_has_not_begun_or_was_never_bought_cannot_be_downloaded() -> None:
    to_come = bought(start_date="2026-11-24")
    assert download(to_come) == answer("not_entitled")
    assert download(World()) == answer("not_entitled")
    assert download(bought(), product_id="P-404") == answer("not_entitled")
    assert download(a_world(), contract_number="M-77") == answer("not_entitled")
    begun = to_come.under(a_subscription("S-2"), entitlements=[an_entitlement("S-2", "P-200")])
    assert download(begun) == answer("answered", "S-2", "2027-03-31")


# ---- keys


def test_a_key_is_the_key_centres_unless_the_machine_seems_anothers() -> None:
    anothers = World().under(a_contract("X-1", OTHER), an_item("X-1", site_id=None))
    wrong_type = World().under(a_contract(), an_item(machine_type="7944"))
    for world, outcome, reasons in (
        (a_world(), Outcome.KEY_CENTRE, ()),
        (World(), Outcome.KEY_CENTRE, ()),
        (anothers, Outcome.TRIAGE, (Reason.OWNER_MISMATCH,)),
        (wrong_type, Outcome.TRIAGE, (Reason.MACHINE_TYPE_MISMATCH,)),
    ):
        found = decision(world, a_request("software_key", machine=True))
        assert (found.outcome, found.reasons, found.contract_number) == (outcome, reasons, None)


# ---- moves


def move(world: World, origin: str | None = "ca", destination: str | None = "US", **given: Any) -> dict[str, Any]:
    details = {"origin_country": origin, "destination_country": destination}
    found = decision(world, a_request("appliance_move", details=details, **given))
    return dict(told(found, "outcome", "reasons", "missing"))


def test_a_move_across_a_border_is_approved_by_a_person() -> None:
    approval = {"outcome": "approval", "reasons": [], "missing": []}
    assert move(bought(), product_id="P-100") == approval
    assert move(bought("2020-01-01"), product_id="P-100") == approval
    assert move(a_world(), machine=True) == approval
    assert move(a_world(end_date="2026-01-01"), machine=True) == approval
    assert move(a_world(), contract_number="M-77") == approval


def test_whose_it_is_comes_before_where_it_goes() -> None:
    anothers = {"outcome": "triage", "reasons": ["owner_mismatch"], "missing": []}
    for destination in ("US", "CA"):
        assert move(bought(), product_id="P-404", destination=destination) == anothers
        assert move(World(), machine=True, destination=destination) == anothers
    wrong_type = World().under(a_contract(), an_item(machine_type="7944"))
    assert move(wrong_type, machine=True) == anothers
    sold = a_world(end_date="2026-01-01").under(a_contract("X-1", OTHER), an_item("X-1", site_id=None))
    assert move(sold, machine=True) == anothers
    assert move(bought(), product_id="P-100", machine=True) == anothers  # both named, one not theirs


def test_a_move_that_crosses_no_border() -> None:
    expected = {"outcome": "general_desk", "reasons": ["no_border"], "missing": []}
    assert move(bought(), product_id="P-100", origin="ca", destination="CA") == expected


def test_what_a_move_needs() -> None:
    assert move(World(), None, None, machine=("8286", None))["missing"] == [
        "product_id",
        "details.origin_country",
        "details.destination_country",
    ]
    assert move(bought(), "CA", None, product_id="P-404")["missing"] == ["details.destination_country"]
