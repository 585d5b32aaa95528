"""IMAP syntax (RFC 3501 section 9): reads responses from bytes, and writes arguments of commands.

No I/O.  Time is linear and memory bounded, however a server cuts, nests or announces what it sends.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from enum import Enum
from itertools import pairwise

LINE_LIMIT = 16_000_000  # bytes: the answer to a search in a folder of a million mails is one line of 8 MB
LITERAL_LIMIT = 65_536  # bytes, where no mail was asked for
UID_LIMIT = 2**32 - 1
DEPTH_LIMIT = 20  # of parentheses in each other

_LITERAL = re.compile(rb"\{(\d{1,19})\}\Z")
# Status responses end in free text (section 7.1), which may look like the announcement of a literal.
_FREE_TEXT = re.compile(rb"(?:\*|[A-Za-z0-9]+) (?:OK|NO|BAD|BYE|PREAUTH)\b|\+", re.IGNORECASE)
_TOKEN = re.compile(rb' *(?:([()])|"((?:[^"\\]|\\.)*)"|([^\s()"\[\]]+(?:\[[^\]]*\](?:<\d+>)?)?))')
_DATE_TIME = re.compile(rb"(\d{1,2})-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CODE = re.compile(rb"\[([A-Za-z0-9-]+)(?: ([^\]]*))?\]")

Parts = list[bytes]  # text, literal, text, literal ... text
Value = bytes | list["Value"]


class Sign(Enum):
    """A parenthesis outside strings and literals."""

    OPEN = b"("
    CLOSE = b")"


class Violation(Exception):
    """A server broke the protocol, or sent more than we take."""


class Responses:
    """Cuts what comes into responses.  `literal_limit` may be changed while a mail is awaited."""

    def __init__(self, line_limit: int = LINE_LIMIT) -> None:
        self.literal_limit = LITERAL_LIMIT
        self._line_limit = line_limit
        self._buffer = bytearray()
        self._scanned = 0  # no line end before this
        self._parts: Parts = []
        self._missing = -1  # bytes of a literal that are still to come; -1: in a line
        self._size = 0  # bytes of text in this response

    @property
    def pending(self) -> bool:
        """Whether part of a response has come and the rest has not."""
        return bool(self._buffer or self._parts)

    def feed(self, data: bytes) -> Iterator[Parts]:
        """The responses that are complete now.  Raises Violation."""
        self._buffer += data
        while True:
            if self._missing >= 0:
                if len(self._buffer) < self._missing:
                    return
                self._parts.append(self._cut(self._missing))
                self._missing = -1
            end = self._buffer.find(b"\r\n", max(self._scanned - 1, 0))
            if end < 0:
                self._scanned = len(self._buffer)
                self._bounded(self._scanned)
                return
            self._bounded(end)
            line = self._cut(end + 2)[:-2]
            self._size += len(line)
            self._parts.append(line)
            announced = None if _FREE_TEXT.match(self._parts[0]) else _LITERAL.search(line)
            if announced:
                self._missing = int(announced[1])
                if self._missing > self.literal_limit:
                    raise Violation(f"announced {self._missing} bytes where at most {self.literal_limit} can come")
            else:
                parts, self._parts, self._size = self._parts, [], 0
                yield parts

    def _cut(self, length: int) -> bytes:
        piece = bytes(memoryview(self._buffer)[:length])
        del self._buffer[:length]
        self._scanned = 0
        return piece

    def _bounded(self, length: int) -> None:
        if self._size + length > self._line_limit:
            raise Violation(f"sent a line of more than {self._line_limit} bytes")


# --- reading


def text(data: bytes) -> str:
    """A server's text for people: without control characters, at most 300 characters."""
    return "".join(c if c.isprintable() else " " for c in data.decode("utf-8", "replace"))[:300].strip()


def kind(parts: Parts) -> str:
    """What an untagged response is: EXISTS, FETCH, SEARCH, OK ..."""
    words = parts[0][2:60].split(b" ", 2)
    word = words[1] if words[0].isdigit() and len(words) > 1 else words[0]
    return word.decode("ascii", "replace").upper()


