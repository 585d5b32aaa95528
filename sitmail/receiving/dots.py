"""The bytes after DATA: finds their end and removes the transparency dots (RFC 5321 section 4.5.2).  No I/O.

The end of data is exactly CR LF dot CR LF (section 4.1.1.4) and nothing that looks like it, so that nobody can hide a
second mail inside the first.
"""

from __future__ import annotations

END = b"\r\n.\r\n"


class Dots:
    """Takes what the client sent, in pieces of any size, and gives back the mail's bytes.

    `size`: bytes of the mail; `bare`: there is a CR or LF alone; `overlong`: there is a line above the limit (in bytes,
    without its line end).  When `done`, `rest` holds what the client sent after the end.
    """

    __slots__ = ("_held", "_limit", "_line", "_started", "bare", "done", "overlong", "rest", "size")

    def __init__(self, line_limit: int) -> None:
        self._limit = line_limit
        self._held = b"\r\n"  # as if a line had ended: a dot may come first
        self._started = False
        self._line = 0  # bytes of the line that is open
        self.size = 0
        self.bare = False
        self.overlong = False
        self.done = False
        self.rest = b""

    def feed(self, chunk: bytes) -> bytes:
        """The mail's bytes in this piece; up to four bytes are held back until it is clear what they are."""
        text = self._held + chunk
        dot = text.find(b"\r\n.")  # one search: the end begins like every line with a dot
        end = dot if dot < 0 or text.startswith(END, dot) else text.find(END, dot)
        if end >= 0:
            self.done, self.rest = True, text[end + len(END) :]
            text = text[: end + 2]  # the CR LF before the dot is the mail's
        else:
            held = open_end(text)
            self._held = text[len(text) - held :]
            text = text[: len(text) - held]
        if dot != end:
            text = text.replace(b"\r\n.", b"\r\n")
        if text and not self._started:
            self._started, text = True, text[2:]
        if text:
            self._inspect(text)
        return text

    def _inspect(self, text: bytes) -> None:
        """`text` never cuts a CR LF in two."""
        if (
            text.replace(b"\r", b"").replace(b"\n", b"\r\n") != text
        ):  # to look for one byte is a third of looking for two
            self.bare = True
        self.size += len(text)
        first = text.find(b"\n")
        if first < 0:
            self._line += len(text)
            longest = self._line
        else:
            longest = self._line + first - 1
            self._line = len(text) - text.rfind(b"\n") - 1
            if len(text) > self._limit:
                longest = max(longest, self._line, *map(len, text.split(b"\r\n")))
        if longest > self._limit:
            self.overlong = True


def open_end(text: bytes) -> int:
    """How many bytes at the end of `text` may be the beginning of the end of data."""
    if text[-1:] in (b"\r", b"\n", b"."):
        for length in range(len(END) - 1, 0, -1):
            if text.endswith(END[:length]):
                return length
    return 0
