"""A fake IMAP server at the wire: it does what a test tells it, and the right thing otherwise.

    async with Imapd(LETTER, LETTER) as server: ...

What it shall say can be changed at any time.  `instead["SEARCH"] = [b"* BYE tired\\r\\n", None]`: the next answers to
a verb (CONNECT is the greeting, IDLE what follows DONE), used up one by one: bytes are sent as they are, with TAG
replaced; b"" says nothing at all; None drops the connection.  `always` is the same for ever, and `poison`
for one mail.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from base64 import b64decode
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Self

LETTER = b"""Return-Path: <carol@example.org>\r
Delivered-To: support@example.com\r
From: Carol Carter <carol@example.org>\r
To: support@example.com\r
Subject: Crane %d\r
Message-ID: <crane%d@example.org>\r
\r
It stopped.\r
"""


def letter(number: int) -> bytes:
    return LETTER % (number, number)


class Imapd:
    """Seen: `commands` (every line), `connections`; `mails`, `flags` and `folders` are the mailbox."""

    def __init__(
        self,
        *mails: bytes,
        capabilities: str = "IMAP4rev1 IDLE MOVE UIDPLUS AUTH=PLAIN",
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
    ) -> None:
        self.capabilities, self.tls, self.implicit = capabilities, tls, implicit
        self.mails: dict[int, bytes] = {}
        self.flags: dict[int, set[str]] = {}
        self.arrived: dict[int, datetime] = {}
        self.sizes: dict[int, int] = {}  # where it gives a wrong one
        self.folders: dict[str, list[bytes]] = {"INBOX": [], "Done": []}
        self.uidvalidity, self.uidnext = 7, 1
        self.permanent = r"\Seen \Deleted \*"
        self.logins = {"support": "secret"}
        self.instead: dict[str, list[bytes | None]] = {}
        self.always: dict[str, bytes | None] = {}
        self.poison: dict[tuple[str, int], bytes | None] = {}  # by SIZE or BODY, and UID
        self.commands: list[str] = []
        self.connections = 0
        self.port = 0
        self._talks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._idle: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        for mail in mails:
            self.put(mail)

    async def __aenter__(self) -> Self:
        tls = self.tls if self.implicit else None
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", self.port, ssl=tls, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self.drop_all()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def drop_all(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    def put(self, mail: bytes, arrived: datetime | None = None) -> int:
        uid, self.uidnext = self.uidnext, self.uidnext + 1
        self.mails[uid], self.flags[uid], self.arrived[uid] = mail, set(), arrived or datetime.now(UTC)
        for writer in self._idle:
            writer.write(b"* %d EXISTS\r\n" % len(self.mails))
        return uid

    def heard(self, word: str) -> list[str]:
        return [command for command in self.commands if word in command]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        self._writers.add(writer)
        self.connections += 1
        try:
            await _Talk(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            self._idle.discard(writer)
            self._writers.discard(writer)
            self._talks.discard(task)
            writer.transport.abort()


class _Talk:
    """One connection."""

    def __init__(self, server: Imapd, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.tag = b"*"
        self.told = -1  # the highest UID it knows of; -1: no folder is open

    async def run(self) -> None:
        await self.say("CONNECT", b"* OK at your service\r\n")
        while line := await self.reader.readline():
            text = line.decode().rstrip("\r\n")
            self.server.commands.append(text)
            tag, _, rest = text.partition(" ")
            self.tag = tag.encode()
            words = re.findall(r'"(?:[^"\\]|\\.)*"|[^ "]+', rest)
            by_uid = words[0].upper() == "UID"
            verb = words[by_uid].upper()
            self.tell_news()
            await getattr(self, f"do_{verb.lower()}")(words[1 + by_uid :])
            if verb == "LOGOUT":
                return

    def tell_news(self) -> None:
        """As servers do with every command (RFC 3501 section 7.3.1)."""
        if -1 < self.told < self.server.uidnext - 1:
            self.told = self.server.uidnext - 1
            self.writer.write(b"* %d EXISTS\r\n" % len(self.server.mails))

    async def say(self, verb: str, usual: bytes) -> bool:
        """Answers as told, else as usual; whether it was the usual answer."""
        server = self.server
        queue = server.instead.get(verb)
        told = queue.pop(0) if queue else server.always.get(verb, usual)
        if told is None:
            raise ConnectionError
        self.writer.write(told.replace(b"TAG", self.tag))
        await self.writer.drain()
        return told is usual

    async def do_capability(self, _: list[str]) -> None:
        await self.say("CAPABILITY", f"* CAPABILITY {self.server.capabilities}\r\n".encode() + b"TAG OK\r\n")

    async def do_login(self, words: list[str]) -> None:
        user, password = (word[1:-1].replace('\\"', '"').replace("\\\\", "\\") for word in words)
        good = self.server.logins.get(user) == password
        await self.say("LOGIN", b"TAG OK in\r\n" if good else b"TAG NO [AUTHENTICATIONFAILED] wrong\r\n")

    async def do_authenticate(self, words: list[str]) -> None:
        if len(words) < 2:
            self.writer.write(b"+ \r\n")
            words.append((await self.reader.readline()).decode().strip())
        said = b64decode(words[1]).decode()
        if words[0] == "XOAUTH2":
            good = said == "user=support\1auth=Bearer token\1\1"
            if not good:
                self.writer.write(b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n")  # {"status":"401"}
                assert await self.reader.readline() == b"\r\n"
        else:
            _, user, password = said.split("\0")
            good = self.server.logins.get(user) == password
        await self.say("AUTHENTICATE", b"TAG OK in\r\n" if good else b"TAG NO [AUTHENTICATIONFAILED] wrong\r\n")

    async def do_starttls(self, _: list[str]) -> None:
        said = (self.server.instead.get("STARTTLS") or [self.server.always.get("STARTTLS", b"TAG OK go\r\n")])[0]
        await self.say("STARTTLS", b"TAG OK go\r\n")
        if (said or b"").startswith(b"TAG OK"):  # whatever stands behind it was injected
            assert self.server.tls is not None
            plain = self.writer.transport
            try:
                await self.writer.start_tls(self.server.tls)
            except AttributeError as error:  # the client hung up, and Python 3.11 is left without a transport
                self.writer._transport = plain  # type: ignore[attr-defined]
                raise ConnectionError from error

    async def do_select(self, words: list[str]) -> None:
        server = self.server
        if words[0].strip('"') not in server.folders:
            await self.say("SELECT", b"TAG NO no such folder\r\n")
            return
        self.told = server.uidnext - 1
        lines = [f"* {len(server.mails)} EXISTS", f"* OK [UIDVALIDITY {server.uidvalidity}] ok"]
        lines += [f"* OK [UIDNEXT {server.uidnext}] ok", f"* OK [PERMANENTFLAGS ({server.permanent})] ok"]
        await self.say("SELECT", "\r\n".join([*lines, "TAG OK [READ-WRITE] open\r\n"]).encode())

    async def do_noop(self, _: list[str]) -> None:
        await self.say("NOOP", b"TAG OK\r\n")

    async def do_search(self, words: list[str]) -> None:
        flags, mails = self.server.flags, self.server.mails
        if words[0] == "DELETED":
            found = [uid for uid in mails if "\\Deleted" in flags[uid]]
        elif words[0] == "UNSEEN":
            found = [uid for uid in mails if "\\Seen" not in flags[uid]]
        elif words[0] == "KEYWORD":
            found = [uid for uid in mails if words[1] in flags[uid]]
        elif words[0] == "SINCE":
            day = datetime.strptime(words[1], "%d-%b-%Y").date()
            found = [uid for uid in mails if self.server.arrived[uid].date() >= day]
        else:
            found = self.chosen(words[1])
        await self.say("SEARCH", f"* SEARCH {' '.join(map(str, found))}\r\n".encode() + b"TAG OK\r\n")

    async def do_fetch(self, words: list[str]) -> None:
        items, lines = " ".join(words[1:]), []
        verb = "BODY" if "BODY" in items else "SIZE"
        part = re.search(r"<(\d+)\.(\d+)>", items)
        for number, uid in enumerate(self.server.mails, 1):
            if uid not in self.chosen(words[0]):
                continue
            mail = self.server.mails[uid]
            if "INTERNALDATE" in items:
                at = self.server.arrived[uid].strftime("%e-%b-%Y %H:%M:%S %z").encode()
                lines.append(b'* %d FETCH (UID %d INTERNALDATE "%s")\r\n' % (number, uid, at))
                continue
            if verb == "SIZE":
                size = self.server.sizes.get(uid, len(mail))
                lines.append(b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (number, uid, size))
                continue
            if "[HEADER]" in items:
                head = mail[: mail.find(b"\r\n\r\n") + 4]
                lines.append(b"* %d FETCH (UID %d BODY[HEADER]<0> {%d}\r\n%s)\r\n" % (number, uid, len(head), head))
                continue
            start, length = (int(part[1]), int(part[2])) if part else (0, len(mail))
            piece, name = mail[start : start + length], b"BODY[]<%d>" % start if part else b"BODY[]"
            lines.append(b"* %d FETCH (%s {%d}\r\n%s UID %d)\r\n" % (number, name, len(piece), piece, uid))
        bad = [uid for uid in self.chosen(words[0]) if (verb, uid) in self.server.poison]
        if bad:
            self.server.instead.setdefault(verb, []).insert(0, self.server.poison[verb, bad[0]])
        await self.say(verb, b"".join(lines) + b"TAG OK\r\n")

    async def do_store(self, words: list[str]) -> None:
        if await self.say("STORE", b"TAG OK\r\n"):
            for uid in self.chosen(words[0]):
                self.server.flags[uid].add(words[2].strip("()"))

    async def do_move(self, words: list[str]) -> None:
        await self.into("MOVE", words, away=True)

    async def do_copy(self, words: list[str]) -> None:
        await self.into("COPY", words, away=False)

    async def into(self, verb: str, words: list[str], *, away: bool) -> None:
        server, folder = self.server, words[1].strip('"')
        if folder not in server.folders:
            await self.say(verb, b"TAG NO [TRYCREATE] no such folder\r\n")
        elif await self.say(verb, b"TAG OK\r\n"):
            for uid in self.chosen(words[0]):
                server.folders[folder].append(server.mails[uid])
                if away:
                    del server.mails[uid]

    async def do_create(self, words: list[str]) -> None:
        if await self.say("CREATE", b"TAG OK\r\n"):
            self.server.folders[words[0].strip('"')] = []

    async def do_expunge(self, words: list[str]) -> None:
        if await self.say("EXPUNGE", b"TAG OK\r\n"):
            chosen = self.chosen(words[0]) if words else list(self.server.mails)
            for uid in chosen:
                if "\\Deleted" in self.server.flags[uid]:
                    del self.server.mails[uid]

    async def do_idle(self, _: list[str]) -> None:
        if not await self.say("IDLE", b"+ waiting\r\n"):
            return
        self.server._idle.add(self.writer)
        assert await self.reader.readline() == b"DONE\r\n"
        self.server._idle.discard(self.writer)
        await self.say("DONE", b"TAG OK\r\n")

    async def do_logout(self, _: list[str]) -> None:
        with suppress(ConnectionError):
            await self.say("LOGOUT", b"* BYE\r\nTAG OK\r\n")

    def chosen(self, uids: str) -> list[int]:
        found: set[int] = set()
        last = max(self.server.mails, default=0)
        for piece in uids.split(","):
            first, _, end = piece.partition(":")
            stop = last if end == "*" else int(end or first)
            found |= set(self._between(min(int(first), stop), max(int(first), stop)))
        return sorted(found)

    def _between(self, first: int, stop: int) -> Iterable[int]:
        return (uid for uid in self.server.mails if first <= uid <= stop)
