"""Documents: the CSV table, the PDF, and what both say in each language."""

import csv
import re
import shutil
import subprocess
import zlib
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from schemas.vocabulary import ContractKind, Kind, Language, ServiceLevel
from services.routing import answers, documents
from services.routing.answer_words import ANSWER_WORDS
from services.routing.answers import Answer, CoveredDevices
from services.routing.documents import Sheet
from services.runtime.web.phrases import KIT_WORDS
from tests.unit.routing_documents.answered import answered
from tests.unit.rules.builders import (
    World,
    a_contract,
    a_customer,
    a_request,
    a_site,
    a_subscription,
    a_world,
    an_entitlement,
    an_item,
)

NUMBER = "482190347716"
WORDS = KIT_WORDS | ANSWER_WORDS
EN, FR = Language.EN, Language.FR


def devices(world: World, **request: Any) -> Answer:
    return answered(world, a_request("covered_devices", **request))


def a_table(world: World, language: Language = EN) -> str:
    given = devices(world).given
    assert isinstance(given, CoveredDevices)
    return documents.devices_csv(given, WORDS.bound(language)).decode("utf-8-sig")


def a_pdf(answer: Answer, language: Language = EN, most: int = 5000) -> bytes:
    placed = documents.shortened(a_sheet(answer, language), most, WORDS, language)
    return documents.pdf(placed, NUMBER, WORDS, language, answer.decision.as_of)


def a_sheet(answer: Answer, language: Language = EN) -> Sheet:
    return documents.sheet(answer, NUMBER, WORDS, language)


def plain(text: str) -> str:
    """Runs of spaces, no-break ones too, as one space."""
    return re.sub(r"\s+", " ", text).strip()


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Text of a PDF as another program reads it; without that program, the letters in its pages' own streams."""

    def text_of(document: bytes) -> str:
        if shutil.which("pdftotext") is None:
            return plain(" ".join(_strings(document)))
        path = tmp_path / "answer.pdf"
        path.write_bytes(document)
        done = subprocess.run(  # our own file
            ["pdftotext", "-raw", str(path), "-"],  # wherever it is installed
            capture_output=True,
            check=True,
            timeout=30,
        )
        return plain(done.stdout.decode())

    return text_of


