"""The drop folder, in which `sitmail deliver` puts a mail while no daemon answers.  It is like a Maildir.

Standard library only, like `deliver` itself.  A file is written in `tmp`, and moved to `new` when it is complete and on
the disk; the daemon takes it from there (`daemon.drop_folder`).  Its first line is the envelope as JSON, the rest is
the mail.  Only the daemon creates the folder: without a daemon that uses it, nobody would take the mail out.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path

VOLATILE = (b"tmpfs", b"ramfs")


def place(named: str, socket: str) -> Path | None:
    """The folder that was named, else the one beside a Unix socket; None if there is none.

    A folder in memory is used only if it was named, because a reboot would lose mail that was reported as kept.
    """
    if not named and "/" not in socket and not socket.startswith("unix:"):
        return None
    folder = Path(named) if named else Path(socket.removeprefix("unix:")).absolute().parent / "deliver"
    if not (folder / "new").is_dir() or not (folder / "tmp").is_dir():
        return None
    return folder if named or not volatile(folder.resolve()) else None


def keep(folder: Path, sender: str, groups: list[list[str]], guessed: bool, mail: bytes) -> None:
    """Returns once the file and its name are on the disk.  Raises OSError; then the MTA must keep the mail."""
    owner = (folder / "new").stat()
    name = f"{time.time_ns()}.{os.getpid()}.{os.urandom(8).hex()}"
    envelope = {"sender": sender, "groups": groups, "guessed": guessed, "received": time.time(), "size": len(mail)}
    head = json.dumps(envelope, ensure_ascii=False).encode() + b"\n"
    partial = folder / "tmp" / name
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb", buffering=0) as file:
            give(file.fileno(), owner)
            for data in (head, mail):
                view = memoryview(data)
                while view:
                    view = view[file.write(view) :]
            os.fsync(file.fileno())
        partial.rename(folder / "new" / name)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
    handle = os.open(folder / "new", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def give(file: int, owner: os.stat_result) -> None:
    """Lets the daemon, which owns the folder, read the file; a file that it cannot read would stay there for ever.

    Raises PermissionError if this process has neither the folder's user nor its group.
    """
    if os.geteuid() == 0:
        os.fchown(file, owner.st_uid, owner.st_gid)
    elif os.geteuid() != owner.st_uid:
        os.fchown(file, -1, owner.st_gid)
        os.fchmod(file, 0o640)


def volatile(folder: Path) -> bool:
    """Whether a folder is in memory only; True if that cannot be found out."""
    try:
        rows = [line.split(b" ")[1:3] for line in Path("/proc/self/mounts").read_bytes().splitlines()]
    except OSError:
        return True
    here = os.fsencode(folder) + b"/"
    fitting = [(len(point), kind) for point, kind in rows if here.startswith(point.rstrip(b"/") + b"/")]
    return not fitting or max(fitting, key=lambda row: row[0])[1] in VOLATILE
