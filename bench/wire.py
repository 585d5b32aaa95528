"""Both ends of the wire: sessions that send mails to a server, and a sink that takes letters from it.

Like a mail server, a session sends MAIL, RCPT and DATA together if the server offers PIPELINING (RFC 2920), and else
waits for each answer.  Everything is done in callbacks, because CPU time used here is taken from the machine that is
being measured.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from bench.mails import Mail

CASE = re.compile(rb"\r\nSubject: [^\r]*case (\d{7})")
REPLY_TO = re.compile(rb"\r\nReply-To:[^<\r]*(?:\r\n[^<\r]*)?<?([^\s<>]+@[^\s<>]+)>?")
MESSAGE_ID = re.compile(rb"\r\nMessage-ID: *(?:\r\n )?(<[^>]+>)", re.IGNORECASE)
HEAD = 4_096  # bytes at the beginning of a letter that hold its head


@dataclass
class Feed:
    """Mails that wait for a free session, and the times at which they were answered 250."""

    waiting: deque[Mail]
    pipelining: bool = True
    one_a_connection: bool = False
    accepted: dict[int, float] = field(default_factory=dict)
    idle: list[Session] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def push(self, mail: Mail) -> None:
        """Adds a mail, for a session that is idle or the next that is free."""
        self.waiting.append(mail)
        if self.idle:
            self.idle.pop().next()


class Session(asyncio.Protocol):
    """One SMTP client.  Sends mails as long as there are any, and QUIT when told to."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.ended = asyncio.get_running_loop().create_future()
        self._steps: deque[str] = deque(["greeting"])
        self._rest = b""
        self._pipelines = False
        self._mail: Mail | None = None
        self._busy = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self._mail is not None:
            self.feed.refused.append(f"connection lost: {error}")
        if not self.ended.done():
            self.ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\r\n")
        for line in lines:
            if self._steps and self._steps[0] == "hello" and line[4:] == b"PIPELINING":
                self._pipelines = self.feed.pipelining
            if line[3:4] != b"-":
                self._reply(line)

    def _reply(self, line: bytes) -> None:
        step = self._steps.popleft() if self._steps else "surplus"
        good = b"3" if step == "data" else b"2"
        if line[:1] != good:
            self.feed.refused.append(f"{step}: {line.decode(errors='replace')}")
            self._mail = None
            self._transport.close()
            return
        if step == "greeting":
            self._say("EHLO client.example.org", "hello")
        elif step == "data":
            assert self._mail is not None
            self._steps.append("dot")
            self._transport.writelines((self._mail.content, b".\r\n"))
        elif step in ("mail", "rcpt") and not self._pipelines:
            assert self._mail is not None
            self._say(*((f"RCPT TO:<{self._mail.recipient}>", "rcpt") if step == "mail" else ("DATA", "data")))
        elif step in ("hello", "dot"):
            self._finished(step)

    def _finished(self, step: str) -> None:
        if step == "dot":
            assert self._mail is not None
            self.feed.accepted[self._mail.case] = perf_counter()
            self._mail = None
            if self.feed.one_a_connection:
                self.quit()
                return
        self.next()

    def next(self) -> None:
        """Sends the next mail, or becomes idle."""
        if not self.feed.waiting:
            if self.feed.one_a_connection:
                self.quit()
            else:
                self.feed.idle.append(self)
            return
        self._mail = mail = self.feed.waiting.popleft()
        first = f"MAIL FROM:<{mail.sender}>"
        if self._pipelines:
            self._steps += ("mail", "rcpt", "data")
            self._transport.write(f"{first}\r\nRCPT TO:<{mail.recipient}>\r\nDATA\r\n".encode())
        else:
            self._say(first, "mail")

    def quit(self) -> None:
        self._say("QUIT", "bye")

    def _say(self, line: str, step: str) -> None:
        self._steps.append(step)
        self._transport.write(line.encode() + b"\r\n")


@dataclass(slots=True)
class Letter:
    """What the sink keeps of a letter: when it came, for whom, about which case, and where to reply."""

    at: float
    recipient: str
    case: int
    reply_to: str
    message_id: str


class Sink:
    """Receives and counts letters."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.port = 0
        self._wanted = 0
        self._enough: asyncio.Future[None] | None = None
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Taker(self._take), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def wait(self, letters: int, seconds: float) -> None:
        """Waits until so many letters have come.  Raises RuntimeError if they do not."""
        self._wanted = letters
        if len(self.letters) >= letters:
            return
        self._enough = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await self._enough
        except TimeoutError:
            raise RuntimeError(f"{len(self.letters)} of {letters} letters came") from None

    def _take(self, recipient: str, letter: bytes) -> None:
        head = b"\r\n" + letter[:HEAD]
        case, reply, own = CASE.search(head), REPLY_TO.search(head), MESSAGE_ID.search(head)
        self.letters.append(
            Letter(
                perf_counter(),
                recipient,
                int(case[1]) if case else -1,
                reply[1].decode() if reply else "",
                own[1].decode() if own else "",
            )
        )
        if self._enough is not None and len(self.letters) >= self._wanted and not self._enough.done():
            self._enough.set_result(None)


class _Taker(asyncio.Protocol):
    """One connection of the sink."""

    def __init__(self, take: Callable[[str, bytes], None]) -> None:
        self._take = take
        self._buffer = bytearray()
        self._inside = False
        self._seen = 0
        self._recipient = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink.example.org ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        replies = b""
        while True:
            if self._inside:
                end = self._buffer.find(b"\r\n.\r\n", max(0, self._seen - 5))
                if end < 0:
                    self._seen = len(self._buffer)
                    break
                self._take(self._recipient, bytes(self._buffer[:end]))
                del self._buffer[: end + 5]
                self._inside, self._seen = False, 0
                replies += b"250 2.0.0 taken\r\n"
                continue
            end = self._buffer.find(b"\r\n")
            if end < 0:
                break
            replies += self._answer(bytes(self._buffer[:end]))
            del self._buffer[: end + 2]
        if replies:
            self._transport.write(replies)

    def _answer(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"EHLO":
            return b"250-sink.example.org\r\n250-PIPELINING\r\n250-SIZE 100000000\r\n250 8BITMIME\r\n"
        if verb == b"RCPT":
            self._recipient = line[8:].partition(b">")[0].strip(b" <").decode()
        elif verb == b"DATA":
            self._inside = True
            return b"354 go on\r\n"
        elif verb == b"QUIT":
            return b"221 2.0.0 bye\r\n"
        return b"250 2.0.0 ok\r\n"
