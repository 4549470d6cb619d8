"""Ending maintenance, returning and selling machines (docs/rules.md §6, §7)."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.request import InvalidRequest
from schemas.vocabulary import Channel, ContractKind, Outcome, Reason
from services.routing.rules.dates import add_months
from tests.unit.rules.builders import (
    OTHER,
    World,
    a_contract,
    a_customer,
    a_request,
    an_item,
    decision,
    told,
)


def maintained(since: str, end: str | None = "2030-12-31", **contract: Any) -> World:
    """A machine under maintenance from `since`."""
    return World().under(a_contract(start_date=since, end_date=end, **contract), an_item())


def noon(day: str) -> str:
    return f"{day}T17:00:00Z"  # 12:00 or 13:00 in Toronto


def end_by_customer(world: World, on: str, **details: Any) -> dict[str, Any]:
    request = a_request("termination", machine=True, details={"party": "customer", **details})
    return dict(told(decision(world, request, noon(on)), "outcome", "dates", "reasons"))


def end_by_provider(world: World, on: str, sent_on: str, **details: Any) -> dict[str, Any]:
    request = a_request("termination", machine=True, details={"party": "provider", "sent_on": sent_on, **details})
    return dict(told(decision(world, request, noon(on)), "outcome", "dates", "reasons"))


def scheduled(effective: str, last_billed: str, credit: int | None = None) -> dict[str, Any]:
    dates = {
        "earliest_notice_on": None,
        "effective_end": effective,
        "last_billed_on": last_billed,
        "credit_days": credit,
    }
    return {"outcome": "termination_scheduled", "dates": dates, "reasons": []}


def refused(earliest: str) -> dict[str, Any]:
    dates = {"earliest_notice_on": earliest, "effective_end": None, "last_billed_on": None, "credit_days": None}
    return {"outcome": "termination_refused", "dates": dates, "reasons": []}


def test_start_2025_08_31_notice_from_2026_02_28_notice_that_day_effective_2026_03_28() -> None:
    world = maintained("2025-08-31")
    assert end_by_customer(world, "2026-02-27") == refused("2026-02-28")
    assert end_by_customer(world, "2026-02-28") == scheduled("2026-03-28", "2026-03-27")


def test_notice_2026_01_31_effective_2026_02_28() -> None:
    assert end_by_customer(maintained("2024-01-01"), "2026-01-31") == scheduled("2026-02-28", "2026-02-27")


def test_provider_start_2024_02_29_sent_2025_02_28_effective_2025_05_28() -> None:
    world = maintained("2024-02-29")
    assert end_by_provider(world, "2025-03-01", "2025-02-28") == scheduled("2025-05-28", "2025-05-27")
    assert end_by_provider(world, "2025-03-01", "2025-02-27") == refused("2025-02-28")


def test_a_later_wish_is_granted_and_an_earlier_one_is_not() -> None:
    world = maintained("2024-01-01")
    assert end_by_customer(world, "2026-11-23", requested_on="2027-02-15") == scheduled("2027-02-15", "2027-02-14")
    assert end_by_customer(world, "2026-11-23", requested_on="2026-11-25") == scheduled("2026-12-23", "2026-12-22")
    by_provider = end_by_provider(world, "2026-11-23", "2026-11-01", requested_on="2027-06-01")
    assert by_provider == scheduled("2027-06-01", "2027-05-31")


def test_coverage_is_never_stretched() -> None:
    """`effective_end` is never after the day following `covered_until`."""
    world = maintained("2024-01-01", end="2026-12-05")
    assert end_by_customer(world, "2026-11-23") == scheduled("2026-12-06", "2026-12-05")


def test_too_early_still_gives_a_date_beyond_the_coverage() -> None:
    assert end_by_customer(maintained("2026-10-01", end="2026-12-31"), "2026-11-23") == refused("2027-04-01")


@pytest.mark.parametrize(
    ("prepaid", "credit"), [("2026-12-31", 9), ("2026-12-23", 1), ("2026-12-22", 0), ("2025-01-01", 0), (None, None)]
)
def test_prepaid_days_after_the_end_become_a_credit(prepaid: str | None, credit: int | None) -> None:
    world = maintained("2024-01-01", prepaid_until=prepaid)
    assert end_by_customer(world, "2026-11-23") == scheduled("2026-12-23", "2026-12-22", credit)


def test_an_addendum_replaces_the_months_zero_too() -> None:
    world = maintained("2026-11-01", customer_minimum_months=0, customer_notice_months=0)
    assert end_by_customer(world, "2026-11-23") == scheduled("2026-11-23", "2026-11-22")
    world = maintained("2026-01-01", provider_minimum_months=3, provider_notice_months=6)
    assert end_by_provider(world, "2026-11-23", "2026-04-01") == scheduled("2026-10-01", "2026-09-30")


def test_received_on_is_the_local_date() -> None:
    """04:30Z on the 28th is still the 27th in Toronto."""
    request = a_request("termination", machine=True, details={"party": "customer"})
    found = decision(maintained("2025-08-31"), request, "2026-02-28T04:30Z")
    assert found.outcome is Outcome.TERMINATION_REFUSED


def test_the_decision_names_the_item_that_ends() -> None:
    request = a_request("termination", machine=True, details={"party": "customer"})
    found = decision(maintained("2024-01-01"), request)
    assert told(
        found, "contract_number", "covered_until", "service_level", "site_id", "machine", "queue", "status"
    ) == {
        "contract_number": "M-77",
        "covered_until": "2030-12-31",
        "service_level": "ONSITE_NBD",
        "site_id": "S-9",
        "machine": {"type": "8286", "serial": "210F3AT"},
        "queue": None,
        "status": "resolved",
    }


def test_a_breach_is_weighed_by_a_person() -> None:
    request = a_request("termination", machine=True, details={"party": "breach", "evidence": "No visit in 30 days"})
    found = decision(maintained("2026-11-01"), request)
    assert told(found, "outcome", "queue", "status", "milestone", "contract_number") == {
        "outcome": "approval",
        "queue": "approval",
        "status": "held",
        "milestone": "under_review",
        "contract_number": "M-77",
    }
    assert set(found.to_json()["dates"].values()) == {None}


def test_only_maintenance_can_be_ended() -> None:
    warranty = a_contract("W-1", kind=ContractKind.WARRANTY, start_date="2024-01-01")
    only_warranty = World().under(warranty, an_item("W-1"))
    assert end_by_customer(only_warranty, "2026-11-23")["reasons"] == ["not_under_contract"]
    both = maintained("2024-01-01").under(warranty, an_item("W-1"))
    assert end_by_customer(both, "2026-11-23")["outcome"] == "termination_scheduled"


def test_the_named_contracts_item_is_the_one_that_ends() -> None:
    world = maintained("2024-01-01").under(a_contract("M-1", start_date="2024-01-01"), an_item("M-1"))
    world = world.under(a_contract("M-2", start_date="2020-01-01", end_date="2026-01-01"), an_item("M-2"))
    for named, ended in ((None, "M-77"), ("M-1", "M-1"), ("M-77", "M-77"), ("m-1 ", "M-1")):
        request = a_request("termination", machine=True, contract_number=named, details={"party": "customer"})
        assert decision(world, request).contract_number == ended
    request = a_request("termination", machine=True, contract_number="M-2", details={"party": "customer"})
    assert decision(world, request).reasons == (Reason.NOT_UNDER_CONTRACT,)


def test_a_machine_that_is_not_this_customers_comes_before_no_maintenance() -> None:
    world = World().under(a_contract("X-1", OTHER), an_item("X-1", site_id=None))
    assert end_by_customer(world, "2026-11-23")["reasons"] == ["owner_mismatch"]
    wrong_type = World().under(a_contract(), an_item(machine_type="7944"))
    assert end_by_customer(wrong_type, "2026-11-23")["reasons"] == ["machine_type_mismatch"]
    own_warranty = world.under(a_contract("W-1", kind=ContractKind.WARRANTY), an_item("W-1"))
    assert end_by_customer(own_warranty, "2026-11-23")["reasons"] == ["not_under_contract"]


def test_a_provider_gives_notice_through_its_staff_only() -> None:
    request = a_request("termination", machine=True, details={"party": "provider", "sent_on": "2026-11-01"})
    for channel in Channel:
        with pytest.raises(InvalidRequest) as refusal:
            decision(maintained("2024-01-01"), request, channel=channel)
        assert [error.path for error in refusal.value.errors] == ["details.party"]
    assert decision(maintained("2024-01-01"), request).outcome is Outcome.TERMINATION_SCHEDULED


def test_a_notice_cannot_be_sent_after_it_was_received() -> None:
    """Once the item is found; before, what is wrong with the machine comes first."""
    with pytest.raises(InvalidRequest) as refusal:
        end_by_provider(maintained("2024-01-01"), "2026-11-23", "2026-11-24")
    assert [(error.path, error.code) for error in refusal.value.errors] == [("details.sent_on", "after_receipt")]
    assert end_by_provider(maintained("2024-01-01"), "2026-11-23", "2026-11-23")["outcome"] == "termination_scheduled"
    assert end_by_provider(World(), "2026-11-23", "2026-11-24")["reasons"] == ["not_under_contract"]


@pytest.mark.parametrize(
    ("machine", "details", "missing"),
    [
        (None, {}, ["machine", "details.party"]),
        (None, {"party": "provider"}, ["machine", "details.sent_on"]),
        (True, {"party": "breach"}, ["details.evidence"]),
        (True, {"party": "breach", "evidence": " "}, ["details.evidence"]),
        (("8286", None), {"party": "customer"}, ["machine.serial"]),
        ((None, "UNKNOWN"), {"party": "customer"}, ["machine.type"]),
    ],
)
def test_what_a_termination_needs(machine: Any, details: dict[str, Any], missing: list[str]) -> None:
    found = decision(maintained("2024-01-01"), a_request("termination", machine=machine, details=details))
    assert told(found, "outcome", "missing", "status", "machine") == {
        "outcome": "incomplete",
        "missing": missing,
        "status": "pending",
        "machine": None,
    }


def chain(*spans: tuple[str, str | None], **given: Any) -> World:
    """One contract after the other on one machine."""
    world = World()
    for number, (start, end) in enumerate(spans):
        world = world.under(a_contract(f"M-{number}", start_date=start, end_date=end), an_item(f"M-{number}", **given))
    return world


def test_a_renewal_or_a_new_contract_number_does_not_start_again() -> None:
    world = chain(("2025-01-01", "2025-12-31"), ("2026-01-01", "2026-10-31"), ("2026-11-01", "2027-10-31"))
    assert end_by_customer(world, "2026-11-23")["outcome"] == "termination_scheduled"


def test_a_gap_of_one_day_starts_again_and_an_overlap_does_not() -> None:
    gap = chain(("2025-01-01", "2026-10-31"), ("2026-11-02", "2027-10-31"))
    assert end_by_customer(gap, "2026-11-23") == refused("2027-05-02")
    overlap = chain(("2025-01-01", "2026-12-31"), ("2026-11-02", "2027-10-31"))
    assert end_by_customer(overlap, "2026-11-23")["outcome"] == "termination_scheduled"
    bridged = chain(("2025-01-01", "2025-12-31"), ("2026-11-01", "2027-10-31"), ("2025-06-01", "2026-10-31"))
    assert end_by_customer(bridged, "2026-11-23")["outcome"] == "termination_scheduled"


def test_an_early_end_breaks_the_chain_and_a_warranty_does_not_join_it() -> None:
    world = World().under(a_contract("M-1", start_date="2025-01-01"), an_item("M-1", ended_on="2026-10-31"))
    world = world.under(a_contract("M-2", start_date="2026-11-01"), an_item("M-2"))
    assert end_by_customer(world, "2026-11-23") == refused("2027-05-01")
    world = World().under(a_contract("W-1", kind=ContractKind.WARRANTY, start_date="2025-01-01"), an_item("W-1"))
    world = world.under(a_contract("M-2", start_date="2026-11-01"), an_item("M-2"))
    assert end_by_customer(world, "2026-11-23") == refused("2027-05-01")


def test_an_items_own_start_counts_even_before_its_contracts() -> None:
    world = World().under(a_contract(start_date="2026-11-01"), an_item(coverage_start="2026-01-15"))
    assert end_by_customer(world, "2026-11-23")["outcome"] == "termination_scheduled"


def test_a_like_for_like_swap_goes_on_and_a_new_owner_starts_again() -> None:
    """The swap counts on any item of the customer's; swaps of swaps too; of another type they do not."""
    new = a_contract("M-2", start_date="2026-11-01")
    older = a_contract("M-1", start_date="2024-01-01")
    world = World().under(older, an_item("M-1", serial="OLD", ended_on="2026-11-01"))
    swapped = world.under(new, an_item("M-2", replaces_serial="OLD"))
    assert end_by_customer(swapped, "2026-11-23")["outcome"] == "termination_scheduled"
    warranty = a_contract("W-1", kind=ContractKind.WARRANTY)
    elsewhere = world.under(new, an_item("M-2")).under(warranty, an_item("W-1", replaces_serial="OLD"))
    assert end_by_customer(elsewhere, "2026-11-23")["outcome"] == "termination_scheduled"
    twice = World().under(older, an_item("M-1", serial="OLDEST", ended_on="2026-06-01"))
    twice = twice.under(
        a_contract("M-3"), an_item("M-3", serial="OLD", replaces_serial="OLDEST", coverage_start="2026-06-01")
    )
    twice = twice.under(new, an_item("M-2", replaces_serial="OLD"))
    assert end_by_customer(twice, "2026-11-23")["outcome"] == "termination_scheduled"
    other_type = World().under(older, an_item("M-1", serial="OLD", machine_type="7944"))
    other_type = other_type.under(new, an_item("M-2", replaces_serial="OLD"))
    assert end_by_customer(other_type, "2026-11-23") == refused("2027-05-01")
    sold = World().under(a_contract("X-1", OTHER, end_date="2026-10-31"), an_item("X-1", site_id=None))
    assert end_by_customer(sold.under(new, an_item("M-2")), "2026-11-23") == refused("2027-05-01")


