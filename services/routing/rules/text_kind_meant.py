"""What word of the table does an unknown one stand for? (docs/classifier.md, Reading)

Tried in this order: a missing apostrophe, one slip of the finger, another form of a known word (stems, so that text whose
endings were cut off is read as well), a known ending or beginning ("streamcam"), and a code: model numbers speak for
machines, error numbers and versions for programs.
"""

import re
from functools import lru_cache
from typing import Final

from services.routing.rules.text_kind_model import Model
from services.routing.rules.text_kind_words import inflected

SHORTEST: Final = 4  # shorter words have too many neighbours
_SHORTEST_TYPO: Final = 5
_SHORTEST_PART: Final = 3
_ELIDED: Final = frozenset("ldjmnsc")  # "lecran", "jouvre"
_VOWELS: Final = frozenset("aeiouyh")
_ERROR_CODE: Final = re.compile(r"0x[0-9a-f]+|(?:kb|err|error|code|erreur)\d+")
_MODEL_NUMBER: Final = re.compile(r"[a-z]{1,6}\d{2,5}[a-z]{0,3}\d?|\d{2,5}[a-z]{1,3}")
_MEASURE: Final = re.compile(r"\d+(?:h|e|s|m|k|x|px|th|st|nd|rd|min|am|pm|eme|ere|er|eur|usd|cad|janv|fev|h\d+)")


@lru_cache(maxsize=16_384)
def meant(with_model: Model, word: str) -> str:
    """The entry that an unknown word stands for; empty: nothing that we know."""
    if word in with_model.neutral:
        return ""
    if not word.isalpha():
        return _code(with_model, word)
    if len(word) >= _SHORTEST_TYPO:
        slip = _slipped(with_model, word)
        if slip:
            return slip
    form = next((form for form in inflected(word) if form in with_model.weights), "")
    return form or with_model.stems.get(word, "") or _compound(with_model, word)


def _slipped(with_model: Model, word: str) -> str:
    """One letter more, less, wrong, two swapped, an apostrophe left out."""
    if word[0] in _ELIDED and word[1] in _VOWELS and word[1:] in with_model.weights:
        return word[1:]
    for left_out in range(-1, len(word)):
        shorter = word[:left_out] + word[left_out + 1 :] if left_out >= 0 else word
        right = with_model.near.get(shorter, "")
        if right and right[0] == word[0] and _one_slip(word, right):
            return right
    return ""


def _one_slip(word: str, right: str) -> bool:
    """Known already: they agree once a letter is left out of either. Of the same length, they may differ in one place."""
    if len(word) != len(right):
        return abs(len(word) - len(right)) == 1
    apart = [n for n, (typed, meant_) in enumerate(zip(word, right, strict=True)) if typed != meant_]
    if len(apart) == 2:
        one, other = apart
        return other == one + 1 and word[one] == right[other] and word[other] == right[one]
    return len(apart) == 1


def _compound(with_model: Model, word: str) -> str:
    """The longest known part at its end, else at its beginning; something must be left besides."""
    for length in range(len(word) - 2, _SHORTEST_PART - 1, -1):
        if (part := f"~{word[-length:]}") in with_model.weights:
            return part
    for length in range(len(word) - 2, _SHORTEST_PART - 1, -1):
        if (part := f"{word[:length]}~") in with_model.weights:
            return part
    return ""


def _code(with_model: Model, word: str) -> str:
    if word.isdigit() or _MEASURE.fullmatch(word):
        return ""
    kind = "!error" if _ERROR_CODE.fullmatch(word) else "!model" if _MODEL_NUMBER.fullmatch(word) else ""
    return kind if kind in with_model.weights else ""
