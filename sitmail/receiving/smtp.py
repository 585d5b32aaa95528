"""The SMTP door's dialogue (RFC 5321): commands, and the mail after DATA.

Addresses are read by `paths`, the mail by `dots` in chunks into the spool.  Every failure of ours is 451 with a
reference, its cause in our log alone.  NUL bytes in a mail are kept as they are: reading copes with them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sitmail.domain.mail import INLINE, Envelope
from sitmail.receiving.door import Accepts, Deliver, Door, DoorSettings, Guard
from sitmail.receiving.dots import Dots
from sitmail.receiving.paths import asks_for_relay, path, without_route
from sitmail.receiving.session import PATIENCE, Session, log
from sitmail.receiving.smtp_login import LOCKED, MECHANISMS, WELCOME, credentials
from sitmail.receiving.spool import Spool, Writer

RECIPIENTS_LIMIT = 1000  # RFC 5321 section 4.5.3.1.8 asks for 100
HOPS_LIMIT = 50  # Received fields of a mail that runs in a circle (RFC 5321 section 6.3)
WEB = frozenset({"GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS"})  # a browser made to talk to us
REPLY = re.compile(r"[245]\d\d [ -~]*")


class SmtpSession(Session):
    """One connection."""

    door_name = "smtp"
    protocol_name = "ESMTP"
    hello: tuple[str, ...] = ("HELO", "EHLO")
    refuses_bare_newlines = True

    def _answer(self, verb: str, argument: str) -> str:
        """The reply to a command that needs no waiting.  Whatever fails in it is our trouble, not the client's."""
        command = COMMANDS.get(verb)
        try:
            if command:
                return command(self, verb, argument)
        except Exception:
            return self._trouble()
        if verb in WEB:
            return "421 4.7.0 this is a mail server"
        return "500 5.5.2 that is no command I know"

    def _hello(self, verb: str, argument: str) -> str:
        if verb not in self.hello:
            return f"500 5.5.1 say {self.hello[-1]}"
        if not argument:
            return f"501 5.5.4 write {verb} and your host name"
        self._forget()
        self._greeted = True
        if verb == "HELO":
            return f"250 {self.hostname}"
        offers = ["PIPELINING", f"SIZE {self.settings.max_message_size}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        if self.settings.tls and self._plain is None:
            offers.append("STARTTLS")
        if self.settings.logins and self.encrypted:
            offers.append(f"AUTH {' '.join(MECHANISMS)}")
        lines = [self.hostname, *offers]
        return "\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"])

    def _mail(self, _verb: str, argument: str) -> str:
        if not self._greeted:
            return f"503 5.5.1 say {self.hello[-1]} first"
        if self.sender is not None:
            return "503 5.5.1 one sender is enough"
        found = path(argument, "FROM:")
        if found is None:
            return "501 5.1.7 write MAIL FROM:<address>"
        address, parameters = found
        for name, value in parameters.items():
            allowed = MAIL_PARAMETERS.get(name)
            if not allowed or (name == "AUTH" and not self.settings.logins):
                return f"555 5.5.4 {name[:20]} is not offered here"
            if not allowed.fullmatch(value):
                return f"501 5.5.4 {name} cannot be that"
        if int(parameters.get("SIZE") or 0) > self.settings.max_message_size:
            return self._too_large()
        refusal = self.door.guard()
        if refusal:
            return refusal
        self.sender = without_route(address)
        return "250 2.1.0 ok"

    def _rcpt(self, _verb: str, argument: str) -> str:
        if self.sender is None:
            return "503 5.5.1 say MAIL first"
        found = path(argument, "TO:")
        if found is None or not found[0]:
            return "550 5.1.3 write RCPT TO:<address>"
        address, parameters = found
        if parameters:
            return f"555 5.5.4 {next(iter(parameters))[:20]} is not offered here"
        if len(self.recipients) >= RECIPIENTS_LIMIT:
            return "452 4.5.3 too many recipients, send the rest later"
        if asks_for_relay(address):
            return "550 5.7.1 we relay for nobody"
        refusal = self.door.accepts(address)
        if refusal:
            log.info("refused door=%s client=%s recipient=%r reply=%r", self.door_name, self.client, address, refusal)
            return refusal
        self.recipients.append(address)
        return "250 2.1.5 ok"

    def _rset(self, _verb: str, _argument: str) -> str:
        self._forget()
        return "250 2.0.0 ok"

    def _noop(self, _verb: str, _argument: str) -> str:
        return "250 2.0.0 ok"

    def _vrfy(self, _verb: str, _argument: str) -> str:
        return "252 2.5.0 send a mail, and we shall see"

    def _help(self, _verb: str, _argument: str) -> str:
        return "214 2.0.0 RFC 5321"

    async def _auth(self, argument: str) -> str:
        """RFC 4954.  Who has logged in stays so until the connection ends."""
        logins = self.settings.logins
        assert logins is not None
        if not self.encrypted:
            return "538 5.7.11 log in under TLS only"
        if not self._greeted or self.sender is not None or self.login:
            return "503 5.5.1 not now"
        if logins.locked(self.client):
            return LOCKED
        given = await credentials(argument, self._challenge)
        if isinstance(given, str):
            return given
        self.deadline = float("inf")  # it is we who take our time
        reply = await logins.reply(self.client, *given)
        if reply == WELCOME:
            self.login = given[0].lower()
        return reply

    async def _challenge(self, text: str) -> str:
        self._say(f"334 {text}")
        self._reset_timeout()
        return await self._line()

    async def _data(self, argument: str) -> str:
        if argument:
            return "501 5.5.4 DATA stands alone"
        if self.sender is None or not self.recipients:
            return "503 5.5.1 no valid recipients"
        recipients = tuple(dict.fromkeys(self.recipients))
        envelope = Envelope(self.sender, recipients, datetime.now(UTC), self.door_name, self.client, self.login)
        self._say("354 end with a dot on a line of its own")
        writer = self.door.spool.writer()
        try:
            reply = await self._receive(writer)
            if not reply:
                self.deadline = float("inf")  # now it is we who are waited for
                reply = await self._hand_over(writer, envelope)
        finally:
            writer.discard()
        if reply[0] == "2":
            self._patience = PATIENCE
        else:
            log.info(
                "refused door=%s client=%s sender=%r reply=%r", self.door_name, self.client, envelope.sender, reply
            )
        self._last_mail = self.loop.time()
        answer = self._verdict(reply)
        self._forget()
        return answer

    def _verdict(self, reply: str) -> str:
        """What is said after the final dot."""
        return reply

    async def _receive(self, writer: Writer) -> str:
        """Everything up to the final dot; "" or why the mail is refused."""
        settings = self.settings
        dots = Dots(settings.line_limit)
        started = self.loop.time()
        got = 0
        trouble = ""
        self.deadline = started + min(settings.data_grace, settings.command_timeout)
        while not dots.done:
            if not self._pending:
                await self._more()
            chunk = bytes(self._pending)
            self._pending.clear()
            got += len(chunk)
            text = dots.feed(chunk)
            if not dots.done:
                in_time = started + settings.data_grace + got / settings.data_rate
                self.deadline = min(in_time, self.loop.time() + settings.command_timeout)
            if dots.size > settings.max_message_size:
                writer.discard()
                if dots.size > 2 * settings.max_message_size:
                    return self._too_large().replace("552 5.3.4", "421 4.3.4", 1)
            elif not trouble and dots.size <= INLINE:
                writer.write(text)
            elif not trouble:
                trouble = await self._write(writer, text)
        self._pending += dots.rest
        writer.whole_ends, writer.text = not dots.bare, dots.text
        return self._fault(dots, writer) or trouble

    async def _write(self, writer: Writer, text: bytes) -> str:
        """Into the spool, or why not.  What is for the disk is hashed and written by a thread: nobody else waits."""
        try:
            due, before = self.deadline, self.loop.time()
            self.deadline = float("inf")  # the disk takes its time, not the client
            await asyncio.to_thread(writer.write, text)
            self.deadline = due + self.loop.time() - before
        except Exception:
            return self._trouble()
        return ""

    def _fault(self, dots: Dots, writer: Writer) -> str:
        """What is wrong with a mail for good, as far as a door may judge."""
        if dots.size > self.settings.max_message_size:
            return self._too_large()
        if dots.bare and self.refuses_bare_newlines:
            return "550 5.6.11 a line must end with CR LF, and this mail has CR or LF alone"
        if dots.overlong:
            return f"554 5.6.0 a line of this mail is longer than {self.settings.line_limit} bytes"
        if writer.hops() > HOPS_LIMIT:
            return f"554 5.4.6 this mail runs in a circle: more than {HOPS_LIMIT} hops"
        return ""

    def _too_large(self) -> str:
        return f"552 5.3.4 a mail may have {self.settings.max_message_size} bytes here"

    async def _hand_over(self, writer: Writer, envelope: Envelope) -> str:
        try:
            refusal = self.door.guard()
            if refusal:
                return refusal
            reply = await self.door.deliver(writer.finish(), envelope)
            if not REPLY.fullmatch(reply):
                raise ValueError(f"no SMTP reply: {reply!r}")
        except Exception:
            return self._trouble()
        return reply


SIZE = re.compile(r"\d{1,18}")
MAIL_PARAMETERS = {
    "SIZE": SIZE,
    "BODY": re.compile("7BIT|8BITMIME"),
    "SMTPUTF8": re.compile(""),
    "AUTH": re.compile("[!-~]+"),
}
COMMANDS: dict[str, Callable[[Any, str, str], str]] = {
    "HELO": SmtpSession._hello,
    "EHLO": SmtpSession._hello,
    "LHLO": SmtpSession._hello,
    "MAIL": SmtpSession._mail,
    "RCPT": SmtpSession._rcpt,
    "RSET": SmtpSession._rset,
    "NOOP": SmtpSession._noop,
    "VRFY": SmtpSession._vrfy,
    "EXPN": SmtpSession._vrfy,
    "HELP": SmtpSession._help,
}


def smtp_door(
    settings: DoorSettings, spool: Spool, accepts: Accepts, deliver: Deliver, guard: Guard = lambda: ""
) -> Door:
    """A door that speaks SMTP; give it to `create_server` or to `open_listeners`."""
    return Door(SmtpSession, settings, spool, accepts=accepts, deliver=deliver, guard=guard)
