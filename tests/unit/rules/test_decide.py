"""The frame around every rule: shapes, statuses, evidence, the rows that are wanted (docs/rules.md §2, §10)."""

import json
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.decision import Decision, MachineRef
from schemas.request import InvalidRequest, ServiceRequest
from schemas.vocabulary import Channel, ContractKind, Kind, Outcome, ServiceLevel
from services.routing import evidence
from services.routing.decide import RULES, Decided, decide
from services.routing.rules.book import Entitlement, Item
from services.routing.rules.coverage import coverage
from services.routing.rules.facts import Areas, Book
from services.routing.rules.outcomes import AFTER
from services.routing.rules.wanted import wants, wants_more
from tests.unit.rules.builders import (
    DEPOTS,
    MONDAY,
    OTHER,
    POLICY,
    SERIAL,
    TERRITORIES,
    TORONTO,
    TYPE,
    K,
    World,
    a_contract,
    a_request,
    a_world,
    an_entitlement,
    an_item,
    at,
    decided,
    decision,
    reads,
)

OUTCOMES = """
onsite_dispatch inProgress queued_for_technician
mail_in pending awaiting_package
parts_shipment inProgress parts_ordered
billable_estimate held estimate_in_preparation
remote_support inProgress queued_for_support
subscription_lapsed pending renewal_offered
not_entitled rejected not_entitled
answered resolved answered
termination_scheduled resolved termination_scheduled
termination_refused rejected notice_too_early
triage held triage
contract_desk held contract_desk
billing_desk held billing_desk
general_desk held general_desk
key_centre held key_centre
approval held under_review
incomplete pending information_needed
"""


def test_status_and_milestone_follow_from_the_outcome() -> None:
    table = {(outcome.value, after.status.value, after.milestone.value) for outcome, after in AFTER.items()}
    assert table == {tuple(line.split()) for line in OUTCOMES.strip().splitlines()}
    assert set(AFTER) == set(Outcome)


def test_every_kind_has_a_rule_but_the_one_that_is_classified_first() -> None:
    assert set(RULES) == set(Kind) - {Kind.REPAIR}


def test_the_decision_of_the_interface_page_to_the_letter() -> None:
    found = decision(a_world(), a_request(machine=True, severity=2, text="…"), ref="r-1")
    assert json.dumps(found.to_json()) == (
        '{"ref": "r-1", "as_of": "2026-11-23T15:00:00Z", "kind": "hardware_repair", '
        '"classification": {"kind": "hardware", "confidence": 1.0, "by": "declared"}, '
        '"outcome": "onsite_dispatch", "rule": "coverage.onsite", "reasons": [], "missing": [], '
        '"service_level": "ONSITE_NBD", "contract_number": "M-77", "covered_until": "2027-03-31", '
        '"machine": {"type": "8286", "serial": "210F3AT"}, "site_id": "S-9", "queue": "CA-QC-MTL", "depot": null, '
        '"respond_by": "2026-11-24T22:00:00Z", '
        '"dates": {"earliest_notice_on": null, "effective_end": null, "last_billed_on": null, "credit_days": null}, '
        '"status": "inProgress", "milestone": "queued_for_technician", "policy": "2026-11-01"}'
    )


def test_instants_are_cut_to_whole_seconds() -> None:
    later = at(MONDAY) + timedelta(microseconds=999_999)
    found = decide(a_request(machine=True), a_world().book(), POLICY, received_at=later).decision
    assert found == decision(a_world(), a_request(machine=True))


def test_the_clock_is_in_the_evidence_day_by_day() -> None:
    said = evidence.to_json(decided(a_world(), a_request(machine=True), "2026-06-23T14:00Z").evidence)
    assert said["clock"] == {
        "promise": "business_days",
        "days": 1,
        "qualified_at": "2026-06-23T14:00:00Z",
        "zone": "America/Toronto",
        "country": "CA",
        "province": "QC",
        "base_day": "2026-06-23",
        "skipped": [{"day": "2026-06-24", "why": "holiday", "name": "Saint John the Baptist Day"}],
        "pauses": [],
        "due": "2026-06-25T21:00:00Z",
    }


