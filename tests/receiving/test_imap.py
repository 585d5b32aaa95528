"""An IMAP session with good and bad servers: every command ends within its time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from sitmail.receiving.imap import mailbox
from sitmail.receiving.imap.connection import ImapConnection
from sitmail.receiving.imap.mailbox import Account, Lost, Patience, Refused, Session
from tests.imapd import Imapd, letter

SHORT = Patience(connect=5.0, command=5.0, token=5.0)
HANGING = 10.0  # seconds after which a command that should end did not


@asynccontextmanager
async def session(server: Imapd, **changes: Any) -> AsyncIterator[Session]:
    account = Account("127.0.0.1", server.port, "none", "support", "secret")
    async with mailbox.connected(replace(account, **changes), SHORT) as opened:
        yield opened


async def test_a_mail_is_found_fetched_and_marked() -> None:
    async with Imapd(letter(1), letter(2)) as server, session(server) as one:
        folder = await one.select("INBOX")
        assert (folder.uidvalidity, folder.uidnext, folder.exists, folder.mark) == (7, 3, 2, "SitmailDone")
        assert await one.after(0) == [1, 2]
        assert await one.sizes([1, 2]) == {1: len(letter(1)), 2: len(letter(2))}
        assert await one.bodies([1, 2]) == {1: letter(1), 2: letter(2)}
        await one.finish([1, 2], folder)
        assert server.flags == {1: {"SitmailDone"}, 2: {"SitmailDone"}}
        assert await one.after(2) == []  # `3:*` names the last mail, whatever its UID


async def test_a_mail_read_by_us_stays_unread_for_others() -> None:
    async with Imapd(letter(1)) as server, session(server) as one:
        await one.select("INBOX")
        await one.bodies([1])
        assert all(".PEEK[" in command for command in server.heard("BODY"))


async def test_a_large_mail_comes_in_pieces() -> None:
    mail = bytes(range(256)) * 10_000  # 2.56 MB: no command brings all of it
    async with Imapd(mail) as server, session(server) as one:
        await one.select("INBOX")
        pieces: list[bytes] = []
        assert await one.body(1, pieces.append, len(mail), 10_000_000)
        assert b"".join(pieces) == mail
        assert len(pieces) == 3
        with pytest.raises(Refused, match="larger than 2000000"):
            await one.body(1, pieces.append, len(mail), 2_000_000)
        assert not await one.body(9, pieces.append, 5, 100)


@pytest.mark.parametrize("size", [10, 3_000_000])
async def test_a_mail_that_is_moved_away_while_its_pieces_come_is_not_there(size: int) -> None:
    """Whatever size the server gave: a beginning is no mail."""
    async with Imapd(bytes(range(256)) * 10_000) as server, session(server) as one:
        await one.select("INBOX")

        def take(_piece: bytes) -> None:
            server.mails.clear()

        assert not await one.body(1, take, size, 10_000_000)


async def test_marks_of_a_server_without_keywords() -> None:
    async with Imapd(letter(1)) as server, session(server) as one:
        server.permanent = "\\Seen \\Deleted"
        await one.finish([1], await one.select("INBOX"))
        assert server.flags[1] == {"\\Seen"}


@pytest.mark.parametrize("extensions", ["MOVE UIDPLUS", "UIDPLUS", ""])
async def test_done_mails_are_moved_whatever_the_server_can(extensions: str) -> None:
    able = Imapd(letter(1), letter(2), capabilities=f"IMAP4rev1 {extensions}")
    async with able as server, session(server, done_folder="Done") as one:
        folder = await one.select("INBOX")
        await one.finish([1], folder)
        assert (server.folders["Done"], list(server.mails)) == ([letter(1)], [2])
        await one.finish([1], folder)  # again, after a crash
        assert list(server.mails) == [2]


async def test_mails_that_others_deleted_are_not_expunged() -> None:
    old = Imapd(letter(1), letter(2), capabilities="IMAP4rev1")
    async with old as server, session(server, done_folder="Done") as one:
        folder = await one.select("INBOX")
        server.flags[2].add("\\Deleted")
        await one.finish([1], folder)
        assert list(server.mails) == [1, 2]


async def test_a_done_folder_that_is_missing_is_made() -> None:
    async with Imapd(letter(1)) as server, session(server, done_folder="Kram & Co") as one:
        await one.finish([1], await one.select("INBOX"))
        assert server.folders["Kram &- Co"] == [letter(1)]


async def test_a_refusal_leaves_the_connection_as_it_was() -> None:
    async with Imapd(letter(1)) as server, session(server, done_folder="Done") as one:
        folder = await one.select("INBOX")
        server.instead["MOVE"] = [b"TAG NO [OVERQUOTA] full\r\n"]
        with pytest.raises(Refused, match="full") as refused:
            await one.finish([1], folder)
        assert refused.value.code == "OVERQUOTA"
        await one.finish([1], folder)
        assert server.folders["Done"] == [letter(1)]


async def test_nothing_is_marked_where_nothing_may_be() -> None:
    async with Imapd(letter(1)) as server, session(server) as one:
        server.instead["SELECT"] = [b"* OK [UIDVALIDITY 3]\r\nTAG OK [READ-ONLY] look only\r\n"]
        folder = await one.select("INBOX")
        assert folder.read_only
        await one.finish([1], folder)
        assert server.heard("STORE") == []


async def test_idle_ends_with_news_and_without_them() -> None:
    stopping = asyncio.Event()
    async with Imapd() as server, session(server) as one:
        await one.select("INBOX")
        await one.after(0)
        assert await one.wait(0.05, stopping)  # nothing comes
        waiting = asyncio.create_task(one.wait(HANGING, stopping))
        while not server._idle:
            await asyncio.sleep(0.01)
        server.put(letter(1))
        assert await waiting
        assert await one.after(0) == [1]
        stopping.set()
        assert await one.wait(HANGING, stopping)
        await one.leave()
    assert server.commands[-1].endswith(" LOGOUT")


async def test_a_server_without_idle_says_so() -> None:
    async with Imapd(capabilities="IMAP4rev1") as server, session(server) as one:
        assert not await one.wait(HANGING, asyncio.Event())


async def test_a_server_without_lasting_uids_is_not_used() -> None:
    async with Imapd() as server, session(server) as one:
        server.instead["SELECT"] = [b"* 3 EXISTS\r\nTAG OK\r\n"]
        with pytest.raises(Lost, match="no UIDVALIDITY"):
            await one.select("INBOX")


# --- hostile servers

Use = Callable[[Session], Awaitable[object]]
USES: dict[str, Use] = {
    "SELECT": lambda one: one.select("INBOX"),
    "SEARCH": lambda one: one.after(0),
    "SIZE": lambda one: one.sizes([1]),
    "BODY": lambda one: one.bodies([1]),
    "STORE": lambda one: one._store([1], "\\Seen"),
    "MOVE": lambda one: one._into(one.connection.move, [1]),
    "IDLE": lambda one: one.wait(0.05, asyncio.Event()),
    "DONE": lambda one: one.wait(0.05, asyncio.Event()),
    "NOOP": lambda one: one.look(),
}
HOSTILE = {
    "silence": b"",
    "a dropped line": None,
    "half a line": b"* 1 FETCH (UID 1 RFC8",
    "half an answer": b"TAG O",
    "half a literal": b"* 1 FETCH (UID 1 BODY[] {100}\r\nabc",
    "200 MB announced": b"* 1 FETCH (UID 1 BODY[] {209715200}\r\n",
    "a goodbye": b"* BYE going down\r\n",
    "a goodbye after the answer": b"TAG OK\r\n* BYE going down\r\n",
    "a wrong tag": b"X1 OK\r\n",
    "no understanding": b"TAG BAD what?\r\n",
    "nonsense": b"\x00\xff\x1b\r\n",
    "a question": b"+ tell me more\r\n+ and more\r\n",
    "an answer twice": b"TAG OK\r\nTAG OK\r\n",
    "lists without an end": b"* 1 FETCH " + b"(" * 5000 + b"\r\nTAG OK\r\n",
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("verb", USES)
async def test_every_command_ends(verb: str, what: str) -> None:
    """It returns, is refused, or the connection is dropped for good: then every later command fails at once."""
    async with Imapd(letter(1)) as server, session(server, done_folder="Done") as one:
        await one.select("INBOX")
        one.connection.news.clear()
        server.always[verb] = HOSTILE[what]
        one.connection.patience = 0.1
        try:
            async with asyncio.timeout(HANGING):
                await USES[verb](one)
                await one.look()
        except Lost:
            pass
        else:
            assert what in ("a goodbye after the answer", "lists without an end", "a question", "an answer twice")
            return
        assert one.connection.failure
        with pytest.raises(Lost):
            await one.look()


@pytest.mark.parametrize("what", [what for what in HOSTILE if what not in ("no understanding", "an answer twice")])
async def test_a_greeting_that_is_none(what: str) -> None:
    async with Imapd() as server:
        server.always["CONNECT"] = HOSTILE[what]
        account = Account("127.0.0.1", server.port, "none", "support", "secret")
        with pytest.raises(mailbox.ImapTrouble):
            async with asyncio.timeout(HANGING), mailbox.connected(account, Patience(command=0.1)):
                pass


async def test_ten_thousand_untagged_lines() -> None:
    """Also where they come with every command, and in IDLE."""
    flood = b"".join(b"* %d EXISTS\r\n* %d FETCH (FLAGS ())\r\n" % (n, n) for n in range(5_000))
    async with Imapd(letter(1)) as server, session(server) as one:
        await one.select("INBOX")
        server.instead["NOOP"] = [flood + b"TAG OK\r\n"]
        server.instead["SIZE"] = [flood + b"* 1 FETCH (UID 1 RFC822.SIZE 5)\r\nTAG OK\r\n"]
        server.instead["DONE"] = [flood + b"TAG OK\r\n"]
        await one.look()
        assert await one.sizes([1]) == {1: 5}
        one.connection.news.clear()
        await one.wait(0.01, asyncio.Event())
        assert await one.bodies([1]) == {1: letter(1)}


async def test_a_flood_without_an_end_is_cut() -> None:
    async with Imapd(letter(1)) as server, session(server) as one:
        await one.select("INBOX")
        server.instead["SIZE"] = [b"* 1 FETCH (UID 1 RFC822.SIZE 5)\r\n" * 6_000]
        one.connection.kept_limit = 500_000
        with pytest.raises(Lost, match="sent more than"):
            await one.sizes([1])


async def test_only_what_was_asked_for_is_taken() -> None:
    """Other mails' flags in between, UIDs that come twice, UIDs that nobody asked for."""
    async with Imapd(letter(1)) as server, session(server) as one:
        await one.select("INBOX")
        server.instead["SEARCH"] = [b"* SEARCH 5 5 2 2 7\r\n* SEARCH 7 9\r\nTAG OK\r\n"]
        assert await one.after(4) == [5, 7, 9]
        server.instead["SIZE"] = [
            b"* 1 FETCH (UID 5 RFC822.SIZE 3)\r\n* 1 EXPUNGE\r\n* 9 FETCH (UID 6 RFC822.SIZE 4)\r\n"
            b"* 1 FETCH (UID 5 RFC822.SIZE 3)\r\n* 3 FETCH (FLAGS (\\Seen))\r\nTAG OK\r\n"
        ]
        assert await one.sizes([5, 7]) == {5: 3}
        server.instead["BODY"] = [
            b"* 3 FETCH (FLAGS (\\Seen))\r\n* 4 FETCH (UID 8 BODY[] {1}\r\nx)\r\n"
            b"* 1 FETCH (UID 5 BODY[] {2}\r\nab)\r\n* 1 FETCH (UID 5 BODY[] NIL)\r\nTAG OK\r\n"
        ]
        assert await one.bodies([5, 7]) == {5: b"ab"}


