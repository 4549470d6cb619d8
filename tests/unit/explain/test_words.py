"""Everything that rules can answer has words in both languages."""

import re
from pathlib import Path

import pytest

import services.routing
from schemas.vocabulary import SERIAL_TO_CHECK, Language, Outcome, Reason
from services.routing import explain_words
from services.routing.data_files.words import WORDS
from services.routing.dry_run import WORDS as LINE_WORDS
from services.routing.evidence import Lost as NotChosen
from services.routing.phrase import Phrase
from services.routing.rules.coverage import Lost
from services.routing.rules.entitlements import State
from services.routing.rules.policy import standard_policy

SOURCES = sorted(Path(services.routing.__path__[0]).rglob("*.py"))

TABLES: dict[str, dict[str, Phrase]] = {
    name: {str(key): phrase for key, phrase in table.items()}
    for name, table in [*vars(explain_words).items(), ("data files", WORDS), ("lines", LINE_WORDS)]
    if isinstance(table, dict) and not name.startswith("__")
}
PHRASES = [pytest.param(phrase, id=f"{name}: {key}") for name, table in TABLES.items() for key, phrase in table.items()]
PLACEHOLDER = re.compile(r"{(\w+)")


def asked() -> set[str]:
    """Each ``question.answer`` that stands in the rules' source as text."""
    calls = re.compile(r'ask\(\s*"(\w+)", ([^,)]*)')
    found = set()
    for source in SOURCES:
        for question, answers in calls.findall(source.read_text(encoding="utf-8")):
            found |= {f"{question}.{answer}" for answer in re.findall(r'"(\w+)"', answers)}
    return found


def test_every_question_that_a_rule_asks_has_words() -> None:
    """A rule with a new question fails here until somebody words it."""
    assert len(asked()) > 25
    assert asked() <= set(explain_words.ANSWERS)


def test_every_code_has_words() -> None:
    """Outcomes, reasons, why items lost, states, promises, what is missing."""
    assert set(explain_words.RESULTS) == set(Outcome)
    assert set(explain_words.REASONS) == {*Reason, SERIAL_TO_CHECK}
    assert set(explain_words.LOST) == {*Lost, *NotChosen, "wins", "covers"}
    assert set(explain_words.STATES) == set(State)
    assert {f"entitled.{state}" for state in State} <= set(explain_words.ANSWERS)
    assert {f"covered.{reason}" for reason in (Reason.OWNER_MISMATCH, Reason.MACHINE_TYPE_MISMATCH)} <= set(
        explain_words.ANSWERS
    )
    assert {f"kind.by_{what}" for what in ("machine", "product", "text")} <= set(explain_words.ANSWERS)
    assert {"elapsed", "business_time", "same_day", "business_days"} <= set(explain_words.CLOCK)
    assert {"weekend", "holiday", "closure"} <= set(explain_words.CLOCK)
    assert set(explain_words.OFFERS) == {offer.code for offer in standard_policy().terms.prices.renewal}


def test_every_field_that_can_be_missing_has_words() -> None:
    """As they stand in the rules' source."""
    said = set()
    for source in SOURCES:
        if source.parent.name == "rules":
            said |= set(re.findall(r'"((?:details|machine)\.\w+)"', source.read_text(encoding="utf-8")))
    assert len(said) > 8
    assert said <= set(explain_words.MISSING)


@pytest.mark.parametrize("phrase", PHRASES)
def test_both_languages_say_the_same(phrase: Phrase) -> None:
    """The same placeholders, two sentences, no space before ; ? ! in French."""
    assert sorted(PLACEHOLDER.findall(phrase.en)) == sorted(PLACEHOLDER.findall(phrase.fr))
    assert phrase.en.strip() == phrase.en
    assert phrase.fr.strip() == phrase.fr
    assert not re.search(r" [;?!]", phrase.fr)


@pytest.mark.parametrize("label", explain_words.LABELS)
def test_a_label_fits_its_column(label: str) -> None:
    """Nine characters and a space."""
    assert all(len(explain_words.LABELS[label].say(language)) <= 9 for language in Language)


def test_french_has_its_no_break_spaces() -> None:
    """Inside « » and before a colon; the template's alone, never what is put in."""
    assert Phrase("", "Un « mot » : {0}").say(Language.FR, "a : b") == "Un «\u00a0mot\u00a0»\u00a0: a : b"