def test_the_evidence_names_its_policy_its_data_and_the_words_that_weighed() -> None:
    request = a_request("repair", text="thing")
    said = evidence.to_json(decided(a_world(), request, classify=reads("hardware", 0.6)).evidence)
    assert said["policy"] == POLICY.version
    assert set(said["data"]) == {"holidays", "tzdata"}
    assert said["text"] == {
        "kind": "hardware",
        "confidence": 0.6,
        "threshold": 0.75,
        "conflict_above": 0.9,
        "words": [{"word": "thing", "weight": 0.1}],
        "model": "7",
    }
    assert said["steps"][-1]["answer"] == "unclear"


# ---- any request against any small world

days = st.dates(date(2026, 9, 1), date(2027, 2, 28)).map(date.isoformat)
maybe_day = st.none() | days
serials = st.sampled_from(["A1", "B2", "C3"])
types = st.sampled_from(["8286", "7944"])
sites = st.sampled_from(["S-9", "S-10", "S-20", None])
numbers = ["M-1", "M-2", "M-3", "X-1"]
hardware = st.sampled_from([kind for kind in ContractKind if kind is not ContractKind.SOFTWARE_SUBSCRIPTION])
flags = st.booleans()


@st.composite
def worlds(draw: st.DrawFn) -> World:
    contracts = [
        a_contract(
            number,
            OTHER if number == "X-1" else K,
            kind=draw(hardware),
            start_date=draw(days),
            end_date=draw(maybe_day),
            auto_renew=draw(flags),
            service_level=draw(st.sampled_from(ServiceLevel)),
            prepaid_until=draw(maybe_day),
            customer_minimum_months=draw(st.sampled_from([None, 0, 1])),
        )
        for number in numbers
    ]
    subscriptions = [
        a_contract(number, owner, kind=ContractKind.SOFTWARE_SUBSCRIPTION, service_level=None, start_date=draw(days))
        for number, owner in (("S-1", K), ("S-2", K), ("S-3", OTHER))
    ]
    items: list[Item] = [
        an_item(
            draw(st.sampled_from(numbers)),
            machine_type=draw(types),
            serial=draw(serials),
            site_id=draw(sites),
            coverage_start=draw(maybe_day),
            coverage_end=draw(maybe_day),
            ended_on=draw(maybe_day),
            replaces_serial=draw(st.none() | serials),
        )
        for _ in range(draw(st.integers(0, 6)))
    ]
    entitlements: list[Entitlement] = [
        an_entitlement(
            draw(st.sampled_from(["S-1", "S-2", "S-3"])), draw(st.sampled_from(["P-1", "P-2"])), draw(maybe_day)
        )
        for _ in range(draw(st.integers(0, 4)))
    ]
    return World(contracts=[*contracts, *subscriptions], items=items, entitlements=entitlements)


details: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "termination": st.fixed_dictionaries(
        {
            "party": st.sampled_from([None, "customer", "provider", "breach"]),
            "requested_on": maybe_day,
            "sent_on": maybe_day,
            "evidence": st.sampled_from([None, "seen"]),
        }
    ),
    "machine_transfer": st.fixed_dictionaries({"reason": st.sampled_from([None, "sold"]), "event_date": maybe_day}),
    "appliance_move": st.fixed_dictionaries(
        dict.fromkeys(("origin_country", "destination_country"), st.sampled_from([None, "CA", "US"]))
    ),
    "contract_change": st.fixed_dictionaries({"action": st.sampled_from([None, "add", "cancel"])}),
    "billing_dispute": st.fixed_dictionaries({"invoice_number": st.sampled_from([None, "I-1"])}),
}


