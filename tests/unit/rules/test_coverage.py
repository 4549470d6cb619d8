"""Coverage and the repair that follows from it (docs/rules.md §4)."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.decision import Decision
from schemas.vocabulary import ContractKind, Outcome, Reason, ServiceLevel
from services.routing import evidence
from tests.unit.rules.builders import (
    MONDAY,
    OTHER,
    SERIAL,
    TERRITORIES,
    TYPE,
    World,
    a_contract,
    a_customer,
    a_request,
    a_site,
    a_world,
    an_item,
    decided,
    decision,
    told,
)


def repair(world: World, received: str = MONDAY, **given: Any) -> Decision:
    return decision(world, a_request(**({"machine": True} | given)), received)


def test_a_machine_is_covered_until_midnight_at_its_site() -> None:
    """coverage_end 2026-11-23, received 2026-11-24T03:30Z, site in America/Toronto (22:30 on the 23rd): covered."""
    world = World().under(a_contract(), an_item(coverage_end="2026-11-23"))
    assert repair(world, "2026-11-24T03:30Z").outcome is Outcome.ONSITE_DISPATCH
    assert repair(world, "2026-11-24T05:00Z").outcome is Outcome.BILLABLE_ESTIMATE


@pytest.mark.parametrize(
    ("level", "outcome", "queue", "depot"),
    [
        *((f"ONSITE_{name}", "onsite_dispatch", "CA-QC-MTL", None) for name in ("4H_24X7", "4H_9X5", "SBD", "NBD")),
        ("DEPOT_COURIER", "mail_in", None, "D-MTL"),
        ("DEPOT_MAIL_IN", "mail_in", None, "D-MTL"),
        ("PARTS_ONLY", "parts_shipment", "parts_desk", None),
    ],
)
def test_the_level_found_decides(level: str, outcome: str, queue: str | None, depot: str | None) -> None:
    found = repair(a_world(service_level=ServiceLevel(level)))
    assert told(found, "outcome", "service_level", "queue", "depot", "site_id") == {
        "outcome": outcome,
        "service_level": level,
        "queue": queue,
        "depot": depot,
        "site_id": "S-9",
    }


def test_what_is_not_covered_gets_an_estimate_and_names_no_contract() -> None:
    found = repair(a_world(end_date="2026-11-22"))
    assert told(found, "outcome", "queue", "contract_number", "covered_until", "machine", "reasons", "status") == {
        "outcome": "billable_estimate",
        "queue": "billing_desk",
        "contract_number": None,
        "covered_until": None,
        "machine": None,
        "reasons": [],
        "status": "held",
    }


@pytest.mark.parametrize(
    ("contract", "item", "covers"),
    [
        ({"end_date": "2026-11-23"}, {}, True),
        ({"end_date": "2026-11-22"}, {}, False),
        ({"end_date": "2026-11-22"}, {"coverage_end": "2027-01-01"}, False),
        ({"start_date": "2026-11-23"}, {}, True),
        ({"start_date": "2026-11-24"}, {"coverage_start": "2026-01-01"}, False),
        ({}, {"coverage_start": "2026-11-24"}, False),
        ({}, {"coverage_end": "2026-11-22"}, False),
        ({}, {"ended_on": "2026-11-24"}, True),
        ({}, {"ended_on": "2026-11-23"}, False),
        ({"end_date": "2026-11-22", "auto_renew": True}, {}, True),
        ({"end_date": "2026-11-22", "auto_renew": True}, {"coverage_end": "2026-11-22"}, True),
        ({"end_date": "2026-11-22", "auto_renew": True}, {"coverage_end": "2026-11-21"}, False),
        ({"end_date": "2026-11-22", "auto_renew": True}, {"ended_on": "2026-11-23"}, False),
        ({"end_date": None}, {}, True),
    ],
)
def test_windows_are_closed_at_both_ends(contract: dict[str, Any], item: dict[str, Any], covers: bool) -> None:
    world = World().under(a_contract(**contract), an_item(**item))
    assert (repair(world).outcome is Outcome.ONSITE_DISPATCH) is covers


@pytest.mark.parametrize(
    ("contract", "item", "until"),
    [
        ({}, {}, "2027-03-31"),
        ({}, {"coverage_end": "2026-12-31"}, "2026-12-31"),
        ({}, {"coverage_end": "2028-12-31"}, "2027-03-31"),
        ({}, {"ended_on": "2026-12-01"}, "2026-11-30"),
        ({"auto_renew": True}, {}, None),
        ({"auto_renew": True}, {"coverage_end": "2027-03-31"}, None),
        ({"auto_renew": True}, {"coverage_end": "2028-03-31"}, "2028-03-31"),
    ],
)
def test_covered_until_is_what_item_contract_and_early_end_all_allow(
    contract: dict[str, Any], item: dict[str, Any], until: str | None
) -> None:
    found = repair(World().under(a_contract(**contract), an_item(**item)))
    assert told(found, "covered_until") == {"covered_until": until}


def test_each_level_goes_before_the_next() -> None:
    """ONSITE_4H_24X7 > ONSITE_4H_9X5 > ONSITE_SBD > ONSITE_NBD > DEPOT_COURIER > DEPOT_MAIL_IN > PARTS_ONLY."""
    for better, worse in itertools.pairwise(ServiceLevel):
        world = World().under(a_contract("M-1", service_level=worse), an_item("M-1"))
        world = world.under(a_contract("M-2", service_level=better, end_date="2026-12-31"), an_item("M-2"))
        assert repair(world).service_level is better


def test_an_items_own_level_goes_before_its_contracts() -> None:
    world = World().under(a_contract(), an_item(service_level=ServiceLevel.DEPOT_COURIER))
    assert repair(world).service_level is ServiceLevel.DEPOT_COURIER


def test_of_equal_levels_the_later_end_then_the_lower_number_then_the_lower_site_wins() -> None:
    sooner = World().under(a_contract("M-1", end_date="2027-01-31"), an_item("M-1"))
    assert repair(sooner.under(a_contract("M-2"), an_item("M-2"))).contract_number == "M-2"
    endless = sooner.under(a_contract("M-2", auto_renew=True), an_item("M-2"))
    assert repair(endless).contract_number == "M-2"
    same = World().under(a_contract("M-2"), an_item("M-2")).under(a_contract("M-10"), an_item("M-10"))
    assert repair(same).contract_number == "M-10"
    sites = World().under(a_contract(), an_item(site_id=None), an_item(site_id="S-9"), an_item(site_id="S-10"))
    assert repair(sites).site_id == "S-10"


def test_another_customers_covered_machine_is_shown_to_a_person_and_to_nobody_else() -> None:
    world = World().under(a_contract("X-1", OTHER), an_item("X-1", site_id="S-20"))
    found = decided(world, a_request(machine=True))
    assert told(found.decision, "outcome", "reasons", "contract_number", "site_id", "machine", "queue") == {
        "outcome": "triage",
        "reasons": ["owner_mismatch"],
        "contract_number": None,
        "site_id": None,
        "machine": None,
        "queue": "triage",
    }
    said = evidence.to_json(found.evidence)
    assert said["coverage"]["compared"] == []
    assert said["coverage"]["hidden"] == 1
    assert "X-1" not in str(said)


def test_own_coverage_goes_before_anothers_and_anothers_before_a_wrong_type() -> None:
    world = World().under(a_contract("X-1", OTHER), an_item("X-1", site_id=None))
    both = world.under(a_contract(), an_item())
    assert repair(both).outcome is Outcome.ONSITE_DISPATCH
    ended = world.under(a_contract(end_date="2026-01-01"), an_item())
    assert repair(ended).reasons == (Reason.OWNER_MISMATCH,)
    wrong_type = world.under(a_contract(), an_item(machine_type="7944"))
    assert repair(wrong_type).reasons == (Reason.OWNER_MISMATCH,)


def test_another_customers_ended_machine_is_nobodys() -> None:
    world = World().under(a_contract("X-1", OTHER, end_date="2026-01-01"), an_item("X-1", site_id=None))
    assert repair(world).outcome is Outcome.BILLABLE_ESTIMATE


def test_another_customers_machine_is_judged_on_its_own_customers_day() -> None:
    """03:30Z on the 24th is still the 23rd in Toronto, and already the 24th in Paris."""
    for zone, reasons in (("America/Toronto", (Reason.OWNER_MISMATCH,)), ("Europe/Paris", ())):
        world = World(customers=[a_customer(), a_customer(OTHER, timezone=zone)])
        world = world.under(a_contract("X-1", OTHER, end_date="2026-11-23"), an_item("X-1", site_id=None))
        assert repair(world, "2026-11-24T03:30Z").reasons == reasons


def test_a_serial_held_under_another_type_only_is_a_type_to_check_whatever_the_dates() -> None:
    for end in ("2027-03-31", "2025-12-31"):
        world = World().under(a_contract(end_date=end), an_item(machine_type="7944"))
        assert repair(world).reasons == (Reason.MACHINE_TYPE_MISMATCH,)
    held_too = world.under(a_contract("M-2", end_date="2025-12-31"), an_item("M-2"))
    assert repair(held_too).outcome is Outcome.BILLABLE_ESTIMATE


def test_spelling_does_not_matter() -> None:
    found = repair(a_world(), machine=("82-86", " 21‑0f/3at. "))
    assert told(found, "machine") == {"machine": {"type": TYPE, "serial": SERIAL}}


def test_an_item_without_a_site_takes_the_requests() -> None:
    world = World().under(a_contract(), an_item(site_id=None))
    found = repair(world, site_id="S-10")
    assert (found.site_id, found.queue, found.reasons) == ("S-10", "CA-QC-MTL", ())


def test_the_requests_site_does_not_count_for_the_day() -> None:
    """The item has no site: its day is the customer's, where the 23rd is over; the request's site is far to the west."""
    sites = [a_site("S-1", postal_code="V5K0A1", province="BC")]
    world = World(sites=sites).under(a_contract(), an_item(site_id=None, coverage_end="2026-11-23"))
    assert repair(world, "2026-11-24T06:00Z", site_id="S-1").outcome is Outcome.BILLABLE_ESTIMATE


def test_each_item_is_judged_on_its_own_sites_day() -> None:
    """05:30Z on the 24th: over in Toronto by its postal code, not in Vancouver where one site says that it stands."""
    sites = [a_site(), a_site("S-1", timezone="America/Vancouver")]
    world = World(sites=sites).under(a_contract(end_date="2026-11-23"), an_item())
    assert repair(world, "2026-11-24T05:30Z").outcome is Outcome.BILLABLE_ESTIMATE
    west = World(sites=sites).under(a_contract(end_date="2026-11-23"), an_item(site_id="S-1"))
    assert repair(west, "2026-11-24T05:30Z").outcome is Outcome.ONSITE_DISPATCH


def test_an_onsite_visit_needs_a_zone_and_a_territory() -> None:
    nowhere = World().under(a_contract(), an_item(site_id=None))
    assert repair(nowhere).reasons == (Reason.SITE_UNKNOWN,)
    for timezone, reason in ((None, Reason.SITE_UNKNOWN), ("America/Halifax", Reason.TERRITORY_UNKNOWN)):
        sites = [a_site(postal_code="B3H4R2", timezone=timezone)]
        world = World(sites=sites).under(a_contract(), an_item())
        found = repair(world)
        assert found.reasons == (reason,)
        assert told(found, "outcome", "site_id", "contract_number", "machine") == {
            "outcome": "triage",
            "site_id": None,
            "contract_number": None,
            "machine": None,
        }


def test_the_longest_prefix_wins_and_the_star_is_the_countrys_default() -> None:
    broad, narrow = (
        replace(TERRITORIES[0], postal_prefix="*", territory="CA"),
        replace(TERRITORIES[0], postal_prefix="H3B", territory="CA-H3B"),
    )
    world = replace(a_world(), territories=[*TERRITORIES, broad, narrow])
    assert repair(world).queue == "CA-H3B"
    for elsewhere in (a_site(postal_code="B3H4R2"), a_site(postal_code=None)):
        assert repair(replace(world, sites=[elsewhere])).queue == "CA"


def test_a_depot_serves_the_sites_province_else_the_country_and_without_a_site_the_customers() -> None:
    depot = a_world(service_level=ServiceLevel.DEPOT_MAIL_IN)
    assert repair(depot).depot == "D-MTL"
    assert repair(replace(depot, sites=[a_site(province="BC")])).depot == "D-TOR"
    assert repair(replace(depot, sites=[])).depot == "D-MTL"
    found = repair(replace(depot, depots=[]))
    assert (found.outcome, found.reasons) == (Outcome.TRIAGE, (Reason.DEPOT_UNKNOWN,))


@pytest.mark.parametrize(
    ("item_sites", "asked", "differs"),
    [
        (["S-9"], "S-10", True),
        (["S-9"], "S-9", False),
        (["S-9"], "S-20", False),  # another customer's
        (["S-9"], "S-404", False),
        ([None], "S-10", False),
        (["S-9", "S-10"], None, True),
        (["S-9", None], None, False),
    ],
)
def test_sites_that_differ_are_a_reason_to_look(item_sites: list[str | None], asked: str | None, differs: bool) -> None:
    world = World().under(a_contract(), *(an_item(site_id=site) for site in item_sites))
    assert repair(world, site_id=asked).reasons == ((Reason.SITE_DIFFERS,) if differs else ())


def test_the_reason_comes_before_what_is_added_to_it() -> None:
    world = World(sites=[a_site(postal_code="B3H4R2"), a_site("S-10")]).under(a_contract(), an_item())
    found = repair(world, site_id="S-10", contract_number="NONE")
    assert found.reasons == (Reason.SITE_UNKNOWN, Reason.SITE_DIFFERS, Reason.CONTRACT_UNKNOWN)


def test_an_amendment_keeps_the_day_and_restarts_the_clock() -> None:
    """The day of coverage is the original receipt's; the response clock runs from the amendment."""
    world = World().under(a_contract(), an_item(coverage_end="2026-11-23"))
    found = decided(world, a_request(machine=True), MONDAY, qualified_at=_amended_on_wednesday()).decision
    assert told(found, "as_of", "outcome", "respond_by") == {
        "as_of": "2026-11-23T15:00:00Z",
        "outcome": "onsite_dispatch",
        "respond_by": "2026-11-26T22:00:00Z",
    }


