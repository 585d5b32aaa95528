"""Brings what the files declare into the store, part by part, so that mail goes on meanwhile."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from sitmail.config import Config
from sitmail.domain.directory import Directory
from sitmail.store import directory_lookup, directory_sync, ids
from sitmail.store.database import Database
from sitmail.store.directory_sync import Step


def directory_written(database: Database, settings: Config) -> tuple[Config, tuple[str, ...]]:
    """The configuration without its directory, which is in the store now; and sentences about those who are gone.

    For threads.  Raises StoreError.
    """
    now = directory_sync.digest(settings.directory, settings.policy)
    if database.write(_noted, None).result() != now:
        for step in directory_sync.steps(settings.directory, settings.policy, now):
            database.write(_do, step).result()
    return replace(settings, directory=Directory()), database.write(_gone, None).result()


def _noted(connection: Connection, items: list[None]) -> list[str]:
    return [directory_sync.noted(connection)] * len(items)


def _do(connection: Connection, items: list[Step]) -> list[None]:
    taken = ids.of(connection)
    return [step(connection, taken) for step in items]


def _gone(connection: Connection, items: list[None]) -> list[tuple[str, ...]]:
    sentences = tuple(
        f"{contact}, contact of {number} open incident{'s' if number > 1 else ''}, stands in no directory file any "
        "more; if only the address changed, give the contact an id, or keep the old address as its second one"
        for contact, number in directory_lookup.gone_with_open(connection)
    )
    return [sentences] * len(items)
