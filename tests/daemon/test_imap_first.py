"""A mailbox with a past: what was there before the desk, and what came while it could not look."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from sitmail.daemon import intake_loop
from sitmail.daemon.runtime import Runtime, now
from sitmail.domain.mail import HEAD_ONLY
from sitmail.store.schema import leftover, outbox, source
from tests.fetching import hurry, kept, position, rows, running, status, until, write
from tests.imapd import Imapd, letter

PAST = datetime.now(UTC) - timedelta(days=400)


def folder(*mails: int) -> Imapd:
    """With mails of a year ago; every third is read."""
    server = Imapd()
    for number in mails:
        server.put(letter(number), PAST + timedelta(days=number))
        if number % 3 == 0:
            server.flags[number].add("\\Seen")
    return server


def done(runtime: Runtime, *mails: int, uid: int) -> Callable[[], bool]:
    """Exactly these mails are kept, the folder was read up to there, and the server was told."""
    return lambda: position(runtime) >= uid and numbers(runtime) == sorted(mails) and not rows(runtime, leftover)


def numbers(runtime: Runtime) -> list[int]:
    subjects = [row for row in rows(runtime) if row.ending != "duplicate" and row.door != HEAD_ONLY]
    with runtime.database.read() as connection:
        raws = [runtime.blobs.read(connection, row.raw) for row in subjects]
    return sorted(int(raw.partition(b"Subject: Crane ")[2].split()[0]) for raw in raws)


def older(runtime: Runtime) -> list[tuple[str, int]]:
    return [(row["folder"], row["mails"]) for row in status(runtime)["mailboxes"]["left_alone"]]


@pytest.mark.parametrize(
    ("first", "taken"),
    [
        ("new", []),
        ("unseen", [1, 2, 4, 5]),
        ("all", [1, 2, 3, 4, 5, 6]),
        ((PAST + timedelta(days=4)).date().isoformat(), [4, 5, 6]),
    ],
)
async def test_what_is_there_at_the_first_start(tmp_path: Path, first: str, taken: list[int]) -> None:
    async with folder(1, 2, 3, 4, 5, 6) as server:
        path = write(tmp_path, server, first=first)
        async with running(path) as runtime:
            await until(done(runtime, *taken, uid=6))
            left = 6 - len(taken)
            assert older(runtime) == ([("INBOX", left)] if left else [])
            assert status(runtime)["needs"] == []
            server.put(letter(7))
            await until(done(runtime, *taken, 7, uid=7))
        server.put(letter(8), PAST)  # moved there by hand: it is new in this folder
        async with running(path) as runtime:
            await until(done(runtime, *taken, 7, 8, uid=8))
            assert older(runtime) == ([("INBOX", left)] if left else [])
        marked = [uid for uid, flags in server.flags.items() if "SitmailDone" in flags]
        assert marked == [*taken, 7, 8]


async def test_a_later_change_of_the_key_changes_nothing(tmp_path: Path) -> None:
    async with folder(1, 2) as server:
        async with running(write(tmp_path, server, first="new")) as runtime:
            await until(done(runtime, uid=2))
        server.put(letter(3))
        async with running(write(tmp_path, server, first="all")) as runtime:
            await until(done(runtime, 3, uid=3))


@pytest.mark.parametrize("verb", ["CONNECT", "LOGIN", "SELECT"])
async def test_what_comes_after_the_first_try_is_new_even_if_the_server_is_away(tmp_path: Path, verb: str) -> None:
    async with folder(1, 2) as server:
        server.always[verb] = b"TAG NO not now\r\n"
        path = write(tmp_path, server, first="new")
        async with running(path) as runtime:
            await until(lambda: rows(runtime, source) and len(server.heard(verb)) + server.connections > 2)
        server.put(letter(3))
        del server.always[verb]
        async with running(path) as runtime:
            await until(done(runtime, 3, uid=3))
            assert older(runtime) == [("INBOX", 2)]


async def test_a_folder_that_is_made_later_is_new_as_a_whole(tmp_path: Path) -> None:
    async with Imapd() as server:
        path = write(tmp_path, server, more='folder = "Desk"', first="new")
        async with running(path) as runtime:
            await until(lambda: server.heard("SELECT"))
            server.put(letter(1))
            server.folders["Desk"] = []
            await until(done(runtime, 1, uid=1))
            assert older(runtime) == []


async def test_new_uids_bring_no_old_mail_and_lose_no_new(tmp_path: Path) -> None:
    """The server lost its UIDs; one mail came while it was away, and nobody had fetched it."""
    async with folder(1, 2, 3) as server:
        path = write(tmp_path, server, first="new")
        async with running(path) as runtime:
            await until(done(runtime, uid=3))
            server.put(letter(4))
            await until(done(runtime, 4, uid=4))
        server.put(letter(5))
        server.uidvalidity += 1
        async with running(path) as runtime:
            await until(done(runtime, 4, 5, uid=5))
            assert older(runtime) == [("INBOX", 3)]
            assert [row.ending for row in rows(runtime)].count("duplicate") == 1


@pytest.mark.parametrize("first", ["all", "unseen", "2001-01-01"])
async def test_a_new_store_leaves_alone_what_bears_our_mark(tmp_path: Path, first: str) -> None:
    async with folder(1, 2) as server:
        (tmp_path / "before").mkdir()
        async with running(write(tmp_path / "before", server)) as runtime:
            await until(done(runtime, 1, 2, uid=2))
        server.put(letter(4), PAST)
        async with running(write(tmp_path, server, first=first)) as runtime:
            await until(done(runtime, 4, uid=3))
            assert older(runtime) == []
            server.put(letter(5))
            await until(done(runtime, 4, 5, uid=4))


@pytest.mark.parametrize("verb", ["BODY", "STORE", "SEARCH", "INTERNALDATE"])
async def test_a_cut_in_the_middle_of_the_past(tmp_path: Path, verb: str) -> None:
    async with folder(1, 2, 3, 4, 5, 6) as server:
        path = write(tmp_path, server, first="unseen")
        server.instead[verb] = [None, None]
        async with running(path) as runtime:
            await until(lambda: not server.instead[verb] or verb == "INTERNALDATE")
        async with running(path) as runtime:
            await until(done(runtime, 1, 2, 4, 5, uid=6))
            assert len(rows(runtime)) == kept(runtime)


async def test_a_place_that_returns_goes_on_where_it_was(tmp_path: Path) -> None:
    async with folder(1, 2) as server:
        path = write(tmp_path, server, first="new")
        async with running(path) as runtime:
            await until(done(runtime, uid=2))
        async with running(write(tmp_path)) as runtime:
            await until(lambda: older(runtime) == [])
        server.put(letter(3), PAST)
        async with running(write(tmp_path, server, first="new")) as runtime:
            await until(done(runtime, 3, uid=3))


# --- mails that are too large


LARGE = letter(7) + b"x" * 3_000_001
SAID = "'Crane 7' from carol@example.org (UID 2) is larger than 3000000 bytes"


@pytest.mark.parametrize("size", [None, 10], ids=["as it is", "the server gives a wrong size"])
async def test_a_mail_that_is_too_large_is_named(tmp_path: Path, size: int | None) -> None:
    async with Imapd(letter(1), LARGE, letter(3)) as server:
        if size:
            server.sizes[2] = size
        async with running(write(tmp_path, server)) as runtime:
            await until(lambda: numbers(runtime) == [1, 3] and position(runtime) == 3)
            named = f"1 mail of support@127.0.0.1 (INBOX) cannot be fetched: {SAID}."
            await until(lambda: status(runtime)["needs"] == [named])
            hurry(runtime)
            server.put(letter(4))
            await until(lambda: numbers(runtime) == [1, 3, 4])
            await until(lambda: status(runtime)["needs"] == [named])
            await until(lambda: all(row.not_before > now() for row in rows(runtime, leftover)))  # it was tried again
            del server.mails[2]  # somebody moved it away
            hurry(runtime)
            server.put(letter(5))
            await until(lambda: numbers(runtime) == [1, 3, 4, 5] and not rows(runtime, leftover))
            await until(lambda: status(runtime)["needs"] == [])


@pytest.mark.parametrize("size", [None, 10], ids=["as it is", "the server gives a wrong size"])
async def test_the_limit_counts_for_small_mails_too(tmp_path: Path, size: int | None) -> None:
    """Below a megabyte mails are fetched in groups."""
    async with Imapd(letter(1), letter(7) + b"x" * 2000, letter(3)) as server:
        path = write(tmp_path, server)
        path.write_text(path.read_text().replace("3 MB", "1 kB"))
        if size:
            server.sizes[2] = size
        async with running(path) as runtime:
            await until(lambda: numbers(runtime) == [1, 3] and position(runtime) == 3)
            [told] = await until(lambda: status(runtime)["needs"])
            assert "'Crane 7' from carol@example.org (UID 2) is larger than 1000 bytes" in told


async def test_its_writer_is_told_once(tmp_path: Path) -> None:
    machine = LARGE.replace(b"Subject: Crane 7", b"Auto-Submitted: auto-generated\r\nSubject: Crane 8")
    async with Imapd(letter(1), LARGE, machine) as server, running(write(tmp_path, server)) as runtime:
        await until(lambda: len(rows(runtime, leftover)) == 2)
        hurry(runtime)
        server.put(letter(4))
        await until(lambda: numbers(runtime) == [1, 4])
        server.put(LARGE)  # somebody copied it
        await until(lambda: len(rows(runtime, leftover)) == 3)
        await until(lambda: sorted(row.door for row in rows(runtime)).count(HEAD_ONLY) == 3)
        with closing(runtime.reader):
            while await intake_loop.work(runtime, lambda _: None):
                pass
        heads = [(row.ending, row.rule) for row in rows(runtime) if row.door == HEAD_ONLY]
        assert heads == [("refused", "too-large"), ("ignored", "automatic"), ("duplicate", "")]
        with runtime.database.read() as connection:
            letters = connection.scalars(select(outbox.c.body).where(outbox.c.purpose == "too_large")).all()
        assert len(letters) == 1
        assert "larger than 3.0 MB" in str(letters[0])


async def test_what_the_log_says(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with Imapd(LARGE) as server, running(write(tmp_path, server)) as runtime:
        await until(lambda: status(runtime)["needs"])
    assert any("left-behind" in line and "carol@example.org" in line for line in caplog.messages)
