"""A Maildir as a source of mail: mails are read from it, and removed when they are kept.

Both `new` and `cur` are read, whatever flags a mail program has set.  A mail that is kept is removed, or moved to a
folder beside the others (Maildir++: `.Done`).  After a crash in between it is read again, and known by its content.
The functions block: call them in threads.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PIECE = 1 << 18  # bytes read at once


class Maildir:
    """One Maildir.  Mails are named by their paths below it, such as `new/1700000000.M1.host`."""

    def __init__(self, path: Path, done_folder: str = "") -> None:
        self.path = path
        self._done = path / f".{done_folder}" if done_folder else None

    def waiting(self) -> list[str]:
        """The mails that are there, oldest first.  OSError: it is no Maildir, or may not be read."""
        found = []
        for part in ("new", "cur"):
            with os.scandir(self.path / part) as entries:
                found += [_aged(entry, part) for entry in entries if not entry.name.startswith(".")]
        return [name for _, name in sorted(found)]

    def read(self, name: str, take: Callable[[bytes], None], limit: int) -> str:
        """Hands a mail to `take` in pieces; "" if it was all there, else why not.  OSError: it may not be read.

        FileNotFoundError: somebody took it, or gave it another name.
        """
        handle = os.open(self.path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            return "it is not a plain file"
        with os.fdopen(handle, "rb", buffering=0) as file:
            size = 0
            while piece := file.read(PIECE):
                size += len(piece)
                if size > limit:
                    return f"it is larger than {limit} bytes"
                take(piece)
        return "" if size else "it is empty"

    def finish(self, name: str) -> None:
        """Removes a mail that is kept, or moves it to the done folder.  OSError: it cannot be moved or removed."""
        source = self.path / name
        with suppress(FileNotFoundError):
            if self._done is None:
                source.unlink()
                return
            for part in ("tmp", "new", "cur"):
                (self._done / part).mkdir(parents=True, exist_ok=True, mode=0o700)
            seen = source.name if ":2," in source.name else f"{source.name}:2,S"
            source.rename(self._done / "cur" / seen)

    def probe(self) -> str:
        """ "" if mail can be taken out of it, else what is wrong."""
        for part in ("new", "cur"):
            folder = self.path / part
            if not folder.is_dir():
                return f"{self.path} is no Maildir: there is no folder {part} in it"
            if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                return f"{folder} may not be read and changed by this user"
        return ""


def _aged(entry: os.DirEntry[str], part: str) -> tuple[float, str]:
    try:
        return entry.stat(follow_symlinks=False).st_mtime, f"{part}/{entry.name}"
    except OSError:  # it has just gone
        return 0.0, f"{part}/{entry.name}"
