"""Rows that an older release wrote mean the same after the migrations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from alembic import command
from sqlalchemy import Connection, create_engine, inspect, text

from sitmail.store import dialects, migrations

ABSENT = """INSERT INTO absence (id, engineer, since, until, substitute, handed)
VALUES (1, 'anna', '2026-03-02 09:00:00+00:00', '2026-03-06 09:00:00+00:00', 'bob', '2026-03-02 09:00:01+00:00')"""

MOMENT = "'2026-03-02 09:00:00+00:00'"
LEAST = {"DATETIME": MOMENT, "TIMESTAMP": MOMENT, "JSON": "'[]'", "TEXT": "''", "VARCHAR": "''", "BOOLEAN": "false"}


def test_what_a_substitute_has_is_a_handover(store_url: str, tmp_path: Path) -> None:
    """Of who is away at that moment, and nothing that was given by hand to somebody else."""
    _, address = dialects.of(store_url)
    engine = create_engine(address)
    with engine.begin() as connection:
        command.upgrade(migrations.alembic_config(migrations.FOLDER, connection), "0029")
        box = {"address": "support@example.com", "name": "Support"}
        connection.execute(text(_insert(connection, "mailbox", box)), box)
        for number, (temporary, status) in enumerate([("bob", "active"), ("nora", "active"), ("bob", "closed")], 1):
            row: dict[str, object] = {"number": number, "temporary_owner": temporary, "status": status, "owner": "anna"}
            row["mailbox"] = box["address"]
            connection.execute(text(_insert(connection, "incident", row)), row)
        connection.execute(text(ABSENT))
        migrations.migrate(connection, "0029")
        found = connection.execute(text("SELECT absence, incident, substitute, over FROM handover")).all()
        states = connection.execute(text("SELECT kind, state, origin FROM absence")).all()
    engine.dispose()
    assert [tuple(row) for row in found] == [(1, 1, "bob", None)]
    assert [tuple(row) for row in states] == [("away", "granted", "")]


def test_what_ended_as_a_duplicate_names_the_mail_it_repeats(store_url: str, tmp_path: Path) -> None:
    """And of several with the same content and address one alone counts as the first, whatever they ended as."""
    _, address = dialects.of(store_url)
    engine = create_engine(address)
    rows = [  # recipient, content, ending, and what it is a duplicate of: before, afterwards
        ("support@example.com", "x", "new", None, None),
        ("sales@example.com", "x", "duplicate", None, 1),  # a copy to another address
        ("sales@example.com", "x", "duplicate", 2, 2),
        ("support@example.com", "y", "duplicate", None, None),  # the same mail once more, in other words
        ("support@example.com", "y", "duplicate", None, 4),
        ("support@example.com", "z", "applied", None, None),
    ]
    with engine.begin() as connection:
        command.upgrade(migrations.alembic_config(migrations.FOLDER, connection), "0036")
        connection.execute(text("INSERT INTO blob (sha256, size) VALUES ('raw', 1)"))
        for number, (recipient, content, ending, before, _) in enumerate(rows, 1):
            row = {"id": number, "recipient": recipient, "content": content, "ending": ending, "duplicate_of": before}
            row["raw"] = "raw"
            connection.execute(text(_insert(connection, "inbox", row)), row)
        migrations.migrate(connection, "0036")
        found = connection.execute(text("SELECT duplicate_of FROM inbox ORDER BY id")).all()
    engine.dispose()
    assert [tuple(row) for row in found] == [(after,) for *_, after in rows]


def _insert(connection: Connection, table: str, row: Mapping[str, object]) -> str:
    """The statement for a row as it was then; other columns without a default get the least that fits."""
    others = {
        column["name"]: LEAST.get(re.split(r"[ (]", str(column["type"]))[0], "0")
        for column in inspect(connection).get_columns(table)
        if not column["nullable"] and column["default"] is None and column["name"] not in row
    }
    values = {name: f":{name}" for name in row} | others
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(values.values())})"
