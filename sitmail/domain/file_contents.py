"""The texts inside a file, as far as they can be reached without a program of its own: archives, encodings, pages.

Containers are opened up to three deep, and never to more than `OPENED` bytes in all, so that no file costs more than
that.  What a text means is judged by `leak_guard`.  Pictures and sound are not read, a PDF only where it is not packed.
"""

from __future__ import annotations

import binascii
import bz2
import lzma
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from html import unescape
from typing import Protocol

from sitmail.domain.record import record

DEPTH = 3
OPENED = 4_000_000  # bytes out of all containers of one file
MEMBERS = 200  # of one archive
_MEMORY = 64_000_000  # bytes that an xz stream may ask for

_CLOSED = (
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x28\xb5\x2f\xfd",
    b"\x1f\x9d",
    b"LZIP",
    b"MSCF",
    b"-----BEGIN PGP M",
)
_NO_TEXT = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"ID3", b"OggS")
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4}[ \t]*[\r\n]*){15,}(?:[A-Za-z0-9+/]{2,3}={1,2})?")
_QUOTED_PRINTABLE = re.compile(rb"=(?:\r?\n|[0-9A-F]{2})")
_ANY_TAG = re.compile(r"<[^<>]{0,2000}>")


@record
class Opened:
    """`texts` are all that could be read; `closed`: something in the file could not be opened, or not to its end."""

    texts: tuple[str, ...]
    closed: bool


class TooMuchError(ValueError):
    """More bytes than are opened, or containers deeper than are opened."""


def opened(content: bytes, size: int) -> Opened:
    """The texts of a file; `size` is that of all of it, where `content` is only its beginning."""
    reader = _Reader()
    reader.open(content, 0)
    whole = size <= len(content) or content.startswith(_NO_TEXT)
    return Opened(tuple(reader.texts), reader.closed or not whole)


class _Reader:
    def __init__(self) -> None:
        self.texts: list[str] = []
        self.closed = False
        self._left = OPENED

    def open(self, content: bytes, depth: int) -> None:
        """Reads a content that stands `depth` containers deep."""
        if content.startswith(_NO_TEXT):
            return
        if content.startswith(_CLOSED):
            self.closed = True
            return
        inner = next((how for magic, how in _CONTAINERS.items() if content.startswith(magic)), None)
        try:
            if inner is not None:
                for piece in self._bounded(inner(content, self), depth):
                    self.open(piece, depth + 1)
                return
            self.texts += _texts(content)
            for piece in self._bounded(_encoded(content), depth):
                self.open(piece, depth + 1)
        except (ValueError, EOFError, OSError, *_BROKEN):
            self.closed = True

    def _bounded(self, pieces: Iterator[bytes], depth: int) -> Iterator[bytes]:
        for piece in pieces:
            if depth >= DEPTH:
                raise TooMuchError
            self._left -= len(piece)
            yield piece

    def left(self) -> int:
        """How many bytes may still be opened.  Raises TooMuchError."""
        if self._left <= 0:
            raise TooMuchError
        return self._left

    def named(self, name: str) -> None:
        self.texts.append(name)


_BROKEN = (zlib.error, lzma.LZMAError, binascii.Error, struct.error)


def _zip(content: bytes, reader: _Reader) -> Iterator[bytes]:
    """The members of a zip archive (PKWARE APPNOTE, sections 4.3.12 and 4.3.16); office documents are archives, too.

    Not by `zipfile`, which wants a file.
    """
    end = content.rindex(b"PK\5\6")  # ValueError: it is cut off
    (count, _, at) = struct.unpack_from("<HII", content, end + 10)
    for _ in range(min(count, MEMBERS)):
        sign, flags, method, size, name, extra, comment, start = _ENTRY.unpack_from(content, at)
        if sign != b"PK\1\2":
            raise ValueError(at)
        reader.named(content[at + _ENTRY.size : at + _ENTRY.size + name].decode("utf-8", "replace"))
        at += _ENTRY.size + name + extra + comment
        if flags & 1 or method not in _METHODS:  # encrypted, or packed in a rare way
            reader.closed = True
            continue
        behind = sum(struct.unpack_from("<HH", content, start + 26)) + start + 30
        yield from _METHODS[method](content[behind : behind + size], reader)
    reader.closed |= count > MEMBERS


_ENTRY = struct.Struct("<4s4xHH8xI4xHHH8xI")


class _Decompressor(Protocol):
    """What the standard library's decompressors have in common."""

    @property
    def unused_data(self) -> bytes: ...

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _stream(make: Callable[[], _Decompressor]) -> Callable[[bytes, _Reader], Iterator[bytes]]:
    def read(content: bytes, reader: _Reader) -> Iterator[bytes]:
        """One stream, and those that follow it."""
        for _ in range(MEMBERS):
            stream = make()
            yield stream.decompress(content, reader.left())
            reader.closed |= not stream.eof
            content = stream.unused_data
            if not stream.eof or not content:
                return

    return read


def _stored(content: bytes, _reader: _Reader) -> Iterator[bytes]:
    yield content


_METHODS: dict[int, Callable[[bytes, _Reader], Iterator[bytes]]] = {
    0: _stored,
    8: _stream(lambda: zlib.decompressobj(-15)),
    12: _stream(bz2.BZ2Decompressor),
}
_CONTAINERS: dict[bytes, Callable[[bytes, _Reader], Iterator[bytes]]] = {
    b"PK\x03\x04": _zip,
    b"\x1f\x8b": _stream(lambda: zlib.decompressobj(31)),
    b"BZh": _stream(bz2.BZ2Decompressor),
    b"\xfd7zXZ": _stream(lambda: lzma.LZMADecompressor(memlimit=_MEMORY)),
    b"\x5d\x00\x00": _stream(lambda: lzma.LZMADecompressor(memlimit=_MEMORY)),
}


def _encoded(content: bytes) -> Iterator[bytes]:
    """What stands in a text as base64, and the text itself if it is quoted-printable (RFC 2045 section 6)."""
    for found in _BASE64.finditer(content):
        letters = b"".join(found[0].split())
        yield binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    if b"=" in content and _QUOTED_PRINTABLE.search(content):
        plain = binascii.a2b_qp(content)
        if plain != content:
            yield plain


def _texts(content: bytes) -> Iterator[str]:
    """The text as it stands, and what a reader of the page sees."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    else:
        content = content.replace(b"\0", b"")  # UTF-16 without a mark, as Outlook saves letters
        try:
            text = content.decode()
        except UnicodeDecodeError:
            text = content.decode("latin-1")
    yield text
    if "<" in text or "&" in text:
        yield unescape(_ANY_TAG.sub(" ", text))
