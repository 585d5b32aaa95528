"""Reads the header block of a mail or a part, and decodes what is encoded in its fields.

Fields are found, unfolded and capped here; RFC 2047 words and RFC 2231 parameters are decoded; dates and ids are
read.  What the fields mean for the mail is decided in `parse`.  All functions take linear time and never raise.
"""

from __future__ import annotations

import binascii
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from itertools import islice
from urllib.parse import unquote_to_bytes

from sitmail.domain.record import record
from sitmail.reading.formats import charset
from sitmail.reading.formats.coding import a2b_base64


@record
class Caps:
    """Bounds on what is read of one mail; beyond them the rest stays raw and a defect is noted."""

    header_block: int = 262_144  # bytes
    fields: int = 1_000
    field: int = 65_536  # bytes of one field
    decoded: int = 8_192  # characters of a field in which encoded words are looked for
    words: int = 200  # encoded words in a field
    subject: int = 998  # characters
    addresses: int = 500  # in a field
    parameters: int = 50
    depth: int = 20  # of nested parts
    parts: int = 1_000
    boundary: int = 200  # bytes
    text: int = 262_144  # characters taken into the log
    lines: int = 20_000
    html: int = 1_048_576  # characters
    html_depth: int = 200
    name: int = 150  # bytes of an attachment's name
    references: int = 20


CAPS = Caps()


@dataclass(slots=True)
class Block:
    """A header block: fields in order with lower-case names, and where the body starts."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    body: int = 0
    defects: list[str] = field(default_factory=list)

    def get(self, name: str) -> str:
        """The first field of that name, or ''."""
        return next((value for key, value in self.fields if key == name), "")


_FIELD = re.compile(r"^([!-9;-~]+)[ \t]*:[ \t]*([^\n]*)", re.MULTILINE)
# `Authentication-Results :` is a field in RFC 5322's obsolete syntax, which a relay that strips forged results may
# overlook: so it counts as another field.
_OBSOLETE = re.compile(r"^(authentication-results)[ \t]+:", re.IGNORECASE | re.MULTILINE)
_RAW_NAME = re.compile(rb"[!-9;-~]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n") + b"\x7f"
_GUESS_FROM = 2_048  # bytes
_ESCAPED = re.compile(r"\x1b[$(]")  # seven-bit text of East Asia (RFC 1468, RFC 1557), which the field does not declare


def split(raw: bytes, start: int = 0, end: int | None = None, caps: Caps = CAPS, *, settled: bool = True) -> Block:
    """The header block that begins at `start`; only LF (or CRLF) ends a line, a bare CR becomes a blank.

    `settled`: 8-bit text that is no UTF-8 is decoded; else it stays as surrogates (PEP 383) until `settle` is called,
    by whoever learns in which charset the body is.
    """
    end = len(raw) if end is None else end
    block = Block()
    if raw[start : start + 1] == b"\n" or raw[start : start + 2] == b"\r\n":  # no fields at all
        block.body = raw.index(b"\n", start) + 1
        return block
    stop, block.body = blank = _blank(raw, start, end)
    if stop - start > caps.header_block:
        block.defects.append("header-cut")
        cut = raw.rfind(b"\n", start, start + caps.header_block)
        stop = cut if cut > 0 else start + caps.header_block
    data = raw[start:stop].replace(b"\r\n", b"\n").rstrip(b"\n")
    written, complete = _fields(data)
    if not complete:
        begins = _text_begins(raw, start, stop)
        if begins == start or blank == (end, end) or block.defects:  # here the text begins, without a blank line
            block.defects.append("header-end")
            block.body = begins
            data = raw[start:begins].replace(b"\r\n", b"\n")
            written, _ = _fields(data)
        else:
            block.defects.append("header-line")
    if len(written) > caps.fields:
        block.defects.append("header-fields")
        written = written[: caps.fields]
    if len(data) <= caps.field and len(data.translate(None, _CONTROLS)) == len(data):
        block.fields = [(name.lower(), value.rstrip(" \t")) for name, value in written]
    else:
        block.fields = [(name.lower(), _clean(value, caps, block)) for name, value in written]
    if settled and not data.isascii():
        settle(block, parameters(block.get("content-type"), caps)[1].get("charset", ""))
    return block


def settle(block: Block, declared: str) -> None:
    """Decodes what stands in the fields as raw 8-bit text and is no UTF-8: `declared` is the charset of the body."""
    block.fields = [(name, value if value.isascii() else readable(value, declared)) for name, value in block.fields]


def readable(value: str, declared: str) -> str:
    """The value with its undecoded bytes as text, in the charset that the body declares, else guessed."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return charset.decode(value.encode("utf-8", "surrogateescape"), declared, _GUESS_FROM)[0]
    return value


