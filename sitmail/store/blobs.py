"""Raw mail and attachments, stored under the SHA-256 of their content, so that the same content is stored once.

Content of up to 256 KB is a row of table `blob`, written with the transaction that needs it.  Larger content is a file.
The file and the folder that names it are synced to disk before a row refers to them.  What the content is, a mail or an
attachment, does not belong here.
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
from sitmail.store.rows import row_of
from sitmail.store.schema import blob


@record
class BlobRow:
    """A row of table `blob`.  `content` None: the content is a file in the folder.  `size` in bytes."""

    sha256: str
    size: int
    content: bytes | None


class BlobStore:
    """`folder` None keeps everything in the database.

    Files are written in `spool` and renamed into the folder when they are complete.  Whoever made the spool folder
    removes what a crash left in it.
    """

    def __init__(self, folder: Path | None, spool: Path) -> None:
        self._folder = folder
        self._spool = spool
        spool.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if folder.stat().st_dev != spool.stat().st_dev:
                self._spool = folder  # a file cannot be renamed from one file system to another

    def prepare(self, source: bytes | Path, sha256: str, size: int) -> BlobRow:
        """The row to `insert` for content in memory or in a file, which the caller may remove later but not change.

        Large content is safe on disk when this returns.  That takes time: call it in a thread of your own, not in the
        writer's.  OSError if the content could not be written; it is not tried again.
        """
        if self._folder is None or size <= INLINE:
            return BlobRow(sha256, size, source if isinstance(source, bytes) else source.read_bytes())
        place = self._place(sha256)
        if not (place.exists() and place.stat().st_size == size):
            self._write(place, source, size)
        for parent in (place.parent, place.parent.parent, self._folder):
            _sync(parent)
        return BlobRow(sha256, size, None)

    def read(self, connection: Connection, sha256: str) -> bytes:
        """The content.  BlobMissing, with a sentence, if it is not there or incomplete."""
        found = self.find(connection, sha256)
        if isinstance(found, bytes):
            return found
        try:
            return found.read_bytes()
        except OSError as error:
            raise BlobMissing(f"{found} cannot be read: {error.strerror}; restore it from a backup") from error

    def find(self, connection: Connection, sha256: str) -> bytes | Path:
        """The content if it is a row, else the file that holds it.  BlobMissing as for `read`."""
        row = connection.execute(select(blob.c.size, blob.c.content).where(blob.c.sha256 == sha256)).one_or_none()
        if row is None:
            raise BlobMissing(f"the database has no content {sha256}")
        if row.content is not None:
            return bytes(row.content)
        if self._folder is None:
            raise BlobMissing(f'content {sha256} is a file, but store.blobs = "database" names no folder for files')
        if wrong := self._wrong(sha256, row.size):
            raise BlobMissing(wrong)
        return self._place(sha256)

    def missing(self, connection: Connection, limit: int = 20_000) -> list[str]:
        """A sentence for each content whose file is not there or incomplete; so many files are looked at."""
        if self._folder is None:
            return []
        files = select(blob.c.sha256, blob.c.size).where(blob.c.content.is_(None)).order_by(blob.c.sha256).limit(limit)
        return [wrong for sha256, size in connection.execute(files) if (wrong := self._wrong(sha256, size))]

    def _wrong(self, sha256: str, size: int) -> str:
        """ "", or what is wrong with the file of a content."""
        place = self._place(sha256)
        try:
            found = place.stat().st_size
        except OSError as error:
            return f"{place} cannot be read: {error.strerror}; restore it from a backup"
        return "" if found == size else f"{place} has {found} of {size} bytes; restore it from a backup"

    def _place(self, sha256: str) -> Path:
        assert self._folder is not None
        return self._folder / sha256[:2] / sha256[2:4] / sha256

    def _write(self, place: Path, source: bytes | Path, size: int) -> None:
        for folder in (place.parent.parent, place.parent):
            folder.mkdir(exist_ok=True, mode=0o700)
        partial = self._spool / f"blob-{secrets.token_hex(8)}"
        try:
            if isinstance(source, bytes):
                _fill(partial, io.BytesIO(source))
            elif not _linked(source, partial):
                with source.open("rb") as file:
                    _fill(partial, file)
            if (found := partial.stat().st_size) != size:
                raise OSError(f"{place.name} has {found} of {size} bytes")
            _sync(partial)
            partial.replace(place)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


def insert(connection: Connection, rows: Iterable[BlobRow]) -> None:
    """Writes these rows, except those whose content is stored already."""
    add(connection, blob, [row_of(row) for row in rows], once=True)


def _linked(path: Path, name: Path) -> bool:
    """Gives the file a second name (a hard link), so that it need not be copied.  False on another file system."""
    try:
        os.link(path, name)
    except OSError:
        return False
    name.chmod(0o600)
    return True


def _fill(name: Path, source: IO[bytes]) -> None:
    with os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)


def _sync(place: Path) -> None:
    """Waits until a file or a folder is on disk, with everything that was written to it through any descriptor."""
    handle = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
