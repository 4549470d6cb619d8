"""Data files that are refused whole: each kind of fault says where it is and how to mend it."""

from pathlib import Path

import pytest

from schemas.vocabulary import Language
from services.routing.data_files import BrokenData, load
from tests.unit.data_files.folders import header, rows, write

ITEM = "M-1,8286,41A,NEW1,S-1,,,,,"
CONTRACT = "M-9,C-1,warranty,2026-01-01,2026-12-31,ONSITE_NBD,false,,,,,"
CUSTOMER = "C-9,Nine,en,,,CA,ON,America/Toronto"

#: What is changed in a good folder → all that is then said, to the letter.
BROKEN: dict[str, tuple[dict[str, str | bytes | list[str] | None], list[str]]] = {
    "a file is missing": (
        {"depots": None},
        [
            'depots.csv:1:file: there is no such file in "FOLDER"; put it there, with its header line even if it has no rows'
        ],
    ),
    "a file is empty": (
        {"depots": ""},
        ["depots.csv:1:file: is empty; its first line must be the header: " + header("depots")],
    ),
    "a file has blank lines only": (
        {"territories": "\r\n\r\n"},
        ["territories.csv:1:file: is empty; its first line must be the header: " + header("territories")],
    ),
    "a column is missing": (
        {"closures": "country,date\nCA,2026-12-24\n"},
        [
            "closures.csv:1:province: the header has no such column; add it (its cells may be empty where nothing is known)"
        ],
    ),
    "a column is unknown": (
        {"closures": "country,province,date,why\nCA,QC,2026-12-24,feast\n"},
        [
            (
                "closures.csv:1:why: is not a column of this file; take it out, or correct its name; "
                "the columns are country,province,date"
            )
        ],
    ),
    "a column stands twice": (
        {"closures": "country,province,date,date\nCA,QC,2026-12-24,2026-12-24\n"},
        ["closures.csv:1:date: is in the header twice; keep one"],
    ),
    "the first line is no header": (
        {"closures": "CA,QC,2026-12-24\n"},
        [
            "closures.csv:1:country: the header has no such column; add it (its cells may be empty where nothing is known)",
            "closures.csv:1:province: the header has no such column; add it (its cells may be empty where nothing is known)",
            "closures.csv:1:date: the header has no such column; add it (its cells may be empty where nothing is known)",
            (
                "closures.csv:1:CA: is not a column of this file; take it out, or correct its name; "
                "the columns are country,province,date"
            ),
            (
                "closures.csv:1:QC: is not a column of this file; take it out, or correct its name; "
                "the columns are country,province,date"
            ),
            (
                "closures.csv:1:2026-12-24: is not a column of this file; take it out, or correct its name; "
                "the columns are country,province,date"
            ),
        ],
    ),
    "semicolons stand for commas": (
        {"closures": "country;province;date\nCA;QC;2026-12-24\n"},
        ['closures.csv:1:file: its fields are separated by ";"; use commas (","), as RFC 4180 says'],
    ),
    "the file is UTF-16": (
        {"closures": "country,province,date\nCA,QC,2026-12-24\n".encode("utf-16")},
        ["closures.csv:1:file: is UTF-16 text; save it as UTF-8"],
    ),
    "a byte is not UTF-8": (
        {
            "customers": b"\r\n".join(
                [header("customers").encode(), b"C-1,Caf\xe9,fr,,,CA,QC,America/Toronto", rows("customers")[1].encode()]
            )
        },
        [
            'customers.csv:2:name: "Caf\\xe9" has bytes that are not UTF-8; save the file as UTF-8',
        ],
    ),
    "half a surrogate pair is encoded": (
        {"closures": b"country,province,date\nCA,\xed\xa0\x80,2026-12-24\n"},
        [
            'closures.csv:2:province: "\\xed\\xa0\\x80" has bytes that are not UTF-8; save the file as UTF-8',
        ],
    ),
    "a NUL": (
        {"closures": "country,province,date\nCA,Q\0C,2026-12-24\n"},
        ['closures.csv:2:province: "Q\\u0000C" holds a NUL character; take it out'],
    ),
    "a quote is followed by text": (
        {"closures": 'country,province,date\nCA,"Q"C,2026-12-24\nCA,ON,someday\n'},
        [
            (
                "closures.csv:2:record: a closing quote must be followed by a comma or the line's end; "
                "double each quote that belongs to the text"
            ),
            'closures.csv:3:date: "someday" is not a date (YYYY-MM-DD)',
        ],
    ),
    "a quote stands in a field that is not quoted": (
        {
            "customers": [
                *rows("customers"),
                'C-9,19" racks,en,,,CA,ON,America/Toronto',
                CUSTOMER.replace("C-9,Nine", 'C-8, "Eight"'),
            ]
        },
        [
            (
                'customers.csv:4:name: "19" racks" holds a quote; put the whole field between quotes and double each '
                'that belongs to the text: "19"" rack"'
            ),
            (
                'customers.csv:5:name: " "Eight"" holds a quote; put the whole field between quotes and double each '
                'that belongs to the text: "19"" rack"'
            ),
        ],
    ),
    "a quote is never closed": (
        {"closures": 'country,province,date\nCA,"QC,2026-12-24\nCA,ON,2026-12-24\n'},
        [
            "closures.csv:2:record: a quote opened in this record is never closed; close it (rows after it were not read)"
        ],
    ),
    "a field is huge": (
        {"closures": f"country,province,date\nCA,{'Q' * 200_000},2026-12-24\n"},
        [
            (
                "closures.csv:2:record: a field holds more than 131072 characters; is a quote left open? "
                "(rows after it were not read)"
            )
        ],
    ),
    "a record has too few fields": (
        {"closures": ["CA,2026-12-24"]},
        [
            (
                "closures.csv:2:record: has 2 fields where the header names 3; "
                "add what is missing (a comma for each empty one)"
            )
        ],
    ),
    "a record has too many fields": (
        {"closures": ["CA,QC,2026-12-24,"]},
        ["closures.csv:2:record: has 4 fields where the header names 3; put quotes around a text that holds a comma"],
    ),
    "what is needed is empty": (
        {"territories": ["CA,,CA-QC,America/Toronto", "CA,--,CA-QC,America/Toronto", "CA,H,CA-QC, "]},
        [
            "territories.csv:2:postal_prefix: is empty; give it a value",
            "territories.csv:3:postal_prefix: is empty; give it a value",
            "territories.csv:4:timezone: is empty; give it a value",
        ],
    ),
    "no such day": (
        {
            "closures": [
                "CA,QC,2026-13-01",
                "CA,QC,2026-02-29",
                "CA,QC,20261201",
                "CA,QC,24/12/2026",
                "CA,QC,2026-W01-1",
            ]
        },
        [
            f'closures.csv:{line}:date: "{cell}" is not a date (YYYY-MM-DD)'
            for line, cell in enumerate(["2026-13-01", "2026-02-29", "20261201", "24/12/2026", "2026-W01-1"], 2)
        ],
    ),
    "neither true nor false": (
        {"contracts": [*rows("contracts"), CONTRACT.replace("false", "yes")]},
        ['contracts.csv:5:auto_renew: "yes" is not true or false'],
    ),
    "no whole number of months": (
        {"contracts": [*rows("contracts"), CONTRACT.replace(",,,,,", ",-1,1.5,six,1201,")]},
        [
            'contracts.csv:5:customer_minimum_months: "-1" is not a whole number from 0 to 1200',
            'contracts.csv:5:customer_notice_months: "1.5" is not a whole number from 0 to 1200',
            'contracts.csv:5:provider_minimum_months: "six" is not a whole number from 0 to 1200',
            'contracts.csv:5:provider_notice_months: "1201" is not a whole number from 0 to 1200',
        ],
    ),
    "no whole number of copies": (
        {"entitlements": ["SW-1,P-1,Suite,0,", "SW-1,P-2,Suite,,", "SW-1,P-3,Suite,²,"]},
        [
            'entitlements.csv:2:quantity: "0" is not a whole number from 1 to 999999999',
            "entitlements.csv:3:quantity: is empty; give it a value",
            'entitlements.csv:4:quantity: "²" is not a whole number from 1 to 999999999',
        ],
    ),
    "no such language, kind or level": (
        {
            "customers": [*rows("customers"), CUSTOMER.replace(",en,", ",de,")],
            "contracts": [*rows("contracts"), CONTRACT.replace("warranty", "lease").replace("_NBD", "_2H")],
        },
        [
            'customers.csv:4:language: "de" is not one of en, fr',
            'contracts.csv:5:kind: "lease" is not one of hardware_maintenance, warranty, servicepac, software_subscription',
            (
                'contracts.csv:5:service_level: "ONSITE_2H" is not one of ONSITE_4H_24X7, ONSITE_4H_9X5, ONSITE_SBD, '
                "ONSITE_NBD, DEPOT_COURIER, DEPOT_MAIL_IN, PARTS_ONLY"
            ),
        ],
    ),
    "no such country": (
        {"closures": ["CAN,QC,2026-12-24", "C1,QC,2026-12-24"]},
        [
            'closures.csv:2:country: "CAN" is not a country\'s two letters (CA, US …)',
            'closures.csv:3:country: "C1" is not a country\'s two letters (CA, US …)',
        ],
    ),
    "no such time zone": (
        {"territories": ["CA,H,CA-QC,America/Montréal", "CA,J,CA-QC,EST-5"]},
        [
            (
                'territories.csv:2:timezone: "America/Montréal" is not a time zone of the IANA data; '
                "write one such as America/Toronto"
            ),
            (
                'territories.csv:3:timezone: "EST-5" is not a time zone of the IANA data; '
                "write one such as America/Toronto"
            ),
        ],
    ),
    "nobody can be reached there": (
        {"customers": [*rows("customers"), "C-9,Nine,en,nine.example.com,12,CA,ON,America/Toronto"]},
        ['customers.csv:4:email: "nine.example.com" is not an e-mail address (name@example.com)'],
    ),
    "no telephone has that number": (
        {"customers": [*rows("customers"), CUSTOMER.replace(",,,", ",,call us,")]},
        ['customers.csv:4:phone: "call us" is not a telephone number; write it with its country, as +15145550123'],
    ),
    "a key is too long": (
        {"items": [*rows("items"), ITEM.replace("NEW1", "N" * 65)]},
        [f'items.csv:4:serial: "{"N" * 39}…" is 65 characters long; 64 at most'],
    ),
    "a key holds what cannot be seen": (
        {"items": [*rows("items"), ITEM.replace("NEW1", "NEW\x1b[2J1")]},
        ['items.csv:4:serial: "NEW\\u001b[2J1" holds a character that cannot be seen; take it out'],
    ),
    "a territory has a desk's name": (
        {"territories": ["CA,H,triage,America/Toronto"]},
        ['territories.csv:2:territory: "triage" is the name of a desk\'s queue; give the territory another name'],
    ),
    "a number is given twice": (
        {
            "customers": [*rows("customers"), " c-1 ,Other,en,,,CA,QC,America/Toronto"],
            "sites": [*rows("sites"), "S-1,C-2,,,,,CA,"],
            "contracts": [*rows("contracts"), CONTRACT.replace("M-9", "m-1")],
        },
        [
            'customers.csv:4:customer_number: "C-1" was given on line 2 already; keep one of the two rows',
            'sites.csv:4:site_id: "S-1" was given on line 2 already; keep one of the two rows',
            'contracts.csv:5:contract_number: "M-1" was given on line 2 already; keep one of the two rows',
        ],
    ),
    "a postal prefix or a province is served twice": (
        {
            "territories": ["CA,H7 N,A,America/Toronto", "ca,h7n,B,America/Toronto"],
            "depots": ["CA,QC,MTL,,,,", "CA,qc,QUE,,,,"],
        },
        [
            'territories.csv:3:postal_prefix: "CA H7N" was given on line 2 already; keep one of the two rows',
            'depots.csv:3:province: "CA QC" was given on line 2 already; keep one of the two rows',
        ],
    ),
    "a row is wholly repeated": (
        {
            "items": [*rows("items"), ITEM, ITEM.replace("NEW1", "new-1")],
            "entitlements": [*rows("entitlements"), *rows("entitlements")],
            "closures": ["CA,,2026-12-24", "CA,*,2026-12-24"],
        },
        [
            "items.csv:5:contract_number: is the same row as line 4; keep one",
            "entitlements.csv:3:contract_number: is the same row as line 2; keep one",
            "closures.csv:3:country: is the same row as line 2; keep one",
        ],
    ),
    "a site or a contract of nobody": (
        {
            "sites": [*rows("sites"), "S-9,C-404,,,,,CA,"],
            "contracts": [*rows("contracts"), CONTRACT.replace("C-1", "C-404")],
        },
        [
            'sites.csv:4:customer_number: "C-404" is not in customers.csv; add the customer there or correct the number',
            'contracts.csv:5:customer_number: "C-404" is not in customers.csv; add the customer there or correct the number',
        ],
    ),
    "a machine on no contract, at no site": (
        {"items": [*rows("items"), "M-404,8286,41A,NEW1,S-404,,,,,"]},
        [
            'items.csv:4:contract_number: "M-404" is not in contracts.csv; add the contract there or correct the number',
            'items.csv:4:site_id: "S-404" is not in sites.csv; add the site there or correct its id',
        ],
    ),
    "a machine at another customer's site": (
        {"items": [*rows("items"), ITEM.replace("S-1", "S-2")]},
        [
            (
                'items.csv:4:site_id: "S-2" is a site of another customer than contract M-1; '
                "correct the site or the contract"
            )
        ],
    ),
    "a machine on a software contract": (
        {"items": [*rows("items"), ITEM.replace("M-1", "SW-1")]},
        [
            (
                'items.csv:4:contract_number: "SW-1" is a contract of kind software_subscription, which covers no machine; '
                "name a hardware contract, or move the row to entitlements.csv"
            )
        ],
    ),
    "software on a hardware contract": (
        {"entitlements": ["M-2,P-1,Suite,1,", "SW-404,P-1,Suite,1,"]},
        [
            (
                'entitlements.csv:2:contract_number: "M-2" is a contract of kind warranty; '
                "an entitlement needs one of kind software_subscription"
            ),
            (
                'entitlements.csv:3:contract_number: "SW-404" is not in contracts.csv; '
                "add the contract there or correct the number"
            ),
        ],
    ),
    "a machine without a level": (
        {"items": [*rows("items"), "M-2,8286,41A,NEW1,,,,,,"]},
        ["items.csv:4:service_level: is empty here and on contract M-2; give the level on one of the two"],
    ),
    "an end before its start": (
        {
            "contracts": [*rows("contracts"), CONTRACT.replace("2026-12-31", "2025-12-31")],
            "items": [*rows("items"), "M-1,8286,41A,NEW1,S-1,2026-05-02,2026-05-01,,,"],
        },
        [
            "contracts.csv:5:end_date: 2025-12-31 is before start_date, 2026-01-01; correct one of the two",
            "items.csv:4:coverage_end: 2026-05-01 is before coverage_start, 2026-05-02; correct one of the two",
        ],
    ),
    "a machine that replaces itself": (
        {"items": [*rows("items"), ITEM + "new-1"]},
        ["items.csv:4:replaces_serial: \"NEW1\" is the row's own serial; name the older machine's"],
    ),
}


