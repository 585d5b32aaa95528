"""Letters are sent once and in order, and none is lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from sitmail.domain.outgoing import Outcome, Outgoing
from sitmail.store import outbox
from sitmail.store.database import Database
from sitmail.store.schema import outbox as table
from sitmail.store.schema import person

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)


def row(id: int, **other: Any) -> dict[str, Any]:
    return {
        "id": id,
        "incident": id,
        "person": 1,
        "purpose": "acknowledgement",
        "automatic": True,
        "outside": True,
        "sender": "support+b@example.com",
        "recipient": "carla@example.org",
        "subject": "Printer [EX-7]",
        "message_id": f"<{id}@example.com>",
        "head": "Subject: Printer\r\n",
        "body": "Grüße\n",
        "made": NOW,
        "next_attempt": NOW,
    } | other


def run(database: Database, function: Any, *arguments: Any) -> Any:
    return database.write(lambda connection, items: [function(connection, *arguments)], None).result()


def put(database: Database, *rows: dict[str, Any]) -> None:
    def job(connection: Any) -> None:
        connection.execute(insert(person).values(id=1, kind="contact", key="carla@example.org", name="Carla"))
        outbox.insert(connection, rows)

    run(database, job)


def due(database: Database, now: datetime = NOW, limit: int = 10) -> list[Outgoing]:
    with database.read() as connection:
        return outbox.due(connection, limit, now)


def states(database: Database) -> dict[int, tuple[str, int, datetime, str, datetime | None]]:
    with database.read() as connection:
        columns = (table.c.state, table.c.attempts, table.c.next_attempt, table.c.last_error, table.c.sent)
        return {line[0]: tuple(line[1:]) for line in connection.execute(select(table.c.id, *columns))}


def test_a_letter_comes_back_as_it_was_put(each_database: Database):
    given = row(1, incident=7, attachments=[["a.pdf", "application/pdf", "f" * 64]], expires=LATER)
    put(each_database, given)
    (found,) = due(each_database)
    assert found == outbox.letter(given)
    assert (found.attachments, found.body) == ((("a.pdf", "application/pdf", "f" * 64, ""),), "Grüße\n")
    assert states(each_database)[1][0] == "queued"


def test_what_is_due_comes_oldest_first(each_database: Database):
    put(
        each_database,
        row(5),
        row(2, state="deferred"),
        row(3, next_attempt=LATER),
        row(1, state="sending"),
        row(4, state="sent"),
        row(6, state="failed"),
    )
    assert [found.id for found in due(each_database)] == [1, 2, 5]
    assert [found.id for found in due(each_database, limit=2)] == [1, 2]
    assert [found.id for found in due(each_database, LATER)] == [1, 2, 3, 5]


def test_outcomes_are_noted_together(each_database: Database):
    put(each_database, *(row(number) for number in range(1, 5)))
    outcomes = [
        Outcome(1, "sent", LATER, 1),
        Outcome(2, "deferred", NOW, 1, LATER, "451 later \udcff"),
        Outcome(3, "failed", NOW, 5, None, "550 no"),
        Outcome(4, "sending", NOW, 1),
    ]
    written = [each_database.write(outbox.mark, outcome) for outcome in outcomes]
    assert [future.result() for future in written] == [None] * 4
    assert states(each_database) == {
        1: ("sent", 1, NOW, "", LATER),
        2: ("deferred", 1, LATER, "451 later \\udcff", None),
        3: ("failed", 5, NOW, "550 no", None),
        4: ("sending", 1, NOW, "", None),
    }


def test_a_page_is_kept_until_its_letter_was_sent(each_database: Database):
    put(each_database, *(row(number) | {"page": b"<p>words"} for number in (1, 2, 3)))
    for outcome in (Outcome(1, "sent", NOW, 1), Outcome(2, "deferred", NOW, 1, LATER), Outcome(3, "failed", NOW, 1)):
        each_database.write(outbox.mark, outcome).result()
    with each_database.read() as connection:
        pages = {row.id: row.page for row in connection.execute(select(table.c.id, table.c.page))}
    assert pages == {1: b"", 2: b"<p>words", 3: b"<p>words"}


def test_what_is_sent_stays_sent(each_database: Database):
    put(each_database, row(1))
    for outcome in (Outcome(1, "sent", NOW, 1), Outcome(1, "deferred", LATER, 2, LATER, "late news")):
        each_database.write(outbox.mark, outcome).result()
    assert states(each_database) == {1: ("sent", 1, NOW, "", NOW)}


@pytest.mark.parametrize(
    ("which", "count", "now_due"), [(None, 1, [1, 2]), (2, 1, [1, 2]), (3, 1, [1, 3]), (4, 0, [1]), (9, 0, [1])]
)
def test_retrying_ignores_the_back_off(which, count, now_due, each_database: Database):
    put(
        each_database,
        row(1),
        row(2, state="deferred", next_attempt=LATER, attempts=4),
        row(3, state="failed", next_attempt=LATER),
        row(4, state="sent"),
    )
    assert run(each_database, outbox.retry, which, NOW) == count
    assert [found.id for found in due(each_database)] == now_due


def test_a_letter_does_not_overtake_one_that_waits(each_database: Database):
    put(
        each_database,
        row(1, incident=7, next_attempt=LATER, state="deferred"),
        row(2, incident=7),
        row(3, incident=8),
        row(4, incident=None),
    )
    assert [found.id for found in due(each_database)] == [3, 4]
    assert [found.id for found in due(each_database, LATER)] == [1, 2, 3, 4]
