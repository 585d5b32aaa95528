"""Fakes at the wire: an SMTP server that does as it is told, and a client that says exactly what it is given.

    async with Sink() as sink: ...                      inside an event loop
    with Sink().in_thread() as sink: ...                from plain tests; then sink.wait_for(2)

Both are for tests only: they check nothing, so that a test sees what was really said.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple, Self

EXTENSIONS = ("PIPELINING", "SIZE 50000000", "8BITMIME")


class Message(NamedTuple):
    """What a sink took: the envelope, and the letter in CRLF with dots unstuffed."""

    sender: str
    recipients: list[str]
    data: bytes


class Sink:
    """An SMTP server.  What it shall answer can be changed at any time:

    - `replies["RCPT"] = ["451 later", ...]`: the next answers to a verb (CONNECT, EHLO, STARTTLS, AUTH, MAIL, RCPT,
      DATA, "." for the final dot, RSET, QUIT), used up one by one; then the usual ones again.  An answer may hold
      several lines, also some that nobody asked for; "" says nothing at all; None drops the connection.
    - `always["MAIL"] = "550 no"`: the same for ever.
    - `refused["bob@example.org"] = "550 no such user"`: the answer to RCPT of that recipient.
    - `delays["EHLO"] = 0.2`: seconds before an answer.
    - `swallow_then_drop = 2`: the next two letters are taken after the dot, and the connection dropped before the 250.

    Seen: `messages`, `commands` (every line, without those of letters), `connections`, `seen` (verbs counted), and
    `most_at_once`.
    """

    def __init__(
        self,
        *,
        extensions: Sequence[str] = EXTENSIONS,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        port: int = 0,
        logins: Mapping[str, str] | None = None,
    ) -> None:
        self.extensions, self.port, self._tls, self._implicit = tuple(extensions), port, tls, implicit
        self.logins = dict(logins or {})
        self.replies: dict[str, list[str | None]] = {}
        self.always: dict[str, str | None] = {}
        self.refused: dict[str, str] = {}
        self.delays: dict[str, float] = {}
        self.swallow_then_drop = 0
        self.messages: list[Message] = []
        self.commands: list[str] = []
        self.seen: Counter[str] = Counter()
        self.connections = 0
        self.open = 0
        self.most_at_once = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._talks: set[asyncio.Task[None]] = set()
        self._arrived = threading.Condition()

    async def __aenter__(self) -> Self:
        tls = self._tls if self._implicit else None
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", self.port, ssl=tls, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.drop_all()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def drop_all(self) -> None:
        """Cut every connection, as a relay that is restarted does."""
        for writer in list(self._writers):
            writer.transport.abort()

    @contextmanager
    def in_thread(self) -> Iterator[Self]:
        """Run it in a thread with a loop of its own."""
        ready, stop = threading.Event(), asyncio.Event()
        loop = asyncio.new_event_loop()

        async def serve() -> None:
            async with self:
                ready.set()
                await stop.wait()

        def run() -> None:
            try:
                loop.run_until_complete(serve())
                loop.run_until_complete(loop.shutdown_asyncgens())
            finally:
                loop.close()
                ready.set()

        thread = threading.Thread(target=run, name="sink", daemon=True)
        thread.start()
        ready.wait(10)
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(10)

    def wait_for(self, number: int, timeout: float = 10) -> list[Message]:
        """Block until so many letters came (from another thread than the sink's); AssertionError after `timeout`."""
        with self._arrived:
            enough = self._arrived.wait_for(lambda: len(self.messages) >= number, timeout)
        assert enough, f"{len(self.messages)} of {number} letters came in {timeout} s"
        return self.messages

    async def until(self, number: int, timeout: float = 10) -> list[Message]:
        """The same inside a loop."""
        return await self.when(lambda: len(self.messages) >= number, timeout)

    async def when(self, condition: Callable[[], object], timeout: float = 10) -> list[Message]:
        """Wait inside a loop until something is true."""
        async with asyncio.timeout(timeout):
            while not condition():
                await asyncio.sleep(0.002)
        return self.messages

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        self._writers.add(writer)
        self.connections += 1
        self.open += 1
        self.most_at_once = max(self.open, self.most_at_once)
        try:
            await _Talk(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, TimeoutError):
            pass
        finally:
            self.open -= 1
            self._writers.discard(writer)
            self._talks.discard(task)
            writer.transport.abort()

    def keep(self, message: Message) -> None:
        with self._arrived:
            self.messages.append(message)
            self._arrived.notify_all()


class _Dropped(ConnectionError):
    pass


class _Talk:
    """One connection to a sink."""

    def __init__(self, sink: Sink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sink, self.reader, self.writer = sink, reader, writer
        self.secure = sink._implicit
        self.sender, self.recipients = "", list[str]()

    async def run(self) -> None:
        await self.say("CONNECT", "220 sink.example.org ESMTP")
        while line := await self.reader.readline():
            text = line.decode("latin-1").rstrip("\r\n")
            self.sink.commands.append(text)
            verb = text.split(" ")[0].upper()
            if verb == "QUIT":
                await self.say("QUIT", "221 bye")
                return
            await getattr(self, f"do_{verb.lower()}", self.unknown)(text)

    async def say(self, verb: str, usual: str) -> str:
        """Answer as scripted, else as usual; returns the answer."""
        sink = self.sink
        sink.seen[verb] += 1
        if verb in sink.delays:
            await asyncio.sleep(sink.delays[verb])
        queue = sink.replies.get(verb)
        answer = queue.pop(0) if queue else sink.always.get(verb, usual)
        if answer is None:
            raise _Dropped
        if answer:
            self.writer.write(answer.replace("\r\n", "\n").replace("\n", "\r\n").encode("latin-1") + b"\r\n")
            await self.writer.drain()
        return answer

    async def unknown(self, text: str) -> None:
        await self.say(text.split(" ")[0].upper(), "500 what?")

    async def do_ehlo(self, _: str) -> None:
        offers = list(self.sink.extensions)
        if self.sink._tls is not None and not self.secure:
            offers.append("STARTTLS")
        elif self.sink.logins and not any(offer.startswith("AUTH") for offer in offers):
            offers.append("AUTH PLAIN LOGIN")
        lines = ["sink.example.org", *offers]
        await self.say("EHLO", "\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"]))

    async def do_starttls(self, _: str) -> None:
        if (await self.say("STARTTLS", "220 go")).startswith("220") and self.sink._tls is not None:
            plain = self.writer.transport
            try:
                await self.writer.start_tls(self.sink._tls)
            except AttributeError as error:  # the client hung up, and Python 3.11 is left without a transport
                self.writer._transport = plain  # type: ignore[attr-defined]
                raise _Dropped from error
            self.secure = True

    async def do_auth(self, text: str) -> None:
        _, way, *words = text.split(" ")
        if way == "PLAIN":
            _, user, password = b64decode(words[0]).decode().split("\0")
        else:
            user, password = [await self.ask(word) for word in ("VXNlcm5hbWU6", "UGFzc3dvcmQ6")]
        good = self.sink.logins.get(user) == password
        await self.say("AUTH", "235 welcome" if good else "535 5.7.8 wrong")

    async def ask(self, word: str) -> str:
        self.writer.write(f"334 {word}\r\n".encode())
        line = await self.reader.readline()
        self.sink.commands.append(line.decode().rstrip())
        return b64decode(line).decode()

    async def do_mail(self, text: str) -> None:
        self.sender, self.recipients = text.split("<")[1].split(">")[0], []
        await self.say("MAIL", "250 ok")

    async def do_rcpt(self, text: str) -> None:
        recipient = text.split("<")[1].rsplit(">", 1)[0]
        answer = await self.say("RCPT", self.sink.refused.get(recipient, "250 ok"))
        if answer.startswith("2"):
            self.recipients.append(recipient)

    async def do_data(self, _: str) -> None:
        usual = "354 go" if self.recipients else "503 no recipient"
        if not (await self.say("DATA", usual)).startswith("354"):
            return
        data = bytearray(b"\r\n")
        while not data.endswith(b"\r\n.\r\n"):
            data += await self.reader.readuntil(b"\r\n")
        letter = bytes(data[2:-3]).replace(b"\r\n..", b"\r\n.").removeprefix(b".")
        if self.sink.swallow_then_drop:
            self.sink.swallow_then_drop -= 1
            self.sink.keep(Message(self.sender, self.recipients, letter))
            raise _Dropped
        queue = self.sink.replies.get(".")
        answer = queue[0] if queue else self.sink.always.get(".", "250 taken")
        if answer is not None and answer.startswith("2") and self.recipients:
            self.sink.keep(Message(self.sender, self.recipients, letter))
        await self.say(".", "250 taken")

    async def do_rset(self, _: str) -> None:
        self.recipients = []
        await self.say("RSET", "250 ok")


