"""Routing's addresses for programs: what they answer, and to whom."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from schemas.vocabulary import Role, Scope
from services.runtime.identity.access import declarations, undeclared_routes
from tests.builders import a_number
from tests.service.routing.browsing import Browsing, errors_of
from tests.service.routing.harness import Routing, covered


@pytest.fixture
def order(routing: Routing) -> str:
    """A work order of customer C-1 in Montréal."""
    routing.receives(covered())
    return routing.order().id


def step(client: TestClient, order: str, name: str, **body: Any) -> Any:
    return client.post(f"/api/work-orders/{order}/{name}", json=body)


def test_every_route_says_who_may(web: Browsing) -> None:
    assert undeclared_routes(web.app) == []


def test_a_technician_works_through_a_job(web: Browsing, order: str) -> None:
    """Seen in the queue, claimed, accepted, reached, finished; each answer has the next version."""
    tech = web.technician()
    [seen] = tech.get("/api/queues/CA-QC-MTL").json()["work_orders"]
    assert (seen["id"], seen["version"], seen["free"], seen["respond_by"]) == (order, 1, True, "2026-11-24T22:00:00Z")
    version = 1
    for name in ("claim", "accept", "en-route", "arrive"):
        answer = step(tech, order, name, version=version)
        assert answer.status_code == 200
        version = answer.json()["version"]
    done = step(tech, order, "complete", version=version, fixed=True, parts=[{"number": "00AB"}], note="fan").json()
    assert (done["status"], done["report"]["parts"]) == ("completed", [{"number": "00AB", "quantity": 1}])
    assert tech.get("/api/queues/CA-QC-MTL").json()["work_orders"] == []
    assert tech.get(f"/api/work-orders/{order}").json()["version"] == 6


def test_a_lost_race_is_a_conflict_in_words(web: Browsing, order: str) -> None:
    """Who, what and when, in the caller's language."""
    step(web.technician("tech1"), order, "claim", version=1)
    lost = step(web.technician("tech2"), order, "claim", version=1)
    assert (lost.status_code, lost.headers["content-type"]) == (409, "application/problem+json")
    assert lost.json()["detail"] == "Not saved: Name of tech1 took this job at 10:00."
    french = web.technician("tech2")
    french.headers["Accept-Language"] = "fr"
    assert "a pris cette intervention" in step(french, order, "claim", version=1).json()["detail"]


def test_the_same_call_again_is_answered_again(web: Browsing, order: str) -> None:
    tech = web.technician()
    tech.headers["Idempotency-Key"] = "k-1"
    first, again = (step(tech, order, "claim", version=1) for _ in range(2))
    assert (again.status_code, again.json()) == (200, first.json())


@pytest.mark.parametrize(
    ("name", "body", "wrong"),
    [
        ("claim", {}, [("version", "required")]),
        ("claim", {"version": 0}, [("version", "too_small")]),
        ("claim", {"version": "1"}, [("version", "not_a_whole_number")]),
        ("claim", {"version": 1, "x": 1}, [("x", "unknown_field")]),
        ("claim", {"version": 1, "occurred_at": "yesterday"}, [("occurred_at", "not_an_instant")]),
        ("claim", {"version": 1, "note": "x" * 2001}, [("note", "too_long")]),
        ("decline", {"version": 1}, [("reason", "required")]),
        ("complete", {"version": 1}, [("fixed", "required")]),
        ("complete", {"version": 1, "fixed": True, "parts": [{"number": ""}]}, [("parts.0.number", "too_short")]),
    ],
)
def test_what_cannot_be_taken_names_its_field(web: Browsing, order: str, name: str, body: Any, wrong: Any) -> None:
    answer = step(web.technician(), order, name, **body)
    assert (answer.status_code, errors_of(answer)) == (422, wrong)


def test_each_sees_the_queues_that_are_theirs(web: Browsing, order: str) -> None:
    """A technician their territories, a program its customers' work, a desk everything; another queue is not there."""

    def names(client: TestClient) -> list[str]:
        return [queue["queue"] for queue in client.get("/api/queues").json()["queues"]]

    assert names(web.technician()) == ["CA-QC-MTL"]
    assert names(web.technician("tech3", "*"))[:2] == ["CA-ON-TOR", "CA-QC-MTL"]
    assert len(names(web.staff(Role.DESK))) == 10
    assert web.technician("tech3", "CA-ON-TOR").get("/api/queues/CA-QC-MTL").status_code == 404
    assert web.staff(Role.DESK).get("/api/queues/nowhere").status_code == 404
    mine, theirs = (web.program(Scope.QUEUES_READ, customers=[number]) for number in ("C-1", "C-2"))
    assert [len(client.get("/api/queues/CA-QC-MTL").json()["work_orders"]) for client in (mine, theirs)] == [1, 0]
    counts = {queue["queue"]: queue["open"] for queue in theirs.get("/api/queues").json()["queues"]}
    assert counts["CA-QC-MTL"] == 0


