"""Makes services/routing/rules/text_kind_model.json of the lexicon and the training tickets (docs/classifier.md).

    python -m benchmarks.classifier.build            write the model
    python -m benchmarks.classifier.build --check    exit 1 if the model in place is not what would be written

The lexicon's weights are where training starts and what it is drawn back to, so a few hundred tickets suffice. The
confidence curve is fitted on tickets left out of the fit, with a share of the vocabulary hidden at random: strangers'
tickets use words that we did not think of. Standard library only, no randomness that is not seeded.
"""

import json
import math
import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.classifier import lexicon, tickets, writing
from services.routing.rules import text_kind, text_kind_model

MODEL_VERSION = "3"
TARGET = Path(text_kind.__file__).with_name("text_kind_model.json")

DAMPING = 0.5
LEAN = 1.5  # measured on public collections of letters, where accuracy of both kinds is then alike
PULL = 10.0  # how strongly a weight is drawn back to the lexicon's, in tickets that would say otherwise
STEP = 0.15
ROUNDS = 12
WRITTEN = 600  # generated tickets of either kind in either language
OWN = 6  # so often each ticket written by hand counts
FOLDS = 5
HIDDEN = 0.55  # share of the vocabulary hidden while the curve is fitted: accuracy then falls to that hoped for outside
HIDINGS = 12
CEILING = 0.985  # no text proves more: people label wrongly, too
SEED = 20261123

Example = tuple[bool, dict[str, float]]  # is it hardware; entry → share of its weight


def main() -> int:
    text = written(packed())
    if "--check" in sys.argv:
        return int(not TARGET.exists() or TARGET.read_text("utf-8") != text)
    TARGET.write_text(text, "utf-8")
    return 0


def written(model: Mapping[str, object]) -> str:
    return json.dumps(model, ensure_ascii=False, indent=None, separators=(",", ":"), sort_keys=True) + "\n"


def packed() -> dict[str, object]:
    """The whole model as its file holds it."""
    start = unfitted()
    examples = [*read(start, tickets.load("training")) * OWN, *read(start, writing.write(WRITTEN, SEED))]
    weights = rounded(fit(start, examples))
    slope = fit_slope(held_out_balances(start))
    prior = lexicon.packed({}, hosts=lexicon.hosts(), neutral=lexicon.words("neutral.txt"))
    words = {entry: weight for entry, weight in weights.items() if "@" not in entry}
    readings = {
        language: {
            entry.partition("@")[0]: weight for entry, weight in weights.items() if entry.endswith("@" + language)
        }
        for language in ("en", "fr")
    }
    return {
        **prior,
        "version": MODEL_VERSION,
        "weights": words,
        "readings": readings,
        "damping": DAMPING,
        "lean": LEAN,
        "curve": [[round(point, 2), probability(slope, point)] for point in (0.25 * n for n in range(1, 33))],
    }


def unfitted() -> text_kind_model.Model:
    """The lexicon as a model, before any ticket is seen."""
    return text_kind_model.build(
        {
            **lexicon.packed(lexicon.table(), hosts=lexicon.hosts(), neutral=lexicon.words("neutral.txt")),
            "version": MODEL_VERSION,
            "damping": DAMPING,
            "lean": LEAN,
            "curve": [[8.0, 1.0]],
        }
    )


def read(model: text_kind_model.Model, of: Sequence[tickets.Ticket]) -> list[Example]:
    """Each ticket as the classifier reads it: every entry once, where it counts most."""
    return [(ticket.is_hardware, shares(model, ticket.text)) for ticket in of]


def shares(model: text_kind_model.Model, text: str) -> dict[str, float]:
    return {found.entry: found.share for found in text_kind.counted(model, text_kind.fold(text), None)}


def start_weights(model: text_kind_model.Model) -> dict[str, float]:
    """Every entry, with those of one language as `word@language`."""
    weights = dict(model.weights)
    for language, words in model.readings.items():
        weights |= {f"{word}@{language}": weight for word, weight in words.items()}
    return weights


def balance(model: text_kind_model.Model, weights: Mapping[str, float], example: Mapping[str, float]) -> float:
    terms = [weights[entry] * share for entry, share in example.items()]
    return text_kind.balanced(model, sum(terms), sum(abs(term) for term in terms), sum(map(bool, terms)))


def fit(model: text_kind_model.Model, examples: Sequence[Example]) -> dict[str, float]:
    """Logistic regression by stochastic gradient, drawn back to the lexicon's weights."""
    start = start_weights(model)
    weights = dict(start)
    rng = random.Random(SEED)  # noqa: S311 - the order of examples, not a secret
    order = list(examples)
    seen = Counter(entry for _, example in examples for entry in example)
    for turn in range(ROUNDS):
        rng.shuffle(order)
        step = STEP / (1.0 + turn / 20)
        for hardware, example in order:
            error = hardware - 1.0 / (1.0 + math.exp(-balance(model, weights, example)))
            for entry, share in example.items():
                if not start[entry]:  # known to say nothing
                    continue
                pull = PULL * (weights[entry] - start[entry]) / seen[entry]
                weights[entry] += step * (error * share - pull)
    return weights


def rounded(weights: Mapping[str, float]) -> dict[str, float]:
    return {entry: round(weight, 2) for entry, weight in weights.items()}


def held_out_balances(model: text_kind_model.Model) -> list[tuple[float, bool]]:
    """Balance towards the kind found, and whether it was right, of tickets not fitted on, with vocabulary hidden."""
    rng = random.Random(SEED)  # noqa: S311 - which words are hidden, not a secret
    entries = sorted(start_weights(model))
    examples, written = read(model, tickets.load("training")), read(model, writing.write(WRITTEN, SEED))
    judged = []
    for fold in range(FOLDS):
        weights = fit(model, [*[one for n, one in enumerate(examples) if n % FOLDS != fold] * OWN, *written])
        for _ in range(HIDINGS):
            hidden = {entry for entry in entries if rng.random() < HIDDEN}
            for hardware, example in examples[fold::FOLDS]:
                seen = {entry: share for entry, share in example.items() if entry not in hidden}
                towards = balance(model, weights, seen)
                judged.append((abs(towards), (towards > 0) == hardware))
    return judged


def probability(slope: float, towards: float) -> float:
    return round(0.5 + (CEILING - 0.5) * math.tanh(slope * towards / 2), 4)


def fit_slope(judged: Sequence[tuple[float, bool]]) -> float:
    """The slope of the likeliest curve, by halving steps over a grid; balance 0 is a coin's toss by construction."""

    def loss(slope: float) -> float:
        return -sum(math.log(p if right else 1.0 - p) for at, right in judged for p in [probability(slope, at)])

    return min((n / 100 for n in range(5, 400)), key=loss)


if __name__ == "__main__":
    raise SystemExit(main())
