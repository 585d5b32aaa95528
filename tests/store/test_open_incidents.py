"""Who owns open incidents, asked at a tick: one step through the index for each owner."""

from __future__ import annotations

from sqlalchemy import select, update

from sitmail.store import open_incidents
from sitmail.store.database import Database
from sitmail.store.schema import incident
from tests import desk_rows


def test_each_owner_of_something_open_once(database: Database) -> None:
    database.write(lambda connection, items: [desk_rows.fill(connection)] * len(items), None).result()
    with database.read() as connection:
        rows = connection.execute(select(incident.c.owner, incident.c.status)).all()
        found = open_incidents.owners(connection)
    assert found == sorted({owner for owner, status in rows if owner and status != "closed"})
    assert found
    closed = update(incident).values(status="closed")
    database.write(lambda connection, items: [connection.execute(closed).rowcount] * len(items), None).result()
    with database.read() as connection:
        assert open_incidents.owners(connection) == []
