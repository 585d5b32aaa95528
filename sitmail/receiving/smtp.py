"""The SMTP door (RFC 5321): the mail after DATA, in chunks into the spool, and what is wrong with it for good.

Where a mail ends is found by `dots`.  Every failure of ours is 451 with a reference, its cause in our log alone.  NUL
bytes in a mail are kept as they are: reading copes with them.
"""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime

from aiosmtpd.smtp import syntax

from sitmail.domain.mail import INLINE, Envelope
from sitmail.receiving.door import Accepts, Deliver, Door, DoorSettings, Guard
from sitmail.receiving.dots import Dots
from sitmail.receiving.session import PATIENCE, Gone, Session, log
from sitmail.receiving.smtp_hooks import NULL
from sitmail.receiving.spool import Spool, Writer

CHUNK = 1_000_000  # bytes; more than are ever pending at once
HOPS_LIMIT = 50  # Received fields of a mail that runs in a circle (RFC 5321 section 6.3)
REPLY = re.compile(r"[245]\d\d [ -~]*")


class SmtpSession(Session):
    """One connection."""

    refuses_bare_newlines = True

    @syntax("DATA")
    async def smtp_DATA(self, arg: str | None) -> None:
        assert self.envelope is not None
        assert self.session is not None
        if arg or not self.envelope.rcpt_tos:
            await self.push("501 5.5.4 DATA stands alone" if arg else "503 5.5.1 no valid recipients")
            return
        sender, recipients = self.envelope.mail_from or "", self.envelope.rcpt_tos
        envelope = Envelope(
            "" if sender == NULL else sender,
            tuple(dict.fromkeys(recipients)),
            datetime.now(UTC),
            self.door_name,
            self.client,
            self.session.auth_data or "",
        )
        await self.push("354 end with a dot on a line of its own")
        writer = self.door.spool.writer()
        try:
            reply = await self._receive(writer)
            if not reply:
                self.deadline = float("inf")  # now it is we who are waited for
                reply = await self._hand_over(writer, envelope)
        finally:
            writer.discard()
        if reply[0] != "2":
            log.info(
                "refused door=%s client=%s sender=%r reply=%r", self.door_name, self.client, envelope.sender, reply
            )
        self.last_mail = self.loop.time()
        self._reset_timeout()
        self.envelope = self._create_envelope()
        await self.push(reply, self._replies_after(recipients))
        if reply[0] == "2":
            self.patience = PATIENCE
        if self.door.closing:
            await self.push("421 4.3.2 closing down, come back later")

    def _replies_after(self, recipients: list[str]) -> int:  # noqa: ARG002  # LMTP's differs
        """How many times the reply to a mail is said."""
        return 1

    async def _receive(self, writer: Writer) -> str:
        """Everything up to the final dot; "" or why the mail is refused.  Raises Gone where the dot does not come."""
        settings = self.door.settings
        dots = Dots(settings.line_limit)
        started = self.loop.time()
        got = 0
        trouble = ""
        self.deadline = started + min(settings.data_grace, settings.command_timeout)
        while not dots.done:
            chunk = await self._reader.read(CHUNK)
            if not chunk:
                raise Gone("the client went inside a mail")
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
        self._reader.unread(dots.rest)
        return self._fault(dots, writer) or trouble

    async def _write(self, writer: Writer, text: bytes) -> str:
        """Into the spool, or why not.  What is for the disk is hashed and written by a thread: nobody else waits."""
        try:
            due, before = self.deadline, self.loop.time()
            self.deadline = float("inf")  # the disk takes its time, not the client
            await asyncio.to_thread(writer.write, text)
            self.deadline = due + self.loop.time() - before
        except Exception:
            return self.trouble()
        return ""

    def _fault(self, dots: Dots, writer: Writer) -> str:
        """What is wrong with a mail for good, as far as a door may judge."""
        if dots.size > self.door.settings.max_message_size:
            return self._too_large()
        if dots.bare and self.refuses_bare_newlines:
            return "550 5.6.11 a line must end with CR LF, and this mail has CR or LF alone"
        if dots.overlong:
            return f"554 5.6.0 a line of this mail is longer than {self.door.settings.line_limit} bytes"
        if writer.hops() > HOPS_LIMIT:
            return f"554 5.4.6 this mail runs in a circle: more than {HOPS_LIMIT} hops"
        return ""

    def _too_large(self) -> str:
        return f"552 5.3.4 a mail may have {self.door.settings.max_message_size} bytes here"

    async def _hand_over(self, writer: Writer, envelope: Envelope) -> str:
        try:
            refusal = self.door.guard()
            if refusal:
                return refusal
            reply = await self.door.deliver(writer.finish(), envelope)
            if not REPLY.fullmatch(reply):
                raise ValueError(f"no SMTP reply: {reply!r}")
        except Exception:
            return self.trouble()
        return reply


def smtp_door(
    settings: DoorSettings, spool: Spool, accepts: Accepts, deliver: Deliver, guard: Guard = lambda: ""
) -> Door:
    """A door that speaks SMTP; give it to `create_server` or to `open_listeners`."""
    return Door(SmtpSession, settings, spool, accepts=accepts, deliver=deliver, guard=guard)