def send(port: int, sender: str, recipients: Sequence[str], raw: bytes, lmtp: bool = False) -> list[str]:
    """Hand over a mail step by step and return every reply: greeting, EHLO (last line), MAIL, each RCPT, DATA, the
    final dot (LMTP: one for each accepted recipient), QUIT.  `raw` gets its line ends and dots put right."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line, line.makefile("rb") as reader:

        def reply() -> str:
            while (text := reader.readline().decode("latin-1").rstrip("\r\n"))[3:4] == "-":
                pass
            return text

        def ask(command: str) -> str:
            line.sendall(f"{command}\r\n".encode())
            return reply()

        replies = [reply(), ask(f"{'LHLO' if lmtp else 'EHLO'} client.example.org"), ask(f"MAIL FROM:<{sender}>")]
        answers = [ask(f"RCPT TO:<{recipient}>") for recipient in recipients]
        accepted = sum(answer.startswith("2") for answer in answers)
        replies += [*answers, ask("DATA")]
        if replies[-1].startswith("354"):
            text = raw.replace(b"\r\n", b"\n").rstrip(b"\n").replace(b"\n", b"\r\n")
            line.sendall((b"\r\n" + text).replace(b"\r\n.", b"\r\n..")[2:] + b"\r\n.\r\n")
            replies += [reply() for _ in range(accepted if lmtp else 1)]
        with suppress(OSError):
            replies.append(ask("QUIT"))
        return replies
