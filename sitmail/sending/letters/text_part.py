"""The text part of a letter: blocks in lines of at most 78 characters, complete by itself (RFC 3676 section 4.2).

Line ends of people's own words stay; a longer line is broken at spaces.  What has no space (an address of a page) stays
whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from sitmail.sending.letters import blocks, figures
from sitmail.sending.letters.blocks import Block, Group

WIDTH, LONGEST = 76, 78  # of lines that are filled; of a line that stays as it is
SIGNATURE = "-- "  # the line by which mail programs know one (RFC 3676 section 4.3)
BAR = 20  # characters
INDENT = "    "
_BEGINS = re.compile(r"[\s>]*")  # a line goes on as it began: set in, or quoted


def write(letter: Sequence[Group]) -> str:
    """The text, which ends with a newline."""
    lines: list[str] = []
    before = ""
    for kind, group in letter:
        written = _GROUPED[kind](group) if kind in _GROUPED else _SINGLE[kind](*group[0][1:])
        if written:
            if lines and not (before == blocks.ENTRY and kind == blocks.SAID):
                lines.append("")
            lines += written
            before = kind
    return "\n".join(lines) + "\n"


def filled(text: str, first: str = "", indent: str = "", width: int = WIDTH) -> list[str]:
    """The words in lines of at most `width`, `first` before the first line and `indent` before the others."""
    if len(first) + len(text) <= width and "\n" not in text:
        return [(first + text).rstrip()]
    words = " ".join(text.split())
    lines, at, begins = [], 0, first
    while (room := width - len(begins)) < len(words) - at:
        end = words.rfind(" ", at, at + max(0, room) + 1)
        if end < 0:  # a word that is too long stays whole
            end = words.find(" ", at + max(0, room))
        if end < 0:
            break
        lines.append(begins + words[at:end])
        at, begins = end + 1, indent
    return [*lines, begins + words[at:]]


def kept(text: str, indent: str = "") -> list[str]:
    """Lines as they are, each after `indent`; one that is too long is broken at spaces, and goes on as it began."""
    if not text:
        return []
    width, given = LONGEST - len(indent), text.split("\n")
    if max(map(len, given)) <= width:  # nearly always
        return [(indent + each).rstrip() for each in given]
    lines: list[str] = []
    for each in given:
        if len(each) <= width:
            lines.append((indent + each).rstrip())
        else:
            begins = indent + _BEGINS.match(each)[0][: WIDTH // 2]  # type: ignore[index]
            lines += filled(each.lstrip(" >"), begins, begins)
    return lines


# --- one block


def _paragraph(text: str) -> list[str]:
    return filled(text)


def _audience(word: str, readers: str) -> list[str]:
    return filled(f"{word}: {readers}")


def _heading(strong: str, rest: str) -> list[str]:
    return filled(f"{strong} {rest}" if rest else strong)


def _words(text: str, html: str) -> list[str]:  # noqa: ARG001 - the text says the same
    return kept(text)


def _entry(text: str, strong: str) -> list[str]:  # noqa: ARG001 - the text says the same
    return filled(text, "", INDENT)


def _bar(share: str, text: str) -> list[str]:
    full = round(int(share) * BAR / 100)
    return filled(text, f"[{'#' * full}{'-' * (BAR - full)}] ", INDENT)


def _foot(text: str) -> list[str]:
    return [SIGNATURE, *filled(text)]


def _table(*fields: str) -> list[str]:
    heads, rows = blocks.rows(fields)
    every = [heads, *rows] if any(heads) else rows
    widths = [max(len(row[column]) for row in every) for column in range(len(heads) - 1)] if every else []
    lines = []
    for row in every:
        begins = "".join(f"{cell:{width}}  " for cell, width in zip(row[:-1], widths, strict=True))
        lines += filled(row[-1], begins, " " * min(len(begins), WIDTH // 2))
    return lines


_SINGLE: Mapping[str, Callable[..., list[str]]] = {
    blocks.PARAGRAPH: _paragraph,
    blocks.GREETING: _paragraph,
    blocks.NOTE: _paragraph,
    blocks.AUDIENCE: _audience,
    blocks.HEADING: _heading,
    blocks.WORDS: _words,
    blocks.FOLD: _paragraph,
    blocks.ENTRY: _entry,
    blocks.TABLE: _table,
    blocks.FIGURES: figures.text,
    blocks.PICTURE: lambda *_: [],  # its numbers stand in the text
    blocks.BAR: _bar,
    blocks.SIGNATURE: kept,
    blocks.FOOT: _foot,
    blocks.WHY: filled,
}

# --- blocks of one kind that follow each other


def _facts(group: Sequence[Block]) -> list[str]:
    widest = max(len(label) for _, label, _ in group) + 2
    lines: list[str] = []
    for _, label, value in group:
        lines += filled(value, label.ljust(widest), " " * widest)
    return lines


def _items(group: Sequence[Block]) -> list[str]:
    lines: list[str] = []
    for _, each, says in group:
        lines += kept(each, INDENT)
        if says:
            lines += filled(says, 2 * INDENT, 2 * INDENT)
    return lines


def _lines(group: Sequence[Block]) -> list[str]:
    return [found for _, text in group for found in filled(text, "", INDENT)]


def _quotes(group: Sequence[Block]) -> list[str]:
    return [found for _, text in group for found in kept(text, "> ")]


def _said(group: Sequence[Block]) -> list[str]:
    return [found for _, text in group for found in kept(text, INDENT)]


def _buttons(group: Sequence[Block]) -> list[str]:
    return [found for _, label, _, shown in group for found in kept(f"{label}: {shown}", INDENT)]


_GROUPED: Mapping[str, Callable[[Sequence[Block]], list[str]]] = {
    blocks.QUOTE: _quotes,
    blocks.FACT: _facts,
    blocks.ITEM: _items,
    blocks.LINE: _lines,
    blocks.SAID: _said,
    blocks.BUTTON: _buttons,
}
