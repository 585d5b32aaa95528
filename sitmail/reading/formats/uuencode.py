"""Files that stand uuencoded in a text, as mail programs wrote them before MIME: where they are, and their names.

What they decode to is known in `coding`.  Linear; a line that only begins like such a file stays text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_BEGIN = re.compile(rb"begin [0-7]{3,4} +([^\r\n]{1,200}?)[ \t]*\r?\n")
_LINE = re.compile(rb"[!-`][ -`]{1,90}\r?\n")  # of data: its length, then letters of six bits
_LAST = re.compile(rb"(?:[ `][ \t]*\r?\n)?end[ \t]*(?:\r?\n|\Z)")


class File(NamedTuple):
    """`first` to `last` is all of it in the text, `start` to `end` its lines of data."""

    name: bytes
    first: int
    start: int
    end: int
    last: int


def find(raw: bytes, start: int, end: int, most: int) -> list[File]:
    """The files that stand whole between `start` and `end`, in their order; no more than `most`."""
    found: list[File] = []
    at = start
    while len(found) < most and (first := raw.find(b"begin", at, end)) >= 0:
        at = first + 5
        if first > start and raw[first - 1] != 10:
            continue
        begin = _BEGIN.match(raw, first, end)
        if begin is None:
            continue
        at = data = begin.end()
        while line := _LINE.match(raw, at, end):
            at = line.end()
        closed = _LAST.match(raw, at, end)
        if closed and at > data:
            found.append(File(begin[1], first, data, at, closed.end()))
            at = closed.end()
    return found
