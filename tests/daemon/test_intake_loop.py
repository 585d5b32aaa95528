"""Mails are read ahead while others are decided: each once, in order, and within a limit."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, select

from sitmail import config
from sitmail.daemon import intake_loop
from sitmail.daemon.in_hand import InHand
from sitmail.daemon.runtime import Runtime, now
from sitmail.domain.mail import Envelope
from sitmail.store import schema
from tests.fetching import until

CONFIG = """
[desk]
address = "support@example.com"
[relay]
url = "maildir:outgoing"
"""
BATCH = 3


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    monkeypatch.setattr(intake_loop, "BATCH", BATCH)
    (tmp_path / "config.toml").write_text(CONFIG)
    runtime = Runtime(config.load(tmp_path / "config.toml", {}))
    with closing(runtime.database), closing(runtime.reader):
        yield runtime


async def keep(runtime: Runtime, number: int, sender: str) -> None:
    """As a door does it."""
    writer = runtime.spool.writer()
    writer.write(f"From: {sender}\r\nTo: support@example.com\r\nSubject: case {number}\r\n\r\nIt broke.\r\n".encode())
    await intake_loop.keep(runtime, writer.finish(), Envelope(sender, ("support@example.com",), now()))


@contextmanager
def busy(runtime: Runtime) -> Iterator[None]:
    """The writer has its hands full."""
    free = threading.Event()
    runtime.database.write(lambda connection, items: [free.wait(30) for _ in items], None)
    try:
        yield
    finally:
        free.set()


def endings(runtime: Runtime) -> list[tuple[str, str]]:
    with runtime.database.read() as connection:
        rows = connection.execute(select(schema.inbox.c.subject, schema.inbox.c.ending).order_by(schema.inbox.c.id))
        return [tuple(row) for row in rows]


@pytest.mark.parametrize("same", [False, True])
async def test_the_next_are_read_while_some_are_decided(runtime: Runtime, same: bool) -> None:
    count = 4 * BATCH
    for number in range(count):
        await keep(runtime, number, "anna@example.org" if same else f"anna{number}@example.org")
    hand = intake_loop.IntakeLoop(runtime, lambda _: None)
    loops = asyncio.gather(hand.reading(), hand.deciding())
    with busy(runtime):
        await until(lambda: len(hand.arrivals) == 2 * BATCH)
        await asyncio.sleep(0.1)
        assert sorted({arrival.id for arrival in hand.arrivals}) == list(range(1, 2 * BATCH + 1))  # and no more
        assert {ending for _, ending in endings(runtime)} == {"waiting"}
    await until(lambda: endings(runtime) == [(f"case {number}", "new") for number in range(count)])
    runtime.stopping.set()
    await asyncio.wait_for(loops, 20)
    assert hand.arrivals == []
    with runtime.database.read() as connection:
        numbers = connection.scalars(select(schema.inbox.c.incident).order_by(schema.inbox.c.id)).all()
        assert numbers == sorted(set(numbers))  # in the order they came, each once


async def test_mails_of_which_one_ended_the_process_are_tried_one_by_one(runtime: Runtime) -> None:
    for number in range(4):
        await keep(runtime, number, f"anna{number}@example.org")
    runtime.in_hand.left = (1, 2, 3)
    loops = asyncio.gather(intake_loop.run(runtime, lambda _: None))
    await until(lambda: {ending for _, ending in endings(runtime)} == {"new"})
    runtime.stopping.set()
    await asyncio.wait_for(loops, 20)
    with runtime.database.read() as connection:
        ended = connection.scalars(select(schema.inbox.c.ended).order_by(schema.inbox.c.id)).all()
        attempts = connection.scalars(select(schema.inbox.c.attempts)).all()
    assert len(set(ended)) == 4  # each was decided at a moment of its own
    assert set(attempts) == {0}  # nobody knows which it was
    assert (runtime.in_hand.left, runtime.in_hand.suspects) == ((), set())


async def test_no_mail_is_in_hand_while_a_commit_is_written(runtime: Runtime) -> None:
    """A kill from outside that meets the commit is not the mail's doing, however often it comes."""
    await keep(runtime, 1, "anna@example.org")
    engine, noted = runtime.database._writing, runtime.settings.data / "in-hand"
    working, committing = set[int](), set[int]()
    event.listen(engine, "before_cursor_execute", lambda *_: working.update(InHand(noted).left))
    event.listen(engine, "commit", lambda _: committing.update(InHand(noted).left))
    assert await intake_loop.work(runtime, lambda _: None) == 1
    assert (working, committing) == ({1}, set())


async def test_what_fails_is_let_go_and_tried_again(runtime: Runtime) -> None:
    """It does not stay in hand, and does not hold up the others."""
    await keep(runtime, 1, "anna@example.org")
    with runtime.database.read() as connection:
        [first] = connection.scalars(select(schema.inbox.c.id)).all()
    whole = runtime.desk
    runtime.desk = replace(whole, letters=None)  # type: ignore[arg-type]  # whoever must write a letter fails
    hand = intake_loop.IntakeLoop(runtime, lambda _: None)
    loops = asyncio.gather(hand.reading(), hand.deciding())

    def attempts() -> int:
        with runtime.database.read() as connection:
            return connection.execute(select(schema.inbox.c.attempts).where(schema.inbox.c.id == first)).scalar_one()

    await until(lambda: attempts() == 1 and not hand.arrivals)
    runtime.desk = whole
    await keep(runtime, 2, "berta@example.org")
    await until(lambda: endings(runtime)[1] == ("case 2", "new"))
    await asyncio.sleep(1.1)  # it rests for a second
    runtime.mail.set()
    await until(lambda: endings(runtime)[0] == ("case 1", "new"))
    runtime.stopping.set()
    await asyncio.wait_for(loops, 20)
