"""Runs what the daemon's loops do step by step, at times that the test chooses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sitmail.daemon.runtime import Runtime
from sitmail.domain.outgoing import Outgoing
from sitmail.sending.compose import File
from sitmail.services import process_mail, process_tick
from sitmail.services.desk import Desk
from sitmail.services.figures import runs
from sitmail.services.hints import Arrival
from sitmail.services.process_mail import Unread
from sitmail.services.process_tick import Tick
from sitmail.store import inbox


def arrivals_of(desk: Desk, mails: Sequence[Unread]) -> list[Arrival]:
    """None of them fails to be read."""
    read = process_mail.read(desk, mails)
    found = [one for one in read if isinstance(one, Arrival)]
    assert len(found) == len(mails), read
    return found


def all_that_waits(runtime: Runtime, now: datetime) -> Iterator[process_mail.Done]:
    """Reads and decides the inbox, released mails too, batch by batch as the daemon does."""
    desk, database = runtime.desk, runtime.database
    while True:
        with database.read() as connection:
            rows = inbox.waiting(connection, 100, now)
            released = process_mail.releases(connection, [row.id for row in rows]) if rows else {}
        if not rows:
            return
        arrivals = arrivals_of(desk, [Unread(row.data or b"", row, released.get(row.id)) for row in rows])
        batch = process_mail.independent_batch(desk, arrivals)
        for task in [database.write(process_mail.process, process_mail.Task(desk, one, now)) for one in batch]:
            yield task.result()


def all_that_is_due(runtime: Runtime, now: datetime) -> tuple[list[Outgoing], datetime | None]:
    """A tick, or as many as it takes until nothing is due: their letters, and when to look again."""
    letters: list[Outgoing] = []
    while True:
        done = runtime.database.write(process_tick.tick, Tick(runtime.desk, now)).result()
        letters += done.letters
        letters += [row for one in (all_that_waits(runtime, now) if done.again else ()) for row in one.letters]
        letters += all_reports(runtime, now)
        if done.next is None or done.next > now:
            return letters, done.next


def all_reports(runtime: Runtime, now: datetime) -> list[Outgoing]:
    """The reports that wait are made, as the report loop does."""
    letters: list[Outgoing] = []
    while (run := runtime.database.write(runs.claim, now).result()) is not None:
        with runtime.database.read() as connection:
            made = runs.prepare(connection, runtime.desk, run, now)
        letters += runtime.database.write(runs.deliver, made).result()
    return letters


def files_of(runtime: Runtime, row: Outgoing) -> list[File]:
    """What a letter carries."""
    with runtime.database.read() as connection:
        return [File(name, kind, runtime.blobs.read(connection, sha), cid) for name, kind, sha, cid in row.attachments]
