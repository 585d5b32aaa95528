"""Reads an hour of the day, such as that of the morning paper."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import PlainValidator

from sitmail.domain.mornings import OFF

_HOUR = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


def hour(value: object, *others: str) -> str:
    """ "07:30"; "" and the words of `others` as they are."""
    if value == "" or value in others:
        return str(value)
    found = _HOUR.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        also = "".join(f', or "{word}"' for word in others)
        raise ValueError(f'expected an hour such as "08:00"{also}')
    return f"{int(found[1]):02}:{found[2]}"


Hour = Annotated[str, PlainValidator(hour)]
OwnHour = Annotated[str, PlainValidator(lambda value: hour(value, OFF))]
