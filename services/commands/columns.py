"""A table as plain lines: the same on a terminal and in a pipe, never cut."""

from collections.abc import Sequence


def aligned(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Each column as wide as its widest cell; the last may be as long as it likes."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (heads, *rows))
    return "\n".join(line.rstrip() for line in padded)
