"""When can maintenance on a machine end, and what does it come to? (docs/rules.md §6, §7)

Only maintenance can be ended: the item of the contract that was named, else the best of those that cover. The time under
maintenance is this customer's unbroken time: renewals, new contract numbers and like-for-like swaps go on, a gap or a new
owner starts again. Coverage is never stretched: the end is at the latest the day after the last covered one.
"""

from dataclasses import dataclass
from datetime import date

from schemas.decision import Dates
from schemas.request import TerminationDetails, TransferDetails, details_of, invalid
from schemas.vocabulary import ContractKind, Language, Outcome, Reason
from services.routing.rules.book import Contract, Item
from services.routing.rules.case import Case, Ruling, contract_unknown, incomplete, triage
from services.routing.rules.coverage import Comparison, Coverage, covered_until, start_of
from services.routing.rules.dates import add_months, day_after, day_before, days_through
from services.routing.rules.naming import machine_named
from services.routing.rules.policy import Notice
from services.routing.rules.sites import site_differs, site_of


@dataclass(frozen=True, slots=True)
class Maintained:
    """The maintenance item that counts, and all of this customer's maintenance that covers the machine."""

    item: Comparison
    covering: tuple[Comparison, ...]


def termination(case: Case) -> Ruling:
    """Maintenance on a machine ends: by the customer's notice, the provider's, or the other's breach."""
    asked = details_of(case.request, TerminationDetails)
    named = machine_named(case)
    if named.machine is None and case.foreign:
        return contract_unknown()
    missing = (
        named.missing,
        None if asked.party else "details.party",
        "details.sent_on" if asked.party == "provider" and asked.sent_on is None else None,
        "details.evidence" if asked.party == "breach" and asked.evidence is None else None,
    )
    if named.machine is None or any(missing):
        return incomplete(*missing)
    found = case.cover(named.machine)
    maintained = maintenance(case, found)
    if maintained is None:
        if found.stranger is not None:
            return triage("coverage.stranger", found.stranger)
        return triage("ending.not_under_contract", Reason.NOT_UNDER_CONTRACT)
    ruling = _by_breach() if asked.party == "breach" else _by_notice(case, asked, maintained.item)
    return _about(case, maintained, ruling)


def machine_transfer(case: Case) -> Ruling:
    """A machine was returned or sold: its maintenance ends, a month's notice still counts (docs/rules.md §7)."""
    asked = details_of(case.request, TransferDetails)
    named = machine_named(case)
    if named.machine is None and case.foreign:
        return contract_unknown()
    if named.machine is None or asked.reason is None or asked.event_date is None:
        return incomplete(
            named.missing,
            None if asked.reason else "details.reason",
            None if asked.event_date else "details.event_date",
        )
    found = case.cover(named.machine)
    maintained = maintenance(case, found)
    if maintained is None:
        if found.stranger is not None:
            return triage("coverage.stranger", found.stranger)
        return Ruling(Outcome.CONTRACT_DESK, "ending.not_under_contract", (Reason.NOT_UNDER_CONTRACT,))
    notice = customer_notice(case, maintained.item.contract)
    dates = _ended(case, maintained.item, asked.event_date, maintained.item.day, notice)
    return _about(case, maintained, Ruling(Outcome.CONTRACT_DESK, "ending.transfer", dates=dates))


def maintenance(case: Case, found: Coverage) -> Maintained | None:
    """The maintenance item that can be ended: the named contract's if one is named, else the best that covers."""
    covering = tuple(one for one in found.covering if one.contract.kind is ContractKind.HARDWARE_MAINTENANCE)
    for one in covering:
        if case.contract is None or one.contract.number == case.contract.number:
            case.ask("maintenance", "found", one.contract.number)
            return Maintained(one, covering)
    case.ask("maintenance", "none")
    return None


def dates_if_ended(case: Case, item: Comparison, requested_on: date | None = None) -> Dates:
    """What a customer's notice given with this request comes to; only `earliest_notice_on` when it is too early."""
    notice = customer_notice(case, item.contract)
    earliest = _earliest(case, item, notice)
    if item.day < earliest:
        return Dates(earliest_notice_on=earliest)
    return _ended(case, item, requested_on, item.day, notice)


def on_approved_date(item: Comparison, day: date) -> Dates:
    """What an established breach comes to: the date that a person approved, without notice."""
    until = item.covered_until
    return _dates(item, day if until is None else min(day, day_after(until)))


def customer_notice(case: Case, contract: Contract) -> Notice:
    """What a customer's notice takes: the policy's, each number replaced by the contract's addendum if it has one."""
    return _agreed(case.terms.customer_notice, contract.customer_minimum_months, contract.customer_notice_months)


