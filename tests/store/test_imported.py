"""Imported incidents on both databases: written once, by their key, under numbers that new ones leave alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from sitmail.domain.imported import ImportedFile, ImportedIncident, ImportedUpdate, read, written
from sitmail.domain.incident_search import Search
from sitmail.domain.policy import Mailbox, Policy
from sitmail.services import incident_import, incident_search, keys, search_index
from sitmail.services.incident_import import ImportDesk, NotImported
from sitmail.store import blobs, customer_sheets, ids, imported, schema
from sitmail.store.blobs import BlobRow
from sitmail.store.database import Database, open_database
from tests.conftest import empty

AT, NOW = datetime(2024, 1, 5, 10, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=UTC)
RAW = ImportedFile("", "message/rfc822", 3, "0" * 64)
MAIL = ImportedUpdate(
    *(AT, "public", "in", "opened"),
    address="jane@acme.example.org",
    name="Jane",
    text="It smokes.",
    message_id="<1@acme.example.org>",
    answers=("<0@old.example.org>",),
    raw=RAW,
    files=(ImportedFile("a.txt", "text/plain", 3, "0" * 64),),
)
ONE = ImportedIncident(
    *("number 17", "d1", 17, "old.csv: row 2", "Printer smokes", "closed", AT, AT, "jane@acme.example.org"),
    closing_status="solved",
    tags=("red",),
    updates=(MAIL,),
)
TWO = ImportedIncident("row x", "d2", 0, "old.csv: row 3", "Coffee", "active", AT, None, "kim@globex.example.org")
DESK = ImportDesk(Policy("Desk", (Mailbox("support@example.com"),)), keys.THROWAWAY, NOW)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        yield request.getfixturevalue("database")
        return
    address = request.getfixturevalue("postgresql_store")
    empty(address)
    with closing(open_database(address, data=tmp_path)) as opened:
        yield opened


def run(store: Database, job: Callable[..., Any], *args: Any) -> Any:
    return store.write(lambda connection, items: [job(connection, *args) for _ in items], None).result()


def bring(connection: Connection, *incidents: ImportedIncident) -> int:
    blobs.insert(connection, [BlobRow(RAW.sha256, 3, b"raw")])
    return incident_import.bring(connection, ids.of(connection), DESK, incidents)


def test_what_was_written_comes_back(store: Database) -> None:
    run(store, lambda connection: incident_import.count_on(connection, 17, 0, dry=False))
    assert run(store, bring, ONE, TWO) == 2
    assert run(store, bring, ONE, TWO) == 0
    with store.read() as connection:
        rows = connection.execute(select(schema.incident).order_by(schema.incident.c.number)).all()
        assert [(row.number, row.title, row.status) for row in rows] == [
            *((17, "Printer smokes", "closed"), (18, "Coffee", "active")),
        ]
        assert rows[0].cycle_opened == NOW and rows[0].opened == AT
        asked = [{"key": one.key, "digest": digest, "number": one.number} for one, digest in ((ONE, "d1"), (TWO, "d3"))]
        states = [one["state"] for one in incident_import.compare(connection, asked)]
        assert states == ["same", "changed"]
        other = [{"key": "number 18", "digest": "", "number": 18}]
        assert incident_import.compare(connection, other) == [{"state": "taken", "incident": 18, "title": "Coffee"}]
        assert imported.next_number(connection) == 19
        assert connection.execute(select(func.count()).select_from(schema.term)).scalar() == 0


def test_a_number_that_was_taken_meanwhile_stops_the_part(store: Database) -> None:
    run(store, bring, ONE)
    with pytest.raises(NotImported, match="number 17 is taken"):
        run(store, bring, TWO, replace(ONE, key="number 17 of another"))
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(schema.incident)).scalar() == 1


def test_search_and_sheets_show_them(store: Database) -> None:
    run(store, bring, ONE)
    with store.read() as connection:
        contact = connection.execute(select(schema.incident.c.contact)).scalar_one()
        assert [one.number for one in customer_sheets.last_incidents(connection, contact)] == [17]
    run(store, search_index.index, [None])
    with store.read() as connection:
        assert incident_search.worded(connection, Search({}, ("smoke",)), 9) == ([17], False)


def test_json_there_and_back() -> None:
    assert read(json.loads(written(ONE))) == ONE
