"""What is needed to answer a question.  Changes are made by functions that the caller passes."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from sitmail.domain.policy import Policy
from sitmail.domain.record import record
from sitmail.domain.trust import Keys
from sitmail.services.reports.daemon_state import DaemonState, Disk
from sitmail.services.reports.plain import NoAnswer
from sitmail.store.blobs import BlobRow
from sitmail.store.database import Database


@record
class AnswerContext:
    """What is needed to answer a question.

    `now` is used for changes only.  `read` returns a read-only connection, `blob` the content of a blob.  `write` runs
    a job in the writer's transaction and returns once it is committed; `decide` (action, held mail, incident or 0, who,
    why) decides a held mail.  `daemon` returns the state of the running daemon, None if none runs.  `disk` returns the
    state of the data folder's disk, `missing` names blobs whose content is missing, and `key` says so of the key file.
    `forget`: what the daemon remembers of the directory is out of date.  `keep` makes content safe and returns its row,
    `keys` are those that sign addresses.
    """

    policy: Policy
    now: datetime
    read: Callable[[], AbstractContextManager[Connection]]
    blob: Callable[[Connection, str], bytes]
    write: Callable[[Callable[[Connection], Any]], Any] | None = None
    decide: Callable[[str, int, int, str, str], dict[str, Any]] | None = None
    daemon: DaemonState | None = None
    disk: Callable[[], Disk] | None = None
    missing: Callable[[Connection], list[str]] | None = None
    key: Callable[[Connection], str] | None = None
    forget: Callable[[], None] | None = None
    keep: Callable[[bytes, str], BlobRow] | None = None
    keys: Callable[[], Keys] | None = None


def writing(database: Database) -> Callable[[Callable[[Connection], Any]], Any]:
    """`AnswerContext.write` for this database: runs a job in a transaction and waits until it is committed."""
    return lambda job: database.write(_all, job).result()


def write(context: AnswerContext, job: Callable[[Connection], Any]) -> Any:
    """Runs a job in the writer's transaction.  Raises NoAnswer where nothing can be changed."""
    if context.write is None:
        raise NoAnswer("Nothing can be changed here.", os.EX_UNAVAILABLE)
    return context.write(job)


def _all(connection: Connection, jobs: list[Callable[[Connection], Any]]) -> list[Any]:
    return [job(connection) for job in jobs]
