"""Outlook's rich text as plain text: decompression (MS-OXRTFCP), then the HTML or the text inside (MS-OXRTFEX).

Used only for mails that have no other text.  Takes time linear in the decompressed size, which is limited.
Never raises.
"""

from __future__ import annotations

import re
import struct

from sitmail.reading.formats import charset, html

_UNPACKED = 1_048_576  # bytes
# The initial content of the ring buffer (MS-OXRTFCP).
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier"
    rb"{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_TOKEN = re.compile(
    r"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,9})?[ ]?|\\'(?P<hex>[0-9a-fA-F]{2})|\\(?P<sign>[^a-zA-Z])|"
    r"(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)",
    re.DOTALL,
)
_UNSEEN = frozenset("fonttbl colortbl stylesheet info pict object header footer xmlnstbl listtable".split())  # noqa: SIM905
_BREAKS = {"par": "\n", "line": "\n", "row": "\n", "tab": "\t", "cell": "\t", "emdash": "—", "endash": "–",
           "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”"}  # fmt: skip
_DEPTH = 200


def unpacked(data: bytes) -> bytes:
    """The rich text of a compressed property, or nothing if the property is not compressed rich text."""
    if len(data) < 16:
        return b""
    size, kind = struct.unpack_from("<I4s", data, 4)
    if kind == b"MELA":
        return data[16 : 16 + min(size, _UNPACKED)]
    if kind != b"LZFu":
        return b""
    ring = bytearray(_DICTIONARY.ljust(4096, b"\0"))
    out, at, write, limit = bytearray(), 16, len(_DICTIONARY), min(size, _UNPACKED)
    while at < len(data) and len(out) < limit:
        flags, at = data[at], at + 1
        for bit in range(8):
            if flags >> bit & 1:
                if at + 2 > len(data):
                    return bytes(out)
                reference, at = int.from_bytes(data[at : at + 2], "big"), at + 2
                offset, length = reference >> 4, (reference & 15) + 2
                if offset == write:  # the end
                    return bytes(out[:limit])
            elif at < len(data):
                ring[write], offset, length, at = data[at], write, 1, at + 1
            else:
                return bytes(out[:limit])
            for _ in range(length):
                byte = ring[offset]
                ring[write] = byte
                out.append(byte)
                offset, write = (offset + 1) % 4096, (write + 1) % 4096
    return bytes(out[:limit])


class _Reader:
    """Reads the tokens; groups whose content is not shown, such as font tables, are left out."""

    def __init__(self, page: bool) -> None:
        self.page = page  # rich text made from HTML: its tags are kept, and what only rich text needs is not
        self.out: list[str] = []
        self.bytes = bytearray()
        self.codepage = "cp1252"
        self.groups: list[tuple[bool, int]] = []
        self.seen, self.skip, self.after, self.twin = True, False, 1, 0

    def say(self, text: str) -> None:
        self.flush()
        if self.seen and not self.skip:
            self.out.append(text)

    def flush(self) -> None:
        if self.bytes:
            if self.seen and not self.skip:
                self.out.append(charset.decode(bytes(self.bytes), self.codepage)[0])
            self.bytes.clear()

    def brace(self, sign: str) -> None:
        self.flush()
        if sign == "{":
            if len(self.groups) < _DEPTH:
                self.groups.append((self.seen, self.after))
        elif self.groups:
            self.seen, self.after = self.groups.pop()

    def word(self, name: str, number: str | None) -> None:
        self.flush()
        if name == "u" and number:
            self.say(chr(int(number) % 0x10000))
            self.twin = self.after  # so many letters follow for readers that know no Unicode
        elif name == "uc":
            self.after = int(number or 1)
        elif name == "ansicpg":
            self.codepage = charset.codec(f"cp{number}") or self.codepage
        elif name == "htmlrtf":
            self.skip = self.page and number != "0"
        elif name == "htmltag":
            self.seen = self.page
        elif name in _UNSEEN:
            self.seen = False
        elif name in _BREAKS:
            self.say(_BREAKS[name])

    def sign(self, sign: str) -> None:
        if sign == "*":
            self.flush()
            self.seen = False
        elif sign in "\\{}":
            self.say(sign)
        elif sign in "~\r\n":
            self.say(" " if sign == "~" else "\n")


def to_text(data: bytes) -> str:
    """The text of rich text; if it was made from an HTML page, the text of that page."""
    source = data[:_UNPACKED].decode("latin-1")
    reader = _Reader("\\fromhtml" in source[:2000])
    for token in _TOKEN.finditer(source):
        kind = token.lastgroup
        if kind in ("text", "hex") and reader.twin:
            text, left = token[kind], reader.twin
            reader.twin = 0
            rest = "" if kind == "hex" else text[left:]
            if rest:
                reader.say(rest)
        elif kind == "hex":
            reader.bytes.append(int(token["hex"], 16))
        elif kind == "text":
            reader.say(token["text"])
        elif kind == "brace":
            reader.brace(token["brace"])
        elif kind == "sign":
            reader.sign(token["sign"])
        else:
            reader.word(token["word"], token["number"])
    reader.flush()
    words = "".join(reader.out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return html.to_text(words) if reader.page else words.strip()
