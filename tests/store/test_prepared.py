"""A prepared statement returns what SQLAlchemy would return, on each database."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, func, select, union_all, update

from sitmail.store.database import Database
from sitmail.store.prepared import Prepared, add, pair, paired, rounded_up
from sitmail.store.schema import meta, person, warning

NOW = datetime(2026, 3, 2, 9, 0, 0, 120, tzinfo=UTC)
EAST = timezone(timedelta(hours=3))
BY_KEY = Prepared(
    select(meta.c.key, meta.c.value)
    .where(meta.c.key.in_(bindparam("keys", expanding=True)), meta.c.value != "no")
    .order_by(meta.c.key)
    .limit(bindparam("limit"))
)


def written(database: Database, table: Any, *rows: dict[str, Any], once: bool = False) -> None:
    def job(connection: Connection, items: list[Any]) -> list[None]:
        add(connection, table, items, once=once)
        return [None] * len(items)

    for future in [database.write(job, row) for row in rows]:
        future.result()


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 100])
def test_lists_of_any_length(each_database: Database, count: int):
    written(each_database, meta, *({"key": f"k{n:03}", "value": "no" if n == 2 else str(n)} for n in range(6)))
    wanted = [f"k{n:03}" for n in range(count)]
    with each_database.read() as connection:
        found = BY_KEY.all(connection, keys=wanted, limit=50)
        assert found == [(f"k{n:03}", str(n)) for n in range(min(count, 6)) if n != 2]
        assert BY_KEY.all(connection, keys=set(wanted), limit=1) == [("k000", "0")]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 13])
def test_a_list_that_is_all_there_is_to_give(each_database: Database, count: int):
    written(each_database, meta, *({"key": f"k{n:03}", "value": str(n)} for n in range(20)))
    alone = Prepared(select(meta.c.key).where(meta.c.key.in_(bindparam("keys", expanding=True))))
    wanted = {f"k{n:03}" for n in range(count)}
    with each_database.read() as connection:
        assert {key for (key,) in alone.all(connection, keys=wanted)} == wanted
        assert len(alone.all(connection, keys=[*wanted, *wanted])) == count, "each row comes once"


def test_few_sizes_serve_every_list():
    sizes = range(1, 201)
    assert all(size <= rounded_up(size) <= 2 * size for size in sizes) and len(set(map(rounded_up, sizes))) <= 16


def test_two_lists_do_not_mix(each_database: Database):
    written(each_database, meta, *({"key": key, "value": value} for key in "abc" for value in [key * 2]))
    both = Prepared(
        select(meta.c.key).where(
            meta.c.value.in_(bindparam("values", expanding=True)), meta.c.key.in_(bindparam("keys", expanding=True))
        )
    )
    with each_database.read() as connection:
        assert both.all(connection, keys=["a", "b", "c"], values=["bb"]) == [("b",)]
        assert both.all(connection, keys=["a"], values=["aa", "bb", "cc"]) == [("a",)]


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_pairs_find_what_both_keys_name(each_database: Database, count: int):
    said = {"target": "t", "threshold": 1.0, "said": NOW}
    written(each_database, warning, *({**said, "incident": n, "cycle": c} for n in range(6) for c in range(6)))
    pairs = {(n, n + 1) for n in range(count)}
    found = []
    for size, values in paired(pairs | {(n, 7) for n in range(1000) if count == 5}):  # more than one statement takes
        ones = (
            select(warning.c.incident, warning.c.cycle).where(warning.c.incident == one, warning.c.cycle == other)
            for one, other in map(pair, range(size))
        )
        query = Prepared(union_all(*ones))
        with each_database.read() as connection:
            found += query.all(connection, **values)
    assert sorted(found) == sorted(pairs)


def test_columns_that_are_not_named_get_their_defaults(each_database: Database):
    row = {"id": 7, "kind": "stranger", "key": "carla@example.org", "name": "Carla"}
    written(each_database, person, row)
    query = select(person).where(person.c.id == bindparam("id"))
    with each_database.read() as connection:
        (plain,) = connection.execute(query, {"id": 7})
        assert Prepared(query).all(connection, id=7) == [tuple(plain)]
        assert (plain.level, plain.known, plain.retired) == ("all", True, False)


def test_rows_with_different_keys_go_in_the_runs_they_form(each_database: Database):
    first = {"id": 1, "kind": "contact", "key": "a@example.org", "name": "A"}
    written(each_database, person, first, {**first, "id": 2, "key": "b@example.org", "level": "replies"})
    with each_database.read() as connection:
        assert Prepared(select(person.c.level).order_by(person.c.id)).all(connection) == [("all",), ("replies",)]


def test_once_passes_over_known_keys_and_keeps_the_others(each_database: Database):
    written(each_database, meta, {"key": "k", "value": "first"})
    written(each_database, meta, {"key": "k", "value": "second"}, {"key": "l", "value": "new"}, once=True)
    with each_database.read() as connection:
        assert BY_KEY.all(connection, keys=["k", "l"], limit=9) == [("k", "first"), ("l", "new")]


def test_moments_and_numbers_come_back_as_they_went(each_database: Database):
    row = {"incident": 1, "target": "resolution", "cycle": 1, "said": NOW.astimezone(EAST)}
    written(each_database, warning, *({**row, "threshold": part} for part in (0.5, 0.75)))
    asked = Prepared(
        select(warning.c.threshold, warning.c.said)
        .where(warning.c.said <= bindparam("now"))
        .order_by(warning.c.threshold)
    )
    latest = Prepared(select(func.max(warning.c.said, type_=warning.c.said.type)).where(warning.c.incident == 1))
    with each_database.read() as connection:
        assert asked.all(connection, now=NOW) == [(0.5, NOW), (0.75, NOW)]
        assert asked.all(connection, now=NOW - timedelta(microseconds=1)) == []
        assert latest.all(connection) == [(NOW,)]
        (plain,) = connection.execute(select(warning.c.said).limit(1)).scalars()
        assert plain == NOW and plain.tzinfo is UTC


def test_a_naive_moment_is_refused(each_database: Database):
    with pytest.raises(Exception, match="naive moment"):
        written(
            each_database,
            warning,
            {"incident": 1, "target": "t", "threshold": 0.5, "cycle": 1, "said": NOW.replace(tzinfo=None)},
        )


def test_changes_give_back_what_they_return(each_database: Database):
    written(each_database, meta, {"key": "k", "value": "old"})
    moved = Prepared(
        update(meta).where(meta.c.key == bindparam("which")).values(value=bindparam("to")).returning(meta.c.value)
    )

    def job(connection: Connection, items: list[str]) -> list[Any]:
        return [moved.all(connection, which=item, to="new") for item in items]

    assert [each_database.write(job, which).result() for which in ("k", "none")] == [[("new",)], []]


def test_a_reader_sees_one_moment(each_database: Database):
    written(each_database, meta, {"key": "k", "value": "old"})
    with each_database.read() as connection:
        assert BY_KEY.all(connection, keys=["k"], limit=1) == [("k", "old")]
        written(each_database, meta, {"key": "a", "value": "later"})
        assert BY_KEY.all(connection, keys=["a", "k"], limit=9) == [("k", "old")]
