"""Every sentence exists in both languages, with the same blanks, and is needed (docs/decisions/0007-typed-phrases.md)."""

from pathlib import Path

import pytest
from markupsafe import Markup

from schemas.vocabulary import Language, Status
from services.runtime.web.looks import LOOKS, STATUS_LOOKS
from services.runtime.web.phrases import KIT_WORDS
from services.runtime.web.words import BadPhrase, Phrase, UnknownPhrase, Words, sentence
from tests.unit.web.demo.service import DEMO_WORDS
from tests.unit.web.wordlist import ROOT, Uses, assert_words_match, missing, unused, uses_in

WORDS = Words({"hello": Phrase("Hello {name}", "Bonjour {name}"), "plain": Phrase("Plain: {{", "Simple : {{")})


def test_a_phrase_is_said_in_the_language_asked_for() -> None:
    """The same key, two texts."""
    assert WORDS.say("hello", Language.EN, name="Ann") == "Hello Ann"
    assert WORDS.bound(Language.FR)("hello", name="Ann") == "Bonjour Ann"


def test_a_missing_key_raises() -> None:
    """No page shows a key."""
    with pytest.raises(UnknownPhrase, match="nowhere"):
        WORDS.say("nowhere", Language.EN)


def test_a_missing_value_raises() -> None:
    """No page shows a blank."""
    with pytest.raises(KeyError):
        WORDS.say("hello", Language.EN)


@pytest.mark.parametrize(
    ("en", "fr"),
    [("Hi {name}", "Salut {nom}"), ("Hi {name}", "Salut"), ("Hi", ""), ("Hi {", "Salut {"), ("Hi {}", "Salut {}")],
)
def test_both_languages_have_the_same_blanks(en: str, fr: str) -> None:
    """A phrase that would be wrong in one language cannot be made."""
    with pytest.raises(BadPhrase):
        Phrase(en, fr)


def test_french_spaces_are_no_break() -> None:
    """Before a colon, a percent and a dollar sign and inside quotation marks; none is added before ; ? and !."""
    assert (
        Phrase("a", "Prix : 5 $, 62 % « ici »; oui? non!").fr
        == "Prix\u00a0: 5\u00a0$, 62\u00a0% «\u00a0ici\u00a0»; oui? non!"
    )


def test_markup_given_stays_and_text_given_is_escaped_around_it() -> None:
    """A link inside a sentence does not open the door for what a customer typed beside it."""
    said = Words({"k": Phrase("{link} {name}", "{link} {name}")}).say(
        "k", Language.EN, link=Markup("<a>x</a>"), name="<b>"
    )
    assert said == Markup("<a>x</a> &lt;b&gt;")


def test_two_lists_that_disagree_cannot_be_joined() -> None:
    """One key, one sentence, in all services of a process."""
    same = Words({"hello": WORDS["hello"]})
    assert dict(WORDS | same) == dict(WORDS)
    with pytest.raises(BadPhrase, match="hello"):
        WORDS | {"hello": Phrase("Other {name}", "Autre {name}")}


def test_a_code_without_a_phrase_gets_the_general_sentence() -> None:
    """A validator's own code must not turn a 422 into a 500."""
    assert sentence(KIT_WORDS, "error.some_new_code", Language.EN, {}) == "Check this and send it again."
    assert sentence(KIT_WORDS, "error.too_long", Language.FR, {}) == "Vérifiez ceci et envoyez de nouveau."


def test_the_kits_words_are_all_there_and_all_used() -> None:
    """In code and templates of the kit and of identity."""
    assert_words_match(KIT_WORDS, "services/runtime")


def test_the_demos_words_are_all_there_and_all_used() -> None:
    """The same check as each service runs on itself."""
    assert_words_match(DEMO_WORDS, "tests/unit/web/demo")


def test_the_check_finds_what_is_missing_and_what_nobody_says(tmp_path: Path) -> None:
    """A key misspelt in a template, a value forgotten in code, a phrase left over."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.html").write_text('{{ t("hello", name=x) }}{{ t("helo") }}{{ t("group." ~ x) }}')
    (tmp_path / "a.py").write_text('t("hello")\nwords.say("hello", name=1)\n')
    words = Words({**WORDS, "group.one": Phrase("One", "Un"), "error.gone": Phrase("Gone", "Parti")})
    uses = uses_in(tmp_path)
    assert missing(words, uses) == ["a.html:1: helo: no such phrase", "a.py:1: hello: needs name"]
    assert unused(words, uses) == ["plain", "error.gone"]
    assert unused(words, Uses(constants={"gone", "plain", "hello", "group.one"})) == []


def test_every_status_has_a_look_and_a_word() -> None:
    """Each its own icon, so that colour is never the only sign."""
    assert set(STATUS_LOOKS) == set(Status)
    assert len({look.icon for look in LOOKS.values()}) == len(LOOKS)
    sprite = (ROOT / "services/runtime/web/templates/kit/sprite.svg").read_text()
    for look in LOOKS.values():
        assert look.word in KIT_WORDS
        assert f'id="i-{look.icon}"' in sprite
