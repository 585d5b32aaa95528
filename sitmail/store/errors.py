"""What can be wrong with the store, told in sentences an admin can act on.  No handling here."""

from __future__ import annotations


class StoreError(Exception):
    """The store cannot be used as asked; the text is a whole sentence for a person."""


class StoreBusy(StoreError):
    """Another process holds the data directory or the database."""


class StoreAway(StoreError):
    """The database cannot be reached, or takes nothing at the moment: try again later."""


class StoreBroken(StoreError):
    """A write met disk trouble: nothing more is written by this process; recovery happens at the next start."""


class BlobMissing(StoreError):
    """A row names content that is not there, or not whole."""
