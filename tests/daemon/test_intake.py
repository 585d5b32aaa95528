"""Mails are read ahead while others are decided: each once, in their order, and not too many."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from sitmail import config
from sitmail.daemon import intake
from sitmail.daemon.office import Office, now
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
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(intake, "BATCH", BATCH)
    (tmp_path / "config.toml").write_text(CONFIG)
    office = Office(config.load(tmp_path / "config.toml", {}))
    with closing(office.database), closing(office.reader):
        yield office


async def keep(office: Office, number: int, sender: str) -> None:
    """As a door does it."""
    writer = office.spool.writer()
    writer.write(f"From: {sender}\r\nTo: support@example.com\r\nSubject: case {number}\r\n\r\nIt broke.\r\n".encode())
    await intake.keep(office, writer.finish(), Envelope(sender, ("support@example.com",), now()))


@contextmanager
def busy(office: Office) -> Iterator[None]:
    """The writer has its hands full."""
    free = threading.Event()
    office.database.write(lambda connection, items: [free.wait(30) for _ in items], None)
    try:
        yield
    finally:
        free.set()


def endings(office: Office) -> list[tuple[str, str]]:
    with office.database.read() as connection:
        rows = connection.execute(select(schema.inbox.c.subject, schema.inbox.c.ending).order_by(schema.inbox.c.id))
        return [tuple(row) for row in rows]


@pytest.mark.parametrize("same", [False, True])
async def test_the_next_are_read_while_some_are_decided(office: Office, same: bool) -> None:
    count = 4 * BATCH
    for number in range(count):
        await keep(office, number, "anna@example.org" if same else f"anna{number}@example.org")
    hand = intake.Hand(office, lambda _: None)
    loops = asyncio.gather(hand.reading(), hand.deciding())
    with busy(office):
        await until(lambda: len(hand.arrivals) == 2 * BATCH)
        await asyncio.sleep(0.1)
        assert sorted({arrival.id for arrival in hand.arrivals}) == list(range(1, 2 * BATCH + 1))  # and no more
        assert {ending for _, ending in endings(office)} == {"waiting"}
    await until(lambda: endings(office) == [(f"case {number}", "new") for number in range(count)])
    office.stopping.set()
    await asyncio.wait_for(loops, 20)
    assert hand.arrivals == []
    with office.database.read() as connection:
        numbers = connection.scalars(select(schema.inbox.c.incident).order_by(schema.inbox.c.id)).all()
        assert numbers == sorted(set(numbers))  # in the order they came, each once


async def test_what_fails_is_let_go_and_tried_again(office: Office) -> None:
    """It does not stay in hand, and does not hold up the others."""
    await keep(office, 1, "anna@example.org")
    with office.database.read() as connection:
        [first] = connection.scalars(select(schema.inbox.c.id)).all()
    whole = office.desk
    office.desk = replace(whole, letters=None)  # type: ignore[arg-type]  # whoever must write a letter fails
    hand = intake.Hand(office, lambda _: None)
    loops = asyncio.gather(hand.reading(), hand.deciding())

    def attempts() -> int:
        with office.database.read() as connection:
            return connection.execute(select(schema.inbox.c.attempts).where(schema.inbox.c.id == first)).scalar_one()

    await until(lambda: attempts() == 1 and not hand.arrivals)
    office.desk = whole
    await keep(office, 2, "berta@example.org")
    await until(lambda: endings(office)[1] == ("case 2", "new"))
    await asyncio.sleep(1.1)  # it rests for a second
    office.mail.set()
    await until(lambda: endings(office)[0] == ("case 1", "new"))
    office.stopping.set()
    await asyncio.wait_for(loops, 20)
