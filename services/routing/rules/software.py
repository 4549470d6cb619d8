"""Software: support, downloads, keys, and an appliance that crosses a border (docs/rules.md §2, §9)."""

from schemas.decision import MachineRef
from schemas.request import MoveDetails, details_of
from schemas.vocabulary import Outcome, Reason
from services.routing.rules.case import Case, Ruling, contract_unknown, incomplete, triage
from services.routing.rules.clock import due
from services.routing.rules.entitlements import Standing, State, best, downloads, standing
from services.routing.rules.naming import machine_named, product_named

PRODUCT_ID = "product_id"


def software_support(case: Case) -> Ruling:
    """By the subscription: active, lapsed with its two ways out, or none."""
    product = product_named(case)
    if product is None:
        return contract_unknown() if case.foreign else incomplete(PRODUCT_ID)
    found = best(_standings(case, product))
    if found is None or found.state is State.TO_COME:
        case.ask("entitled", "no" if found is None else "to_come", product)
        return Ruling(Outcome.NOT_ENTITLED, "software.not_entitled")
    case.ask("entitled", found.state, found.contract.number, found.until)
    if found.state is State.LAPSED:
        return Ruling(
            Outcome.SUBSCRIPTION_LAPSED,
            "software.lapsed",
            contract_number=found.contract.number,
            covered_until=found.until,
            offers=case.terms.prices.renewal,
        )
    customer = case.customer
    calendar = case.book.areas.calendar(case.zone, customer.country, customer.province, case.terms)
    severity = case.request.severity or case.terms.default_severity
    return Ruling(
        Outcome.REMOTE_SUPPORT,
        "software.support",
        contract_number=found.contract.number,
        covered_until=found.until,
        clock=due(case.terms.remote_response[severity], case.qualified_at, calendar),
    )


def software_download(case: Case) -> Ruling:
    """What was bought and has begun; of a lapsed subscription, the versions of its time."""
    product = case.request.product_id
    if product is None and case.foreign:
        return contract_unknown()
    contract_number = None if case.contract is None else case.contract.number
    answered = downloads(_standings(case, product), product, contract_number)
    case.ask("entitled", "yes" if answered else "no", *(one.entitlement.product_id for one in answered))
    if not answered:
        return Ruling(Outcome.NOT_ENTITLED, "software.not_entitled")
    contracts = {one.contract.number for one in answered}
    return Ruling(
        Outcome.ANSWERED,
        "software.download",
        contract_number=contracts.pop() if len(contracts) == 1 else None,
        covered_until=answered[0].until if len(answered) == 1 else None,
    )


def software_key(case: Case) -> Ruling:
    """The key centre, unless the machine seems not to be this customer's."""
    named = machine_named(case)
    if named.machine is None:
        return contract_unknown() if case.foreign else incomplete(named.missing)
    stranger = case.cover(named.machine).stranger
    if stranger is not None:
        return triage("coverage.stranger", stranger)
    return Ruling(Outcome.KEY_CENTRE, "software.key")


def appliance_move(case: Case) -> Ruling:
    """A person approves every move across a border; nothing is done before."""
    asked = details_of(case.request, MoveDetails)
    origin, destination = asked.origin_country, asked.destination_country
    product, machine = case.request.product_id, machine_named(case).machine
    subject = product is not None or machine is not None
    if not subject and case.foreign:
        return contract_unknown()
    if not subject or origin is None or destination is None:
        return incomplete(
            None if subject else PRODUCT_ID,
            None if origin else "details.origin_country",
            None if destination else "details.destination_country",
        )
    owns_product = product is None or bool(_standings(case, product))
    owns_machine = machine is None or _owns_machine(case, machine)
    case.ask("owner", "this_customer" if owns_product and owns_machine else "unknown")
    if not (owns_product and owns_machine):
        return triage("software.move_of_anothers", Reason.OWNER_MISMATCH)
    if origin == destination:
        case.ask("border", "none", origin)
        return Ruling(Outcome.GENERAL_DESK, "software.no_border", (Reason.NO_BORDER,))
    case.ask("border", "crossed", origin, destination)
    return Ruling(Outcome.APPROVAL, "software.move")


def _owns_machine(case: Case, machine: MachineRef) -> bool:
    """It covers, or nobody else's does and this customer's items have held it."""
    found = case.cover(machine)
    return found.winner is not None or (found.stranger is None and bool(found.own))


def _standings(case: Case, product: str | None) -> tuple[Standing, ...]:
    """This customer's entitlements, to one product or all, on the customer's own day."""
    day = case.received_at.astimezone(case.zone).date()
    found = []
    for entitlement in case.book.entitlements_of(case.customer.number):
        contract = case.book.contract(entitlement.contract_number)
        if contract is not None and product in (None, entitlement.product_id):
            found.append(standing(entitlement, contract, day))
    case.standings = tuple(found)
    return case.standings