@pytest.mark.parametrize("verb", ["NOOP", "IDLE", "DONE"])
async def test_who_gives_up_waiting_leaves_no_half_open_connection(verb: str) -> None:
    async with Imapd(letter(1)) as server, session(server) as one:
        await one.select("INBOX")
        one.connection.news.clear()
        server.always[verb] = b"+ idling\r\n" if verb == "IDLE" else b""
        task = asyncio.create_task(one.look() if verb == "NOOP" else one.wait(20, asyncio.Event()))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert one.connection.failure
        with pytest.raises(Lost):
            await one.after(0)


async def test_nobody_there(unused_tcp_port: int) -> None:
    account = Account("127.0.0.1", unused_tcp_port, "none", "support", "secret")
    started = time.monotonic()
    with pytest.raises(Lost, match=r"no connection to 127\.0\.0\.1"):
        async with mailbox.connected(account, SHORT):
            pass
    assert time.monotonic() - started < HANGING


def test_the_library_logs_no_mails() -> None:
    assert isinstance(ImapConnection, type)
    assert logging.getLogger("aioimaplib.aioimaplib").getEffectiveLevel() >= logging.WARNING


def test_probe(unused_tcp_port: int) -> None:
    """For people who wait: a sentence, or nothing."""
    account = Account("127.0.0.1", unused_tcp_port, "none", "support", "secret")
    assert mailbox.probe(account).startswith("no connection to 127.0.0.1")