def test_swaps_in_a_circle_end() -> None:
    world = World().under(a_contract(start_date="2026-11-01"), an_item(replaces_serial="B"))
    world = world.under(a_contract("M-2"), an_item("M-2", serial="B", replaces_serial="210F3AT"))
    assert end_by_customer(world, "2026-11-23")["outcome"] == "termination_scheduled"


# ---- §7


def moved(world: World, on: str, event_date: str, **given: Any) -> dict[str, Any]:
    details = {"reason": "lease_return", "event_date": event_date}
    request = a_request("machine_transfer", **({"machine": True, "details": details} | given))
    return dict(told(decision(world, request, noon(on)), "outcome", "reasons", "dates", "contract_number", "machine"))


@pytest.mark.parametrize(
    ("notice", "event", "effective", "last_billed"),
    [
        pytest.param("2026-11-23", "2026-12-01", "2026-12-23", "2026-12-22", id="notice 2026-11-23, return 2026-12-01"),
        pytest.param("2026-11-23", "2027-02-15", "2027-02-15", "2027-02-14", id="return 2027-02-15"),
        pytest.param("2027-01-31", "2027-02-01", "2027-02-28", "2027-02-27", id="notice 2027-01-31, return 2027-02-01"),
    ],
)
def test_the_worked_examples_of_a_return(notice: str, event: str, effective: str, last_billed: str) -> None:
    assert moved(maintained("2026-11-01"), notice, event) == {
        "outcome": "contract_desk",
        "reasons": [],
        "dates": scheduled(effective, last_billed)["dates"],
        "contract_number": "M-77",
        "machine": {"type": "8286", "serial": "210F3AT"},
    }