@st.composite
def requests(draw: st.DrawFn) -> ServiceRequest:
    kind = draw(st.sampled_from([kind.value for kind in Kind]))
    return a_request(
        kind,
        customer_number=draw(st.sampled_from([K, K, K, OTHER, "C-404", None])),
        contract_number=draw(st.sampled_from([None, None, *numbers, "S-1", "S-3", "NONE"])),
        machine=(draw(st.none() | types), draw(st.none() | serials)),
        product_id=draw(st.sampled_from([None, "P-1", "P-9"])),
        site_id=draw(sites),
        severity=draw(st.sampled_from([None, 1, 4])),
        text=draw(st.sampled_from([None, "broken"])),
        details=draw(details.get(kind, st.just({}))),
    )


said = st.builds(reads, st.sampled_from(["hardware", "software"]), st.sampled_from([0.5, 0.8, 0.95]))
any_case = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def answer(book: Book, request: ServiceRequest, classify: Any, channel: Channel | None = None) -> Decided | str:
    try:
        return decide(request, book, POLICY, received_at=at(MONDAY), classify=classify, channel=channel)
    except InvalidRequest as refusal:
        return str(refusal)


@any_case
@given(worlds(), requests(), said, st.sampled_from([None, *Channel]))
def test_every_request_gets_one_decision_that_holds_together(
    world: World, request: ServiceRequest, classify: Any, channel: Channel | None
) -> None:
    found = answer(world.book(), request, classify, channel)
    if isinstance(found, str):
        assert "details." in found
        return
    made = found.decision
    assert Decision.from_json(json.loads(json.dumps(made.to_json()))) == made
    json.dumps(evidence.to_json(found.evidence))
    after = AFTER[made.outcome]
    assert (made.status, made.milestone) == (after.status, after.milestone)
    assert (made.outcome is Outcome.INCOMPLETE) <= bool(made.missing)
    assert (made.outcome is Outcome.TRIAGE) <= bool(made.reasons)
    assert (made.machine is None) is (made.service_level is None)
    assert (made.respond_by is not None) is (
        made.outcome is Outcome.REMOTE_SUPPORT
        or (made.outcome is Outcome.ONSITE_DISPATCH and made.queue in {one.territory for one in TERRITORIES})
    )
    if made.outcome in (Outcome.TRIAGE, Outcome.NOT_ENTITLED, Outcome.BILLABLE_ESTIMATE, Outcome.INCOMPLETE):
        assert (made.contract_number, made.covered_until, made.site_id, made.machine) == (None, None, None, None)
    own = {contract.number for contract in world.contracts if contract.customer_number == request.customer_number}
    assert made.contract_number is None or made.contract_number in own
    hidden = "X-1" if request.customer_number == K else "M-"
    if request.contract_number is None or not request.contract_number.startswith(hidden):
        assert hidden not in json.dumps(evidence.to_json(found.evidence) | made.to_json())


@any_case
@given(worlds(), requests(), said, st.randoms(use_true_random=False))
def test_the_same_rows_in_any_order_give_the_same_answer(
    world: World, request: ServiceRequest, classify: Any, shuffler: Any
) -> None:
    before = answer(world.book(), request, classify)
    for rows in (world.items, world.contracts, world.entitlements, world.sites, world.customers):
        shuffler.shuffle(rows)
    after = answer(world.book(), request, classify)
    if isinstance(before, str) or isinstance(after, str):
        assert before == after
    else:
        assert before.decision == after.decision


@any_case
@given(worlds(), requests(), said)
def test_the_same_question_gets_the_same_answer(world: World, request: ServiceRequest, classify: Any) -> None:
    """Also of a book that was asked before, and in its evidence."""
    book = world.book()
    first, again = answer(book, request, classify), answer(book, request, classify)
    if isinstance(first, str) or isinstance(again, str):
        assert first == again
    else:
        assert first.decision == again.decision
        assert evidence.to_json(first.evidence) == evidence.to_json(again.evidence)