def _strings(document: bytes) -> list[str]:
    """What is shown on the pages: the strings of their content streams, in the fonts' alphabet."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL):
        try:
            content = zlib.decompress(stream)
        except zlib.error:
            continue
        shown = re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", content, re.DOTALL)
        found += [re.sub(rb"\\(.)", rb"\1", text).decode("cp1252") for text in shown]
    return found


def test_the_table_is_rfc_4180() -> None:
    """Every line ends in CR LF, quotes are doubled, commas and line ends stay inside their cell."""
    world = World().under(a_contract(), an_item(model='4"1,A'))
    world.sites[0] = a_site(line1="1 rue A\nbureau 2")
    assert a_table(world) == (
        "Contract,Kind,Type,Model,Serial number,Site,Address,Service level,Service,Covered from,Covered until\r\n"
        'M-77,Hardware maintenance,8286,"4""1,A",210F3AT,S-9,"1 rue A\nbureau 2, Montréal, QC, H3B2Y5, CA",'
        "ONSITE_NBD,At your site by the next business day,2025-04-01,2027-03-31\r\n"
    )


def test_the_table_speaks_french() -> None:
    """Headings and words; codes and dates stay."""
    heading, line = csv.reader(StringIO(a_table(a_world(), FR)))
    assert heading[4:6] == ["Numéro de série", "Site"]
    assert line[1] == "Maintenance du matériel"
    assert line[7:] == [
        "ONSITE_NBD",
        "Chez vous au plus tard le jour ouvrable suivant",
        "2025-04-01",
        "2027-03-31",
    ]


def test_the_table_begins_with_the_mark_that_spreadsheets_need() -> None:
    """Without it they garble accents."""
    given = devices(a_world()).given
    assert isinstance(given, CoveredDevices)
    assert documents.devices_csv(given, WORDS.bound(EN)).startswith(b"\xef\xbb\xbfContract,")


def test_no_end_and_no_level_are_empty_cells() -> None:
    """And no site."""
    world = World().under(
        a_contract(end_date=None, service_level=None, kind=ContractKind.WARRANTY), an_item(site_id=None, model=None)
    )
    assert list(csv.reader(StringIO(a_table(world))))[1] == [
        *("M-77", "Warranty", "8286", "", "210F3AT", "", "", "", "", "2025-04-01", "")
    ]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "\uff1d1", "\uff0b1"]
)
def test_what_could_begin_a_formula_is_put_behind_an_apostrophe(cell: str) -> None:
    """Also behind spaces, and full-width."""
    assert documents.inert(cell) == f"'{cell}"
    world = World().under(a_contract(), an_item(model=cell))
    assert f"'{cell}" in list(csv.reader(StringIO(a_table(world), newline="")))[1]


@pytest.mark.parametrize("cell", ["", "M-77", "1 rue A", "a=b", "'=1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    """A sign inside harms nothing."""
    assert documents.inert(cell) == cell


@given(some.text())
def test_no_cell_ever_begins_a_formula(cell: str) -> None:
    """Whatever is in it."""
    assert documents.inert(cell)[:1] not in {*"=+-@\t\r\n"}


def test_the_pdf_of_the_devices_says_the_same_as_the_page(read: Any) -> None:
    """To the letter, in English."""
    assert read(a_pdf(devices(a_world()))) == (
        "Your covered devices Customer Atelier du Nord (C-1001) Request 4821-9034-7716 As of November 23, 2026 "
        "1 covered device. Devices Device Site Service Contract Covered until "
        "8286 41A 210F3AT 1 rue de l'Exemple, Montréal At your site by the next business day M-77 March 31, 2027 "
        "Request 4821-9034-7716 · Page 1 of 1"
    )


def test_french_accents_are_right_in_the_pdf(read: Any) -> None:
    """With the letters that Latin-1 lacks and French needs."""
    world = World(customers=[a_customer(name="Cœur d'Été à Noël – ÉLÈVE ŒUVRE, 5 €")]).under(a_contract(), an_item())
    text = read(a_pdf(devices(world), FR))
    assert "Cœur d'Été à Noël – ÉLÈVE ŒUVRE, 5 €" in text
    assert "Vos appareils couverts" in text
    assert "Chez vous au plus tard le jour ouvrable suivant" in text
    assert "31 mars 2027" in text


def test_letters_that_the_pdf_lacks_become_their_nearest() -> None:
    """Never an error; what is like nothing is a question mark, what is invisible goes."""
    assert (
        documents.printable("Łódź Ångström e\u0301 東京 a\u200bb\x00c\td\u00a0e") == "Lódz Ångström é ?? abc d\u00a0e"
    )


@given(some.text())
def test_any_text_can_be_printed(text: str) -> None:
    """It is in the fonts' alphabet."""
    documents.printable(text).encode("cp1252")


def test_the_same_answer_gives_the_same_bytes() -> None:
    """The hour inside is the decision's."""
    first, second = a_pdf(devices(a_world()), FR), a_pdf(devices(a_world()), FR)
    assert first == second
    assert b"(D:20261123150000Z)" in first


def test_a_long_list_goes_on_under_its_headings(read: Any) -> None:
    """Every machine once, the headings on each page, the pages counted."""
    world = World().under(a_contract(), *(an_item(serial=f"SN{index:03d}") for index in range(120)))
    text = read(a_pdf(devices(world)))
    assert re.findall(r"SN\d{3}", text) == [f"SN{index:03d}" for index in range(120)]
    pages = int(re.findall(r"Page 1 of (\d+)", text)[0])
    assert pages > 1
    assert text.count("Covered until") == pages
    assert f"Page {pages} of {pages}" in text
    assert "120 covered devices." in text


def test_a_list_longer_than_a_document_says_so(read: Any) -> None:
    """And how many there are."""
    world = World().under(a_contract(), *(an_item(serial=f"SN{index:03d}") for index in range(12)))
    text = read(a_pdf(devices(world), most=10))
    assert len(re.findall(r"SN\d{3}", text)) == 10
    assert "The first 10 lines of 12." in text


