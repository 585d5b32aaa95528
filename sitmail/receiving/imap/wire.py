"""One IMAP connection: commands out, responses in, one command at a time, and nothing that can wait for ever.

On aioimaplib's protocol class, of which commands, tags and sending are used.  Its reading is replaced: version 2.0.3
recurses once a response line, takes `* ` out of texts, never learns that a connection is lost, and does not answer a
refused XOAUTH2.  A command is answered, or refused (`Refused`: the connection is as good as before), or the connection
is dropped for good (`Lost`): after a time limit, a word out of turn, a BYE, or anything that cannot be read.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from aioimaplib.aioimaplib import Command, IMAP4ClientProtocol

from sitmail.domain.record import record
from sitmail.receiving.imap.lines import LITERAL_LIMIT, Parts, Responses, Violation, code, kind, text

logging.getLogger("aioimaplib").setLevel(logging.WARNING)  # it logs whole mails, and passwords in other spellings

KEPT_LIMIT = 64_000_000  # bytes of responses to one command


class ImapTrouble(Exception):
    """Something went wrong; the text is for people."""


class Lost(ImapTrouble):
    """The connection is gone, or was dropped because it could not be trusted any more."""


class Refused(ImapTrouble):
    """The server said NO: an answer like any other (RFC 3501 section 7.1.2).  `code` is its response code."""

    def __init__(self, sentence: str, code: str = "") -> None:
        super().__init__(sentence)
        self.code = code


@record
class Answer:
    """What came for a command: the line that ended it, and the untagged responses of the kinds it asked for."""

    line: bytes
    untagged: list[Parts]

    def of(self, wanted: str) -> list[Parts]:
        return [parts for parts in self.untagged if kind(parts) == wanted]


@dataclass(slots=True)
class _Waiting:
    """The command under way."""

    tag: bytes
    name: str
    wants: frozenset[str]
    answers: list[str]  # to continuation requests, in their order
    done: asyncio.Future[tuple[bytes, bytes]]
    begun: asyncio.Future[None]  # for IDLE: it is on
    kept: list[Parts]
    size: int = 0


class Wire(IMAP4ClientProtocol):  # type: ignore[misc]
    """`news` is set when the server told of mails since it was cleared, and when the connection is lost."""

    def __init__(self, patience: float) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(loop)
        self.transport: asyncio.Transport | None = None
        self.patience = patience  # seconds for a command
        self.kept_limit = KEPT_LIMIT
        self.failure: Lost | None = None
        self.news = asyncio.Event()
        self.challenge = b""  # the last continuation request's text
        self._greeting: asyncio.Future[bytes] = loop.create_future()
        self._responses = Responses()
        self._waiting: _Waiting | None = None
        self._switching = False  # from STARTTLS's OK until TLS is up: every byte was injected (RFC 9051 section 11.1)
        self._leaving = False

    # --- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        if self.failure:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.failure:
            return
        try:
            if self._switching:
                raise Violation("sent plain text after STARTTLS")
            for parts in self._responses.feed(data):
                self._take(parts)
                if self.failure:
                    return
            if self._switching and self._responses.pending:
                raise Violation("sent plain text after STARTTLS")
        except Violation as reason:
            self.fail(f"the server {reason}")

    def connection_lost(self, exc: Exception | None) -> None:
        self.fail(f"the connection was cut ({exc})" if exc else "the connection was cut")

    # --- what the session calls

    async def greeting(self) -> bytes:
        """The first line.  Raises Lost."""
        line: bytes = await self._in_time(self._greeting, "a greeting")
        return line

    async def ask(
        self,
        name: str,
        *words: str,
        prefix: str = "",
        wants: Iterable[str] = (),
        literal: int = LITERAL_LIMIT,
        answers: Iterable[str] = (),
        secret: str = "",
    ) -> Answer:
        """A command and its answer.  Raises Refused or Lost, within the time limit.

        `wants`: kinds of untagged responses to collect; `literal`: the most bytes one may announce; `answers`: what
        is said to continuation requests; `secret`: what no log may show.
        """
        waiting = self._send(Command(name, self.new_tag(), *words, prefix=prefix, loop=self.loop), wants, secret)
        waiting.answers += answers
        self._responses.literal_limit = literal
        return await self._answer(waiting)

    async def idle(self, seconds: float, stopping: asyncio.Event) -> None:
        """Waits for news, so long at most (RFC 2177).  Raises Refused or Lost."""
        waiting = self._send(Command("IDLE", self.new_tag(), loop=self.loop), (), "")
        first: list[asyncio.Future[Any]] = [waiting.begun, waiting.done]
        started = asyncio.ensure_future(asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED))
        await self._in_time(started, "an answer to IDLE")
        if not waiting.done.done():
            waits = [asyncio.ensure_future(event.wait()) for event in (self.news, stopping)]
            try:
                ends: list[asyncio.Future[Any]] = [*waits, waiting.done]
                await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            except asyncio.CancelledError:
                self.fail("we gave up waiting")
                raise
            finally:
                for wait in waits:
                    wait.cancel()
            if not waiting.done.done():
                self.send("DONE")
        await self._answer(waiting)

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
        """Says goodbye, and waits for the answer not long."""
        self._leaving = True
        try:
            async with asyncio.timeout(min(2.0, self.patience)):
                await self.ask("LOGOUT")
        except (ImapTrouble, TimeoutError):
            pass
        self.fail("we said goodbye")

    def fail(self, reason: str) -> Lost:
        """Drops the connection; the first reason is the one that is told."""
        if self.failure is None:
            self.failure = Lost(reason)
            if self.transport is not None:
                self.transport.abort()
            waiting = self._waiting
            for future in (self._greeting, waiting.done if waiting else None):
                if future is not None and not future.done():
                    future.set_exception(self.failure)
                    future.exception()  # it counts as seen, whether somebody waits or not
            self.news.set()
        return self.failure

    # --- commands

    def _send(self, command: Any, wants: Iterable[str], secret: str) -> _Waiting:
        if self.failure:
            raise self.failure
        if self._waiting is not None:
            raise self.fail(f"{command.name} came before {self._waiting.name} was answered")
        done, begun = self.loop.create_future(), self.loop.create_future()
        tag = command.tag.encode()
        self._waiting = _Waiting(tag, command.name, frozenset(wants), [], done, begun, [])
        self.challenge = b""
        self.send(str(command), scrub=secret or None)
        return self._waiting

    async def _answer(self, waiting: _Waiting) -> Answer:
        status, line = await self._in_time(waiting.done, f"an answer to {waiting.name}")
        self._waiting = None
        self._responses.literal_limit = LITERAL_LIMIT
        if status == b"NO":
            raise Refused(text(line), code(line)[0])
        if status != b"OK":
            raise self.fail(f"the server did not understand {waiting.name}: {text(line)}")
        return Answer(line, waiting.kept)

    async def _in_time(self, future: asyncio.Future[Any], what: str) -> Any:
        try:
            async with asyncio.timeout(self.patience):
                return await future
        except TimeoutError:
            raise self.fail(f"{what} did not come within {self.patience:g} seconds") from None
        except asyncio.CancelledError:
            self.fail("we gave up waiting")
            raise

    # --- responses

    def _take(self, parts: Parts) -> None:
        line = parts[0]
        if self._switching:
            raise Violation("sent plain text after STARTTLS")
        if not self._greeting.done():
            self._greeting.set_result(line)
        elif line.startswith(b"* "):
            self._untagged(parts)
        elif line.startswith(b"+"):
            self._continue(line[1:].strip())
        else:
            self._tagged(line)

    def _untagged(self, parts: Parts) -> None:
        found, waiting = kind(parts), self._waiting
        if found == "BYE" and not self._leaving:
            self.fail(f"the server said goodbye: {text(parts[0][6:])}")
        elif found == "EXISTS":
            self.news.set()
        if waiting is not None and found in waiting.wants:
            waiting.size += sum(map(len, parts)) + 100
            if waiting.size > self.kept_limit:
                raise Violation(f"sent more than {self.kept_limit} bytes in answer to {waiting.name}")
            waiting.kept.append(parts)

    def _continue(self, challenge: bytes) -> None:
        waiting = self._waiting
        if waiting is not None and waiting.name == "IDLE":
            if not waiting.begun.done():
                waiting.begun.set_result(None)
        elif waiting is not None and waiting.answers and self.transport is not None:
            self.challenge = challenge
            self.transport.write(waiting.answers.pop(0).encode() + b"\r\n")
        else:
            raise Violation("asked for more where nothing was to come")

    def _tagged(self, line: bytes) -> None:
        tag, _, rest = line.partition(b" ")
        status, _, words = rest.partition(b" ")
        waiting = self._waiting
        if waiting is None or tag != waiting.tag or waiting.done.done():
            raise Violation(f"answered what nobody asked: {text(line[:100])!r}")
        if waiting.name == "STARTTLS" and status.upper() == b"OK":
            self._switching = True
        waiting.done.set_result((status.upper(), words))
