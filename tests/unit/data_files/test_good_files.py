"""Data files that are taken: what their cells mean, and what is no fault."""

from datetime import date
from pathlib import Path

import pytest

from schemas.vocabulary import ContractKind, Language, ServiceLevel
from services.routing.data_files import BrokenData, ContractData, load, stream
from services.routing.rules.book import Closure, Contract, Customer, Depot, Entitlement, Item, Site, Territory
from tests.unit.data_files.folders import HEADERS, header, rows, write


def test_each_file_becomes_its_rows(tmp_path: Path) -> None:
    """Every column at its place, in the files' order; empty means none."""
    assert load(write(tmp_path)) == ContractData(
        customers=(
            Customer(
                "C-1",
                "Scierie du Nord",
                Language.FR,
                "atelier@example.com",
                "+15145550123",
                "CA",
                "QC",
                "America/Toronto",
            ),
            Customer("C-2", "Harbour Freight Desk", Language.EN, None, None, "CA", "BC", "America/Vancouver"),
        ),
        sites=(
            Site("S-1", "C-1", "1 rue du Moulin", "Laval", "QC", "H7N1A1", "CA", None),
            Site("S-2", "C-2", "2 Quay St", "Vancouver", "BC", "V5K0A1", "CA", None),
        ),
        territories=(
            Territory("CA", "H", "CA-QC-MTL", "America/Toronto"),
            Territory("CA", "*", "CA-REST", "America/Toronto"),
        ),
        depots=(
            Depot("CA", "QC", "MTL", "Atelier de Montréal", "9 rue du Port", "Montréal", "H2Y1A1"),
            Depot("CA", "*", "TOR", "Toronto", "9 Dock Rd", "Toronto", "M5V1A1"),
        ),
        contracts=(
            Contract(
                "M-1",
                "C-1",
                ContractKind.HARDWARE_MAINTENANCE,
                date(2025, 4, 1),
                date(2027, 3, 31),
                ServiceLevel.ONSITE_NBD,
                False,
                None,
                None,
                None,
                None,
                None,
            ),
            Contract(
                "M-2",
                "C-2",
                ContractKind.WARRANTY,
                date(2026, 1, 1),
                None,
                None,
                True,
                3,
                2,
                12,
                6,
                date(2026, 12, 31),
            ),
            Contract(
                "SW-1",
                "C-1",
                ContractKind.SOFTWARE_SUBSCRIPTION,
                date(2025, 1, 1),
                date(2026, 12, 31),
                None,
                False,
                None,
                None,
                None,
                None,
                None,
            ),
        ),
        items=(
            Item("M-1", "8286", "41A", "210F3AT", "S-1", None, None, None, None, None),
            Item(
                "M-2",
                "7944",
                None,
                "KQ1X9P2",
                None,
                date(2026, 1, 1),
                date(2026, 12, 31),
                ServiceLevel.DEPOT_MAIL_IN,
                None,
                None,
            ),
        ),
        entitlements=(Entitlement("SW-1", "P-10", "Workflow Suite", 25, date(2026, 12, 31)),),
        closures=(Closure("CA", "QC", date(2026, 12, 24)), Closure("CA", None, date(2026, 12, 31))),
    )


def test_keys_are_compared_in_their_one_spelling(tmp_path: Path) -> None:
    """Case, spaces and dashes of a key never part a row from the row that it names; countries are upper-cased."""
    write(
        tmp_path,
        sites=["S-1, c-1 ,,,qc,h7n 1a1,ca,America/Toronto"],
        items=["ｍ-1,82/86,,21.0f–3at, S-1 ,,,,,20 0f3at"],
        closures=["ca,*,2026-12-24"],
    )
    data = load(tmp_path)
    assert data.sites == (Site("S-1", "C-1", "", "", "QC", "H7N1A1", "CA", "America/Toronto"),)
    assert data.items == (Item("M-1", "8286", None, "210F3AT", "S-1", None, None, None, None, "200F3AT"),)
    assert data.closures == (Closure("CA", None, date(2026, 12, 24)),)


@pytest.mark.parametrize(
    "text",
    [
        "{header}\nCA,QC,2026-12-24",
        "{header}\r\nCA,QC,2026-12-24\r\n",
        "\ufeff{header}\nCA,QC,2026-12-24\n",
        '"country", province ,date\n"CA","Q""C",2026-12-24\n',
        "date,country,province\n2026-12-24,CA,QC\n",
        "{header}\n\n\r\nCA,QC,2026-12-24\n\n",
    ],
    ids=["no last line end", "CRLF", "byte order mark", "quotes and spaces", "columns in another order", "blank lines"],
)
def test_what_other_programs_write_is_read(text: str, tmp_path: Path) -> None:
    """RFC 4180 and what usual programs make of it."""
    write(tmp_path, closures=text.format(header=header("closures")))
    expected = 'Q"C' if '"' in text else "QC"
    assert load(tmp_path).closures == (Closure("CA", expected, date(2026, 12, 24)),)


