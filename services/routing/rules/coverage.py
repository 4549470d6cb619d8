"""Which contract covers this machine on this day? (docs/rules.md §4)

An item covers day d when its own window, its contract's window and its early end, if any, all hold d. Windows are
closed at both ends: the end date is the last covered day. A contract that renews by itself has no end, and an item's end
that equals the contract's renews with it. Each item is judged on the local date of its own site.

The first of these that holds decides: an item of this customer's covers; another customer's covers; this customer's
items hold the serial under another type only; nothing does.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from schemas.decision import MachineRef
from schemas.vocabulary import Reason, ServiceLevel
from services.routing.rules.book import Contract, Item
from services.routing.rules.calendars import zone_of
from services.routing.rules.dates import day_before, first_of, past, renewed
from services.routing.rules.facts import NOWHERE, Book, Place


class Lost(StrEnum):
    """Why an item does not cover a day: the first test that it failed, in this order."""

    NOT_BEGUN = "not_begun"
    OVER = "over"
    CONTRACT_NOT_BEGUN = "contract_not_begun"
    CONTRACT_OVER = "contract_over"
    ENDED_EARLY = "ended_early"


class Comparison(NamedTuple):
    """One item held against one day: what a person needs to see why it won or lost."""

    item: Item
    contract: Contract
    place: Place  # the item's own site
    day: date  # the local date at which it was judged
    covered_until: date | None  # the last day that item, contract and early end all allow; None: no end
    lost_by: Lost | None  # None: it covers

    @property
    def level(self) -> ServiceLevel | None:
        return self.item.service_level or self.contract.service_level

    @property
    def site_id(self) -> str | None:
        return self.place.site.site_id if self.place.site is not None else None


class Coverage(NamedTuple):
    """What was found for one machine."""

    machine: MachineRef
    own: tuple[Comparison, ...]  # this customer's items of this type and serial; those that cover first, the best ahead
    other_type: tuple[Comparison, ...]  # this customer's items of this serial and another type
    others: tuple[Comparison, ...]  # other customers' items of this type and serial; looked at only when none covers
    covering: tuple[Comparison, ...]
    stranger: Reason | None  # why the machine seems not to be this customer's; never when an own item covers

    @property
    def winner(self) -> Comparison | None:
        return self.covering[0] if self.covering else None


#: The most favourable level first.
_RANKS: Final = {level: rank for rank, level in enumerate(ServiceLevel)}


def coverage(machine: MachineRef, customer_number: str, book: Book, received_at: datetime, zone: ZoneInfo) -> Coverage:
    """The best item that covers `machine` when the request was received, and all that were compared.

    `zone` is the customer's. Never raises: "nothing covers" is an answer.
    """
    own: list[Comparison] = []
    other_type: list[Comparison] = []
    strangers: list[tuple[Item, Contract]] = []
    for item in book.with_serial(machine.serial):
        contract = book.contract(item.contract_number)
        if contract is None:
            continue
        if contract.customer_number == customer_number:
            group = own if item.machine_type == machine.type else other_type
            group.append(compare(item, contract, book, received_at, zone))
        elif item.machine_type == machine.type:
            strangers.append((item, contract))
    if len(own) > 1:
        own.sort(key=lambda one: (one.lost_by is not None, preference(one)))
    covering = tuple([one for one in own if one.lost_by is None])
    others = _judged_for_others(strangers, book, received_at, zone) if strangers and not covering else ()
    stranger = None
    if others and any(one.lost_by is None for one in others):
        stranger = Reason.OWNER_MISMATCH
    elif other_type and not own:
        stranger = Reason.MACHINE_TYPE_MISMATCH
    return Coverage(machine, tuple(own), tuple(other_type), others, covering, stranger)


def compare(item: Item, contract: Contract, book: Book, received_at: datetime, zone: ZoneInfo) -> Comparison:
    """One item held against the day of `received_at`: at its site, without one in `zone`, its customer's."""
    place = NOWHERE if item.site_id is None else book.place(book.site_of(item.site_id, contract.customer_number))
    day = received_at.astimezone(place.zone or zone).date()
    return Comparison(item, contract, place, day, covered_until(item, contract), _first_failed(item, contract, day))


def preference(one: Comparison) -> tuple[int, bool, int, str, bool, str]:
    """What sorts the items that cover, the one that decides first.

    The most favourable level; then the later end, none being latest; the lower contract number; the lower site id.
    """
    until = one.covered_until
    level = len(_RANKS) if one.level is None else _RANKS[one.level]
    return (
        level,
        until is not None,
        0 if until is None else -until.toordinal(),
        one.contract.number,
        one.site_id is None,
        one.site_id or "",
    )


def start_of(item: Item, contract: Contract) -> date:
    """An item's own first day; its contract's where it has none."""
    return item.coverage_start or contract.start_date


def covered_until(item: Item, contract: Contract) -> date | None:
    """The last day that item, contract and early end all allow; None: no end."""
    early = None if item.ended_on is None else day_before(item.ended_on)
    return first_of(_end(item.coverage_end, contract), _end(None, contract), early)


def _judged_for_others(
    items: list[tuple[Item, Contract]], book: Book, received_at: datetime, zone: ZoneInfo
) -> tuple[Comparison, ...]:
    judged = []
    for item, contract in items:
        owner = book.customer(contract.customer_number)
        judged.append(compare(item, contract, book, received_at, zone if owner is None else zone_of(owner.timezone)))
    return tuple(judged)


def _first_failed(item: Item, contract: Contract, day: date) -> Lost | None:
    if item.coverage_start is not None and day < item.coverage_start:
        return Lost.NOT_BEGUN
    if item.coverage_end is not None and past(_end(item.coverage_end, contract), day):
        return Lost.OVER
    if day < contract.start_date:
        return Lost.CONTRACT_NOT_BEGUN
    if past(_end(None, contract), day):
        return Lost.CONTRACT_OVER
    if item.ended_on is not None and item.ended_on <= day:
        return Lost.ENDED_EARLY
    return None


def _end(end: date | None, contract: Contract) -> date | None:
    return renewed(end, contract.end_date, renews=contract.auto_renew)