def everybody(web: Browsing) -> dict[str, TestClient]:
    return {
        "anonymous": web.anonymous(),
        "customer": web.customer(),
        "other customer": web.customer("C-2"),
        "technician elsewhere": web.technician("tech3", "CA-ON-TOR"),
        "bench elsewhere": web.staff(Role.DEPOT, username="bench2", queues=["D-9"]),
        "program without scope": web.program(),
        "program of another customer": web.program(*Scope, customers=["C-2"]),
    }


def test_nobody_sees_or_moves_what_is_anothers(web: Browsing, routing: Routing, order: str) -> None:
    """Every address of work, returns, desks and look-ups, by everybody whose it is not: 401, 403 or 404, never 2xx or 5xx."""
    routing.receives(covered(a_number(2), "SNM"), covered(a_number(3), "SNP"))
    parcel, case = routing.parcel().id, routing.case().id
    before = routing.everything_stored()
    filled = {
        "id": "",
        "desk": "parts_desk",
        "queue": "CA-QC-MTL",
        "number": "C-1",
        "index": "1",
        "step": "claim",
        "act": "take",
    }
    for method, path, declared in declarations(web.app):
        if declared is None or declared.is_public or method == "HEAD":
            continue
        ids = {"id": parcel if "returns" in path else case if "desk" in path else order}
        number = {"number": a_number()} if "requests" in path or "demandes" in path else {}
        address = path.format(**filled | ids | number) if "{" in path else path
        if address in ("/api/queues", "/tech", "/tech/events", "/depot", "/api/returns", "/desk"):
            continue  # lists: each sees their own in them
        for name, client in everybody(web).items():
            asked = client.request(method, address, json={"version": 1}, params={"type": "8286", "serial": "SN1"})
            mine = name == "customer" and (path == "/api/coverage" or "/{number}/" in path)
            own_list = name == "program of another customer" and path == "/api/queues/{queue}"
            refused = {303, 401, 403, 404, 415, 422}
            expected = refused | ({200, 409} if mine else {200} if own_list else set())  # 409: their own, but not now
            assert asked.status_code in expected, (name, method, path)
            to = asked.headers.get("location", "")
            assert asked.status_code != 303 or "sign-in" in to or "connexion" in to, (name, method, path)
    assert routing.everything_stored() == before


def test_a_dispatcher_assigns_and_takes_back(web: Browsing, order: str) -> None:
    desk = web.staff(Role.DESK, username="desk1")
    given = step(desk, order, "assign", version=1, technician="tech2", technician_name="T. Two").json()
    assert (given["status"], given["technician"], given["technician_name"]) == ("assigned", "tech2", "T. Two")
    assert step(desk, order, "withdraw", version=2, reason="ill").json()["status"] == "queued"
    assert step(web.technician(), order, "assign", version=3, technician="tech1").status_code == 403


def test_a_field_system_takes_a_job_by_token(web: Browsing, order: str) -> None:
    """For the customers it names."""
    program = web.program(Scope.WORK_ORDERS_WRITE, Scope.QUEUES_READ)
    assert step(program, order, "claim", version=1).json()["technician"] == "token:t1"
    assert step(web.program(Scope.WORK_ORDERS_WRITE, customers=["C-2"]), order, "accept", version=2).status_code == 404


def test_the_bench_receives_by_address(web: Browsing, routing: Routing) -> None:
    routing.receives(covered(serial="SNM"))
    bench = web.staff(Role.DEPOT, username="bench1", queues=["D-1"])
    [expected] = bench.get("/api/returns").json()["returns"]
    assert bench.get("/api/returns", params={"scan": "8286 SNM"}).json()["returns"] == [expected]
    received = bench.post(f"/api/returns/{expected['id']}/receive", json={"version": 1})
    assert (received.status_code, received.json()["status"]) == (200, "received")
    again = bench.post(f"/api/returns/{expected['id']}/receive", json={})
    assert (again.status_code, again.json()["detail"]) == (409, "Already received 10:00 by Name of bench1.")


def test_a_desk_is_worked_by_address(web: Browsing, routing: Routing) -> None:
    routing.receives(covered(serial="SNP"))
    desk = web.staff(Role.DESK, username="desk1")
    [case] = desk.get("/api/desks/parts_desk").json()["cases"]
    at = f"/api/desks/parts_desk/{case['id']}"
    assert desk.post(f"{at}/take", json={"version": 1}).json()["taken_by"] == "desk1"
    assert desk.post(f"{at}/note", json={"version": 2, "text": "in stock"}).status_code == 200
    assert desk.post(f"{at}/answer", json={"version": 3, "text": "On its way."}).status_code == 200
    moved = desk.post(f"{at}/hand-over", json={"version": 4, "desk": "general_desk", "reason": "wrong desk"}).json()
    assert (moved["desk"], moved["taken_by"]) == ("general_desk", None)
    closed = desk.post(
        f"/api/desks/general_desk/{case['id']}/close",
        json={"version": 5, "ending": "resolved", "reason": "sent", "answer": "Sent today."},
    )
    assert closed.json()["closed_as"] == "resolved"
    assert desk.get("/api/desks/nothing").status_code in (404, 422)


