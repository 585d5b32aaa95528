"""One connection to a relay: what arrived, whether it is still there, and room to write.

Bytes and replies only; what is asked, and in which order, is decided by `relay_smtp`.
"""

from __future__ import annotations

import asyncio
from typing import cast

from sitmail.sending.replies import Reply, take, welcome

CHUNK = 65_536


class Line(asyncio.Protocol):
    """One connection: what arrived, whether it is still there, and room to write.

    Who waits for a reply has a deadline.  There is one timer, which is set anew only when it has run out.
    """

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.lost = False
        self.handed = False  # the last letter's final dot was written: it may have been taken
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] | None = None
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._full = False
        self._letter = b""  # what is to be written as soon as MAIL, RCPT and DATA are answered well
        self._dot = 0.0  # seconds to wait for the reply to it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self._letter and not self.lost and welcome(self.buffer):
            self.transport.write(self._letter)
            self._letter = b""
            self._wait_until(self._loop.time() + self._dot)
            return
        if len(self.buffer) > 2 * CHUNK:  # nobody asked for so much
            self.transport.abort()
        self._wake()

    def eof_received(self) -> None:
        self.lost = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        self.lost = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._wake()

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._wake()

    @property
    def quiet(self) -> bool:
        """Alive, and nothing came that nobody asked for."""
        return not self.lost and not self.buffer and not self.transport.is_closing()

    async def reply(self, seconds: float) -> Reply:
        """The next reply, whole.  ConnectionError, TimeoutError, Garbled."""
        deadline = self._loop.time() + seconds
        while (found := take(self.buffer)) is None:
            await self._change(deadline)
        return found

    async def converse(self, commands: bytes, letter: bytes, seconds: float, dot: float) -> bool:
        """Write MAIL, RCPT and DATA, and the letter at once when they are answered well, without waking who waits.

        True: the letter was written, and what came after is in the buffer.  False: it was not, and the replies are
        there to be read.  ConnectionError, TimeoutError: `handed` says whether it was.
        """
        self._letter, self._dot = letter, dot
        self.transport.write(commands)
        try:
            await self._change(self._loop.time() + seconds)
            return not self._letter
        finally:
            self.handed, self._letter = not self._letter, b""

    async def ask(self, command: str, seconds: float) -> Reply:
        self.transport.write(f"{command}\r\n".encode())
        return await self.reply(seconds)

    async def write(self, data: bytes, seconds: float) -> None:
        """Write, and wait until most of it is on its way."""
        self.transport.write(data)
        deadline = self._loop.time() + seconds
        while self._full:
            await self._change(deadline)
        if self.lost:
            raise _closed()

    async def _change(self, deadline: float) -> None:
        """Until something arrived or there is room again."""
        if self.lost:
            raise _closed()
        self._wait_until(deadline)
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _wait_until(self, deadline: float) -> None:
        self._deadline = deadline
        if self._timer is None or self._timer.when() > deadline:
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._deadline, self._look)

    def _look(self) -> None:
        """The timer has run out: for one who waits, or for one who had his answer long ago."""
        self._timer = None
        if self._waiter is None or self._waiter.done():
            return
        if self._loop.time() < self._deadline:
            self._set_timer()
        else:
            self._waiter.set_exception(TimeoutError())


def _closed() -> ConnectionError:
    return ConnectionError("the relay closed the connection")
