"""Facts from SQL decide as the whole contract data in memory does."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from schemas.request import ServiceRequest, parse_request
from schemas.vocabulary import ContractKind, Kind, ServiceLevel
from services.routing import sample
from services.routing.data_files import stream
from services.routing.data_files.layout import Row
from services.routing.decide import decide
from services.routing.entered import Coverage, Entered
from services.routing.evidence import to_json
from services.routing.facts import Asked
from services.routing.rules.book import Closure, Contract, Customer, Depot, Entitlement, Item, Site, Territory
from services.routing.rules.facts import Areas, Book
from tests.builders import MONDAY
from tests.service.routing.harness import Routing, a_contract, a_customer, a_provider, a_site, an_entitlement, an_item


def whole(rows: Sequence[Row]) -> Book:
    """Everything in memory, as `fixline decide` has it."""

    def of(kind: type) -> list:  # type: ignore[type-arg]  # the kind says it
        return [row for row in rows if isinstance(row, kind)]

    return Book(
        areas=Areas(territories=of(Territory), depots=of(Depot), closures=of(Closure)),
        customers=of(Customer),
        sites=of(Site),
        contracts=of(Contract),
        items=of(Item),
        entitlements=of(Entitlement),
    )


def compare(routing: Routing, book: Book, requests: Sequence[ServiceRequest]) -> None:
    """Each request decided on both: the same decision, and the same evidence in any order of items."""
    asked = [Asked(request, MONDAY) for request in requests]
    with routing.database.reading() as connection:
        facts = routing.judge.facts.load(connection, asked)
    for request in requests:
        in_memory = decide(request, book, routing.judge.policy, received_at=MONDAY)
        from_sql = decide(request, facts.book, routing.judge.policy, received_at=MONDAY)
        assert from_sql.decision == in_memory.decision, request
        assert _sorted(to_json(from_sql.evidence)) == _sorted(to_json(in_memory.evidence))


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {name: _sorted(inner) for name, inner in value.items()}
    return sorted(map(_sorted, value), key=repr) if isinstance(value, list) else value


def test_the_sample_day_is_decided_the_same(routing: Routing) -> None:
    """All requests of the day in one batch."""
    rows = list(stream(sample.data_dir()))
    routing.given(rows)
    compare(routing, whole([*a_provider(), *rows]), [parse_request(sent.request) for sent in sample.day()])


@pytest.mark.parametrize("seed", range(4))
def test_random_data_is_decided_the_same(routing: Routing, seed: int) -> None:
    """Few numbers and many rows, so that serials, contracts and customers cross each other."""
    chance = random.Random(seed)  # noqa: S311 - the same data each time is meant
    rows = some_data(chance)
    routing.given(rows)
    compare(routing, whole([*a_provider(), *rows]), [some_request(chance) for _ in range(150)])


def test_a_batch_takes_as_many_queries_as_one_request(routing: Routing) -> None:
    """One, whatever its size, and one more for each step from a machine to what it replaced."""
    chance = random.Random(9)  # noqa: S311 - as above
    routing.given(some_data(chance))
    requests = [some_request(chance) for _ in range(300)]
    _statements(routing, requests[:1])  # the areas are known from here on
    counted = [_statements(routing, requests[:size]) for size in (1, 5, 300)]
    assert counted[0] == 1
    assert counted[2] <= 4


def test_what_a_person_entered_is_not_read_over(routing: Routing) -> None:
    """Only the contract is named, so that its one machine is read further: as entered, and not beside what that replaced."""
    routing.given([a_contract("M-9"), an_item("SN9", "M-9", service_level=ServiceLevel.PARTS_ONLY)])
    request = parse_request({"kind": "hardware_repair", "customer_number": "C-1", "contract_number": "M-9"})
    said = Entered(coverage=Coverage("M-9", "8286", "SN9", service_level=ServiceLevel.ONSITE_4H_24X7))
    with routing.database.reading() as connection:
        facts = routing.judge.facts.load(connection, [Asked(request, MONDAY)], said)
    assert [item.service_level for item in facts.book.with_serial("SN9")] == [ServiceLevel.ONSITE_4H_24X7]


def _statements(routing: Routing, requests: Sequence[ServiceRequest]) -> int:
    """As the driver gets them: on PostgreSQL what is asked for passes SQLAlchemy by."""
    seen: list[str] = []
    execute = psycopg.Cursor.execute

    def on_postgres(cursor: psycopg.Cursor[Any], query: Any, *given: Any, **more: Any) -> Any:
        seen.append(str(query))
        return execute(cursor, query, *given, **more)

    def on_sqlite(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    with routing.database.reading() as connection, pytest.MonkeyPatch.context() as patched:
        patched.setattr(psycopg.Cursor, "execute", on_postgres)
        if routing.database.is_sqlite:
            event.listen(connection, "before_cursor_execute", on_sqlite)
        routing.judge.facts.load(connection, [Asked(request, MONDAY) for request in requests])
    return len(seen)


def some_data(chance: random.Random) -> list[Row]:
    customers = [
        a_customer(f"K-{n}", timezone=chance.choice(["America/Toronto", "America/Vancouver"])) for n in range(4)
    ]
    sites = [
        a_site(f"T-{n}", f"K-{n % 4}", postal_code=chance.choice(["H2X1A1", "M5V1A1", "V6B1A1", None]), timezone=None)
        for n in range(8)
    ]
    levels = [None, *ServiceLevel]
    kinds = [kind for kind in ContractKind if kind is not ContractKind.SOFTWARE_SUBSCRIPTION]
    contracts = [
        a_contract(
            f"Q-{n}",
            f"K-{chance.randrange(4)}",
            kind=chance.choice(kinds),
            start_date=_day(chance, 2024),
            end_date=chance.choice([None, _day(chance, 2026), date(2027, 1, 1)]),
            auto_renew=chance.random() < 0.3,
            service_level=chance.choice(list(ServiceLevel)),
        )
        for n in range(12)
    ]
    software = [
        a_contract(f"W-{n}", f"K-{n}", kind=ContractKind.SOFTWARE_SUBSCRIPTION, end_date=_day(chance, 2026))
        for n in range(4)
    ]
    items = {
        an_item(
            f"Z{chance.randrange(12)}",
            (contract := chance.choice(contracts)).number,
            machine_type=chance.choice(["A1", "A2"]),
            site_id=chance.choice([None, *(s.site_id for s in sites if s.customer_number == contract.customer_number)]),
            coverage_end=chance.choice([None, None, _day(chance, 2026)]),
            service_level=chance.choice(levels),
            ended_on=chance.choice([None, None, _day(chance, 2026)]),
            replaces_serial=chance.choice([None, None, f"Z{chance.randrange(12, 15)}"]),
        )
        for _ in range(40)
    }
    entitlements = {
        an_entitlement(f"P-{chance.randrange(3)}", f"W-{chance.randrange(4)}", subscription_end=_day(chance, 2026))
        for _ in range(8)
    }
    return [*customers, *sites, *contracts, *software, *sorted(items, key=repr), *sorted(entitlements, key=repr)]


def some_request(chance: random.Random) -> ServiceRequest:
    kind = chance.choice(list(Kind))
    details = {
        Kind.TERMINATION: {"party": "customer"},
        Kind.MACHINE_TRANSFER: {"reason": "sold", "event_date": "2026-12-20"},
        Kind.APPLIANCE_MOVE: {"origin_country": "CA", "destination_country": "US"},
        Kind.CONTRACT_CHANGE: {"action": "cancel"},
    }.get(kind, {})
    maybe = chance.random
    machine = {
        "type": chance.choice(["A1", "A2", None]),
        "serial": f"Z{chance.randrange(14)}" if maybe() < 0.8 else None,
    }
    return parse_request(
        {
            "kind": kind,
            "customer_number": chance.choice(["K-0", "K-1", "K-2", "K-3", "K-9"]),
            "contract_number": chance.choice([None, None, f"Q-{chance.randrange(13)}", f"W-{chance.randrange(4)}"]),
            "machine": machine if maybe() < 0.8 else {},
            "product_id": f"P-{chance.randrange(4)}" if maybe() < 0.5 else None,
            "site_id": chance.choice([None, f"T-{chance.randrange(9)}"]),
            "text": chance.choice(["The fan is loud", "Login fails after the update", "bonjour", None]),
            "details": details,
        }
    )


def _day(chance: random.Random, year: int) -> date:
    return date(year, 1, 1) + timedelta(days=chance.randrange(365 * 2))
