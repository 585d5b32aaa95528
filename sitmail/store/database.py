"""Opens the database.  What SQLite and PostgreSQL do differently is in `dialects`.

All writing is done by one thread (`writer`) on one connection: SQLite before 3.51.3 can lose commits when two
connections write and checkpoint at once.  Reading uses a small pool of read-only connections.  Each `read()` sees one
state of the database; keep it short, because SQLite's write-ahead log cannot shrink meanwhile.  What is in the tables
does not belong here, except for `meta`.
"""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, event, insert, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from sitmail.store import data_folder, dialects, migrations, outages
from sitmail.store.dialects import Dialect
from sitmail.store.errors import StoreAway, StoreBroken, StoreBusy, StoreError
from sitmail.store.ids import Ids
from sitmail.store.schema import meta
from sitmail.store.writer import Job, Writer

__all__ = ["Database", "Job", "Reader", "StoreBroken", "StoreBusy", "StoreError", "open_database", "open_reader"]

T = TypeVar("T")
R = TypeVar("R")

FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))  # SQLite releases without the WAL-reset race, newest first
# SQLite's result codes for a failed disk or a damaged file: IOERR CORRUPT FULL CANTOPEN NOTADB.
SQLITE_FATAL = frozenset({10, 11, 13, 14, 26})
# The same of PostgreSQL: disk_full io_error data_corrupted index_corrupted.
POSTGRESQL_FATAL = frozenset({"53100", "58030", "XX001", "XX002"})


class Reader:
    """A database to read from.  Any thread may use it."""

    def __init__(self, engine: Engine, epoch: str) -> None:
        self.epoch = epoch
        self._engine = engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection.  Until the end of the block it sees the database as it was at its first statement.

        StoreAway if the database cannot be reached.
        """
        with outages.told(), self._engine.connect() as connection:
            yield connection

    def close(self) -> None:
        self._engine.dispose()


class Database(Reader):
    """A database to read from and write to.

    `epoch` is a random text that is made with the database and stays (a restore makes a new one).  `remarks` are
    sentences about risks of this installation.
    """

    def __init__(self, writing: Engine, reading: Engine, *, ids: Ids, epoch: str, lock: int | None) -> None:
        super().__init__(reading, epoch)
        self.ids = ids
        self.remarks: tuple[str, ...] = remarks() if writing.dialect.name == "sqlite" else ()
        self.remote = writing.dialect.name != "sqlite"  # a server, which may be away
        self._writing = writing
        self._lock = lock
        self._writer = Writer(writing, ids, fatal, hold=writing.dialect.name == "sqlite")

    @property
    def broken(self) -> BaseException | None:
        """The failure of the disk after which this process must end; None if there was none."""
        return self._writer.broken

    def write(self, job: Job[T, R], item: T) -> Future[R]:
        """Has `job` done for `item` in the next transaction, which others share; for threads.

        The future resolves after the commit.  A job gets a connection and a list of items, returns a list of as many
        results, and never commits.  The future raises what the job raised for this item, StoreBroken after a failure of
        the disk, StoreAway while the database cannot be reached or refuses to write, or what BEGIN or COMMIT raised.
        `write` raises StoreError if the database is closed.
        """
        return self._writer.write(job, item)

    def awrite(self, job: Job[T, R], item: T) -> asyncio.Future[R]:
        """`write` for the running event loop.  Cancelling the future does not cancel the write."""
        return self._writer.awrite(job, item)

    def awrite_all(self, job: Job[T, R], items: Sequence[T]) -> asyncio.Future[list[R | BaseException]]:
        """`awrite` of several at once, with one answer: for each item its result, or what it raised."""
        return self._writer.awrite_all(job, items)

    def close(self) -> None:
        """Finishes the writes it was given, empties the write-ahead log and unlocks the data folder."""
        self._writer.close()
        super().close()
        if self._writing.dialect.name == "sqlite" and self.broken is None:
            with _raw(self._writing) as raw:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._writing.dispose()
        if self._lock is not None:
            data_folder.release(self._lock)
            self._lock = None


def open_database(url: str, *, data: Path, exclusive: bool = True) -> Database:
    """Opens the database for writing, after making its schema or upgrading it.

    With `exclusive` the folder `data` is locked until `close`, and so is a database on a server; StoreBusy if another
    process has locked it.  StoreAway, with a sentence, if the database cannot be reached; StoreError if it would lose
    commits as it is set up, is on a network file system, or was written by a newer sitmail.
    """
    lock = data_folder.take(data) if exclusive else None
    engines: list[Engine] = []
    try:
        dialect, address = dialects.of(url)
        ids = Ids()
        with _in_words(address):
            engines.append(dialect.engine(address, True))
            if exclusive:
                dialect.lock(engines[0], address)
            event.listen(engines[0], "connect", lambda _, record: record.info.update(ids=ids))
            epoch = _prepare(engines[0], dialect)
            engines.append(dialect.engine(address, False))
        return Database(*engines, ids=ids, epoch=epoch, lock=lock)
    except BaseException:
        for engine in engines:
            engine.dispose()
        if lock is not None:
            data_folder.release(lock)
        raise


def open_reader(url: str) -> Reader:
    """Opens the database for reading.  StoreError if there is none yet, or its schema is of another release."""
    dialect, address = dialects.of(url)
    with _in_words(address):
        engine = dialect.engine(address, False)
        with engine.connect() as connection:
            present = migrations.revision(connection)
            if present == migrations.HEAD:
                epoch = connection.execute(select(meta.c.value).where(meta.c.key == "epoch")).scalar_one()
                return Reader(engine, epoch)
        engine.dispose()
    if present > migrations.HEAD:
        raise StoreError(migrations.newer(present))
    raise StoreError("the database is empty or of an older sitmail; start the daemon once to bring it up to date")


def fatal(error: BaseException) -> bool:
    """Whether the disk failed: after that a process must not go on writing."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE_FATAL
    return getattr(cause, "sqlstate", None) in POSTGRESQL_FATAL


def remarks(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> tuple[str, ...]:
    """What an admin should know about this version of SQLite."""
    if version >= FIXED[0] or any(version[:2] == fixed[:2] and version >= fixed for fixed in FIXED):
        return ()
    name = ".".join(map(str, version))
    return (f"SQLite {name} can lose commits if a second program writes to the database: only read it from outside",)


def _prepare(engine: Engine, dialect: Dialect) -> str:
    """Checks that commits are durable, upgrades the schema, and returns the database's epoch."""
    with engine.begin() as connection:
        dialect.check(connection)
        connection.exec_driver_sql(dialect.guard)
        migrations.upgrade(connection)
        epoch = connection.execute(select(meta.c.value).where(meta.c.key == "epoch")).scalar()
        if epoch is None:
            epoch = secrets.token_hex(8)
            connection.execute(insert(meta).values(key="epoch", value=epoch))
        return str(epoch)


@contextmanager
def _raw(engine: Engine) -> Iterator[sqlite3.Connection]:
    pooled = engine.raw_connection()
    try:
        yield pooled.driver_connection  # type: ignore[misc]
    finally:
        pooled.close()


@contextmanager
def _in_words(address: URL) -> Iterator[None]:
    """Turns a driver's exception into a sentence that names the database, never its password."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        why = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()
        name = address.render_as_string(hide_password=True)
        kind = StoreAway if outages.passes(error) and not outages.is_refusal(error) else StoreError
        raise kind(f"the store {name} cannot be opened: {why[0] if why else type(error).__name__}") from error
