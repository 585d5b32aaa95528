"""Plain text for a terminal: aligned tables, and text of mails without characters that could control the terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

# C0, C1 and DEL, line and paragraph separators, bidirectional marks, and what cannot be encoded.
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
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
    """The lines of a table, with numbers aligned right.  If a `width` is given, the widest columns are cut to fit."""
    cells = [[_cell(value) for value in row] for row in rows]
    sizes = [max(map(columns, column)) for column in zip(heads, *cells, strict=True)]
    if width is not None:
        sizes = _fitted(sizes, width - len(GAP) * (len(sizes) - 1))
    right = [bool(rows) and all(isinstance(v, int | None) for v in column) for column in zip(*rows, strict=True)]
    for line in (list(heads), *cells):
        yield GAP.join(
            padded(cut(cell, size), size, to_right)
            for cell, size, to_right in zip(line, sizes, right or [False] * len(sizes), strict=True)
        ).rstrip()


def _fitted(sizes: list[int], room: int) -> list[int]:
    """The column widths, with the widest reduced (the last of equal ones first) to fit; none below NARROWEST."""
    fitted = list(sizes)
    while sum(fitted) > room and max(fitted) > NARROWEST:
        widest = max(fitted)
        at = len(fitted) - 1 - fitted[::-1].index(widest)
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
