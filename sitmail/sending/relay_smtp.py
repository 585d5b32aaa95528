"""Handing a letter to the relay by SMTP: a small client that keeps its connection and pipelines.

Our own, because it has one job: one sender, one recipient, bytes that `compose` made 7-bit already; MAIL, RCPT and
DATA leave in one packet, which a general client does not do.  When to try again is `courier`'s business.
"""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress

from sitmail.domain.record import record
from sitmail.sending.encode import address
from sitmail.sending.relay_line import CHUNK, Line
from sitmail.sending.replies import Fate, Garbled, Reply, Verdict, judge, taken

END = b".\r\n"
AGAIN = (Fate.LOST, Fate.DOWN)


@record
class Patience:
    """Seconds to wait for each step (RFC 5321 section 4.5.3.2)."""

    connect: float = 30
    greeting: float = 300
    command: float = 300
    data: float = 120
    block: float = 180
    dot: float = 600
    quit: float = 2


class Down(Exception):
    """The relay does not serve us at the moment."""


class SmtpRelay:
    """A relay by SMTP (RFC 5321), over TLS as its url says: never less, whatever the server offers."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        security: str,
        login: tuple[str, str],
        hostname: str,
        tls: ssl.SSLContext | None,
        patience: Patience,
    ) -> None:
        self._host, self._port, self._security = host, port, security
        self._login, self._hostname, self._tls, self._patience = login, hostname, tls, patience
        self._line: Line | None = None
        self._offers: dict[str, str] = {}

    async def send(self, sender: str, recipient: str, data: bytes) -> Verdict:
        """See `Relay.send`.  What goes wrong on a kept connection is judged by a fresh one, if no dot was sent."""
        mail, rcpt = f"MAIL FROM:<{address(sender)}>", f"RCPT TO:<{address(recipient)}>"
        size, data = len(data), stuffed(data)
        kept = self._line is not None and self._line.quiet
        verdict = await self._once(mail, rcpt, data, size)
        if kept and verdict.fate in AGAIN and not verdict.ambiguous:
            verdict = await self._once(mail, rcpt, data, size)
        return verdict

    async def _once(self, mail: str, rcpt: str, data: bytes, size: int) -> Verdict:
        """One try; afterwards the connection is fit for another letter, or gone."""
        line = self._line
        if line is None or not line.quiet:
            trouble = await self.probe()
            if trouble or self._line is None:
                return Verdict(Fate.DOWN, trouble)
            line = self._line
        line.handed = False
        verdict = None
        try:
            verdict = await self._transaction(line, mail, rcpt, data, size)
        except (OSError, TimeoutError, Garbled) as error:
            return Verdict(Fate.LOST, _sentence(error), ambiguous=line.handed)
        finally:
            if verdict is None or verdict.fate is Fate.DOWN:
                self._drop()
        return verdict

    async def probe(self) -> str:
        """See `Relay.probe`."""
        if self._line is None or not self._line.quiet:
            self._drop()
            try:
                self._line = await self._open()
            except Down as trouble:
                return str(trouble)
        return ""

    async def close(self) -> None:
        """See `Relay.close`."""
        if self._line is not None and self._line.quiet:
            with suppress(OSError, TimeoutError, Garbled):
                await self._line.ask("QUIT", self._patience.quit)
        self._drop()

    def _drop(self) -> None:
        if self._line is not None:
            self._line.transport.abort()
        self._line = None

    async def _transaction(self, line: Line, mail: str, rcpt: str, data: bytes, size: int) -> Verdict:
        """One letter.  `size` is without the doubled dots (RFC 1870 section 5)."""
        if not data[: data.find(b"\r\n\r\n")].isascii() or not f"{mail}{rcpt}".isascii():  # RFC 6531 section 3.4
            if "SMTPUTF8" not in self._offers:
                return Verdict(Fate.PERMANENT, "the relay takes no addresses beyond ASCII: it does not offer SMTPUTF8")
            mail += " SMTPUTF8"
        limit = self._offers.get("SIZE")
        if limit is not None:
            mail += f" SIZE={size}"
            if limit.isdecimal() and 0 < int(limit) < size:
                return Verdict(Fate.PERMANENT, f"letter of {size} bytes is above the relay's limit of {limit}")
        steps = (("MAIL", mail), ("RCPT", rcpt), ("DATA", "DATA"))
        pipelining = "PIPELINING" in self._offers
        if pipelining:  # in one packet (RFC 2920)
            commands = f"{mail}\r\n{rcpt}\r\nDATA\r\n".encode()
            if len(data) > CHUNK:
                line.transport.write(commands)
            elif await line.converse(commands, data + END, self._patience.command, self._patience.dot):
                return await self._judged(line)
        refused = await self._announce(line, steps, pipelining)
        if refused is not None:
            return refused
        if not line.quiet:
            raise Garbled("the relay said more than it was asked")
        rest = len(data) - len(data) % CHUNK if len(data) > CHUNK else 0
        for start in range(0, rest, CHUNK):
            await line.write(data[start : start + CHUNK], self._patience.block)
        line.handed = True
        line.transport.write(data[rest:] + END)
        return await self._judged(line)

    async def _judged(self, line: Line) -> Verdict:
        """What the reply to the final dot means."""
        verdict = taken(line.buffer) or judge(".", await line.reply(self._patience.dot))
        assert verdict is not None
        return verdict

    async def _announce(self, line: Line, steps: Sequence[tuple[str, str]], said: bool) -> Verdict | None:
        """MAIL, RCPT and DATA, unless they were said already, and the replies; None: it waits for the letter."""
        refused: Verdict | None = None
        try:
            for step, command in steps:
                seconds = self._patience.data if step == "DATA" else self._patience.command
                reply = await (line.reply(seconds) if said else line.ask(command, seconds))
                if refused is None:
                    refused = judge(step, reply)
                elif step == "DATA" and reply.code == 354:  # section 3.1: it must be ended all the same
                    await line.ask(".", self._patience.dot)
                if refused is not None and (refused.fate is Fate.DOWN or not said):
                    break
            if refused is not None and refused.fate is not Fate.DOWN:
                _expect(await line.ask("RSET", self._patience.command), 250)
        except (OSError, TimeoutError, Garbled, Down):
            if refused is None:
                raise
            self._drop()  # the letter has its verdict; only the connection is spoilt
        return refused

    async def _open(self) -> Line:
        """Connect, greet, TLS, log in.  Down tells which of them failed."""
        line = Line()
        try:
            await self._connect(line)
            await self._greet(line)
        except (OSError, TimeoutError, Garbled, Down) as trouble:
            if hasattr(line, "transport"):
                line.transport.abort()
            raise Down(f"{self._host}:{self._port}: {_sentence(trouble)}") from trouble
        except BaseException:
            if hasattr(line, "transport"):
                line.transport.abort()
            raise
        return line

    async def _connect(self, line: Line) -> None:
        tls = self._context() if self._security == "smtps" else None
        async with asyncio.timeout(self._patience.connect):
            await asyncio.get_running_loop().create_connection(lambda: line, self._host, self._port, ssl=tls)

    async def _greet(self, line: Line) -> None:
        _expect(await line.reply(self._patience.greeting), 220)
        await self._hello(line)
        if self._security == "smtp+starttls":
            if "STARTTLS" not in self._offers:
                raise Down("the relay offers no STARTTLS, and without it nothing is sent")
            _expect(await line.ask("STARTTLS", self._patience.command), 220)
            if not line.quiet:  # words smuggled in before the encryption (CVE-2011-0411 and its family)
                raise Garbled("the relay said more than it was asked before TLS")
            async with asyncio.timeout(self._patience.connect):
                fresh = await asyncio.get_running_loop().start_tls(
                    line.transport, line, self._context(), server_hostname=self._host
                )
            if fresh is None:
                raise ConnectionError("the relay closed the connection")
            line.transport = fresh
            await self._hello(line)
        if self._login[0]:
            await self._log_in(line)

    async def _hello(self, line: Line) -> None:
        reply = _expect(await line.ask(f"EHLO {self._hostname}", self._patience.command), 250)
        offers = (each.upper().partition(" ") for each in reply.lines[1:])
        self._offers = {keyword: values for keyword, _, values in offers}

    async def _log_in(self, line: Line) -> None:
        """AUTH PLAIN, else LOGIN (RFC 4954, RFC 4616).  `open_relay` saw to it that we are under TLS."""
        ways = self._offers.get("AUTH", "").split()
        user, password = (each.encode() for each in self._login)
        if "PLAIN" in ways:
            word = b64encode(b"\0" + user + b"\0" + password).decode()
            _expect(await line.ask(f"AUTH PLAIN {word}", self._patience.command), 235)
        elif "LOGIN" in ways:
            _expect(await line.ask("AUTH LOGIN", self._patience.command), 334)
            _expect(await line.ask(b64encode(user).decode(), self._patience.command), 334)
            _expect(await line.ask(b64encode(password).decode(), self._patience.command), 235)
        else:
            raise Down("the relay offers neither AUTH PLAIN nor LOGIN")

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


def _expect(reply: Reply, code: int) -> Reply:
    if reply.code != code:
        raise Down(reply.text)
    return reply


def _sentence(trouble: BaseException) -> str:
    if isinstance(trouble, TimeoutError):
        return "the relay did not answer in time"
    return str(trouble) or type(trouble).__name__


def stuffed(data: bytes) -> bytes:
    """Leading dots doubled, the last line ended (RFC 5321 section 4.5.2).  ValueError for a lone CR or LF: some
    server would take it for a line end, and what follows for commands."""
    if data.replace(b"\r", b"").replace(b"\n", b"\r\n") != data:  # to look for one byte is a third of looking for two
        raise ValueError("the letter holds a lone CR or LF")
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
    if b"\r\n." in data:
        data = data.replace(b"\r\n.", b"\r\n..")
    return b"." + data if data.startswith(b".") else data
