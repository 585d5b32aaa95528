"""Mail is kept once, waits in order, and gets exactly one ending."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from sitmail.store import inbox, schema
from sitmail.store.blobs import BlobRow
from sitmail.store.database import Database
from sitmail.store.inbox import Ended, Kept, Receipt
from sitmail.store.schema import inbox as table

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DESK, SALES = "support@example.com", "sales@example.com"


def mail(words: str, recipient: str = DESK, trace: str = "", **other: Any) -> Kept:
    """A mail whose trace fields differ by `trace` while its content is the same."""
    raw = f"{trace}{words}".encode()
    row = BlobRow(hashlib.sha256(raw).hexdigest(), len(raw), raw)
    content = hashlib.sha256(words.encode()).hexdigest()
    values = {"sender": "carla@example.org", "recipients": (recipient,), "received": NOW, "door": "smtp"} | other
    return Kept(recipient=recipient, content=content, raw=row, **values)


def keep(database: Database, *mails: Kept) -> list[Receipt]:
    """All in one batch."""
    return database.write(lambda connection, items: [inbox.keep(connection, list(items[0]))], mails).result()


def run(database: Database, function: Any, *arguments: Any) -> Any:
    return database.write(lambda connection, items: [function(connection, *arguments)], None).result()


def endings(database: Database) -> dict[int, tuple[str, str, int | None]]:
    with database.read() as connection:
        rows = connection.execute(select(table.c.id, table.c.ending, table.c.reason, table.c.duplicate_of))
        return {row.id: (row.ending, row.reason, row.duplicate_of) for row in rows}


def waiting(database: Database, limit: int = 10, now: datetime = NOW) -> list[inbox.Waiting]:
    with database.read() as connection:
        return inbox.waiting(connection, limit, now)


def test_a_mail_is_kept_whole(each_database: Database):
    kept = mail("hello", recipients=(DESK, SALES), client="192.0.2.1", login="carla", sender="")
    assert each_database.write(inbox.keep, kept).result() == (1, 0)
    (found,) = waiting(each_database)
    assert found == inbox.Waiting(
        id=1,
        received=NOW,
        sender="",
        recipients=(DESK, SALES),
        recipient=DESK,
        content=kept.content,
        raw=kept.raw.sha256,
        size=5,
        door="smtp",
        client="192.0.2.1",
        login="carla",
        attempts=0,
        ending="waiting",
        data=b"hello",
    )


def test_a_repeat_ends_as_duplicate_of_the_first(each_database: Database):
    keep(each_database, mail("hello"))
    assert keep(each_database, mail("hello", trace="Received: again\r\n")) == [(2, 1)]
    assert keep(each_database, mail("hello")) == [(3, 1)]
    assert endings(each_database) == {
        1: ("waiting", "", None),
        2: ("duplicate", inbox.REPEATED, 1),
        3: ("duplicate", inbox.REPEATED, 1),
    }
    assert [found.id for found in waiting(each_database)] == [1]


def test_a_repeat_in_the_same_batch_is_one_too(each_database: Database):
    batch = [mail("hello"), mail("other"), mail("hello"), mail("hello", SALES), mail("hello", SALES)]
    assert keep(each_database, *batch) == [(1, 0), (2, 0), (3, 1), (4, 0), (5, 4)]


def test_a_repeat_of_an_ended_mail_is_one_too(each_database: Database):
    keep(each_database, mail("hello"))
    run(each_database, inbox.finish, [Ended(1, "applied", "reply", "", NOW, incident=7)])
    assert keep(each_database, mail("hello")) == [(2, 1)]


def test_a_hostile_envelope_is_kept(each_database: Database):
    odd = mail("hello", sender="a\udce9\0@example.org", client="\ud800", login="\0", recipients=("\udcff@example.com",))
    assert keep(each_database, odd) == [(1, 0)]
    assert waiting(each_database)[0].sender == "a\\udce9\\x00@example.org"


def test_the_same_content_to_another_address_is_found(each_database: Database):
    first, copy, other = mail("hello"), mail("hello", SALES), mail("other")
    keep(each_database, first, copy, mail("hello"), other)
    run(each_database, inbox.finish, [Ended(1, "new", "new", "", NOW, incident=7)])
    with each_database.read() as connection:
        assert inbox.find_copies(connection, [copy.content, other.content, "unknown"]) == {
            first.content: (1, "new", 7),
            other.content: (4, "waiting", None),
        }


def test_a_big_mail_waits_without_its_bytes(each_database: Database):
    kept = mail("hello")
    keep(
        each_database,
        Kept(**{name: getattr(kept, name) for name in kept.__slots__} | {"raw": BlobRow("f" * 64, 9, None)}),
    )
    assert (waiting(each_database)[0].raw, waiting(each_database)[0].data) == ("f" * 64, None)


def test_the_oldest_wait_first(each_database: Database):
    keep(each_database, *(mail(str(number)) for number in range(5)))
    assert [found.id for found in waiting(each_database, limit=3)] == [1, 2, 3]
    run(each_database, inbox.finish, [Ended(number, "ignored", "own", "own letter", NOW) for number in (1, 3)])
    assert [found.id for found in waiting(each_database)] == [2, 4, 5]


def test_an_ending_is_written_whole(each_database: Database):
    keep(each_database, mail("hello"))
    ended = Ended(1, "applied", "reply", "by \udcff", NOW, 7, "carla@example.org", "Re: \0x", "<1@example.org>", "abc")
    run(each_database, inbox.finish, [ended])
    with each_database.read() as connection:
        row = connection.execute(select(table)).mappings().one()
    assert {name: row[name] for name in ("ending", "rule", "reason", "incident", "author", "subject")} == {
        "ending": "applied",
        "rule": "reply",
        "reason": "by \\udcff",
        "incident": 7,
        "author": "carla@example.org",
        "subject": "Re: \\x00x",
    }
    assert (row["message_id"], row["policy"], row["ended"]) == ("<1@example.org>", "abc", NOW)


def test_the_third_failure_quarantines(each_database: Database):
    keep(each_database, mail("poison"), mail("good"))
    for attempt, rest in ((1, 1), (2, 10)):
        assert run(each_database, inbox.failed, 1, NOW, "it broke") == attempt
        assert [found.id for found in waiting(each_database)] == [2]
        later = NOW + timedelta(seconds=rest)
        assert [found.id for found in waiting(each_database, now=later - timedelta(microseconds=1))] == [2]
        assert [found.id for found in waiting(each_database, now=later)] == [1, 2]
    assert run(each_database, inbox.failed, 1, NOW, "it broke \ud800") == 3
    assert endings(each_database)[1] == ("quarantined", "it broke \\ud800", None)
    assert [found.id for found in waiting(each_database, now=NOW + timedelta(days=1))] == [2]


def test_only_quarantined_and_resting_mail_is_tried_again(each_database: Database):
    keep(each_database, *(mail(str(number)) for number in range(3)), mail("0"))
    for _ in range(3):
        run(each_database, inbox.failed, 1, NOW, "it broke")
    run(each_database, inbox.failed, 2, NOW, "it broke")
    run(each_database, inbox.finish, [Ended(3, "applied", "reply", "", NOW, 7)])
    assert [run(each_database, inbox.retry, number) for number in (1, 2, 3, 4, 5)] == [True, True, False, False, False]
    assert [(found.id, found.attempts) for found in waiting(each_database)] == [(1, 0), (2, 0)]
    assert [ending for _, (ending, *_) in sorted(endings(each_database).items())] == [
        "waiting",
        "waiting",
        "applied",
        "duplicate",
    ]
    with each_database.read() as connection:
        again = connection.execute(select(table.c.ended, table.c.reason).where(table.c.id == 1)).one()
    assert tuple(again) == (None, "")


@pytest.mark.parametrize(("condition", "index"), [(inbox.FIRST, "uq_inbox_once"), (inbox.WAITING, "ix_inbox_waiting")])
def test_the_partial_indexes_serve(condition, index: str, database: Database):
    """Their cost follows what waits, not what was ever kept."""
    query = (
        select(table.c.id).where(condition, table.c.content.in_(["x"]))
        if index == "uq_inbox_once"
        else (select(table.c.id).where(condition).order_by(table.c.id))
    )
    sql = str(query.compile(compile_kwargs={"literal_binds": True}))
    with database.read() as connection:
        plan = "\n".join(row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {sql}")))
    assert index in plan


@pytest.mark.parametrize(
    "value",
    [["a"], ['ü"\\\x00\u2028'], {"a": 1, "b": [None, True, 1.5, {"c": "d"}], 3: "x"}, [], {}, "text", [[]]],
)
def test_documents_are_what_json_makes_of_them(value: object):
    assert schema._encoded(value) == json.dumps(value)


def test_no_document_is_null():
    assert schema._encoded(None) is None
