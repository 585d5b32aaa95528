"""Which mails are being parsed and decided at this moment, written down so that it outlives the process.

A mail that kills the process leaves no error that could be counted.  So its id stands in a small file before it is
tried; the next start finds it there, and counts it.  The file is mapped into memory: what is written survives the
process without any system call.  It need not survive the machine, so that nothing is ever synced.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

MOST = 511  # mails of one stage that are noted; a batch is smaller
PLACES = 1 + MOST  # of numbers of 8 bytes: how many there are, then their ids


class Stage(IntEnum):
    """What may be done with mails at the same time."""

    PARSED = 0
    DECIDED = 1


class InHand:
    """`left` are the mails that were in hand when the process before this one ended.

    `suspects`: of these more than one was in hand, so that each is to be tried alone.
    """

    def __init__(self, path: Path) -> None:
        """OSError if the file cannot be made."""
        size = 8 * PLACES * len(Stage)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(handle, 0, size)  # a page that is not there when it is written to would end the process
            self._numbers = memoryview(mmap.mmap(handle, size)).cast("q")
        finally:
            os.close(handle)
        self.left = tuple(dict.fromkeys(number for stage in Stage for number in self._noted(stage)))
        self.suspects: set[int] = set()

    @contextmanager
    def holding(self, stage: Stage, mails: Sequence[int]) -> Iterator[None]:
        """The mails are in hand meanwhile.  Whatever is raised: the process lives, and counts the failure itself."""
        self._note(stage, mails)
        try:
            yield
        finally:
            self._note(stage, ())

    def forget(self) -> None:
        """What was left has been counted."""
        self.left = ()
        for stage in Stage:
            self._note(stage, ())

    def _note(self, stage: Stage, mails: Sequence[int]) -> None:
        at, count = stage * PLACES, min(len(mails), MOST)
        self._numbers[at] = 0  # until all are written, in case that the process ends just now
        for place, number in enumerate(mails[:count], at + 1):
            self._numbers[place] = number
        self._numbers[at] = count

    def _noted(self, stage: Stage) -> list[int]:
        at = stage * PLACES
        count = self._numbers[at]
        return self._numbers[at + 1 : at + 1 + count].tolist() if 0 <= count <= MOST else []