def test_a_very_long_word_is_broken_not_lost(read: Any) -> None:
    """A name without spaces does not run off the paper."""
    world = World(customers=[a_customer(name="W" * 200)]).under(a_contract(), an_item())
    assert "W" * 200 in read(a_pdf(devices(world))).replace(" ", "")


def test_no_device_is_said_in_a_sentence(read: Any) -> None:
    """And there is no empty table."""
    text = read(a_pdf(devices(World().under(a_contract(end_date="2026-01-01"), an_item())), FR))
    assert "Aucun appareil n'est couvert ce jour-là." in text
    assert "Couvert jusqu'au" not in text


def test_the_pdf_of_a_contract_says_what_is_in_it(read: Any) -> None:
    """To the letter, in French."""
    world = World().under(
        a_contract(auto_renew=True, prepaid_until="2027-01-31", customer_notice_months=2),
        an_item(coverage_end="2026-12-31"),
        entitlements=[an_entitlement("M-77", end="2026-01-01")],
    )
    answer = answered(world, a_request("contract_copy", contract_number="M-77"))
    text = read(a_pdf(answer, FR))
    assert text == (
        "Votre contrat M-77 Client Atelier du Nord (C-1001) Demande 4821-9034-7716 En date du 23 novembre 2026 "
        "Contrat M-77 Genre Maintenance du matériel Début 1er avril 2025 "
        "Fin Se renouvelle; la période finit le 31 mars 2027 "
        "Service Chez vous au plus tard le jour ouvrable suivant Niveau de service ONSITE_NBD "
        "Payé d'avance jusqu'au 31 janvier 2027 Votre préavis, en mois 2 "
        "Appareils Appareil Site Service Couvert à partir du Couvert jusqu'au "
        "8286 41A 210F3AT 1 rue de l'Exemple, Montréal Chez vous au plus tard le jour ouvrable suivant "
        "1er avril 2025 31 décembre 2026 "
        "Logiciels Produit Quantité Abonnement Ledger (P-100) 1 Terminé le 1er janvier 2026 "
        "Demande 4821-9034-7716 · Page 1 de 1"
    )


def test_the_sheet_of_downloads_says_which_versions() -> None:
    """Current ones of an active subscription, those of its time of a lapsed one."""
    world = World().under(
        a_subscription(), entitlements=[an_entitlement(product="P-1"), an_entitlement("S-1", "P-2", "2026-01-31")]
    )
    (table,) = a_sheet(answered(world, a_request("software_download"))).tables
    assert table.rows == (
        ("Ledger (P-1)", "1", "S-1", "Active until March 31, 2027", "All, up to the current ones"),
        ("Ledger (P-2)", "1", "S-1", "Ended January 31, 2026", "Those released until January 31, 2026"),
    )


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("level", [*ServiceLevel, None])
@pytest.mark.parametrize("kind", ContractKind)
def test_every_level_and_kind_has_words(kind: ContractKind, level: ServiceLevel | None, language: Language) -> None:
    """In both languages, in table and sheet."""
    world = World().under(a_contract(kind=kind, service_level=level), an_item())
    assert a_table(world, language)
    assert a_sheet(answered(world, a_request("contract_copy", contract_number="M-77")), language).tables


def test_every_answer_has_a_title_in_both_languages() -> None:
    """One a kind."""
    answered_kinds = (Kind.COVERED_DEVICES, Kind.CONTRACT_COPY, Kind.SOFTWARE_DOWNLOAD)
    assert {key for key in ANSWER_WORDS if key.startswith("answer.title.")} == {
        f"answer.title.{kind}" for kind in answered_kinds
    }


def test_a_contract_without_an_end_says_so() -> None:
    """Open, or renewing."""
    copies = {
        renews: answered(
            World().under(a_contract(end_date=None, auto_renew=renews), an_item()),
            a_request("contract_copy", contract_number="M-77"),
        )
        for renews in (False, True)
    }
    said = {renews: dict(a_sheet(copy).lines)["Ends"] for renews, copy in copies.items()}
    assert said == {False: "No end date", True: "Renews by itself"}
    assert [answers.as_json(copy)["contract"]["end_date"] for copy in copies.values()] == [None, None]
