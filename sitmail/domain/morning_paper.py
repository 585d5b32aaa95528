"""What the morning paper says: one letter on a working day, by which an engineer begins it (behaviour 3.7).  Pure.

An incident stands in it once, in the first section that fits.  Each line has a number, by which a reply names it.
`mornings` says when it leaves, `morning_lines` how a line reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sitmail.domain import dictionary
from sitmail.domain.engineers import Engineer
from sitmail.domain.incident import Status
from sitmail.domain.morning_facts import WAITING, WORKED_ON, OnDesk, PendingIncident, Section
from sitmail.domain.morning_lines import NAMES, Line, Lines
from sitmail.domain.policy import Policy
from sitmail.domain.presence import Presence, stand_in
from sitmail.domain.record import record

MOST = 40  # lines of a paper


@record
class Reader:
    """Who reads a paper: `since` is his last evening at work, `tomorrow` the end of the day."""

    engineer: Engineer
    since: datetime
    tomorrow: datetime
    now: datetime
    seen: int | None = None  # the last entry of any log that his last paper knew; None: he reads nothing of the others

    def may_list(self, one: PendingIncident) -> bool:
        """Whether it may stand in his paper, so that more has to be read about it."""
        soon = any(at is not None and at < self.tomorrow for at in (one.next_deadline, one.next_action_at))
        others = one.whose != self.engineer.id
        return soon or one.late or one.updated > self.since or one.status in WAITING | WORKED_ON or others


def people_of(manager: Engineer, policy: Policy) -> list[Engineer]:
    """Whose manager somebody is."""
    return [one for one in policy.engineers.values() if one.manager == manager.id and one.id != manager.id]


def teams_of(engineer: Engineer, policy: Policy) -> frozenset[str]:
    """In which he hears of what nobody owns: his own, and those of his people; what has no team is everybody's."""
    return frozenset({"", *engineer.teams, *(team for one in people_of(engineer, policy) for team in one.teams)})


@record
class Paper:
    """`sections`: (section, whose, lines) in order; `numbers`: the incident of each line; `more`: lines left out."""

    sections: tuple[tuple[Section, str, tuple[Line, ...]], ...]
    numbers: tuple[int, ...]
    more: int = 0

    def detail(self) -> dict[str, Any]:
        """As a notice holds it."""
        return {
            "sections": [[NAMES[what], whose, [one.plain() for one in lines]] for what, whose, lines in self.sections],
            "lines": list(self.numbers),
            "more": self.more,
        }


def paper(reader: Reader, desk: OnDesk, policy: Policy, presence: Presence) -> Paper:
    """What that engineer reads this morning; without lines there is nothing to say."""
    placed = sorted(_places(reader, desk, policy, presence), key=lambda one: one[0])
    sections: dict[tuple[Section, str], list[Line]] = {}
    numbers: list[int] = []
    lines_of = Lines(desk, policy, reader.engineer.timezone or policy.timezone, reader.now, reader.seen or 0)
    for (_, whose, *_rest), section, one in placed[:MOST]:
        numbers.append(one.number)
        made = lines_of.line(len(numbers), section, one)
        sections.setdefault((section, _name(whose, policy)), []).append(made)
    listed = tuple((what, whose, tuple(lines)) for (what, whose), lines in sections.items())
    return Paper(listed, tuple(numbers), max(0, len(placed) - MOST))


_Placed = tuple[tuple[int, str, int, datetime, int], Section, PendingIncident]
_ORDER = {section: place for place, section in enumerate(Section)}


def _places(reader: Reader, desk: OnDesk, policy: Policy, presence: Presence) -> Iterator[_Placed]:
    """Where each incident stands: one's own, then those of one's people by engineer, then all others."""
    mine, teams = reader.engineer.id, teams_of(reader.engineer, policy)
    people = {one.id for one in people_of(reader.engineer, policy)}
    for one in desk.pending.values():
        whose, section = "", None
        if one.status is Status.CLOSED:
            pass  # it may be news
        elif not one.whose:
            section = Section.UNOWNED if one.team in teams else None
        elif one.whose == mine:
            section = _own(reader, one, desk, policy)
        elif one.whose in people:
            whose, section = one.whose, _of_others(reader, one, desk, policy, presence)
        if section is None and reader.seen is not None and _news(reader, one.number, desk):
            whose, section = "", Section.DESK
        if section is not None:
            first = _urgent(section, one, desk)
            later = 2 if section is Section.DESK else int(bool(whose))
            yield (later, whose, _ORDER[section], first, one.number), section, one


def _news(reader: Reader, number: int, desk: OnDesk) -> bool:
    """Whether anything happened to it that his last paper did not know."""
    return any(one.update > (reader.seen or 0) for one in desk.happened.get(number, ()))


def _urgent(section: Section, one: PendingIncident, desk: OnDesk) -> datetime:
    """What comes first within a section: what is due first, else what waits longest."""
    due = [each.due for each in desk.running(one.number) if each.due is not None]
    if section in (Section.LATE, Section.TODAY) and due:
        return min(due)
    if section is Section.PROMISED and one.next_action_at is not None:
        return one.next_action_at
    return desk.waits.get(one.number, one.opened)


def _own(reader: Reader, one: PendingIncident, desk: OnDesk, policy: Policy) -> Section | None:
    if desk.late(one.number, reader.now):
        return Section.LATE
    if any(each.due is not None and each.due < reader.tomorrow for each in desk.running(one.number)):
        return Section.TODAY
    heard = desk.heard.get(one.number)
    if heard is not None and heard.at > reader.since:
        return Section.ANSWERED
    if one.next_action_at is not None and one.next_action_at < reader.tomorrow:
        return Section.PROMISED
    return Section.WAITING if _too_long(one, desk, policy, reader.now) else None


def _too_long(one: PendingIncident, desk: OnDesk, policy: Policy, now: datetime) -> bool:
    """It waits for somebody else, or a customer for us.  A wait that has an end is over by itself."""
    since = one.updated if one.status in WORKED_ON else desk.waits.get(one.number)
    if one.status not in WAITING | WORKED_ON or since is None or one.next_action_at is not None:
        return False
    calendar = policy.calendar_named(one.calendar)
    return calendar.between(since, now) > calendar.working(policy.waiting_too_long)


def _of_others(
    reader: Reader, one: PendingIncident, desk: OnDesk, policy: Policy, presence: Presence
) -> Section | None:
    """Exceptions alone: a manager does not read his people's everyday lines."""
    if desk.late(one.number, reader.now):
        return Section.LATE
    skills = dictionary.skills(policy.dictionary, one.product, one.reason)
    if not presence.here(one.whose) and not stand_in(one.whose, policy, presence, skills):
        return Section.ABANDONED
    if any(at > reader.since for _, at in desk.broken.get(one.number, ())):
        return Section.BROKEN
    idle = one.status in WORKED_ON and one.next_action_at is None and not desk.running(one.number)
    return Section.DRIFTING if idle and one.updated <= reader.since else None


def _name(engineer: str, policy: Policy) -> str:
    known = policy.engineers.get(engineer)
    return known.name if known else engineer
