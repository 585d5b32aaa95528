"""Incidents that were merged: which one goes on, and whose history is part of it (behaviour 3.5).

A merged incident keeps its updates and their numbers.  Whatever comes to its addresses or names its number belongs to
the one that goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sitmail.domain.facts import Case
from sitmail.domain.links import of_kind


def surviving(number: int, known: Mapping[int, Case]) -> int:
    """The incident into which this one was merged, to the end of the chain; itself where the chain is broken."""
    seen = {number}
    at = number
    while (case := known.get(at)) is not None and case.incident.merged_into:
        at = case.incident.merged_into
        if at in seen or at not in known:
            return number
        seen.add(at)
    return at


def about(number: int, named: Iterable[int], known: Mapping[int, Case]) -> set[int]:
    """The known incidents that a mail is about: its own and those its lines name; of merged ones the survivors."""
    return {surviving(one, known) for one in (number, *named)} & known.keys()


def with_merged(number: int, known: Mapping[int, Case]) -> tuple[int, ...]:
    """The incident, and those that were merged into it or into these."""
    found = [number]
    for at in found:
        case = known.get(at)
        if case is not None and case.links:
            found += [one for one in of_kind(case.links, at, "merged") if one in known and one not in found]
    return tuple(found)
