"""Second thoughts, as people have them: a coverage disputed, a serial number found, a job lost to a colleague, triage by keyboard.

Each once in English at a desk and once in French on a telephone; axe looks at what they pass.
"""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from schemas.vocabulary import Outcome, Role
from tests.browser.test_accessible import check, sign_in
from tests.browser.walking import OWNER, QUEUE, a_page, go_on
from tests.embedded import Fixline

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Reader:
    """Who reads, on what; `says` picks the sentence of their language."""

    language: str
    width: int

    def says(self, english: str, french: str) -> str:
        return english if self.language == "en" else french

    def tracking(self, number: str) -> str:
        return f"/en/requests/{number}" if self.language == "en" else f"/fr/demandes/{number}"


READERS = [pytest.param(Reader("en", 1280), id="en-wide"), pytest.param(Reader("fr", 360), id="fr-360")]
EVERY_READER = [
    *READERS,
    *(pytest.param(Reader(*who), id="-".join(map(str, who))) for who in (("en", 360), ("fr", 1280))),
]


def opened(page: Page, fixline: Fixline, reader: Reader, number: str) -> None:
    """The tracking page, by the link of the message."""
    page.goto(f"{fixline.url}{reader.tracking(number)}?k={fixline.stack.parts.codes.code(number)}")


def number_on(page: Page) -> str:
    """The request whose page this is."""
    found = re.search(r"/(\d{12})(?:$|[/?#])", page.url)
    assert found is not None, page.url
    return found[1]


@pytest.mark.parametrize("reader", EVERY_READER)
def test_a_disputed_coverage_is_accepted_and_both_decisions_are_explained(
    browser: Browser, fixline: Fixline, reader: Reader
) -> None:
    """Not covered → the desk sends an estimate → disputed with a proof → the contract desk accepts it → two decisions, one visit."""
    desk = fixline.as_staff(f"papers-{reader.language}-{reader.width}", Role.DESK)
    machine = {"type": "8286", "serial": f"ZZ{reader.language}{reader.width}".upper()}
    asked = {"kind": "hardware_repair", "customer_number": OWNER, "machine": machine, "text": "It hums."}
    owner = fixline.as_customer(OWNER)  # amounts are for who proved who they are
    number = fixline.submits(asked | {"language": reader.language}, owner)
    assert fixline.decided(number, desk)["decision"]["outcome"] == Outcome.BILLABLE_ESTIMATE
    with a_page(browser, width=reader.width) as customer, a_page(browser, width=reader.width) as staff:
        sign_in(customer, owner, fixline)
        customer.goto(fixline.url + reader.tracking(number))
        expect(customer.locator("#estimate")).to_have_count(0)
        check(customer, "not covered")
        sign_in(staff, desk, fixline)
        send_an_estimate(staff, fixline, reader, case_of(fixline, desk, "billing_desk", number))
        expect(customer.locator("#estimate")).to_contain_text("$")  # live, with what it comes to
        check(customer, "the estimate")
        review = dispute(customer, reader, machine["serial"])
        fixline.decided(review, desk)
        accept_the_proof(staff, fixline, reader, case_of(fixline, desk, "contract_desk", review))
        for index, says in (
            (1, reader.says("Nothing covers the machine", "Rien ne couvre la machine")),
            (2, reader.says("A technician of CA-QC-MTL", "Un technicien de CA-QC-MTL")),
        ):
            staff.goto(f"{fixline.url}/desk/requests/{number}/decisions/{index}?lang={reader.language}")
            expect(staff.locator(".lead")).to_contain_text(says)
            check(staff, f"decision {index}")
        customer.goto(fixline.url + reader.tracking(number))
        expect(customer.locator("[data-live=tracking]")).to_contain_text(
            reader.says("A technician will come to you", "Un technicien ira chez vous")
        )
        expect(customer.locator("#estimate")).to_have_count(0)  # nothing is to be paid for any more
        check(customer, "covered after all")
        customer.goto(fixline.url + reader.tracking(review))
        check(customer, "the review, answered")


