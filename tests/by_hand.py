"""What the daemon's loops do, step by step and at a moment of the test's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sitmail.daemon.office import Office
from sitmail.services import intake, watch
from sitmail.services.desk import Desk
from sitmail.services.intake import Unread
from sitmail.services.looking import Arrival
from sitmail.services.watch import Tick
from sitmail.store import inbox
from sitmail.store.outbox import OutboxRow


def arrivals_of(desk: Desk, mails: Sequence[Unread]) -> list[Arrival]:
    """None of them fails to be read."""
    read = intake.read(desk, mails)
    found = [one for one in read if isinstance(one, Arrival)]
    assert len(found) == len(mails), read
    return found


def all_that_waits(office: Office, now: datetime) -> Iterator[intake.Done]:
    """Reads and decides the inbox, released mails too, batch by batch as the daemon does."""
    desk, database = office.desk, office.database
    while True:
        with database.read() as connection:
            rows = inbox.waiting(connection, 100, now)
            released = intake.releases(connection, [row.id for row in rows]) if rows else {}
        if not rows:
            return
        arrivals = arrivals_of(desk, [Unread(row.data or b"", row, released.get(row.id)) for row in rows])
        batch = intake.strangers_to_each_other(desk, arrivals)
        for task in [database.write(intake.process, intake.Task(desk, one, now)) for one in batch]:
            yield task.result()


def all_that_is_due(office: Office, now: datetime) -> tuple[list[OutboxRow], datetime | None]:
    """A tick, or as many as it takes until nothing is due: their letters, and when to look again."""
    letters: list[OutboxRow] = []
    while True:
        done = office.database.write(watch.tick, Tick(office.desk, now)).result()
        letters += done.letters
        if done.next is None or done.next > now:
            return letters, done.next


def files_of(office: Office, row: OutboxRow) -> list[tuple[str, str, bytes]]:
    """What a letter carries: name, type and content of each."""
    with office.database.read() as connection:
        return [(name, kind, office.blobs.read(connection, sha)) for name, kind, sha in row.attachments]
