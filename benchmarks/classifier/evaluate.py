"""How good is the classifier on tickets that it was not trained on? Figures and the reliability curve of docs/classifier.md.

    python -m benchmarks.classifier.evaluate open              the tickets that may be looked at, with the errors
    python -m benchmarks.classifier.evaluate open held_out     figures of both
    python -m benchmarks.classifier.evaluate --file tickets.txt   figures of any tickets in the format of tickets/
    python -m benchmarks.classifier.evaluate --write --svm     writes docs/classifier.md's tables and its drawing

The baselines are judged on the same tickets: a naive word list, and TF-IDF with a linear SVM, trained on what the model
was trained on, and on these very tickets by ten-fold cross-validation (`--svm`; it needs scikit-learn, which is no
dependency of the project).
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.classifier import build, reliability, tickets, writing
from services.routing.rules.text_kind import TextKind, classify

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "classifier.md"
DRAWING = DOCS / "classifier-reliability.svg"
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"

NAIVE_HARDWARE = frozenset(
    [
        "laptop",
        "computer",
        "pc",
        "printer",
        "screen",
        "monitor",
        "keyboard",
        "mouse",
        "battery",
        "charger",
        "cable",
        "disk",
        "drive",
        "memory",
        "server",
        "phone",
        "headset",
        "hardware",
        "broken",
        "router",
        "usb",
        "ordinateur",
        "portable",
        "imprimante",
        "ecran",
        "moniteur",
        "clavier",
        "souris",
        "batterie",
        "chargeur",
        "disque",
        "memoire",
        "serveur",
        "telephone",
        "casque",
        "materiel",
        "casse",
        "routeur",
        "panne",
    ]
)
NAIVE_SOFTWARE = frozenset(
    [
        "software",
        "application",
        "program",
        "windows",
        "outlook",
        "excel",
        "word",
        "password",
        "login",
        "account",
        "access",
        "install",
        "update",
        "error",
        "license",
        "email",
        "file",
        "database",
        "vpn",
        "website",
        "logiciel",
        "programme",
        "passe",
        "compte",
        "acces",
        "installer",
        "mise",
        "erreur",
        "licence",
        "messagerie",
        "fichier",
        "base",
        "site",
        "connexion",
        "session",
    ]
)


@dataclass(frozen=True, slots=True)
class Judged:
    ticket: tickets.Ticket
    found: TextKind

    @property
    def right(self) -> bool:
        return self.found.kind == self.ticket.kind


def main(arguments: Sequence[str]) -> int:
    if "--write" in arguments:
        write()
        return 0
    if "--file" in arguments:
        file = Path(arguments[arguments.index("--file") + 1])
        say(figures([Judged(ticket, classify(ticket.text, ticket.language)) for ticket in tickets.read(file, "")]))
        return 0
    names = [name for name in arguments if not name.startswith("-")] or ["open"]
    judged = judge(names)
    say(figures(judged))
    if not set(names) & {"held_out"}:
        for one in judged:
            if not one.right:
                words = ", ".join(f"{w.word} {w.weight:+.1f}" for w in one.found.words)
                say(f"{one.ticket.kind} {one.found.confidence:.2f} {one.ticket.text!r}: {words}\n")
    return 0


def write() -> None:
    judged = judge(["open", "strangers", "held_out"])
    before, rest = PAGE.read_text("utf-8").split(BEGIN)
    _, after = rest.split(END)
    parts = [
        *("### Held-out tickets\n", figures(judge(["held_out"]))),
        *("### Tickets in strangers' styles\n", figures(judge(["strangers"]))),
        *("### All evaluation tickets\n", figures(judged)),
    ]
    PAGE.write_text(before + BEGIN + "\n".join(parts) + END + after, "utf-8")
    points = [(one.found.confidence, one.right) for one in judged]
    DRAWING.write_text(reliability.drawing(points), "utf-8")


def judge(names: Sequence[str]) -> list[Judged]:
    """As the system does it: the request's language is given."""
    return [Judged(ticket, classify(ticket.text, ticket.language)) for ticket in tickets.load(*names)]


