"""Raw mail and attachments, kept by the hash of their content.

Up to 256 KB the content is a row of table `blob` and rides in the group commit; above that it is a file, which is on
the disk, with the folder that names it, before the row that speaks of it.  What the content means is not known here.
"""

from __future__ import annotations

import io
import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, select

from sitmail.domain.mail import INLINE
from sitmail.domain.record import record
from sitmail.store.errors import BlobMissing
from sitmail.store.prepared import add
from sitmail.store.schema import blob


@record
class BlobRow:
    """`content` None: it is a file of the store's folder.  `size` in bytes."""

    sha256: str
    size: int
    content: bytes | None


class BlobStore:
    """`folder` None keeps everything in the database.  `spool` takes half-written files; its owner empties it."""

    def __init__(self, folder: Path | None, spool: Path) -> None:
        self._folder = folder
        self._spool = spool
        spool.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if folder.stat().st_dev != spool.stat().st_dev:
                self._spool = folder  # a rename must not cross file systems

    def prepare(self, content: bytes | None, path: Path | None, sha256: str, size: int) -> BlobRow:
        """What `insert` wants, for content in memory or in a file (the caller may remove it, but not write on).

        Big content is on the disk, fsynced, when this returns: call it in the caller's thread, not the writer's.
        OSError if it could not be made safe; never retried.
        """
        if self._folder is None or size <= INLINE:
            if content is None:
                assert path is not None
                content = path.read_bytes()
            return BlobRow(sha256, size, content)
        place = self._place(sha256)
        if not (place.exists() and place.stat().st_size == size):
            self._write(place, content, path, size)
        for parent in (place.parent, place.parent.parent, self._folder):
            _sync(parent)
        return BlobRow(sha256, size, None)

    def read(self, connection: Connection, sha256: str) -> bytes:
        """The content; BlobMissing, in a sentence, where it is not there or not whole."""
        found = self.find(connection, sha256)
        if isinstance(found, bytes):
            return found
        try:
            return found.read_bytes()
        except OSError as error:
            raise _unreadable(found, error) from error

    def find(self, connection: Connection, sha256: str) -> bytes | Path:
        """The content where it is small, else the file that holds it; BlobMissing as for `read`."""
        row = connection.execute(select(blob.c.size, blob.c.content).where(blob.c.sha256 == sha256)).one_or_none()
        if row is None:
            raise BlobMissing(f"no content {sha256} is known")
        if row.content is not None:
            return bytes(row.content)
        if self._folder is None:
            raise BlobMissing(f"content {sha256} is a file, but store.blobs says they are in the database")
        place = self._place(sha256)
        try:
            size = place.stat().st_size
        except OSError as error:
            raise _unreadable(place, error) from error
        if size != row.size:
            raise BlobMissing(f"{place} has {size} of {row.size} bytes; bring it back from a backup")
        return place

    def _place(self, sha256: str) -> Path:
        assert self._folder is not None
        return self._folder / sha256[:2] / sha256[2:4] / sha256

    def _write(self, place: Path, content: bytes | None, path: Path | None, size: int) -> None:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.parent.parent.chmod(0o700)  # mkdir gives its mode to the last folder only
        partial = self._spool / f"blob-{secrets.token_hex(8)}"
        try:
            if content is not None:
                _fill(partial, io.BytesIO(content))
            elif path is not None and not _named(path, partial):
                with path.open("rb") as source:
                    _fill(partial, source)
            if (got := partial.stat().st_size) != size:
                raise OSError(f"{path or 'a content'} has {got} of {size} bytes")
            _sync(partial)
            partial.replace(place)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


def insert(connection: Connection, rows: Iterable[BlobRow]) -> None:
    """Rows for content not yet known; the same content comes in once."""
    values = [{"sha256": row.sha256, "size": row.size, "content": row.content} for row in rows]
    add(connection, blob, values, once=True)


def _named(path: Path, name: Path) -> bool:
    """Whether a file of the same file system could be given a second name, so that nothing of it is copied."""
    try:
        os.link(path, name)
    except OSError:
        return False
    name.chmod(0o600)
    return True


def _fill(name: Path, source: IO[bytes]) -> None:
    with os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)


def _unreadable(place: Path, error: OSError) -> BlobMissing:
    return BlobMissing(f"{place} cannot be read: {error.strerror}; bring it back from a backup")


def _sync(place: Path) -> None:
    """A file or a folder.  What another descriptor wrote is covered too."""
    handle = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
