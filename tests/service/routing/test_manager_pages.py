"""The service manager's pages: what is late in any queue, and taking out what corrections taught wrongly."""

import pytest

from schemas.vocabulary import Role
from services.routing import learning
from services.routing.timers import fire_due
from tests.builders import a_number, an_acceptance
from tests.service.routing.browsing import Browsing
from tests.service.routing.harness import Routing, a_technician, covered
from tests.service.routing.test_learning import ids, in_use, kestrel, learn


def fire(routing: Routing) -> None:
    while fire_due(routing.workshop, routing.judge):
        pass


def test_late_jobs_of_all_queues_stand_by_due_time(routing: Routing, web: Browsing) -> None:
    """A visit and a support case, each with where it is and who has it; what has time left, or is done, is not there."""
    manager = web.staff(Role.OPS, username="boss")
    support = an_acceptance(
        a_number(2), kind="software_support", customer_number="C-1", product_id="P-1", severity=1, text=None
    )
    routing.receives(covered(a_number(1), "SN4"), support, covered(a_number(3)))
    assert "Nothing is late" in manager.get("/desk/late").text
    routing.clock.forward(hours=3)
    routing.on_order("claim", a_technician(), f"WO-{a_number(1)}-1")
    fire(routing)
    page = manager.get("/desk/late").text
    assert "1 late, 1 with three quarters of their time gone." in page
    visit, case = f"#WO-{a_number(1)}-1", f"case=C-{a_number(2)}-1"
    assert 0 < page.index(case) < page.index(visit)  # due after two hours, due after four
    assert "Name of tech1" in page
    assert a_number(3) not in page.replace("-", "")
    for step in ("accept", "en-route", "arrive"):
        routing.on_order(step, a_technician(), f"WO-{a_number(1)}-1")
    assert visit not in manager.get("/desk/late").text


@pytest.mark.parametrize("address", ["/desk/late", "/desk/models"])
def test_the_managers_pages_are_for_the_manager(web: Browsing, address: str) -> None:
    """Nobody else, whatever else they may."""
    for role in (Role.DESK, Role.AGENT, Role.TECHNICIAN, Role.DEPOT):
        assert web.staff(role, username=f"other-{role}").get(address).status_code == 403
    assert web.customer("C-1").get(address).status_code in (303, 403)
    assert web.staff(Role.DESK).post("/desk/models", data={"do": "undo", "note": "x"}).status_code == 403


def test_what_a_version_learnt_wrongly_is_taken_out_and_let_in_again(routing: Routing, web: Browsing) -> None:
    """With a reason, by name; a second time it is refused in words; the record keeps it all."""
    manager = web.staff(Role.OPS, username="boss")
    assert "Nothing was learnt yet." in manager.get("/desk/models").text
    before = in_use(routing).version
    kestrel(routing)
    learn(routing)
    version = in_use(routing).version
    assert version in manager.get("/desk/models").text
    form = {"version": version, "do": "undo", "note": ""}
    assert manager.post("/desk/models", data=form).status_code == 422
    assert in_use(routing).version == version
    form["note"] = "A trainee's batch."
    assert manager.post("/desk/models", data=form).status_code == 303
    assert in_use(routing).version != version
    again = manager.post("/desk/models", data=form)
    assert (again.status_code, "Not saved: none of these corrections counts" in again.text) == (409, True)
    page = manager.get("/desk/models?lang=fr").text
    assert "A trainee&#39;s batch." in page
    assert "corrections retirées" in page
    assert manager.post("/desk/models", data={**form, "do": "redo"}).status_code == 303
    assert (in_use(routing).version, in_use(routing).version == before) == (version, False)
    with routing.database.reading() as connection:
        assert [(step["step"], step["by"]) for step in learning.history(connection)] == [
            ("redone", "boss"),
            ("undone", "boss"),
            ("learnt", "system"),
        ]
    assert len(ids(routing)) == 4


def test_what_is_late_is_not_also_due_soon(routing: Routing, web: Browsing) -> None:
    """On the dispatcher's queue each job counts once; among all queues a late one stands out."""
    manager = web.staff(Role.OPS, username="boss")
    routing.receives(covered(a_number(1), "SN4"))
    board = f"/desk/dispatch/{routing.orders()[0].queue}"
    assert "badge late" not in manager.get("/desk").text
    routing.clock.forward(hours=3, minutes=30)
    fire(routing)
    assert ("1 due soon" in manager.get(board).text, "1 late" in manager.get(board).text) == (True, False)
    routing.clock.forward(hours=1)
    fire(routing)
    assert ("1 due soon" in manager.get(board).text, "1 late" in manager.get(board).text) == (False, True)
    assert "badge late" in manager.get("/desk").text
