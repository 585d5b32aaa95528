"""Trouble with the database that passes: it cannot be reached, it starts, or it takes nothing at the moment.

Whoever meets it waits and tries again; nothing is counted against the mail in hand.  Trouble of the disk, after which a
process must end, is told from it in `database`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, update
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sitmail.store.errors import StoreAway, StoreBusy, StoreError
from sitmail.store.schema import meta

# Primary result codes of SQLite: BUSY LOCKED READONLY.
_SQLITE = frozenset({5, 6, 8})
# PostgreSQL: read_only_sql_transaction too_many_connections lock_not_available query_canceled, and the classes
# "connection exception", "transaction rollback" and the shutdowns (57P01 to 57P05) of appendix A of its manual.
_POSTGRESQL = frozenset({"25006", "53300", "55P03", "57014"})
_POSTGRESQL_CLASSES = ("08", "40", "57P")
_READ_ONLY = frozenset({"25006"})
# What only a change of the configuration, or of the server's roles and databases, can mend.  libpq does not hand over
# the SQLSTATE of a connection that was refused (classes 28 and 3D), so it is known by its words.  A server that speaks
# another language is waited for, and `status` shows its words.
_REFUSAL = re.compile(
    r"(?:authentication failed|no password supplied|no pg_hba\.conf entry|pg_hba\.conf rejects|not permitted to log in"
    r"|(?:role|database) \".*\" does not exist|permission denied for database|does not support SSL)"
)


def passes(error: BaseException) -> bool:
    """The database will serve again by itself, or when somebody has looked after the server."""
    if isinstance(error, StoreAway | StoreBusy | PoolTimeout):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error  # prepared statements go to the driver itself
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE
    state = getattr(cause, "sqlstate", None)
    if state:
        return state in _POSTGRESQL or state.startswith(_POSTGRESQL_CLASSES)
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    name = type(cause)
    return name.__module__.startswith("psycopg") and name.__name__ in ("OperationalError", "InterfaceError")


def is_refusal(error: BaseException) -> bool:
    """The server is there and does not let us in: a wrong password, a role or database that does not exist."""
    return not isinstance(error, StoreError) and _REFUSAL.search(str(error)) is not None


def in_words(error: BaseException) -> StoreAway:
    """A sentence for people who look after the desk; nothing of the statement that failed is in it."""
    if isinstance(error, StoreAway):
        return error
    cause = error.orig if isinstance(error, DBAPIError) else error
    why = next(iter(str(cause).strip().splitlines()), type(cause).__name__).rstrip(". ")
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if getattr(cause, "sqlstate", None) in _READ_ONLY or code in _SQLITE:
        return StoreAway(f"the store takes nothing: {why}")
    return StoreAway(f"the store cannot be reached: {why}")


def touch(connection: Connection, items: list[None]) -> list[None]:
    """A job of the writer: a change that changes nothing, so that a database which takes none says so."""
    connection.execute(update(meta).where(meta.c.key == "epoch").values(value=meta.c.value))
    return items


@contextmanager
def told() -> Iterator[None]:
    """Raises StoreAway instead of a driver's exception where the trouble passes."""
    try:
        yield
    except Exception as error:
        if isinstance(error, StoreAway) or not passes(error):
            raise
        raise in_words(error) from error
