"""A decision as a service manager reads it: exact texts, by the rules that decided."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.vocabulary import Language, ServiceLevel
from services.routing.decide import Decided
from services.routing.evidence import to_json
from services.routing.explain import as_text, explain, items
from services.routing.explain_clock import days, lines
from services.routing.rules.book import Closure
from tests.unit.rules.builders import (
    OTHER,
    POLICY,
    TORONTO,
    Read,
    World,
    a_contract,
    a_request,
    a_subscription,
    a_world,
    an_entitlement,
    an_item,
    decided,
    reads,
)


def told(answer: Decided, language: Language = Language.EN) -> list[str]:
    """The explanation's lines."""
    text = explain(
        answer.decision.to_json(),
        to_json(answer.evidence),
        language=language,
        zone=ZoneInfo(TORONTO),
        policy=POLICY,
    )
    return as_text(text, language).splitlines()


def part(answer: Decided, label: str, language: Language = Language.EN) -> list[str]:
    """The lines of one part."""
    found, inside = [], False
    for line in told(answer, language)[1:]:
        name, said = line[2:12].strip(), line[12:]
        inside = name == label if name else inside
        if inside:
            found.append(said)
    return found


def three_contracts() -> World:
    """A machine on three contracts: one wins, one is lower, one was ended."""
    return (
        World()
        .under(a_contract("M-77"), an_item("M-77"))
        .under(
            a_contract(
                "M-12", start_date="2025-01-01", end_date="2026-12-31", service_level=ServiceLevel.DEPOT_MAIL_IN
            ),
            an_item("M-12"),
        )
        .under(a_contract("M-05", start_date="2023-11-01"), an_item("M-05", ended_on="2026-11-01"))
    )


def test_a_visit_is_explained_from_headline_to_clock() -> None:
    """Which items were compared, why each won or lost, and how the hour was found."""
    assert told(decided(three_contracts(), a_request(machine=True))) == [
        "onsite_dispatch by coverage.onsite, policy 2026-11-01, as of 2026-11-23 10:00 Toronto",
        "  result    A technician of CA-QC-MTL goes to site S-9, by Tue 24 Nov 17:00.",
        "  kind      declared hardware_repair → stands",
        "  asked     customer C-1001 is known",
        "            the machine is 8286 210F3AT",
        "            M-77 covers it on 2026-11-23",
        "            the level is ONSITE_NBD, by M-77",
        "            CA-QC-MTL serves site S-9",
        "  items     M-77  ONSITE_NBD     2025-04-01…2027-03-31  S-9  wins",
        "            M-12  DEPOT_MAIL_IN  2025-01-01…2026-12-31  S-9  lower level",
        (
            "            M-05  ONSITE_NBD     2023-11-01…2026-10-31  S-9  ended 2026-11-01, its first day without cover; "
            "judged on 2026-11-23"
        ),
        "  clock     Mon 23 Nov 10:00 qualified → base day Mon 23 → Tue 24 Nov 17:00 (2026-11-24T22:00:00Z)",
        "            end of the next business day after the base day",
        "  then      status inProgress, milestone queued_for_technician, queue CA-QC-MTL",
    ]


def test_it_is_explained_in_french() -> None:
    """Codes stay as they are; what stands around them is French."""
    assert told(decided(three_contracts(), a_request(machine=True)), Language.FR) == [
        "onsite_dispatch selon coverage.onsite, politique 2026-11-01, en date du 2026-11-23 10:00 Toronto",
        "  résultat  Un technicien de CA-QC-MTL se rend au site S-9, au plus tard le mar. 24 nov. 17:00.",
        "  genre     déclaré hardware_repair → maintenu",
        "  questions le client C-1001 est connu",
        "            la machine est 8286 210F3AT",
        "            M-77 la couvre le 2026-11-23",
        "            le niveau est ONSITE_NBD, selon M-77",
        "            CA-QC-MTL dessert le site S-9",
        "  appareils M-77  ONSITE_NBD     2025-04-01…2027-03-31  S-9  l'emporte",
        "            M-12  DEPOT_MAIL_IN  2025-01-01…2026-12-31  S-9  niveau moins favorable",
        (
            "            M-05  ONSITE_NBD     2023-11-01…2026-10-31  S-9  terminé le 2026-11-01, premier jour sans "
            "couverture; jugé au 2026-11-23"
        ),
        (
            "  délai     lun. 23 nov. 10:00 tout est connu → jour de départ lun. 23 → mar. 24 nov. 17:00 "
            "(2026-11-24T22:00:00Z)"
        ),
        "            fin du premier jour ouvrable après le jour de départ",
        "  ensuite   statut inProgress, étape queued_for_technician, file CA-QC-MTL",
    ]


