"""Every decision is what a second, independent reading of docs/rules.md comes to, field by field.

Worlds are small and crowded: few machines, contracts and days, so that rules meet at their edges.
"""

from collections import Counter
from random import Random
from typing import Any, Final

import pytest

from schemas.request import InvalidRequest, ServiceRequest
from schemas.vocabulary import ContractKind, Kind, ServiceLevel
from services.routing.decide import decide
from tests.unit.rules.builders import (
    DEPOTS,
    OTHER,
    POLICY,
    TERRITORIES,
    K,
    World,
    a_contract,
    a_customer,
    a_request,
    a_site,
    an_entitlement,
    an_item,
    at,
    reads,
)
from tests.unit.rules.second_reading import Reader

WORLDS: Final = 40
REQUESTS: Final = 80  # of each world

#: What a decision says where a reading says nothing.
EMPTY: Final[dict[str, Any]] = {
    "reasons": [],
    "missing": [],
    "dates": {},
    **dict.fromkeys(("service_level", "contract_number", "covered_until", "machine", "site_id", "depot", "respond_by")),
}
QUEUES: Final = {
    "billable_estimate": "billing_desk",
    "parts_shipment": "parts_desk",
    "approval": "approval",
    "contract_desk": "contract_desk",
}

BEGINS: Final = ["2024-02-29", "2025-08-31", "2025-08-31", "2025-11-23", "2026-05-23", "2026-05-24", "2026-11-24"]
ENDS: Final = [
    None,
    None,
    None,
    None,
    "2026-05-22",
    "2026-09-30",
    "2026-11-22",
    "2026-11-23",
    "2026-12-31",
    "2027-03-31",
]
MOMENTS: Final = [
    "2026-11-23T15:00Z",
    "2026-11-23T21:59:59Z",
    "2026-11-23T22:00Z",
    "2026-11-24T03:30Z",
    "2026-11-28T16:59:59Z",
    "2026-12-24T17:00Z",
]
CROWDED: Final = [Kind.HARDWARE_REPAIR, Kind.TERMINATION, Kind.MACHINE_TRANSFER, Kind.CONTRACT_CHANGE] * 3
NUMBERS: Final = ["M-1", "M-2", "M-3", "X-1"]


def a_crowded_world(chance: Random) -> World:
    one = chance.choice
    zones = ["America/Toronto", "America/Vancouver", "Europe/Paris"]
    contracts = [
        a_contract(
            number,
            OTHER if number == "X-1" else K,
            kind=one([ContractKind.HARDWARE_MAINTENANCE] * 3 + [ContractKind.WARRANTY]),
            start_date=one(BEGINS),
            end_date=one(ENDS),
            auto_renew=one([True, False]),
            service_level=one(list(ServiceLevel)),
            prepaid_until=one(ENDS),
            customer_minimum_months=one([None, 0, 14]),
            provider_minimum_months=one([None, 2]),
            provider_notice_months=one([None, 1]),
        )
        for number in NUMBERS
    ]
    subscriptions = [
        a_contract(
            number,
            owner,
            kind=ContractKind.SOFTWARE_SUBSCRIPTION,
            service_level=None,
            start_date=one(BEGINS),
            end_date=one(ENDS),
            auto_renew=one([True, False]),
        )
        for number, owner in (("S-1", K), ("S-2", K), ("S-3", OTHER))
    ]
    items = [
        an_item(
            one(NUMBERS),
            machine_type=one(["8286", "8286", "8286", "7944"]),
            serial=one(["A1", "A1", "B2"]),
            site_id=one(["S-9", "S-9", "S-10", None]),
            coverage_start=one([None, *BEGINS]),
            coverage_end=one([None, *ENDS]),
            ended_on=one([None] * 9 + ["2026-10-01"]),
            service_level=one([None, *ServiceLevel]),
            replaces_serial=one([None, None, "B2"]),
        )
        for _ in range(chance.randrange(9))
    ]
    entitlements = [
        an_entitlement(one(["S-1", "S-2", "S-3"]), one(["P-1", "P-1", "P-2"]), one(ENDS))
        for _ in range(chance.randrange(4))
    ]
    return World(
        customers=[a_customer(timezone=one(zones), province=one(["QC", "ON", None])), a_customer(OTHER)],
        sites=[
            a_site(timezone=one([None, *zones]), postal_code=one(["H3B2Y5", "B3H4R2"])),
            a_site("S-10", province="BC"),
        ],
        territories=TERRITORIES,
        depots=DEPOTS[chance.randrange(3) :],
        contracts=[*contracts, *subscriptions],
        items=items,
        entitlements=entitlements,
    )


def a_request_for_it(chance: Random) -> ServiceRequest:
    one = chance.choice
    kind = one([*Kind, *CROWDED]).value
    day = one([None, *BEGINS, "2026-12-01", "2027-04-15"])
    details: dict[str, dict[str, Any]] = {
        "termination": {
            "party": one(["customer", "customer", "customer", "provider", "breach", None]),
            "requested_on": day,
            "sent_on": one([None, "2026-11-23", "2026-11-24", "2026-05-01"]),
            "evidence": one([None, "seen"]),
        },
        "machine_transfer": {"reason": one(["sold", "sold", "sold", None]), "event_date": day},
        "appliance_move": {"origin_country": one(["CA", None]), "destination_country": one(["CA", "US", None])},
        "contract_change": {"action": one(["cancel", "cancel", "add", None])},
        "billing_dispute": {"invoice_number": one([None, "I-1"])},
    }
    return a_request(
        kind,
        customer_number=one([K] * 20 + [None]),
        contract_number=one([None] * 6 + [*NUMBERS, "S-1", "NONE"]),
        machine=(one(["8286"] * 5 + ["7944", None]), one(["A1"] * 5 + ["B2", None])),
        product_id=one([None, None, "P-1", "P-2", "P-9"]),
        site_id=one([None, None, "S-9", "S-10", "S-20"]),
        severity=one([None, 1, 2, 3, 4]),
        text=one([None, "broken"]),
        details=details.get(kind, {}),
    )


def agrees(world: World, request: ServiceRequest, received: str, sort: Any, sure: float) -> str:
    """The outcome that both readings come to; fails where they do not."""
    book, classify = world.book(), reads(sort, sure)
    expected = Reader(world, request, at(received), sort, sure).read()
    if "error" in expected:
        with pytest.raises(InvalidRequest) as refused:
            decide(request, book, POLICY, received_at=at(received), classify=classify)
        assert [one.path for one in refused.value.errors] == [expected["error"]]
        return "error"
    said = decide(request, book, POLICY, received_at=at(received), classify=classify).decision.to_json()
    said["dates"] = {name: value for name, value in said["dates"].items() if value is not None}
    expected = EMPTY | {"queue": QUEUES.get(expected["outcome"])} | expected
    expected["dates"] = {name: value for name, value in expected["dates"].items() if value is not None}
    assert {name: said[name] for name in expected} == expected, (world, request, received)
    return str(said["outcome"])


def test_two_readings_of_the_rules_agree() -> None:
    """On 3,200 cases, the same each time, among them every outcome."""
    chance, outcomes = Random(4), Counter[str]()  # noqa: S311  # cases, not secrets
    for _ in range(WORLDS):
        world = a_crowded_world(chance)
        for _ in range(REQUESTS):
            asked = (chance.choice(MOMENTS), chance.choice(["hardware", "software"]), chance.choice([0.5, 0.75, 0.95]))
            outcomes[agrees(world, a_request_for_it(chance), *asked)] += 1
    assert len(outcomes) == 18, outcomes  # the seventeen, and input that is refused