def test_a_transfer_is_capped_credited_and_shortened_by_an_addendum_as_an_ending_is() -> None:
    world = maintained("2026-11-01", end="2026-12-31", prepaid_until="2026-12-31", customer_notice_months=0)
    assert moved(world, "2026-11-23", "2026-12-01")["dates"] == scheduled("2026-12-01", "2026-11-30", 31)["dates"]
    assert moved(world, "2026-11-23", "2027-05-01")["dates"] == scheduled("2027-01-01", "2026-12-31", 0)["dates"]


def test_a_machine_without_maintenance_still_goes_to_the_desk() -> None:
    assert moved(World(), "2026-11-23", "2026-12-01") == {
        "outcome": "contract_desk",
        "reasons": ["not_under_contract"],
        "dates": dict.fromkeys(("earliest_notice_on", "effective_end", "last_billed_on", "credit_days")),
        "contract_number": None,
        "machine": None,
    }
    anothers = World().under(a_contract("X-1", OTHER), an_item("X-1", site_id=None))
    assert moved(anothers, "2026-11-23", "2026-12-01")["reasons"] == ["owner_mismatch"]


def test_what_a_transfer_needs() -> None:
    found = decision(World(), a_request("machine_transfer"))
    assert found.missing == ("machine", "details.reason", "details.event_date")


