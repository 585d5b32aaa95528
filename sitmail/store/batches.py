"""Long lists in parts: a statement takes a bounded number of parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """The items in lists of at most that size."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
