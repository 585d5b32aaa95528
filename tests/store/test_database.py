"""Opening the store: durable settings, one process only, and a sentence for each thing that is wrong."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from sitmail.store.data_folder import filesystem
from sitmail.store.database import (
    Database,
    StoreBusy,
    StoreError,
    fatal,
    open_database,
    open_reader,
    remarks,
)
from sitmail.store.prepared import add
from sitmail.store.schema import meta


def one(connection, sql):
    return connection.execute(text(sql)).scalar()


def test_sqlite_is_set_up_to_be_durable(database: Database):
    def settings(connection, items):
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "wal_autocheckpoint")
        return [[one(connection, f"PRAGMA {name}") for name in names]] * len(items)

    assert database.write(settings, None).result() == ["wal", 2, 1, 30000, 4000]


def test_readers_cannot_write_or_checkpoint(each_database: Database):
    with each_database.read() as connection:
        if connection.dialect.name == "sqlite":
            assert one(connection, "PRAGMA wal_autocheckpoint") == 0
        with pytest.raises(DBAPIError, match=r"read-?only"):
            connection.execute(meta.insert().values(key="a", value="b"))


def test_a_read_sees_one_moment(each_database: Database):
    def change(connection, items):
        connection.execute(meta.insert(), [{"key": item, "value": ""} for item in items])
        return items

    with each_database.read() as connection:
        before = one(connection, "SELECT count(*) FROM meta")
        each_database.write(change, "x").result()
        assert one(connection, "SELECT count(*) FROM meta") == before
    with each_database.read() as connection:
        assert one(connection, "SELECT count(*) FROM meta") == before + 1


def test_files_are_private(database: Database, tmp_path: Path):
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("sitmail.db", "sitmail.db-wal", "sitmail.db-shm", "sitmail.lock"), 0o600)


def test_closing_empties_the_log_and_frees_the_folder(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/sitmail.db"
    open_database(url, data=tmp_path).close()
    left = tmp_path / "sitmail.db-wal"
    assert not left.exists() or left.stat().st_size == 0
    open_database(url, data=tmp_path).close()


def test_a_second_process_is_told_who_is_there(database: Database, tmp_path: Path):
    script = f"""
from pathlib import Path
from sitmail.store.database import StoreBusy, open_database
try:
    open_database("sqlite:///{tmp_path}/sitmail.db", data=Path({str(tmp_path)!r}))
except StoreBusy as error:
    print(error)
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert f"process {os.getpid()} is using {tmp_path}" in told
    with pytest.raises(StoreBusy):
        open_database(f"sqlite:///{tmp_path}/sitmail.db", data=tmp_path)


def test_a_reader_works_beside_the_daemon_and_after_it(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/sitmail.db"
    database = open_database(url, data=tmp_path)
    beside = open_reader(url)
    database.close()
    after = open_reader(url)
    for reader in (beside, after):
        with reader.read() as connection:
            assert one(connection, "SELECT count(*) FROM meta") == 1
        reader.close()


def test_a_failed_opening_frees_the_folder(tmp_path: Path):
    with pytest.raises(StoreError):
        open_database(f"sqlite:///{tmp_path}/missing/sitmail.db", data=tmp_path)
    open_database(f"sqlite:///{tmp_path}/sitmail.db", data=tmp_path).close()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://example.com/desk", "must begin with sqlite:/// or postgresql://"),
        ("desk.db", "must begin with sqlite:/// or postgresql://"),
        ("sqlite://", "SQLite needs a file"),
        ("sqlite:////nowhere/sitmail.db", "No such file"),
        ("postgresql://desk:secret@127.0.0.1:1/desk", "cannot be opened"),
    ],
)
def test_what_is_wrong_is_told_without_secrets(url: str, sentence: str, tmp_path: Path):
    with pytest.raises(StoreError, match=sentence) as told:
        open_database(url, data=tmp_path)
    assert "secret" not in str(told.value)


def test_a_database_of_garbage_is_told(tmp_path: Path):
    (tmp_path / "sitmail.db").write_bytes(b"no database at all" * 1000)
    with pytest.raises(StoreError, match="not a database"):
        open_database(f"sqlite:///{tmp_path}/sitmail.db", data=tmp_path)


@pytest.fixture
def careless(postgresql_urls) -> Iterator[str]:
    """A database whose server does not fsync for a while."""
    url = postgresql_urls()
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")

    def reload(statement: str, value: str) -> None:
        with engine.connect() as connection:
            connection.execute(text(statement))
            connection.execute(text("SELECT pg_reload_conf()"))
        engine.dispose()
        while True:
            with engine.connect() as connection:
                if one(connection, "SHOW fsync") == value:
                    break
            engine.dispose()

    reload("ALTER SYSTEM SET fsync = off", "off")
    yield url
    reload("ALTER SYSTEM RESET fsync", "on")
    engine.dispose()


def test_postgresql_without_fsync_is_refused(careless: str, tmp_path: Path):
    with pytest.raises(StoreError, match="fsync = off"):
        open_database(careless, data=tmp_path)


def test_postgresql_with_lazy_commits_is_refused(postgresql_urls, tmp_path: Path):
    with pytest.raises(StoreError, match="synchronous_commit = off"):
        open_database(f"{postgresql_urls()}&options=-c%20synchronous_commit%3Doff", data=tmp_path)


def test_postgresql_that_cannot_hold_every_letter_is_refused(postgresql_urls, tmp_path: Path):
    with pytest.raises(StoreError, match="encoded in SQL_ASCII"):
        open_database(postgresql_urls("ENCODING 'SQL_ASCII' TEMPLATE template0"), data=tmp_path)


def test_once_passes_over_what_is_there(each_database: Database):
    def twice(connection, items):
        for value in ("first", "second"):
            add(connection, meta, [{"key": "k", "value": value}], once=True)
        return [one(connection, "SELECT value FROM meta WHERE key = 'k'")]

    assert each_database.write(twice, None).result() == "first"


@pytest.mark.parametrize(
    ("version", "warned"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((4, 0, 0), False),
    ],
)
def test_sqlite_with_the_wal_reset_race_is_named(version, warned):
    assert bool(remarks(version)) is warned


def test_disk_trouble_is_told_from_mistakes():
    def failure(code):
        error = sqlite3.OperationalError("x")
        error.sqlite_errorcode = code
        return error

    full, fsync_failed, locked, not_unique = (failure(code) for code in (13, 1034, 5, 2067))
    assert fatal(full) and fatal(fsync_failed) and fatal(DBAPIError("", {}, full))
    assert not fatal(locked) and not fatal(not_unique) and not fatal(ValueError())


MOUNTS = """\
/dev/vda / ext4 rw 0 0
server:/export /srv nfs4 rw 0 0
/dev/vdb /srv/fast\\040disk xfs rw 0 0
tmpfs /srv2 tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib", "ext4"),
        ("/srv/mail", "nfs4"),
        ("/srv/fast disk/mail", "xfs"),
        ("/srv2/x", "tmpfs"),
        ("/srv3", "ext4"),
    ],
)
def test_the_file_system_of_a_path(path, kind):
    assert filesystem(Path(path), MOUNTS) == kind