def faults(folder: Path, language: Language = Language.EN) -> list[str]:
    with pytest.raises(BrokenData) as refused:
        load(folder)
    return [line.replace(str(folder), "FOLDER") for line in refused.value.lines(language)]


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_refused_with_where_what_and_the_mend(kind: str, tmp_path: Path) -> None:
    """Everything that is wrong is said, and nothing else."""
    changed, said = BROKEN[kind]
    assert faults(write(tmp_path, **changed)) == said


@pytest.mark.parametrize("kind", BROKEN)
def test_each_fault_is_said_in_french_too(kind: str, tmp_path: Path) -> None:
    """The same places, another sentence."""
    changed, said = BROKEN[kind]
    french = faults(write(tmp_path, **changed), Language.FR)
    assert [line.split(": ")[0] for line in french] == [line.split(": ")[0] for line in said]
    assert not set(french) & set(said)


def test_a_file_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    """A folder in a file's place."""
    write(tmp_path, closures=None)
    (tmp_path / "closures.csv").mkdir()
    assert faults(tmp_path) == ["closures.csv:1:file: cannot be read (Is a directory); mend that and try again"]


def test_a_folder_that_does_not_exist_misses_its_seven_files(tmp_path: Path) -> None:
    """The eighth, closures, may be missing."""
    said = faults(tmp_path / "nowhere")
    assert [line.split(":")[0] for line in said] == [
        "customers.csv",
        "sites.csv",
        "territories.csv",
        "depots.csv",
        "contracts.csv",
        "items.csv",
        "entitlements.csv",
    ]


