"""Where does the machine stand? (docs/rules.md §4)

At the site of the item that decided; where the item has none, at the site that the request names. Another customer's
site is as none.
"""

from collections.abc import Iterable

from schemas.vocabulary import Reason
from services.routing.rules.book import Site
from services.routing.rules.case import Case
from services.routing.rules.coverage import Comparison


def site_of(case: Case, winner: Comparison) -> Site | None:
    return winner.place.site or case.site


def site_differs(case: Case, winner: Comparison, covering: Iterable[Comparison]) -> tuple[Reason, ...]:
    """A reason to add when request and item, or the items that cover, disagree about the site."""
    known = {site_id for one in covering if (site_id := one.site_id) is not None}
    if case.site is not None and (site_id := winner.site_id) is not None:
        known |= {case.site.site_id, site_id}
    if len(known) < 2:
        return ()
    case.ask("sites", "differ", *sorted(known))
    return (Reason.SITE_DIFFERS,)
