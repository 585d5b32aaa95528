"""One connection at a door: aiosmtpd's protocol class, and what of it a door of ours needs otherwise.

aiosmtpd reads and dispatches the commands, keeps session and envelope, and speaks EHLO, MAIL, RCPT, AUTH, STARTTLS and
PROXY.  The checks are in `smtp_hooks`, the mail after DATA in `smtp`.  Why each method here is overridden is described
in docs/decisions/own-doors.md; a method that is not on that list does not belong here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import secrets
from collections import defaultdict
from typing import Any, AnyStr, cast

from aiosmtpd.smtp import SMTP, TLSSetupException, syntax

from sitmail.receiving.door import Door
from sitmail.receiving.paths import address_and_parameters
from sitmail.receiving.smtp_hooks import MECHANISMS, Hooks

log = logging.getLogger("sitmail.door")

COMMAND_LIMIT = 4096  # bytes; RFC 5321 section 4.5.3.1.4 asks for 512 and more with extensions
BALANCER_PATIENCE = 10.0  # seconds for a PROXY header, which a balancer sends at once
PATIENCE = 100  # refused or idle commands between two mails
AT_ONCE = 50  # replies that are sent without waiting for the end of the pipeline
# aiosmtpd gives no enhanced status codes (RFC 2034), which we offer: those for its replies, by code or first words.
ENHANCED = {
    "221": "2.0.0",
    "250 OK": "2.0.0",
    "250 Su": "2.0.0",  # Supported commands, to HELP
    "250 Sy": "2.0.0",  # Syntax
    "500": "5.5.2",
    "501": "5.5.4",
    "502": "5.5.1",
    "503": "5.5.1",
    "504": "5.5.4",
    "552": "5.3.4",
    "555": "5.5.4",
}
FREE = ("250 2.1.0", "250 2.1.5")  # replies that cost no patience: a sender or a recipient was accepted
LAST = ("221", "421", "502 5.5.1 Too many")  # replies after which the connection is closed


class Gone(ConnectionResetError):
    """The dialogue is over.  aiosmtpd ends its loop when it meets a ConnectionResetError."""


class Incoming(asyncio.StreamReader):
    """What the client sent and was not read yet."""

    async def readuntil(self, separator: Any = b"\n") -> bytes:
        """As asyncio's; raises Gone where the client sends no more, once the last replies had time to leave."""
        try:
            return await super().readuntil(separator)
        except asyncio.IncompleteReadError:
            await asyncio.sleep(0)
            raise Gone("the client went") from None

    def unread(self, data: bytes) -> None:
        """Put back what belongs to the next command."""
        self._buffer[:0] = data  # type: ignore[attr-defined]

    def take(self) -> bytes:
        """All that came so far."""
        data = bytes(self._buffer)  # type: ignore[attr-defined]
        self._buffer.clear()  # type: ignore[attr-defined]
        return data