def test_faults_of_all_files_are_told_in_one_go(tmp_path: Path) -> None:
    """File by file, line by line, cell by cell."""
    write(
        tmp_path,
        customers=[*rows("customers"), "C-9,Nine,de,,,CAN,ON,Mars/Base"],
        sites=[*rows("sites"), "S-9,C-9,,,,,CA,Mars/Base"],
        closures=["CA,QC,never"],
    )
    assert [line.split(": ")[0] for line in faults(tmp_path)] == [
        "customers.csv:4:language",
        "customers.csv:4:country",
        "customers.csv:4:timezone",
        "sites.csv:4:timezone",
        "closures.csv:2:date",
    ]


def test_a_row_with_a_bad_cell_still_exists_for_the_rows_that_name_it(tmp_path: Path) -> None:
    """One fault is one line: the customer's site, contract and machine are not faulted for its bad time zone."""
    write(tmp_path, customers=["C-1,Scierie,fr,,,CA,QC,Mars/Base", rows("customers")[1]])
    assert [line.split(": ")[0] for line in faults(tmp_path)] == ["customers.csv:2:timezone"]


def test_nothing_is_missed_in_a_file_that_could_not_be_read_to_its_end(tmp_path: Path) -> None:
    """An open quote in contracts.csv does not make every machine's contract unknown."""
    write(tmp_path, contracts=['"M-1,C-1,warranty,2026-01-01,2026-12-31,ONSITE_NBD,false,,,,,'])
    assert [line.split(": ")[0] for line in faults(tmp_path)] == ["contracts.csv:2:record"]


def test_the_first_hundred_faults_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    """A file of another kind altogether does not fill the screen."""
    write(tmp_path, closures=[f"CA,QC,day {n}" for n in range(2345)])
    said = faults(tmp_path)
    assert len(said) == 101
    assert said[99] == 'closures.csv:101:date: "day 99" is not a date (YYYY-MM-DD)'
    assert said[100] == "and 2245 more"


def test_a_fault_names_the_line_on_which_its_record_begins(tmp_path: Path) -> None:
    """Quoted line breaks, blank lines and a line end of each sort are counted as an editor counts them."""
    text = header("depots") + '\r\n\n1,QC,A,,,,\rCA,QC,B,"a\nb\r\nc",,,\n\r\nCA,,C,"x\ny",,,\nCA1,ON,D,,,,'
    write(tmp_path, depots=text)
    assert [line.split(": ")[0] for line in faults(tmp_path)] == [
        "depots.csv:3:country",
        "depots.csv:8:province",
        "depots.csv:10:country",
    ]
