"""A small desk's tables, filled by hand: what reading verbs and read models are tested on."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from sitmail.domain.engineers import Engineer
from sitmail.domain.hours import Calendar
from sitmail.domain.policy import Mailbox, Policy
from sitmail.store import schema as s

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DESK = "support@example.com"
FIRST = b"From: Carla <carla@example.org>\r\nSubject: Printer\r\n\r\nIt burns.\r\nFrom here on it is hot.\r\n"
ANSWER = b"From: Ana <ana@example.com>\r\nSubject: Re: Printer\r\n\r\nUse water.\r\n"
POLICY = Policy(
    name="Example Desk",
    mailboxes=(Mailbox(DESK),),
    tag="EX",
    calendars={"desk": Calendar("desk")},
    engineers={
        "ana": Engineer("ana", "Ana Lind", ("ana@example.com",)),
        "anton": Engineer("anton", "Anton Berg", ("anton@example.com",)),
    },
)


def at(minutes: int) -> datetime:
    return MORNING + timedelta(minutes=minutes)


def fill(connection: Connection) -> None:
    """Three incidents (one late, one closed, one that nobody owns), mails of most endings, letters of all states."""
    people(connection)
    mails(connection)
    incidents(connection)
    log(connection)
    letters(connection)


def people(connection: Connection) -> None:
    rows = [(1, "engineer", "ana", "Ana Lind"), (2, "contact", "carla@example.org", "Carla"), (3, "contact", "d", "")]
    connection.execute(insert(s.person), [dict(zip(("id", "kind", "key", "name"), r, strict=True)) for r in rows])
    addresses = [("ana@example.com", 1, 0), ("carla.private@example.org", 2, 1), ("carla@example.org", 2, 0)]
    keys = ("address", "person", "place")
    connection.execute(insert(s.address), [dict(zip(keys, row, strict=True)) for row in addresses])


def mails(connection: Connection) -> None:
    for content in (FIRST, ANSWER):
        sha = hashlib.sha256(content).hexdigest()
        connection.execute(insert(s.blob).values(sha256=sha, size=len(content), content=content))
    mail(connection, 1, FIRST, sender="carla@example.org", author="carla@example.org", ending="new", incident=1)
    mail(connection, 2, ANSWER, sender="ana@example.com", author="ana@example.com", ending="applied", incident=1)
    mail(connection, 3, FIRST, sender="", subject="\x1b[31mred", ending="held", reason="unknown-sender")
    mail(connection, 4, FIRST, sender="x@example.net", ending="quarantined", reason="it would not be read")
    connection.execute(
        insert(s.held).values(
            id=1, inbox=3, reason="unknown-sender", text="Nobody knows them.", since=at(3), incident=1
        )
    )
    connection.execute(
        insert(s.held).values(id=2, inbox=4, reason="spam", text="", since=at(4), decision="spam", decided=at(5))
    )


def mail(connection: Connection, number: int, raw: bytes, **values: Any) -> None:
    row = {
        "id": number,
        "received": at(number),
        "recipients": [DESK],
        "recipient": DESK,
        "content": f"content {number}",
        "raw": hashlib.sha256(raw).hexdigest(),
        "size": len(raw),
        "door": "smtp",
        "subject": "Printer",
    }
    connection.execute(insert(s.inbox).values(row | values))


def incidents(connection: Connection) -> None:
    row: dict[str, Any] = {"mailbox": DESK, "title": "Printer", "priority": "medium", "opened": at(1), "updated": at(9)}
    row["cycle_opened"] = at(1)
    for more in (
        {"number": 1, "status": "awaiting-customer", "owner": "ana", "contact": 2, "late": True, "cycle": 2},
        {"number": 2, "status": "closed", "closing_status": "solved", "owner": "ana", "closed": at(8)},
        {"number": 3, "status": "new", "title": "Ünïcode \u202e and \x1b[2J"},
    ):
        connection.execute(insert(s.incident).values(row | more))
    for cycle, target, state, due in (
        (1, "first_response", "late", at(20)),
        (2, "resolution", "running", at(90)),
        (2, "first_response", "met", None),
    ):
        connection.execute(
            insert(s.term).values(
                id=10 * cycle + len(target),
                incident=1,
                target=target,
                seconds=3600,
                calendar="desk",
                warn_at=[0.75],
                cycle=cycle,
                started=at(1),
                due=due,
                met=at(5) if state == "met" else None,
                state=state,
            )
        )
    connection.execute(insert(s.leg).values(id=1, incident=1, kind="public"))
    for number, person, role, until in ((1, 2, "contact", None), (2, 3, "participant", at(7))):
        connection.execute(
            insert(s.participation).values(
                id=number, incident=1, leg=1, person=person, role=role, since=at(1), until=until
            )
        )


def log(connection: Connection) -> None:
    for number, leg, direction, event, more in (
        (1, "public", "in", "opened", {"author": 2, "inbox": 1, "message_id": "<1@example.org>"}),
        (2, "public", "out", "email-out", {"author": 1, "inbox": 2, "status": "awaiting-customer", "owner": "ana"}),
        (3, "internal", "none", "sla-late", {"actor": "clock"}),
    ):
        values: dict[str, Any] = {"author": None, **more}
        connection.execute(
            insert(s.update).values(
                id=100 + number,
                incident=1,
                number=number,
                leg=leg,
                direction=direction,
                event=event,
                received=at(number),
                rule=f"rule-{number}",
                **values,
            )
        )
    connection.execute(insert(s.update_text).values(update=101, text="It burns.\n\x07bell", quoted="> what?"))
    connection.execute(
        insert(s.attachment).values(update=101, place=0, name="a.png", type="image/png", size=3, sha256="ab")
    )


def letters(connection: Connection) -> None:
    for number, state in enumerate(("sent", "queued", "deferred", "failed"), start=1):
        connection.execute(
            insert(s.outbox).values(
                id=number,
                incident=1,
                person=2,
                purpose="answer",
                automatic=False,
                outside=True,
                sender=DESK,
                recipient="carla@example.org",
                subject="Re: Printer",
                message_id=f"<{number}@example.com>",
                head="",
                body="",
                attachments=[],
                state=state,
                next_attempt=at(30),
                last_error="" if state in ("sent", "queued") else f"{state}: 451 try later",
                made=at(number),
            )
        )
    for number, purpose, wait in ((1, "changed", 60), (2, "changed", 4), (3, "sla_warning", 60)):
        connection.execute(
            insert(s.notice).values(
                id=number,
                key=f"k{number}",
                person=2,
                incident=1,
                leg="public",
                purpose=purpose,
                updates=[],
                detail={},
                made=at(number),
                not_before=at(number + wait),
            )
        )