def test_a_text_may_run_over_lines_and_hold_commas_and_quotes(tmp_path: Path) -> None:
    """RFC 4180, §2.6 and §2.7."""
    write(tmp_path, depots=['CA,*,TOR,"Toronto,\r\n""the"" workshop",9 Dock Rd,Toronto,'])
    assert load(tmp_path).depots == (Depot("CA", "*", "TOR", 'Toronto,\r\n"the" workshop', "9 Dock Rd", "Toronto", ""),)


def test_a_header_alone_is_an_empty_file(tmp_path: Path) -> None:
    """A provider that sells no software has no entitlements."""
    for file, line in HEADERS.items():
        (tmp_path / file).write_text(line)
    assert load(tmp_path) == ContractData()


def test_closures_may_be_missing(tmp_path: Path) -> None:
    """The one file that is optional."""
    assert load(write(tmp_path, closures=None)).closures == ()


def test_a_machine_may_be_covered_more_than_once(tmp_path: Path) -> None:
    """On several contracts; on one with other dates, site or level; under another customer (docs/rules.md §4)."""
    machine = "8286,41A,210F3AT"
    write(
        tmp_path,
        sites=[*rows("sites"), "S-3,C-1,,,,,CA,"],
        items=[
            f"M-1,{machine},S-1,,,,,",
            f"M-1,{machine},S-3,,,,,",
            f"M-1,{machine},S-1,2024-01-01,2024-12-31,,,",
            f"M-1,{machine},S-1,,,PARTS_ONLY,,",
            f"M-2,{machine},,,,ONSITE_SBD,,",
        ],
    )
    assert len(load(tmp_path).items) == 5


def test_windows_may_reach_beyond_the_contract_and_end_before_they_begin(tmp_path: Path) -> None:
    """Which part of a window counts is the rules' question; an `ended_on` before the start was called off in time."""
    write(tmp_path, items=["M-1,8286,,A1,,2020-01-01,2030-01-01,,,", "M-1,8286,,A2,,2026-01-01,,,2025-12-01,"])
    assert len(load(tmp_path).items) == 2


def test_a_window_may_be_one_day_long(tmp_path: Path) -> None:
    """The end is the last covered day."""
    write(tmp_path, items=["M-1,8286,,A1,,2026-05-01,2026-05-01,,,"])
    assert len(load(tmp_path).items) == 1


def test_a_level_may_stand_on_the_machine_or_on_the_contract(tmp_path: Path) -> None:
    """A contract without machines needs none."""
    write(tmp_path, items=["M-2,8286,,A1,,,,PARTS_ONLY,,", "M-1,8286,,A2,,,,,,"])
    assert [item.service_level for item in load(tmp_path).items] == [ServiceLevel.PARTS_ONLY, None]


def test_rows_come_one_by_one_each_after_those_that_it_names(tmp_path: Path) -> None:
    """What `import` writes down as it comes."""
    kinds = [type(row) for row in stream(write(tmp_path))]
    assert list(dict.fromkeys(kinds)) == [
        Customer,
        Site,
        Territory,
        Depot,
        Contract,
        Item,
        Entitlement,
        Closure,
    ]


def test_no_row_comes_after_the_first_fault(tmp_path: Path) -> None:
    """The refusal comes last, when all is known; what was given before must be taken back."""
    write(tmp_path, sites=["S-1,C-404,,,,,CA,", rows("sites")[1]])
    given = stream(tmp_path)
    assert [type(next(given)) for _ in rows("customers")] == [Customer, Customer]
    with pytest.raises(BrokenData):
        next(given)


def test_progress_is_told_file_by_file_and_ends_at_the_file_s_size(tmp_path: Path) -> None:
    """What a progress bar needs: name, bytes read, bytes in all."""
    told: list[tuple[str, int, int]] = []
    write(tmp_path, items=[*rows("items"), *(f"M-1,8286,,N{n},,,,,," for n in range(20_000))])
    load(tmp_path, progress=lambda *step: told.append(step))
    size = (tmp_path / "items.csv").stat().st_size
    items = [(read, of) for file, read, of in told if file == "items.csv"]
    assert len(items) == 4
    assert items == sorted(items)
    assert items[-1] == (size, size)
    assert list(dict.fromkeys(file for file, _, _ in told)) == list(HEADERS)


def test_many_different_keys_are_all_kept_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More machines than a column remembers cells for."""
    monkeypatch.setattr("services.routing.data_files.reading._REMEMBERED", 3)
    write(tmp_path, items=[f"M-1,T{n % 8},,N{n},,,,,," for n in range(100)])
    items = load(tmp_path).items
    assert [(item.machine_type, item.serial) for item in items] == [(f"T{n % 8}", f"N{n}") for n in range(100)]
