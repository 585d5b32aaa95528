"""Which notices share a letter: what a letter is about, before it is written.

Automatic notices to one reader about one incident share one, and so do those that a digest lists.  How it reads is
decided by `letter_writer` and the templates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sitmail.domain import trust
from sitmail.domain.effects import Tell
from sitmail.domain.letter_limits import CountedAs
from sitmail.domain.notice_purposes import PURPOSES, NoticePurpose, NoticeTraits
from sitmail.domain.people import Person
from sitmail.domain.update import LegKind
from sitmail.services.plain_reply import kind_of


class Notice(NamedTuple):
    """A notice on its way into a letter.  `ids` are of its rows, several where several say the same.

    `key` makes it once-only.
    """

    ids: tuple[int, ...]
    key: str
    tell: Tell
    counted: CountedAs

    @property
    def traits(self) -> NoticeTraits:
        return PURPOSES[self.tell.purpose]


class PlannedLetter(NamedTuple):
    """One letter: the notices it carries, the gravest first.  `digest`: it lists them."""

    id: int  # of the outbox row it becomes
    key: str  # of the notice that came first: makes the Message-ID
    notices: tuple[Notice, ...]
    digest: bool = False

    @property
    def person(self) -> Person:
        return self.notices[0].tell.person

    @property
    def incident(self) -> int | None:
        return None if self.digest else self.notices[0].tell.incident

    @property
    def purpose(self) -> NoticePurpose:
        return NoticePurpose.DIGEST if self.digest else self.notices[0].tell.purpose

    @property
    def traits(self) -> NoticeTraits:
        return PURPOSES[self.purpose]

    @property
    def updates(self) -> tuple[int, ...]:
        """Numbers of the log, each once, in order."""
        if self.digest:
            return ()
        if len(self.notices) == 1:
            return self.notices[0].tell.updates
        return tuple(sorted({number for one in self.notices for number in one.tell.updates}))

    @property
    def expires(self) -> datetime | None:
        """When nothing in it is worth to be said any more; None if something always is."""
        moments = [one.tell.expires for one in self.notices if one.tell.expires is not None]
        return max(moments) if len(moments) == len(self.notices) else None

    @property
    def leg(self) -> LegKind:
        """Where a plain reply goes: inside as soon as one of the notices is meant for inside only."""
        if self.digest:
            return self.traits.leg
        legs = [one.tell.detail.get("leg") or one.traits.leg for one in self.notices]
        return LegKind.INTERNAL if LegKind.INTERNAL in legs else LegKind(legs[0])

    @property
    def about(self) -> tuple[str, int]:
        """Kind and number of the reply address and of the Message-ID."""
        kind = kind_of(self.traits, self.leg, self.incident if self.person.staff else 0)
        if kind == trust.DIGEST and (day := self.notices[0].tell.detail.get("paper")):
            return kind, int(day)  # a reply finds by it what the lines of that day's letter are about
        if kind == trust.DIGEST:
            return kind, trust.OF_DIGESTS if self.digest else trust.OF_OTHERS
        return kind, self.notices[0].tell.number if kind in (
            trust.HELD,
            trust.CONFIRM,
            trust.ARTICLE,
        ) else self.incident or 0


def plan(leaving: Sequence[Notice], crowded: Collection[tuple[int, CountedAs]]) -> list[PlannedLetter]:
    """Letters in the order of their first notices, not numbered yet; `crowded` names whose notices of which kind make
    a digest."""
    groups: dict[Any, list[Notice]] = {}
    for one in leaving:
        groups.setdefault(_together(one, crowded), []).append(one)
    return [_planned(members, key[0] == "digest") for key, members in groups.items()]


def crowds(leaving: Sequence[Notice], above: int, late_before: Mapping[int, int]) -> set[tuple[int, CountedAs]]:
    """Engineers, and what their letters count as, where more than `above` would leave one by one.

    `late_before`: letters about broken promises that left within the hour, by person.
    """
    letters: Counter[tuple[int, CountedAs]] = Counter()
    for person, kind, _ in {(one.tell.person.id, one.counted, one.tell.incident) for one in leaving if _listed(one)}:
        letters[person, kind] += 1
    return {
        (person, kind)
        for (person, kind), count in letters.items()
        if count > 1 and count + (late_before.get(person, 0) if kind is CountedAs.LATE else 0) > above
    }


def _listed(one: Notice) -> bool:
    return one.tell.person.staff and one.counted is not CountedAs.NOTHING


def _together(one: Notice, crowded: Collection[tuple[int, CountedAs]]) -> tuple[Any, ...]:
    person = one.tell.person.id
    if _listed(one) and (person, one.counted) in crowded:
        return ("digest", person, one.counted)
    if one.traits.folds:
        return ("folded", person, one.tell.incident)
    return ("alone", one.ids[0])


def _planned(members: Sequence[Notice], digest: bool) -> PlannedLetter:
    key = members[0].key
    if digest:
        first = {one.tell.incident: place for place, one in reversed([*enumerate(members)])}
        listed = sorted(members, key=lambda one: (first[one.tell.incident], -one.traits.gravity))
        return PlannedLetter(id=0, key=key, notices=tuple(listed), digest=True)
    if len(members) == 1:
        return PlannedLetter(id=0, key=key, notices=tuple(members))
    merged: dict[tuple[NoticePurpose, str], Notice] = {}
    for one in members:
        what = (one.tell.purpose, str(one.tell.detail.get("target", "")))  # each promise by itself
        merged[what] = _merged(merged[what], one) if what in merged else one
    gravest = sorted(merged.values(), key=lambda one: (-one.traits.gravity, one.ids[0]))
    return PlannedLetter(id=0, key=key, notices=tuple(gravest))


def _merged(first: Notice, later: Notice) -> Notice:
    """Two notices of one purpose as one: what came later counts, lists go on, what was before is the oldest."""
    detail = {**first.tell.detail, **later.tell.detail}
    for name, value in first.tell.detail.items():
        newer = later.tell.detail.get(name)
        if isinstance(value, list) and isinstance(newer, list) and all(isinstance(x, str) for x in (*value, *newer)):
            detail[name] = list(dict.fromkeys([*value, *newer]))
        elif name == "before" and isinstance(newer, dict):
            detail[name] = {**newer, **value}
        elif name == "by" and isinstance(newer, str) and newer != value:
            detail[name] = f"{value} and {newer}" if newer not in value.split(" and ") else value
    updates = tuple(dict.fromkeys([*first.tell.updates, *later.tell.updates]))
    return first._replace(ids=(*first.ids, *later.ids), tell=replace(first.tell, detail=detail, updates=updates))
