"""Mail-in repairs at the depot's bench."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.request_status import StatusChanged
from schemas.vocabulary import ReturnState
from services.routing import returns
from services.routing.lifecycle import DEPOT_RETURN
from services.routing.people import Person
from services.routing.tables import LIVE_RETURN
from services.runtime.errors import Conflict, NotFound
from tests.builders import a_number
from tests.service.routing.harness import Routing, at, at_the_bench, covered

BENCH, ELSEWHERE = at_the_bench(), at_the_bench("bench2", "D-9")

WAY: dict[ReturnState, tuple[str, ...]] = {
    ReturnState.ISSUED: (),
    ReturnState.IN_TRANSIT: ("ship",),
    ReturnState.RECEIVED: ("receive",),
    ReturnState.DIAGNOSED: ("receive", "diagnose"),
    ReturnState.REPAIRED: ("receive", "diagnose", "repair"),
    ReturnState.REPLACED: ("receive", "diagnose", "replace"),
    ReturnState.UNREPAIRABLE: ("receive", "diagnose", "give-up"),
    ReturnState.RETURN_SHIPPED: ("receive", "diagnose", "repair", "ship-back"),
    ReturnState.DELIVERED: ("receive", "diagnose", "repair", "ship-back", "deliver"),
}
SHOWN = {
    "ship": ("inProgress", "package_in_transit"),
    "receive": ("inProgress", "package_received"),
    "diagnose": ("inProgress", "diagnosed"),
    "repair": ("inProgress", "repaired"),
    "replace": ("inProgress", "repaired"),
    "give_up": ("inProgress", "diagnosed"),
    "ship_back": ("inProgress", "return_shipped"),
    "deliver": ("resolved", "delivered"),
}


def bring(routing: Routing, state: ReturnState) -> None:
    routing.receives(covered(serial="SNM"))
    for step in WAY[state]:
        routing.on_return(step, BENCH)


@pytest.mark.parametrize(("state", "event"), [step for step in DEPOT_RETURN.steps if step[1] != "expire"], ids=str)
def test_each_step_of_the_table(routing: Routing, state: ReturnState, event: str) -> None:
    """The state after it, and what the customer sees of it."""
    bring(routing, state)
    [told] = routing.on_return(event.replace("_", "-"), BENCH)
    assert isinstance(told, StatusChanged)
    assert routing.parcel().status == routing.life().parcel_status == DEPOT_RETURN.steps[state, event]
    assert (told.standing.status, told.standing.milestone, told.by) == (*SHOWN[event], "depot")


@pytest.mark.parametrize("state", WAY)
def test_each_step_that_is_not_in_the_table_is_refused(routing: Routing, state: ReturnState) -> None:
    """Receiving what nobody saw on its way takes both steps; everything else is a conflict."""
    bring(routing, state)
    before = routing.everything_stored()
    for event in SHOWN:
        if DEPOT_RETURN.may(state, event) or (state, event) == (ReturnState.ISSUED, "receive"):
            continue
        with pytest.raises(Conflict):
            routing.on_return(event.replace("_", "-"), BENCH)
    assert routing.everything_stored() == before


def test_what_is_live_in_sql_is_what_the_table_has_not_ended() -> None:
    ended = [state for state in ReturnState if DEPOT_RETURN.final(state)]
    assert all(f"'{state}'" in LIVE_RETURN for state in ended)
    assert LIVE_RETURN.count("'") == 2 * len(ended)


def test_a_parcel_that_arrives_starts_the_clock_of_the_bench(routing: Routing) -> None:
    """Ship back within five business days; the label no longer expires."""
    bring(routing, ReturnState.ISSUED)
    [told] = routing.on_return("receive", BENCH)
    assert isinstance(told, StatusChanged)
    assert told.standing.respond_by == at("2026-11-30T17:00-05:00")
    assert [timer["kind"] for timer in routing.stored("timers")] == ["clock"]
    assert routing.parcel().version == 3


def test_shipping_back_stops_it(routing: Routing) -> None:
    bring(routing, ReturnState.REPAIRED)
    [told] = routing.on_return("ship-back", BENCH)
    assert isinstance(told, StatusChanged)
    assert told.standing.respond_by is None
    assert routing.stored("timers") == []


def test_a_second_scan_says_when_and_by_whom_it_was_received(routing: Routing) -> None:
    bring(routing, ReturnState.RECEIVED)
    with pytest.raises(Conflict) as twice:
        routing.on_return("receive", at_the_bench("bench3"))
    assert (twice.value.code, twice.value.values) == ("return.receive", {"name": "Name of bench1", "time": "10:00"})


def test_another_depots_parcel_is_not_there(routing: Routing) -> None:
    bring(routing, ReturnState.ISSUED)
    with pytest.raises(NotFound):
        routing.on_return("receive", ELSEWHERE)


@pytest.mark.parametrize(
    "scan",
    [
        "RA-482100000017-1",
        " ra-482100000017-1 ",
        "https://fixline.example/depot/RA-482100000017-1",
        "482100000017",
        "4821-0000-0017",
        "8286 SNM",
        "8286-snm",
        "8286SNM",
    ],
)
def test_a_scan_is_understood_however_it_is_written(routing: Routing, scan: str) -> None:
    """The return's number, the request's, the machine's type and serial."""
    bring(routing, ReturnState.ISSUED)
    assert scanned(routing, scan, BENCH) == [routing.parcel().id]


@pytest.mark.parametrize("scan", ["", "x", "RA-1", "8286", "SNM", "482100000018", "8286 SN1", "é" * 80, "%", "\\"])
def test_a_scan_of_something_else_finds_nothing(routing: Routing, scan: str) -> None:
    bring(routing, ReturnState.ISSUED)
    assert scanned(routing, scan, BENCH) == []
    assert scanned(routing, "8286 SNM", ELSEWHERE) == []


def test_of_two_returns_of_one_machine_the_open_one_comes_first(routing: Routing) -> None:
    bring(routing, ReturnState.DELIVERED)
    routing.receives(covered(a_number(2), "SNM"))
    assert scanned(routing, "8286 SNM", BENCH) == [f"RA-{a_number(2)}-1", f"RA-{a_number(1)}-1"]


def test_what_is_expected_and_what_is_here(routing: Routing) -> None:
    routing.receives(covered(a_number(1), "SNM"), covered(a_number(2), "SNM"))

    def lists() -> Any:
        with routing.database.reading() as connection:
            lists = returns.expected(connection, None), returns.on_the_bench(connection)
        return [[one.number for one in parcels] for parcels in lists]

    assert lists() == [[a_number(1), a_number(2)], []]
    routing.on_return("receive", BENCH)
    assert lists() == [[a_number(1)], [a_number(2)]]


def test_late_shipping_counts_as_one_breach(routing: Routing) -> None:
    bring(routing, ReturnState.REPAIRED)
    routing.clock.forward(days=30)
    routing.on_return("ship-back", BENCH)
    assert (routing.life().warned, routing.life().clock_stopped) == (100, routing.clock.at)
    assert routing.clock.at - (routing.life().respond_by or routing.clock.at) > timedelta(days=20)


def scanned(routing: Routing, scan: str, by: Person) -> list[str]:
    with routing.database.reading() as connection:
        return [hit.id for hit in returns.scanned(connection, scan, by)]
