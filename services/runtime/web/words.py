"""Every sentence in both languages, side by side (docs/decisions/0007-typed-phrases.md).

A phrase is a value with an English and a French text; a missing translation is a type error, not a surprise on a
page. `{name}` marks what is filled in; both languages must name the same. A key that does not exist raises.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from string import Formatter

import structlog
from markupsafe import Markup, escape

from schemas.vocabulary import Language

log = structlog.stdlib.get_logger(__name__)

#: French: a no-break space before a colon, inside quotation marks, before $ and %. Typed as plain spaces in the lists.
_NO_BREAK = re.compile("(?<=«) | (?=[:»$%])")


class UnknownPhrase(LookupError):
    """No phrase has this key: a spelling mistake, found by tests/unit/web/test_words.py before anybody sees it."""


class BadPhrase(ValueError):
    """A phrase that cannot be right in both languages."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence. `{name}` is filled in by `t(key, name=…)`; the same names in both languages, or `BadPhrase`."""

    en: str
    fr: str

    def __post_init__(self) -> None:
        if not self.en.strip() or not self.fr.strip():
            raise BadPhrase(f"a phrase needs both languages: {self.en!r} / {self.fr!r}")
        if placeholders(self.en) != placeholders(self.fr):
            raise BadPhrase(f"placeholders differ: {self.en!r} / {self.fr!r}")
        object.__setattr__(self, "fr", _NO_BREAK.sub("\u00a0", self.fr))

    def text(self, language: Language) -> str:
        return self.en if language is Language.EN else self.fr


#: `t("sent.title")`, `t("why.onsite", date="…")`. Returns text, or markup where a value was markup.
Translate = Callable[..., str]


class Words(Mapping[str, Phrase]):
    """A word list: key → phrase. `a | b` joins two and refuses a key that both define differently."""

    def __init__(self, phrases: Mapping[str, Phrase]) -> None:
        self._phrases = dict(phrases)

    def __getitem__(self, key: str) -> Phrase:
        return self._phrases[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._phrases)

    def __len__(self) -> int:
        return len(self._phrases)

    def __or__(self, other: Mapping[str, Phrase]) -> "Words":
        twice = sorted(key for key in other if key in self._phrases and self._phrases[key] != other[key])
        if twice:
            raise BadPhrase(f"defined twice, differently: {', '.join(twice)}")
        return Words({**self._phrases, **other})

    def say(self, key: str, language: Language, /, **values: object) -> str:
        """The phrase in a language. A value that is markup stays so and the rest is escaped around it.

        Raises `UnknownPhrase` for a key that is not there and `KeyError` for a value that the phrase needs.
        """
        phrase = self._phrases.get(key)
        if phrase is None:
            raise UnknownPhrase(key)
        text = phrase.text(language)
        if any(isinstance(value, Markup) for value in values.values()):
            return Markup(text).format(**{name: escape(value) for name, value in values.items()})  # noqa: S704 - our own text; values are escaped
        return text.format(**values) if values or "{" in text else text

    def bound(self, language: Language) -> Translate:
        """`t` for one language."""

        def t(key: str, /, **values: object) -> str:
            return self.say(key, language, **values)

        return t


def sentence(words: Words, key: str, language: Language, values: Mapping[str, object]) -> str:
    """The phrase of a refusal, or a general one: for codes that come from outside this program's own templates
    (a validator's, a database's), where saying less is better than failing."""
    try:
        return words.say(key, language, **values)
    except LookupError:  # no such phrase, or a value it needs was not given
        log.warning("phrase.missing", key=key[:100])
        return words.say("error.wrong", language)


def placeholders(text: str) -> frozenset[str]:
    """The names in braces. Raises `BadPhrase` for a brace that is not closed or a blank without a name."""
    try:
        names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError as error:
        raise BadPhrase(f"{text!r}: {error}") from error
    if any(not name.isidentifier() for name in names):
        raise BadPhrase(f"a placeholder needs a plain name: {text!r}")
    return frozenset(names)
