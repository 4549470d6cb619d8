"""The weights by which a text is read, and the curve that makes a confidence of them (docs/classifier.md).

`text_kind_model.json` is made by benchmarks/classifier/build.py and never edited. A model is a value: another one, with
weights moved by what people corrected, is read by the same code under a version of its own.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from operator import itemgetter
from typing import Any, Final

from services.routing.rules.text_kind_words import families, near, stems


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A table of weights and the curve that makes a confidence of a balance."""

    version: str
    weights: Mapping[str, float]  # words and phrases, folded, without small words
    readings: Mapping[str, Mapping[str, float]]  # language → weights of what the other language reads differently
    hosts: frozenset[str]  # machines on which software runs: named as a place they say little
    neutral: frozenset[str]  # known words without a weight, never taken for a mistyped one
    starts: Mapping[str, frozenset[str]]  # a phrase's first word → the words that can come second
    near: Mapping[str, str]  # a word with one letter left out → the word, for typing mistakes
    stems: Mapping[str, str]  # a word without its ending → the word, for its other forms
    families: Mapping[str, str]  # a word → what it has in common with its other forms
    damping: float  # how fast more words of the same mind stop adding
    lean: float  # what a long text has for hardware before a word of it is read
    curve: tuple[tuple[float, float], ...]  # balance → probability that the kind it points to is right
    entries: Mapping[str, Mapping[str, str]] = field(init=False)  # language → a word → its entry; "": neither language
    entry_weights: Mapping[str, float] = field(init=False)

    def __post_init__(self) -> None:
        """What follows from weights and readings, so that a word of a text costs one look-up, and an entry another."""
        entries = {"": dict(zip(self.weights, self.weights, strict=True))}
        weights = dict(self.weights)
        for language, words in self.readings.items():
            entries[language] = entries[""] | {word: f"{word}@{language}" for word in words}
            weights |= {f"{word}@{language}": weight for word, weight in words.items()}
        object.__setattr__(self, "entries", entries)
        object.__setattr__(self, "entry_weights", weights)


@cache
def packaged() -> Model:
    """The packaged model, read once."""
    return build(json.loads(files(__package__).joinpath("text_kind_model.json").read_text("utf-8")))


def model_version() -> str:
    """Names the weights in use; it belongs in every decision that they made."""
    return packaged().version


def entry_weight(with_model: Model, entry: str) -> float:
    """An entry is a folded word or phrase; `@fr` or `@en` after it names one language's reading."""
    return with_model.entry_weights[entry]


def confidence(curve: Sequence[tuple[float, float]], balance: float) -> float:
    """Linear between the points of the curve, which rises; flat beyond its end. At least 0.5."""
    above = bisect_right(curve, balance, key=_BALANCE)
    below, at_least = curve[above - 1] if above else (0.0, 0.5)
    if above == len(curve):
        return at_least
    point, probability = curve[above]
    share = (balance - below) / (point - below)
    return round(at_least + share * (probability - at_least), 4)


_BALANCE: Final = itemgetter(0)


def build(packed: Mapping[str, Any]) -> Model:
    """A model from its packed form (`text_kind_model.json`)."""
    weights: dict[str, float] = packed["weights"]
    single = [word for word in weights if word.isalpha()]
    return Model(
        version=packed["version"],
        weights=weights,
        readings=packed["readings"],
        hosts=frozenset(packed["hosts"]),
        neutral=frozenset(packed["neutral"]),
        starts=_starts(phrase for phrase in weights if " " in phrase),
        near=near(single, weights),
        stems=stems(single, weights),
        families=families(single, weights),
        damping=packed["damping"],
        lean=packed["lean"],
        curve=tuple((point, probability) for point, probability in packed["curve"]),
    )


def _starts(phrases: Iterable[str]) -> Mapping[str, frozenset[str]]:
    starts: dict[str, set[str]] = {}
    for phrase in phrases:
        first, second, *_ = phrase.split(" ")
        starts.setdefault(first, set()).add(second)
    return {first: frozenset(seconds) for first, seconds in starts.items()}
