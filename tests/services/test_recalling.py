"""What `/recall` says of an answer that left in part, and what waits across a restart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select, update

from sitmail.store import schema as t
from tests.services.small_desk import ANNA, JANE, JOHN, SmallDesk

Desks = Callable[..., SmallDesk]


def told(desk: SmallDesk, who: str) -> int:
    return sum(one.to == who for one in desk.letters)


def test_what_left_to_one_of_two_readers_is_said_as_it_is(small_desk: Desks) -> None:
    desk = small_desk()
    desk.say(JANE, "It stopped.", subject="Printer", cc=JOHN)
    desk.say(ANNA, "Unplug it.", answers=desk.last(ANNA))
    with desk.runtime.database.read() as connection:
        letters = connection.execute(select(t.outbox.c.id).where(t.outbox.c.purpose == "answer")).scalars().all()
    assert len(letters) == 2
    unsent = update(t.outbox).where(t.outbox.c.id == letters[1]).values(sent=None, state="deferred")
    sent = update(t.outbox).where(t.outbox.c.id == letters[0]).values(sent=desk.now, state="sent")
    desk.runtime.database.write(lambda c, _: [(c.execute(unsent), c.execute(sent))], None).result()
    desk.say(ANNA, "/recall", answers=desk.last(ANNA))
    said = " ".join(desk.last(ANNA).text.split())
    assert "it left to Jane Doe, and it is on its way to John Roe" in said


def test_what_waits_leaves_after_a_restart_too(small_desk: Desks) -> None:
    desk = small_desk(desk='send_delay = "1h"')
    desk.say(JANE, "It stopped.", subject="Printer")
    desk.say(ANNA, "Unplug it.", answers=desk.last(ANNA))
    heard = told(desk, JANE)
    desk.reopen(desk='send_delay = "0s"')
    desk.wait(timedelta(minutes=30))
    assert told(desk, JANE) == heard
    desk.wait(timedelta(minutes=31))
    assert told(desk, JANE) == heard + 1