def test_triage_by_address(web: Browsing, routing: Routing) -> None:
    routing.receives(covered(a_number(1), "SN2"), covered(a_number(2), "SN2"), covered(a_number(3), "SN2"))
    desk = web.staff(Role.DESK, username="desk1")
    first, second, third = (case["id"] for case in desk.get("/api/desks/triage").json()["cases"])
    body = {"version": 1}
    assert desk.post(f"/api/desks/triage/{first}/correct", json={**body, "said": "hardware"}).status_code == 200
    assert desk.post(f"/api/desks/triage/{second}/ask", json={**body, "fields": ["machine.serial"]}).status_code == 200
    assert desk.post(f"/api/desks/triage/{third}/somebody-elses", json=body).json()["desk"] == "contract_desk"
    assert [life.milestone for life in routing.lives()] == ["triage", "information_needed", "contract_desk"]


def test_coverage_is_answered_to_the_owner_alone(web: Browsing) -> None:
    """As the evidence of a decision shows it; another's machine and one that nobody has are both not there."""
    asked = {"type": "8286", "serial": "sn-1"}
    mine = web.customer().get("/api/coverage", params=asked).json()
    assert (mine["covered"], mine["service_level"], mine["contract_number"]) == (True, "ONSITE_NBD", "M-1")
    assert [item["wins"] for item in mine["items"]] == [True]
    assert web.program(Scope.COVERAGE_READ).get("/api/coverage", params=asked).json() == mine
    for client in (web.customer("C-2"), web.program(Scope.COVERAGE_READ, customers=["C-2"])):
        assert client.get("/api/coverage", params=asked).status_code == 404
    assert web.customer().get("/api/coverage", params={"type": "8286", "serial": "NONE"}).status_code == 404


def test_an_agent_finds_who_is_calling(web: Browsing, routing: Routing) -> None:
    """By the number they call from, however it is written; with what they hold and what is under way."""
    routing.receives(covered())
    agent = web.staff(Role.AGENT)
    found = [agent.get("/api/customers", params=known).json()["customers"] for known in (
        {"phone": "514 555-0123"}, {"number": " c-1 "}, {"email": "C-1@EXAMPLE.com"}, {"name": "customer c-1"}, {}, {"name": "%"}
    )]  # fmt: skip
    assert [[customer["number"] for customer in one] for one in found] == [
        ["C-1", "C-2"], ["C-1"], ["C-1"], ["C-1"], [], []
    ]  # fmt: skip
    held = web.other_service().get("/api/customers/C-1").json()
    assert {device["machine"]["serial"] for device in held["devices"]} == {"SN1", "SN4", "SNM", "SNP"}
    assert [request["number"] for request in held["requests"]] == [a_number()]
    assert agent.get("/api/customers/C-9").status_code == 404


def test_a_decision_before_it_is_asked_for_is_the_same_and_is_not_kept(web: Browsing, routing: Routing) -> None:
    agent, request = web.staff(Role.AGENT), {"kind": "hardware_repair", "customer_number": "C-1"}
    machine = {"machine": {"type": "8286", "serial": "SN1"}}
    before = routing.everything_stored()
    seen = agent.post("/api/decisions/preview", json={"request": {**request, **machine}, "channel": "phone"}).json()
    assert routing.everything_stored() == before
    routing.receives(covered(text=None))
    assert seen == routing.stored("decisions")[0]["decision"]
    wrong = agent.post("/api/decisions/preview", json={"request": {**request, "severity": 9}})
    assert (wrong.status_code, errors_of(wrong)[0][0]) == (422, "request.severity")


def test_a_decision_is_explained_to_staff_without_others_items(web: Browsing, routing: Routing) -> None:
    """As JSON to who asks for it; another customer's item is a number."""
    routing.receives(covered(serial="SN2"))
    desk = web.staff(Role.DESK)
    desk.headers["Accept"] = "application/json"
    told = desk.get(f"/desk/requests/{a_number()}/decisions/1")
    assert told.json()["decision"]["reasons"] == ["owner_mismatch"]
    assert told.json()["evidence"]["coverage"] == {
        "machine": {"type": "8286", "serial": "SN2"},
        "compared": [],
        "hidden": 1,
    }
    assert "M-2" not in told.text
    assert "C-2" not in told.text
    for number, index in ((a_number(), 2), (a_number(2), 1), ("123", 1)):
        assert desk.get(f"/desk/requests/{number}/decisions/{index}").status_code == 404
