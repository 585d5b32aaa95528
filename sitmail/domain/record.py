"""Records: dataclasses that nobody changes once they are made.

mypy sees to it.  At run time they are plain ones with slots, for a frozen one sets each field by a call of
`object.__setattr__`, and a mail makes hundreds of fields.  Under `python -X dev` they are frozen indeed.
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
    """`dataclasses.replace` for a record of many fields that all are parameters: in the time of a few calls."""
    kind: Any = type(one)
    take, places = _taken(kind)
    made = list(take(one))
    for name, value in values.items():
        made[places[name]] = value
    same: C = kind(*made)
    return same


@cache  # of the classes of the program, which are as many as they are
def _taken(cls: type[Any]) -> tuple[Callable[[Any], tuple[Any, ...]], dict[str, int]]:
    names = [one.name for one in fields(cls)]
    return attrgetter(*names), {name: at for at, name in enumerate(names)}
