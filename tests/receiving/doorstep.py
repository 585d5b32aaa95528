"""For tests of doors: a raw client, and a handler behind the door that keeps mails."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sitmail.domain.mail import Envelope
from sitmail.receiving.door import Door, DoorSettings
from sitmail.receiving.smtp import smtp_door
from sitmail.receiving.spool import Spool, Spooled

KEPT = "250 2.0.0 kept"


@dataclass
class Desk:
    """What a daemon would be: it keeps what it is given, or does what a test wants instead."""

    reply: str = KEPT
    error: Exception | None = None
    full: str = ""
    kept: list[tuple[bytes, Envelope]] = field(default_factory=list)
    spooled: list[Spooled] = field(default_factory=list)
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    holds: bool = False

    def accepts(self, recipient: str) -> str:
        if recipient == "broken@example.com":
            raise RuntimeError("secret of the desk")
        return "" if recipient.lower().endswith("@example.com") else "550 5.1.1 no such address here"

    async def deliver(self, spooled: Spooled, envelope: Envelope) -> str:
        self.entered.set()
        if self.holds:
            await self.gate.wait()
        if self.error:
            raise self.error
        content = spooled.content if spooled.path is None else spooled.path.read_bytes()
        assert content is not None
        self.kept.append((content, envelope))
        self.spooled.append(spooled)
        return self.reply

    def guard(self) -> str:
        return self.full

    @property
    def mails(self) -> list[bytes]:
        return [content for content, _ in self.kept]


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def reply(self) -> str:
        """One reply, its lines joined by LF; "" at the end of the connection."""
        lines = []
        while True:
            line = await asyncio.wait_for(self.reader.readline(), 20)
            lines.append(line.decode().rstrip("\r\n"))
            if line[3:4] != b"-":
                return "\n".join(lines)

    async def say(self, command: str) -> str:
        await self.send(command.encode() + b"\r\n")
        return await self.reply()

    async def begin(self, *recipients: str, hello: str = "EHLO") -> None:
        """Up to the 354 of a first mail."""
        assert (await self.reply()).startswith("220 ")
        assert (await self.say(f"{hello} client.example.net")).startswith("250")
        await self.again(*recipients)

    async def again(self, *recipients: str) -> None:
        assert (await self.say("MAIL FROM:<jane@example.net>")).startswith("250 ")
        for recipient in recipients or ("support@example.com",):
            assert (await self.say(f"RCPT TO:<{recipient}>")).startswith("250 ")
        assert (await self.say("DATA")).startswith("354 ")

    async def rest(self) -> bytes:
        """All that comes until the door hangs up."""
        try:
            return await asyncio.wait_for(self.reader.read(), 20)
        except ConnectionError:
            return b""

    def close(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        """Go with RST instead of FIN."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@dataclass
class Open:
    """An open door in a test."""

    door: Door
    desk: Desk
    port: int
    spool: Path
    clients: list[Client] = field(default_factory=list)

    async def client(self, **tls: Any) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port, **tls))
        self.clients.append(client)
        return client

    async def empty(self) -> None:
        """Wait until nobody is inside."""
        while self.door.sessions:
            await asyncio.sleep(0.005)


@asynccontextmanager
async def opened(
    folder: Path,
    make: Callable[..., Door] = smtp_door,
    desk: Desk | None = None,
    *,
    tls_first: bool = False,
    **settings: Any,
) -> AsyncIterator[Open]:
    desk = desk or Desk()
    values = DoorSettings(**{"hostname": "mx.example.com", **settings})
    door = make(values, Spool(folder / "spool"), desk.accepts, desk.deliver, desk.guard)
    server = await asyncio.get_running_loop().create_server(door.encrypted if tls_first else door, "127.0.0.1", 0)
    one = Open(door, desk, server.sockets[0].getsockname()[1], folder / "spool")
    try:
        yield one
    finally:
        server.close()
        desk.gate.set()
        for client in one.clients:
            client.close()
        await door.stop(5)
        assert not door.sessions
        assert not list(one.spool.iterdir())
