"""How much room mail needs on the disk of the data folder, and how much there is."""

from __future__ import annotations

import shutil

from sitmail.config import Config
from sitmail.services.reports import Disk

ROOM = 64_000_000  # bytes that must stay free besides 1.5 times the largest mail (queue_minfree of Postfix)


def needed(settings: Config) -> int:
    """Bytes that must be free, else mail is refused for now."""
    return settings.smtp.max_message_size * 3 // 2 + ROOM


def disk_of(settings: Config) -> Disk:
    """The disk of the data folder, as `sitmail status` shows it.  Raises OSError."""
    return Disk(folder=str(settings.data), free=shutil.disk_usage(settings.data).free, needed=needed(settings))