def maintained_since(case: Case, item: Comparison) -> date:
    """The earliest start of this customer's unbroken maintenance of the machine, older serials of it included.

    An item goes on from another that ended no earlier than the day before it starts.
    """
    spans = [(start_of(item, contract), covered_until(item, contract)) for item, contract in _history(case, item)]
    since = start_of(item.item, item.contract)
    while True:
        before = day_before(since)
        earlier = [start for start, until in spans if start < since and (until is None or until >= before)]
        if not earlier:
            return since
        since = min(earlier)


def _by_breach() -> Ruling:
    """A person weighs the evidence and sets the date."""
    return Ruling(Outcome.APPROVAL, "ending.breach")


def _by_notice(case: Case, asked: TerminationDetails, item: Comparison) -> Ruling:
    if asked.party == "provider" and asked.sent_on is not None:
        dates = _by_provider(case, item, asked.sent_on, asked.requested_on)
    else:
        dates = dates_if_ended(case, item, asked.requested_on)
    if dates.earliest_notice_on is not None:
        case.ask("notice", "too_early", dates.earliest_notice_on)
        return Ruling(Outcome.TERMINATION_REFUSED, "ending.too_early", dates=dates)
    case.ask("notice", "in_time", dates.effective_end)
    return Ruling(Outcome.TERMINATION_SCHEDULED, "ending.notice", dates=dates)


def _by_provider(case: Case, item: Comparison, sent_on: date, requested_on: date | None) -> Dates:
    """Raises `InvalidRequest` for a notice sent after it was received."""
    if sent_on > item.day:
        raise invalid("details.sent_on", "after_receipt", case.request.language or Language.EN)
    contract = item.contract
    notice = _agreed(case.terms.provider_notice, contract.provider_minimum_months, contract.provider_notice_months)
    earliest = _earliest(case, item, notice)
    if sent_on < earliest:
        return Dates(earliest_notice_on=earliest)
    return _ended(case, item, requested_on, sent_on, notice)


def _earliest(case: Case, item: Comparison, notice: Notice) -> date:
    since = maintained_since(case, item)
    earliest = add_months(since, notice.minimum_months)
    case.ask("maintained", "since", since, notice.minimum_months, earliest)
    return earliest


def _ended(case: Case, item: Comparison, wanted: date | None, given_on: date, notice: Notice) -> Dates:
    """The later of the day asked for and the end of the notice, never beyond the coverage; and what follows from it."""
    notice_ends = add_months(given_on, notice.notice_months)
    case.ask("end", "of_notice", given_on, notice.notice_months, notice_ends)
    effective = notice_ends
    if wanted is not None:
        case.ask("end", "later" if wanted > notice_ends else "not_sooner", wanted)
        effective = max(wanted, notice_ends)
    if item.covered_until is not None and effective > day_after(item.covered_until):
        effective = day_after(item.covered_until)
        case.ask("end", "of_coverage", item.covered_until)
    if item.contract.prepaid_until is not None:
        case.ask("prepaid", "until", item.contract.prepaid_until)
    return _dates(item, effective)


def _dates(item: Comparison, effective: date) -> Dates:
    """What follows from the first day without maintenance."""
    prepaid = item.contract.prepaid_until
    return Dates(
        effective_end=effective,
        last_billed_on=day_before(effective),
        credit_days=None if prepaid is None else days_through(effective, prepaid),
    )


def _about(case: Case, maintained: Maintained, ruling: Ruling) -> Ruling:
    """The ruling with the item that decided it."""
    item = maintained.item
    return ruling._replace(winner=item, site=site_of(case, item), reasons=site_differs(case, item, maintained.covering))


def _agreed(standard: Notice, minimum_months: int | None, notice_months: int | None) -> Notice:
    return Notice(
        standard.minimum_months if minimum_months is None else minimum_months,
        standard.notice_months if notice_months is None else notice_months,
    )


def _history(case: Case, item: Comparison) -> list[tuple[Item, Contract]]:
    """This customer's maintenance of the machine under this serial and those that it replaced, one after the other."""
    held: list[tuple[Item, Contract]] = []
    serials, seen = [item.item.serial], set[str]()
    while serials:
        serial = serials.pop()
        if serial in seen:
            continue
        seen.add(serial)
        for own, contract in case.book.held_with_serial(serial, case.customer.number):
            if own.machine_type != item.item.machine_type:
                continue
            if own.replaces_serial is not None:
                serials.append(own.replaces_serial)
            if contract.kind is ContractKind.HARDWARE_MAINTENANCE:
                held.append((own, contract))
    return held
