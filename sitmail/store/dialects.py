"""SQLite and PostgreSQL: how each is connected to, made durable, and kept from a second daemon."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from sitmail.domain.record import record
from sitmail.store import data_folder
from sitmail.store.errors import StoreBusy, StoreError

READERS = 4  # connections
CHECKPOINT = 4000  # pages (16 MB): pages that change often are then copied once for many commits
PATIENCE = 30  # seconds to wait for another process's lock
TEXTS = 256  # statements that stay parsed: two dozen, those with lists in several sizes
WAL_LIMIT = 64 << 20  # bytes the write-ahead log keeps after a checkpoint
# Advisory locks of PostgreSQL: one for the time of an upgrade, one for the daemon's life.
UPGRADE, DAEMON = 7483200, 7483201
LOCK_PAUSES = (0, 0.1, 0.4, 1.0, 1.5)  # seconds between tries: a connection that just ended may hold it for a moment
_HOLDER = """
    SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.objid = %s AND l.granted
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@record
class Dialect:
    engine: Callable[[URL, bool], Engine]  # for this address, for writing?
    check: Callable[[Connection], None]  # raises StoreError where a commit would not be durable
    guard: str  # statement that keeps two processes from upgrading at once
    lock: Callable[[Engine, URL], None]  # has a writing engine keep other daemons out


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
    known = {name: value for name, value in _connection_settings().items() if name not in address.query}
    try:
        return create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            connect_args=known,
            execution_options={} if write else reading,
            **_pool(write),
        )
    except ImportError as error:
        raise StoreError("PostgreSQL needs psycopg: pip install 'sitmail[postgresql]'") from error


def _connection_settings() -> dict[str, Any]:
    """A server that does not answer is given up within seconds, by us and by the kernel (libpq's names)."""
    return {
        "client_encoding": "utf8",  # so that a server of another encoding can be asked which
        "application_name": f"sitmail {socket.gethostname()} {os.getpid()}"[:63],
        "connect_timeout": 10,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    }


def _postgresql_lock(engine: Engine, address: URL) -> None:
    """One daemon at a time: the writer's connection holds a lock of the server for as long as it lives.

    The server lets go of it when the connection ends.  That of a process that was killed may live for a moment, and
    that of a machine that was cut off until the server's own keepalive finds out.
    """

    def take(raw: Any, _record: object) -> None:
        with raw.cursor() as cursor:
            for name, value in (("idle", 15), ("interval", 5), ("count", 3)):
                cursor.execute(f"SET tcp_keepalives_{name} = {value}")
            for pause in LOCK_PAUSES:
                time.sleep(pause)
                if cursor.execute(f"SELECT pg_try_advisory_lock({DAEMON})").fetchone()[0]:
                    raw.commit()
                    return
            cursor.execute(_HOLDER, (DAEMON,))
            holder = cursor.fetchone()
        raw.close()
        who = f"another daemon ({holder[0]})" if holder and holder[0] else "another daemon"
        name = address.render_as_string(hide_password=True)
        raise StoreBusy(f"{who} uses the database {name}; stop it, or give this one a database of its own")

    event.listen(engine, "connect", take)


def _no_lock(_engine: Engine, _address: URL) -> None:
    """SQLite's file lies in the directory that is locked."""


def _postgresql_check(connection: Connection) -> None:
    for name in ("fsync", "synchronous_commit"):
        if connection.exec_driver_sql(f"SHOW {name}").scalar() == "off":
            raise StoreError(f"PostgreSQL runs with {name} = off: mail we answered for could be lost; turn it on")
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise StoreError(f"the PostgreSQL database is encoded in {encoding}; create it with ENCODING 'UTF8'")


DIALECTS = {
    "sqlite": Dialect(_sqlite_engine, _sqlite_check, "SELECT 1", _no_lock),  # BEGIN IMMEDIATE guards already
    "postgresql": Dialect(
        _postgresql_engine, _postgresql_check, f"SELECT pg_advisory_xact_lock({UPGRADE})", _postgresql_lock
    ),
}


def _pool(write: bool) -> dict[str, int]:
    return {"pool_size": 1 if write else READERS, "max_overflow": 0}


def of(url: str) -> tuple[Dialect, URL]:
    """The database that a `store.url` names, and its address.  StoreError if it names none."""
    try:
        address = make_url(url)
        return DIALECTS[address.get_backend_name()], address
    except (ArgumentError, KeyError) as error:
        raise StoreError("store.url must begin with sqlite:/// or postgresql://") from error
