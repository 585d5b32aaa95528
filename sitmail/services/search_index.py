"""What can be found by its words: the index follows the updates log, a little behind.

A mail costs nothing more when it is processed.  Its words are indexed in a transaction of their own soon after, many
updates at once; who searches has first indexed what is left (docs/decisions/search-by-stems.md).  An older database is
indexed from its newest update down, in portions between which mail is processed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, delete, func, insert, select

from sitmail.store import full_text
from sitmail.store.schema import attachment, incident, meta, update_text, words_of_incident, words_of_update
from sitmail.store.schema import update as entry
from sitmail.store.search_words import stemmed

PORTION = 200  # updates a transaction: mail waits for 20 ms at most
FIRST = 5_000  # new updates that a search indexes before it looks
_MARK = "search-index"
_OF_THE_INCIDENT = frozenset({"title", "customer_reference"})  # changes of these are in the log


class Mark(NamedTuple):
    """Indexed are updates with ids from `start` on, before `stop`."""

    start: int
    stop: int


def index(connection: Connection, items: list[None]) -> list[bool]:
    """A job of the writer: indexes a portion, new updates first.  Whether there is more to index."""
    more = _newer(connection) or _older(connection)
    return [more for _ in items]


def catch_up(connection: Connection) -> None:
    """Indexes what is new, in the transaction of a search; of a store that was never indexed the newest updates.

    Where nothing can be written (`sitmail explain`) the search does without.
    """
    if "ids" not in connection.info:
        return
    step = _newer if _begun(connection) else _older
    for _ in range(FIRST // PORTION):
        if not step(connection):
            return


def _newer(connection: Connection) -> bool:
    found = marks(connection)
    rows = _portion(connection, entry.c.id >= found.stop, entry.c.id)
    if rows:
        _put(connection, rows)
        _keep(connection, Mark(found.start, rows[-1].id + 1))
    return bool(rows)


def _older(connection: Connection) -> bool:
    found = marks(connection)
    rows = _portion(connection, entry.c.id < found.start, entry.c.id.desc()) if found.start else []
    if rows:
        _put(connection, rows)
    if rows or found.start or not _begun(connection):
        _keep(connection, Mark(rows[-1].id if rows else 0, found.stop))
    return bool(rows)


def _begun(connection: Connection) -> bool:
    return connection.execute(select(meta.c.key).where(meta.c.key == _MARK)).first() is not None


def waiting(connection: Connection) -> int:
    """How many updates no search finds yet."""
    found = marks(connection)
    count = select(func.count()).select_from(entry)
    newer: int = connection.execute(count.where(entry.c.id >= found.stop)).scalar_one()
    older: int = connection.execute(count.where(entry.c.id < found.start)).scalar_one() if found.start else 0
    return newer + older


def marks(connection: Connection) -> Mark:
    """How far the index goes; an index that was never begun begins at the newest update."""
    kept = connection.execute(select(meta.c.value).where(meta.c.key == _MARK)).scalar()
    if kept is not None:
        start, stop = kept.split()
        return Mark(int(start), int(stop))
    newest: int = connection.execute(select(func.coalesce(func.max(entry.c.id), 0))).scalar_one()
    return Mark(newest + 1 if newest else 0, newest + 1)


def _keep(connection: Connection, mark: Mark) -> None:
    connection.execute(delete(meta).where(meta.c.key == _MARK))
    connection.execute(insert(meta).values(key=_MARK, value=f"{mark.start} {mark.stop}"))


def _portion(connection: Connection, which: Any, order: Any) -> Sequence[Row[Any]]:
    return connection.execute(_TEXTS.where(which).order_by(order).limit(PORTION)).all()


_TEXTS: Select[Any] = select(
    *(entry.c.id, entry.c.incident, entry.c.number, entry.c.change, update_text.c.text, update_text.c.doubtful)
).join_from(entry, update_text, entry.c.id == update_text.c.update, isouter=True)


def _put(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    """Indexes these updates."""
    files = _names_of_files(connection, [row.id for row in rows])
    texts = {
        full_text.update_id(row.incident, row.number): "\n".join(
            part for part in (row.text, row.doubtful, *files.get(row.id, ())) if part
        )
        for row in rows
    }
    full_text.put(connection, words_of_update, {key: stemmed(text) for key, text in texts.items() if text})
    titled = {row.incident for row in rows if row.number == 1 or not _OF_THE_INCIDENT.isdisjoint(row.change or ())}
    put_titles(connection, titled)


def _names_of_files(connection: Connection, updates: Sequence[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    query = select(attachment.c.update, attachment.c.name).where(attachment.c.update.in_(updates))
    for update, name in connection.execute(query):
        found.setdefault(update, []).append(name)
    return found


def put_titles(connection: Connection, numbers: Iterable[int]) -> None:
    """Indexes what these incidents are called now."""
    wanted = set(numbers)
    if not wanted:
        return
    query = select(incident.c.number, incident.c.title, incident.c.customer_reference)
    rows = connection.execute(query.where(incident.c.number.in_(wanted)))
    full_text.put(connection, words_of_incident, {row[0]: stemmed(f"{row[1]}\n{row[2]}") for row in rows})
