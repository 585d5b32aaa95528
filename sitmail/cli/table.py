"""Plain text for a terminal: aligned tables, and text of mails without characters that could control the terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

# C0, C1 and DEL, line and paragraph separators, bidirectional marks, and what cannot be encoded.
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\dZ")  # as `show.when` writes it
GAP = "  "
NARROWEST = 10  # columns; no column of a table is made narrower than this


def safe(text: str) -> str:
    """The text on one line, with control characters written as escapes."""
    return STEERING.sub(_escaped, text)


def safe_lines(text: str, indent: str = "") -> Iterator[str]:
    """The lines of a text, each made safe; a tab becomes four blanks."""
    for line in text.replace("\r\n", "\n").split("\n"):
        yield (indent + safe(line.replace("\t", "    "))).rstrip()


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], width: int | None = None) -> Iterator[str]:
    """The lines of a table, with numbers aligned right.

    If a `width` is given, the widest columns are cut to fit; numbers and moments never are: half of one is useless.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    sizes = [max(map(columns, column)) for column in zip(heads, *cells, strict=True)]
    right = [_all(column, lambda value: isinstance(value, int)) for column in zip(*rows, strict=True)]
    if width is not None:
        moments = [_all(column, lambda value: bool(MOMENT.match(str(value)))) for column in zip(*rows, strict=True)]
        whole = [number or moment for number, moment in zip(right, moments, strict=True)] or [False] * len(sizes)
        sizes = _fitted(sizes, width - len(GAP) * (len(sizes) - 1), whole)
    for line in (list(heads), *cells):
        yield GAP.join(
            padded(cut(cell, size), size, to_right)
            for cell, size, to_right in zip(line, sizes, right or [False] * len(sizes), strict=True)
        ).rstrip()


def _all(column: Sequence[object], is_one: Callable[[object], bool]) -> bool:
    """Whether all values of a column are of a kind, and there is at least one."""
    there = [value for value in column if value not in (None, "")]
    return bool(there) and all(map(is_one, there))


def _fitted(sizes: list[int], room: int, whole: Sequence[bool]) -> list[int]:
    """The column widths, with the widest reduced (the last of equal ones first) to fit; none below NARROWEST.

    Columns that are `whole` are not reduced.
    """
    fitted = list(sizes)
    while sum(fitted) > room:
        widest, at = max((0 if kept else size, at) for at, (size, kept) in enumerate(zip(fitted, whole, strict=True)))
        if widest <= NARROWEST:
            break
        fitted[at] -= 1
    return fitted


def columns(text: str) -> int:
    """The width of a text on a terminal: wide characters take two columns, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def cut(text: str, size: int) -> str:
    """The text in at most `size` columns, with an ellipsis if it was cut."""
    if columns(text) <= size:
        return text
    used, kept = 0, 0
    for character in text:
        used += _columns(character)
        if used > size - 1:
            break
        kept += 1
    return text[:kept] + "…"


def padded(text: str, size: int, right: bool = False) -> str:
    blanks = " " * (size - columns(text))
    return blanks + text if right else text + blanks


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _cell(value: object) -> str:
    return "-" if value is None or value == "" else safe(str(value))


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
