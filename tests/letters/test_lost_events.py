"""A letter that never arrives told no calendar anything: the next one about the incident does."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from sitmail.domain.outgoing import Outcome
from sitmail.services import delivery_results
from sitmail.store.schema import outbox
from tests.letters.desks import DirectDesk, sqlite_store
from tests.letters.events import event
from tests.letters.script import Case, merged, named, world
from tests.letters.writing import Mail

LEVEL = {"name": "standard", "target": [{"priority": "medium", "resolution": "5d"}]}
ANNA = {"engineer": [{"id": "anna", "invites": True}, {"id": "bob", "takes": False}], "service_level": [LEVEL]}


def test_the_next_letter_carries_the_event_again(tmp_path: Path, sqlite_template: Path) -> None:
    config = merged(world()["config"], ANNA)
    people = world()["people"]
    case = Case("lost", "", "", (), (), False, config, people, named(config, people))
    with closing(DirectDesk(tmp_path, case, sqlite_store(tmp_path, sqlite_template))) as desk:
        write(desk, 1, "support@example.com", "It stopped.")
        thanked, first = desk.letters
        assert event(first).startswith("request 0 resolution")
        write(desk, 2, thanked.reply_to, "It smells.")
        assert event(desk.letters[-1]) == ""
        fail(desk)
        write(desk, 3, thanked.reply_to, "It smokes.")
        assert event(desk.letters[-1]).startswith("request 1 resolution")


def write(desk: DirectDesk, number: int, to: str, text: str) -> None:
    jane = "jane@acme.example.net"
    raw = f"From: {jane}\nTo: {to}\nSubject: Printer\nMessage-ID: <{number}@x>\n\n{text}\n"
    desk.receive([Mail(jane, (to,), raw.replace("\n", "\r\n").encode(), jane, f"<{number}@x>")])


def fail(desk: DirectDesk) -> None:
    """The relay refuses the letter with the event for good."""
    with desk.runtime.database.read() as connection:
        (letter,) = connection.execute(select(outbox.c.id).where(outbox.c.invite != "")).scalars()
    now = desk.now + timedelta(seconds=1)
    lost = Outcome(letter, "failed", now, 1, None, "550 no")
    told = delivery_results.Report(desk.runtime.desk, lost, now)
    desk.runtime.database.write(delivery_results.report, told).result()
