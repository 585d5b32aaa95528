"""`sitmail explain`: shows how mails in files are read, and what would be done.  Nothing is changed."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from sitmail import config
from sitmail.cli import show
from sitmail.cli.failure import Failure
from sitmail.cli.here import loaded
from sitmail.cli.table import safe
from sitmail.config import Config
from sitmail.domain.trust import Keys
from sitmail.reading.parser_client import ParserClient, unusual
from sitmail.sending.letters.templates import Letters, packaged
from sitmail.services import keys, process_mail
from sitmail.services.desk import Desk
from sitmail.services.explain import explain as explanation
from sitmail.store.database import Reader, open_reader
from sitmail.store.errors import StoreError


def explain(asked: Namespace) -> int:
    """Prints a JSON object or a paragraph for each file.  Files that cannot be read are reported, and skipped."""
    path = config.find(asked.config, os.environ)
    settings = loaded(path) if path else config.defaults()
    with closing(ParserClient()) as worker, _store(settings) or nullcontext() as reader:
        desk = Desk(settings.policy, _keys(settings), reader.epoch if reader else "", Letters([packaged()]))
        return _explained(asked, desk, reader, worker)


def _explained(asked: Namespace, desk: Desk, reader: Reader | None, worker: ParserClient) -> int:
    code = os.EX_OK
    for name in asked.files:
        try:
            raw = read(name)
        except Failure as failure:
            print(*map(safe, failure.lines), sep="\n", file=sys.stderr)
            code = failure.code
            continue
        how: process_mail.Reader = worker if unusual(raw) else process_mail.here
        value = explanation(raw, desk, reader.read() if reader else None, datetime.now(UTC), name, how)
        print(json.dumps(value) if asked.json else "\n".join(show.explained(value)))
    return code


def _store(settings: Config) -> AbstractContextManager[Reader] | None:
    """The store to read facts from, closed at the end; None if there is none, which counts as an empty desk."""
    try:
        return closing(open_reader(settings.store.url)) if settings.path else None
    except StoreError:
        return None


def _keys(settings: Config) -> Keys:
    try:
        return keys.load(settings.key_file)
    except keys.KeyFileError:
        return keys.THROWAWAY


def read(name: str) -> bytes:
    """The bytes of a mail; `-` is standard input.  Raises Failure: EX_NOINPUT, or EX_USAGE for a configuration."""
    if name.endswith(".toml"):
        raise Failure(f"{name} is no mail; a configuration is named by --config {name}.", os.EX_USAGE)
    try:
        if name == "-":
            return sys.stdin.buffer.read()
        path = Path(name)
        if path.exists() and not path.is_file() and not path.is_dir():
            raise Failure(f"{name} is no file.", os.EX_NOINPUT)  # reading a device might never end
        return path.read_bytes()
    except (OSError, ValueError) as error:
        why = _WHY.get(type(error)) or "it cannot be read"
        raise Failure(f"{name}: {why}.", os.EX_NOINPUT) from error


_WHY: dict[type[Exception], str] = {
    FileNotFoundError: "there is no such file",
    IsADirectoryError: "is a folder; name the files in it",
    NotADirectoryError: "there is no such file",
    PermissionError: "may not be read by this user",
}
