"""Pools of incidents: counted down in the transaction that opens one, also for mails of one batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from sitmail.domain.mail import Envelope
from sitmail.services import process_mail
from sitmail.store import contract_pools, inbox, schema
from sitmail.store.errors import StoreError
from tests.services.small_desk import DESK, JANE, JOHN, SmallDesk

PEOPLE = '[[contract]]\nid = "acme-1"\nsite = "acme"\nincidents = 2\n'
STRICT = '[[mailbox]]\naddress = "support@example.com"\nintake = "strict"\n'


@pytest.fixture
def desk(tmp_path: Path, sqlite_template: Path) -> Iterator[SmallDesk]:
    made = SmallDesk(tmp_path, sqlite_template, more=STRICT, people=PEOPLE)
    yield made
    made.close()


def keep(desk: SmallDesk, writer: str, subject: str) -> None:
    """A mail that waits in the inbox."""
    raw = f"From: {writer}\r\nTo: {DESK}\r\nSubject: {subject}\r\n\r\nIt stopped.\r\n".encode()
    spool = desk.runtime.spool.writer()
    spool.write(raw)
    kept = process_mail.to_keep(desk.runtime.desk, spool.finish(), Envelope(writer, (DESK,), desk.now))
    desk.runtime.database.write(inbox.keep, kept).result()


def used(desk: SmallDesk) -> int:
    with desk.runtime.database.read() as connection:
        return int(connection.execute(select(schema.contract.c.used)).scalar_one())


def test_two_mails_of_one_batch_and_the_last_incident_of_a_pool(desk: SmallDesk) -> None:
    desk.say(JANE, "It stopped.", subject="The first")
    assert used(desk) == 1
    keep(desk, JANE, "Printer")
    keep(desk, JOHN, "Scanner")
    desk.read()
    assert [(row["ending"], row["reason"]) for row in desk.rows("inbox")][1:] == [
        ("new", "covered by contract acme-1; no service level; assigned by the mailbox; bob owns the fewest (0)"),
        ("held", f"nothing covers {JOHN}: all 2 incidents of contract acme-1 are used up"),
    ]
    assert used(desk) == 2
    assert len(desk.rows("incident")) == 2


def test_more_incidents_are_covered_once_the_contract_has_more(desk: SmallDesk) -> None:
    for subject in ("one", "two", "three"):
        desk.say(JANE, "It stopped.", subject=subject)
    assert [row["ending"] for row in desk.rows("inbox")] == ["new", "new", "held"]
    desk.reopen(more=STRICT, people=PEOPLE.replace("2", "3"))
    desk.decide("accept", 1)
    assert desk.incident(3)["contract"] == "acme-1" and used(desk) == 3


def test_nothing_is_drawn_where_nothing_is_left(desk: SmallDesk) -> None:
    def draw(connection: object, _items: list[None]) -> list[None]:
        contract_pools.draw(connection, "acme-1", "acme", 1)  # type: ignore[arg-type]
        return [None]

    for _ in range(2):
        desk.runtime.database.write(draw, None).result()
    with pytest.raises(StoreError, match="nothing is left of acme-1"):
        desk.runtime.database.write(draw, None).result()
    assert used(desk) == 2
