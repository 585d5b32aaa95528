"""Finds texts by their words, with FTS5 of SQLite or a tsvector of PostgreSQL, and keeps the index of them.

What words are is in `search_words`: both databases get stems that need no quoting, so no sign that somebody writes can
mean anything to them.  What is indexed when is decided in `services/search_index`, what a search means in
`services/incident_search`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Table,
    TableClause,
    Text,
    and_,
    cast,
    column,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from sitmail.store.batches import batched
from sitmail.store.prepared import add
from sitmail.store.schema import incident, words_of_incident, words_of_update
from sitmail.store.search_words import Phrase

UPDATES = 1 << 20  # more than any incident has
_LAST = UPDATES - 1
COUNTED = 10_000  # hits: what has as many is common


def update_id(incident: int, number: int) -> int:
    """The id of an update's words: ids of one incident stand together, and later incidents have greater ones."""
    return incident * UPDATES + min(number, _LAST)


def query(phrases: Iterable[Phrase], dialect: str) -> str:
    """Every phrase has to be there, in one of its forms."""
    wanted = [[_row(row, dialect) for row in forms] for forms in phrases]
    either = " | " if dialect == "postgresql" else " OR "
    every = " & " if dialect == "postgresql" else " AND "
    return every.join(f"({either.join(dict.fromkeys(forms))})" for forms in wanted)


def _row(words: Sequence[str], dialect: str) -> str:
    if dialect == "postgresql":
        return "(" + " <-> ".join(f"'{word}'" for word in words) + ")"
    return '"' + " ".join(words) + '"'


def matching(dialect: str, where: Table, wanted: str) -> Select[Any]:
    """The ids of what matches."""
    if dialect == "postgresql":
        return select(where.c.id).where(where.c.words.op("@@")(cast(literal(wanted), TSQUERY)))
    index = _index(where)
    return select(index.c.rowid.label("id")).where(index.c.words.match(wanted))


def titled(connection: Connection, incidents: Sequence[int], phrases: Sequence[Phrase]) -> list[int]:
    """Those of the incidents, in their order, that have the phrases in their title."""
    found, key = set[int](), words_of_incident.c.id
    there = _holds(connection.dialect.name, words_of_incident, phrases)
    for part in batched(incidents):
        found |= set(connection.execute(select(key).where(key.in_(part), there)).scalars())
    return [number for number in incidents if number in found]


def in_an_update(connection: Connection, incidents: Sequence[int], phrases: Sequence[Phrase]) -> list[int]:
    """Those of the incidents, in their order, that have an update with all these phrases."""
    found, key, first = set[int](), words_of_update.c.id, incident.c.number * UPDATES
    mine = select(key).where(
        key.between(first, first + _LAST), _holds(connection.dialect.name, words_of_update, phrases)
    )
    # The offset keeps PostgreSQL from collecting the hits of all incidents first.
    there = exists(mine.correlate(incident).offset(0))
    for part in batched(incidents):
        found |= set(connection.execute(select(incident.c.number).where(incident.c.number.in_(part), there)).scalars())
    return [number for number in incidents if number in found]


def _holds(dialect: str, where: Table, phrases: Sequence[Phrase]) -> ColumnElement[bool]:
    """Whether a row has the phrases: for a few rows that are found by their ids, which FTS5 looks up slowly."""
    if dialect == "postgresql":
        return where.c.words.op("@@")(cast(literal(query(phrases, dialect)), TSQUERY))
    words = literal(" ") + cast(where.c.words, Text) + literal(" ")
    return and_(*(or_(*(func.instr(words, f" {' '.join(row)} ") > 0 for row in forms)) for forms in phrases))


def latest(connection: Connection, where: Table, phrase: Phrase, count: int) -> list[int]:
    """The greatest ids of what has a phrase."""
    hits = matching(connection.dialect.name, where, query([phrase], connection.dialect.name)).subquery()
    return list(connection.execute(select(hits.c.id).order_by(hits.c.id.desc()).limit(count)).scalars())


def rarity(connection: Connection, phrase: Phrase) -> int:
    """About how many updates have a phrase: the smaller, the rarer."""
    dialect = connection.dialect.name
    hits = matching(dialect, words_of_update, query([phrase], dialect))
    if dialect != "postgresql":
        return int(connection.execute(select(func.count()).select_from(hits.limit(COUNTED).subquery())).scalar_one())
    text = str(hits.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {text}".replace("%", "%%")).scalar_one()
    return int((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"])


def put(connection: Connection, where: Table, words: Mapping[int, str]) -> None:
    """Indexes texts; what was there under these ids goes."""
    forget(connection, where, words)
    rows = [{"id": key, "words": found} for key, found in sorted(words.items()) if found]
    add(connection, where, rows)
    if connection.dialect.name == "sqlite":
        index = _index(where)
        for part in batched([row["id"] for row in rows]):
            mine = select(where.c.id, where.c.words).where(where.c.id.in_(part))
            connection.execute(insert(index).from_select(["rowid", "words"], mine))


def forget(connection: Connection, where: Table, keys: Iterable[int]) -> None:
    """Their words are found no more, and stand nowhere."""
    index = _index(where)
    for part in batched(keys):
        if connection.dialect.name == "sqlite":
            mine = select(literal("delete"), where.c.id, where.c.words).where(where.c.id.in_(part))
            connection.execute(insert(index).from_select([index.name, "rowid", "words"], mine))
        connection.execute(delete(where).where(where.c.id.in_(part)))


def _index(where: Table) -> TableClause:
    """FTS5's table; its column of the same name takes orders."""
    name = f"{where.name}_index"
    return table(name, column("rowid", BigInteger), column("words", Text), column(name, Text))


def forget_incident(connection: Connection, number: int) -> None:
    """Nothing of an incident is found any more by its words."""
    ids = words_of_update.c.id
    mine = select(ids).where(ids.between(update_id(number, 0), update_id(number, _LAST)))
    forget(connection, words_of_update, connection.execute(mine).scalars().all())
    forget(connection, words_of_incident, [number])