def test_sites_that_differ_are_told_of_endings_and_transfers() -> None:
    for kind, details in (
        ("termination", {"party": "customer"}),
        ("termination", {"party": "breach", "evidence": "x"}),
        ("machine_transfer", {"reason": "sold", "event_date": "2027-01-01"}),
    ):
        request = a_request(kind, machine=True, site_id="S-10", details=details)
        assert decision(maintained("2024-01-01"), request).reasons == (Reason.SITE_DIFFERS,)
        assert decision(World(), request).reasons == (Reason.NOT_UNDER_CONTRACT,)


def test_the_customers_zone_counts_where_the_site_has_none() -> None:
    """03:30Z on the 23rd is the 22nd in Toronto and in Vancouver, but the 23rd in Paris."""
    world = World(customers=[a_customer(timezone="Europe/Paris")])
    world = world.under(a_contract(start_date="2024-01-01"), an_item(site_id=None))
    request = a_request("termination", machine=True, details={"party": "customer"})
    assert told(decision(world, request, "2026-11-23T03:30Z"), "dates")["dates"]["effective_end"] == "2026-12-23"


# ---- months

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@given(days, st.integers(0, 600))
def test_months_keep_the_day_or_clamp_to_the_months_last(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(days, days, st.integers(0, 600))
def test_months_keep_the_order_of_days(first: date, second: date, months: int) -> None:
    first, second = sorted((first, second))
    assert add_months(first, months) <= add_months(second, months)
    assert add_months(first, months) <= add_months(first, months + 1)


@given(st.dates(), st.integers(-200_000, 200_000))
def test_months_stop_at_the_ends_of_the_calendar(day: date, months: int) -> None:
    assert date.min <= add_months(day, months) <= date.max
    assert add_months(day, 0) == day


@settings(max_examples=60, deadline=None)
@given(
    st.dates(date(2024, 1, 1), date(2026, 11, 23)),
    st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2031, 1, 1))),
    st.sampled_from(["2026-11-23", "2026-12-15", "2028-01-01", None]),
)
def test_an_end_is_after_its_notice_or_with_the_coverage(since: date, wish: date | None, end: str | None) -> None:
    requested = None if wish is None else wish.isoformat()
    found = end_by_customer(maintained(since.isoformat(), end=end), "2026-11-23", requested_on=requested)
    if found["outcome"] == "termination_refused":
        assert date.fromisoformat(found["dates"]["earliest_notice_on"]) > date(2026, 11, 23)
        return
    effective = date.fromisoformat(found["dates"]["effective_end"])
    assert effective >= date(2026, 12, 23) or (
        end is not None and effective == date.fromisoformat(end) + timedelta(days=1)
    )
    assert end is None or effective <= date.fromisoformat(end) + timedelta(days=1)
