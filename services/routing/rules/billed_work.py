"""How is a machine repaired that nothing covers? (docs/rules.md §8)

Where it stands decides, as for a covered one: somebody comes where a territory is known, else it is sent to the depot that serves
the customer, else a person arranges it. It stands at the request's site, else at the site of an item of this customer's that held
it, the latest first, else at the customer's only site.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from schemas.decision import MachineRef
from schemas.request import ServiceRequest
from schemas.vocabulary import RepairWay
from services.routing.rules.book import Customer, Depot, Site, Territory
from services.routing.rules.facts import NOWHERE, Areas, Book, Place


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a machine stands, as far as is known, and the ways in which it can be repaired; the first serves best."""

    place: Place
    depot: Depot | None
    ways: tuple[RepairWay, ...]

    @property
    def territory(self) -> Territory | None:
        return self.place.territory


def whereabouts(
    request: ServiceRequest, machine: MachineRef, book: Book, customer: Customer, sites: Sequence[Site]
) -> Whereabouts:
    """`sites` are all of this customer's."""
    place = _place(request, machine, book, customer, sites)
    depot = _depot(place.site, customer, book.areas)
    possible = (
        (RepairWay.ONSITE, place.zone is not None and place.territory is not None),
        (RepairWay.MAIL_IN, depot is not None),
        (RepairWay.ARRANGED, True),
    )
    return Whereabouts(place, depot, tuple(way for way, is_possible in possible if is_possible))


def _place(
    request: ServiceRequest, machine: MachineRef, book: Book, customer: Customer, sites: Sequence[Site]
) -> Place:
    asked = book.site_of(request.site_id, customer.number)
    if asked is not None:
        return book.place(asked)
    held = [
        (item.coverage_end or contract.end_date or date.max, item.site_id)
        for item, contract in book.held_with_serial(machine.serial, customer.number)
        if item.machine_type == machine.type and item.site_id is not None
    ]
    for _, site_id in sorted(held, reverse=True):
        if (site := book.site_of(site_id, customer.number)) is not None:
            return book.place(site)
    return book.place(sites[0]) if len(sites) == 1 else NOWHERE


def _depot(site: Site | None, customer: Customer, areas: Areas) -> Depot | None:
    where = customer if site is None else site
    return areas.depot(where.country, where.province)
