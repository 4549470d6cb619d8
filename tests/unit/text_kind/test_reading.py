"""Hardware or software: what speaks, and what a reader would pass over (docs/rules.md §3, docs/classifier.md)."""

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.rules.text_kind import TextKind, classify, counted, fold
from services.routing.rules.text_kind_model import packaged


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The printer on the second floor jams and grinds.", "hardware"),
        ("Please reset my password, the account is locked.", "software"),
        ("La batterie de mon portable est gonflée.", "hardware"),
        ("Excel affiche un message d'erreur depuis la mise à jour.", "software"),
        ("hi please need new mouse keyboard broken thanks regards", "hardware"),
        ("hi please install visio licence approved thanks regards", "software"),
        ("Bonjour, mon laptop ne boot plus, le LED reste éteint.", "hardware"),
        ("Disk in bay 11 has a predictive failure alert, amber light on.", "hardware"),
        ("After the fix pack the database does not start, error in the log.", "software"),
    ],
)
def test_plain_tickets_are_told_apart_with_confidence(text: str, kind: str) -> None:
    """Both languages, both mixed, whole sentences and the terse style of internal tickets."""
    found = classify(text)
    assert (found.kind, found.confidence > 0.85) == (kind, True)


@pytest.mark.parametrize(
    "text", ["", "   \n", "Hello, please help me.", "Bonjour, merci de votre aide", "42 1234", "日本語"]
)
def test_text_without_a_known_word_is_a_coin_toss(text: str) -> None:
    """Nothing known speaks for neither: confidence 0.5, which any threshold sends to a person."""
    assert classify(text) == TextKind("software", 0.5, (), packaged().version)


def test_more_words_of_one_mind_make_surer() -> None:
    """Each further word adds, and less than the one before."""
    steps = [classify(text).confidence for text in ("cable", "cable, battery", "cable, battery, charger")]
    assert steps == sorted(set(steps))
    assert steps[2] - steps[1] < steps[1] - steps[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("L'écran est fêlé", "L'ecran est fele"),
        ("l'écran est fêlé", "L'ÉCRAN EST FÊLÉ"),
        ("l'écran est fêlé", unicodedata.normalize("NFD", "l'écran est fêlé")),
        ("Le nœud a une barrette morte", "Le noeud a une barrette morte"),
        ("the e-mail client crashes", "THE E-MAIL CLIENT CRASHES"),
    ],
)
def test_accents_and_capitals_change_nothing(one: str, other: str) -> None:
    """Typed on any keyboard, in any case, composed or not."""
    first, second = classify(one), classify(other)
    assert (first.kind, first.confidence) == (second.kind, second.confidence)


@pytest.mark.parametrize(
    "text", ["the pritner", "the printr", "the prinnter", "the prenter", "limprimante", "le clavié"]
)
def test_one_slip_of_the_finger_is_understood(text: str) -> None:
    """A letter swapped, left out, doubled or wrong; the missing apostrophe of a hurry."""
    assert classify(text).kind == "hardware"


def test_a_mistyped_word_counts_less() -> None:
    """We are less sure of what was meant."""
    assert classify("keybord").confidence < classify("keyboard").confidence


@pytest.mark.parametrize("text", ["We use it by chance.", "Chaque chose en sa saison.", "The right college, please."])
def test_common_words_are_not_taken_for_mistyped_ones(text: str) -> None:
    """ "chaque" is one letter from "claque", and means nothing."""
    assert classify(text).words == ()


@pytest.mark.parametrize(
    ("text", "language", "kind"),
    [("tape", "en", "hardware"), ("tape", "fr", "software"), ("file", "en", "software"), ("police", "fr", "software")],
)
def test_words_that_two_languages_read_differently_follow_the_language(text: str, language: str, kind: str) -> None:
    """A tape is a cartridge, "je tape" is typing."""
    assert classify(text, language).kind == kind


def test_the_text_itself_tells_its_language_better_than_the_request() -> None:
    """A French customer may write in English."""
    assert classify("the tape is in the drive of our library", "fr") == classify(
        "the tape is in the drive of our library"
    )
    assert classify("the tape", "fr").kind == "hardware"


def test_phrases_go_before_their_words() -> None:
    """A print server is software though a printer is not."""
    assert [w.word for w in classify("the print spooler").words] == ["print spooler"]
    assert classify("print spooler").kind == "software"


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    """Never raises; the confidence is that of the better of two; the words are the text's own, in its order."""
    found = classify(text)
    assert 0.5 <= found.confidence < 1
    assert found == classify(text)
    normal = unicodedata.normalize("NFC", text)
    places = [normal.lower().find(word.word.lower()) for word in found.words]
    assert len(normal.lower()) != len(normal) or -1 not in places


def test_marked_words_are_as_the_customer_wrote_them_in_the_order_of_the_text() -> None:
    """The triage page finds them in the text."""
    text = "Bonjour, l'ÉCRAN bleu revient ; Windows redémarre. Le Câble réseau est neuf."
    found = classify(text, "fr")
    assert [w.word for w in found.words][:2] == ["ÉCRAN bleu", "Windows"]
    assert [text.index(w.word) for w in found.words] == sorted(text.index(w.word) for w in found.words)


@given(
    st.lists(
        st.sampled_from(["printer", "Écran", "blue screen", "tried", "on the", "prnter", ".", "a@b.co", "\n", "\n> "])
    )
)
def test_each_word_is_found_where_it_stands_in_the_order_of_the_text(parts: list[str]) -> None:
    """Also where it counts more the second time that it is said: places are those of whole words, and rise."""
    folded = fold(" ".join(parts))
    found = counted(packaged(), folded, "en")
    starts = [one.start for one in found]
    assert starts == sorted(set(starts))
    whole = [match.span() for match in re.finditer(r"[a-z]+( screen)?", folded)]
    assert {(one.start, one.end) for one in found} <= set(whole)


def test_positive_weights_speak_for_hardware() -> None:
    """The sign of what is marked agrees with the answer when all agree."""
    assert all(w.weight > 0 for w in classify("broken keyboard and mouse").words)
    assert all(w.weight < 0 for w in classify("password of my account expired").words)


def test_a_long_or_hostile_text_takes_time_in_proportion() -> None:
    """Ten times the text, about ten times the time: no pattern runs away."""
    pieces = ["a", "@", "a@", "tel. ", "tel .:", "1 2 3 ", "> ", "-", "printer ", "\n", "it works fine, ", "http://"]
    for text in [*(piece * (60_000 // len(piece)) for piece in pieces), "@ " + "a" * 60_000]:
        started = time.process_time()
        classify(text)
        assert time.process_time() - started < 2.0, text[:20]
