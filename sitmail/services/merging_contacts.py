"""Two records of one person become one, as somebody at the command line says; by mail it is an effect."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from sitmail.domain.address import addr_spec
from sitmail.domain.merging_contacts import CLIENTS, HOW, unmergeable
from sitmail.store import directory_lookup, merged_contacts


class NotMerged(Exception):
    """Nothing was done; the message says why."""


def merge(connection: Connection, one: str, other: str, by: str, now: datetime) -> dict[str, Any]:
    """The record at the address `one` becomes part of that at `other`.  Raises NotMerged."""
    addresses = [addr_spec(one), addr_spec(other)]
    if not all(addresses):
        raise NotMerged(HOW)
    living = directory_lookup.people(connection, set(addresses))
    found = [next((p for p in living.get(where, ()) if p.kind in CLIENTS), None) for where in addresses]
    gone, stays = found
    origin = merged_contacts.origin_of(connection, gone.id) if gone else ""
    if why := unmergeable(gone, stays, addresses[0], addresses[1], origin):
        raise NotMerged(why)
    assert gone is not None and stays is not None
    moved = merged_contacts.merge(connection, gone.id, stays.id, by, now)
    return {"merged": addresses[0], "into": stays.address, "incidents": moved}
