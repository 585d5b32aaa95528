"""Records: dataclasses whose instances are never changed after they are made.

mypy enforces it.  At run time they are ordinary dataclasses with slots, because a frozen one sets each field with
`object.__setattr__`, which is slow, and every mail sets hundreds of fields.  With `python -X dev` they are frozen.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

C = TypeVar("C")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[C]) -> type[C]:
    """The class as a record: equal if its fields are, with a hash if theirs have one."""
    if sys.flags.dev_mode:
        return dataclass(frozen=True, slots=True)(cls)
    return dataclass(slots=True, unsafe_hash=True)(cls)


def changed(one: C, values: Mapping[str, Any]) -> C:
    """Does what `dataclasses.replace` does, faster, for a record whose fields are all parameters of its constructor."""
    kind: Any = type(one)
    take, places = _taken(kind)
    made = list(take(one))
    for name, value in values.items():
        made[places[name]] = value
    same: C = kind(*made)
    return same


@cache  # one entry for each record class
def _taken(cls: type[Any]) -> tuple[Callable[[Any], tuple[Any, ...]], dict[str, int]]:
    names = [one.name for one in fields(cls)]
    return attrgetter(*names), {name: at for at, name in enumerate(names)}
