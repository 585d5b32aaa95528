"""The exceptions of the store.  Their texts are sentences that an admin can act on."""

from __future__ import annotations


class StoreError(Exception):
    """The store cannot do what was asked.  The text is a whole sentence for a person."""


class StoreBusy(StoreError):
    """Another process has locked the data folder or the database."""


class StoreAway(StoreError):
    """The database cannot be reached, or refuses to write at the moment: try again later."""


class StoreBroken(StoreError):
    """The disk failed during a write.  This process writes no more; the next start recovers what was committed."""


class BlobMissing(StoreError):
    """A row refers to content that is missing or incomplete."""
