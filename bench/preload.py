"""Fills a store with years of work: incidents with their log, mails and letters, written by bulk inserts.

Nine of ten incidents are closed.  Texts are short, because the number of rows and the depth of indexes matter here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    String,
    Table,
    case,
    cast,
    create_engine,
    delete,
    func,
    insert,
    literal,
    make_url,
    select,
)

from bench.desk import ENGINEERS
from bench.mails import DESK
from sitmail.store import schema as t

SLICE = 10_000  # incidents in one transaction; all have the same time
YEARS = timedelta(days=2 * 365)
RECENT = timedelta(days=2)
WORDS = "It stops at half height and beeps, then nothing moves. " * 4


def fill(url: str, incidents: int) -> None:
    """Adds incidents to a store that already has its directory.  Its daemon must not run."""
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    engine = create_engine(address)
    now = datetime.now(UTC)
    with engine.begin() as connection:
        people = t.person.c.kind == "contact"
        first, contacts = connection.execute(select(func.min(t.person.c.id), func.count()).where(people)).one()
        staff = connection.execute(select(func.min(t.person.c.id)).where(t.person.c.kind == "engineer")).scalar_one()
    for start in range(1, incidents + 1, SLICE):
        moment = now - RECENT - YEARS * (1 - start / incidents)
        with engine.begin() as connection:
            for table, values in _rows(start, min(SLICE, incidents + 1 - start), moment, (first, contacts), staff):
                connection.execute(insert(table).from_select(list(values), select(*values.values())))
    with engine.begin() as connection:
        for name in ("incident", "leg", "participation", "update", "inbox", "notice", "outbox"):
            _count(connection, t.metadata.tables[name])
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()


def _count(connection: Connection, table: Table) -> None:
    key = next(iter(table.primary_key.columns))
    following = connection.execute(select(func.max(key))).scalar_one() + 1
    connection.execute(delete(t.counter).where(t.counter.c.name == table.name))
    connection.execute(insert(t.counter).values(name=table.name, next=following))


def _rows(
    start: int, count: int, moment: datetime, contacts: tuple[int, int], staff: int
) -> Iterator[tuple[Table, dict[str, Any]]]:
    """The rows of each table for a slice of incidents."""
    numbers = select(literal(start, Integer).label("i")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.i + 1).where(numbers.c.i < start + count - 1))
    i = numbers.c.i
    at = literal(moment, t.incident.c.opened.type)
    contact, owner = contacts[0] + i % contacts[1], i % ENGINEERS

    def word(before: str, number: Any = i) -> Any:
        return literal(before, String) + cast(number, String)

    def json(column: Any, value: object) -> Any:
        return literal(value, column.type)

    yield (
        t.blob,
        {"sha256": word("raw"), "size": literal(300), "content": literal(WORDS.encode(), t.blob.c.content.type)},
    )
    yield (
        t.inbox,
        {
            "id": i,
            "received": at,
            "sender": literal("person@example.org"),
            "recipients": json(t.inbox.c.recipients, [DESK]),
            "recipient": literal(DESK),
            "content": word("content"),
            "raw": word("raw"),
            "size": literal(300),
            "door": literal("smtp"),
            "ending": literal("new"),
            "incident": i,
            "ended": at,
        },
    )
    yield (
        t.incident,
        {
            "number": i,
            "mailbox": literal(DESK),
            "title": word("It was long ago, "),
            "status": case((i % 10 == 0, "active"), else_="closed"),
            "priority": literal("medium"),
            "owner": word("eng", owner),
            "contact": contact,
            "opened": at,
            "updated": at,
            "cycle_opened": at,
            "updates": literal(2),
        },
    )
    for second in (0, 1):
        kind = literal(("public", "internal")[second])
        yield t.leg, {"id": i * 2 - 1 + second, "incident": i, "kind": kind}
    yield (
        t.participation,
        {"id": i, "incident": i, "leg": i * 2 - 1, "person": contact, "role": literal("contact"), "since": at},
    )
    for second, (event, direction) in enumerate((("opened", "in"), ("email-out", "out"))):
        key = i * 2 - 1 + second
        author = staff + owner if second else contact
        yield (
            t.update,
            {
                "id": key,
                "incident": i,
                "number": literal(second + 1),
                "leg": literal("public"),
                "event": literal(event),
                "direction": literal(direction),
                "author": author,
                "received": at,
                "status": literal("active"),
                "owner": word("eng", owner),
                "rule": literal("new-incident"),
            },
        )
        yield t.update_text, {"update": key, "text": literal(WORDS)}
        yield from _said(i, second, at, word)
        yield from _letter(i, second, at, author, word, json)


def _said(i: Any, second: int, at: Any, word: Any) -> Iterator[tuple[Table, dict[str, Any]]]:
    origin = ("foreign", "own")[second]
    yield (
        t.known_id,
        {
            "message_id": word(f"<{origin}."),
            "incident": i,
            "person": literal(1),
            "origin": literal(origin),
            "at": at,
        },
    )


def _letter(i: Any, second: int, at: Any, person: Any, word: Any, json: Any) -> Iterator[tuple[Table, dict[str, Any]]]:
    key, purpose = i * 2 - 1 + second, literal(("acknowledgement", "assigned")[second])
    yield (
        t.outbox,
        {
            "id": key,
            "incident": i,
            "person": person,
            "purpose": purpose,
            "automatic": literal(True),
            "outside": literal(second == 0),
            "sender": literal(DESK),
            "recipient": literal("somebody@example.org"),
            "subject": word("It was long ago, "),
            "message_id": word(f"<letter{second}."),
            "head": literal(WORDS),
            "body": literal(WORDS),
            "attachments": json(t.outbox.c.attachments, []),
            "state": literal("sent"),
            "next_attempt": at,
            "made": at,
            "sent": at,
        },
    )
    yield (
        t.notice,
        {
            "id": key,
            "key": word(f"old{second}:"),
            "person": person,
            "incident": i,
            "leg": literal("public"),
            "purpose": purpose,
            "updates": json(t.notice.c.updates, [1]),
            "detail": json(t.notice.c.detail, {}),
            "made": at,
            "not_before": at,
            "outbox": key,
        },
    )
