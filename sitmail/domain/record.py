"""Records: dataclasses that nobody changes once they are made.

mypy sees to it.  At run time they are plain ones with slots, for a frozen one sets each field by a call of
`object.__setattr__`, and a mail makes hundreds of fields.  Under `python -X dev` they are frozen indeed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

C = TypeVar("C")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[C]) -> type[C]:
    """The class as a record: equal if its fields are, with a hash if theirs have one."""
    if sys.flags.dev_mode:
        return dataclass(frozen=True, slots=True)(cls)
    return dataclass(slots=True, unsafe_hash=True)(cls)
