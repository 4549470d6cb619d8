"""One CSV file as records: UTF-8, RFC 4180, a header that names every column (docs/rules.md §1).

A record may run over several lines: its number is that of the line on which it begins. A file of which not every record
could be read is noted as partial; what the others name in it is then unknown rather than missing.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import IO, Final

from services.routing.data_files.layout import Layout
from services.routing.data_files.problems import FILE, RECORD, Problems, shown

#: file name, bytes read so far, bytes in all
Progress = Callable[[str, int, int], None]

_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_REPORT_EVERY: Final = 8192  # lines
_QUOTED_FIELD: Final = re.compile(r'(?<![^,])"(?:[^"]|"")*"(?=[,\r\n]|\Z)')


def records(
    folder: Path, layout: Layout, problems: Problems, progress: Progress | None
) -> Iterator[tuple[int, Sequence[str]]]:
    """Each record of the file: its line, and its cells in the layout's order. Faults go to `problems`."""
    try:
        with (folder / layout.file).open("rb") as source:
            yield from _decoded(source, layout, problems, progress)
    except FileNotFoundError:
        if not layout.optional:
            _give_up(layout, problems, 1, FILE, "file_missing", folder=shown(str(folder), longest=1000))
    except OSError as wrong:
        _give_up(layout, problems, 1, FILE, "file_unreadable", why=wrong.strerror or type(wrong).__name__)


def _decoded(
    source: IO[bytes], layout: Layout, problems: Problems, progress: Progress | None
) -> Iterator[tuple[int, Sequence[str]]]:
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    start = source.read(4)
    source.seek(0)
    if start.startswith(_UTF16_MARKS):
        _give_up(layout, problems, 1, FILE, "file_utf16")
        return
    # A byte order mark is dropped; bytes that are not UTF-8 become lone surrogates, which no cell may hold.
    with io.TextIOWrapper(source, encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        for at, cells in enumerate(_parsed(text, layout, problems)):
            yield cells
            if progress and at % _REPORT_EVERY == 0:
                progress(layout.file, source.tell(), size)
        if progress:
            progress(layout.file, size, size)


def _parsed(lines: IO[str], layout: Layout, problems: Problems) -> Iterator[tuple[int, Sequence[str]]]:
    marked: list[str] = []
    reader = csv.reader(_watched(lines, marked), strict=True)
    names: list[str] = []
    pick: Callable[[list[str]], Sequence[str]] | None = None
    width, line, after = 0, 0, 0
    while True:
        line = after + 1
        marked.clear()
        try:
            record = next(reader, None)
            after = reader.line_num
        except csv.Error as wrong:
            after = reader.line_num
            if _malformed(wrong, layout, problems, line) and pick:
                continue
            return
        if record is None:
            break
        if not record:
            continue  # a blank line
        if pick is None:
            if (pick := _header(record, line, layout, problems)) is None:
                return
            width, names = len(record), [cell.strip() for cell in record]
        elif len(record) != width:
            word = "too_few" if len(record) < width else "too_many"
            _give_up(layout, problems, line, RECORD, word, count=len(record), width=width)
        elif marked and '"' in "".join(record) and (bare := _bare_quote("".join(marked))) is not None:
            _give_up(layout, problems, line, names[bare], "quote_bare", cell=shown(record[bare]))
        else:
            yield line, pick(record)
    if pick is None:
        _give_up(layout, problems, 1, FILE, "file_empty", columns=",".join(layout.names))


def _watched(lines: Iterable[str], marked: list[str]) -> Iterator[str]:
    """The lines as they are; `marked` gets those of the record being read from the first that holds a quote."""
    for line in lines:
        if marked or '"' in line:
            marked.append(line)
        yield line


def _bare_quote(record: str) -> int | None:
    """Which field, from 0, holds a quote without being quoted itself: the reader takes it for text, RFC 4180 forbids it.

    `record` may lack lines before the first quote: inside a record there are none, for only quotes hold a line's end.
    """
    if '"' not in (unquoted := _QUOTED_FIELD.sub("", record)):
        return None
    return unquoted.partition('"')[0].count(",")


def _malformed(wrong: csv.Error, layout: Layout, problems: Problems, line: int) -> bool:
    """Tells a quoting fault; whether the next record can be found again after it."""
    said = str(wrong)
    if "expected after" in said:
        _give_up(layout, problems, line, RECORD, "quoting")
        return True
    if "field limit" in said:
        _give_up(layout, problems, line, RECORD, "field_huge", limit=csv.field_size_limit())
    else:  # unexpected end of data
        _give_up(layout, problems, line, RECORD, "quote_open")
    return False


def _header(
    record: list[str], line: int, layout: Layout, problems: Problems
) -> Callable[[list[str]], Sequence[str]] | None:
    """How to bring a record's cells into the layout's order; ``None`` when the header is wrong, which is then told."""
    given = [cell.strip() for cell in record]
    for separator in ";\t|":
        if len(given) == 1 and given[0].count(separator) >= len(layout.columns) - 1:
            _give_up(layout, problems, line, FILE, "file_separator", separator=shown(separator))
            return None
    before = problems.count
    for name in layout.names:
        if name not in given:
            problems.add(layout.file, line, name, "column_missing")
    for at, name in enumerate(given):
        if name not in layout.names:
            column = shown(name)[1:-1] or f"#{at + 1}"
            problems.add(layout.file, line, column, "column_unknown", columns=",".join(layout.names))
        elif name in given[:at]:
            problems.add(layout.file, line, name, "column_twice")
    if problems.count > before:
        problems.partial.add(layout.file)
        return None
    return itemgetter(*(given.index(name) for name in layout.names))


def _give_up(layout: Layout, problems: Problems, line: int, column: str, word: str, **fields: object) -> None:
    problems.add(layout.file, line, column, word, **fields)
    problems.partial.add(layout.file)
