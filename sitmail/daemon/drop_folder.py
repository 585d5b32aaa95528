"""The drop folder: reads the mails that `sitmail deliver` wrote there while the daemon did not run (`cli.dropping`).

A file is removed when its mail is in the inbox.  If the daemon crashes in between, the mail is read again and
recognised as a duplicate by its fingerprint.  A file that cannot be read stays, is logged once and does not hold up the
others.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import stat
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from sitmail.daemon import intake_loop, logs
from sitmail.daemon.runtime import Runtime, now
from sitmail.domain.mail import Envelope
from sitmail.domain.policy import Policy
from sitmail.domain.record import record
from sitmail.receiving.spool import Spooled, Writer
from sitmail.services.process_mail import accepts

POLL = 5.0  # seconds between looks
MODE = 0o770  # the MTA's user belongs to our group
HEAD = 1_000_000  # bytes of an envelope at most
CHUNK = 1 << 20
ABANDONED = 36 * 3600  # seconds, after which nobody is writing a half-written file any more, as in a Maildir


@record
class Dropped:
    """The envelope of a file: groups of recipients, the best first, of which one is meant if they are only guesses."""

    sender: str
    groups: tuple[tuple[str, ...], ...]
    received: datetime
    size: int


def prepare(folder: Path) -> None:
    """Makes the folder.

    If that is not allowed a warning is logged: `deliver` then exits 75 while the daemon is down.
    """
    try:
        for part in (folder, folder / "new", folder / "tmp"):
            if not part.is_dir():
                part.mkdir(MODE)
                part.chmod(MODE)  # what the umask took away
    except OSError as error:
        why = f"lmtp.spool: {folder} cannot be made ({error.strerror}); `sitmail deliver` keeps no mail meanwhile"
        logs.event("remark", level=logging.WARNING, text=why)


async def run(runtime: Runtime) -> None:
    """Looks into the drop folder until the daemon stops."""
    known: set[str] = set()
    _sweep(runtime.settings.lmtp.spool / "tmp", time.time())
    while not runtime.stopping.is_set():
        await empty(runtime, known)
        await runtime.sleep(asyncio.Event(), POLL)


async def empty(runtime: Runtime, known: set[str]) -> int:
    """Reads all files, the oldest first; returns how many.  `known`: names that failed and were logged already."""
    folder = runtime.settings.lmtp.spool / "new"
    taken = 0
    for name in await asyncio.to_thread(_names, folder):
        if runtime.stopping.is_set() or runtime.guard():
            break
        try:
            await _take(runtime, folder / name)
            taken += 1
        except Exception as error:
            if name not in known:
                known.add(name)
                what = f"{type(error).__name__}: {error}"
                logs.event("stumbled", level=logging.ERROR, at="drop-folder", file=name, error=what)
    return taken


async def _take(runtime: Runtime, path: Path) -> None:
    writer = runtime.spool.writer()
    try:
        dropped, spooled = await asyncio.to_thread(_read, path, writer)
        recipients = meant(runtime.desk.policy, dropped.groups)
        received = min(dropped.received, now())  # a clock may have been set back meanwhile
        await intake_loop.keep(runtime, spooled, Envelope(dropped.sender, recipients, received, "pipe"))
    finally:
        writer.discard()
    await asyncio.to_thread(_remove, path)


def meant(policy: Policy, groups: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The addresses of ours in the first group that has one, else the desk's own address.

    The mail was accepted from its sender, so it must not be lost for a wrong address.
    """
    for group in groups:
        ours = tuple(dict.fromkeys(address for address in group if not accepts(policy, address)))
        if ours:
            return ours
    return (policy.desk.address,)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in os.scandir(folder) if not entry.name.startswith("."))
    except FileNotFoundError:
        return []


def _read(path: Path, writer: Writer) -> tuple[Dropped, Spooled]:
    """Raises OSError, or ValueError for a file that `deliver` did not write, or did not finish."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise ValueError("it is no regular file")
        dropped = _envelope(file)
        while chunk := file.read(CHUNK):
            writer.write(chunk)
    if writer.size != dropped.size:
        raise ValueError(f"it has {writer.size} of {dropped.size} bytes")
    return dropped, writer.finish()


def _envelope(file: BinaryIO) -> Dropped:
    try:
        data = json.loads(file.readline(HEAD))
        sender, groups, size = str(data["sender"]), data["groups"], int(data["size"])
        received = datetime.fromtimestamp(float(data["received"]), UTC)
        texts = [[str(address) for address in group] for group in groups]
        if not data["guessed"]:
            texts = [[address for group in texts for address in group]]
    except (KeyError, TypeError, ValueError, OverflowError, OSError, RecursionError) as error:
        raise ValueError("its first line is no envelope") from error
    return Dropped(sender, tuple(map(tuple, texts)), received, size)


def _remove(path: Path) -> None:
    """Removes the file, and syncs its folder so that it does not come back after a crash."""
    path.unlink(missing_ok=True)
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(folder: Path, moment: float) -> None:
    """Removes half-written files whose writer is gone.  Their mail server was told to try again."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            if moment - entry.stat(follow_symlinks=False).st_mtime > ABANDONED:
                Path(entry.path).unlink(missing_ok=True)
