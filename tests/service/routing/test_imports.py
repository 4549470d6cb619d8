"""Contract data into the database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from schemas.vocabulary import ServiceLevel
from services.routing import sample
from services.routing.data_files import BrokenData
from services.routing.data_files.layout import Row
from services.routing.imports import import_folder
from services.routing.merging import Counts
from services.runtime.database import Database
from tests.service.routing.harness import Routing, a_contract, a_customer, a_provider, an_item, covered
from tests.unit.data_files.folders import write
from tests.unit.data_files.test_broken_files import BROKEN

TABLES = ("customers", "sites", "territories", "depots", "contracts", "items", "entitlements", "closures")


def contract_data(routing: Routing) -> dict[str, object]:
    stored = routing.everything_stored()
    return {name: stored[name] for name in TABLES}


def test_the_same_data_again_changes_nothing_and_says_so(routing: Routing) -> None:
    """Also the generation stays, so that nobody reads reference data again for nothing."""
    before = routing.everything_stored()
    report = routing.given()
    assert not report.changed
    assert report.generation == 1
    assert report.files["items.csv"] == Counts(unchanged=5)
    assert routing.everything_stored() == before


def test_a_row_that_differs_is_changed_and_rows_not_named_stay(routing: Routing) -> None:
    """Upsert: the one machine named ends earlier, the others are as they were."""
    report = routing.given([an_item("SN1", service_level=ServiceLevel.ONSITE_NBD, ended_on=date(2026, 12, 1))])
    assert report.files["items.csv"] == Counts(changed=1)
    assert report.generation == 2
    items = {row["serial"]: row["ended_on"] for row in routing.stored("items")}
    assert items == {"SN1": date(2026, 12, 1), "SN2": None, "SN4": None, "SNM": None, "SNP": None}


def test_the_rows_of_a_machine_on_a_contract_are_all_there_is_to_say_of_it(routing: Routing) -> None:
    """Two windows become one: the second part of the machine goes, other machines stay."""
    first = an_item("SN9", coverage_start=date(2025, 1, 1), coverage_end=date(2025, 12, 31))
    second = replace(first, coverage_start=date(2026, 6, 1), coverage_end=date(2026, 12, 31))
    assert routing.given([first, second]).files["items.csv"] == Counts(added=2)
    assert routing.given([second, first]).files["items.csv"] == Counts(unchanged=2)
    assert routing.given([second]).files["items.csv"] == Counts(changed=2)
    rows = [row for row in routing.stored("items") if row["serial"] == "SN9"]
    assert [(row["part"], row["coverage_start"]) for row in rows] == [(1, date(2026, 6, 1))]


def test_a_fault_in_the_last_row_takes_everything_back(routing: Routing) -> None:
    """All or nothing, whatever was staged already."""

    def rows() -> Iterator[Row]:
        yield an_item("NEW")
        raise ValueError("a fault in the last row")

    before = routing.everything_stored()
    with pytest.raises(ValueError, match="last row"):
        routing.given(rows())
    assert routing.everything_stored() == before
    assert routing.given([an_item("NEW")]).files["items.csv"] == Counts(added=1)


def test_every_kind_of_broken_file_is_refused_whole(routing: Routing, tmp_path: Path) -> None:
    """Files before the broken one are staged by then, and so are its rows before the fault: nothing of it stays."""
    before = routing.everything_stored()
    assert len(BROKEN) >= 30
    for at, (kind, (changed, _)) in enumerate(BROKEN.items()):
        folder = tmp_path / str(at)
        folder.mkdir()
        with pytest.raises(BrokenData):
            import_folder(routing.workshop, write(folder, **changed))
        assert routing.everything_stored() == before, kind


def test_replacing_ends_what_is_not_named(routing: Routing) -> None:
    """Items end today, contracts yesterday, unused addresses and reference data go; again, nothing changes."""
    routing.given([an_item("SNX", ended_on=date(2027, 6, 1)), an_item("SNY", ended_on=date(2026, 1, 1))])
    kept = [row for row in a_provider() if "C-2" not in repr(row) and "M-2" not in repr(row) and "S-2" not in repr(row)]
    kept = [row for row in kept if "CA-ON-TOR" not in repr(row)]
    report = routing.given(kept, replace=True)
    ended = {file: counts.ended for file, counts in report.files.items() if counts.ended}
    assert ended == {"items.csv": 2, "contracts.csv": 1, "territories.csv": 1}
    stored = routing.everything_stored()
    ends = {row["serial"]: row["ended_on"] for row in stored["items"] if row["ended_on"] is not None}
    assert ends == {"SN2": date(2026, 11, 23), "SNX": date(2026, 11, 23), "SNY": date(2026, 1, 1)}
    assert [row["end_date"] for row in stored["contracts"] if row["number"] == "M-2"] == [date(2026, 11, 22)]
    assert [row["number"] for row in stored["customers"]] == ["C-1", "C-2"]  # its past is still judged
    routing.clock.forward(days=1)
    assert not routing.given(kept, replace=True).changed


def test_what_was_ended_is_still_judged_as_it_was(routing: Routing) -> None:
    """A contract that renewed by itself until it was left out covers a request from before, and none from now on."""
    old = a_contract("M-3", start_date=date(2020, 1, 1), end_date=date(2020, 12, 31), auto_renew=True)
    machine = an_item("SN3", "M-3", coverage_end=date(2020, 12, 31))
    routing.given([*a_provider(), old, machine])
    routing.given(a_provider(), replace=True)
    routing.receives(covered("482100000017", "SN3", received_at=routing.clock.at.replace(month=10)))
    routing.clock.forward(days=1)
    routing.receives(covered("482100000025", "SN3", received_at=routing.clock.at))
    assert [routing.life(n).outcome for n in ("482100000017", "482100000025")] == [
        "onsite_dispatch",
        "billable_estimate",
    ]


def test_the_bundled_sample_is_imported_from_its_folder(routing: Routing) -> None:
    """From files to tables, with numbers for each file; a broken folder is refused whole."""
    report = import_folder(routing.workshop, sample.data_dir())
    assert report.files["customers.csv"].added == 40
    assert report.to_json()["changed"]
    with pytest.raises(BrokenData):
        import_folder(routing.workshop, sample.data_dir() / "nowhere")


@pytest.mark.postgres
def test_after_an_import_the_database_knows_how_much_there_is(emptied_postgres: Database) -> None:
    """It would look a single machine up by reading all of them."""
    rows: list[Row] = [a_customer("K-1"), a_contract("Q-1", "K-1")]
    rows += [an_item(f"Z{number}", "Q-1", site_id=None) for number in range(3_000)]
    Routing(emptied_postgres).given(rows)
    with emptied_postgres.reading() as connection:
        query = text("SELECT reltuples FROM pg_class WHERE oid = 'items'::regclass")
        assert connection.execute(query).scalar_one() >= 3_000
