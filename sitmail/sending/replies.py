"""What an SMTP server answers: reading replies strictly, and what each means for a letter.

Pure: bytes and values only.  Connections are in `relay`, what happens to a letter afterwards in `courier`.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

MOST_OCTETS = 65_536
MOST_LINES = 100
LONGEST_TEXT = 500

_GRAMMAR = rb"(%s)(?:(%s)([^\r\n]*))?"  # RFC 5321 section 4.2: code; more lines or not; text
_LINE = re.compile(_GRAMMAR % (rb"[2-5][0-9][0-9]", rb"[ -]"))
_GOOD, _GO_ON = (_GRAMMAR % (code, b" ") + rb"\r\n" for code in (rb"2[0-9][0-9]", rb"354"))
_WELCOME, _TAKEN = re.compile(_GOOD + _GOOD + _GO_ON), re.compile(_GOOD)


class Garbled(Exception):
    """Not a reply of RFC 5321 section 4.2, or not one to what was asked: nothing after it can be trusted."""


class Reply(NamedTuple):
    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """For people and the outbox: one line of printable characters."""
        text = " ".join((str(self.code), *self.lines))[:LONGEST_TEXT]
        if text.isprintable():
            return text.rstrip()
        return "".join(c if c.isprintable() else " " for c in text).rstrip()


class Fate(StrEnum):
    """What became of a letter that was handed to the relay."""

    SENT = "sent"
    TEMPORARY = "temporary"  # refused for now
    PERMANENT = "permanent"  # refused for ever
    LOST = "lost"  # the connection died; if the whole letter was over, it may or may not have been taken
    DOWN = "down"  # the relay serves nobody at the moment; the letter was not judged


class Verdict(NamedTuple):
    """`text` is the relay's reply, or a sentence of ours; `ambiguous` only with LOST."""

    fate: Fate
    text: str
    ambiguous: bool = False


def take(buffer: bytearray) -> Reply | None:
    """Remove the first reply from what arrived; None until it is whole.  Garbled above 64 KB or 100 lines."""
    lines: list[str] = []
    code, start = b"", 0
    while True:
        end = buffer.find(b"\r\n", start)
        if end < 0:
            if len(buffer) > MOST_OCTETS:
                raise Garbled("a reply without end")
            return None
        found = _LINE.fullmatch(buffer, start, end)
        if found is None or (code and found[1] != code) or len(lines) >= MOST_LINES or end > MOST_OCTETS:
            raise Garbled(f"not a reply: {bytes(buffer[start:end][:100])!r}")
        code, more, text = found[1], found[2] == b"-", found[3] or b""
        lines.append(text.decode("ascii", "replace"))
        start = end + 2
        if not more:
            del buffer[:start]
            return Reply(int(code), tuple(lines))


def welcome(buffer: bytearray) -> bool:
    """Remove the replies to MAIL, RCPT and DATA if that is what the buffer holds, nothing else, and all are good: what
    `take` and `judge` would find one by one."""
    found = _WELCOME.fullmatch(buffer) is not None
    if found:
        buffer.clear()
    return found


def taken(buffer: bytearray) -> Verdict | None:
    """Remove the reply to the final dot if that is what the buffer holds, nothing else, and it is a usual good one:
    what `take` and `judge` would make of it."""
    if len(buffer) > LONGEST_TEXT or (found := _TAKEN.fullmatch(buffer)) is None:
        return None
    reply = Reply(int(found[1]), ((found[3] or b"").decode("ascii", "replace"),))
    buffer.clear()
    return Verdict(Fate.SENT, reply.text)


def judge(step: str, reply: Reply) -> Verdict | None:
    """What a reply to MAIL, RCPT, DATA or the final dot means; None: go on.

    A refused MAIL is the relay's trouble with us (our sender is always the desk), unless it is about the letter's
    size.  421 is always the relay's (RFC 5321 section 3.8); 503 says that the two of us no longer talk of the same.
    """
    kind = reply.code // 100
    if reply.code == 503:
        raise Garbled(f"out of step at {step}: {reply.text}")
    if reply.code == 421:
        return Verdict(Fate.DOWN, reply.text)
    if kind in (4, 5):
        fate = Fate.TEMPORARY if kind == 4 else Fate.PERMANENT
        if step == "MAIL" and reply.code != 552:
            fate = Fate.DOWN
        return Verdict(fate, reply.text)
    if (kind == 3) != (step == "DATA") or (kind == 3 and reply.code != 354):
        raise Garbled(f"not an answer to {step}: {reply.text}")
    return Verdict(Fate.SENT, reply.text) if step == "." else None
