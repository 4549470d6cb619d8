"""Training tickets put together from the lexicon's things and the phrases of phrases/ (docs/classifier.md).

They teach what words weigh *beside each other*: what everybody writes whatever is broken ("despite restarting it and
updating the software") says little, the thing itself much. Deterministic: the same seed writes the same tickets.
"""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.classifier import lexicon, tickets

HERE: Final = Path(__file__).parent / "phrases"
STRONG: Final = 1.8  # things lighter than this are not what a ticket is about
HOSTS: Final = {"en": ("laptop", "computer", "PC", "phone", "workstation", "tablet"), "fr": ("portable", "PC", "poste")}
OTHER: Final = {"hardware": "software", "software": "hardware"}


def write(each: int, seed: int) -> list[tickets.Ticket]:
    """`each` tickets of either kind in either language."""
    rng = random.Random(seed)  # noqa: S311 - which ticket is written, not a secret
    written = []
    for language in ("en", "fr"):
        parts, things = phrases(language), nouns(language)
        for kind in ("hardware", "software"):
            written += [_one(rng, parts, things, kind, language) for _ in range(each)]
    return written


def nouns(language: str) -> dict[str, list[str]]:
    """Kind → the lexicon's things of that kind, as they are written."""
    found: dict[str, set[str]] = {"hardware": set(), "software": set()}
    for weight, pos, entry in lexicon.blocks(lexicon.HERE / f"{language}.txt"):
        if pos == "noun" and abs(float(weight)) >= STRONG:
            found["hardware" if float(weight) > 0 else "software"].add(entry)
    return {kind: sorted(entries) for kind, entries in found.items()}


def phrases(language: str) -> dict[str, list[str]]:
    """Part → its phrases."""
    parts: dict[str, list[str]] = {}
    for line in (HERE / f"{language}.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            part = parts.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            part.append(line)
    return parts


def _one(
    rng: random.Random,
    parts: Mapping[str, Sequence[str]],
    things: Mapping[str, Sequence[str]],
    kind: str,
    language: str,
) -> tickets.Ticket:
    style = rng.choice(("prose", "prose", "mail", "terse", "stripped"))
    about = rng.choice(("fault", "fault", "request"))
    if style == "terse":
        text = _filled(rng, rng.choice(parts[f"{kind}.terse"]), things, kind, language)
    else:
        text = _letter(rng, parts, _filled(rng, rng.choice(parts[f"{kind}.{about}"]), things, kind, language), about)
    if style == "mail":
        text = text.replace(". ", ".\n")
    if style == "stripped":
        text = lexicon.stripped(text)
    return tickets.Ticket(kind, style, "generated", language, text)


def _letter(rng: random.Random, parts: Mapping[str, Sequence[str]], body: str, about: str) -> str:
    """The body among what people write around it."""
    first = rng.choice(parts["lead"]).replace("{fault}", body) if about == "fault" and rng.random() < 0.6 else body
    said = [first + "."]
    chances = [("impact", 0.4), ("tried", 0.6), ("cause", 0.5)] if about == "fault" else [("impact", 0.3)]
    said += [rng.choice(parts[part]) for part, chance in chances if rng.random() < chance]
    said = [rng.choice(parts["open"]), *said] if rng.random() < 0.7 else said
    return " ".join([*said, *(rng.choice(parts[part]) for part in ("ask", "close") if rng.random() < 0.6)])


def _filled(rng: random.Random, phrase: str, things: Mapping[str, Sequence[str]], kind: str, language: str) -> str:
    while "{thing}" in phrase:
        phrase = phrase.replace("{thing}", rng.choice(things[kind]), 1)
    phrase = phrase.replace("{other}", rng.choice(things[OTHER[kind]]))
    return phrase.replace("{host}", rng.choice(HOSTS[language]))
