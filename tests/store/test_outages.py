"""A database that stops and comes back; a second daemon on the same database."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from sitmail.store.database import Database, open_database
from sitmail.store.errors import StoreAway
from sitmail.store.outages import in_words, passes
from sitmail.store.schema import meta
from tests.postgresql_server import BINARIES, Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One that may be stopped; each test leaves it running."""
    if not BINARIES:
        pytest.skip("needs postgresql (make peers)")
    made = Server()
    yield made
    made.remove()


@pytest.fixture
def url(server: Server, request: pytest.FixtureRequest) -> str:
    """A database of its own for each test."""
    name = request.node.name.lower()[:60]
    engine = create_engine(server.url().replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return server.url(name)


def note(connection, items):
    connection.execute(meta.insert(), [{"key": item, "value": ""} for item in items])
    return items


def noted(database: Database) -> int:
    with database.read() as connection:
        return connection.execute(text("SELECT count(*) FROM meta WHERE key <> 'epoch'")).scalar_one()


def test_a_server_that_was_away_serves_again(server: Server, url: str, tmp_path: Path):
    database = open_database(url, data=tmp_path)
    assert database.write(note, "before").result() == "before"
    server.stop()
    for _ in range(2):
        with pytest.raises(StoreAway, match="the store cannot be reached: "):
            database.write(note, "meanwhile").result()
        with pytest.raises(StoreAway, match="the store cannot be reached: "):
            noted(database)
    assert database.broken is None
    server.start()
    assert database.write(note, "after").result() == "after"
    assert noted(database) == 2
    database.close()


def test_a_server_that_takes_nothing_is_told_and_still_read(server: Server, url: str, tmp_path: Path):
    database = open_database(url, data=tmp_path)
    database.write(note, "before").result()
    server.stop()
    server.start("-c default_transaction_read_only=on")
    with pytest.raises(StoreAway, match="the store takes nothing: cannot execute INSERT in a read-only transaction"):
        database.write(note, "meanwhile").result()
    assert (noted(database), database.broken) == (1, None)
    server.stop()
    server.start()
    assert database.write(note, "after").result() == "after"
    database.close()


def test_a_batch_meets_an_outage_once(server: Server, url: str, tmp_path: Path):
    """Each of its items alone would only wait for the same."""
    database = open_database(url, data=tmp_path)
    tried = []

    def end(connection, items):
        tried.append(items)
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return items

    [futures] = [[database.write(end, str(n)) for n in range(20)]]
    assert all(isinstance(future.exception(), StoreAway) for future in futures)
    assert sum(map(len, tried)) == 20
    assert database.write(note, "after").result() == "after"
    database.close()


def test_a_server_that_is_away_at_the_start_is_told_without_secrets(tmp_path: Path):
    with pytest.raises(StoreAway, match="cannot be opened") as told:
        open_database("postgresql://desk:secret@127.0.0.1:1/desk", data=tmp_path)
    assert "secret" not in str(told.value)
    open_database(f"sqlite:///{tmp_path}/sitmail.db", data=tmp_path).close()  # the folder is free again


SECOND = """
import sys
from pathlib import Path
from sitmail.store.database import StoreBusy, open_database
try:
    open_database(sys.argv[1], data=Path(sys.argv[2]))
except StoreBusy as error:
    print(error)
"""


def second(url: str, folder: Path) -> str:
    return subprocess.run(
        [sys.executable, "-c", SECOND, url, folder], capture_output=True, text=True, check=True
    ).stdout


def test_a_second_daemon_on_the_same_database_is_refused(postgresql_urls, tmp_path: Path):
    url = postgresql_urls()
    first = open_database(url, data=tmp_path / "first")
    assert "another daemon (sitmail " in (said := second(url, tmp_path / "second"))
    assert "uses the database postgresql://" in said
    first.close()
    assert second(url, tmp_path / "second") == ""
    assert second(postgresql_urls(), tmp_path / "second") == ""


def test_a_daemon_whose_lock_went_to_another_one_writes_nothing(postgresql_urls, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("sitmail.store.dialects.LOCK_PAUSES", (0,))
    url = postgresql_urls()
    first = open_database(url, data=tmp_path / "first")

    def end(connection, items):
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return items

    with pytest.raises(StoreAway):
        first.write(end, "").result()
    other = open_database(url, data=tmp_path / "second")
    with pytest.raises(StoreAway, match="another daemon"):
        first.write(note, "x").result()
    other.close()
    assert first.write(note, "y").result() == "y"
    first.close()


def failure(code: int, words: str = "x") -> sqlite3.Error:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error


class Answer(Exception):
    """What PostgreSQL says of an error, as psycopg has it."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("something is wrong")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("cause", "passing"),
    [
        (failure(5, "database is locked"), True),
        (failure(8), True),
        (failure(13), False),  # the disk is full
        (failure(2067), False),  # not unique
        *((Answer(state), True) for state in ("08006", "57P01", "57P03", "53300", "25006", "40P01", None)),
        *((Answer(state), False) for state in ("23505", "42P01", "53100", "XX001", "22P02")),
    ],
)
def test_trouble_that_passes(cause, passing):
    assert passes(OperationalError("SELECT secret", {}, cause)) is passing
    assert not passes(ValueError())
    assert passes(cause) is (passing and getattr(cause, "sqlstate", "") is not None)  # as it comes from the driver


def test_the_sentence_is_the_servers_and_holds_no_statement():
    error = DBAPIError("INSERT secret", {}, failure(8, "attempt to write a readonly database"))
    assert str(in_words(error)) == "the store takes nothing: attempt to write a readonly database"
