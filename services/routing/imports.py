"""Contract data into the database: all of it or nothing, and the same data again changes nothing (docs/rules.md §1).

Rows go into temporary tables in portions, so that a million machines need no more memory than ten; each table is then
brought up to date by a few statements. What the files say of a machine on a contract (or of a product) is all there is
to say of it: its other rows on that contract go. Whatever the files do not name stays, unless `replace` is asked for:
then machines and entitlements that are not named end with the day of the import, their contracts the day before, so
that a request from before is still judged as it was; reference data and addresses that nothing uses are removed.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, delete, exists, or_, select, text, update

from services.routing.contract_tables import EVERYWHERE
from services.routing.data_files import Progress, stream
from services.routing.data_files.layout import LAYOUTS, Row
from services.routing.gathered import TABLES
from services.routing.merging import Counts, Staged, merge, named, stage, unstage
from services.routing.rules.book import Closure, Contract, Customer, Depot, Entitlement, Item, Site, Territory
from services.routing.tables import CONTRACT_DATA as DATA
from services.runtime.rows import insert_rows
from services.runtime.work import Work, Workshop

#: Rows held in memory before they are written.
PORTION: Final = 5_000

_FILES: Final[dict[type[Row], str]] = {layout.build: layout.file for layout in LAYOUTS}  # type: ignore[misc]  # build is the row's class


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import changed, file by file. `generation` counts the imports that changed anything."""

    generation: int
    files: dict[str, Counts]

    @property
    def changed(self) -> bool:
        return any(counts.anything for counts in self.files.values())

    def to_json(self) -> dict[str, Any]:
        files = {file: asdict(counts) for file, counts in self.files.items()}
        return {"generation": self.generation, "changed": self.changed, "files": files}


def import_folder(
    workshop: Workshop, folder: Path, *, replace: bool = False, progress: Progress | None = None
) -> ImportReport:
    """The data files of `folder` into the database. Raises `BrokenData`, and then nothing has changed."""
    with workshop.begin(origin=str(uuid4())) as work:
        return import_rows(work, stream(folder, progress), replace=replace)


def import_rows(work: Work, rows: Iterable[Row], *, replace: bool = False) -> ImportReport:
    """Checked rows into the database, as `import_folder` does. Whatever `rows` raises undoes it all."""
    _take_your_time(work.connection)
    generation = _lock_generation(work.connection)
    staged = {kind: stage(work.connection, table) for kind, table in TABLES.items()}
    _fill(work.connection, staged, rows)
    counts = {kind: merge(work.connection, one) for kind, one in staged.items()}
    if replace:
        for kind, ended in _end_absent(work, staged).items():
            counts[kind] = _with_ended(counts[kind], ended)
    unstage(work.connection, tuple(staged.values()))
    report = ImportReport(generation, {_FILES[kind]: counts[kind] for kind in TABLES})
    if not report.changed:
        return report
    _take_stock(work.connection)
    return _note_generation(work, report)


def _fill(connection: Connection, staged: dict[type[Row], Staged], rows: Iterable[Row]) -> None:
    portions: defaultdict[type[Row], list[dict[str, Any]]] = defaultdict(list)
    read = {kind: _reader(kind) for kind in staged}
    for row in rows:
        kind = type(row)
        portion = portions[kind]
        portion.append(read[kind](row))
        if len(portion) >= PORTION:
            insert_rows(connection, staged[kind].raw, portion)
            portion.clear()
    for kind, portion in portions.items():
        insert_rows(connection, staged[kind].raw, portion)


def _reader(kind: type[Row]) -> Callable[[Row], dict[str, Any]]:
    """How a row becomes column values: words by their value, and `*` where a closure has no province."""
    names = tuple(field.name for field in fields(kind))

    def read(row: Row) -> dict[str, Any]:
        values = {name: getattr(row, name) for name in names}
        for name, value in values.items():
            if isinstance(value, Enum):
                values[name] = value.value
        if kind is Closure and values["province"] is None:
            values["province"] = EVERYWHERE
        return values

    return read