def code(line: bytes) -> tuple[str, str]:
    """The response code in square brackets (section 7.1) and its arguments, or two empty texts."""
    found = _CODE.search(line[:4096])
    return (found[1].decode().upper(), (found[2] or b"").decode("ascii", "replace")) if found else ("", "")


def uids(searches: Iterable[Parts]) -> set[int]:
    """The UIDs in SEARCH responses; what is no UID is left out."""
    words = [word for parts in searches for word in parts[0].split()[2:]]
    found = {int(word) for word in words if word.isdigit() and len(word) <= 10}
    return {uid for uid in found if 0 < uid <= UID_LIMIT}


def fetched(parts: Parts) -> dict[str, Value]:
    """The items of a FETCH response by upper-case name.  Raises Violation where it cannot be read."""
    values = _tree(parts)
    items = next((value for value in values if isinstance(value, list)), [])
    named = zip(items[::2], items[1::2], strict=False)
    return {name.decode("ascii", "replace").upper(): value for name, value in named if isinstance(name, bytes)}


def number(value: Value | None) -> int:
    """A number of a FETCH item, 0 where there is none."""
    return int(value) if isinstance(value, bytes) and value.isdigit() and len(value) <= 19 else 0


def moment(value: Value | None) -> datetime | None:
    """A date-time of a FETCH item (RFC 3501 section 9); None where there is none."""
    found = _DATE_TIME.fullmatch(value.strip()) if isinstance(value, bytes) else None
    if found is None:
        return None
    day, month, year, hour, minute, second, sign, east, minutes = (piece.decode() for piece in found.groups())
    offset = timedelta(hours=int(east), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    try:
        return datetime(
            int(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=timezone(offset)
        )
    except ValueError:
        return None


def _tree(parts: Parts) -> list[Value]:
    """Words, and lists of words where parentheses stood."""
    open_lists: list[list[Value]] = [[]]
    for token in _tokens(parts):
        if token is Sign.OPEN:
            inner: list[Value] = []
            open_lists[-1].append(inner)
            open_lists.append(inner)
            if len(open_lists) > DEPTH_LIMIT:
                raise Violation("sent lists too deep in each other")
        elif token is Sign.CLOSE:
            open_lists.pop()
            if not open_lists:
                raise Violation("closed a parenthesis that was not open")
        elif isinstance(token, bytes):
            open_lists[-1].append(token)
    if len(open_lists) != 1:
        raise Violation("left a parenthesis open")
    return open_lists[0]


def _tokens(parts: Parts) -> Iterator[bytes | Sign]:
    for at, part in enumerate(parts):
        if at % 2:
            yield part
            continue
        line = _LITERAL.sub(b"", part) if at + 1 < len(parts) else part
        place, end = 0, len(line.rstrip(b" "))
        while place < end:
            found = _TOKEN.match(line, place)
            if not found:
                raise Violation(f"sent something unreadable: {text(line[place : place + 40])!r}")
            place = found.end()
            sign, string, atom = found.groups()
            if sign:
                yield Sign(sign)
            else:
                yield atom if string is None else re.sub(rb"\\(.)", rb"\1", string)


# --- writing


def quoted(word: str) -> str:
    """A quoted string (section 4.3)."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def mailbox(name: str) -> str:
    """A mailbox name as it is written in a command: modified UTF-7 (section 5.1.3), quoted."""
    return quoted("".join(_utf7(run) for run in re.findall(r"[ -%'-~]+|&|[^ -~]+", name)))


def _utf7(run: str) -> str:
    if run == "&":
        return "&-"
    if run.isascii() and run.isprintable():
        return run
    encoded = b64encode(run.encode("utf-16-be", "surrogatepass")).rstrip(b"=").replace(b"/", b",")
    return f"&{encoded.decode()}-"


def uid_set(wanted: Sequence[int]) -> str:
    """UIDs as a sequence set: `1:4,7`."""
    ordered = sorted(set(wanted))
    starts = [ordered[0], *(b for a, b in pairwise(ordered) if b != a + 1)]
    ends = [*(a for a, b in pairwise(ordered) if b != a + 1), ordered[-1]]
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in zip(starts, ends, strict=True))