def test_a_skipped_holiday_is_named() -> None:
    """24 June in Québec, by its name in the reader's language (docs/rules.md §5)."""
    answer = decided(a_world(), a_request(machine=True), "2026-06-23T14:00:00Z")
    assert part(answer, "clock") == [
        "Tue 23 Jun 10:00 qualified → base day Tue 23 → Thu 25 Jun 17:00 (2026-06-25T21:00:00Z)",
        "end of the next business day after the base day",
        "Tue 23 Jun  10:00 qualified · base day",
        "Wed 24 Jun  closed: Saint Jean Baptiste Day (QC)",
        "Thu 25 Jun  17:00 due",
    ]
    assert part(answer, "délai", Language.FR)[-2:] == [
        "mer. 24 juin  fermé\u00a0: Fête nationale du Québec (QC)",
        "jeu. 25 juin  17:00 échéance",
    ]


def test_a_weekend_and_the_provider_s_own_day_are_named() -> None:
    """Saturday qualified: the base day is Monday, here closed, so Tuesday."""
    world = a_world()
    world.closures = (Closure("CA", None, datetime(2026, 11, 30, tzinfo=UTC).date()),)
    assert part(decided(world, a_request(machine=True), "2026-11-28T15:00:00Z"), "clock")[2:] == [
        "Sat 28 Nov  10:00 qualified · closed: weekend",
        "Sun 29 Nov  closed: weekend",
        "Mon 30 Nov  closed: the provider's own day",
        "Tue 1 Dec   base day",
        "Wed 2 Dec   17:00 due",
    ]


def test_a_day_that_is_too_far_gone_is_said_not_to_count() -> None:
    """Next business day, qualified at closing time."""
    assert part(decided(a_world(), a_request(machine=True), "2026-11-23T22:00:00Z"), "clock")[2:] == [
        "Mon 23 Nov  17:00 qualified · too late to count",
        "Tue 24 Nov  base day",
        "Wed 25 Nov  17:00 due",
    ]


def test_business_hours_are_counted_day_by_day() -> None:
    """Four hours from Friday 15:00: two then, two on Monday."""
    world = a_world(service_level=ServiceLevel.ONSITE_4H_9X5)
    assert part(decided(world, a_request(machine=True), "2026-11-27T20:00:00Z"), "clock") == [
        "Fri 27 Nov 15:00 qualified → Mon 30 Nov 10:00 (2026-11-30T15:00:00Z)",
        "4 business hours",
        "Fri 27 Nov  15:00 qualified · 2 h counted",
        "Sat 28 Nov  closed: weekend",
        "Sun 29 Nov  closed: weekend",
        "Mon 30 Nov  2 h counted · 10:00 due",
    ]


def test_elapsed_time_knows_no_closed_day() -> None:
    """Four hours across the night when the clocks change."""
    world = a_world(service_level=ServiceLevel.ONSITE_4H_24X7)
    assert part(decided(world, a_request(machine=True), "2026-11-01T03:30:00Z"), "clock") == [
        "Sat 31 Oct 23:30 qualified → Sun 1 Nov 02:30 (2026-11-01T07:30:00Z)",
        "4 h on any day, at any hour",
    ]


def clock(**given: Any) -> dict[str, Any]:
    """A stored clock."""
    return {
        "promise": "business_time",
        "seconds": 14400,
        "qualified_at": "2026-11-23T20:00:00Z",
        "zone": TORONTO,
        "country": "CA",
        "province": "QC",
        "base_day": None,
        "skipped": [],
        "pauses": [],
        "due": None,
    } | given


