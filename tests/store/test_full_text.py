"""Words are found again on both databases alike, whatever somebody writes, and are gone when they are to be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from sitmail.store import full_text
from sitmail.store.database import Database, open_database
from sitmail.store.schema import tsvector, words_of_incident, words_of_update
from sitmail.store.search_words import LARGEST, MOST, folded, phrases, stemmed
from tests.conftest import empty
from tests.examples import examples

TEXTS = {
    1: "The printers are smoking, and the red lamp is on.",
    2: "Seit gestern druckt der Drucker nicht mehr. Wir haben die Größe und die Häuser geprüft, bitte helfen Sie uns.",
    3: "Bonjour, les problèmes avec les imprimantes sont réglés. Merci pour votre réponse, nous avons le cœur léger.",
    4: "Serial SN-1234 at 10.0.0.7: error 0x80070005",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        yield request.getfixturevalue("database")
        return
    address = request.getfixturevalue("postgresql_store")
    empty(address)
    with closing(open_database(address, data=tmp_path)) as opened:
        yield opened


def run(store: Database, job: Callable[..., Any], *args: Any) -> Any:
    return store.write(lambda connection, items: [job(connection, *args) for _ in items], None).result()


def found(connection: Connection, *words: str) -> list[int]:
    wanted = phrases(words)
    dialect = connection.dialect.name
    query = full_text.matching(dialect, words_of_update, full_text.query(wanted, dialect)) if wanted else None
    return sorted(connection.execute(query).scalars()) if query is not None else []


def filled(connection: Connection) -> None:
    full_text.put(connection, words_of_update, {key: stemmed(text) for key, text in TEXTS.items()})


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (["PRINTER"], [1]),  # in any case, and without its ending
        (["smoke"], [1]),
        (["lamps", "red"], [1]),  # all of them, in any order
        (["lamp", "serial"], []),
        (["the"], [1]),  # a small word alone
        (["the", "lamp", "is", "off"], [1]),  # small words beside others do not count
        (["red lamp"], [1]),  # in a row
        (["lamp red"], []),
        (["Drucken"], [2]),  # German
        (["haus"], [2]),
        (["groesse"], [2]),  # as it is written without umlauts
        (["Grösse"], [2]),
        (["GROSSE"], [2]),
        (["probleme"], [3]),  # French, without its accents
        (["Imprimante"], [3]),
        (["coeur"], [3]),
        (["SN-1234"], [4]),  # signs part words, which then stand in a row
        (["1234-SN"], []),
        (["10.0.0.7"], [4]),
        (["0x80070005"], [4]),
        (["!!!"], []),
        (["", "lamp"], [1]),
    ],
)
def test_words_are_found(store: Database, words: list[str], numbers: list[int]) -> None:
    run(store, filled)
    with store.read() as connection:
        assert found(connection, *words) == numbers


CHECKED = "INSERT INTO words_of_update_index (words_of_update_index, rank) VALUES ('integrity-check', 1)"
HOSTILE = [
    *('"', "'", "lamp OR serial", 'lamp" OR "serial', "lamp | serial", "!lamp", "la*", "words:lamp", "NEAR(red lamp)"),
    *(
        "lamp & !red",
        "red <-> lamp",
        "^red",
        "-red",
        "red)",
        "((",
        "\\",
        "%s %(x)s :keys ?",
        "lamp\x00red",
        "'; DROP --",
    ),
    *("'; DROP --", "{red lamp} : x", "lamp AND", "AND", "NOT", "\ud800", "\u202e", "𝔩𝔞𝔪𝔭", "ﬁ", "e\u0301"),
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_signs_of_a_query_language_mean_nothing(store: Database, hostile: str) -> None:
    run(store, filled)
    with store.read() as connection:
        assert set(found(connection, hostile)) <= {1}
        assert 4 not in found(connection, *hostile.split())


@settings(examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_whatever_is_kept_is_found_by_its_own_words(store: Database, text: str) -> None:
    run(store, full_text.put, words_of_update, {9: stemmed(text)})
    own = folded(text).split()
    if not stemmed(text):
        return
    with store.read() as connection:
        for word in own:
            assert found(connection, word) == ([9] if phrases([word]) else [])


def test_a_text_that_changes_is_found_by_its_new_words_alone(store: Database) -> None:
    run(store, filled)
    run(store, full_text.put, words_of_update, {1: stemmed("coffee")})
    with store.read() as connection:
        assert (found(connection, "lamp"), found(connection, "coffee")) == ([], [1])


def test_nothing_of_an_incident_is_left(store: Database) -> None:
    mine, other = full_text.update_id(7, 1), full_text.update_id(8, 1)
    run(
        store, full_text.put, words_of_update, {mine: "secret lamp", full_text.update_id(7, 2): "secret", other: "lamp"}
    )
    run(store, full_text.put, words_of_incident, {7: "secret", 8: "lamp"})
    run(store, full_text.forget_incident, 7)
    with store.read() as connection:
        assert (found(connection, "secret"), found(connection, "lamp")) == ([], [other])
        for table in (words_of_update, words_of_incident):
            left = connection.execute(select(table.c.id)).scalars().all()
            assert left == ([other] if table is words_of_update else [8])
    if store.remote:
        return
    run(store, lambda connection: connection.exec_driver_sql(CHECKED))


def test_a_text_of_any_size_is_taken(store: Database) -> None:
    many = " ".join(f"{chr(0x4E00 + n % 20000)}wörd{n}" * 8 for n in range(MOST + 9))
    run(
        store,
        full_text.put,
        words_of_update,
        {1: stemmed(many), 2: stemmed("x" * 3_000_000), 3: stemmed("lamp " * MOST)},
    )
    assert len(stemmed(many).encode()) <= LARGEST
    with store.read() as connection:
        assert found(connection, "lamp") == [3]
        assert found(connection, "x" * 50) == [2]


def test_places_of_a_word_are_bounded() -> None:
    assert tsvector("a b a") == "'a':1,3 'b':2"
    assert tsvector("a " * 300).count(",") == 254
