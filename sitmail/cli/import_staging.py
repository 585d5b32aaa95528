"""Rows and mails on their way into the store, gathered by incident in a file of their own, so that memory is bounded.

The parts of an incident may stand anywhere in the files.  A mail belongs to the incident that its subject numbers, else
to that of the mails it answers (RFC 5322 section 3.6.4).  What rows and mails say is not known here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

NUMBERED = "number "  # how the key of an incident with a number begins
PARTS_MAX = 10_000  # rows and mails of one incident
SIZE_MAX = 32 << 20  # characters of them
_SCHEMA = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE gathered (key TEXT PRIMARY KEY, first INTEGER NOT NULL, state TEXT NOT NULL DEFAULT '');
    CREATE INDEX by_first ON gathered (first);
    CREATE TABLE part (seq INTEGER PRIMARY KEY, key TEXT NOT NULL, place TEXT NOT NULL, kind TEXT NOT NULL,
                       digest TEXT NOT NULL UNIQUE, value TEXT NOT NULL);
    CREATE INDEX by_key ON part (key);
    CREATE TABLE known (message_id TEXT PRIMARY KEY, key TEXT NOT NULL);
    CREATE INDEX known_by_key ON known (key);
"""


class Part(NamedTuple):
    """A row of a table ("row"), or a mail ("mail").  `digest`: two parts that have the same are one."""

    place: str
    kind: str
    digest: str
    value: Any


class Gathered(NamedTuple):
    """All parts of an incident; `size` in characters, and no parts where there are too many."""

    key: str
    parts: Sequence[Part]
    quantity: int
    size: int
    place: str

    @property
    def number(self) -> int:
        return int(self.key.removeprefix(NUMBERED)) if self.key.startswith(NUMBERED) else 0


class Staging:
    def __init__(self, folder: Path) -> None:
        self._base = sqlite3.connect(folder / "staging.db", isolation_level=None)
        self._base.executescript(_SCHEMA)
        self._base.execute("BEGIN")

    def close(self) -> None:
        self._base.close()

    def add(self, key: str, part: Part) -> None:
        values = (key, part.place, part.kind, part.digest, json.dumps(part.value))
        added = self._base.execute(
            "INSERT OR IGNORE INTO part (key, place, kind, digest, value) VALUES (?, ?, ?, ?, ?)", values
        )
        if added.rowcount:
            self._base.execute("INSERT OR IGNORE INTO gathered (key, first) VALUES (?, ?)", (key, added.lastrowid))

    def conversation(self, number: int, own: str, answers: Sequence[str]) -> str:
        """The key of a mail: by its number, by the mails it answers (nearest first), by its own id."""
        found = [key for one in (own, *answers) if (key := self._key_of(one))]
        loose = [key for key in dict.fromkeys(found) if not key.startswith(NUMBERED)]
        key = f"{NUMBERED}{number}" if number else next(iter(found), f"mail {own}")
        for other in loose:
            self._join(other, key)
        self._base.executemany(
            "INSERT OR IGNORE INTO known (message_id, key) VALUES (?, ?)", [(one, key) for one in (own, *answers)]
        )
        return key

    def _key_of(self, message_id: str) -> str:
        row = self._base.execute("SELECT key FROM known WHERE message_id = ?", (message_id,)).fetchone()
        return row[0] if row else ""

    def _join(self, other: str, key: str) -> None:
        if other == key:
            return
        for table in ("part", "known"):
            self._base.execute(f"UPDATE {table} SET key = ? WHERE key = ?", (key, other))  # noqa: S608 - a constant
        row = self._base.execute("DELETE FROM gathered WHERE key = ? RETURNING first", (other,)).fetchone()
        if row:
            self._base.execute("INSERT OR IGNORE INTO gathered (key, first) VALUES (?, ?)", (key, row[0]))

    def note(self, key: str, state: str) -> None:
        self._base.execute("UPDATE gathered SET state = ? WHERE key = ?", (state, key))

    def count(self, state: str) -> int:
        return int(self._base.execute("SELECT count(*) FROM gathered WHERE state = ?", (state,)).fetchone()[0])

    def highest(self) -> int:
        """The highest number of all incidents, 0 without any."""
        keys = self._base.execute("SELECT key FROM gathered WHERE key GLOB ?", (f"{NUMBERED}*",))
        return max((int(key.removeprefix(NUMBERED)) for (key,) in keys), default=0)

    def values(self, name: str) -> set[str]:
        """All that rows have in that column."""
        found = self._base.execute(
            "SELECT DISTINCT json_extract(value, ?) FROM part WHERE kind = 'row'", (f"$.{name}",)
        )
        return {value for (value,) in found if value}

    def incidents(self, state: str) -> Iterator[Gathered]:
        """Those in that state, in the order in which the files begin them."""
        after = -1
        while True:
            row = self._base.execute(
                "SELECT first, key FROM gathered WHERE state = ? AND first > ? ORDER BY first LIMIT 1", (state, after)
            ).fetchone()
            if row is None:
                return
            after = row[0]
            yield self._gathered(row[1])

    def _gathered(self, key: str) -> Gathered:
        measure = "SELECT count(*), sum(length(value)), min(seq) FROM part WHERE key = ?"
        count, size, first = self._base.execute(measure, (key,)).fetchone()
        place = self._base.execute("SELECT place FROM part WHERE seq = ?", (first,)).fetchone()[0]
        if count > PARTS_MAX or size > SIZE_MAX:
            return Gathered(key, (), count, size, place)
        rows = self._base.execute("SELECT place, kind, digest, value FROM part WHERE key = ? ORDER BY seq", (key,))
        return Gathered(key, [Part(row[0], row[1], row[2], json.loads(row[3])) for row in rows], count, size, place)