def figures(judged: Sequence[Judged]) -> str:
    tables = [
        table("accuracy, forced choice", [(name, counted(part)) for name, part in parts_of(judged)]),
        table("compared with, on the same tickets", baselines([one.ticket for one in judged])),
        table("at a threshold", [*thresholds(judged)]),
        table("confidence", reliability.rows([(one.found.confidence, one.right) for one in judged])),
    ]
    return "\n".join(tables)


def parts_of(judged: Sequence[Judged]) -> Iterable[tuple[str, list[Judged]]]:
    yield "all", list(judged)
    keys: list[Callable[[Judged], str]] = [
        lambda one: {"en": "English", "fr": "French"}.get(one.ticket.language, "either language"),
        lambda one: one.ticket.kind,
        lambda one: one.ticket.difficulty,
        lambda one: "style: " + one.ticket.style,
    ]
    for key in keys:
        for value in sorted({key(one) for one in judged}):
            yield value, [one for one in judged if key(one) == value]


def counted(part: Sequence[Judged]) -> str:
    right = sum(one.right for one in part)
    return f"{right / len(part):.3f} ({right} of {len(part)})"


def thresholds(judged: Sequence[Judged]) -> Iterable[tuple[str, str]]:
    """Deciding at 0.75; and a declared kind doubted: every ticket declared wrongly once, and rightly once."""
    sure = [one for one in judged if one.found.confidence >= 0.75]
    yield "decided at 0.75", f"{len(sure) / len(judged):.3f} of the tickets, right: {counted(sure)}"
    for threshold in (0.85, 0.90, 0.93, 0.95):
        flagged = [one for one in judged if one.found.confidence > threshold]
        true = sum(one.right for one in flagged)
        doubted = f"{len(flagged) - true} of {len(judged)} right ones doubted"
        noticed = f"{true / len(judged):.3f} of wrong declarations noticed"
        share = f"the text's kind is right in {true / max(1, len(flagged)):.3f}"
        yield f"conflict above {threshold:.2f}", f"{noticed}, {doubted}; {share}"


def baselines(of: Sequence[tickets.Ticket]) -> list[tuple[str, str]]:
    naive = sum(naive_is_hardware(ticket.text) == ticket.is_hardware for ticket in of) / len(of)
    rows = [("naive word list (76 words)", f"{naive:.3f}")]
    if "--svm" in sys.argv:
        rows.append(("TF-IDF + linear SVM trained on our training tickets", f"{trained_svm_accuracy(of):.3f}"))
        rows.append(("TF-IDF + linear SVM trained on them, ten-fold", f"{svm_accuracy(of):.3f}"))
    return rows


def naive_is_hardware(text: str) -> bool:
    words = {"".join(c for c in word if c.isalnum()) for word in text.lower().split()}
    return len(words & NAIVE_HARDWARE) >= len(words & NAIVE_SOFTWARE)


def svm_accuracy(of: Sequence[tickets.Ticket]) -> float:
    """The baseline of the specification: trained on such tickets, judged on those left out."""
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    folds = StratifiedKFold(n_splits=10, shuffle=True, random_state=0)
    return float(cross_val_score(_svm(), [t.text for t in of], [t.is_hardware for t in of], cv=folds).mean())


def trained_svm_accuracy(of: Sequence[tickets.Ticket]) -> float:
    """The same method with the texts that the packaged model was fitted on."""
    learnt = [*tickets.load("training"), *writing.write(build.WRITTEN, build.SEED)]
    svm = _svm().fit([t.text for t in learnt], [t.is_hardware for t in learnt])
    return float(svm.score([t.text for t in of], [t.is_hardware for t in of]))


def _svm() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    return make_pipeline(TfidfVectorizer(strip_accents="unicode", ngram_range=(1, 2), sublinear_tf=True), LinearSVC())


def table(title: str, rows: Sequence[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join([title, *[""] * (len(rows[0]) - 1)]) + " |", "|---" * len(rows[0]) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
