"""Fetching from a Maildir: mail is taken once and removed; other files are left alone."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from sitmail import config
from sitmail.daemon import imap_accounts
from sitmail.daemon.imap_accounts import Times
from sitmail.daemon.runtime import Runtime, now
from sitmail.services import reports
from sitmail.store.schema import inbox
from tests.imapd import letter

CONFIG = """
[desk]
address = "support@example.com"
[smtp]
max_message_size = 100_000
[relay]
url = "maildir:outgoing"
[[maildir]]
path = "box"
{more}
"""
TIMES = Times(first=0.02, last=0.05, maildir=0.02)


class Box:
    """A desk that fetches from a Maildir beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in ("tmp", "new", "cur"):
            (folder / "box" / part).mkdir(parents=True)
        self.configure("")

    def configure(self, more: str) -> None:
        (self.folder / "config.toml").write_text(CONFIG.format(more=more))

    def put(self, name: str, content: bytes) -> None:
        (self.folder / "box" / name).write_bytes(content)

    def mails(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder / "box")) for path in self.folder.glob("box/[nc]*/*"))

    async def __aenter__(self) -> Runtime:
        self.runtime = Runtime(config.load(self.folder / "config.toml", {}))
        self.task = asyncio.create_task(imap_accounts.run(self.runtime, TIMES))
        return self.runtime

    async def __aexit__(self, *_: object) -> None:
        self.runtime.stopping.set()
        await asyncio.wait_for(self.task, 20)
        self.runtime.database.close()


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


async def until(condition: Callable[[], Any]) -> Any:
    async with asyncio.timeout(20):
        while not (found := condition()):
            await asyncio.sleep(0.01)
        return found


def rows(runtime: Runtime) -> list[Any]:
    with runtime.database.read() as connection:
        return list(connection.execute(select(inbox)))


def needs(runtime: Runtime) -> list[str]:
    with runtime.database.read() as connection:
        found: list[str] = reports.status(connection, runtime.desk.policy, reports.DaemonState(now()))["needs"]
        return found


async def test_what_is_there_and_what_comes_is_kept(box: Box) -> None:
    box.put("new/1", letter(1))
    box.put("cur/2:2,S", letter(2).replace(b"\r\n", b"\n"))
    async with box as runtime:
        await until(lambda: not box.mails())
        box.put("new/3", letter(3))
        await until(lambda: not box.mails())
        assert [row.door for row in rows(runtime)] == ["maildir"] * 3
        assert {(row.sender, row.recipient) for row in rows(runtime)} == {("carol@example.org", "support@example.com")}


async def test_a_crash_before_it_was_taken_out_doubles_nothing(box: Box) -> None:
    box.put("new/1", letter(1))
    async with box as runtime:
        await until(lambda: not box.mails())
        box.put("new/1", letter(1))
        await until(lambda: not box.mails())
        assert [row.ending for row in rows(runtime)] == ["waiting", "duplicate"]


async def test_it_may_be_moved_instead(box: Box) -> None:
    box.configure('done_folder = "Done"')
    box.put("new/1", letter(1))
    async with box as runtime:
        await until(lambda: not box.mails())
        assert (box.folder / "box" / ".Done" / "cur" / "1:2,S").read_bytes() == letter(1)
        assert len(rows(runtime)) == 1


async def test_what_cannot_be_taken_is_told_and_holds_up_nobody(box: Box) -> None:
    box.put("new/0", b"x" * 100_001)
    (box.folder / "box" / "new" / "00").mkdir()
    box.put("new/1", letter(1))
    async with box as runtime:
        await until(lambda: box.mails() == ["new/0", "new/00"])
        [told] = await until(lambda: needs(runtime))
        assert "2 of the mails in" in told
        box.put("new/2", letter(2))
        await until(lambda: len(rows(runtime)) == 2)
        (box.folder / "box" / "new" / "0").unlink()
        (box.folder / "box" / "new" / "00").rmdir()
        await until(lambda: not needs(runtime))


async def test_a_folder_that_is_missing_is_told_and_found_when_it_comes(box: Box) -> None:
    shutil.rmtree(box.folder / "box")
    async with box as runtime:
        [told] = await until(lambda: needs(runtime))
        assert "No such file" in told
        for part in ("tmp", "new", "cur"):
            (box.folder / "box" / part).mkdir(parents=True)
        box.put("new/1", letter(1))
        await until(lambda: not box.mails() and not needs(runtime))
        assert len(rows(runtime)) == 1
