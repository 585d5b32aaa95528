"""Fetching mailboxes: whatever the server does, no mail is lost or doubled, and none blocks the others."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from sitmail import config
from sitmail.daemon import imap_accounts
from sitmail.daemon.imap_accounts import Times
from sitmail.daemon.runtime import now
from sitmail.store import positions
from sitmail.store.positions import Claim
from sitmail.store.schema import leftover, source
from tests.fetching import (
    CONFIG,
    HERE,
    TIMES,
    hurry,
    kept,
    opened,
    position,
    rows,
    running,
    settled,
    status,
    until,
    write,
)
from tests.imapd import Imapd, letter

# --- the plain way


async def test_mails_are_kept_and_marked_and_new_ones_come_by_idle(tmp_path: Path) -> None:
    async with Imapd(letter(1), letter(2)) as server, running(write(tmp_path, server)) as runtime:
        await until(settled(runtime, 2))
        assert server.flags == {1: {"SitmailDone"}, 2: {"SitmailDone"}}
        await until(lambda: server._idle)
        server.put(letter(3))
        await until(settled(runtime, 3))
        first = rows(runtime)[0]
        assert (first.door, first.recipients, first.sender) == ("imap", ["support@example.com"], "carol@example.org")
    assert server.commands[-1].endswith("LOGOUT")


async def test_a_server_without_idle_is_looked_at_again_and_again(tmp_path: Path) -> None:
    async with Imapd(capabilities="IMAP4rev1") as server, running(write(tmp_path, server)) as runtime:
        await until(lambda: len(server.heard("SEARCH")) > 1)
        server.put(letter(1))
        await until(settled(runtime, 1))
        assert server.connections == 1


async def test_a_mail_that_somebody_read_is_fetched_too(tmp_path: Path) -> None:
    async with Imapd(letter(1)) as server:
        server.flags[1] |= {"\\Seen"}
        async with running(write(tmp_path, server)) as runtime:
            await until(settled(runtime, 1))


async def test_a_restart_of_the_desk_asks_only_for_what_is_new(tmp_path: Path) -> None:
    async with Imapd(letter(1)) as server:
        path = write(tmp_path, server)
        async with running(path) as runtime:
            await until(settled(runtime, 1))
        server.commands.clear()
        server.put(letter(2))
        async with running(path) as runtime:
            await until(settled(runtime, 2))
            assert len(rows(runtime)) == 2
        assert [one.split(" ")[3] for one in server.heard("BODY")] == ["2"]


async def test_done_mails_are_moved(tmp_path: Path) -> None:
    async with Imapd(letter(1), letter(2)) as server:
        async with running(write(tmp_path, server, more='done_folder = "Erledigt"')) as runtime:
            await until(settled(runtime, 2))
        assert server.mails == {}
        assert server.folders["Erledigt"] == [letter(1), letter(2)]


async def test_once_fetches_and_ends(tmp_path: Path) -> None:
    async with Imapd(letter(1)) as server:
        with opened(write(tmp_path, server)) as runtime:
            await imap_accounts.once(runtime, TIMES)
            assert kept(runtime) == 1
            server.always["LOGIN"] = b"TAG NO go away\r\n"
            await imap_accounts.once(runtime, TIMES)
            assert "go away" in status(runtime)["needs"][0]


async def test_two_accounts_do_not_wait_for_each_other(tmp_path: Path) -> None:
    async with Imapd(letter(1)) as silent, Imapd(letter(2)) as server:
        silent.always["CONNECT"] = b""
        path = write(tmp_path, silent, server)
        path.write_text(path.read_text().replace("support", "other", 2).replace("other@example", "support@example"))
        server.logins["other"] = silent.logins["other"] = "secret"
        async with running(path) as runtime:
            await until(lambda: kept(runtime) == 1)


async def test_a_thousand_mails_come_in_windows(tmp_path: Path) -> None:
    unhurried = replace(TIMES, patience=replace(TIMES.patience, command=60.0))  # a busy machine is no silent server
    many = [letter(n) for n in range(1, 1001)]
    async with Imapd(*many) as server, running(write(tmp_path, server), unhurried) as runtime:
        await until(settled(runtime, 1000), 60)
        assert len(server.heard("RFC822.SIZE")) == 5
        assert len(rows(runtime)) == 1000


# --- crashes and restarts


async def test_a_crash_before_the_position_was_written_doubles_nothing(tmp_path: Path) -> None:
    async with Imapd(letter(1), letter(2)) as server:
        path = write(tmp_path, server, more='done_folder = "Done"')
        async with running(path) as runtime:
            await until(settled(runtime, 2))
            back = update(source).values(uid=0)
            runtime.database.write(lambda connection, items: [connection.execute(back) for _ in items], None).result()
        server.mails = {1: letter(1), 2: letter(2)}  # they were not moved either
        server.put(letter(3))
        async with running(path) as runtime:
            await until(settled(runtime, 3))
            assert [row.ending for row in rows(runtime)] == ["waiting"] * 2 + ["duplicate"] * 2 + ["waiting"]
        assert server.mails == {}


@pytest.mark.parametrize("verb", ["STORE", "MOVE"])
@pytest.mark.parametrize("what", [None, b""], ids=["dropped", "silent"])
async def test_a_mark_whose_answer_is_lost_is_said_again(tmp_path: Path, verb: str, what: bytes | None) -> None:
    more = 'done_folder = "Done"' if verb == "MOVE" else ""
    async with Imapd(letter(1), letter(2)) as server, running(write(tmp_path, server, more=more)) as runtime:
        server.instead[verb] = [what]
        await until(settled(runtime, 2))
        assert len(rows(runtime)) == 2
        assert len(server.heard(verb)) >= 2
        assert len(server.heard("BODY")) == 1


@pytest.mark.parametrize("verb", ["CONNECT", "LOGIN", "SELECT", "NOOP", "SEARCH", "SIZE", "BODY", "STORE", "IDLE"])
@pytest.mark.parametrize("what", [None, b"", b"* BYE restart\r\n"], ids=["dropped", "silent", "goodbye"])
async def test_the_server_goes_away_at_any_point(tmp_path: Path, verb: str, what: bytes | None) -> None:
    async with Imapd(letter(1), letter(2)) as server:
        server.instead[verb] = [what] if verb == "STORE" else [what, what]
        async with running(write(tmp_path, server)) as runtime:
            await until(settled(runtime, 2))
            server.put(letter(3))
            await until(settled(runtime, 3))
            assert len({row.content for row in rows(runtime)}) == 3
            assert all(row.ending == "waiting" for row in rows(runtime))


async def test_another_uidvalidity_means_everything_again_and_nothing_twice(tmp_path: Path) -> None:
    async with Imapd(*(letter(n) for n in range(1, 31))) as server:
        path = write(tmp_path, server)
        async with running(path) as runtime:
            await until(settled(runtime, 30))
        server.uidvalidity += 1
        moved = [letter(31), *server.mails.values()]  # the old UIDs are there, and mean other mails
        server.mails = dict(enumerate(moved, 1))
        server.flags = {uid: set() for uid in server.mails}
        server.uidnext = 32
        async with running(path) as runtime:
            await until(settled(runtime, 31))
            assert len(rows(runtime)) == 61
            assert all("SitmailDone" in flags for flags in server.flags.values())


async def test_a_folder_from_a_backup_is_read_anew(tmp_path: Path) -> None:
    """The UIDVALIDITY is the same, and UIDs we have passed are given again, to other mails."""
    async with Imapd(*(letter(n) for n in range(1, 6))) as server:
        path = write(tmp_path, server)
        async with running(path) as runtime:
            await until(settled(runtime, 5))
        server.mails, server.flags, server.uidnext = {1: letter(1), 2: letter(77)}, {1: set(), 2: set()}, 3
        async with running(path) as runtime:
            await until(settled(runtime, 6, uid=2))


# --- mails that cannot be fetched


POISON = {
    "silence": b"",
    "a dropped line": None,
    "200 MB announced": b"* 3 FETCH (UID 3 BODY[] {209715200}\r\n",
    "a refusal": b"TAG NO server error 15\r\n",
    "nothing": b"TAG OK\r\n",
    "an empty body": b'* 3 FETCH (UID 3 BODY[] "")\r\nTAG OK\r\n',
}


@pytest.mark.parametrize("verb", ["SIZE", "BODY"])
@pytest.mark.parametrize("what", POISON)
async def test_a_poison_mail_holds_up_nobody_and_is_not_forgotten(tmp_path: Path, verb: str, what: str) -> None:
    async with Imapd(*(letter(n) for n in range(1, 7))) as server, running(write(tmp_path, server)) as runtime:
        server.poison[verb, 3] = POISON[what]
        await until(lambda: kept(runtime) == 5 and position(runtime) == 6, 40)
        server.put(letter(7))
        await until(lambda: kept(runtime) == 6)
        await until(lambda: [(row.uid, row.want) for row in rows(runtime, leftover)] == [(3, "fetch")])
        server.poison.clear()
        server.instead.clear()
        hurry(runtime)
        server.put(letter(8))
        await until(settled(runtime, 8))
        assert len({row.content for row in rows(runtime)}) == 8


async def test_a_mail_that_others_took_away_is_forgotten(tmp_path: Path) -> None:
    async with Imapd(letter(1), letter(2)) as server, running(write(tmp_path, server)) as runtime:
        server.poison["BODY", 1] = b"TAG OK\r\n"
        await until(lambda: kept(runtime) == 1 and rows(runtime, leftover))
        await until(lambda: rows(runtime, leftover)[0].attempts > 1)
        del server.mails[1]
        hurry(runtime)
        server.put(letter(3))
        await until(settled(runtime, 2, uid=3))


async def test_a_mail_that_is_too_large_stays_and_is_told(tmp_path: Path) -> None:
    async with Imapd(letter(1), b"x" * 3_000_001, letter(2)) as server, running(write(tmp_path, server)) as runtime:
        await until(lambda: kept(runtime) == 2)
        [told] = await until(lambda: status(runtime)["needs"])
        assert told.endswith("cannot be fetched: without subject (UID 2) is larger than 3000000 bytes.")
        assert not server.flags[2]
        assert status(runtime)["mailboxes"]["left_behind"][0]["mails"] == 1


async def test_a_mail_of_many_pieces(tmp_path: Path) -> None:
    big = letter(9) + b"0123456789abcdef\r\n" * 150_000  # 2.7 MB
    async with Imapd(letter(1), big) as server, running(write(tmp_path, server)) as runtime:
        await until(settled(runtime, 2))
        assert sorted(row.size for row in rows(runtime)) == [len(letter(1)), len(big)]
        assert list(runtime.spool.folder.glob("in-*")) == []


async def test_over_quota_keeps_fetching_and_moves_later(tmp_path: Path) -> None:
    async with Imapd(letter(1)) as server:
        server.always["MOVE"] = b"TAG NO [OVERQUOTA] no room\r\n"
        async with running(write(tmp_path, server, more='done_folder = "Done"')) as runtime:
            for number in range(2, 5):
                await until(lambda: server._idle)
                server.put(letter(number))
                await until(lambda number=number: kept(runtime) == number)  # type: ignore[misc]
            assert server.connections == 1
            for _ in range(3):
                hurry(runtime)
                server.put(letter(90 + len(server.mails)))
                await asyncio.sleep(0.2)
            await until(lambda: "no room" in " ".join(status(runtime)["needs"]))
            del server.always["MOVE"]
            hurry(runtime)
            server.put(letter(100))
            await until(lambda: not server.mails)


# --- trouble of ours


async def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    async with Imapd(letter(1)) as server:
        path = write(tmp_path, server)
        path.write_text(path.read_text().replace("3 MB", "900000000 GB"))
        async with running(path) as runtime:
            [told] = await until(lambda: status(runtime)["needs"])
            assert "no room" in told
            assert rows(runtime) == []
            smtp = replace(runtime.settings.smtp, max_message_size=1_000_000)
            runtime.settings = replace(runtime.settings, smtp=smtp)
            await until(settled(runtime, 1))
            await until(lambda: status(runtime)["needs"] == [])


async def test_a_refused_login_is_told_and_tried_again(tmp_path: Path) -> None:
    async with Imapd(letter(1)) as server:
        server.logins["support"] = "changed"
        async with running(write(tmp_path, server)) as runtime:
            [told] = await until(lambda: status(runtime)["needs"])
            assert re.match(
                r"The mailbox support@127\.0\.0\.1 \(INBOX\) could not be fetched since 20\S+: the server refused", told
            )
            assert status(runtime)["mailboxes"]["troubles"][0]["since"]
            server.logins["support"] = "secret"
            await until(settled(runtime, 1))
            await until(lambda: status(runtime)["healthy"])


def test_pauses_grow_and_are_bounded() -> None:
    times = Times()
    pauses = [times.pause(n, OSError(), "x") for n in range(1, 12)]
    assert pauses == sorted(pauses)
    assert pauses[0] <= 1.0
    assert max(pauses) <= 60.0
    assert times.pause(1, imap_accounts.LoginRefused("no"), "x") > 20.0


async def test_a_mailbox_of_another_daemon_is_left_alone(tmp_path: Path) -> None:
    async with Imapd(letter(1)) as server:
        path = write(tmp_path, server)
        with opened(path) as runtime:
            assert runtime.database.write(positions.claim, Claim(HERE, "another", now())).result()
        async with running(path) as runtime:
            await until(lambda: "another daemon" in " ".join(status(runtime)["needs"]))
            assert server.connections == 0
            runtime.database.write(positions.release, Claim(HERE, "another", now())).result()
            await until(settled(runtime, 1))


async def test_a_reload_takes_mailboxes_in_and_out(tmp_path: Path) -> None:
    async with Imapd(letter(1)) as server:
        path = write(tmp_path)
        async with running(path) as runtime:
            write(tmp_path, server)
            await runtime.reload()
            await until(settled(runtime, 1))
            path.write_text(CONFIG)
            await runtime.reload()
            await until(lambda: not server._writers)
            server.put(letter(2))
            await asyncio.sleep(0.2)
            assert kept(runtime) == 1
            write(tmp_path, server)
            await runtime.reload()
            await until(settled(runtime, 2))


def test_the_ready_line_names_them(tmp_path: Path) -> None:
    path = write(tmp_path, Imapd())
    path.write_text(path.read_text().replace("port = 0", "") + '[[maildir]]\npath = "box"\n')
    settings = config.load(path, {})
    assert imap_accounts.names(settings) == ["imap support@127.0.0.1", f"maildir {tmp_path}/box"]
    assert "secret" not in repr(settings) + json.dumps(str(settings))
