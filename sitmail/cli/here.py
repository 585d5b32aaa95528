"""Answers questions in this process if no daemon runs, with the same functions that the daemon uses."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sitmail import config
from sitmail.cli.failure import Failure
from sitmail.config import Config, ConfigError
from sitmail.daemon.disk_space import disk_of
from sitmail.services import keys
from sitmail.services.reports import AnswerContext, NoAnswer, answer, without_database
from sitmail.store.blobs import BlobStore
from sitmail.store.database import StoreBusy, StoreError, open_database, open_reader


def loaded(path: Path) -> Config:
    """The configuration.  Raises Failure: EX_CONFIG with a line for each mistake; EX_NOPERM if it may not be read."""
    if not os.access(path, os.R_OK) and _exists(path):
        raise Failure(f"{path} is closed to you: ask as its user, or as root.", os.EX_NOPERM)
    try:
        return config.load(path)
    except ConfigError as error:
        first, *more = error.lines
        raise Failure(first, os.EX_CONFIG, *more) from error


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return True


def answer_here(path: Path, verb: str, args: Mapping[str, Any]) -> Any:
    """The answer that the daemon would give.  A change takes the lock of the data directory.  Raises Failure."""
    settings = loaded(path)
    _refuse_other_users(settings)
    try:
        if "action" in args:
            return _change(settings, verb, {**args, "actor": pwd.getpwuid(os.getuid()).pw_name})
        return _read(settings, verb, args)
    except NoAnswer as refusal:
        raise Failure(refusal.sentence, refusal.code) from refusal
    except StoreBusy as error:
        raise Failure(f"{error}.", os.EX_TEMPFAIL) from error
    except StoreError as error:
        raise Failure(f"{error}.", os.EX_UNAVAILABLE) from error


@contextmanager
def changing(path: Path) -> Iterator[Callable[[str, Mapping[str, Any]], Any]]:
    """A function for many changes: the store stays open, and locked, between them.  Raises Failure, as they do.

    What the files declare is in the store before the first of them, as after a start of the daemon.
    """
    from sitmail.daemon.control_handlers import answer_context  # noqa: PLC0415 - only for changes
    from sitmail.daemon.declared import directory_written  # noqa: PLC0415

    settings = loaded(path)
    _refuse_other_users(settings)
    try:
        with closing(open_database(settings.store.url, data=settings.data)) as database:
            settings, _ = directory_written(database, settings)
            context = answer_context(settings, database, _blobs(settings), datetime.now(UTC))
            yield lambda verb, args: answer(verb, args, context)
    except NoAnswer as refusal:
        raise Failure(refusal.sentence, refusal.code) from refusal
    except StoreBusy as error:
        raise Failure(f"{error}.", os.EX_TEMPFAIL) from error
    except StoreError as error:
        raise Failure(f"{error}.", os.EX_UNAVAILABLE) from error


def _read(settings: Config, verb: str, args: Mapping[str, Any]) -> Any:
    try:
        reader = open_reader(settings.store.url)
    except StoreError as error:
        if verb != "status":
            raise
        return without_database(str(error), None)
    with closing(reader):
        desk = AnswerContext(
            policy=settings.policy,
            now=datetime.now(UTC),
            read=reader.read,
            blob=lambda connection, sha256: _blobs(settings).read(connection, sha256),
            disk=lambda: disk_of(settings),
            missing=lambda connection: _blobs(settings).missing(connection),
            key=lambda connection: keys.missed(connection, settings.key_file),
        )
        return answer(verb, args, desk)


def _refuse_other_users(settings: Config) -> None:
    """Raises Failure (EX_NOPERM) if the desk's data belongs to another user."""
    file = Path(settings.store.url.removeprefix("sqlite:///")) if settings.store.url.startswith("sqlite:") else None
    try:
        there = file.exists() if file else settings.data.exists()
    except PermissionError:
        allowed = False
    else:
        allowed = not there or os.access(file or settings.data, os.R_OK)
    if not allowed:
        raise Failure(
            f"The desk's data in {settings.data} is closed to you: ask as its user, or as root.", os.EX_NOPERM
        )


def _change(settings: Config, verb: str, args: Mapping[str, Any]) -> Any:
    from sitmail.daemon.control_handlers import answer_context  # noqa: PLC0415 - only for changes

    with closing(open_database(settings.store.url, data=settings.data)) as database:
        return answer(verb, args, answer_context(settings, database, _blobs(settings), datetime.now(UTC)))


def _blobs(settings: Config) -> BlobStore:
    return BlobStore(settings.store.blobs, settings.data / "spool")
