"""Questions answered in this process, where no daemon runs: by the very functions the daemon would use."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sitmail import config
from sitmail.cli.failure import Failure
from sitmail.config import Config, ConfigError
from sitmail.services.reports import Desk, NoAnswer, answer
from sitmail.store.blobs import BlobStore
from sitmail.store.database import StoreBusy, StoreError, open_database, open_reader


def loaded(path: Path) -> Config:
    """The configuration; every mistake is a line.  Raises Failure (EX_CONFIG)."""
    try:
        return config.load(path)
    except ConfigError as error:
        first, *more = error.lines
        raise Failure(first, os.EX_CONFIG, *more) from error


def answer_here(path: Path, verb: str, args: Mapping[str, Any]) -> Any:
    """The value the daemon would answer.  A change takes the lock of the data directory.  Raises Failure."""
    settings = loaded(path)
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


def _read(settings: Config, verb: str, args: Mapping[str, Any]) -> Any:
    with closing(open_reader(settings.store.url)) as reader:
        desk = Desk(
            settings.policy,
            datetime.now(UTC),
            reader.read,
            lambda connection, sha256: _blobs(settings).read(connection, sha256),
        )
        return answer(verb, args, desk)


def _change(settings: Config, verb: str, args: Mapping[str, Any]) -> Any:
    from sitmail.daemon.control_handlers import desk_of  # noqa: PLC0415 - only for changes

    with closing(open_database(settings.store.url, data=settings.data)) as database:
        return answer(verb, args, desk_of(settings, database, _blobs(settings), datetime.now(UTC)))


def _blobs(settings: Config) -> BlobStore:
    return BlobStore(settings.store.blobs, settings.data / "spool")
