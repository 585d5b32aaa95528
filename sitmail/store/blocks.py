"""Addresses and domains that engineers blocked by mail; those of the configuration are in the policy."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from sitmail.store.schema import block


def all_blocked(connection: Connection) -> frozenset[str]:
    """Addresses, and domains as `@example.com`."""
    return frozenset(connection.execute(select(block.c.address)).scalars())


def add(connection: Connection, address: str, by: str, now: datetime) -> None:
    remove(connection, address)
    connection.execute(insert(block).values(address=address, by=by, at=now))


def remove(connection: Connection, address: str) -> None:
    connection.execute(delete(block).where(block.c.address == address))
