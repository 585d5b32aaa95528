"""Opens the store.  What SQLite and PostgreSQL do differently is in `dialects`.

What is written goes through one thread (`writer`), which alone holds a connection that writes and checkpoints: SQLite
before 3.51.3 can lose commits when two connections do so at once.  What is read comes from a small pool of read-only
connections; each `read()` sees one moment, and should be short, because it keeps the write-ahead log from shrinking.
No table's contents are known here but `meta`.
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
# Primary result codes of SQLite after which nothing may be believed: IOERR CORRUPT FULL CANTOPEN NOTADB.
SQLITE_FATAL = frozenset({10, 11, 13, 14, 26})
# The same of PostgreSQL: disk_full io_error data_corrupted index_corrupted.
POSTGRESQL_FATAL = frozenset({"53100", "58030", "XX001", "XX002"})


class Reader:
    """Reads without ever writing.  Safe for any thread."""

    def __init__(self, engine: Engine, epoch: str) -> None:
        self.epoch = epoch
        self._engine = engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees the store as it is at its first statement, until the end of the block.

        StoreAway if the database cannot be reached.
        """
        with outages.told(), self._engine.connect() as connection:
            yield connection

    def close(self) -> None:
        self._engine.dispose()


class Database(Reader):
    """The store of a process that may write: reads, the writer, the ids it hands out.

    `epoch` is made with the store and never changes (a restore makes a new one).  `remarks` are sentences about
    weak points of the installation.
    """

    def __init__(self, writing: Engine, reading: Engine, *, ids: Ids, epoch: str, lock: int | None) -> None:
        super().__init__(reading, epoch)
        self.ids = ids
        self.remarks: tuple[str, ...] = remarks() if writing.dialect.name == "sqlite" else ()
        self._writing = writing
        self._lock = lock
        self._writer = Writer(writing, ids, fatal, hold=writing.dialect.name == "sqlite")

    @property
    def broken(self) -> BaseException | None:
        """The disk trouble after which this process must end; None while all is well."""
        return self._writer.broken

    def write(self, job: Job[T, R], item: T) -> Future[R]:
        """Has `job` done for `item` in the next shared transaction; resolved after its commit.  For threads.

        A job gets a connection and a list of items, returns a list of as many results, and never commits.
        The future raises what the job raised for this item alone, StoreBroken after disk trouble, StoreAway while the
        database cannot be reached or takes nothing, or what BEGIN or COMMIT raised.  StoreError if the store is closed.
        """
        return self._writer.write(job, item)

    def awrite(self, job: Job[T, R], item: T) -> asyncio.Future[R]:
        """`write` for the running event loop: await it (under `asyncio.shield` if the answer must not be given up)."""
        return self._writer.awrite(job, item)

    def awrite_all(self, job: Job[T, R], items: Sequence[T]) -> asyncio.Future[list[R | BaseException]]:
        """`awrite` of several at once, with one answer: for each item its result, or what it raised."""
        return self._writer.awrite_all(job, items)

    def close(self) -> None:
        """Does what was handed over, empties the write-ahead log, lets the next process in."""
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
    """The store for a process that writes; the schema is made or brought up to date first.

    With `exclusive` the directory `data` is locked until `close`, and so is a database on a server: StoreBusy if
    another process has it.  StoreAway if the database cannot be reached, StoreError if it is not durable as it is set
    up, on a network file system, or newer than us.  All say it in a sentence.
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
    """The store for a process that only reads; StoreError if there is none yet, or its schema is not ours."""
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
    """Is it disk trouble, after which a process must not go on writing?"""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE_FATAL
    return getattr(cause, "sqlstate", None) in POSTGRESQL_FATAL


def remarks(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> tuple[str, ...]:
    """What an admin should know of this SQLite."""
    if version >= FIXED[0] or any(version[:2] == fixed[:2] and version >= fixed for fixed in FIXED):
        return ()
    name = ".".join(map(str, version))
    return (f"SQLite {name} can lose commits if a second program writes to the database: only read it from outside",)


def _prepare(engine: Engine, dialect: Dialect) -> str:
    """Checks durability, upgrades the schema, and gives the store's epoch."""
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
    """Turns a driver's exception into a sentence that names the store and never its password."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        why = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()
        name = address.render_as_string(hide_password=True)
        kind = StoreAway if outages.passes(error) else StoreError
        raise kind(f"the store {name} cannot be opened: {why[0] if why else type(error).__name__}") from error
