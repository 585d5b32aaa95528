"""One connection at a door: its limits, its lines, its replies and its TLS.

The words of the dialogue are in `smtp` and `lmtp`.  Replies to pipelined commands leave together (RFC 2920).

Before the dialogue there may be a PROXY header from a balancer we were told to believe, and TLS from the first byte.

What comes is put aside as it comes; the session, a task, is woken only where it waits for it.  It is never cancelled
when its client goes: it reads on to the end of what arrived, so that a mail whose final dot was here is kept, and one
without it is forgotten.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from asyncio import sslproto
from typing import cast

from sitmail.receiving.door import Door
from sitmail.receiving.proxy import header

log = logging.getLogger("sitmail.door")

CHUNK = 64 * 1024  # bytes read at once
COMMAND_LIMIT = 4096  # bytes; RFC 5321 section 4.5.3.1.4 asks for 512 and more with extensions
BALANCER_PATIENCE = 10.0  # seconds for a PROXY header, which a balancer sends at once
PATIENCE = 100  # refused or idle commands between two mails
IDLE = frozenset({"HELO", "EHLO", "LHLO", "RSET", "NOOP", "VRFY", "EXPN", "HELP"})


class NoTls(Exception):
    """TLS was agreed on and did not come about."""


class Session(asyncio.Protocol):
    """One connection.  `sender` is None outside a transaction.  `_answer` and `_data` are the dialogue's."""

    door_name = ""
    protocol_name = ""
    transport: asyncio.Transport

    def __init__(self, door: Door, tls_first: bool = False) -> None:
        self.loop = asyncio.get_running_loop()
        self.door = door
        self.settings = door.settings
        self.hostname = door.settings.hostname
        self.client = ""
        self.login = ""
        self.encrypted = False
        self._tls_first = tls_first
        self._plain: asyncio.Transport | None = None  # what TLS runs over
        self._balanced = False  # a PROXY header is still to come
        self.deadline = float("inf")
        self.sender: str | None = None
        self.recipients: list[str] = []
        self._task: asyncio.Task[None] | None = None
        self._pending = bytearray()  # what came and is not read yet
        self._ended = False  # nothing more will come
        self._lost = False  # nothing can be said any more
        self._waiter: asyncio.Future[None] | None = None  # the session, where it waits for its client
        self._held = False  # enough is pending: the client has to wait
        self._full = False  # enough is said that the client has not taken
        self._replies: list[str] = []
        self._patience = PATIENCE
        self._last_mail = self.loop.time()
        self._greeted = False

    # The connection, as asyncio sees it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport = cast(asyncio.Transport, transport)  # another loop's is none by its class
        if self._plain is not None:  # TLS is up: everything said before is forgotten (RFC 3207, 4.2)
            self._forget()
            self._greeted = False
            self.encrypted = True
            return
        peername = transport.get_extra_info("peername")
        peer = peername[0] if isinstance(peername, tuple) else ""
        self._balanced = self.door.believes(peer)
        refusal = self.door.admit(self, "" if self._balanced else peer)
        if refusal:
            if not self._tls_first:
                transport.write(refusal.encode() + b"\r\n")
            transport.close()
            return
        self._task = self.loop.create_task(self._handle_client())

    def data_received(self, data: bytes) -> None:
        self._pending += data
        if len(self._pending) > 2 * CHUNK and not self._held:
            self._held = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self._ended = True
        self._wake()
        return self._plain is None  # who only stopped sending still wants his replies

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """This cancels nobody: the session finds the end by itself."""
        if self._plain is not None:
            self._plain.close()
        self._ended = self._lost = True
        self._full = False
        self._wake()

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._wake()

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def _wait(self) -> None:
        """Until something came, left, or ended."""
        self._waiter = self.loop.create_future()
        await self._waiter

    def _reset_timeout(self, duration: float | None = None) -> None:
        """No timer of our own: the door looks at `deadline`."""
        now = self.loop.time()
        limit = self._last_mail + self.settings.session_limit
        self.deadline = min(now + (duration or self.settings.command_timeout), limit)

    def task(self) -> asyncio.Task[None] | None:
        return self._task

    def expire(self) -> None:
        self.deadline = float("inf")
        self._hang_up("421 4.4.2 too slow, closing the connection")

    def retire(self) -> None:
        if self.sender is None:
            self._hang_up("421 4.3.2 closing down, come back later")

    def abort(self) -> None:
        self.transport.abort()

    def _hang_up(self, reply: str) -> None:
        transport = self.transport
        if transport.get_write_buffer_size() or (self._tls_first and not self.encrypted):  # it does not listen either
            transport.abort()
        elif not transport.is_closing():
            transport.write(reply.encode() + b"\r\n")
            transport.close()

    # The dialogue

    async def _handle_client(self) -> None:
        try:
            if self._balanced:
                await self._read_proxy_header()
            if self._tls_first:
                self._reset_timeout()
                await self._encrypt(keep=True)
            await self._dialogue()
        except (EOFError, ConnectionError, NoTls) as error:
            log.debug("gone client=%s error=%r", self.client, error)
        except Exception:
            self._hang_up(self._trouble().replace("451", "421", 1))
        finally:
            self.door.leave(self)
            self.transport.close()

    async def _dialogue(self) -> None:
        self._say(f"220 {self.hostname} {self.protocol_name} sitmail")
        self._reset_timeout()
        while True:
            line = self._next_line()
            if line is None:
                self._reset_timeout()
                line = await self._line()
            verb, _, argument = line.partition(" ")
            verb = verb.upper()
            if verb == "STARTTLS":
                await self._start_tls()
                continue
            if verb == "DATA":
                reply = await self._data(argument)
                self._reset_timeout()
            elif verb == "AUTH" and self.settings.logins:
                reply = await self._auth(argument.strip())
                self._reset_timeout()
            elif verb == "QUIT":
                reply = "221 2.0.0 bye"
            else:
                reply = self._answer(verb, argument.strip())
            if reply[0] == "5" or verb in IDLE:
                self._patience -= 1
                if self._patience < 0:
                    reply = "421 4.7.0 too many commands without a mail"
            self._say(reply)
            if verb == "QUIT" or reply.startswith("421"):
                break
            if self.door.closing and self.sender is None:
                self._say("421 4.3.2 closing down, come back later")
                break
        await self._flush()

    def _next_line(self, end: int = -1) -> str | None:
        """The next command, if it is here and no longer than usual, or ends at `end`; "" for one that is not text."""
        pending = self._pending
        if end < 0 and (end := pending.find(b"\n", 0, COMMAND_LIMIT)) < 0:
            return None
        line = pending[:end]
        del pending[: end + 1]
        try:
            return line.decode().rstrip("\r")
        except UnicodeDecodeError:
            return ""

    async def _line(self) -> str:
        """The next command; "" for one that cannot be read.  Raises EOFError when nothing comes any more."""
        pending = self._pending
        overlong = False
        while (end := pending.find(b"\n")) < 0:
            if len(pending) > COMMAND_LIMIT:
                overlong = True
                pending.clear()
            await self._more()
        if overlong or len(pending[:end].rstrip(b"\r")) > COMMAND_LIMIT:
            del pending[: end + 1]
            return ""
        return self._next_line(end) or ""

    async def _more(self) -> None:
        """Wait until more is pending than is now.  Raises EOFError when nothing comes any more."""
        before = len(self._pending)
        if self._replies:
            await self._flush()
        if self._held:
            self._held = False
            self.transport.resume_reading()
        while len(self._pending) == before:
            if self._ended:
                raise EOFError
            self._waiter = self.loop.create_future()
            await self._waiter

    def _say(self, reply: str) -> None:
        self._replies.append(reply)

    async def _flush(self) -> None:
        """Says all replies at once, and waits while the client does not take them."""
        if self._replies:
            text = "\r\n".join(self._replies)
            self._replies.clear()
            if not self._lost:
                self.transport.write(f"{text}\r\n".encode())
            while self._full:
                await self._wait()

    def _answer(self, verb: str, argument: str) -> str:
        """The reply to a command that needs no waiting; never raises."""
        raise NotImplementedError

    async def _data(self, argument: str) -> str:
        """The replies to DATA, joined by CR LF; raises EOFError when the client goes before the final dot."""
        raise NotImplementedError

    async def _auth(self, argument: str) -> str:
        """The reply to AUTH where logins are configured."""
        raise NotImplementedError

    def _trouble(self) -> str:
        """Call in an except clause: our log gets all, the client a reference to it."""
        reference = secrets.token_hex(4)
        log.exception("trouble reference=%s door=%s client=%s", reference, self.door_name, self.client)
        return f"451 4.3.0 trouble on our side, try again later (reference {reference})"

    def _forget(self) -> None:
        self.sender = None
        self.recipients = []

    async def _start_tls(self) -> None:
        if not self.settings.tls or self._plain is not None:
            self._patience -= 1
            self._say("502 5.5.1 TLS is not offered")
            return
        self._say("220 2.0.0 go ahead")
        await self._flush()
        self._pending.clear()  # whatever was sent after the command in the clear was injected (RFC 3207 section 6)
        await self._encrypt(keep=False)

    async def _encrypt(self, *, keep: bool) -> None:
        """TLS from here on; `keep`: what came already is its beginning.  Raises NoTls."""
        plain, context = self.transport, self.settings.tls
        assert context is not None
        early = bytes(self._pending)
        self._pending.clear()
        if self._held:
            self._held = False
            plain.resume_reading()
        done = self.loop.create_future()
        tls = sslproto.SSLProtocol(self.loop, self, context, done, server_side=True)
        self._plain = plain
        plain.set_protocol(tls)
        tls.connection_made(plain)
        at = 0
        while keep and at < len(early):
            space = tls.get_buffer(len(early) - at)
            size = min(len(space), len(early) - at)
            space[:size] = early[at : at + size]
            tls.buffer_updated(size)
            at += size
        try:
            await done
        except Exception as error:
            raise NoTls from error
        if not self.encrypted:
            raise NoTls

    async def _read_proxy_header(self) -> None:
        """Who really came.  A balancer that says nothing of it is not served: it would be taken for its clients."""
        self._reset_timeout(min(BALANCER_PATIENCE, self.settings.command_timeout))
        try:
            while (found := header(bytes(self._pending))) is None:
                await self._more()
        except ValueError as error:
            log.warning("refused door=%s error=%r", self.door_name, str(error))
            raise EOFError from error
        length, client = found
        del self._pending[:length]
        refusal = self.door.count(self, client)
        if refusal:
            self._hang_up(refusal)
            raise EOFError
