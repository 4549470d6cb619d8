"""Who the generator's clients are: the sample's staff, two more technicians on every queue, a program for each customer,
one program for the bulk files, and the campaign's own customers.

The campaign's customers have no e-mail address, so that a large campaign is not a test of the mail server; the sample's
customers have one each, and their mails are checked.
"""

import csv
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from schemas.vocabulary import Role, Scope
from services.intake import accounts
from services.routing import sample
from services.routing.data_files import load
from services.routing.imports import import_folder
from services.runtime.work import Workshop

#: Technicians who work on the same queues as everybody else, and race them.
RACERS: Final = ("racer-a", "racer-b")
#: The name under which the bulk program's token is handed over.
BULK: Final = "bulk"
#: The campaign's own customers.
FLEET: Final = tuple(f"F-{number:03d}" for number in range(1, 25))
#: A place a dispatch queue: province, postal code, zone.
_PLACES: Final = (
    ("QC", "H3B 2M7", "America/Toronto"),
    ("QC", "G1R 4P5", "America/Toronto"),
    ("ON", "M5V 2T6", "America/Toronto"),
    ("ON", "K1P 1J1", "America/Toronto"),
    ("AB", "T2P 1J9", "America/Edmonton"),
    ("BC", "V6B 1A1", "America/Vancouver"),
)
#: What a machine's contract gives, most of it a visit.
LEVELS: Final = (
    "ONSITE_NBD",
    "ONSITE_NBD",
    "ONSITE_SBD",
    "ONSITE_4H_9X5",
    "ONSITE_4H_24X7",
    "DEPOT_MAIL_IN",
    "PARTS_ONLY",
)


@dataclass(frozen=True, slots=True)
class Machine:
    """One of a customer's machines, as a request names it."""

    customer: str
    type: str
    serial: str
    onsite: bool


@dataclass(frozen=True, slots=True)
class Clients:
    """What the generator signs in with: passwords by username; token secrets by customer number, and `BULK`."""

    passwords: Mapping[str, str]
    tokens: Mapping[str, str]


def prepare(intake: Workshop, routing: Workshop, folder: Path, passwords: Mapping[str, str]) -> Clients:
    """Add the campaign's customers, technicians and programs to a stack that holds the sample and does not serve yet."""
    data = folder / "campaign-data"
    data.mkdir(parents=True, exist_ok=True)
    _write_data(data)
    import_folder(routing, data)
    more = {name: secrets.token_urlsafe(9) for name in RACERS}
    everybody = (*FLEET, *sorted({row.number for row in load(sample.data_dir()).customers}))
    with intake.begin(origin=str(uuid4())) as work:
        for name, password in more.items():
            accounts.add_staff(work, username=name, name=name, password=password, roles=[Role.TECHNICIAN], queues=["*"])
        tokens = {
            customer: accounts.create_token(
                work, name=customer, scopes=[Scope.REQUESTS_READ, Scope.REQUESTS_WRITE], customers=[customer]
            )[1]
            for customer in everybody
        }
        scopes = [Scope.REQUESTS_BULK, Scope.REQUESTS_READ, Scope.REQUESTS_WRITE]
        tokens[BULK] = accounts.create_token(work, name=BULK, scopes=scopes, customers=list(FLEET))[1]
    return Clients({**passwords, **more}, tokens)


def fleet_machines() -> list[Machine]:
    """The machines of the campaign's customers."""
    return [
        Machine(customer, "8286", _serial(customer, number), level.startswith("ONSITE"))
        for customer in FLEET
        for number, level in enumerate(LEVELS)
    ]


def sample_machines() -> list[Machine]:
    """The machines of the sample's customers that are covered for a visit or not, as the data has them."""
    data = load(sample.data_dir())
    owners = {contract.number: (contract.customer_number, contract.service_level) for contract in data.contracts}
    return [
        Machine(
            owners[item.contract_number][0],
            item.machine_type,
            item.serial,
            str(item.service_level or owners[item.contract_number][1] or "").startswith("ONSITE"),
        )
        for item in data.items
        if item.ended_on is None
    ]


def _write_data(folder: Path) -> None:
    """The data files of docs/rules.md §1."""
    places = [_PLACES[index % len(_PLACES)] for index in range(len(FLEET))]
    _file(
        folder / "customers.csv",
        "customer_number,name,language,email,phone,country,province,timezone",
        [
            [number, f"Fleet {number}", "fr" if index % 2 else "en", "", "", "CA", province, zone]
            for index, (number, (province, _, zone)) in enumerate(zip(FLEET, places, strict=True))
        ],
    )
    _file(
        folder / "sites.csv",
        "site_id,customer_number,line1,city,province,postal_code,country,timezone",
        [
            [f"S-{number}", number, "1 Test Street", "Testville", province, postal, "CA", ""]
            for number, (province, postal, _) in zip(FLEET, places, strict=True)
        ],
    )
    _file(
        folder / "contracts.csv",
        "contract_number,customer_number,kind,start_date,end_date,service_level,auto_renew,customer_minimum_months,"
        "customer_notice_months,provider_minimum_months,provider_notice_months,prepaid_until",
        [
            [
                f"M-{number}",
                number,
                "hardware_maintenance",
                "2025-01-01",
                "2030-12-31",
                "ONSITE_NBD",
                "false",
                *[""] * 5,
            ]
            for number in FLEET
        ],
    )
    for name in ("territories.csv", "depots.csv"):
        shutil.copy(sample.data_dir() / name, folder / name)
    _file(folder / "entitlements.csv", "contract_number,product_id,product_name,quantity,subscription_end", [])
    _file(
        folder / "items.csv",
        "contract_number,machine_type,model,serial,site_id,coverage_start,coverage_end,service_level,ended_on,"
        "replaces_serial",
        [
            [f"M-{number}", "8286", "41A", _serial(number, index), f"S-{number}", "", "", level, "", ""]
            for number in FLEET
            for index, level in enumerate(LEVELS)
        ],
    )


def _serial(customer: str, number: int) -> str:
    return f"{customer.replace('-', '')}X{number}"


def _file(path: Path, header: str, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(header.split(","))
        writer.writerows(rows)
