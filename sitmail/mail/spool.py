"""Where a mail waits between its first byte and the store: in memory while it is small, in a file when it is not.

Nothing is durable here and nothing is fsynced: the store takes over what it wants to keep, by moving the file or by
copying the bytes.  What is still in the folder when the daemon starts was never acknowledged.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from sitmail.mail.fingerprint import Fingerprint

INLINE = 256 * 1024  # bytes that stay in memory, and in a database row later


@dataclass(frozen=True, slots=True)
class Spooled:
    """A whole mail: either `content` or `path`.  `sha256` is of the raw bytes, `hops` counts Received fields."""

    content: bytes | None = field(repr=False)
    path: Path | None
    size: int
    sha256: str
    fingerprint: str
    hops: int = 0


class Writer:
    """One mail on its way in.  Ends with `finish`, and in every case with `discard`."""

    __slots__ = ("_file", "_folder", "_mark", "_parts", "_path", "_raw", "size")

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: list[bytes] = []
        self._file: BinaryIO | None = None
        self._path: Path | None = None
        self._raw = hashlib.sha256()
        self._mark = Fingerprint()
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Take the next bytes.  Raises OSError when the disk does not."""
        self.size += len(chunk)
        self._raw.update(chunk)
        self._mark.update(chunk)
        if self._file is not None:
            self._file.write(chunk)
            return
        self._parts.append(chunk)
        if self.size > INLINE:
            self._spill()

    @property
    def hops(self) -> int:
        """Received fields so far."""
        return self._mark.received

    def finish(self) -> Spooled:
        """The mail, complete.  Raises OSError when the disk did not take all of it."""
        if self._file is not None:
            self._file.close()
        return Spooled(
            content=b"".join(self._parts) if self._path is None else None,
            path=self._path,
            size=self.size,
            sha256=self._raw.hexdigest(),
            fingerprint=self._mark.hexdigest(),
            hops=self.hops,
        )

    def discard(self) -> None:
        """Forget the mail; a file that the store has moved away is not missed."""
        self._parts.clear()
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None

    def _spill(self) -> None:
        number, name = tempfile.mkstemp(prefix="in-", dir=self._folder)  # 0600
        self._path = Path(name)
        self._file = os.fdopen(number, "wb", buffering=0)
        self._file.write(b"".join(self._parts))
        self._parts.clear()


class Spool:
    """The folder; made if it is missing, readable by us alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def writer(self) -> Writer:
        return Writer(self.folder)

    def clear(self) -> int:
        """Remove what a crash left behind; only at the start, before any door is open.  Returns how many files."""
        leftovers = list(self.folder.glob("in-*"))
        for path in leftovers:
            path.unlink(missing_ok=True)
        return len(leftovers)
