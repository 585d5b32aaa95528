"""Finds the mails in an mbox file (RFC 4155), in bounded memory.

A mail begins behind a line `From SENDER DATE` that follows an empty line, where a header field follows it: people write
lines that begin with "From " as well, and not every program quotes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

LINE = 1 << 16  # bytes of a line that are read at once
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BEGIN = re.compile(
    rb"From [^\r\n]{1,320}? (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +"
    rb"(?P<month>[A-Z][a-z]{2}) +(?P<day>\d{1,2}) +(?P<hour>\d\d):(?P<minute>\d\d)[^\r\n]{0,30}? (?P<year>\d{4})"
)
_FIELD = re.compile(rb"[!-9;-~]{1,100}:")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


class Place(NamedTuple):
    """Where a mail stands in a file, in bytes.  `said`: the moment in the line before it, if that can be read."""

    offset: int
    length: int
    said: datetime | None


def begins(path: Path) -> bool:
    """Whether a file looks like an mbox.  Raises OSError."""
    with path.open("rb") as file:
        return _BEGIN.match(file.readline(LINE)) is not None


def mails(path: Path) -> Iterator[Place]:
    """The mails of a file, in their order.  Raises OSError."""
    with path.open("rb") as file:
        position, begun, said = 0, -1, None
        fresh, empty = True, True  # this is the beginning of a line; the line before it is empty
        maybe: tuple[int, re.Match[bytes]] | None = None  # the line before this one, which may begin a mail
        while line := file.readline(LINE):
            if maybe is not None and _FIELD.match(line):
                if begun >= 0:
                    yield Place(begun, maybe[0] - begun, said)
                begun, said = position, _moment(maybe[1])
            found = _BEGIN.match(line) if fresh and empty else None
            maybe = (position, found) if found else None
            empty = fresh and not line.strip(b"\r\n")
            fresh = line.endswith(b"\n")
            position += len(line)
        if begun >= 0:
            yield Place(begun, position - begun, said)


def read(path: Path, offset: int, length: int) -> bytes:
    """A mail, with the lines as they were that the file quotes.  Raises OSError."""
    with path.open("rb") as file:
        file.seek(offset)
        raw = file.read(length)
    return _QUOTED.sub(rb"\1", raw)


def _moment(found: re.Match[bytes]) -> datetime | None:
    try:
        month = _MONTHS.index(found["month"].decode()) + 1
        day, hour, minute, year = (int(found[name]) for name in ("day", "hour", "minute", "year"))
        return datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None