def test_a_clock_that_stands_still_says_so() -> None:
    """An open pause: nobody can say when it is due."""
    pause = {"began": "2026-11-23T21:00:00Z", "ended": None, "reason": "customer"}
    assert lines(clock(pauses=[pause]), Language.EN, POLICY) == (
        "Mon 23 Nov 15:00 qualified → still paused: nobody can say yet",
        "4 business hours",
        "Mon 23 Nov  15:00 qualified · 1 h counted · paused 16:00 to …: waiting for the customer",
    )


def test_a_pause_is_told_on_its_day() -> None:
    """From and until; days behind it are named from the same calendar."""
    pause = {"began": "2026-11-23T21:00:00Z", "ended": "2026-11-27T15:00:00Z", "reason": "site_access"}
    said = lines(clock(pauses=[pause], due="2026-11-27T18:00:00Z"), Language.EN, POLICY)
    assert (
        said[2]
        == "Mon 23 Nov  15:00 qualified · 1 h counted · paused 16:00 to Fri 27 Nov 10:00: waiting for access to the site"
    )
    assert said[3:] == (
        "Tue 24 Nov  0 h counted",
        "Wed 25 Nov  0 h counted",
        "Thu 26 Nov  0 h counted",
        "Fri 27 Nov  3 h counted · 13:00 due",
    )


def test_a_very_long_clock_is_not_drawn_for_ever() -> None:
    """A date at the end of the calendar."""
    assert len(days(clock(due="9990-11-27T18:00:00Z"), Language.EN, POLICY)) == 60


def test_another_customer_s_items_are_counted_and_nothing_else() -> None:
    """Neither its contract nor its site, level or dates."""
    world = World().under(a_contract("X-SECRET", OTHER), an_item("X-SECRET", site_id="S-20"))
    answer = decided(world, a_request(machine=True))
    assert part(answer, "items") == ["1 item of another customer (hidden)"]
    assert not any(secret in line for line in told(answer) for secret in ("SECRET", "S-20", "NBD", "2027"))


def test_why_a_contract_lost_is_the_first_test_that_it_failed() -> None:
    """One line for each way to lose."""
    world = (
        three_contracts()
        .under(a_contract("M-30", start_date="2026-12-01"), an_item("M-30"))
        .under(a_contract("M-31", end_date="2026-10-31"), an_item("M-31"))
        .under(a_contract("M-32"), an_item("M-32", coverage_start="2026-12-01"))
        .under(a_contract("M-33"), an_item("M-33", coverage_end="2026-10-31"))
        .under(a_contract("M-34", end_date="2027-01-31"), an_item("M-34"))
        .under(a_contract("M-78"), an_item("M-78"))
        .under(a_contract("M-79"), an_item("M-79", machine_type="4210"))
    )
    answer = decided(world, a_request(machine=True))
    assert {row.contract: row.why for row in items(to_json(answer.evidence), Language.EN)} == {
        "M-77": "wins",
        "M-78": "same level and end, higher contract number",
        "M-34": "same level, ends sooner",
        "M-12": "lower level",
        "M-05": "ended 2026-11-01, its first day without cover; judged on 2026-11-23",
        "M-30": "its contract begins 2026-12-01, after 2026-11-23",
        "M-31": "its contract ended 2026-10-31, before 2026-11-23",
        "M-32": "begins 2026-12-01, after 2026-11-23",
        "M-33": "covered to 2026-10-31, before 2026-11-23",
        "M-79": "same serial, other type 4210",
    }


def test_a_notice_that_is_too_early_says_when_it_is_not() -> None:
    """And that the coverage ends before that, where it does (docs/rules.md §6)."""
    world = a_world(start_date="2026-11-01", end_date="2026-12-31")
    answer = decided(world, a_request("termination", machine=True, details={"party": "customer"}))
    assert part(answer, "result") == ["Too early: notice becomes possible on 2027-05-01."]
    assert part(answer, "dates") == [
        "notice possible from 2027-05-01",
        "the coverage ends before that, on 2026-12-31",
    ]


def test_an_end_says_what_it_comes_to() -> None:
    """First day without, last day billed, credit."""
    world = a_world(prepaid_until="2026-12-31")
    answer = decided(world, a_request("termination", machine=True, details={"party": "customer"}))
    assert part(answer, "dates") == [
        "first day without coverage 2026-12-23",
        "last day billed 2026-12-22",
        "9 prepaid days are credited",
    ]


