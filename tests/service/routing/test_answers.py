"""Answers over HTTP: what they hold, and that nobody else gets them (docs/rules.md §2, docs/architecture.md, Identity)."""

import csv
from io import StringIO
from typing import Any

import pytest
from httpx import Response

from schemas.service_requests import Submitter
from schemas.vocabulary import Channel, Role, Scope
from tests.builders import a_number
from tests.service.routing.answering import (
    BY_AGENT,
    BY_CUSTOMER,
    BY_PROGRAM,
    BY_STRANGER,
    CODES,
    asked,
    by_code,
    some_software,
)
from tests.service.routing.browsing import Browsing
from tests.service.routing.harness import Routing, a_contract, an_item

NUMBER = a_number()
ANSWER = f"/api/requests/{NUMBER}/answer"
EVERY_FORM = (
    ANSWER,
    f"{ANSWER}.csv",
    f"{ANSWER}.pdf",
    f"/en/requests/{NUMBER}/answer",
    f"/fr/demandes/{NUMBER}/reponse",
)


def statuses(client: Any) -> list[int]:
    return [client.get(form).status_code for form in EVERY_FORM]


def rows_of(table: Response) -> list[list[str]]:
    return list(csv.reader(StringIO(table.content.decode("utf-8-sig"), newline="")))


def test_the_covered_devices_come_as_json(routing: Routing, web: Browsing) -> None:
    """With the addresses of the same as files; the number is taken with dashes too."""
    routing.receives(asked())
    got = web.customer().get(f"/api/requests/{NUMBER[:4]}-{NUMBER[4:8]}-{NUMBER[8:]}/answer")
    said = got.json()
    devices = said.pop("devices")
    assert said == {
        "number": NUMBER,
        "kind": "covered_devices",
        "as_of": "2026-11-23T15:00:00Z",
        "day": "2026-11-23",
        "customer": {"number": "C-1", "name": "Customer C-1"},
        "contract_number": None,
        "documents": {"csv": f"{ANSWER}.csv", "pdf": f"{ANSWER}.pdf"},
    }
    assert [(device["machine"]["serial"], device["service_level"]) for device in devices] == [
        ("SN1", "ONSITE_NBD"),
        ("SN4", "ONSITE_4H_24X7"),
        ("SNM", "DEPOT_MAIL_IN"),
        ("SNP", "PARTS_ONLY"),
    ]


def test_the_table_is_a_file_that_nobody_keeps_or_guesses_at(routing: Routing, web: Browsing) -> None:
    """Its name, its type, and what the caller must not do with it."""
    routing.receives(asked(language="fr"))
    got = web.customer().get(f"{ANSWER}.csv")
    assert [row[4] for row in rows_of(got)] == ["Numéro de série", "SN1", "SN4", "SNM", "SNP"]
    told = {"content-type", "content-disposition", "cache-control", "x-content-type-options", "content-language"}
    assert {name: got.headers[name] for name in told} == {
        "content-type": "text/csv; charset=utf-8; header=present",
        "content-disposition": f'attachment; filename="appareils-couverts-{NUMBER}.csv"',
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "content-language": "fr",
    }


@pytest.mark.parametrize(("language", "name"), [("en", "covered-devices"), ("fr", "appareils-couverts")])
def test_the_document_is_in_the_requests_language(routing: Routing, web: Browsing, language: str, name: str) -> None:
    """Whatever the caller's; and the same bytes each time."""
    routing.receives(asked(language=language))
    client = web.customer()
    first, second = client.get(f"{ANSWER}.pdf"), client.get(f"{ANSWER}.pdf", headers={"Accept-Language": "fr"})
    assert first.content == second.content
    assert first.content.startswith(b"%PDF-")
    assert first.headers["content-type"] == "application/pdf"
    assert first.headers["content-disposition"] == f'attachment; filename="{name}-{NUMBER}.pdf"'
    assert first.headers["cache-control"] == "no-store"


def test_a_contract_comes_as_json_and_document_but_not_as_a_table(routing: Routing, web: Browsing) -> None:
    """The one that the decision names."""
    routing.receives(asked("contract_copy", machine={"type": "8286", "serial": "SN1"}))
    client = web.customer()
    said = client.get(ANSWER).json()
    assert (said["contract"]["number"], len(said["contract"]["items"])) == ("M-1", 4)
    assert said["documents"] == {"pdf": f"{ANSWER}.pdf"}
    assert statuses(client) == [200, 404, 200, 200, 200]


def test_downloads_come_as_json_and_on_a_page(routing: Routing, web: Browsing) -> None:
    """An active product and a lapsed one."""
    routing.given(some_software())
    routing.receives(asked("software_download"))
    client = web.customer()
    said = client.get(ANSWER).json()
    assert [(one["product_name"], one["state"], one["versions_until"]) for one in said["products"]] == [
        ("Archive", "lapsed", "2026-06-30"),
        ("Ledger", "active", None),
    ]
    assert said["documents"] == {}
    assert statuses(client) == [200, 404, 404, 200, 200]


def test_the_page_is_in_its_own_language(routing: Routing, web: Browsing) -> None:
    """With links to the files and back to the request."""
    routing.receives(asked(language="en"))
    page = web.customer().get(f"/fr/demandes/{NUMBER}/reponse").text
    assert "Vos appareils couverts" in page
    assert "SNM" in page
    assert f'href="{ANSWER}.pdf"' in page
    assert f'href="{ANSWER}.csv"' in page
    assert f'href="/fr/demandes/{NUMBER}"' in page
    assert f'href="/en/requests/{NUMBER}/answer"' in web.customer().get(f"/fr/demandes/{NUMBER}/reponse").text


