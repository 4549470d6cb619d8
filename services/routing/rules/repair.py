"""A device needs repair: where does it go, and by when? (docs/rules.md §4, §5)

The level found decides: somebody comes, the device is sent in, parts are sent, or without coverage an estimate is made
and nothing happens before the customer accepts it.
"""

from typing import Final

from schemas.vocabulary import Outcome, Reason, ServiceLevel
from services.routing.rules.book import Site
from services.routing.rules.case import Case, Ruling, contract_unknown, incomplete, triage
from services.routing.rules.clock import due
from services.routing.rules.coverage import Comparison
from services.routing.rules.naming import machine_named
from services.routing.rules.sites import site_differs, site_of

#: What each level promises; onsite levels carry a response clock (`policy.Terms.response`).
OUTCOMES: Final = {
    ServiceLevel.ONSITE_4H_24X7: Outcome.ONSITE_DISPATCH,
    ServiceLevel.ONSITE_4H_9X5: Outcome.ONSITE_DISPATCH,
    ServiceLevel.ONSITE_SBD: Outcome.ONSITE_DISPATCH,
    ServiceLevel.ONSITE_NBD: Outcome.ONSITE_DISPATCH,
    ServiceLevel.DEPOT_COURIER: Outcome.MAIL_IN,
    ServiceLevel.DEPOT_MAIL_IN: Outcome.MAIL_IN,
    ServiceLevel.PARTS_ONLY: Outcome.PARTS_SHIPMENT,
}


def hardware_repair(case: Case) -> Ruling:
    """By the level of the item that covers the machine; not covered is an answer too."""
    named = machine_named(case)
    if named.machine is None:
        return contract_unknown() if case.foreign else incomplete(named.missing)
    found = case.cover(named.machine)
    winner = found.winner
    if winner is None and found.stranger is not None:
        return triage("coverage.stranger", found.stranger)
    if winner is None or winner.level is None:
        return Ruling(Outcome.BILLABLE_ESTIMATE, "coverage.none")
    site = site_of(case, winner)
    added = site_differs(case, winner, found.covering)
    case.ask("level", winner.level, winner.contract.number)
    match OUTCOMES[winner.level]:
        case Outcome.ONSITE_DISPATCH:
            return _onsite(case, winner, winner.level, site, added)
        case Outcome.MAIL_IN:
            return _mail_in(case, winner, site, added)
        case outcome:
            return Ruling(outcome, "coverage.parts", added, winner=winner, site=site)


def _onsite(
    case: Case, winner: Comparison, level: ServiceLevel, site: Site | None, added: tuple[Reason, ...]
) -> Ruling:
    place = case.book.place(site)
    if site is None or place.zone is None:
        case.ask("site", "unknown")
        return triage("coverage.site_unknown", Reason.SITE_UNKNOWN, *added)
    if place.territory is None:
        case.ask("territory", "unknown", site.site_id)
        return triage("coverage.territory_unknown", Reason.TERRITORY_UNKNOWN, *added)
    case.ask("territory", "found", place.territory.territory, site.site_id)
    terms = case.policy.of(site.country)
    calendar = case.book.areas.calendar(place.zone, site.country, site.province, terms)
    return Ruling(
        Outcome.ONSITE_DISPATCH,
        "coverage.onsite",
        added,
        winner=winner,
        site=site,
        territory=place.territory.territory,
        clock=due(terms.response[level], case.qualified_at, calendar),
    )


def _mail_in(case: Case, winner: Comparison, site: Site | None, added: tuple[Reason, ...]) -> Ruling:
    where = case.customer if site is None else site
    depot = case.book.areas.depot(where.country, where.province)
    if depot is None:
        case.ask("depot", "unknown", where.country, where.province)
        return triage("coverage.depot_unknown", Reason.DEPOT_UNKNOWN, *added)
    case.ask("depot", "found", depot.depot, where.country, where.province)
    return Ruling(Outcome.MAIL_IN, "coverage.mail_in", added, winner=winner, site=site, depot=depot.depot)
