"""What `sitmail status` shows and no table holds: whether a daemon runs, what fails in it, and room on the disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from sitmail.domain.record import record


@record
class Trouble:
    """Something that fails, in words, and since when."""

    words: str
    since: datetime


@record
class DaemonState:
    """What a running daemon knows about itself.

    `relay`: why the relay takes no letters; `store`: why the database cannot be used; `reload`: why the configuration
    that is on disk was refused; `jobs`: what fails again and again inside the daemon, by name.
    """

    started: datetime
    listeners: tuple[str, ...] = ()
    relay: Trouble | None = None
    reload: Trouble | None = None
    store: Trouble | None = None
    jobs: Mapping[str, Trouble] = field(default_factory=dict)


@record
class Disk:
    """The file system of the data folder.  Mail is refused while less than `needed` bytes are free."""

    folder: str
    free: int
    needed: int

    @property
    def full(self) -> bool:
        return self.free < self.needed
