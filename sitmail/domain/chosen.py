"""Incidents that a line chooses by a search instead of numbers, as in `owner:jane: /assign bob`.

The left side is written as behind `/search`, or names a queue; without a word about the status it means open ones.
What it finds is looked up before the mail is decided.  It is always asked about, with a list, and the yes acts on
exactly what that list held: on nothing that the search would find since then, and on nothing that changed meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sitmail.domain.command_lines import holds_slash
from sitmail.domain.incident import Incident
from sitmail.domain.incident_search import LATE, STATES, Search, filter_named, parse
from sitmail.domain.policy import Policy
from sitmail.domain.queues import queue_named
from sitmail.domain.record import record
from sitmail.domain.sentence import Sentence

OPEN = "open"
_LONGEST = 400  # characters that are looked at
_END = r"\s*[:\uff1a](?:\s+|(?=[/\\\uff0f]))(.*)\Z"
_NAMED = re.compile(rf"[/\\\uff0f]?(queue|search)\s+(\S.*?){_END}", re.IGNORECASE | re.DOTALL)
_WORD = r"(?:[A-Za-z]{2,12}[:=](?:\"[^\"]{1,100}\"|[^\s:\"\uff1a]+)|[A-Za-z-]{2,20})"
_FILTERS = re.compile(rf"({_WORD}(?:\s+{_WORD}){{0,12}}){_END}", re.DOTALL)
_FILTER = re.compile(r"([A-Za-z]{2,12})[:=]\S")
_MAYBE = re.compile(r"[/\\\uff0f]?(?:queue|search)\s|[A-Za-z-]{2,20}(?:[:=\s])", re.IGNORECASE)
NOTHING_FOUND = Sentence("it finds no incident, so there is nothing to do")
NOT_LOOKED_UP = Sentence("a search stands before a command in an email of an engineer to the command address")
NOT_LISTED = Sentence("nobody was shown which incidents these are; write it again, and you are asked with a list")


@record
class Leaver:
    """What else somebody has whose incidents are handed over: numbers, as far as they are not handed over."""

    engineer: str
    lent: tuple[int, ...] = ()
    watched: tuple[int, ...] = ()


@record
class Chosen:
    """What a left side finds.  `wrong`: why it cannot be read, or acts on nothing.

    `listed`: its author was shown these very numbers; `changed` are those that he was shown, and that are another's or
    in another status now.
    """

    numbers: tuple[int, ...] = ()
    wrong: str = ""
    listed: bool = False
    changed: tuple[int, ...] = ()
    leaver: Leaver | None = None


NONE_CHOSEN: Mapping[str, Chosen] = {}


@record
class Left:
    """The left side of a line, and what stands behind its colon."""

    text: str
    rest: str


def left_of(line: str) -> Left | None:
    """The search before the colon of a line; None where the line is anything else."""
    if not _MAYBE.match(line):
        return None
    if ":" not in line[:_LONGEST] and "\uff1a" not in line[:_LONGEST]:
        return None
    named = _NAMED.match(line)
    if named is not None:
        word, text, rest = named[1].lower(), named[2], named[3].strip()
        return Left(f"{word} {text}", rest) if rest and (word == "queue" or _commands(rest)) else None
    found = _FILTERS.match(line)
    if found is None or not found[2].strip():
        return None
    words, rest = re.findall(_WORD, found[1]), found[2].strip()
    filters = [key[1] for word in words if (key := _FILTER.match(word))]
    plain = [word.lower() for word in words if not _FILTER.match(word)]
    strange = any(word not in (*STATES, LATE) for word in plain) or not all(map(_is_filter, filters))
    if strange or not (filters or _commands(rest)):
        return None
    return Left(found[1], rest)


def _commands(rest: str) -> bool:
    return holds_slash(rest[:3])


def _is_filter(key: str) -> bool:
    """A near miss is one, too: it comes back with the name that was meant."""
    try:
        return bool(filter_named(key))
    except ValueError:
        return True


def search_of(left: str, policy: Policy, now: datetime, timezone: str, me: str) -> Search:
    """What is searched for.  Raises ValueError with a sentence."""
    word, _, rest = left.partition(" ")
    texts = {"queue": lambda: queue_named(rest.strip(), policy.queues).search, "search": lambda: rest}
    found = parse(texts.get(word, lambda: left)(), policy, now, timezone, me)
    return found if "status" in found.filters else replace(found, filters={**found.filters, "status": OPEN})


# --- what a question keeps of it


def kept(numbers: Mapping[int, Incident]) -> list[list[Any]]:
    """What was listed: the numbers, and what of each would make it another one than was listed."""
    return [[number, _state(one)] for number, one in numbers.items()]


def as_listed(rows: list[list[Any]], now: Mapping[int, Incident]) -> Chosen:
    """The incidents of a list that was confirmed, less those that changed since."""
    same = [number for number, state in rows if number in now and _state(now[number]) == state]
    return Chosen(tuple(same), listed=True, changed=tuple(number for number, _ in rows if number not in same))


def _state(one: Incident) -> str:
    return f"{one.status} {one.owner} {one.temporary_owner} {one.team}"
