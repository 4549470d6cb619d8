"""What is wrong with the data files: every fault by file, line and column, with its mend."""

from dataclasses import dataclass, field
from typing import Final

from schemas.vocabulary import Language
from services.routing.data_files.words import WORDS

#: So many are told one by one; the rest are counted.
SHOWN: Final = 100

#: Stands where a column's name would, when a fault is the whole record's or the whole file's.
RECORD: Final = "record"
FILE: Final = "file"


class Unfit(ValueError):
    """A cell that cannot be what its column holds. `word` is a key of `words.WORDS`, `fields` fill its sentence."""

    def __init__(self, word: str, **fields: object) -> None:
        super().__init__(word)
        self.word = word
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `line` is the line of the file on which the record begins, from 1."""

    file: str
    line: int
    column: str
    word: str
    fields: dict[str, object]

    def say(self, language: Language = Language.EN) -> str:
        """``contracts.csv:17:end_date: "2026-13-01" is not a date (YYYY-MM-DD)``"""
        return f"{self.file}:{self.line}:{self.column}: {WORDS[self.word].say(language, **self.fields)}"


class BrokenData(ValueError):
    """The data files are refused whole. `lines` says why, for people; `problems` holds the first of `count`."""

    def __init__(self, problems: tuple[Problem, ...], count: int) -> None:
        super().__init__(f"{count} problems in the data files")
        self.problems = problems
        self.count = count

    def lines(self, language: Language = Language.EN) -> list[str]:
        """One line a problem, then how many more there are."""
        said = [problem.say(language) for problem in self.problems]
        more = self.count - len(self.problems)
        return [*said, WORDS["more"].say(language, count=more)] if more else said


@dataclass(slots=True)
class Problems:
    """Faults as they are found. Files in `partial` have unread records: nothing can be said to lack there."""

    found: list[Problem] = field(default_factory=list)
    count: int = 0
    partial: set[str] = field(default_factory=set)

    def add(self, file: str, line: int, column: str, word: str, **fields: object) -> None:
        self.count += 1
        if self.count <= SHOWN:
            self.found.append(Problem(file, line, column, word, fields))

    def raise_if_any(self) -> None:
        """Raises `BrokenData` when anything was found."""
        if self.count:
            raise BrokenData(tuple(self.found), self.count)


def shown(text: str, longest: int = 40) -> str:
    """What a cell holds, in quotes, safe to print: cut at `longest` characters, nothing that moves a cursor."""
    short = text if len(text) <= longest else text[: longest - 1] + "…"
    return '"' + "".join(map(_visible, short)) + '"'


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    point = ord(character)
    # A byte that is not UTF-8 was read as half a surrogate pair: it is shown as the byte that it is.
    return f"\\x{point - 0xDC00:02x}" if 0xDC80 <= point <= 0xDCFF else f"\\u{point:04x}"
