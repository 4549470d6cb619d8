"""Contract data that come late: seen before anything changes, then decided again."""

from datetime import date

from schemas.request_status import RequestDecided
from schemas.vocabulary import Because, ServiceLevel
from services.routing.data_files.layout import Row
from services.routing.late_data import foresee_import, redecide_open
from services.routing.reconcile import differences
from services.routing.rules.book import Closure
from tests.builders import a_cancellation, a_number
from tests.service.routing.harness import Routing, a_contract, a_technician, an_item, at, covered

ONE, TWO, THREE, FOUR = (a_number(n) for n in range(1, 5))
#: A machine that nobody knew, and one whose level turns out to be better.
LATE: list[Row] = [a_contract(), an_item("NONE"), an_item("SN1", service_level=ServiceLevel.ONSITE_4H_24X7)]


def open_requests(routing: Routing) -> None:
    """One not covered, one visit to come, one on site, one whose end is final."""
    routing.receives(covered(ONE, "NONE"), covered(TWO), covered(THREE), covered(FOUR, "NONE"))
    for step in ("claim", "accept", "en-route", "arrive"):
        routing.on_order(step, a_technician(), f"WO-{THREE}-1")
    routing.receives(a_cancellation(FOUR))


def settled(routing: Routing) -> None:
    with routing.database.reading() as connection:
        assert list(differences(connection)) == []


def test_what_an_import_would_change_is_seen_before_it_does(routing: Routing) -> None:
    """Which open requests would be decided otherwise, and how; nothing is stored, told or locked afterwards."""
    open_requests(routing)
    before = routing.everything_stored()
    foreseen = foresee_import(routing.workshop, routing.judge, LATE)
    assert routing.everything_stored() == before
    assert [(one.number, one.first.outcome, one.second.service_level, one.undone) for one in foreseen.requests] == [
        (ONE, "billable_estimate", "ONSITE_NBD", ("estimate",)),
        (TWO, "onsite_dispatch", "ONSITE_4H_24X7", ()),
        (THREE, "onsite_dispatch", "ONSITE_4H_24X7", ()),
    ]
    assert (foreseen.clocks, foreseen.report.generation) == ((), 2)
    assert foresee_import(routing.workshop, routing.judge, []).matters is False


def test_clocks_that_would_move_are_seen_too(routing: Routing) -> None:
    """The decision stays; a closed day moves its hour."""
    routing.receives(covered(ONE), covered(TWO, "SN4"))
    foreseen = foresee_import(routing.workshop, routing.judge, [Closure("CA", "QC", date(2026, 11, 24))])
    assert foreseen.requests == ()
    assert [(one.number, one.before, one.after) for one in foreseen.clocks] == [
        (ONE, at("2026-11-24T17:00-05:00"), at("2026-11-25T17:00-05:00"))
    ]


def test_open_requests_are_decided_again_by_late_data(routing: Routing) -> None:
    """As of their own day; both decisions kept; a second run finds nothing."""
    open_requests(routing)
    routing.given(LATE)
    before = routing.last_outbox_id()
    again = redecide_open(routing.workshop, routing.judge)
    assert [(one.number, one.stuck) for one in again] == [(ONE, None), (TWO, None), (THREE, None)]
    told = [one for one in routing.said(after=before) if isinstance(one, RequestDecided)]
    assert [(one.number, one.index, one.because) for one in told] == [
        (number, 2, Because.CONTRACT_DATA) for number in (ONE, TWO, THREE)
    ]
    assert (routing.life(THREE).milestone, routing.order(f"WO-{THREE}-1").status) == ("on_site", "on_site")
    assert redecide_open(routing.workshop, routing.judge) == []
    settled(routing)


def test_what_is_stuck_is_left_and_said(routing: Routing) -> None:
    """The machine is sent in now, but a technician is on the way: not called back by an import."""
    routing.receives(covered(ONE), covered(TWO))
    for step in ("claim", "accept", "en-route"):
        routing.on_order(step, a_technician(), f"WO-{ONE}-1")
    routing.given([a_contract(), an_item("SN1", service_level=ServiceLevel.DEPOT_MAIL_IN)])
    again = redecide_open(routing.workshop, routing.judge)
    assert [(one.number, one.stuck) for one in again] == [(ONE, "redecide.en_route"), (TWO, None)]
    assert (routing.life(ONE).decided, routing.life(TWO).outcome) == (1, "mail_in")
    settled(routing)
