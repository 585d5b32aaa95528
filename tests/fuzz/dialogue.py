"""An SMTP and an LMTP door in memory, for clients that send anything."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path
from typing import Any

from sitmail.domain.mail import Envelope
from sitmail.receiving.door import Door, DoorSettings
from sitmail.receiving.lmtp import lmtp_door
from sitmail.receiving.smtp import smtp_door
from sitmail.receiving.spool import Spool, Spooled

CUT = b"|"  # in a target's bytes: what follows comes in a piece of its own
SETTINGS = DoorSettings("mx.example.com", max_message_size=120, line_limit=40)  # limits that are met soon
LINE = re.compile(rb"[245]\d\d[ -][ -~]*|354 [ -~]*")
# What a client says before it may send a mail: random words alone would seldom come so far.
HELLO = b"%s client.example.net\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<a@example.com>\r\nDATA\r\n"

SAYS = [
    *(
        b"EHLO x\r\n",
        b"LHLO x\r\n",
        b"MAIL FROM:<>\r\n",
        b"RCPT TO:<b@example.com>\r\n",
        b"RCPT TO:<c@example.net>\r\n",
    ),
    *(b"DATA\r\n", b"RSET\r\n", b"QUIT\r\n", b"STARTTLS\r\n", b"AUTH PLAIN\r\n", b"BDAT 9\r\n", b"GET / HTTP/1.1\r\n"),
    *(
        b"MAIL FROM:<anna@example.org>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n",
        b"Subject: disk\r\n",
        b"Received: by a\r\n",
    ),
    *(
        b"\r\n.\r\n",
        b"\r\n.|\r\n",
        b"\r|\n.\r|\n",
        b"\n.\n",
        b"\r.\r",
        b"\n.\r\n",
        b"\r\n.\n",
        b"\r\n..\r\n",
        b".",
        b".\r\n",
    ),
    *(CUT, b"\r", b"\n", b"\r\n", b"\0", b"\xff", b" ", b"x" * 41, b"full disk\r\n" * 12, b"\xc3\xa9@example.com"),
]


class Wire(asyncio.Transport):
    """The door's side of a connection; `said` is what it wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.said = b""
        self.closed = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("192.0.2.7", 4711) if name == "peername" else default

    def write(self, data: Any) -> None:
        self.said += bytes(data)

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    abort = close


class Behind:
    """What stands behind the door: it keeps what it is given, and numbers it."""

    def __init__(self) -> None:
        self.kept: list[tuple[bytes, Envelope]] = []

    def accepts(self, recipient: str) -> str:
        return "" if recipient.endswith("@example.com") else "550 5.1.1 no such address here"

    async def deliver(self, spooled: Spooled, envelope: Envelope) -> str:
        assert spooled.content is not None
        assert len(spooled.content) == spooled.size <= SETTINGS.max_message_size
        self.kept.append((spooled.content, envelope))
        return f"250 2.0.0 kept as {len(self.kept)}"


async def talk(door: Door, pieces: list[bytes]) -> bytes:
    """One connection from beginning to end: every reply."""
    wire, session = Wire(), door()
    session.connection_made(wire)
    for piece in pieces:
        await asyncio.sleep(0)
        if wire.closed:
            break
        session.data_received(piece)  # type: ignore[attr-defined]
        await asyncio.sleep(0)
    session.eof_received()  # type: ignore[attr-defined]
    await asyncio.wait_for(session.task(), 20)  # type: ignore[attr-defined]
    session.connection_lost(None)
    assert wire.closed
    assert not door.sessions
    return wire.said


def one_after_the_other(sent: bytes, mails: list[bytes]) -> bool:
    """Whether each mail and its end, with or without doubled dots, are a piece of what was sent; none overlap."""
    at = 0
    for mail in mails:
        *lines, last = mail.split(b"\r\n")
        dotted = b"".join((b"\\." if line[:1] == b"." else b"\\.?") + re.escape(line) + b"\r\n" for line in lines)
        found = re.compile(rb"\n" + dotted + rb"\.\r\n").search(sent, at)
        if last or not found:
            return False
        at = found.end()
    return True


def heard(sent: bytes, pieces: list[bytes], lmtp: bool) -> tuple[bytes, list[bytes]]:
    """What a door says, and the mails it keeps; asserted is whatever holds for every dialogue."""
    behind = Behind()
    with tempfile.TemporaryDirectory() as folder:
        door = (lmtp_door if lmtp else smtp_door)(SETTINGS, Spool(Path(folder)), behind.accepts, behind.deliver)
        said = asyncio.run(talk(door, pieces))
        assert not list(Path(folder).iterdir())
    *replies, last = said.split(b"\r\n")
    assert not last
    assert all(LINE.fullmatch(line) for line in replies)
    assert b"trouble on our side" not in said  # our exceptions, as a client hears of them
    numbers = [int(line.rpartition(b" ")[2]) for line in replies if b"kept as" in line]
    expected = [n for n, (_, to) in enumerate(behind.kept, 1) for _ in (to.recipients if lmtp else "1")]
    assert sorted(set(numbers)) == sorted(set(expected))
    assert numbers == sorted(numbers)
    assert len(numbers) == len(expected) if not lmtp else len(numbers) >= len(expected)  # one named twice hears twice
    assert len(behind.kept) <= sum(line.startswith(b"354 ") for line in replies)
    mails = [mail for mail, _ in behind.kept]
    assert one_after_the_other(sent, mails)
    return said, mails


def dialogue(data: bytes) -> None:
    """Commands, half lines and mails, in pieces; how they were cut changes nothing."""
    for lmtp in (False, True):
        hello = HELLO % (b"LHLO" if lmtp else b"EHLO")
        for talked in (data, hello + data + b"\r\n.\r\n" + data):
            pieces = talked.split(CUT)
            sent = b"".join(pieces)
            whole = heard(sent, [sent], lmtp)
            assert heard(sent, [piece for piece in pieces if piece], lmtp) == whole
