"""One connection at a door: its limits, its lines, its replies and its TLS; on aiosmtpd's protocol class.

The words of the dialogue are in `smtp` and `lmtp`.  Replies to pipelined commands leave together (RFC 2920).

Before the dialogue there may be a PROXY header from a balancer we were told to believe, and TLS from the first byte.

A session is never cancelled when its client goes: it reads on to the end of what arrived, so that a mail whose final
dot was here is kept, and one without it is forgotten.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from asyncio import sslproto

from aiosmtpd.smtp import SMTP, TLSSetupException

from sitmail.mail.door import Door
from sitmail.mail.proxy import header

log = logging.getLogger("sitmail.door")

CHUNK = 64 * 1024  # bytes read at once
COMMAND_LIMIT = 4096  # bytes; RFC 5321 section 4.5.3.1.4 asks for 512 and more with extensions
BALANCER_PATIENCE = 10.0  # seconds for a PROXY header, which a balancer sends at once
PATIENCE = 100  # refused or idle commands between two mails
IDLE = frozenset({"HELO", "EHLO", "LHLO", "RSET", "NOOP", "VRFY", "EXPN", "HELP"})


class Session(SMTP):
    """One connection.  `sender` is None outside a transaction.  `_answer` and `_data` are the dialogue's."""

    line_length_limit = CHUNK  # here it is the size of the stream's buffer; lines are measured by `dots`
    door_name = ""
    protocol_name = ""

    def __init__(self, door: Door, tls_first: bool = False) -> None:
        settings = door.settings
        super().__init__(
            None,
            data_size_limit=settings.max_message_size,
            enable_SMTPUTF8=True,
            hostname=settings.hostname,  # without it every session asks the DNS
            ident="sitmail",
            tls_context=settings.tls,
            loop=asyncio.get_running_loop(),
        )
        self.door = door
        self.settings = settings
        self.client = ""
        self.login = ""
        self.encrypted = False
        self._tls_first = tls_first
        self._balanced = False  # a PROXY header is still to come
        self.deadline = float("inf")
        self.sender: str | None = None
        self.recipients: list[str] = []
        self._pending = bytearray()  # what came and is not read yet
        self._replies: list[bytes] = []
        self._patience = PATIENCE
        self._last_mail = self.loop.time()
        self._greeted = False

    # The connection, as asyncio and aiosmtpd see it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self._original_transport is not None:  # TLS is up: everything said before is forgotten (RFC 3207, 4.2)
            super().connection_made(transport)
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
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Unlike aiosmtpd's this cancels nobody: the session finds the end of its stream by itself."""
        if self._original_transport is not None:
            self._original_transport.close()
        asyncio.StreamReaderProtocol.connection_lost(self, error)

    def eof_received(self) -> bool:
        asyncio.StreamReaderProtocol.eof_received(self)
        return self._tls_protocol is None  # who only stopped sending still wants his replies

    def _reset_timeout(self, duration: float | None = None) -> None:
        """No timer of our own: the door looks at `deadline`."""
        now = self.loop.time()
        limit = self._last_mail + self.settings.session_limit
        self.deadline = min(now + (duration or self.settings.command_timeout), limit)

    def task(self) -> asyncio.Task[None] | None:
        return self._handler_coroutine

    def expire(self) -> None:
        self.deadline = float("inf")
        self._hang_up("421 4.4.2 too slow, closing the connection")

    def retire(self) -> None:
        if self.sender is None:
            self._hang_up("421 4.3.2 closing down, come back later")

    def abort(self) -> None:
        transport = self._writer.transport
        transport.abort()

    def _hang_up(self, reply: str) -> None:
        transport = self._writer.transport
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
        except (EOFError, ConnectionError, TLSSetupException) as error:
            log.debug("gone client=%s error=%r", self.client, error)
        except Exception:
            self._hang_up(self._trouble().replace("451", "421", 1))
        finally:
            self.door.leave(self)
            self._writer.close()

    async def _dialogue(self) -> None:
        self._say(f"220 {self.hostname} {self.protocol_name} sitmail")
        while True:
            self._reset_timeout()
            line = await self._line()
            verb, _, argument = line.partition(" ")
            verb = verb.upper()
            if verb == "STARTTLS":
                await self._start_tls()
                continue
            if verb == "DATA":
                reply = await self._data(argument)
            elif verb == "AUTH" and self.settings.logins:
                reply = await self._auth(argument.strip())
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

    async def _line(self) -> str:
        """The next command; "" for one that cannot be read.  Raises EOFError when nothing comes any more."""
        pending = self._pending
        overlong = False
        while (end := pending.find(b"\n")) < 0:
            if len(pending) > COMMAND_LIMIT:
                overlong = True
                pending.clear()
            await self._more()
        line = bytes(pending[:end]).rstrip(b"\r")
        del pending[: end + 1]
        if overlong or len(line) > COMMAND_LIMIT:
            return ""
        try:
            return line.decode()
        except UnicodeDecodeError:
            return ""

    async def _more(self) -> None:
        await self._flush()
        chunk = await self._reader.read(CHUNK)
        if not chunk:
            raise EOFError
        self._pending += chunk

    def _say(self, reply: str) -> None:
        self._replies.append(reply.encode() + b"\r\n")

    async def _flush(self) -> None:
        if self._replies:
            self._writer.write(b"".join(self._replies))
            self._replies.clear()
            await self._writer.drain()

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
        if not self.settings.tls or self._tls_protocol:
            self._patience -= 1
            self._say("502 5.5.1 TLS is not offered")
            return
        self._say("220 2.0.0 go ahead")
        await self._flush()
        self._pending.clear()  # whatever was sent after the command in the clear was injected (RFC 3207 section 6)
        await self._encrypt(keep=False)

    async def _encrypt(self, *, keep: bool) -> None:
        """TLS from here on; `keep`: what came already is its beginning.  Raises TLSSetupException.

        aiosmtpd's own STARTTLS does the same, but not for TLS from the first byte, and takes a connection cut in the
        middle of the handshake for a good one.
        """
        plain, context = self.transport, self.settings.tls
        assert plain is not None
        assert context is not None
        early = bytes(self._pending) + bytes(self._reader._buffer)  # type: ignore[attr-defined]
        self._pending.clear()
        done = self.loop.create_future()
        tls = sslproto.SSLProtocol(self.loop, self, context, done, server_side=True)
        self._tls_protocol, self._original_transport = tls, plain
        plain.set_protocol(tls)
        self.transport = tls._app_transport
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
            raise TLSSetupException from error
        if not self.encrypted:
            raise TLSSetupException

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