def test_an_answer_speaks_of_the_day_of_the_decision(routing: Routing, web: Browsing) -> None:
    """A year later the contract is over, and the answer is the same."""
    routing.receives(asked())
    before = [web.customer().get(form).content for form in EVERY_FORM[:3]]
    routing.clock.forward(hours=7)  # a session lives eight
    routing.given([a_contract("W-9", start_date=routing.clock.at.date())])
    assert [web.customer().get(form).content for form in EVERY_FORM[:3]] == before


def test_the_customer_their_programs_and_staff_who_serve_everybody_see_it(routing: Routing, web: Browsing) -> None:
    """Each in every form."""
    routing.receives(asked())
    for client in (
        web.customer(),
        web.program(Scope.REQUESTS_READ),
        web.staff(Role.AGENT),
        web.staff(Role.DESK),
        web.staff(Role.OPS),
    ):
        assert statuses(client) == [200] * 5


def test_nobody_else_sees_it(routing: Routing, web: Browsing) -> None:
    """Another customer and another's program: not there. Without the role or scope: refused. Nobody: who are you?"""
    routing.receives(asked())
    assert statuses(web.customer("C-2")) == [404] * 5
    assert statuses(web.program(Scope.REQUESTS_READ, customers=["C-2"])) == [404] * 5
    assert statuses(web.program(Scope.QUEUES_READ)) == [403] * 5
    assert statuses(web.technician()) == [403] * 5
    assert statuses(web.other_service()) == [403] * 5
    assert statuses(web.anonymous()) == [401, 401, 401, 303, 303]


def test_what_others_are_told_does_not_depend_on_whether_it_is_there(routing: Routing, web: Browsing) -> None:
    """Another customer's answer and no answer at all are the same words."""
    nothing = web.customer("C-2").get(ANSWER).json()
    routing.receives(asked())
    theirs = web.customer("C-2").get(ANSWER).json()
    for told in (nothing, theirs):
        told.pop("correlation_id", None)
        told.pop("instance", None)
    assert theirs == nothing


@pytest.mark.parametrize("by", [BY_CUSTOMER, BY_PROGRAM])
def test_a_code_opens_what_its_customer_asked_for(routing: Routing, web: Browsing, by: Submitter) -> None:
    """It was given to them, and mailed to the address on file alone."""
    routing.receives(asked(by=by))
    assert statuses(by_code(web)) == [200] * 5
    assert by_code(web, code="00000000").get(ANSWER).status_code == 422


def test_a_code_opens_its_own_request_only(routing: Routing, web: Browsing) -> None:
    """The code of one is a wrong code for another."""
    routing.receives(asked())
    routing.receives(asked(index=2))
    assert by_code(web, code=CODES.code(a_number(2))).get(ANSWER).status_code == 422


def test_a_code_that_a_caller_was_told_on_the_telephone_does_not_open_it(routing: Routing, web: Browsing) -> None:
    """The agent vouched for one call; the customer's own sign-in opens it."""
    routing.receives(asked(by=BY_AGENT, channel=Channel.PHONE))
    assert statuses(by_code(web)) == [404] * 5
    assert statuses(web.customer()) == [200] * 5
    assert statuses(web.staff(Role.AGENT)) == [200] * 5


def test_a_code_that_was_mailed_to_another_address_does_not_open_it(routing: Routing, web: Browsing) -> None:
    """Contract data goes to the address on file."""
    routing.receives(asked(contact={"email": "somebody@example.com"}))
    assert statuses(by_code(web)) == [404] * 5
    assert statuses(web.customer()) == [200] * 5


def test_a_code_of_an_anonymous_request_never_opens_contract_data(routing: Routing, web: Browsing) -> None:
    """Intake refuses such kinds to strangers; should one come all the same, routing gives nothing away."""
    routing.receives(asked(by=BY_STRANGER))
    assert statuses(by_code(web)) == [404] * 5


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "hardware_repair", "machine": {"type": "8286", "serial": "SN1"}},
        {"kind": "contract_copy", "contract_number": "M-2"},
        {"kind": "covered_devices", "contract_number": "M-2"},
        {"kind": "contract_renewal", "contract_number": "M-1"},
        {"kind": "software_download", "product_id": "P-9"},
        {"kind": "contract_copy"},
    ],
)
def test_what_was_not_answered_by_itself_has_no_answer(routing: Routing, web: Browsing, given: dict[str, Any]) -> None:
    """For nobody; of another's contract nothing is revealed."""
    routing.receives(asked(**given))
    assert statuses(web.customer()) == [404] * 5
    assert statuses(web.staff(Role.DESK)) == [404] * 5


@pytest.mark.parametrize("number", ["482190347717", "1", "x", a_number(7)])
def test_a_number_that_nobody_has_is_not_there(routing: Routing, web: Browsing, number: str) -> None:
    """Mistyped or never given out."""
    assert web.staff(Role.DESK).get(f"/api/requests/{number}/answer").status_code == 404


def test_formulas_in_contract_data_stay_text(routing: Routing, web: Browsing) -> None:
    """A model that a spreadsheet would run."""
    routing.given([a_contract("=CMD()"), an_item("SNX", "=CMD()", model="@SUM(A1)")])
    routing.receives(asked())
    lines = [row for row in rows_of(web.customer().get(f"{ANSWER}.csv")) if row[4] == "SNX"]
    assert [(row[0], row[3]) for row in lines] == [("'=CMD()", "'@SUM(A1)")]
