"""Who is known and who is blocked, as engineers say by mail."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from sitmail.domain import effects as e
from sitmail.services.desk import Desk
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import blocks, directory_lookup


def blocked(connection: Connection, desk: Desk) -> frozenset[str]:
    """Addresses, and domains as `@example.com`, that engineers blocked by mail."""
    if desk.memory.blocks is None:
        desk.memory.blocks = blocks.all_blocked(connection)
    return desk.memory.blocks


def is_blocked(address: str, among: frozenset[str]) -> bool:
    return bool(among) and not among.isdisjoint(_names(address))


def _names(address: str) -> Iterable[str]:
    return (address, "@" + address.rpartition("@")[2]) if address else ()


def block(unit: UnitOfWork, _entry: PendingDecision, effect: e.Block) -> None:
    if effect.undo:
        blocks.remove(unit.connection, effect.address)
    else:
        blocks.add(unit.connection, effect.address, effect.by, unit.now)
    unit.desk.memory.blocks = None


def remember(unit: UnitOfWork, _entry: PendingDecision, effect: e.Remember) -> None:
    directory_lookup.remember(unit.connection, effect.key, effect.site)
