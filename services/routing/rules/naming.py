"""Which machine, product or contract does the request name? (docs/rules.md §2, the table of what each kind needs)

A machine is a type and a serial. The serial alone is enough when this customer's items hold it under one type only,
whatever the dates; so is a contract of this customer's that covers one single machine on the day. What is named of the
machine narrows the contract's machines, and what is missing of it is asked for before the contract.
"""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.decision import MachineRef
from schemas.request import Machine
from services.routing.rules.book import Contract
from services.routing.rules.case import Case
from services.routing.rules.coverage import compare
from services.routing.rules.facts import Book


class Named(NamedTuple):
    """The machine, or the field that is missing to know it."""

    machine: MachineRef | None
    missing: str | None


def machine_named(case: Case) -> Named:
    """The one machine that the request names."""
    asked = case.request.machine
    found = _by_itself(case) or _by_contract(case)
    if found is not None:
        case.ask("machine", "named", found.type, found.serial)
        return Named(found, None)
    missing = "machine.type" if asked.serial else "machine.serial" if asked.type else "machine"
    case.ask("machine", "missing", missing)
    return Named(None, missing)


def contract_named(case: Case) -> str | None:
    """The number of the one contract that the request names, itself or by a machine that this contract alone covers.

    Where none covers the machine on the day, the one that holds it at any date.
    """
    if case.contract is not None:
        case.ask("contract", "named", case.contract.number)
        return case.contract.number
    machine = _by_itself(case)
    own = () if machine is None else case.cover(machine).own
    holding = {one.contract.number for one in own if one.lost_by is None} or {one.contract.number for one in own}
    if len(holding) == 1:
        case.ask("contract", "of_machine", *holding)
        return holding.pop()
    case.ask("contract", "several" if holding else "missing", *sorted(holding))
    return None


def product_named(case: Case) -> str | None:
    """The product that the request names, itself or by a contract of this customer's with one single entitlement."""
    if case.request.product_id is not None or case.contract is None:
        return case.request.product_id
    number = case.contract.number
    own = [one for one in case.book.entitlements_of(case.customer.number) if one.contract_number == number]
    return own[0].product_id if len(own) == 1 else None


def _by_itself(case: Case) -> MachineRef | None:
    """By type and serial, or by a serial that this customer's items hold under one type only."""
    asked = case.request.machine
    if asked.serial is None:
        return None
    if asked.type is not None:
        return MachineRef(asked.type, asked.serial)
    types = {item.machine_type for item, _ in case.book.held_with_serial(asked.serial, case.customer.number)}
    return MachineRef(types.pop(), asked.serial) if len(types) == 1 else None


def _by_contract(case: Case) -> MachineRef | None:
    if case.contract is None:
        return None
    return only_machine(case.contract, case.request.machine, case.book, case.received_at, case.zone)


def only_machine(
    contract: Contract, asked: Machine, book: Book, received_at: datetime, zone: ZoneInfo
) -> MachineRef | None:
    """The only machine that `contract` covers on the day, among those that `asked` leaves open. `zone`: the customer's."""
    found: MachineRef | None = None
    items = book.on_contract(contract.number) if asked.serial is None else book.with_serial(asked.serial)
    for item in items:
        if item.contract_number != contract.number or asked.type not in (None, item.machine_type):
            continue
        if found is not None and (item.machine_type, item.serial) == (found.type, found.serial):
            continue
        if compare(item, contract, book, received_at, zone).lost_by is None:
            if found is not None:
                return None
            found = MachineRef(item.machine_type, item.serial)
    return found
