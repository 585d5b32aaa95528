"""One IMAP connection: sends commands, one at a time, and reads responses.  Nothing waits for ever.

On aioimaplib's protocol class: its commands, tags, states, and which responses belong to which command.  Its reading
is replaced (docs/decisions/imap-on-aioimaplib.md).  A command is answered, or refused (`Refused`: the connection is as
good as before), or the connection is dropped for good (`Lost`): after a time limit, an unexpected response, a BYE, or
anything that cannot be read.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable
from typing import Any

from aioimaplib.aioimaplib import AUTH, NONAUTH, AioImapException, Command, IMAP4ClientProtocol, Response

from sitmail.receiving.imap.lines import LITERAL_LIMIT, Parts, Responses, Violation, code, kind, text

logging.getLogger("aioimaplib").setLevel(logging.WARNING)  # it logs whole mails, and passwords in other spellings

KEPT_LIMIT = 64_000_000  # bytes of responses to one command


class ImapTrouble(Exception):
    """Something went wrong; the text is for people."""


class Lost(ImapTrouble):
    """The connection is gone, or was dropped because its state is not certain any more."""


class Refused(ImapTrouble):
    """The server said NO: an answer like any other (RFC 3501 section 7.1.2).  `code` is its response code."""

    def __init__(self, sentence: str, code: str = "") -> None:
        super().__init__(sentence)
        self.code = code


class ImapConnection(IMAP4ClientProtocol):  # type: ignore[misc]
    """The commands are aioimaplib's methods; each raises Refused or Lost.  The lines of an answer are the untagged
    responses that belong to it, each as `Parts`, and at last the text of the line that ended it.

    `news` is set when the server told of mails since it was cleared, and when the connection is lost.
    """

    def __init__(self, patience: float) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(loop)
        self.transport: asyncio.Transport | None = None
        self.patience = patience  # seconds for a command
        self.kept_limit = KEPT_LIMIT
        self.failure: Lost | None = None
        self.news = asyncio.Event()
        self.answers: list[str] = []  # to continuation requests of the next command, in their order
        self.challenge = b""  # the last continuation request's text
        self._greeting: asyncio.Future[bytes] = loop.create_future()
        self._responses = Responses()
        self._kept = 0  # bytes of responses to the command under way
        self._switching = False  # from STARTTLS's OK until TLS is up: every byte was injected (RFC 9051 section 11.1)
        self._leaving = False

    # --- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.failure:
            transport.abort()  # type: ignore[attr-defined]  # asyncio gives a Transport

    def data_received(self, data: bytes) -> None:
        if self.failure:
            return
        try:
            self._clear_is_over()
            for parts in self._responses.feed(data):
                self._clear_is_over()
                self._take(parts)
                if self.failure:
                    return
            if self._responses.pending:
                self._clear_is_over()
        except Violation as reason:
            self.fail(f"the server {reason}")
        except (AioImapException, UnicodeDecodeError):
            self.fail("the server answered what nobody asked")

    def connection_lost(self, exc: Exception | None) -> None:
        self.fail(f"the connection was cut ({exc})" if exc else "the connection was cut")

    # --- what the session calls, besides the commands

    async def greeting(self) -> bytes:
        """The first line.  Raises Lost."""
        line: bytes = await self._in_time(self._greeting, "a greeting")
        self.state = AUTH if line.upper().startswith(b"* PREAUTH") else NONAUTH
        return line

    async def ask(self, name: str, *words: str, scrub: str = "") -> Response:
        """A command for which aioimaplib has no method.  `scrub`: what no log may show."""
        return await self.execute(Command(name, self.new_tag(), *words, loop=self.loop), scrub=scrub or None)

    def expect(self, literal: int) -> None:
        """The most bytes that a literal in the next answer may announce."""
        self._responses.literal_limit = literal

    async def wait_for_news(self, seconds: float, stopping: asyncio.Event) -> None:
        """IDLE (RFC 2177), so long at most.  Raises Refused or Lost."""
        idling = asyncio.ensure_future(self.idle())
        begun, *ends = (
            asyncio.ensure_future(one) for one in (self._idle_event.wait(), self.news.wait(), stopping.wait())
        )
        first = asyncio.FIRST_COMPLETED
        try:
            await self._in_time(asyncio.wait([begun, idling], return_when=first), "an answer to IDLE")
            if not idling.done():
                await asyncio.wait([*ends, idling], timeout=seconds, return_when=first)
            if not idling.done():
                self.idle_done()
            await self._in_time(idling, "an answer to IDLE")
        except asyncio.CancelledError:
            self.fail("we gave up waiting")
            raise
        finally:
            for waiting in (idling, begun, *ends):
                waiting.cancel()

    async def start_tls(self, context: ssl.SSLContext, host: str) -> None:
        """From here on under TLS; only after the server agreed to STARTTLS.  Raises Lost."""
        try:
            async with asyncio.timeout(self.patience):
                self.transport = await self.loop.start_tls(self.transport, self, context, server_hostname=host)
        except (OSError, TimeoutError) as error:
            self.fail(f"TLS failed: {error or 'it took too long'}")
        if self.failure:
            raise self.failure
        if self.transport is None:
            raise self.fail("the connection was cut")
        self._switching = False

    async def leave(self) -> None:
        """LOGOUT, and a short wait for the answer."""
        self._leaving = True
        try:
            async with asyncio.timeout(min(2.0, self.patience)):
                await self.logout()
        except (ImapTrouble, TimeoutError):
            pass
        self.fail("we said goodbye")

    def fail(self, reason: str) -> Lost:
        """Drops the connection; the first reason is the one that is told."""
        if self.failure is None:
            self.failure = Lost(reason)
            if self.transport is not None:
                self.transport.abort()
            if not self._greeting.done():
                self._greeting.set_exception(self.failure)
                self._greeting.exception()  # it counts as seen, whether somebody waits or not
            for command in self._pending():
                command._exception = self.failure  # what its own time limit does
                command.close(b"", "KO")
            self.news.set()
        return self.failure

    # --- commands

    async def execute(self, command: Command, scrub: str | None = None) -> Response:
        """A command and its answer: all of aioimaplib's commands pass here."""
        if self.failure:
            raise self.failure
        if before := self._pending():
            raise self.fail(f"{command.name} came before {before[0].name} was answered")
        self.challenge, self._kept = b"", 0
        try:
            answer = super().execute(command, scrub)
            response = await (
                answer if command.name == "IDLE" else self._in_time(answer, f"an answer to {command.name}")
            )
        except AioImapException as error:
            raise self.fail(str(error)) from None
        finally:
            self.answers = []
            self.expect(LITERAL_LIMIT)
        result, line = response.result.upper(), response.lines[-1]
        if result == "NO":
            raise Refused(text(line), code(line)[0])
        if result != "OK":
            raise self.fail(f"the server did not understand {command.name}: {text(line)}")
        return Response(result, response.lines)

    def _pending(self) -> list[Command]:
        alone = self.pending_sync_command
        return [*self.pending_async_commands.values(), *([alone] if alone else [])]

    async def _in_time(self, answer: Awaitable[Any], what: str) -> Any:
        try:
            async with asyncio.timeout(self.patience):
                return await answer
        except TimeoutError:
            raise self.fail(f"{what} did not come within {self.patience:g} seconds") from None
        except asyncio.CancelledError:
            self.fail("we gave up waiting")
            raise

    # --- responses

    def _clear_is_over(self) -> None:
        if self._switching:
            raise Violation("sent plain text after STARTTLS")

    def _take(self, parts: Parts) -> None:
        line = parts[0]
        if not self._greeting.done():
            self._greeting.set_result(line)
        elif line.startswith(b"* "):
            self._untagged_response(parts)
        elif line.startswith(b"+"):
            self._continuation(line)
        else:
            alone = self.pending_sync_command
            self._response_done(line)
            self._switching = alone is not None and alone.name == "STARTTLS" and alone.response.result.upper() == "OK"

    def _untagged_response(self, parts: Parts) -> None:
        """To the command that waits for responses of this kind."""
        found = kind(parts)
        if found == "BYE" and not self._leaving:
            self.fail(f"the server said goodbye: {text(parts[0][6:])}")
        elif found == "EXISTS":
            self.news.set()
        command = self.pending_sync_command or self.pending_async_commands.get(found)
        if command is not None and command.name != "IDLE":
            self._kept += sum(map(len, parts)) + 100
            if self._kept > self.kept_limit:
                raise Violation(f"sent more than {self.kept_limit} bytes in answer to {command.name}")
            command.append_to_resp(parts)

    def _continuation(self, line: bytes) -> None:
        if self.has_pending_idle_command():
            super()._continuation(line)
        elif self.pending_sync_command is not None and self.answers:
            self.challenge = line[1:].strip()
            self.send(self.answers.pop(0))
        else:
            raise Violation("asked for more where nothing was to come")
