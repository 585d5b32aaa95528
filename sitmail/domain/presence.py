"""Who is here: absences, who stands in for somebody, and whose turn it is to be on duty (behaviour 3.5).  Pure.

New work goes round who is away.  What comes to his incidents reaches his stand-in; without one, those on duty.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sitmail.domain.engineers import Engineer, Shift
from sitmail.domain.policy import Policy
from sitmail.domain.record import record

FIRST_WEEK = datetime(2024, 1, 1, tzinfo=UTC).date()  # a Monday: the first group of every rota by week had it
STEPS = 3  # so many stand-ins one behind the other are asked for


@record
class Presence:
    """The engineers who are away at that moment, by id, each with the moment until which he is."""

    at: datetime | None = None
    away: Mapping[str, datetime] = field(default_factory=dict)

    def here(self, engineer: str) -> bool:
        return engineer not in self.away


EVERYBODY_HERE = Presence()


def those_here(engineers: Iterable[str], presence: Presence) -> list[str]:
    """Those of them who are here; all of them if none is, because somebody has to be told."""
    listed = list(engineers)
    return [one for one in listed if presence.here(one)] or listed


def stand_in(engineer: str, policy: Policy, presence: Presence) -> str:
    """His substitute, or the substitute's if that one is away too; "" where nobody is here."""
    seen = {engineer}
    for _ in range(STEPS):
        known = policy.engineers.get(engineer)
        engineer = known.substitute if known else ""
        if not engineer or engineer in seen or engineer not in policy.engineers:
            return ""
        if presence.here(engineer):
            return engineer
        seen.add(engineer)
    return ""


def on_duty(team: str, policy: Policy, presence: Presence) -> list[str]:
    """Ids of those whose turn it is in a team; of all of it where nobody's is.  Who is away is left out."""
    known = policy.teams.get(team)
    shifts = known.on_duty if known else ()
    turn = [one for shift in shifts if _has_turn(shift, policy, presence.at) for one in shift.engineers]
    members: Collection[Engineer] = policy.team_of(team)
    ids = list(dict.fromkeys(turn)) or [one.id for one in members] or list(policy.engineers)
    if any(presence.here(one) for one in ids):
        return those_here(ids, presence)
    return those_here([one.id for one in members] or list(policy.engineers), presence)


def _has_turn(shift: Shift, policy: Policy, at: datetime | None) -> bool:
    """A shift of a rota has the weeks whose number fits; one with a calendar has its opening hours."""
    if at is None:
        return True
    if shift.of:
        local = at.astimezone(ZoneInfo(policy.timezone)).date()
        return (local - FIRST_WEEK).days // 7 % shift.of == shift.week
    calendar = policy.calendars.get(shift.calendar)
    return calendar is None or calendar.between(at, at + timedelta(seconds=1)) > 0
