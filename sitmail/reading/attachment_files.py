"""Decodes large attachments into files in the spool, piece by piece, so that none is in memory as a whole.

A file is named after its mail and its place in it.  The files are not synced to the disk here: the store takes them
over, and the caller of the parser removes those that nobody took.
"""

from __future__ import annotations

import hashlib
import os
from typing import NamedTuple

from sitmail.domain.leak_guard import SCANNED
from sitmail.domain.mail import INLINE
from sitmail.reading import mime
from sitmail.reading.mime import Part


class Filed(NamedTuple):
    """A decoded part.  `content` is all of it, or its beginning where `path` names a file with all of it."""

    size: int
    sha256: str
    content: bytes
    path: str = ""


def whole(part: Part) -> Filed:
    content = mime.content(part)
    return Filed(len(content), hashlib.sha256(content).hexdigest(), content)


class AttachmentFiles:
    """The files of one mail; the name of each begins with `prefix`.  `trouble` is why one could not be written."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._count = 0
        self.trouble: OSError | None = None

    def take(self, part: Part) -> Filed:
        """The decoded part; what is over INLINE stands in a file.  Raises OSError."""
        digest, size = hashlib.sha256(), 0
        held: list[bytes] = []  # all of it as long as it may stay in memory, then its beginning
        path, handle = "", -1
        try:
            for piece in mime.pieces(part):
                digest.update(piece)
                held += [piece] if size < SCANNED else []
                size += len(piece)
                if handle >= 0:
                    _write(handle, piece)
                elif size > INLINE:
                    self._count += 1
                    path = f"{self._prefix}{self._count}"
                    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                    _write(handle, b"".join(held))
        except OSError as error:
            self.trouble = error
            raise
        finally:
            if handle >= 0:
                os.close(handle)
        content = b"".join(held)
        return Filed(size, digest.hexdigest(), content[:SCANNED] if path else content, path)


def _write(handle: int, piece: bytes) -> None:
    at = 0
    while at < len(piece):
        at += os.write(handle, piece[at:] if at else piece)
