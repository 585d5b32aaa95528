"""The secrets that sign addresses and Message-IDs: one small file, made at the first start, readable by us alone.

One line a key, `a <64 hex digits>`; the last line signs, the others still verify.  To rotate, add a line with a new
letter (`sitmail` needs a restart or a reload to see it).  `domain.trust` says what the keys are used for.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
from pathlib import Path

from sqlalchemy import Connection

from sitmail.domain.trust import Keys
from sitmail.store import outbox

_LINE = re.compile(r"([a-z])\s+([0-9a-f]{64})\Z")


class KeyFileError(Exception):
    """The key file is not usable; the message says why and what to do."""


def load_or_make(path: Path, *, used: bool) -> Keys:
    """The keys of the file; a new one where there is none.

    `used`: the store holds letters, so that there was a key.  KeyFileError if the file is missing then, or not usable.
    """
    if used and (sentence := lost(path)):
        raise KeyFileError(sentence)
    try:
        _make(path)
    except FileExistsError:
        pass
    except OSError as error:
        raise KeyFileError(f"{path}: cannot be written ({error.strerror}); tokens need a key file") from error
    return load(path)


def lost(path: Path) -> str:
    """What to do where the file is missing beside a store with letters in it; "" if it is there."""
    if path.exists():
        return ""
    return (
        f"{path}: the key file is missing, but the store holds letters that were signed with it. Put it back from a "
        "backup. Without it every address and Message-ID that was ever given out proves nothing; if it is lost, start "
        f'with a new key: (umask 077; echo "a $(openssl rand -hex 32)" > {shlex.quote(str(path))})'
    )


def missed(connection: Connection, path: Path) -> str:
    """A sentence for `sitmail status` where the file is missing beside letters that it signed, else ""."""
    if path.exists() or not outbox.any_letter(connection):
        return ""
    return f"The key file {path} is missing, and the desk cannot start without it: sitmail check says what to do."


def load(path: Path) -> Keys:
    """Raises KeyFileError if the file cannot be read, is readable by others, or holds no key."""
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"{path}: cannot be read ({error})") from error
    if mode & 0o077:
        raise KeyFileError(f"{path}: others may read it; chmod 600 {path}")
    found = [_LINE.match(line.strip()) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not found or not all(found):
        raise KeyFileError(f'{path}: every line must be a letter and 64 hex digits, such as "a 0f3c..."')
    pairs = [(line[1], bytes.fromhex(line[2])) for line in found if line]
    return Keys(dict(pairs), pairs[-1][0])


def _make(path: Path) -> None:
    """Fails if the file exists; written with fsync, since the key of letters sent must survive a power cut."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"a {secrets.token_hex(32)}\n")
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


THROWAWAY = Keys({"a": bytes(32)}, "a")  # for `explain` without a desk: nothing is ever signed with it
