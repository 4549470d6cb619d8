"""A sentence in both languages; words live in tables of phrases, never inside rules or pages."""

from typing import NamedTuple

from schemas.vocabulary import Language


class Phrase(NamedTuple):
    """One thing to say. ``{name}`` marks what differs each time; French has plain spaces here and is set on reading."""

    en: str
    fr: str

    def say(self, language: Language, /, *values: object, **fields: object) -> str:
        """The sentence in `language`, filled; what it does not name is left out."""
        template = _set_french(self.fr) if language is Language.FR else self.en
        return template.format(*values, **fields)


def _set_french(text: str) -> str:
    """No-break spaces where French has them: inside « » and before a colon."""
    return text.replace("« ", "«\u00a0").replace(" »", "\u00a0»").replace(" :", "\u00a0:")
