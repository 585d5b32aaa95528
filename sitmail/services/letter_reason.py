"""The last line of a letter, by the part that its reader has in the incident now."""

from __future__ import annotations

from collections.abc import Iterable

from sitmail.domain.incident import Incident
from sitmail.domain.watching import watchers
from sitmail.domain.why_told import why
from sitmail.services.desk import Desk
from sitmail.services.letter_plan import PlannedLetter
from sitmail.store.incidents import Participant


def why_of(desk: Desk, letter: PlannedLetter, incident: Incident | None, people: Iterable[Participant]) -> str:
    person, detail = letter.person, letter.notices[0].tell.detail
    role = next((one.role for one in people if one.person == person.id), "")
    if person.staff and incident is not None and not role and desk.memory.watches:
        there = watchers(incident, desk.memory.watches, desk.policy)
        kind = next((str(kind) for one, kind in there if one.id == person.id), "")
        detail = {**detail, "watches": kind} if kind else detail
    return why(letter.purpose, person, incident, role, detail, desk.policy)
