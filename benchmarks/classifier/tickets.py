"""Labelled tickets from the text files of this directory: `kind|style|difficulty|text`, `\\n` for a line break."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent / "tickets"


@dataclass(frozen=True, slots=True)
class Ticket:
    kind: str
    style: str
    difficulty: str
    language: str
    text: str

    @property
    def is_hardware(self) -> bool:
        return self.kind == "hardware"


def load(*names: str) -> list[Ticket]:
    """The tickets of the named files (`open`, `held_out`, `strangers`, `training`), English first."""
    return [
        ticket
        for name in names
        for language in ("en", "fr")
        for ticket in read(HERE / f"{name}_{language}.txt", language)
    ]


def read(file: Path, language: str) -> Sequence[Ticket]:
    tickets = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        kind, style, difficulty, text = line.split("|", 3)
        if kind not in ("hardware", "software"):
            raise ValueError(f"{file.name}:{number}: {kind!r} is not hardware or software")
        tickets.append(Ticket(kind, style, difficulty, language, text.replace("\\n", "\n")))
    return tickets
