"""Routing under test: a small provider's data, a clock that a test moves, events in and events out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, select

from schemas.message import Message
from schemas.topics import topic
from schemas.vocabulary import ContractKind, Language, Role, ServiceLevel
from services.routing import queue_steps, returns, store
from services.routing.app import subscription
from services.routing.data_files.layout import Row
from services.routing.decisions import Judge
from services.routing.desks import Case
from services.routing.facts import FactSource
from services.routing.imports import ImportReport, import_rows
from services.routing.people import NOTHING_SAID, Person, Said
from services.routing.queues import WorkOrder
from services.routing.requests import Life
from services.routing.returns import Return
from services.routing.rules.book import Closure, Contract, Customer, Depot, Entitlement, Item, Site, Territory
from services.routing.rules.policy import standard_policy
from services.routing.store import K
from services.routing.tables import METADATA, RUNTIME
from services.runtime.consumer import Processor
from services.runtime.database import Database
from services.runtime.identity.principal import Staff
from services.runtime.work import Work, Workshop
from tests.builders import MONDAY, a_record, an_acceptance

TOMORROW = timedelta(days=1)


@dataclass
class HandClock:
    """Shows what a test says."""

    at: datetime = MONDAY

    def ask(self, _connection: Connection) -> Callable[[], datetime]:
        return self.read

    def read(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


def a_customer(number: str = "C-1", **given: Any) -> Customer:
    return Customer(
        **{
            "number": number,
            "name": f"Customer {number}",
            "language": Language.EN,
            "email": f"{number.lower()}@example.com",
            "phone": "+15145550123",
            "country": "CA",
            "province": "QC",
            "timezone": "America/Toronto",
            **given,
        }
    )


def a_site(site_id: str = "S-1", customer_number: str = "C-1", **given: Any) -> Site:
    return Site(
        **{
            "site_id": site_id,
            "customer_number": customer_number,
            "line1": "1 Main Street",
            "city": "Montréal",
            "province": "QC",
            "postal_code": "H2X1A1",
            "country": "CA",
            "timezone": None,
            **given,
        }
    )


def a_contract(number: str = "M-1", customer_number: str = "C-1", **given: Any) -> Contract:
    return Contract(
        **{
            "number": number,
            "customer_number": customer_number,
            "kind": ContractKind.HARDWARE_MAINTENANCE,
            "start_date": date(2025, 1, 1),
            "end_date": date(2027, 12, 31),
            "service_level": ServiceLevel.ONSITE_NBD,
            "auto_renew": False,
            "customer_minimum_months": None,
            "customer_notice_months": None,
            "provider_minimum_months": None,
            "provider_notice_months": None,
            "prepaid_until": None,
            **given,
        }
    )


def an_item(serial: str = "SN1", contract_number: str = "M-1", **given: Any) -> Item:
    return Item(
        **{
            "contract_number": contract_number,
            "machine_type": "8286",
            "model": "41A",
            "serial": serial,
            "site_id": "S-1",
            "coverage_start": None,
            "coverage_end": None,
            "service_level": None,
            "ended_on": None,
            "replaces_serial": None,
            **given,
        }
    )


def an_entitlement(product_id: str = "P-1", contract_number: str = "SW-1", **given: Any) -> Entitlement:
    return Entitlement(
        **{
            "contract_number": contract_number,
            "product_id": product_id,
            "product_name": "Ledger",
            "quantity": 5,
            "subscription_end": None,
            **given,
        }
    )


def a_provider() -> list[Row]:
    """One customer with a machine at each level and a product, one with a machine of their own."""
    levels = {
        "SN1": ServiceLevel.ONSITE_NBD,
        "SN4": ServiceLevel.ONSITE_4H_24X7,
        "SNM": ServiceLevel.DEPOT_MAIL_IN,
        "SNP": ServiceLevel.PARTS_ONLY,
    }
    return [
        a_customer(),
        a_customer("C-2", language=Language.FR, province="ON"),
        a_site(),
        a_site("S-2", "C-2", city="Toronto", province="ON", postal_code="M5V1A1"),
        Territory("CA", "H", "CA-QC-MTL", "America/Toronto"),
        Territory("CA", "M", "CA-ON-TOR", "America/Toronto"),
        Depot("CA", "*", "D-1", "Central workshop", "9 Depot Road", "Toronto", "M1B2C3"),
        a_contract(),
        a_contract("M-2", "C-2"),
        a_contract("SW-1", kind=ContractKind.SOFTWARE_SUBSCRIPTION, service_level=None),
        *(an_item(serial, service_level=level) for serial, level in levels.items()),
        an_item("SN2", "M-2", site_id="S-2"),
        an_entitlement(),
        Closure("CA", None, date(2026, 12, 24)),
    ]


def a_technician(username: str = "tech1", *queues: str) -> Person:
    territories = frozenset(queues or ("CA-QC-MTL",))
    staff = Staff(username, f"Name of {username}", frozenset({Role.TECHNICIAN}), territories)
    return Person(staff.username, staff.name, staff)


def a_dispatcher(username: str = "dispatch1") -> Person:
    staff = Staff(username, f"Name of {username}", frozenset({Role.DESK}))
    return Person(staff.username, staff.name, staff)


def at_the_bench(username: str = "bench1", *depots: str) -> Person:
    staff = Staff(username, f"Name of {username}", frozenset({Role.DEPOT}), frozenset(depots or ("D-1",)))
    return Person(staff.username, staff.name, staff)


@dataclass
class Routing:
    """The service without its edges."""

    database: Database
    clock: HandClock = field(default_factory=HandClock)
    _offset: int = 0

    def __post_init__(self) -> None:
        self.workshop = Workshop("routing", self.database, RUNTIME, self.clock)
        self.judge = Judge(standard_policy(), FactSource())
        self.processor = Processor(
            self.workshop,
            subscription(self.judge),
            sleep=lambda _seconds: None,
        )

    def given(self, rows: Iterable[Row] | None = None, *, replace: bool = False) -> ImportReport:
        with self.workshop.begin(origin=str(uuid4())) as work:
            return import_rows(work, a_provider() if rows is None else rows, replace=replace)

    def receives(self, *messages: Message) -> list[Message]:
        """Everything that these events, in one batch, made routing say."""
        before = self.last_outbox_id()
        records = []
        for message in messages:
            self._offset += 1
            records.append(a_record(message, offset=self._offset))
        self.processor.process(records)
        return self.said(after=before)

    def does(self, act: Any) -> list[Message]:
        """Everything that `act(work)`, in a unit of its own, made routing say."""
        before = self.last_outbox_id()
        with self.workshop.begin(origin=str(uuid4())) as work:
            act(work)
        return self.said(after=before)

    def on_order(self, name: str, by: Person, id_: str | None = None, said: Said = NOTHING_SAID) -> list[Message]:
        """A step of the only work order, or of `id_`, by somebody who sees it as it is."""
        order = self.order(id_)

        def act(work: Work) -> None:
            areas = self.judge.facts.reference(work.connection).areas
            queue_steps.take_step(work, self.judge.policy, areas, order.id, name, by, order.version, said)

        return self.does(act)

    def on_return(self, name: str, by: Person, said: Said = NOTHING_SAID) -> list[Message]:
        parcel = self.parcel()

        def act(work: Work) -> None:
            areas = self.judge.facts.reference(work.connection).areas
            returns.take_step(work, self.judge.policy, areas, parcel.id, name, by, None, said)

        return self.does(act)

    def said(self, *, after: int = 0) -> list[Message]:
        outbox = RUNTIME.outbox
        with self.database.reading() as connection:
            rows = connection.execute(select(outbox).where(outbox.c.id > after).order_by(outbox.c.id)).mappings()
            return [_message(row["topic"], row["type"], row["body"]) for row in rows]

    def life(self, number: str = "") -> Life:
        found = self._all(Life)
        return found[0] if not number else next(one for one in found if one.number == number)

    def lives(self) -> list[Life]:
        return self._all(Life)

    def order(self, id_: str | None = None) -> WorkOrder:
        """The work order with this id, or the last."""
        found = self._all(WorkOrder)
        return found[-1] if id_ is None else next(one for one in found if one.id == id_)

    def orders(self) -> list[WorkOrder]:
        return self._all(WorkOrder)

    def parcel(self) -> Return:
        return self._all(Return)[-1]

    def parcels(self) -> list[Return]:
        return self._all(Return)

    def case(self) -> Case:
        return self._all(Case)[-1]

    def cases(self) -> list[Case]:
        return self._all(Case)

    def everything_stored(self) -> dict[str, list[dict[str, Any]]]:
        with self.database.reading() as connection:
            return {
                table.name: [
                    dict(row)
                    for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
                ]
                for table in METADATA.sorted_tables
            }

    def stored(self, name: str) -> list[dict[str, Any]]:
        return self.everything_stored()[name]

    def _all(self, kind: type[K]) -> list[K]:
        with self.database.reading() as connection:
            return store.found(connection, kind, order=(kind.TABLE.c[kind.KEY],))

    def last_outbox_id(self) -> int:
        outbox = RUNTIME.outbox
        with self.database.reading() as connection:
            return (
                connection.execute(select(outbox.c.id).order_by(outbox.c.id.desc()).limit(1)).scalar_one_or_none() or 0
            )


def _message(topic_name: str, type_: str, body: bytes) -> Message:
    kind = next(message for message in topic(topic_name).messages if type_ == message.TYPE)
    return kind.model_validate_json(body)


def types(messages: Sequence[Message]) -> list[str]:
    return [message.TYPE for message in messages]


def covered(number: str = "", serial: str = "SN1", **given: Any) -> Message:
    """An acceptance for a machine of customer C-1."""
    machine = {"type": "8286", "serial": serial}
    return an_acceptance(number, **{"customer_number": "C-1", "machine": machine, **given})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
