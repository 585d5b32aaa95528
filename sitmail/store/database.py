"""Opens the store, and is the only place that knows SQLite from PostgreSQL.

What is written goes through one thread (`writer`), which alone holds a connection that writes and checkpoints: SQLite
before 3.51.3 can lose commits when two connections do so at once.  What is read comes from a small pool of read-only
connections; each `read()` sees one moment, and should be short, because it keeps the write-ahead log from shrinking.
No table's contents are known here but `meta`.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, insert, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from sitmail.domain.record import record
from sitmail.store import data_folder, migrations
from sitmail.store.errors import StoreBroken, StoreBusy, StoreError
from sitmail.store.ids import Ids
from sitmail.store.schema import meta
from sitmail.store.writer import Job, Writer

__all__ = ["Database", "Job", "Reader", "StoreBroken", "StoreBusy", "StoreError", "open_database", "open_reader"]

T = TypeVar("T")
R = TypeVar("R")

READERS = 4  # connections
CHECKPOINT = 4000  # pages (16 MB): pages that change often are then copied once for many commits
PATIENCE = 30  # seconds to wait for another process's lock
TEXTS = 256  # statements that stay parsed: two dozen, those with lists in several sizes
WAL_LIMIT = 64 << 20  # bytes the write-ahead log keeps after a checkpoint
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
        """A connection that sees the store as it is at its first statement, until the end of the block."""
        with self._engine.connect() as connection:
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
        The future raises what the job raised for this item alone, StoreBroken after disk trouble, or what BEGIN or
        COMMIT raised.  StoreError if the store is closed.
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

    With `exclusive` the directory `data` is locked until `close`: StoreBusy if another process has it.
    StoreError, in a sentence: not reachable, not durable as it is set up, on a network file system, or newer than us.
    """
    lock = data_folder.take(data) if exclusive else None
    engines: list[Engine] = []
    try:
        dialect, address = _address(url)
        ids = Ids()
        with _in_words(address):
            engines.append(dialect.engine(address, True))
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
    dialect, address = _address(url)
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


# --- the two dialects


@record
class _Dialect:
    engine: Callable[[URL, bool], Engine]  # for this address, for writing?
    check: Callable[[Connection], None]  # raises StoreError where a commit would not be durable
    guard: str  # statement that keeps two processes from upgrading at once


def _sqlite_engine(address: URL, write: bool) -> Engine:
    path = Path(address.database or "")
    if not address.database or address.database == ":memory:":
        raise StoreError("SQLite needs a file: write store.url as sqlite:///sitmail.db")
    if kind := data_folder.on_network(path.parent):
        raise StoreError(f"{path} lies on a network file system ({kind}), where SQLite is not safe; use a local disk")
    if write:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        mode, begin = "rw", "BEGIN IMMEDIATE"
        pragmas = ["journal_mode=WAL", f"journal_size_limit={WAL_LIMIT}", f"wal_autocheckpoint={CHECKPOINT}"]
    else:
        if not path.exists():
            raise StoreError(f"there is no store at {path} yet; start the daemon once")
        mode, begin = "ro", "BEGIN"
        pragmas = ["query_only=ON", "wal_autocheckpoint=0"]

    def connect() -> sqlite3.Connection:
        # isolation_level None: the begin below is ours, else a SELECT before a change would see old rows
        uri = f"file:{quote(str(path.absolute()))}?mode={mode}"
        raw = sqlite3.connect(
            uri, uri=True, isolation_level=None, timeout=PATIENCE, check_same_thread=False, cached_statements=TEXTS
        )
        for pragma in ("synchronous=FULL", "foreign_keys=ON", *pragmas):
            raw.execute(f"PRAGMA {pragma}")
        return raw

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, **_pool(write))
    event.listen(engine, "begin", lambda connection: connection.connection.dbapi_connection.execute(begin))
    return engine


def _sqlite_check(connection: Connection) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": PATIENCE * 1000}
    for name, value in wanted.items():
        found = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
        if found != value:
            raise StoreError(f"SQLite does not take {name} = {value} here (it stays {found}): commits are not safe")


def _postgresql_engine(address: URL, write: bool) -> Engine:
    reading: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    try:
        return create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            connect_args={"client_encoding": "utf8"},  # so that a server of another encoding can be asked which
            execution_options={} if write else reading,
            **_pool(write),
        )
    except ImportError as error:
        raise StoreError("PostgreSQL needs psycopg: pip install 'sitmail[postgresql]'") from error


def _postgresql_check(connection: Connection) -> None:
    for name in ("fsync", "synchronous_commit"):
        if connection.exec_driver_sql(f"SHOW {name}").scalar() == "off":
            raise StoreError(f"PostgreSQL runs with {name} = off: mail we answered for could be lost; turn it on")
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise StoreError(f"the PostgreSQL database is encoded in {encoding}; create it with ENCODING 'UTF8'")


DIALECTS = {
    "sqlite": _Dialect(_sqlite_engine, _sqlite_check, "SELECT 1"),  # BEGIN IMMEDIATE guards already
    "postgresql": _Dialect(_postgresql_engine, _postgresql_check, "SELECT pg_advisory_xact_lock(7483200)"),
}


def _pool(write: bool) -> dict[str, int]:
    return {"pool_size": 1 if write else READERS, "max_overflow": 0}


def _address(url: str) -> tuple[_Dialect, URL]:
    try:
        address = make_url(url)
        return DIALECTS[address.get_backend_name()], address
    except (ArgumentError, KeyError) as error:
        raise StoreError("store.url must begin with sqlite:/// or postgresql://") from error


def _prepare(engine: Engine, dialect: _Dialect) -> str:
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
        raise StoreError(f"the store {name} cannot be opened: {why[0] if why else type(error).__name__}") from error
