"""The index follows the log: what is new at once, what is old in portions; best first, and what was merged goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy import update as change

from sitmail.domain.incident_search import Search
from sitmail.services import incident_search, search_index
from sitmail.services.incident_search import worded
from sitmail.store import schema as t
from sitmail.store.database import Database, open_database
from tests.conftest import empty

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ROW = {"mailbox": "support@example.com", "priority": "medium", "opened": NOW, "updated": NOW, "cycle_opened": NOW}
LOGGED = {"leg": "public", "event": "email-in", "direction": "in", "received": NOW, "rule": "update"}


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        yield request.getfixturevalue("database")
        return
    address = request.getfixturevalue("postgresql_store")
    empty(address)
    with closing(open_database(address, data=tmp_path)) as opened:
        yield opened


def run(store: Database, job: Callable[..., Any], *args: Any, **named: Any) -> Any:
    return store.write(lambda connection, items: [job(connection, *args, **named) for _ in items], None).result()


def opened(connection: Connection, number: int, title: str, *texts: str, **more: Any) -> None:
    connection.execute(insert(t.incident).values(**ROW, number=number, title=title, status="active", **more))
    for place, text in enumerate(texts, 1):
        logged(connection, number, place, text)


def logged(connection: Connection, incident: int, place: int, text: str, **more: Any) -> int:
    key = (connection.execute(select(t.update.c.id).order_by(t.update.c.id.desc()).limit(1)).scalar() or 0) + 1
    connection.execute(insert(t.update).values(**LOGGED, id=key, incident=incident, number=place, **more))
    connection.execute(insert(t.update_text).values(update=key, text=text))
    return key


def found(connection: Connection, *words: str, **filters: str) -> list[int]:
    search_index.catch_up(connection)
    return worded(connection, Search(filters, words), 31)[0]


def indexed(connection: Connection) -> None:
    while search_index.index(connection, [None]) == [True]:
        pass


def test_the_best_come_first_then_the_newest(store: Database) -> None:
    def fill(connection: Connection) -> None:
        opened(connection, 1, "The lamp is red", "nothing")  # in its title
        opened(connection, 2, "Printer", "A red lamp is on", "It smokes")  # in one update
        opened(connection, 3, "Printer", "A lamp is on", "The red one")  # in several
        opened(connection, 4, "Lamp", "It is green", "now red")  # in title and update
        opened(connection, 5, "Coffee", "red lamp")
        opened(connection, 6, "Coffee", "red")

    run(store, fill)
    assert run(store, found, "red", "lamp") == [1, 5, 2, 4, 3]
    assert run(store, found, "lamp") == [4, 1, 5, 3, 2]
    assert run(store, found, "red", "lamp", status="closed") == []
    assert run(store, found, "red", "lamp", status="open") == [1, 5, 2, 4, 3]


def test_many_that_fulfil_the_conditions(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same where they are too many to look through each."""
    monkeypatch.setattr(incident_search, "SPREAD", 1)

    def fill(connection: Connection) -> None:
        opened(connection, 1, "The lamp is red", "nothing")
        opened(connection, 2, "Printer", "A lamp is on", "The red one")
        opened(connection, 3, "Coffee", "red lamp")
        opened(connection, 4, "Coffee", "red", "lamp", owner="anna")

    run(store, fill)
    assert run(store, found, "red", "lamp", status="open") == [1, 3, 4]
    run(store, indexed)
    with store.read() as connection:
        assert worded(connection, Search({"status": "open"}, ("red", "lamp")), 31) == ([1, 3, 4], True)  # 2, perhaps


def test_an_older_database_is_indexed_from_its_newest_update_down(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "PORTION", 2)

    def fill(connection: Connection) -> None:
        for number in range(1, 6):
            opened(connection, number, f"Title{number}", f"word{number}", "lamp")

    run(store, fill)
    waits = []
    while run(store, search_index.index, [None]) == [True]:
        with store.read() as connection:
            waits.append((search_index.waiting(connection), len(worded(connection, Search({}, ("lamp",)), 31)[0])))
    assert waits == [(8, 1), (6, 2), (4, 3), (2, 4), (0, 5)]
    assert run(store, found, "title1") == [1]
    run(store, logged, 5, 3, "later")
    assert run(store, found, "later") == [5]


def test_new_updates_come_before_old_ones(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "PORTION", 1)
    run(store, opened, 1, "Old", "one", "two", "three")
    run(store, search_index.index, [None])  # three
    run(store, opened, 2, "New", "four")
    run(store, search_index.index, [None])
    with store.read() as connection:
        assert [worded(connection, Search({}, (word,)), 9)[0] for word in ("four", "one")] == [[2], []]
        assert search_index.waiting(connection) == 2


def test_a_changed_title_and_the_names_of_files_are_found(store: Database) -> None:
    run(store, opened, 1, "Lamp", "It is red")

    def rename(connection: Connection) -> None:
        connection.execute(change(t.incident).values(title="Coffee", customer_reference="PO-4711"))
        key = logged(connection, 1, 2, "", change={"title": ["Lamp", "Coffee"]})
        row = {"update": key, "place": 1, "name": "crash.log", "type": "text/plain", "size": 1, "sha256": "0" * 64}
        connection.execute(insert(t.attachment).values(**row))

    assert run(store, found, "lamp") == [1]
    run(store, rename)
    words = ("lamp", "coffee", "po-4711", "crash.log")
    assert [run(store, found, word) for word in words] == [[], [1], [1], [1]]


def test_of_what_was_merged_the_one_that_goes_on_is_found(store: Database) -> None:
    def fill(connection: Connection) -> None:
        opened(connection, 1, "Printer", "It smokes")
        opened(connection, 2, "Lamp", "It is red", merged_into=1)
        connection.execute(change(t.incident).where(t.incident.c.number == 2).values(status="closed"))
        row = {"id": 1, "incident": 2, "kind": "merged", "other": 1, "at": NOW}
        connection.execute(insert(t.link).values(**row))

    run(store, fill)
    assert run(store, found, "lamp") == [1]
    assert run(store, found, "red", status="open") == [1]
    assert run(store, found, "red", status="closed") == []


def test_nothing_is_written_where_nothing_is_new(store: Database) -> None:
    run(store, opened, 1, "Lamp", "It is red")
    run(store, indexed)
    with store.read() as connection:
        before = search_index.marks(connection)
    assert run(store, search_index.index, [None]) == [False]
    with store.read() as connection:
        assert search_index.marks(connection) == before
    assert before.start == 0


def test_the_newest_is_indexed_soon(store: Database) -> None:
    assert run(store, found, "lamp") == []  # an empty store
    run(store, opened, 1, "Lamp", "It is red")
    assert run(store, found, "lamp") == [1]
