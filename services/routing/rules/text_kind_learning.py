"""What people's corrections teach: the base model and corrections in, a model out (docs/rules.md §3.3, docs/classifier.md).

Logistic regression on the corrected texts, drawn back to the base model's weights. Pure and deterministic: the same
corrections, in any order, give the same model under the same version. What few corrections can do is bounded: no weight
moves by more than `LIMIT`, each is drawn back as strongly as `PULL` corrections push, and a word that the base model does
not know gets a weight only where `SUPPORT` texts with it agree.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.routing.rules import text_kind
from services.routing.rules.reading import Sort
from services.routing.rules.text_kind_meant import meant
from services.routing.rules.text_kind_model import Model, entry_weight

LIMIT: Final = 2.0  # no more than one strong word says
PULL: Final = 2.0
SUPPORT: Final = 3
AGREED: Final = 0.7  # share of the texts with a new word that must be of one kind
ROUNDS: Final = 30
MOST: Final = 5_000  # the newest corrections that are learnt from
LEAST: Final = 0.05  # a weight that moved less is left as it was


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text, and what a person said it speaks of. `id` orders them: of one text the last word counts."""

    id: int
    text: str
    language: str | None
    said: Sort


def learnt(base: Model, lessons: Iterable[Lesson]) -> Model:
    """The base model as `lessons` correct it, under a version of its own; without lessons the base model itself."""
    kept = _last_words(lessons)
    if not kept:
        return base
    return with_moved(base, _moved(base, kept), version_of(base, kept))


def version_of(base: Model, lessons: Iterable[Lesson]) -> str:
    """Base version, number of corrections learnt from, and what they were: `3.37.9f3a1c2d`. Without any: the base's."""
    kept = _last_words(lessons)
    if not kept:
        return base.version
    said = "\n".join(f"{one.id} {one.said}" for one in kept)
    return f"{base.version}.{len(kept)}.{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def with_moved(base: Model, moved: Mapping[str, float], version: str) -> Model:
    """The base model with some weights moved, and new words: entry → what is added to its weight."""
    weights = dict(base.weights)
    readings = {language: dict(words) for language, words in base.readings.items()}
    for entry, by in moved.items():
        word, at, language = entry.partition("@")
        table = readings[language] if at else weights
        table[word] = round(table.get(word, 0.0) + by, 3)
    return replace(base, version=version, weights=weights, readings=readings)


def moved_between(base: Model, model: Model) -> dict[str, float]:
    """Entry → what was added: what it takes to make `model` of `base` again."""
    moved = {word: weight - base.weights.get(word, 0.0) for word, weight in model.weights.items()}
    for language, words in model.readings.items():
        moved |= {f"{word}@{language}": weight - base.readings[language][word] for word, weight in words.items()}
    return {entry: round(by, 3) for entry, by in moved.items() if abs(by) >= LEAST / 2}


def _last_words(lessons: Iterable[Lesson]) -> list[Lesson]:
    """Of each text what was said last, oldest first; no more than `MOST`."""
    last = {one.text: one for one in sorted(lessons, key=lambda one: one.id)}
    return sorted(last.values(), key=lambda one: one.id)[-MOST:]


def _moved(base: Model, lessons: Sequence[Lesson]) -> dict[str, float]:
    """The likeliest amounts by which weights move, given that they would rather stay (a Gaussian prior of 1/`PULL`)."""
    wider = with_moved(base, dict.fromkeys(_new_words(base, lessons), 0.0), base.version)
    examples = [(one.said == "hardware", _shares(wider, one)) for one in lessons]
    seen = Counter(entry for _, shares in examples for entry in shares)
    moved = dict.fromkeys(sorted(seen), 0.0)
    for _ in range(ROUNDS):
        push = dict.fromkeys(moved, 0.0)
        for hardware, shares in examples:
            terms = [(entry_weight(wider, entry) + moved[entry]) * share for entry, share in shares.items()]
            size = sum(abs(term) for term in terms)
            balance = text_kind.balanced(wider, sum(terms), size, sum(map(bool, terms)))
            error = hardware - 1.0 / (1.0 + math.exp(-balance))
            for entry, share in shares.items():
                push[entry] += error * share
        for entry, by in moved.items():
            step = (push[entry] - PULL * by) / (PULL + seen[entry])
            moved[entry] = max(-LIMIT, min(LIMIT, by + step))
    return {entry: by for entry, by in moved.items() if abs(by) >= LEAST}


def _shares(model: Model, lesson: Lesson) -> dict[str, float]:
    found = text_kind.counted(model, text_kind.fold(lesson.text), lesson.language)
    return {one.entry: one.share for one in found}


def _new_words(base: Model, lessons: Sequence[Lesson]) -> list[str]:
    """Words without a weight that enough texts agree about, in the order of the alphabet."""
    texts: Counter[str] = Counter()
    hardware: Counter[str] = Counter()
    for one in lessons:
        words = {token.group() for token in text_kind.TOKEN.finditer(text_kind.fold(one.text))}
        unknown = {word for word in words if _unknown(base, word)}
        texts.update(unknown)
        if one.said == "hardware":
            hardware.update(unknown)
    agreed = (
        word for word, n in texts.items() if n >= SUPPORT and max(hardware[word], n - hardware[word]) >= AGREED * n
    )
    return sorted(agreed)


def _unknown(base: Model, word: str) -> bool:
    return (
        len(word) >= _SHORTEST
        and not word.isdigit()
        and word not in base.weights
        and word not in text_kind.SMALL
        and not any(word in words for words in base.readings.values())
        and not meant(base, word)
    )


_SHORTEST: Final = 3
