"""Forms under which a word of the table may be met: mistyped, or with another ending (docs/classifier.md, Reading)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final


def near(words: Iterable[str], weights: Mapping[str, float]) -> dict[str, str]:
    """Each word and each word less one letter → the word; what could be two words of unlike mind stands for none."""
    long = [word for word in words if len(word) >= _SHORTEST_MEANT]
    found: dict[str, str] = {}
    for word in long:
        for left_out in range(len(word)):
            shorter = word[:left_out] + word[left_out + 1 :]
            other = found.setdefault(shorter, word)
            if other and weights[other] * weights[word] < 0:
                found[shorter] = ""
    found.update((word, word) for word in long)
    return found


def stems(words: Iterable[str], weights: Mapping[str, float]) -> dict[str, str]:
    """Stem → the heaviest word that has it, so that text whose endings were cut off is read; of unlike mind: nothing."""
    found: dict[str, str] = {}
    for word in words:
        key = stem(word)
        if len(key) < _SHORTEST_KEY or key == word:
            continue
        other = found.setdefault(key, word)
        if other and weights[other] * weights[word] < 0:
            found[key] = ""
        elif other and abs(weights[word]) > abs(weights[other]):
            found[key] = word
    return found


def families(words: Iterable[str], weights: Mapping[str, float]) -> dict[str, str]:
    """Word → what it shares with its other forms: "update", "updates" and "updating" say one thing, once."""
    return {word: f"{stem(word)}{'+' if weights[word] > 0 else '-'}" for word in words}


def stem(word: str) -> str:
    """The word without its ending, in either language; never shorter than four letters."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > _SHORTEST_STEM and word[-1] in "eiys" else word


def inflected(word: str) -> Iterator[str]:
    """What an inflected word may be a form of."""
    for ending in _INFLECTIONS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            yield word[: -len(ending)]
            yield word[: -len(ending)] + "e"
            yield word[: -len(ending)] + "er"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SHORTEST_MEANT: Final = 6
_SHORTEST_KEY: Final = 5
_SHORTEST_STEM: Final = 4
_INFLECTIONS: Final = ("ing", "ed", "es", "s", "ees", "ee", "e", "ait", "aient", "ent", "ons", "ez", "x")
_ENDINGS: Final = sorted(
    _set(
        "ations ation ateurs ateur ements ement ments ment ings ing ers er ies ied ed es s e y i ees ee euse euses eur eurs"
        " ages age ions ion ive ifs if ly able ables ique iques ical al aux ant ants ante antes ent ait aient ons ez it ir"
        " at ate ated ating ates"
    ),
    key=lambda ending: (-len(ending), ending),
)
