"""Sentences that the rules say, and that letters print in their reader's language.

A rule says a sentence in English, with its values apart: `Sentence("%(name)s is the owner", name=...)`.  It is text
like any other for logs, reasons and the command line; a letter looks the sentence up in its catalogue and fills the
values in (`sending/letters/filters`).  `make messages` finds the calls, so their first argument is one literal, or the
name of something that has a translation already.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, cast

from sitmail.domain import moments


class Moment(NamedTuple):
    """A moment in a sentence, in the zone of its reader; letters print it as their language does."""

    when: datetime
    zone: str

    def __str__(self) -> str:
        return moments.moment(self.when, self.zone)


Value = str | int | Moment  # a Sentence is a str, too


class Sentence(str):
    """The sentence in English with its values; `message` is how catalogues know it."""

    __slots__ = ("message", "values")
    message: str
    values: Mapping[str, Value]

    def __new__(cls, message: str, /, **values: Value) -> Sentence:
        said = super().__new__(cls, message % values if values else message)
        said.message, said.values = message, values
        return said


def beside(*sentences: str) -> str:
    """Several as one, with a semicolon between them; "" is none."""
    first, *others = [one for one in sentences if one] or [""]
    for one in others:
        first = Sentence("%(first)s; %(second)s", first=first, second=one)
    return first


def listed(items: list[str]) -> str:
    """Several as one, with commas between them."""
    first, *others = items or [""]
    for one in others:
        first = Sentence("%(first)s, %(second)s", first=first, second=one)
    return first


def either(items: list[str]) -> str:
    """One of several."""
    first, *others = items or [""]
    for one in others:
        first = Sentence("%(first)s or %(second)s", first=first, second=one)
    return first


def of(error: ValueError) -> str:
    """The sentence with which somebody was refused."""
    says = error.args[0] if error.args else ""
    return says if isinstance(says, Sentence) else str(error)


# --- as a notice's row keeps it: JSON

_PLAIN = frozenset({str, int, float, bool, type(None), dict})


def stored(value: Any) -> Any:
    """A value of a notice's detail; each sentence in it with its values apart."""
    if type(value) in _PLAIN:  # nearly all
        return value
    if isinstance(value, Sentence):
        if not value.values:
            return {"says": value.message}
        return {"says": value.message, "with": {name: stored(each) for name, each in value.values.items()}}
    if isinstance(value, Moment):
        return {"moment": value.when.isoformat(), "zone": value.zone}
    if isinstance(value, list | tuple):
        return [stored(each) for each in value]
    return value


def restored(kept: Any) -> Any:
    """What `stored` made of a sentence; anything else as it is."""
    if not isinstance(kept, Mapping):
        return kept
    if "moment" in kept:
        return Moment(datetime.fromisoformat(cast("str", kept["moment"])), cast("str", kept["zone"]))
    if "says" in kept:
        return Sentence(kept["says"], **{name: restored(each) for name, each in kept.get("with", {}).items()})
    return kept
