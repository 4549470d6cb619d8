"""Pages for those who work on requests: they say what is next, in both languages, and work by posted forms alone."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from schemas.vocabulary import Role
from services.routing.desk_pages import weighed
from services.routing.words import ROUTING_WORDS
from services.runtime.web.phrases import KIT_WORDS
from tests.builders import a_number, an_acceptance
from tests.service.routing.browsing import Browsing
from tests.service.routing.harness import Routing, covered


@pytest.fixture
def tech(web: Browsing) -> TestClient:
    return web.technician()


def press(client: TestClient, page: str, action: str, **fields: str) -> str:
    """Send the form of `page` that goes to `action` with its hidden fields, and the page that it leads to."""
    html = client.get(page).text
    form = re.search(rf'<form method="post" action="{re.escape(action)}"[^>]*>(.*?)</form>', html, re.DOTALL)
    assert form, f"no form to {action}"
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[1]))
    sent = client.post(action, data={**hidden, **fields})
    assert sent.status_code == 303, sent.text
    then: str = client.get(sent.headers["location"]).text
    return then


def test_words_are_there_in_both_languages_and_differ_from_nobody_elses() -> None:
    assert len(KIT_WORDS | ROUTING_WORDS) == len(KIT_WORDS) + len(ROUTING_WORDS)


def test_a_technician_goes_from_take_it_to_finish_by_one_button_at_a_time(tech: TestClient, routing: Routing) -> None:
    """What is seen after each press is the next legal step only."""
    routing.receives(covered(contact={"name": "A. Roy", "phone": "+15145550177"}))
    at = f"/tech/work-orders/{routing.order().id}"
    page = press(tech, "/tech", f"{at}/claim")
    assert "Yours for 15 min" in page
    assert "The fan is loud." in page
    assert 'href="tel:+15145550177"' in page
    for action, then in (("accept", "On my way"), ("en-route", "I&#39;m here"), ("arrive", "Is it fixed?")):
        assert then in press(tech, "/tech", f"{at}/{action}")
    page = press(tech, "/tech", f"{at}/complete", fixed="yes", parts="00AB 2\n00CD", note="new fan")
    assert "Fixed by Name of tech1" in page
    assert routing.order().report == {
        "fixed": True,
        "reason": None,
        "parts": [{"number": "00AB", "quantity": 2}, {"number": "00CD", "quantity": 1}],
        "note": "new fan",
    }


def test_finishing_says_whether_it_is_fixed_and_if_not_why(tech: TestClient, routing: Routing) -> None:
    """The page says what is missing; then a new visit waits."""
    routing.receives(covered())
    at = f"/tech/work-orders/{routing.order().id}"
    for action in ("claim", "accept", "en-route", "arrive"):
        press(tech, "/tech", f"{at}/{action}")
    for fields in ({}, {"fixed": "no"}):
        answer = tech.post(f"{at}/complete", data={"version": "5", **fields})
        assert answer.status_code == 422
        assert "There is a problem" in answer.text
    page = press(tech, "/tech", f"{at}/complete", fixed="no", reason="no_part")
    assert "Visit 2" in page


def test_a_job_taken_by_another_is_told_in_words_with_the_note(web: Browsing, routing: Routing) -> None:
    routing.receives(covered())
    at = f"/tech/work-orders/{routing.order().id}"
    press(web.technician("tech1"), "/tech", f"{at}/claim")
    lost = web.technician("tech2").post(f"{at}/claim", data={"version": "1", "note": "I am near"})
    assert lost.status_code == 409
    assert "Name of tech1 took this job at 10:00" in lost.text
    assert "I am near" in lost.text


def test_the_page_speaks_french(tech: TestClient, routing: Routing) -> None:
    routing.receives(covered())
    page = tech.get("/tech?lang=fr").text
    assert '<html lang="fr"' in page
    assert "La prendre" in page
    assert "mardi\u00a024\u00a0novembre" in page


def test_an_empty_queue_says_so(tech: TestClient) -> None:
    assert "No open jobs in CA-QC-MTL." in tech.get("/tech").text


def test_what_customers_write_is_shown_and_not_run(tech: TestClient, routing: Routing) -> None:
    routing.receives(covered(text="<b onclick=alert(1)>The fan is loud</b>"))
    at = f"/tech/work-orders/{routing.order().id}"
    assert "&lt;b onclick=alert(1)&gt;The fan" in press(tech, "/tech", f"{at}/claim")


def test_a_dispatcher_gives_a_job_and_takes_it_back(web: Browsing, routing: Routing) -> None:
    routing.receives(covered())
    desk = web.staff(Role.DESK, username="desk1")
    board, id_ = "/desk/dispatch/CA-QC-MTL", routing.order().id
    assert "Taken by tech2" in press(desk, board, f"{board}/{id_}/assign", technician="tech2")
    answer = desk.post(f"{board}/{id_}/withdraw", data={"version": "2"})
    assert (answer.status_code, "There is a problem" in answer.text) == (422, True)
    assert "Open" in press(desk, board, f"{board}/{id_}/withdraw", reason="ill")
    assert routing.order().status == "queued"


def test_the_bench_scans(web: Browsing, routing: Routing) -> None:
    """A green answer, then who had it before, then what is not expected."""
    routing.receives(covered(serial="SNM"))
    bench = web.staff(Role.DEPOT, username="bench1", queues=["D-1"])
    assert "Ready to scan. 1 expected." in bench.get("/depot").text
    page = press(bench, "/depot", "/depot", scan="8286 SNM")
    assert "8286 SNM for request 4821-0000-0017. Next: diagnose." in page
    again = bench.post("/depot", data={"scan": routing.parcel().id})
    assert (again.status_code, "Already received 10:00 by Name of bench1" in again.text) == (409, True)
    assert "Not expected here" in bench.post("/depot", data={"scan": "1234"}).text
    at = f"/depot/returns/{routing.parcel().id}"
    for step in ("diagnose", "repair", "ship-back", "deliver"):
        page = press(bench, "/depot", f"{at}/{step}")
    assert routing.life().status == "resolved"


def test_triage_shows_what_weighed_and_opens_the_next(web: Browsing, routing: Routing) -> None:
    text = "The login screen and the disk <b>fail</b>."
    for n in (1, 2):
        routing.receives(an_acceptance(a_number(n), kind="repair", customer_number="C-1", text=text))
    assert {life.outcome for life in routing.lives()} == {"triage"}
    desk = web.staff(Role.DESK, username="desk1")
    page = desk.get("/desk/triage").text
    assert "needs 75%" in page
    assert "<strong><u>" in page
    assert "&lt;b&gt;" in page
    first, second = (case.id for case in routing.cases())
    asked = desk.post(f"/desk/triage/{first}/triage", data={"version": "1", "is": "ask"})
    assert asked.status_code == 422
    page = press(desk, "/desk/triage", f"/desk/triage/{first}/triage", **{"is": "hardware"})
    assert f'id="{second}"' in page


def test_a_desk_closes_a_case(web: Browsing, routing: Routing) -> None:
    routing.receives(an_acceptance(kind="inquiry", customer_number="C-1", language="fr"))
    desk = web.staff(Role.DESK, username="desk1")
    at = f"/desk/general_desk/{routing.case().id}"
    page = desk.get("/desk/general_desk").text
    assert "In the request&#39;s language: French." in page
    assert "Name of desk1 works on it" in press(desk, "/desk/general_desk", f"{at}/take")
    assert "we know him" in press(desk, "/desk/general_desk", f"{at}/note", note="we know him")
    wrong = desk.post(f"{at}/close", data={"version": "3", "reason": "said"})
    assert wrong.status_code == 422
    page = press(desk, "/desk/general_desk", f"{at}/close", ending="resolved", reason="said", answer="Oui.")
    assert "Nothing waits here." in page
    assert routing.life().status == "resolved"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_decision_is_explained(web: Browsing, routing: Routing, language: str) -> None:
    routing.receives(covered(a_number(1)), covered(a_number(2), "SN2"))
    desk = web.staff(Role.DESK)
    page = desk.get(f"/desk/requests/{a_number(1)}/decisions/1?lang={language}").text
    assert "coverage.onsite" in page
    assert "M-1" in page
    hidden = desk.get(f"/desk/requests/{a_number(2)}/decisions/1?lang={language}").text
    assert "M-2" not in hidden


def test_every_desk_has_its_page_in_both_languages(web: Browsing, routing: Routing) -> None:
    """Empty ones too, and no key of a phrase is left on them."""
    routing.receives(covered(serial="SNP"))
    desk = web.staff(Role.DESK)
    for language in ("en", "fr"):
        listed = desk.get(f"/desk?lang={language}").text
        addresses = re.findall(r'href="(/desk/[\w%/-]+)"', listed)
        assert len(addresses) == 10
        for address in addresses:
            answer = desk.get(f"{address}?lang={language}")
            assert answer.status_code == 200
            assert not list(keys_in(answer.text))
    assert desk.get("/desk/nothing").status_code == 404


def keys_in(html: str) -> Iterator[str]:
    shown = re.sub(r"<[^>]+>", " ", html)
    yield from (key for key in ROUTING_WORDS if re.search(rf"(?<![\w.]){re.escape(key)}(?![\w.])", shown))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], [("the fan and the disk", False)]),
        (["fan", "disk"], [("the ", False), ("fan", True), (" and the ", False), ("disk", True)]),
        (["nothing", "fan"], [("the ", False), ("fan", True), (" and the disk", False)]),
    ],
)
def test_the_words_that_weighed_are_marked_in_the_text(words: list[str], expected: list[tuple[str, bool]]) -> None:
    reading = {"words": [{"word": word, "weight": 1.0} for word in words]}
    assert weighed("the fan and the disk", reading) == expected


def test_the_contract_desk_sees_what_a_proof_comes_to_and_then_accepts_it(web: Browsing, routing: Routing) -> None:
    """A machine that nothing covers, a dispute, papers: both decisions side by side, saved only when accepted."""
    first, review = a_number(1), a_number(2)
    routing.receives(covered(first, "SN9"))
    routing.receives(
        an_acceptance(
            review,
            kind="coverage_review",
            customer_number="C-1",
            machine={"type": "8286", "serial": "SN9"},
            details={"request_number": first, "evidence": "Contract M-1, signed in May."},
        )
    )
    desk = web.staff(Role.DESK, username="desk1")
    page = desk.get("/desk/contract_desk").text
    assert "Contract M-1, signed in May." in page
    case = next(case for case in routing.cases() if case.number == review)
    papers = {"version": "1", "contract_number": "m-1", "site_id": "S-1", "service_level": ""}
    before = routing.everything_stored()
    seen = desk.post(f"/desk/contract_desk/{case.id}/foresee", data=papers).text
    assert "Nothing covers the machine on that day" in seen
    assert "A technician of CA-QC-MTL goes to site S-1, by Tue 24 Nov 17:00." in seen
    assert routing.everything_stored() == before
    missing = desk.post(f"/desk/contract_desk/{case.id}/redecide", data=papers)
    assert missing.status_code == 422
    done = desk.post(f"/desk/contract_desk/{case.id}/redecide", data={**papers, "why": "signed", "said": "Yes."})
    assert done.status_code == 303, done.text
    assert (routing.life(first).outcome, routing.life(review).status) == ("onsite_dispatch", "resolved")
    for index, said in ((1, "Nothing covers"), (2, "A technician of CA-QC-MTL")):
        page = desk.get(f"/desk/requests/{first}/decisions/{index}").text
        assert said in page
        assert "Same" in page
    assert "What the papers say" in page


def test_an_approval_by_page_takes_two_persons(web: Browsing, routing: Routing) -> None:
    """The first recommends; the page offers the decision to the second only."""
    routing.receives(
        an_acceptance(
            kind="termination",
            customer_number="C-1",
            machine={"type": "8286", "serial": "SN1"},
            details={"party": "breach", "evidence": "Nobody came."},
        )
    )
    one, two = web.staff(Role.DESK, username="desk1"), web.staff(Role.DESK, username="desk2")
    at = f"/desk/approval/{routing.case().id}"
    page = press(one, "/desk/approval", f"{at}/recommend", verdict="approve", reason="it is proved")
    assert "another person decides" in page
    assert f"{at}/decide" not in page
    page = press(two, "/desk/approval", f"{at}/decide", verdict="approve", reason="yes", effective_end="2026-12-01")
    assert routing.life().status == "resolved"


def test_parts_are_shipped_by_page(web: Browsing, routing: Routing) -> None:
    routing.receives(covered(serial="SNP"))
    desk = web.staff(Role.DESK, username="desk1")
    press(desk, "/desk/parts_desk", f"/desk/parts_desk/{routing.case().id}/ship", parcel="1Z 999", said="On its way.")
    assert routing.life().milestone == "parts_shipped"


def test_an_answer_can_begin_with_a_reviewed_sentence_in_the_request_s_language(
    web: Browsing, routing: Routing
) -> None:
    """The desk reads English, the customer French; what was typed follows."""
    routing.receives(an_acceptance(kind="inquiry", customer_number="C-1", language="fr"))
    desk = web.staff(Role.DESK, username="desk1")
    at = f"/desk/general_desk/{routing.case().id}"
    page = desk.get("/desk/general_desk?lang=en").text
    offered = re.findall(r'<option value="([^"]+)">Appelez-nous', page)
    assert offered
    press(desk, "/desk/general_desk", f"{at}/close", ending="resolved", reason="x", phrase=offered[0])
    assert routing.said()[-1].note == offered[0].replace("&#39;", "'")  # type: ignore[attr-defined]  # it is a status


def test_the_address_of_a_form_s_answer_can_be_looked_at_again(web: Browsing, routing: Routing) -> None:
    """A reload, or the page's own news, shows the case as it is now."""
    routing.receives(covered(serial="SNP"))
    case = routing.case().id
    again = web.staff(Role.DESK).get(f"/desk/parts_desk/{case}/close")
    assert (again.status_code, again.headers["location"]) == (303, f"/desk/parts_desk?case={case}")


def test_a_desk_asks_the_customer_and_the_clock_stands_still_until_it_goes_on(web: Browsing, routing: Routing) -> None:
    routing.receives(an_acceptance(kind="software_support", customer_number="C-1", product_id="P-1", text=None))
    desk = web.staff(Role.DESK, username="desk1")
    at = f"/desk/remote_support/{routing.case().id}"
    page = press(desk, "/desk/remote_support", f"{at}/wait", question="Which version is it?")
    assert "the customer reads this" in page
    assert routing.life().waiting is not None
    press(desk, f"/desk/remote_support?case={routing.case().id}", f"{at}/go-on")
    assert routing.life().waiting is None