def _fields(data: bytes) -> tuple[list[tuple[str, str]], bool]:
    """Names and values unfolded, and whether there was nothing else."""
    lines = data.decode("utf-8", "surrogateescape").replace("\n ", " ").replace("\n\t", "\t")
    if " :" in lines or "\t:" in lines:
        lines = _OBSOLETE.sub(r"obsolete-\1:", lines)
    found = _FIELD.findall(lines)
    return found, len(found) == lines.count("\n") + 1


def _blank(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the first blank line begins, with the line end before it, and where it ends; (end, end) without one."""
    first = raw.find(b"\n", start, end)
    if raw[first - 1 : first] == b"\r" and first > start:  # the kind of the first line end is that of most
        at = raw.find(b"\n\r\n", start, end)
        other = raw.find(b"\n\n", start, end if at < 0 else at + 1)
    else:
        at = raw.find(b"\n\n", start, end)
        other = raw.find(b"\n\r\n", start, end if at < 0 else at + 2)
    at = other if other >= 0 else at
    if at < 0:
        return end, end
    return (at - 1 if at > start and raw[at - 1] == 13 else at), at + (2 if raw[at + 1] == 10 else 3)


def _clean(value: str, caps: Caps, block: Block) -> str:
    if len(value) > caps.field:
        value = value[: caps.field]
        if "header-field-cut" not in block.defects:
            block.defects.append("header-field-cut")
    if not value.isprintable():
        if _ESCAPED.search(value):
            value = charset.decode(value.encode("utf-8", "surrogateescape"))[0]
        value = _CONTROL.sub(" ", value)
    return value.strip(" \t")


def _text_begins(raw: bytes, start: int, stop: int) -> int:
    """Where the first line stands that is neither a field nor the continuation of one."""
    at = start
    while at < stop:
        line_end = raw.find(b"\n", at, stop)
        line_end = stop if line_end < 0 else line_end + 1
        name, colon, _ = raw[at : min(line_end, at + 1000)].partition(b":")
        if raw[at : at + 1] not in (b" ", b"\t") and not (colon and _RAW_NAME.fullmatch(name.rstrip(b" \t"))):
            return at
        at = line_end
    return stop


# --- RFC 2047

_WORD = re.compile(r"=\?([^?\s]{1,64})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"\s+(?==\?)")


def base64(data: bytes | memoryview) -> bytes:
    """Decoded leniently: strange bytes are skipped, a cut end is completed."""
    try:
        return a2b_base64(bytes(data))
    except binascii.Error:
        pure = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        pure = pure[: len(pure) - 1] if len(pure) % 4 == 1 else pure
        return binascii.a2b_base64(pure + b"=" * (-len(pure) % 4))


def _word(name: str, coding: str, payload: str) -> bytes:
    """The bytes of one encoded word; raw 8-bit letters in it are taken to be of its own charset."""
    try:
        data = payload.encode("ascii" if payload.isascii() else charset.codec(name) or "utf-8")
    except UnicodeEncodeError:
        data = payload.encode("utf-8", "surrogateescape")
    return base64(data) if coding in "bB" else binascii.a2b_qp(data, header=True)


def words(value: str, caps: Caps = CAPS, default: str = "") -> str:
    """A field with its encoded words decoded; neighbours of one charset are joined before, as senders split letters.

    `default`: the charset of the body, for words in a charset that nobody knows.
    """
    if "=?" not in value:
        return value
    if len(value) > caps.decoded:
        value = value[: caps.decoded]
    out: list[str] = []
    at, pending, name = 0, b"", ""
    for match in islice(_WORD.finditer(value), caps.words):
        between = value[at : match.start()]
        charset_name = match[1].partition("*")[0].lower()
        joined = pending and not between.strip()
        if pending and not (joined and charset_name == name):
            out.append(_decoded(pending, name, default))
            pending = b""
        if not joined:
            out.append(between)
        pending, name, at = pending + _word(charset_name, match[2], match[3]), charset_name, match.end()
    if pending:
        out.append(_decoded(pending, name, default))
    return "".join(out) + value[at:]


def _decoded(data: bytes, name: str, default: str) -> str:
    if charset.codec(name) in ("", "ascii") and not data.isascii():  # the name tells nothing
        with suppress(UnicodeDecodeError):
            return data.decode("utf-8")
        name = default
    return charset.decode(data, name)[0]


def one_line(value: str, caps: Caps = CAPS, default: str = "") -> str:
    """The subject decoded, on one line, without controls; at most 998 characters (RFC 5322 section 2.1.1)."""
    value = words(value, caps, default)[: 2 * caps.subject]
    if not (value.isascii() and value.isprintable()):
        value = _visible(value)
    return " ".join(value.split())[: caps.subject]


def _visible(value: str) -> str:
    value = charset.scrub(value).replace("\n", " ").replace("\t", " ")
    return "".join(c if c.isprintable() or c == " " else "" if ord(c) < 0xA0 or c in _HIDING else " " for c in value)


# Characters that show nothing or turn the direction of writing: a subject needs none of them.
_HIDING = frozenset(
    "\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)


# --- RFC 2045 parameters, with RFC 2231

# A semicolon stands before each; behind a quoted value some programs leave it out.
_PARAMETER = re.compile(
    r'(?:;|(?<=")(?=\s))\s*([^\s=;"]+)\s*=\s*(?:"([^"\\]*(?:\\.[^"\\]*)*)(?:"|\\?\Z)|([^;]*))', re.DOTALL
)
_VALUE = re.compile(r"\s*([^\s;,(=]*)")
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?")
_PARAMETERS_SIZE = 8_192


def parameters(value: str, caps: Caps = CAPS) -> tuple[str, dict[str, str]]:
    """The value before the parameters, in lower case, and the parameters (names in lower case; of several the first).

    The semicolon between them may be missing (`multipart/mixed boundary=x`), and so may the value.
    """
    match = _VALUE.match(value)
    main, rest = (match[1].lower(), value[match.end() :].lstrip(", \t\r\n")) if match else ("", value)
    if rest[:1] == "=":
        main, rest = "", value
    known: dict[str, str] = {}
    if not rest:
        return main, known
    rest = rest if rest[0] == ";" else f";{rest}"
    sections: dict[str, dict[int, tuple[bool, str]]] = {}
    for number, match in enumerate(_PARAMETER.finditer(rest[:_PARAMETERS_SIZE])):
        if number == caps.parameters:
            break
        name = match[1].lower()
        found = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3].strip()
        if "*" not in name:
            known.setdefault(name, found)
        elif section := _SECTION.fullmatch(name):
            sections.setdefault(section[1], {}).setdefault(int(section[2] or 0), (bool(section[3]), found))
    for name, pieces in sections.items():
        known[name] = _joined(pieces)
    return main, known


def _joined(pieces: dict[int, tuple[bool, str]]) -> str:
    """The sections of a RFC 2231 parameter in order; the first one names the charset."""
    name, data = "utf-8", b""
    for number, (encoded, written) in sorted(pieces.items()):
        text = written
        if encoded and text.count("'") >= 2 and number == min(pieces):
            name, _, text = text.split("'", 2)
        raw = text.encode("utf-8", "surrogateescape")
        data += unquote_to_bytes(raw) if encoded else raw
    return charset.decode(data, name)[0]


# --- dates and ids

_DATE = re.compile(
    r"(?:[A-Za-z]{3}, ?)? ?([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4}) "
    r"([0-9]{2}:[0-9]{2}):([0-9]{2}) ([+-](?:[01][0-9]|2[0-3])[0-5][0-9])(?: \(.*)?"
)
_MONTHS = {m: f"{n:02d}" for n, m in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}  # noqa: SIM905


def date(value: str) -> datetime | None:
    """The moment of a Date field in UTC (a time without zone counts as UTC), or None."""
    try:
        if match := _DATE.fullmatch(value):
            day, month, year, time, second, zone = match.groups()
            written = f"{year}-{_MONTHS.get(month, '00')}-{day.zfill(2)}T{time}:{min(second, '59')}{zone}"
            return datetime.fromisoformat(written).astimezone(UTC)
        parsed = parsedate_tz(" ".join(value[:128].split()))
        if not parsed:
            return None
        zone = timezone(timedelta(seconds=parsed[9] or 0))
        return datetime(*parsed[:5], min(parsed[5], 59), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):  # a day that no calendar has
        return None


_ID_SIZE = 998
_NOTHING = frozenset(("", "nil", "null", "none", "undefined", "@"))


def ids(value: str, last: int | None = None) -> tuple[str, ...]:
    """Message ids as `<...>`, in order, case kept, blanks inside removed; empty and nil ones never.

    `last`: no more than so many from the end.  A lone id without brackets counts too.
    """
    if "<" not in value:
        bare = value.strip()
        return (f"<{bare}>",) if "@" in bare and len(bare) <= _ID_SIZE and not re.search(r"[\s>,;\"]", bare) else ()
    found: dict[str, None] = {}
    for piece in value.split("<")[1:]:
        inside, closed, _ = piece.partition(">")
        bare = "".join(inside.split()) if closed and 0 < len(inside) <= _ID_SIZE else ""
        if len(bare) > 9 or bare.lower() not in _NOTHING:
            found[f"<{bare}>"] = None
    return tuple(found) if last is None else tuple(found)[-last:]