def test_an_end_says_how_it_was_found() -> None:
    """The notice, the day that was named, the coverage's own end, and what is paid (docs/rules.md §6, §7)."""
    sold = a_request("machine_transfer", machine=True, details={"reason": "sold", "event_date": "2027-05-01"})
    capped = decided(a_world(prepaid_until="2026-12-31"), sold)
    assert part(capped, "asked")[-5:] == [
        "M-77 is the maintenance that counts",
        "given on 2026-11-23, a 1-month notice ends on 2026-12-23",
        "the day named is later: 2027-05-01",
        "but the coverage ends on 2027-03-31, and is never stretched",
        "it is paid until 2026-12-31",
    ]
    asked = a_request("termination", machine=True, details={"party": "customer", "requested_on": "2026-12-01"})
    assert part(decided(a_world(), asked), "questions", Language.FR)[-3:] == [
        "donné le 2026-11-23, un avis de 1 mois prend fin le 2026-12-23",
        "le jour indiqué, 2026-12-01, n'est pas plus tard\u00a0: c'est l'avis qui décide",
        "l'avis est donné à temps",
    ]


def test_a_contract_that_a_machine_does_not_settle_is_said_to_be_open() -> None:
    """The desk reads which contracts the machine is on (docs/rules.md §2)."""
    said = [
        part(decided(world, a_request("contract_renewal", machine=machine)), "asked")[-1]
        for world, machine in ((three_contracts(), True), (a_world(), True), (a_world(), None))
    ]
    assert said == [
        "the machine is on several contracts: M-12, M-77; which one is meant is not known",
        "the machine is on contract M-77 alone",
        "no contract is known by what was named",
    ]


def test_a_lapsed_subscription_shows_its_two_ways_out() -> None:
    """With their prices, from the policy (docs/rules.md §9)."""
    world = World().under(a_subscription(end_date="2026-10-31"), entitlements=[an_entitlement()])
    answer = decided(world, a_request("software_support", product_id="P-100"))
    assert part(answer, "software") == ["S-1  P-100  Ledger ×1  2025-04-01…2026-10-31  lapsed"]
    assert part(answer, "offers") == ["new licence 1180.00 CAD", "reinstatement 705.00 CAD"]


def test_what_is_missing_is_named_and_said() -> None:
    """The path for programs, the words for people."""
    answer = decided(a_world(), a_request(machine=("8286", "")))
    assert part(answer, "missing") == ["machine.serial: the machine's serial number"]


def test_a_text_that_decides_shows_its_words() -> None:
    """How sure, how sure it would have to be, and what weighed."""
    answer = decided(a_world(), a_request("repair", text="thing"), classify=reads("hardware", 0.62))
    assert part(answer, "kind") == ["the text speaks of hardware: 62% sure, needs 75% → a person decides"]
    assert part(answer, "genre", Language.FR) == [
        "le texte parle de hardware\u00a0: certitude 62\u00a0%, il faut 75\u00a0% → une personne décide"
    ]
    assert part(answer, "text") == ["hardware, 62% sure by model 7; + speaks for hardware", "“thing” +0.10"]
    assert part(answer, "reasons") == [
        "kind_unclear: The text does not say clearly enough whether it is hardware or software."
    ]


def test_a_text_without_a_known_word_says_so() -> None:
    """In place of a kind that nothing speaks for."""
    nothing = Read("software", 0.5, ())
    answer = decided(a_world(), a_request("repair", text="?"), classify=lambda text, language: nothing)
    assert part(answer, "text") == ["no word that we know speaks for either"]


def test_nothing_from_outside_moves_the_cursor() -> None:
    """A request's own name is shown without its control characters."""
    answer = decided(a_world(), a_request(machine=True), ref="a\x1b[2Jb")
    assert part(answer, "ref") == ["a\ufffd[2Jb"]


@pytest.mark.parametrize("language", list(Language))
def test_an_unknown_customer_is_explained_without_one(language: Language) -> None:
    """Nothing was compared; still a headline, a reason and a question."""
    said = told(decided(a_world(), a_request(machine=True, customer_number="C-404")), language)
    assert said[0].startswith("triage ")
    assert any("C-404" in line for line in said)
