"""Transfer codings (RFC 2045 section 6) in pieces, for parts too large to be decoded in one go.

The pieces together are exactly what decoding the whole at once gives (`header_fields.base64`, `binascii.a2b_qp`),
also of broken input; no more than a window of it is in memory.  Which part is decoded, and what for, is not known here.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from contextlib import suppress

WINDOW = 256 * 1024  # encoded bytes at a time
UUENCODED = frozenset(("x-uuencode", "uuencode", "x-uue", "uue"))
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_STRANGE = bytes(set(range(256)) - {*_ALPHABET, *b"="})
_ONLY_PADDING = re.compile(rb"[=\s]*")


def pieces(raw: bytes, start: int, end: int, coding: str) -> Iterator[bytes]:
    """What stands in `raw` between `start` and `end`, decoded; an unknown coding leaves it as it is."""
    if coding == "base64":
        return _base64(_windows(raw, start, end, whole_lines=False))
    windows = _windows(raw, start, end, whole_lines=True)
    if coding in UUENCODED:
        return map(_uu, windows)
    return map(binascii.a2b_qp, windows) if coding == "quoted-printable" else windows


def _windows(raw: bytes, start: int, end: int, *, whole_lines: bool) -> Iterator[bytes]:
    """Cut behind line ends.  `whole_lines`: nowhere else, however long a line is; it may hold an escape."""
    while start < end:
        stop = min(start + WINDOW, end)
        if stop < end:
            line_end = raw.rfind(b"\n", start, stop)
            if line_end < 0 and whole_lines:
                line_end = raw.find(b"\n", stop, end)
                stop = end
            stop = line_end + 1 or stop
        yield raw[start:stop]
        start = stop


def _uu(window: bytes) -> bytes:
    """The bytes of uuencoded lines; other lines, as `begin` and `end`, are skipped."""
    found = []
    for line in window.split(b"\n"):
        line = line.rstrip(b"\r")  # noqa: PLW2901
        if line and 32 <= line[0] <= 96 and not line.startswith(b"begin "):
            whole = ((line[0] - 32 & 63) * 4 + 5) // 3  # what a careless writer put behind it does not count
            with suppress(binascii.Error):
                found.append(binascii.a2b_uu(line[:whole]))
    return b"".join(found)


def a2b_base64(text: bytes) -> bytes:
    """Padding that completes a group ends the text, any other `=` and strange bytes are skipped.

    So does `binascii.a2b_base64` in older versions of Python; newer ones read on behind the padding, where footers and
    other encoded blocks stand.  Raises binascii.Error if the last group is not complete.
    """
    first = text.find(b"=")
    if first < 0 or _ONLY_PADDING.fullmatch(text, first):  # nearly all, and large ones are not copied
        return binascii.a2b_base64(text)
    segments = text.split(b"=")
    letters, count, pads = [], 0, 0
    for at, segment in enumerate(segments, 1):
        if here := segment.translate(None, _STRANGE):
            letters.append(here)
            count, pads = count + len(here), 0
        if at < len(segments) and count % 4 >= 2:
            pads += 1
            if count % 4 + pads >= 4:
                return binascii.a2b_base64(b"".join(letters) + b"=" * pads)
    return binascii.a2b_base64(b"".join(letters))


def _base64(windows: Iterator[bytes]) -> Iterator[bytes]:
    carry = b""  # letters of a group of four that is not complete, and the `=` that may begin to end it
    for window in windows:
        text = carry + window if carry else window
        try:
            carry, decoded = b"", a2b_base64(text)
        except binascii.Error:  # the window cuts a group
            carry, decoded = _cut(text.translate(None, _STRANGE))
        yield decoded
        if len(decoded) % 3:  # only padding ends a group early, and what comes behind it does not count
            return
    left = carry.rstrip(b"=")
    if len(left) > 1:
        yield binascii.a2b_base64(left + b"=" * (4 - len(left)))


def _cut(text: bytes) -> tuple[bytes, bytes]:
    """Of letters and `=` that end in the middle of a group: the letters that wait for the next window, and the bytes of
    the complete groups."""
    letters = text.replace(b"=", b"")
    whole = len(letters) // 4 * 4
    rest = letters[whole:]
    if len(rest) == 2 and text.endswith(b"="):
        rest += b"="
    return rest, binascii.a2b_base64(letters[:whole])
