"""The lexicon's source files as a table of weights: every entry in its forms, folded, without small words.

Lexicon files: blocks opened by `= WEIGHT POS`, then entries separated by commas (docs/classifier.md).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from services.routing.rules import text_kind

AGES = frozenset(
    [
        "new",
        "old",
        "spare",
        "loan",
        "loaner",
        "replacement",
        "nouveau",
        "nouvel",
        "nouvelle",
        "vieux",
        "vieille",
        "ancien",
        "anciens",
        "neuf",
    ]
)
HERE = Path(__file__).parent / "lexicon"


def table() -> dict[str, float]:
    """Every form of every entry with its weight; of an entry named twice the heavier counts, but incidental words less."""
    weights: dict[str, float] = {}
    for language in ("en", "fr"):
        for weight, pos, entry in blocks(HERE / f"{language}.txt"):
            for form in forms(entry, pos, language):
                key = folded(form)
                if not key or (" " in form and " " not in key and "-" not in form):
                    raise ValueError(f"{language}.txt: {entry!r} says less without its small words: {key!r}")
                if key not in weights or abs(float(weight)) > abs(weights[key]):
                    weights[key] = float(weight)
    for weight, _, entry in blocks(HERE / "parts.txt"):
        weights[entry] = float(weight)
    for weight, _, entry in blocks(HERE / "incidental.txt"):
        if (key := folded(entry)) in weights and weights[key] < float(weight):
            weights[key] = float(weight)
    return weights


def readings() -> dict[str, dict[str, float]]:
    """Language → what only that language means by a word of both."""
    by_language: dict[str, dict[str, float]] = {"en": {}, "fr": {}}
    for weight, language, entry in blocks(HERE / "false_friends.txt"):
        by_language[language][folded(entry)] = float(weight)
    return by_language


def hosts() -> list[str]:
    """Entries for machines on which software runs, those that say that one is new or old among them."""
    named = set(words("hosts.txt"))
    aged = [entry for entry in table() if set(entry.split()) <= named | AGES and not named.isdisjoint(entry.split())]
    return sorted(named | set(aged))


def stripped(text: str) -> str:
    """As public collections keep tickets: lower case, no accents, no small words, no figures, no marks."""
    tokens = [token.group() for token in text_kind.TOKEN.finditer(text_kind.fold(text))]
    return " ".join(token for token in tokens if token.isalpha() and token not in text_kind.SMALL)


def words(name: str) -> list[str]:
    """The folded words of a plain list file, one or several a line."""
    lines = (HERE / name).read_text("utf-8").splitlines()
    return sorted({text_kind.fold(w) for line in lines if not line.startswith("#") for w in line.split()})


def blocks(path: Path) -> Iterator[tuple[str, str, str]]:
    weight = pos = ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("= "):
            weight, pos = [*line.split()[1:], ""][:2]
        elif line.strip() and not line.startswith("#"):
            for entry in line.split(","):
                if entry.strip():
                    yield weight, pos, entry.strip()


def folded(form: str) -> str:
    """As the classifier reads it: folded, small words left out; nothing if that leaves less than was meant."""
    tokens = [t.group() for t in text_kind.TOKEN.finditer(text_kind.fold(form)) if t.group()[0].isalnum()]
    kept = [token for token in tokens if token not in text_kind.SMALL]
    return " ".join(kept) if len(kept) <= 3 else ""


def forms(entry: str, pos: str, language: str) -> set[str]:
    """The entry and its plural (nouns); a phrase's last word (English), its first or all (French)."""
    spelled = {entry, entry.replace("œ", "oe")}
    if pos != "noun":
        return spelled
    several: set[str] = set(spelled)
    for form in spelled:
        parts = form.split()
        if language == "en":
            several.add(" ".join([*parts[:-1], plural(parts[-1])]))
        else:
            several.add(" ".join([french_plural(parts[0]), *parts[1:]]))
            several.add(" ".join(french_plural(part) for part in parts))
    return several


def plural(word: str) -> str:
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def french_plural(word: str) -> str:
    if word.endswith(("s", "x", "z")):
        return word
    if word.endswith(("eau", "eu")):
        return word + "x"
    if word.endswith("al"):
        return word[:-2] + "aux"
    return word + "s"


def packed(weights: Mapping[str, float], **more: object) -> dict[str, object]:
    """The model's file: what `text_kind_model.build` takes."""
    return {"weights": dict(sorted(weights.items())), "readings": readings(), **more}
