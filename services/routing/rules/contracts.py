"""Contracts: a copy, a renewal, a change, a list of devices, a coverage decision disputed (docs/rules.md §2).

A contract that is not this customer's is as one that does not exist: nothing of it is revealed.
"""

from schemas.request import ChangeDetails, details_of
from schemas.vocabulary import Outcome
from services.routing.rules.case import Case, Ruling, contract_unknown, incomplete
from services.routing.rules.ending import dates_if_ended, maintenance
from services.routing.rules.naming import contract_named, machine_named

CONTRACT_NUMBER = "contract_number"


def contract_copy(case: Case) -> Ruling:
    """The document, when the contract is this customer's."""
    number = contract_named(case)
    if number is not None:
        return Ruling(Outcome.ANSWERED, "contract.copy", contract_number=number)
    if case.foreign:
        return Ruling(Outcome.CONTRACT_DESK, "contract.unknown")
    return incomplete(CONTRACT_NUMBER)


def contract_renewal(case: Case) -> Ruling:
    """Always the desk: quote, acceptance and signature follow there."""
    return _to_the_desk(case, "contract.renewal")


def contract_change(case: Case) -> Ruling:
    """Always the desk. A cancellation that names one machine under maintenance carries what it comes to."""
    ruling = _to_the_desk(case, "contract.change")
    if details_of(case.request, ChangeDetails).action != "cancel":
        return ruling
    machine = machine_named(case).machine
    maintained = None if machine is None else maintenance(case, case.cover(machine))
    if maintained is None:
        return ruling
    return Ruling(
        Outcome.CONTRACT_DESK,
        "contract.cancellation",
        contract_number=maintained.item.contract.number,
        dates=dates_if_ended(case, maintained.item),
    )


def covered_devices(case: Case) -> Ruling:
    """The list of all devices, or of one contract's."""
    if case.foreign:
        return contract_unknown()
    return Ruling(
        Outcome.ANSWERED, "contract.devices", contract_number=None if case.contract is None else case.contract.number
    )


def coverage_review(case: Case) -> Ruling:
    """A person weighs the new evidence; whose machine it is they will see, so that no reason is given here."""
    named = machine_named(case)
    if named.machine is None:
        return contract_unknown() if case.foreign else incomplete(named.missing)
    case.cover(named.machine)
    return Ruling(Outcome.CONTRACT_DESK, "coverage.review")


def _to_the_desk(case: Case, rule: str) -> Ruling:
    """With the contract if it is known; without, what is missing is noted and the desk asks for it."""
    number = contract_named(case)
    known = number is not None or case.foreign
    return Ruling(Outcome.CONTRACT_DESK, rule, contract_number=number, missing=() if known else (CONTRACT_NUMBER,))
