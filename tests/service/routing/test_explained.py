"""A decision explained: as a page and for programs, run again, and what if; nothing of it is saved."""

import pytest

from schemas.vocabulary import Role, ServiceLevel
from services.routing.rules.policy import standard_policy
from tests.builders import a_number, an_acceptance
from tests.service.routing.browsing import Browsing, errors_of
from tests.service.routing.harness import Routing, a_contract, a_technician, an_item, covered

AT = f"/desk/requests/{a_number()}/decisions/1"
JSON = {"accept": "application/json"}


def test_the_page_says_what_was_asked_compared_and_counted(web: Browsing, routing: Routing) -> None:
    """Outcome in a sentence, each question, each item, the clock drawn, the events, and run again."""
    routing.receives(covered())
    page = web.staff(Role.DESK).get(AT).text
    for said in (
        "A technician of CA-QC-MTL goes to site S-1, by Tue 24 Nov 17:00.",
        "coverage.onsite",
        "policy 2026-11-01",
        "M-1 covers it on 2026-11-23",
        "this decided",
        "<svg viewBox",
        "1 d 7 h on the wall clock, 16 h of business time",
        "request.decided (1)",
        "Same",
    ):
        assert said in page, said


def test_another_customers_item_is_a_number_and_no_more(web: Browsing, routing: Routing) -> None:
    routing.receives(covered(serial="SN2"))
    page = web.staff(Role.DESK).get(AT).text
    assert "1 item of another customer (hidden)" in page
    assert "M-2" not in page
    assert "S-2" not in page


def test_the_decision_in_force_shows_when_its_clock_stopped(web: Browsing, routing: Routing) -> None:
    routing.receives(covered())
    for step in ("claim", "accept", "en-route", "arrive"):
        routing.on_order(step, a_technician())
    assert "10:00 stopped" in web.staff(Role.DESK).get(AT).text


def test_programs_read_the_same(web: Browsing, routing: Routing) -> None:
    routing.receives(covered())
    said = web.staff(Role.DESK).get(AT, headers=JSON).json()
    assert said["explanation"]["sentence"] == "A technician of CA-QC-MTL goes to site S-1, by Tue 24 Nov 17:00."
    assert said["run_again"]["same"]
    assert said["run_again"]["same_data"]
    assert said["what_if"] is None
    [event] = said["events"]
    assert (event["type"], event["version"], event["decision"]) == ("request.decided", 1, 1)
    assert event["causation_id"] == said["cause"]


def test_run_again_says_what_differs_and_that_the_contract_data_changed(web: Browsing, routing: Routing) -> None:
    """The item's level was raised after the decision."""
    routing.receives(covered())
    routing.given([a_contract(), an_item(service_level=ServiceLevel.ONSITE_4H_24X7)])
    again = web.staff(Role.DESK).get(AT, headers=JSON).json()["run_again"]
    assert (again["same"], again["same_data"]) == (False, False)
    assert {one["field"]: (one["then"], one["now"]) for one in again["differences"]} == {
        "service_level": ("ONSITE_NBD", "ONSITE_4H_24X7"),
        "respond_by": ("2026-11-24T22:00:00Z", "2026-11-23T19:00:00Z"),
    }


@pytest.mark.parametrize(
    ("supposed", "field", "now"),
    [
        ("level=DEPOT_MAIL_IN", "outcome", "mail_in"),
        ("level=ONSITE_4H_24X7", "respond_by", "2026-11-23T19:00:00Z"),
        ("at=2028-01-10T10:00", "outcome", "billable_estimate"),
        ("at=2026-06-23T10:00", "respond_by", "2026-06-25T21:00:00Z"),  # 24 June is no business day in Québec
        ("at=2026-06-23T10:00&province=on", "respond_by", "2026-06-24T21:00:00Z"),  # but one in Ontario
    ],
)
def test_what_if_changes_one_thing(web: Browsing, routing: Routing, supposed: str, field: str, now: str) -> None:
    routing.receives(covered())
    before = routing.everything_stored()
    desk = web.staff(Role.DESK)
    said = desk.get(f"{AT}?{supposed}", headers=JSON).json()["what_if"]
    assert {one["field"]: one["now"] for one in said["differences"]}[field] == now
    assert "It would be" in desk.get(f"{AT}?{supposed}").text
    assert routing.everything_stored() == before


def test_what_cannot_be_supposed_is_said_beside_its_field(web: Browsing, routing: Routing) -> None:
    routing.receives(covered())
    desk = web.staff(Role.DESK)
    wrong = f"{AT}?province=%3Cb%3E&level=FASTEST&at=soon"
    assert desk.get(wrong).status_code == 422
    assert errors_of(desk.get(wrong, headers=JSON)) == [
        ("province", "wrong_form"),
        ("level", "not_one_of"),
        ("at", "not_a_moment"),
    ]


def test_what_a_person_said_is_kept_when_the_rules_run_again(web: Browsing, routing: Routing) -> None:
    """The person is not run again: their word stands for the classifier's."""
    from tests.service.routing.test_desks import UNCLEAR, correct

    routing.receives(an_acceptance(customer_number="C-1", **UNCLEAR))
    correct(routing, "hardware")
    said = web.staff(Role.DESK).get(f"/desk/requests/{a_number()}/decisions/2", headers=JSON).json()
    assert said["run_again"]["same"]
    assert standard_policy().version == said["decision"]["policy"]