def test_why_each_item_lost_is_kept() -> None:
    world = a_world()
    world = world.under(a_contract("M-12", service_level=ServiceLevel.DEPOT_MAIL_IN), an_item("M-12"))
    world = world.under(a_contract("M-05"), an_item("M-05", ended_on="2026-11-01"))
    world = world.under(a_contract("W-1", kind=ContractKind.WARRANTY), an_item("W-1", machine_type="7944"))
    said = evidence.to_json(decided(world, a_request(machine=True)).evidence)
    assert {one["contract_number"]: one["lost_by"] for one in said["coverage"]["compared"]} == {
        "M-77": None,
        "M-12": "lower_level",
        "M-05": "ended_early",
        "W-1": "other_type",
    }


def _amended_on_wednesday() -> Any:
    from tests.unit.rules.builders import at

    return at("2026-11-25T15:00Z")


levels = st.sampled_from(ServiceLevel)
spans = st.sampled_from(["2026-11-22", "2026-11-23", "2027-01-31", None])
contracts = st.lists(st.tuples(levels, spans, st.sampled_from(["S-9", "S-10", None])), min_size=1, max_size=5)


def _world(rows: list[tuple[ServiceLevel, str | None, str | None]]) -> World:
    world = World()
    for number, (level, end, site) in enumerate(rows):
        world = world.under(
            a_contract(f"M-{number}", service_level=level, end_date=end), an_item(f"M-{number}", site_id=site)
        )
    return world


@settings(max_examples=60, deadline=None)
@given(contracts, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[Any], shuffler: Any) -> None:
    world = _world(rows)
    before = decided(world, a_request(machine=True))
    shuffler.shuffle(world.items)
    shuffler.shuffle(world.contracts)
    after = decided(world, a_request(machine=True))
    assert after.decision == before.decision
    assert evidence.to_json(after.evidence) == evidence.to_json(before.evidence)


@settings(max_examples=60, deadline=None)
@given(contracts, levels, spans)
def test_one_more_contract_never_lowers_the_level(rows: list[Any], level: ServiceLevel, end: str | None) -> None:
    ranks = {found: rank for rank, found in enumerate([*ServiceLevel, None])}
    before = repair(_world(rows), site_id="S-9").service_level
    after = repair(_world([*rows, (level, end, "S-9")]), site_id="S-9").service_level
    assert ranks[after] <= ranks[before]
