"""A regular expression of the configuration, as those see it who match mail against it.

The domain does not compile any: which engine runs it, and how much text it gets, is decided by the configuration.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol


class Found(Protocol):
    """A match: group 0 is all of it."""

    def __getitem__(self, group: int, /) -> Any: ...


class Expression(Protocol):
    """Finds its matches in time proportional to the text."""

    def search(self, text: str, /) -> Found | None: ...

    def finditer(self, text: str, /) -> Iterator[Found]: ...
