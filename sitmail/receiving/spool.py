"""The spool: a mail between its first byte and the store, in memory while it is small, else in a file.

Nothing here is durable or fsynced: the store moves the file or copies the bytes.  What is in the folder when the
daemon starts was never acknowledged.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from dataclasses import field
from pathlib import Path
from typing import Any, BinaryIO

from sitmail.domain.mail import INLINE
from sitmail.domain.record import record
from sitmail.receiving.fingerprint import Fingerprint


@record
class Spooled:
    """A whole mail: either `content` or `path`.  `sha256` is of the raw bytes, `hops` counts Received fields."""

    content: bytes | None = field(repr=False)
    path: Path | None
    size: int
    sha256: str
    fingerprint: str
    hops: int = 0


class Writer:
    """One mail that is being received.  Call `finish` when it is whole, and `discard` in every case.

    A small mail is hashed when it is whole, a large one piece by piece as it goes to its file.  Pieces may be written
    in a thread: `discard` waits for it.
    """

    __slots__ = (
        "_busy",
        "_file",
        "_folder",
        "_mark",
        "_parts",
        "_path",
        "_raw",
        "_whole",
        "size",
    )

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._busy = threading.Lock()  # held while a thread writes to the file
        self._parts: list[bytes] = []
        self._file: BinaryIO | None = None
        self._path: Path | None = None
        self._raw: Any = None  # the hashes of what is in a file
        self._mark: Fingerprint | None = None
        self._whole: Spooled | None = None
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Add the next bytes.  Raises OSError when they cannot be written."""
        self.size += len(chunk)
        self._whole = None
        if self._mark is None:
            self._parts.append(chunk)
            if self.size <= INLINE:
                return
        with self._busy:
            self._append(chunk) if self._mark is not None else self._move_to_file()

    def hops(self) -> int:
        """Received fields so far."""
        return self._mark.received if self._mark is not None else self._in_memory().hops

    def finish(self) -> Spooled:
        """The whole mail.  Raises OSError when the file could not be written to the end."""
        if self._mark is None:
            return self._in_memory()
        if self._file is not None:
            self._file.close()
        return Spooled(None, self._path, self.size, self._raw.hexdigest(), self._mark.hexdigest(), self._mark.received)

    def discard(self) -> None:
        """Remove the file, unless the store has moved it, and free the memory."""
        self._parts.clear()
        self._whole = None
        with self._busy:
            if self._file is not None:
                self._file.close()
                self._file = None
            if self._path is not None:
                self._path.unlink(missing_ok=True)
                self._path = None

    def _in_memory(self) -> Spooled:
        if self._whole is None:
            content = b"".join(self._parts)
            mark = Fingerprint()
            mark.update(content)
            digest = hashlib.sha256(content).hexdigest()
            self._whole = Spooled(content, None, self.size, digest, mark.hexdigest(), mark.received)
        return self._whole

    def _move_to_file(self) -> None:
        content = b"".join(self._parts)
        self._parts.clear()
        self._raw, self._mark = hashlib.sha256(), Fingerprint()
        number, name = tempfile.mkstemp(prefix="in-", dir=self._folder)  # 0600
        self._path = Path(name)
        self._file = os.fdopen(number, "wb", buffering=0)
        self._append(content)

    def _append(self, chunk: bytes) -> None:
        assert self._mark is not None
        self._raw.update(chunk)
        self._mark.update(chunk)
        rest = memoryview(chunk)
        while self._file is not None and rest:  # a disk that is nearly full takes a part and fails at the next
            rest = rest[self._file.write(rest) :]


class Spool:
    """The folder; made if it is missing, with mode 0700."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def writer(self) -> Writer:
        return Writer(self.folder)

    def clear(self) -> int:
        """Remove what a crash left, and say how many files; call it before any door is open."""
        leftovers = list(self.folder.glob("in-*"))
        for path in leftovers:
            path.unlink(missing_ok=True)
        return len(leftovers)
