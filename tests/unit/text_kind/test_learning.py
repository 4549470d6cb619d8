"""What people's corrections teach, and what a few wrong ones cannot do (docs/rules.md §3.3, docs/classifier.md)."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.routing.rules.text_kind import classify, judge
from services.routing.rules.text_kind_learning import (
    LIMIT,
    MOST,
    SUPPORT,
    Lesson,
    learnt,
    moved_between,
    version_of,
    with_moved,
)
from services.routing.rules.text_kind_model import Model, packaged

TICKETS = Path(__file__).parents[3] / "benchmarks" / "classifier" / "tickets"

#: A plant's own names: nobody outside could know which are machines and which are programs.
NAMES = {
    "hardware": ["weighbridge", "gantry", "bagger", "depalletiser", "kiln", "sifter", "ensacheuse", "tremie", "pesage"],
    "software": ["borealis", "kestrel", "tamarin", "ombrelle", "pivoine", "zephyr", "quokka", "cassiope", "marjolaine"],
}
LEARNT_FROM = [
    "{x} down since this morning, line 2 waits",
    "{x} behaves oddly, can somebody look",
    "the {x} of bay 4 again, third time this week",
    "{x} in trouble, night shift could not go on",
    "{x} en panne, équipe de nuit bloquée",
    "encore {x}, ligne 3, merci de passer",
    "{x} fait des siennes depuis lundi",
]
JUDGED_BY = [
    "please look at {x}, nothing goes out",
    "{x}: same trouble as yesterday",
    "souci avec {x} au quai 5",
    "{x} bloque toute la ligne",
]


def plant(phrases: Sequence[str]) -> list[Lesson]:
    """Every name in every phrase, shuffled, and labelled rightly."""
    said = [
        Lesson(0, phrase.format(x=name), None, kind)  # type: ignore[arg-type]  # the keys are the two kinds
        for kind, names in NAMES.items()
        for name in names
        for phrase in phrases
    ]
    random.Random(7).shuffle(said)  # noqa: S311 - an order, not a secret
    return [Lesson(number, one.text, one.language, one.said) for number, one in enumerate(said, 1)]


def ordinary() -> list[Lesson]:
    """Evaluation tickets, as everybody writes them."""
    lines = [
        line for name in ("en", "fr") for line in (TICKETS / f"strangers_{name}.txt").read_text("utf-8").splitlines()
    ]
    rows = [line.split("|", 3) for line in lines if line and not line.startswith("#")]
    return [Lesson(n, text.replace("\\n", "\n"), None, kind) for n, (kind, _, _, text) in enumerate(rows)]  # type: ignore[arg-type]  # files name the two kinds


def accuracy(model: Model, of: Sequence[Lesson]) -> float:
    return sum(judge(model, one.text, one.language).kind == one.said for one in of) / len(of)


def wrong(one: Lesson) -> Lesson:
    return Lesson(one.id, one.text, one.language, "software" if one.said == "hardware" else "hardware")


def test_two_hundred_corrections_teach_a_plants_own_words() -> None:
    """126 of its own names and 74 ordinary tickets: tickets of other wording are then read well, ordinary ones as before."""
    taught, judged = [*plant(LEARNT_FROM), *ordinary()][:200], plant(JUDGED_BY)
    model = learnt(packaged(), [Lesson(n, one.text, one.language, one.said) for n, one in enumerate(taught)])
    assert len(taught) == 200
    assert accuracy(packaged(), judged) < 0.7
    assert accuracy(model, judged) > 0.95
    assert accuracy(model, ordinary()) >= accuracy(packaged(), ordinary())


@pytest.mark.parametrize("mistaken", [3, 6, 10])
def test_a_few_wrong_corrections_do_no_harm(mistaken: int) -> None:
    """Ordinary tickets labelled wrongly cost less than one ticket in fifty."""
    said = ordinary()
    model = learnt(packaged(), [wrong(one) for one in said[:: len(said) // mistaken][:mistaken]])
    assert accuracy(model, said) >= accuracy(packaged(), said) - 0.02 - mistaken / len(said) / 2


def test_wrong_ones_are_outvoted() -> None:
    """One correction in ten is a slip of the mouse: what the others teach stays."""
    taught = [wrong(one) if one.id % 10 == 0 else one for one in plant(LEARNT_FROM)]
    assert accuracy(learnt(packaged(), taught), plant(JUDGED_BY)) > 0.9


def test_no_weight_moves_beyond_its_limit() -> None:
    """However often somebody says that a printer is software."""
    model = learnt(packaged(), [Lesson(n, f"printer {n}", "en", "software") for n in range(500)])
    assert all(abs(by) <= LIMIT + 0.01 for by in moved_between(packaged(), model).values())
    assert classify("printer").kind == "hardware"


def test_a_new_word_needs_several_texts_that_agree() -> None:
    """Two texts, or as many for as against, give it no weight."""
    few = [Lesson(n, f"kestrel {'abc'[n]}", "en", "software") for n in range(SUPPORT - 1)]
    torn = [Lesson(n, f"kestrel {n} xy", "en", "software" if n % 2 else "hardware") for n in range(8)]
    enough = [Lesson(n, f"kestrel {n} xy", "en", "software") for n in range(SUPPORT)]
    assert "kestrel" not in learnt(packaged(), few).weights
    assert "kestrel" not in learnt(packaged(), torn).weights
    assert learnt(packaged(), enough).weights["kestrel"] < 0


def test_the_same_corrections_give_the_same_model_in_any_order() -> None:
    """Two workers that learn at once make one model."""
    said = plant(LEARNT_FROM)
    one, other = learnt(packaged(), said), learnt(packaged(), said[::-1])
    assert (one.version, one.weights, one.readings) == (other.version, other.weights, other.readings)


def test_without_corrections_it_is_the_packaged_model() -> None:
    """Also when all of them were undone."""
    assert learnt(packaged(), []) is packaged()


def test_the_version_says_what_was_learnt() -> None:
    """Base, number of corrections, and a fingerprint that each correction changes."""
    said = plant(LEARNT_FROM)
    base, count, mark = learnt(packaged(), said).version.split(".")
    assert (base, count, len(mark)) == (packaged().version, str(len(said)), 8)
    assert version_of(packaged(), said) != version_of(packaged(), [wrong(said[0]), *said[1:]])


def test_of_one_text_the_last_word_counts() -> None:
    """Somebody thought better of it."""
    said = [Lesson(n, "kestrel please", "en", "hardware" if n == 0 else "software") for n in range(2)]
    assert version_of(packaged(), said) == version_of(packaged(), said[1:])


def test_a_kept_model_is_made_again_from_what_it_moved() -> None:
    """What the database keeps is enough to judge as it judged."""
    model = learnt(packaged(), plant(LEARNT_FROM))
    again = with_moved(packaged(), moved_between(packaged(), model), model.version)
    judged = plant(JUDGED_BY)
    assert [judge(again, one.text, None) for one in judged] == [judge(model, one.text, None) for one in judged]


def test_only_the_newest_corrections_are_learnt_from() -> None:
    """So that learning takes a bounded time."""
    said = [Lesson(n, f"kestrel {n}", "en", "software") for n in range(MOST + 1)]
    assert version_of(packaged(), said) == version_of(packaged(), said[1:])
