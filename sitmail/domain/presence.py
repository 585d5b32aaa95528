"""Who is here: absences, who stands in for somebody, and whose turn it is to be on duty (behaviour 3.5).  Pure.

New work goes round who is away, and who takes none (`/away work`).  What comes to the incidents of who is away reaches
his stand-in; without one, those on duty.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sitmail.domain import dictionary
from sitmail.domain.absence import Absence, end_of
from sitmail.domain.engineers import Engineer, Shift
from sitmail.domain.incident import Incident
from sitmail.domain.policy import Policy
from sitmail.domain.record import record

FIRST_WEEK = datetime(2024, 1, 1, tzinfo=UTC).date()  # a Monday: the first group of every rota by week had it
STEPS = 3  # so many stand-ins one behind the other are asked for


@record
class Presence:
    """The engineers who are away at that moment, by id, each with the moment until which he is.

    `idle`: those who are here and take no new work, until when.  `absences` are all that are not over, also those to
    come and those that nobody granted yet.
    """

    at: datetime | None = None
    away: Mapping[str, datetime] = field(default_factory=dict)
    idle: Mapping[str, datetime] = field(default_factory=dict)
    absences: tuple[Absence, ...] = ()

    def here(self, engineer: str) -> bool:
        return engineer not in self.away

    def accepts(self, engineer: str) -> bool:
        """Whether new work may come to him."""
        return engineer not in self.away and engineer not in self.idle

    def of(self, engineer: str) -> list[Absence]:
        """His absences that are not over, the earliest first."""
        return sorted((one for one in self.absences if one.engineer == engineer), key=lambda one: (one.since, one.id))


EVERYBODY_HERE = Presence()


def presence_at(at: datetime, absences: Iterable[Absence], policy: Policy) -> Presence:
    """Who of the engineers of the configuration is away at that moment, and who takes no new work."""
    known = tuple(one for one in absences if one.engineer in policy.engineers)
    covering = [one for one in known if one.covers(at)]
    away = {one.engineer: end_of(known, one.engineer, at) or one.until for one in covering if one.away}
    idle = {one.engineer: one.until for one in covering if not one.away}
    return Presence(at, away, idle, known)


def those_here(engineers: Iterable[str], presence: Presence) -> list[str]:
    """Those of them who are here; all of them if none is, because somebody has to be told."""
    listed = list(engineers)
    return [one for one in listed if presence.here(one)] or listed


def stand_in(engineer: str, policy: Policy, presence: Presence, skills: Collection[str] = ()) -> str:
    """His substitute for one of these skills, else for everything, else the substitute's; "" where nobody is here."""
    seen = {engineer}
    for _ in range(STEPS):
        known = policy.engineers.get(engineer)
        if known is None:
            return ""
        skilled = [known.substitutes[skill] for skill in sorted(skills) if skill in known.substitutes]
        for one in (*skilled, known.substitute):
            if one in policy.engineers and one not in seen and presence.accepts(one):
                return one
        seen.add(engineer)
        engineer = known.substitute
        if engineer in seen:
            return ""
    return ""


def stand_in_for(incident: Incident, policy: Policy, presence: Presence) -> str:
    """Who has this incident while its owner is away."""
    skills = dictionary.skills(policy.dictionary, incident.product, incident.reason)
    return stand_in(incident.owner, policy, presence, skills)


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


def has_shift(engineer: str, policy: Policy, at: datetime) -> bool:
    """Whether hours or weeks of a rota say that he is on duty at that moment; who always is has no shift."""
    return any(
        (shift.calendar or shift.of) and engineer in shift.engineers and _has_turn(shift, policy, at)
        for team in policy.teams.values()
        for shift in team.on_duty
    )


def _has_turn(shift: Shift, policy: Policy, at: datetime | None) -> bool:
    """A shift of a rota has the weeks whose number fits; one with a calendar has its opening hours."""
    if at is None:
        return True
    if shift.of:
        local = at.astimezone(ZoneInfo(policy.timezone)).date()
        return (local - FIRST_WEEK).days // 7 % shift.of == shift.week
    calendar = policy.calendars.get(shift.calendar)
    return calendar is None or calendar.between(at, at + timedelta(seconds=1)) > 0
