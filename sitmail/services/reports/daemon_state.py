"""The part of `sitmail status` that is in no table: whether a daemon runs, what fails in it, and free disk space."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from sitmail.domain.record import record


@record
class Trouble:
    """A failure that lasts: a sentence about it, and since when."""

    words: str
    since: datetime


@record
class DaemonState:
    """The state of a running daemon.

    `relay`: why the relay accepts no letters; `store`: why the database cannot be used; `reload`: why the configuration
    on disk was refused; `jobs`: tasks inside the daemon that fail repeatedly, by name; `letters`: faults of the admin's
    templates, a sentence each.
    """

    started: datetime
    listeners: tuple[str, ...] = ()
    relay: Trouble | None = None
    reload: Trouble | None = None
    store: Trouble | None = None
    jobs: Mapping[str, Trouble] = field(default_factory=dict)
    letters: tuple[str, ...] = ()


@record
class Disk:
    """The file system of the data folder.  Mail is refused while less than `needed` bytes are free."""

    folder: str
    free: int
    needed: int

    @property
    def full(self) -> bool:
        return self.free < self.needed
