"""Effects that change the directory, over what files and imports declare.  They are part of `effects.Effect`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sitmail.domain.people import Person
from sitmail.domain.record import record


@record
class ChangeDirectory:
    """A field of a site, contact or contract (`kind`, by its `key`) changes by mail: it lies over what is declared."""

    kind: str
    key: str
    field: str
    value: Any
    by: str


@record
class NameContact:
    """A contract covers who has that address, too; `undo`: no more."""

    contract: str
    address: str
    by: str
    undo: bool = False


@record
class MergeContacts:
    """Two records turn out to be one person's: the first is given up, and what it has goes to the second."""

    gone: Person
    stays: Person
    by: str


@record
class Propose:
    """These readers are asked whether the directory is to be changed like this; `detail` is what their letter shows."""

    readers: tuple[Person, ...]
    changes: tuple[ChangeDirectory, ...]
    detail: Mapping[str, Any]
