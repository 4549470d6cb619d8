"""A sheet drawn as a PDF, on letter paper (`routing.documents` says what stands on it). Loaded by who draws one."""

from collections.abc import Callable, Sequence
from datetime import datetime

from fpdf import FPDF

from schemas.vocabulary import Language
from services.routing.documents import ALPHABET, Sheet, Table, printable
from services.runtime.web.words import Translate

#: Millimetres and points.
_MARGIN, _FOOT, _LINE, _GAP, _TERM = 15.0, 18.0, 4.6, 2.0, 48.0
_TITLE_SIZE, _TEXT_SIZE, _TABLE_SIZE = 16, 10, 9
#: A cell longer than that is cut.
_MOST_LINES = 8


class Paper(FPDF):
    """Draws a sheet. A row that does not fit begins the next page, under the headings again."""

    def __init__(self, placed: Sheet, number: str, t: Translate, language: Language, made_at: datetime) -> None:
        super().__init__(format="letter")
        self.core_fonts_encoding = ALPHABET
        self._placed, self._number, self._t = placed, number, t
        self._wrapped: dict[tuple[str, float], list[str]] = {}
        self.set_creation_date(made_at)
        self.set_producer("Fixline")
        self.set_title(placed.title)
        self.set_lang(f"{language}-CA")
        self.set_margins(_MARGIN, _MARGIN)
        self.c_margin = 0  # cells begin where lines do
        self.set_auto_page_break(True, _FOOT)

    def drawn(self) -> bytes:
        self.add_page()
        self._write(self._placed.title, "B", _TITLE_SIZE, 9)
        self.ln(_GAP)
        for term, value in self._placed.lines:
            self._pair(term, value)
        if self._placed.says is not None:
            self.ln(_GAP)
            self._write(self._placed.says, "B", _TEXT_SIZE, _LINE + 1)
        for table in self._placed.tables:
            self.ln(_GAP * 2)
            self._table(table)
        return bytes(self.output())

    def footer(self) -> None:
        """Called by the library at the end of each page; it puts in the number of pages at the very end."""
        self.set_y(-_FOOT + 6)
        self.set_font("Helvetica", size=8)
        said = self._t("answer.page", page=self.page_no(), pages="{nb}")
        foot = self._placed.foot or f"{self._t('answer.request')} {self._number}"
        self.cell(text=printable(f"{foot} · {said}"))

    def _write(self, text: str, style: str, size: int, height: float) -> None:
        self.set_font("Helvetica", "B" if style else "", size)
        self.multi_cell(self.epw, height, printable(text), align="L", new_x="LMARGIN", new_y="NEXT")

    def _pair(self, term: str, value: str) -> None:
        self.set_font("Helvetica", "B", _TEXT_SIZE)
        terms = self._lines(term, _TERM - _GAP)
        self.set_font("Helvetica", "", _TEXT_SIZE)
        values = self._lines(value, self.epw - _TERM)
        self._room(max(len(terms), len(values)) * (_LINE + 1))
        for lines, style, x in ((terms, "B", _MARGIN), (values, "", _MARGIN + _TERM)):
            self.set_font("Helvetica", "B" if style else "", _TEXT_SIZE)
            self._column(lines, x, _LINE + 1)
        self.set_y(self.get_y() + max(len(terms), len(values)) * (_LINE + 1))

    def _table(self, table: Table) -> None:
        self._write(table.caption, "B", _TEXT_SIZE + 2, 7)
        widths = [self.epw * share / 100 for share in table.shares]

        def headings() -> None:
            self.set_font("Helvetica", "B", _TABLE_SIZE)
            self._row(table.headers, widths, table.right)
            self.set_font("Helvetica", "", _TABLE_SIZE)

        headings()
        for row in table.rows:
            self._row(row, widths, table.right, headings)
        if table.note is not None:
            self._write(table.note, "B", _TABLE_SIZE, _LINE)

    def _row(
        self,
        cells: Sequence[str],
        widths: Sequence[float],
        right: Sequence[int],
        again: Callable[[], None] | None = None,
    ) -> None:
        columns = [self._lines(cell, width - _GAP) for cell, width in zip(cells, widths, strict=True)]
        height = max(map(len, columns)) * _LINE + _GAP
        if self._room(height) and again is not None:
            again()
        x, y = _MARGIN, self.get_y()
        for index, (lines, width) in enumerate(zip(columns, widths, strict=True)):
            longest = max(map(self.get_string_width, lines), default=0.0)
            self._column(lines, x + width - _GAP - longest if index in right else x, _LINE)
            x += width
        self.set_draw_color(190)
        self.line(_MARGIN, y + height - _GAP / 2, _MARGIN + self.epw, y + height - _GAP / 2)
        self.set_y(y + height)

    def _column(self, lines: Sequence[str], x: float, step: float) -> None:
        y = self.get_y()
        for index, line in enumerate(lines):
            self.text(x, y + _LINE * 0.75 + index * step, line)

    def _room(self, height: float) -> bool:
        """Whether a new page was begun, because this one has no place for `height`."""
        if self.get_y() + height <= self.page_break_trigger:
            return False
        self.add_page()
        return True

    def _lines(self, text: str, width: float) -> list[str]:
        """The text in lines of at most `width` in the font in hand; values repeat, so that they are measured once."""
        key = (f"{self.font_style}{self.font_size_pt}{text}", width)
        known = self._wrapped.get(key)
        if known is None:
            lines = list(self._broken(printable(text), width))
            if len(lines) > _MOST_LINES:
                lines = [*lines[: _MOST_LINES - 1], "…"]
            known = self._wrapped[key] = lines
        return known

    def _broken(self, text: str, width: float) -> list[str]:
        lines, line = [], ""
        for word in text.split(" "):
            longer = f"{line} {word}" if line else word
            if self.get_string_width(longer) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            while self.get_string_width(word) > width:
                fits = max(1, sum(self.get_string_width(word[: end + 1]) <= width for end in range(len(word))))
                lines.append(word[:fits])
                word = word[fits:]  # what is left of it
            line = word
        return [*lines, line]
