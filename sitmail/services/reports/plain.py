"""Values as JSON has them: moments as text, empty texts as null, people as name and address."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ScalarSelect, select
from sqlalchemy.sql.elements import ColumnElement

from sitmail.store.schema import address


class NoAnswer(Exception):
    """The question cannot be answered: a sentence for people, and an exit code of sysexits.h."""

    def __init__(self, sentence: str, code: int = os.EX_NOINPUT) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


def moment(value: datetime | None) -> str | None:
    """RFC 3339 in UTC, whole seconds."""
    return None if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def or_null(value: str | None) -> str | None:
    return value or None


def somebody(name: str | None, registered: str | None) -> dict[str, str | None] | None:
    """A person, or null where there is none."""
    if name is None and registered is None:
        return None
    return {"name": name or None, "address": registered or None}


def registered_address(person: ColumnElement[Any]) -> ScalarSelect[str]:
    """The address to which a person is written, as a column of an outer SELECT."""
    mine = select(address.c.address).where(address.c.person == person)
    return mine.order_by(address.c.place, address.c.address).limit(1).scalar_subquery()


def named(what: str, word: str, names: Mapping[str, str]) -> str:
    """The id that `word` means: an id, a name, or an unambiguous start of either, case-blind (behaviour 3).

    Raises NoAnswer (EX_USAGE) with what it may have meant.
    """
    folded = word.strip().casefold()
    exact = [key for key, name in names.items() if folded in (key.casefold(), name.casefold())]
    starts = [
        key for key, name in names.items() if folded and any(n.casefold().startswith(folded) for n in (key, name))
    ]
    found = exact[:1] or starts
    if len(found) == 1:
        return found[0]
    if found:
        raise NoAnswer(f"{what} {word!r} may be any of {_listed(found)}.", os.EX_USAGE)
    near = difflib.get_close_matches(folded, [key.casefold() for key in names], n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {_listed(names)}."
    raise NoAnswer(f"There is no {what} {word!r}; {hint}", os.EX_USAGE)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"