class Session(SMTP):
    """One connection.  `client` is "" on a Unix socket."""

    door_name = "smtp"
    protocol_name = "ESMTP"
    command_size_limit = COMMAND_LIMIT
    command_size_limits = defaultdict(lambda: COMMAND_LIMIT)
    _reader: Incoming

    def __init__(self, door: Door, tls_first: bool = False) -> None:
        settings, loop = door.settings, asyncio.get_running_loop()
        super().__init__(
            Hooks(door),
            data_size_limit=settings.max_message_size,
            enable_SMTPUTF8=True,
            hostname=settings.hostname,
            ident=f"{self.protocol_name} sitmail",
            tls_context=settings.tls,
            auth_exclude_mechanism=() if settings.logins else MECHANISMS,
            loop=loop,
        )
        reader = Incoming(limit=COMMAND_LIMIT, loop=loop)
        asyncio.StreamReaderProtocol.__init__(self, reader, self._cb_client_connected, loop)
        self.door = door
        self.tls_first = tls_first
        self.client = ""
        self.deadline = float("inf")
        self.last_mail = loop.time()
        self.patience = PATIENCE
        self._replies: list[str] = []

    # The connection, as asyncio sees it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._original_transport is not None:  # TLS is up: aiosmtpd forgets all (RFC 3207, 4.2)
            super().connection_made(transport)
            return
        peername = transport.get_extra_info("peername")
        peer = peername[0] if isinstance(peername, tuple) else ""
        balanced = self.door.expects_proxy_header(peer)
        refusal = self.door.admit(self, "" if balanced else peer)
        if refusal:
            self.transport = transport
            self.hang_up(refusal)
            return
        if balanced:
            self._proxy_timeout = min(BALANCER_PATIENCE, self.door.settings.command_timeout)
        super().connection_made(transport)

    def eof_received(self) -> bool:
        """This cancels nobody: who only stopped sending still wants his replies."""
        super(SMTP, self).eof_received()
        return self._tls_protocol is None

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """This cancels nobody: the session reads on to the end of what came."""
        if self._original_transport is not None:
            self._original_transport.close()
        super(SMTP, self).connection_lost(None)

    def _reset_timeout(self, duration: float | None = None) -> None:
        """No timer of our own: the door looks at `deadline`."""
        settings = self.door.settings
        within = self.loop.time() + (duration or settings.command_timeout)
        self.deadline = min(within, self.last_mail + settings.session_limit)

    # What the door calls

    def task(self) -> asyncio.Task[None] | None:
        return self._handler_coroutine

    def expire(self) -> None:
        self.deadline = float("inf")
        self.hang_up("421 4.4.2 too slow, closing the connection")

    def retire(self) -> None:
        if self.envelope is None or self.envelope.mail_from is None:
            self.hang_up("421 4.3.2 closing down, come back later")

    def abort(self) -> None:
        self._wire.abort()

    def hang_up(self, reply: str) -> None:
        """Says this and closes the connection, whatever the session is doing; it cuts off who does not listen."""
        if self._wire.get_write_buffer_size() or not self._may_speak():
            self._wire.abort()
        elif not self._wire.is_closing():
            self._replies.append(reply)
            self._say()
            self._wire.close()

    @property
    def _wire(self) -> asyncio.Transport:
        return cast(asyncio.Transport, self.transport)

    def _may_speak(self) -> bool:
        """Nothing is said in the clear where TLS comes first, nor while a handshake is under way."""
        encrypted = self.session is not None and self.session.ssl is not None
        return encrypted or not (self.tls_first or self._tls_protocol)

    # The dialogue

    async def _handle_client(self) -> None:
        try:
            if self.tls_first and self._proxy_timeout is None:
                await self.start_tls()
            await super()._handle_client()
        except (EOFError, ConnectionError, TLSSetupException) as error:
            log.debug("gone client=%s error=%r", self.client, error)
        except Exception:
            self.hang_up(self.trouble().replace("451", "421", 1))
        finally:
            self.door.leave(self)
            self._wire.close()

    async def push(self, status: AnyStr, times: int = 1) -> None:
        """Says a reply, with those of the other commands that came together (RFC 2920).  Raises Gone after the last."""
        reply = coded(status if isinstance(status, str) else status.decode())
        if reply[0] in "25" and reply[3:4] == " " and not reply.startswith(FREE):
            self.patience -= 1
            if self.patience < 0:
                reply = "421 4.7.0 too many commands without a mail"
        if not self._replies:
            self.loop.call_soon(self._say)
        self._replies += [reply] * times
        if reply.startswith(LAST):
            self._say()
            self._wire.close()
            raise Gone("we hung up")
        if reply[:3] == "220":  # after which TLS may begin
            self._say()
        elif len(self._replies) > AT_ONCE:
            await asyncio.sleep(0)
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()

    def _say(self) -> None:
        text = "".join(f"{reply}\r\n" for reply in self._replies)
        self._replies.clear()
        if text and self._may_speak() and not self._wire.is_closing():
            self._wire.write(text.encode())

    async def handle_exception(self, error: Exception) -> str:
        return "" if isinstance(error, TLSSetupException) else self.trouble()

    def trouble(self) -> str:
        """Call in an except clause: our log gets all, the client a reference to it."""
        reference = secrets.token_hex(4)
        log.exception("trouble reference=%s door=%s client=%s", reference, self.door_name, self.client)
        return f"451 4.3.0 trouble on our side, try again later (reference {reference})"

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        return address_and_parameters(arg, mail_auth=self.door.settings.logins is not None)

    # Commands

    @syntax("STARTTLS", when="tls_context")
    async def smtp_STARTTLS(self, arg: str | None) -> None:
        if not self.tls_context or self._tls_protocol:
            await self.push("502 5.5.1 TLS is not offered")
            return
        await super().smtp_STARTTLS(cast(str, arg))
        if not arg and not self._may_speak():
            raise Gone("the client went during the handshake")

    async def start_tls(self) -> None:
        """TLS without a command (RFC 8314): what came already, perhaps behind a PROXY header, is its beginning."""
        early = self._reader.take()
        self._wire.pause_reading()
        self.loop.call_soon(self._feed_tls, early, self._wire)
        await self.smtp_STARTTLS(None)

    def _feed_tls(self, early: bytes, plain: asyncio.Transport) -> None:
        at = 0
        while self._tls_protocol and at < len(early):
            space = self._tls_protocol.get_buffer(len(early) - at)
            size = min(len(space), len(early) - at)
            space[:size] = early[at : at + size]
            self._tls_protocol.buffer_updated(size)
            at += size
        plain.resume_reading()

    async def smtp_AUTH(self, arg: str | None) -> None:
        if not self.door.settings.logins:
            await self.push("502 5.5.1 logins are not offered")
            return
        mechanism, space, rest = (arg or "").partition(" ")
        await super().smtp_AUTH(f"{mechanism.upper()}{space}{rest}")

    async def smtp_GET(self, _arg: str | None) -> None:
        """A browser that was made to talk to us."""
        await self.push("421 4.7.0 this is a mail server")

    smtp_POST = smtp_PUT = smtp_HEAD = smtp_CONNECT = smtp_OPTIONS = smtp_GET


def coded(reply: str) -> str:
    """A reply with an enhanced status code, and without what may not stand in one."""
    if not (reply.isascii() and reply.isprintable()):
        reply = re.sub(r"[^ -~]", "?", reply)
    if reply[4:6] in ("2.", "4.", "5."):
        return reply
    code = ENHANCED.get(reply[:3]) or ENHANCED.get(reply[:6])
    return f"{reply[:4]}{code} {reply[4:300]}" if code and reply[3:4] == " " else reply