def send_an_estimate(staff: Page, fixline: Fixline, reader: Reader, case: str) -> None:
    """The billing desk begins with the policy's lines, saves them, and sends them to the customer."""
    staff.goto(f"{fixline.url}/desk/billing_desk?lang={reader.language}&case={case}")
    check(staff, "the billing desk")
    staff.get_by_role("link", name=reader.says("Prepare the estimate", "Préparer l'estimation")).click()
    check(staff, "an estimate to prepare")
    staff.get_by_role("button", name=reader.says("Save", "Enregistrer")).click()
    expect(staff.locator("dl.summary")).to_contain_text("$")
    check(staff, "a prepared estimate")
    staff.get_by_role("button", name=reader.says("Send to the customer", "Envoyer au client")).click()
    staff.wait_for_url(re.compile(r"/desk/billing_desk$"))


def dispute(customer: Page, reader: Reader, serial: str) -> str:
    """From the page that offers the estimate: the device is filled in, the proof is typed. The number of the review."""
    customer.get_by_role("link", name=reader.says("Think this is wrong?", "Vous pensez que c'est une erreur?")).click()
    expect(customer.locator("[name='machine.serial']")).to_have_value(serial)
    check(customer, "the dispute")
    customer.fill("[name='details.evidence']", "M-77, 2025")
    customer.get_by_role("button", name=reader.says("Ask for a review", "Demander une révision")).click()
    customer.wait_for_url(lambda url: "review" not in url and "revision" not in url)
    return number_on(customer)


def accept_the_proof(staff: Page, fixline: Fixline, reader: Reader, case: str) -> None:
    """The contract desk sees what it comes to before anything is saved."""
    staff.goto(f"{fixline.url}/desk/contract_desk?lang={reader.language}&case={case}")
    staff.fill("[name=contract_number]", "M-77")
    staff.fill("[name=site_id]", "S-9")
    staff.get_by_role("button", name=reader.says("See what it comes to", "Voir ce que cela donne")).click()
    expect(staff.get_by_role("status").filter(has_text="CA-QC-MTL")).to_be_visible()
    check(staff, "what the proof comes to")
    staff.locator("form[action$=redecide] [name=why]").fill("M-77")
    staff.get_by_role("button", name=reader.says("Accept this proof", "Accepter cette preuve")).click()
    staff.wait_for_url(re.compile(r"/desk/contract_desk$"))


def case_of(fixline: Fixline, desk: dict[str, str], at: str, number: str) -> str:
    cases = fixline.ask("GET", f"/api/desks/{at}", desk).json()["cases"]
    return next(str(case["id"]) for case in cases if case["number"] == number)


@pytest.mark.parametrize("reader", READERS)
def test_a_serial_number_that_was_not_found_is_given_on_the_tracking_page(
    browser: Browser, fixline: Fixline, reader: Reader
) -> None:
    """ "I can't find it" is an answer: incomplete, then given in the form that is right there, then decided."""
    with a_page(browser, width=reader.width) as page:
        page.goto(fixline.url + reader.says("/en/requests/new", "/fr/demandes/nouvelle"))
        page.check('input[name="need"][value="device"]')
        go_on(page)
        page.get_by_role("button", name=reader.says("I can't find it", "Je ne le trouve pas")).click()
        page.fill("[name=contract_number]", "")
        page.fill("[name=place]", "Montréal")
        go_on(page)
        page.fill("[name=text]", reader.says("The fan is loud.", "Le ventilateur est bruyant."))
        go_on(page)
        page.fill("[name='contact.email']", "essai@client.example")
        page.fill("[name=customer_number]", OWNER)
        go_on(page)
        go_on(page)
        number = re.sub(r"\D", "", page.locator("#number").inner_text())
        page.goto(fixline.url + reader.tracking(number))
        give = page.locator("form", has=page.locator("[name='machine.serial']"))
        expect(give).to_be_visible()
        check(page, "what is missing")
        give.locator("[name='machine.serial']").fill("21-0f3at")
        give.locator("[name='machine.type']").fill("8286")
        give.get_by_role("button").click()
        expect(page.locator("[data-live=tracking]")).to_contain_text(
            reader.says("A technician will come to you", "Un technicien ira chez vous")
        )
        assert page.locator("[name='machine.serial']").count() == 0