@settings(any_case, max_examples=200)
@given(worlds(), st.sampled_from(numbers), maybe_day, maybe_day, st.sampled_from(ServiceLevel))
def test_one_more_item_never_lowers_the_level_that_is_found(
    world: World, contract: str, start: str | None, end: str | None, level: ServiceLevel
) -> None:
    """Whoever's it is, whatever its dates; all items are on one machine. What is covered stays so."""
    ranks = {found: rank for rank, found in enumerate([*ServiceLevel, None])}
    world.items = [replace(item, machine_type=TYPE, serial=SERIAL) for item in world.items]
    world.contracts = [replace(one, start_date=date(2026, 1, 1), end_date=None) for one in world.contracts]

    def found() -> ServiceLevel | None:
        best = coverage(MachineRef(TYPE, SERIAL), K, world.book(), at(MONDAY), ZoneInfo(TORONTO)).winner
        return None if best is None else best.level

    before = found()
    world.items.append(an_item(contract, coverage_start=start, coverage_end=end, service_level=level))
    assert ranks[found()] <= ranks[before]


@any_case
@given(worlds(), requests(), said)
def test_the_rows_that_are_wanted_are_enough(world: World, request: ServiceRequest, classify: Any) -> None:
    whole, part = answer(world.book(), request, classify), answer(_wanted(world, request), request, classify)
    if isinstance(whole, str) or isinstance(part, str):
        assert whole == part
    else:
        assert whole.decision == part.decision
        assert evidence.to_json(whole.evidence) == evidence.to_json(part.evidence)


def _wanted(world: World, request: ServiceRequest) -> Book:
    """Just the rows that `wants` and `wants_more` name, and those that come with them."""
    wanted = wants(request)
    serials = {wanted.serial} - {None}
    items = [
        item
        for item in world.items
        if item.serial in serials or (wanted.items_of_contract and item.contract_number == wanted.contract_number)
    ]
    book = _book_of(world, request, items)
    loaded: set[str] = {serial for serial in serials if serial is not None}
    while more := wants_more(request, book, at(MONDAY), loaded):
        loaded |= more
        items += [item for item in world.items if item.serial in more and item not in items]
        book = _book_of(world, request, items)
    return book


def _book_of(world: World, request: ServiceRequest, items: list[Item]) -> Book:
    wanted = wants(request)
    entitled = {one.number for one in world.contracts if one.customer_number == wanted.customer_number}
    entitlements = [one for one in world.entitlements if wanted.entitlements and one.contract_number in entitled]
    numbers = {item.contract_number for item in items} | {one.contract_number for one in entitlements}
    contracts = [one for one in world.contracts if one.number in numbers | {wanted.contract_number}]
    owners = {one.customer_number for one in contracts} | {wanted.customer_number}
    sites = {item.site_id for item in items} | {wanted.site_id}
    return Book(
        areas=Areas(TERRITORIES, DEPOTS),
        customers=[one for one in world.customers if one.number in owners],
        sites=[one for one in world.sites if one.site_id in sites],
        contracts=contracts,
        items=items,
        entitlements=entitlements,
    )


def test_a_decision_has_the_fields_of_the_interface_in_order() -> None:
    made = decision(a_world(), a_request(machine=True))
    assert list(made.to_json()) == [field.name for field in fields(Decision)]


def test_a_policy_has_its_own_terms_where_a_country_differs() -> None:
    assert POLICY.of("US") is not POLICY.of("CA")
    assert POLICY.of("XX") is POLICY.terms


@pytest.mark.parametrize("channel", list(Channel))
def test_a_refusal_is_in_the_requests_language(channel: Channel) -> None:
    asked = {"party": "provider", "sent_on": "2026-11-01"}
    request = a_request("termination", machine=True, language="fr", details=asked)
    with pytest.raises(InvalidRequest, match="Un avis du fournisseur"):
        decision(a_world(), request, channel=channel)
