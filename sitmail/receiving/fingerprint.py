"""The fingerprint of a mail: equal when the same mail comes a second time, or by another way.

It is the SHA-256 of the mail with LF line ends and without the trace fields that each hop adds.  Whether two mails
with one fingerprint are duplicates is decided by the store.
"""

from __future__ import annotations

import hashlib

NAME_LIMIT = 4096  # bytes of an unfinished line after which its field is judged without waiting for the end
# Fields that hops write.  Everything an author or his mail program writes counts, the Message-ID too.
TRACE = frozenset(
    {
        *(b"received", b"x-received", b"return-path", b"delivery-date", b"authentication-results"),
        *(b"delivered-to", b"x-original-to", b"envelope-to", b"x-envelope-to"),
    }
)
TRACE_PREFIX = b"arc-"
STEMS = frozenset(name[:3] for name in (*TRACE, TRACE_PREFIX))  # most lines are ruled out by their first three bytes
FOLD = (b" ", b"\t")
HEAD_LIMIT = 1_000_000  # bytes; at the end of the line that passes it everything counts as body


class Fingerprint:
    """Takes the mail in pieces of any size; how it is cut makes no difference.  Memory is bounded, time is linear."""

    __slots__ = ("_body", "_carry", "_dropping", "_hash", "_inside", "_seen", "received")

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._carry = b""  # a CR that may belong to a CRLF, or in the header an unfinished line
        self._body = False
        self._dropping = False  # the current field is a trace field
        self._seen = 0  # bytes of the header block that are done with
        self._inside = False  # the line we are in is judged already
        self.received = 0  # Received fields so far: hops

    def update(self, chunk: bytes) -> None:
        """Take the next bytes of the mail."""
        text = self._carry + chunk if self._carry else chunk
        self._carry = b""
        if text.endswith(b"\r"):
            text, self._carry = text[:-1], b"\r"
        text = text.replace(b"\r\n", b"\n")
        if self._body:
            self._hash.update(text)
        else:
            self._head(text)

    def hexdigest(self) -> str:
        """The fingerprint of all that came so far, 64 hexadecimal digits; may be asked again after more updates."""
        rest = self._hash.copy()
        carry = self._carry
        if self._body or self._inside:
            kept = self._body or not self._dropping
        else:
            kept = bool(sift([carry], self._dropping)[0])
        if kept:
            rest.update(carry)
        return rest.hexdigest()

    def _head(self, text: bytes) -> None:
        """Lines of the header block, LF line ends; the last of them may be unfinished."""
        beyond = b""
        end = text.find(b"\n", max(HEAD_LIMIT - self._seen, 0))
        if end >= 0:
            text, beyond = text[: end + 1], text[end + 1 :]
        body = b""
        if text.startswith(b"\n") and not self._inside:
            head, self._body, body = b"", True, text
        else:
            head, blank, body = text.partition(b"\n\n")
            if blank:
                self._body, head, body = True, head + b"\n", b"\n" + body
        lines = head.split(b"\n")
        unfinished = lines.pop()
        kept = self._sift(lines)
        if kept:
            self._hash.update(b"\n".join(kept) + b"\n")
        self._seen += len(head) - len(unfinished)
        if self._body or end >= 0:
            self._body = True
            self._hash.update(body + beyond)
        elif len(unfinished) > NAME_LIMIT or (self._inside and unfinished):
            self._hash.update(b"".join(self._sift([unfinished])))
            self._seen += len(unfinished)
            self._inside = True
        elif not self._inside:
            self._carry = unfinished + self._carry

    def _sift(self, lines: list[bytes]) -> list[bytes]:
        """The lines that count.  The first may be the rest of one that was judged already."""
        first = [] if not self._inside or self._dropping else lines[:1]
        if self._inside and lines:
            lines, self._inside = lines[1:], False
        kept, self._dropping, received = sift(lines, self._dropping)
        self.received += received
        return first + kept


def sift(lines: list[bytes], dropping: bool = False) -> tuple[list[bytes], bool, int]:
    """The lines of a header that count, whether the last one did not, and how many fields were Received.

    Folded lines share the fate of their field (RFC 5322 section 2.2.3).
    """
    kept = []
    received = 0
    for line in lines:
        if line[:1] not in FOLD:
            name = field_name(line) if line[:3].lower() in STEMS else b""
            dropping = name in TRACE or name.startswith(TRACE_PREFIX)
            received += name == b"received"
        if not dropping:
            kept.append(line)
    return kept, dropping, received


def field_name(line: bytes) -> bytes:
    """In lower case; of a line that is not whole what is there of it."""
    return line[:NAME_LIMIT].partition(b":")[0].rstrip(b" \t").lower()


def fingerprint(raw: bytes) -> str:
    """The fingerprint of a whole mail, 64 hexadecimal digits."""
    mark = Fingerprint()
    mark.update(raw)
    return mark.hexdigest()