@pytest.mark.parametrize("reader", READERS)
def test_a_question_of_ours_is_answered_where_it_is_read(browser: Browser, fixline: Fixline, reader: Reader) -> None:
    """The dispatcher asks; the customer answers on the tracking page; the dispatcher's page shows it by itself."""
    desk = fixline.as_staff(f"asks-{reader.language}", Role.DESK)
    machine = {"type": "8286", "serial": "210F3AT"}
    asked = {"kind": "hardware_repair", "customer_number": OWNER, "machine": machine, "text": "Loud."}
    number = fixline.submits(asked | {"language": reader.language})
    fixline.decided(number, desk)
    said = reader.says("The left one, orange.", "Celui de gauche, orange.")
    with a_page(browser, width=reader.width) as customer, a_page(browser, width=reader.width) as staff:
        opened(customer, fixline, reader, number)
        sign_in(staff, desk, fixline)
        staff.goto(f"{fixline.url}/desk/dispatch/{QUEUE}?lang={reader.language}")
        job = staff.locator(f"[id='WO-{number}-1']")
        job.locator("summary").click()
        job.locator("input[value=customer]").check()
        job.locator("textarea").fill(reader.says("Which light is on?", "Quel voyant est allumé?"))
        job.get_by_role("button", name=reader.says("Wait for the customer", "Attendre le client")).click()
        answer = customer.locator("[name=answer]")
        expect(answer).to_be_visible()
        check(customer, "a question")
        answer.fill(said)
        customer.locator("form", has=answer).get_by_role("button").click()
        expect(customer.locator("ul.timeline")).to_contain_text(said)
        expect(answer).to_have_count(0)
        expect(job).to_contain_text(said)
        check(staff, "an answer")


@pytest.mark.parametrize("reader", READERS)
def test_of_two_technicians_one_takes_the_job_and_the_other_reads_who(
    browser: Browser, fixline: Fixline, reader: Reader
) -> None:
    """Both saw it open; the loser reads a sentence with the winner's name, and no error."""
    desk = fixline.as_staff(f"races-{reader.language}", Role.DESK)
    machine = {"type": "8286", "serial": "210F3AT"}
    number = fixline.submits({"kind": "hardware_repair", "customer_number": OWNER, "machine": machine, "text": "Loud."})
    fixline.decided(number, desk)
    first, second = (
        fixline.as_staff(f"{name}-{reader.language}", Role.TECHNICIAN, queues=(QUEUE,), name=name)
        for name in ("Marie", "Paul")
    )
    with a_page(browser, width=reader.width) as marie, a_page(browser, width=reader.width) as paul:
        for page, who in ((marie, first), (paul, second)):
            sign_in(page, who, fixline)
            page.goto(f"{fixline.url}/tech?lang={reader.language}")
        take = f"form[action='/tech/work-orders/WO-{number}-1/claim'] button"
        paul.evaluate("document.querySelector('[data-live]').dataset.version = '99999999999999999'")  # he looks away
        marie.locator(take).click()
        expect(marie.locator("body")).to_contain_text(reader.says("Yours for", "À vous"))
        paul.locator(take).click()
        expect(paul.locator("main")).to_contain_text(
            reader.says("Marie took this job", "Marie a pris cette intervention")
        )
        check(paul, "too late")


@pytest.mark.parametrize("reader", READERS)
def test_triage_goes_by_keyboard_alone(browser: Browser, fixline: Fixline, reader: Reader) -> None:
    """The choice has the focus, an arrow chooses, Enter saves, and the next case is there; the correction is kept."""
    desk = fixline.as_staff(f"keys-{reader.language}", Role.DESK)
    text = "The login screen and the disk fail."
    request = {"kind": "repair", "customer_number": OWNER, "text": text, "language": reader.language}
    mine, another = (fixline.submits(request) for _ in range(2))
    for number in (mine, another):
        fixline.decided(number, desk)
    case = f"C-{mine}-1"
    with a_page(browser, width=reader.width) as page:
        sign_in(page, desk, fixline)
        page.goto(f"{fixline.url}/desk/triage?lang={reader.language}&case={case}")
        expect(page.locator("strong > u").first).to_be_visible()
        expect(page.locator("body")).to_contain_text(reader.says("needs 75%", "il faut 75 %"))
        expect(page.locator("input[name=is]").first).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(page.locator("input[name=is][value=software]")).to_be_checked()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/desk/triage$"))
        expect(page.locator(f"section.card[id='{case}']")).to_have_count(0)
        expect(page.locator("section.card[id^=C-]")).to_have_count(1)
        expect(page.locator("input[name=is]").first).to_be_focused()