def _take_your_time(connection: Connection) -> None:
    """A session that waits is ended after seconds (`runtime.database`); an import may wait for another, and for a disk."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))


def _take_stock(connection: Connection) -> None:
    """PostgreSQL looks rows up by how many it believes there are. By itself it learns of a large import a minute later, and
    reads whole tables for each batch until then."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ANALYZE {', '.join(table.name for table in TABLES.values())}"))


def _lock_generation(connection: Connection) -> int:
    """One import at a time; the number so far."""
    first = {"id": 1, "number": 0, "imported_at": None, "report": None}
    insert_rows(connection, DATA.generation, [first], ignore=True)
    return int(connection.execute(select(DATA.generation.c.number).with_for_update()).scalar_one())


def _note_generation(work: Work, report: ImportReport) -> ImportReport:
    noted = ImportReport(report.generation + 1, report.files)
    work.connection.execute(
        update(DATA.generation).values(number=noted.generation, imported_at=work.now, report=noted.to_json())
    )
    return noted


def _with_ended(counts: Counts, ended: int) -> Counts:
    return Counts(counts.added, counts.changed, counts.unchanged, ended)


def _end_absent(work: Work, staged: dict[type[Row], Staged]) -> dict[type[Row], int]:
    """End what the files no longer name; rows that name others go before those that they name."""
    connection = work.connection
    today = work.now.date()
    yesterday = today - timedelta(days=1)
    items, entitlements, contracts = DATA.items, DATA.entitlements, DATA.contracts

    def absent(kind: type[Row]) -> ColumnElement[bool]:
        return ~named(staged[kind])

    running = or_(items.c.ended_on.is_(None), items.c.ended_on > today)
    ended: dict[type[Row], int] = {
        Item: connection.execute(update(items).where(absent(Item), running).values(ended_on=today)).rowcount
    }
    renews = exists().where(
        contracts.c.number == entitlements.c.contract_number,
        contracts.c.auto_renew,
        contracts.c.end_date == entitlements.c.subscription_end,
    )
    active = or_(entitlements.c.subscription_end.is_(None), entitlements.c.subscription_end > yesterday, renews)
    ended[Entitlement] = connection.execute(
        update(entitlements).where(absent(Entitlement), active).values(subscription_end=yesterday)
    ).rowcount
    ended[Contract] = _end_contracts(connection, absent(Contract), yesterday)
    for kind in (Closure, Depot, Territory):
        ended[kind] = connection.execute(delete(TABLES[kind]).where(absent(kind))).rowcount
    unused = ~exists().where(items.c.site_id == DATA.sites.c.site_id)
    ended[Site] = connection.execute(delete(DATA.sites).where(absent(Site), unused)).rowcount
    ended[Customer] = connection.execute(
        delete(DATA.customers).where(
            absent(Customer),
            ~exists().where(contracts.c.customer_number == DATA.customers.c.number),
            ~exists().where(DATA.sites.c.customer_number == DATA.customers.c.number),
        )
    ).rowcount
    return ended


def _end_contracts(connection: Connection, absent: ColumnElement[bool], yesterday: date) -> int:
    """A contract that renewed by itself did so until now: its items' ends that went with it are still its own."""
    items, contracts = DATA.items, DATA.contracts
    renewed = exists().where(
        contracts.c.number == items.c.contract_number,
        contracts.c.auto_renew,
        contracts.c.end_date == items.c.coverage_end,
        absent,
    )
    connection.execute(update(items).where(renewed).values(coverage_end=None))
    running = or_(contracts.c.end_date.is_(None), contracts.c.end_date > yesterday, contracts.c.auto_renew)
    return connection.execute(
        update(contracts).where(absent, running).values(end_date=yesterday, auto_renew=False)
    ).rowcount
