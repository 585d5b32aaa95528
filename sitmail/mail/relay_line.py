"""One connection to a relay: what arrived, whether it is still there, and room to write.

Bytes and replies only; what is asked, and in which order, is `relay_smtp`'s business.
"""

from __future__ import annotations

import asyncio
from typing import cast

from sitmail.mail.replies import Reply, take

CHUNK = 65_536


class Line(asyncio.Protocol):
    """One connection: what arrived, whether it is still there, and room to write."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.lost = False
        self._arrival: asyncio.Future[None] | None = None
        self._room = asyncio.Event()
        self._room.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if len(self.buffer) > 2 * CHUNK:  # nobody asked for so much
            self.transport.abort()
        self._wake()

    def eof_received(self) -> None:
        self.lost = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        self.lost = True
        self._room.set()
        self._wake()

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    @property
    def quiet(self) -> bool:
        """Alive, and nothing came that nobody asked for."""
        return not self.lost and not self.buffer and not self.transport.is_closing()

    async def reply(self, seconds: float) -> Reply:
        """The next reply, whole.  ConnectionError, TimeoutError, Garbled."""
        found = take(self.buffer)
        if found is not None:
            return found
        async with asyncio.timeout(seconds):
            while (found := take(self.buffer)) is None:
                if self.lost:
                    raise ConnectionError("the relay closed the connection")
                self._arrival = asyncio.get_running_loop().create_future()
                await self._arrival
        return found

    async def ask(self, command: str, seconds: float) -> Reply:
        self.transport.write(f"{command}\r\n".encode("ascii"))
        return await self.reply(seconds)

    async def write(self, data: bytes, seconds: float) -> None:
        """Write, and wait until most of it is on its way."""
        self.transport.write(data)
        async with asyncio.timeout(seconds):
            await self._room.wait()
        if self.lost:
            raise ConnectionError("the relay closed the connection")
