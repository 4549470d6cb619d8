"""The packaged model: what it is made of, how good it is, and that it is what its sources make (docs/classifier.md)."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from services.routing.rules.text_kind import classify, judge
from services.routing.rules.text_kind_model import build, model_version, packaged

ROOT = Path(__file__).parents[3]
CLASSIFIER = ROOT / "benchmarks" / "classifier"

JUDGED = [f"{name}_{language}" for name in ("open", "held_out", "strangers") for language in ("en", "fr")]

SMALL_MODEL = {
    "version": "7",
    "weights": {"printer": 2.0, "excel": -2.0, "blue screen": 0.5, "screen": 1.0},
    "readings": {"en": {"tape": 2.0}, "fr": {"tape": -2.0}},
    "hosts": ["laptop"],
    "neutral": ["painter"],
    "damping": 0.0,
    "lean": 0.0,
    "curve": [[1.0, 0.8], [3.0, 0.9]],
}


@pytest.mark.parametrize(
    ("text", "confidence"),
    [("screen", 0.8), ("printer", 0.85), ("printer screen", 0.8989), ("printer, screen, tape", 0.9)],
)
def test_the_confidence_lies_on_the_curve(text: str, confidence: float) -> None:
    """Linear between its points, flat after the last; the second content word fades by a ninetieth part."""
    assert judge(build(SMALL_MODEL), text, "en").confidence == pytest.approx(confidence, abs=0.002)


def test_as_much_for_as_against_is_a_coin_toss() -> None:
    """No evidence left once the weights cancel."""
    even = build(SMALL_MODEL | {"weights": {"printer": 2.0, "excel": -2.0 * 91 / 90}})
    found = judge(even, "printer excel", "en")
    assert found.confidence == pytest.approx(0.5, abs=0.001)
    assert [word.word for word in found.words] == ["printer", "excel"]


def test_the_curve_rises_and_never_promises_certainty() -> None:
    """A stronger balance is never less sure; people label wrongly, so nothing is sure."""
    curve = [(0.0, 0.5), *packaged().curve]
    assert all(a < b and p <= q for (a, p), (b, q) in pairwise(curve))
    assert curve[-1][1] < 0.99


def test_the_model_has_a_version() -> None:
    """It belongs in each decision that it made."""
    assert model_version() == packaged().version
    assert judge(build(SMALL_MODEL), "x", None).words == ()
    assert build(SMALL_MODEL).version == "7"


@pytest.mark.parametrize("name", JUDGED)
def test_tickets_never_trained_on_are_told_apart(name: str) -> None:
    """Well above the goal of 0.85 on each file of evaluation tickets, and nearly always right when it decides."""
    judged = [(kind, classify(text)) for kind, text in evaluation(name)]
    right = [found.kind == kind for kind, found in judged]
    decided = [found.kind == kind for kind, found in judged if found.confidence >= 0.75]
    assert sum(right) / len(right) >= 0.93
    assert sum(decided) / len(decided) >= 0.98
    assert len(decided) / len(judged) >= 0.85


def test_no_evaluation_ticket_is_among_the_training_tickets() -> None:
    """What is judged was not learnt."""
    judged = {text for name in JUDGED for _, text in evaluation(name)}
    assert judged.isdisjoint(text for name in ("training_en", "training_fr") for _, text in evaluation(name))


@pytest.mark.slow
def test_the_packaged_model_is_what_its_sources_make() -> None:
    """Lexicon and training tickets, built again, give the same file."""
    subprocess.run([sys.executable, "-m", "benchmarks.classifier.build", "--check"], cwd=ROOT, check=True)


def evaluation(name: str) -> list[tuple[str, str]]:
    lines = (CLASSIFIER / "tickets" / f"{name}.txt").read_text("utf-8").splitlines()
    rows = [line.split("|", 3) for line in lines if line and not line.startswith("#")]
    return [(kind, text.replace("\\n", "\n")) for kind, _, _, text in rows]
