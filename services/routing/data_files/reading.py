"""All the files in one pass: cells to values, values to rows, rows held against the rows that they name."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import getitem
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from schemas.text import unsafe
from services.routing.data_files.checks import Checks
from services.routing.data_files.layout import LAYOUTS, Column, Layout, Row
from services.routing.data_files.problems import Problems, Unfit, shown
from services.routing.data_files.records import Progress, records
from services.routing.rules.book import Closure, Contract, Customer, Depot, Entitlement, Item, Site, Territory

#: A column remembers what so many different cells meant, then starts afresh.
_REMEMBERED: Final = 1 << 17

Kept = TypeVar("Kept", Customer, Site, Territory, Depot, Contract, Item, Entitlement, Closure)


@dataclass(frozen=True, slots=True)
class ContractData:
    """The files' rows, checked; in the files' order."""

    customers: tuple[Customer, ...] = ()
    sites: tuple[Site, ...] = ()
    territories: tuple[Territory, ...] = ()
    depots: tuple[Depot, ...] = ()
    contracts: tuple[Contract, ...] = ()
    items: tuple[Item, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()
    closures: tuple[Closure, ...] = ()


def load(folder: Path, progress: Progress | None = None) -> ContractData:
    """Every row of the files in `folder`. Raises `BrokenData` when anything at all is wrong with them."""
    tables: defaultdict[type[Row], list[Row]] = defaultdict(list)
    for row in stream(folder, progress):
        tables[type(row)].append(row)

    def every(kind: type[Kept]) -> tuple[Kept, ...]:
        return tuple(cast("list[Kept]", tables[kind]))

    return ContractData(
        customers=every(Customer),
        sites=every(Site),
        territories=every(Territory),
        depots=every(Depot),
        contracts=every(Contract),
        items=every(Item),
        entitlements=every(Entitlement),
        closures=every(Closure),
    )


def stream(folder: Path, progress: Progress | None = None) -> Iterator[Row]:
    """Every row of the files in `folder`, one after the other, each after those that it names.

    Memory grows with customers, sites and contracts, and by 8 bytes a machine. Raises `BrokenData` behind the last row
    when anything was wrong; no row is given after the first fault. Who writes rows down must be able to take them back.
    """
    problems = Problems()
    checks = Checks(problems)
    for layout in LAYOUTS:
        for line, read in _rows(folder, layout, checks, progress):
            row = checks.check(read, line)
            if not problems.count:
                yield row
        _tell_repeats(folder, layout, checks)
    problems.raise_if_any()


def _rows(folder: Path, layout: Layout, checks: Checks, progress: Progress | None) -> Iterator[tuple[int, Row]]:
    """The file's rows whose every cell can be read, with their lines."""
    meanings = [_Meanings(column) for column in layout.columns]
    for line, record in records(folder, layout, checks.problems, progress):
        try:
            values = list(map(getitem, meanings, record))  # a million times: three times faster than a loop
        except Unfit:
            _tell(record, line, layout, checks)
        else:
            yield line, layout.build(*values)


class _Meanings(dict[str, Any]):
    """What each cell of a column means, worked out when it is first seen. Raises `Unfit`."""

    def __init__(self, column: Column) -> None:
        self._column = column

    def __missing__(self, cell: str) -> object:
        value = _value(self._column, cell)
        if self._column.unique and cell:
            return value
        if len(self) >= _REMEMBERED:
            self.clear()
        self[cell] = value
        return value


def _value(column: Column, cell: str) -> object:
    if unsafe(cell):
        raise Unfit("nul" if "\0" in cell else "not_utf8", cell=shown(cell))
    value = column.read(cell)
    if value is not None:
        return value
    if column.needed:
        raise Unfit("empty")
    return column.empty


def _tell(record: Sequence[str], line: int, layout: Layout, checks: Checks) -> None:
    """Every bad cell of one record."""
    for column, cell in zip(layout.columns, record, strict=True):
        try:
            value = _value(column, cell)
        except Unfit as unfit:
            checks.problems.add(layout.file, line, column.name, unfit.word, **unfit.fields)
        else:
            if column.name == layout.key:
                checks.doubt(layout, str(value), line)


def _tell_repeats(folder: Path, layout: Layout, checks: Checks) -> None:
    """Rows that are wholly the same as an earlier one. Only if hashes say so is the file read again to find them."""
    suspects = checks.repeated()
    if not suspects:
        return
    lines: dict[Row, int] = {}
    for line, row in _rows(folder, layout, Checks(Problems()), None):
        if hash(row) in suspects:
            first = lines.setdefault(row, line)
            if first != line:
                checks.problems.add(layout.file, line, layout.names[0], "row_twice", first=first)
