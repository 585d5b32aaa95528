"""WHEN SOMEBODY GOES AWAY OR COMES BACK: his incidents have a temporary owner meanwhile.  Pure.

The owner stays the owner.  A stand-in gets one letter with all that is his for now, who comes back one with what
happened while he was away; where nobody stands in, the manager is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sitmail.domain.decision_builder import changes
from sitmail.domain.effects import Decision, Effect, Log, Tell
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.engineers import Engineer
from sitmail.domain.facts import Facts
from sitmail.domain.incident import LABELS, Incident
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.policy import Policy
from sitmail.domain.presence import stand_in
from sitmail.domain.record import record
from sitmail.domain.update import Direction, Event, LegKind

CLOCK = "the clock"
LISTED = 50  # incidents in one letter


@record
class Absence:
    """`substitute` stands in, "" for nobody.  `handed`: his incidents were handed over."""

    id: int
    engineer: str
    since: datetime
    until: datetime
    substitute: str = ""
    handed: datetime | None = None


def handed_over(incident: Incident, absent: Engineer, substitute: str, now: datetime) -> Decision:
    """One open incident of who went away."""
    after = replace(incident, temporary_owner=substitute, updated=now)
    text = f"{absent.name} is away"
    return Decision(Rule.ENGINEER_AWAY, Ending.APPLIED, text, (_entry(incident, after, text),), incident.number)


def given_back(incident: Incident, absent: Engineer, now: datetime) -> Decision:
    """One that somebody else had meanwhile."""
    after = replace(incident, temporary_owner="", updated=now)
    text = f"{absent.name} is back"
    return Decision(Rule.ENGINEER_BACK, Ending.APPLIED, text, (_entry(incident, after, text),), incident.number)


def told_of_absence(
    absence: Absence, absent: Engineer, theirs: Sequence[Incident], facts: Facts, policy: Policy
) -> Decision:
    """The letter to the stand-in; without one, to the manager."""
    other = stand_in(absent.id, policy, facts.presence)
    reader = facts.staff.get(other or absent.manager)
    detail = {"who": absent.name, "due": absence.until.isoformat(), "yours": bool(other), "incidents": _lines(theirs)}
    effects: tuple[Effect, ...] = ()
    if reader is not None and theirs:
        effects = (Tell(reader, NoticePurpose.STANDS_IN, None, detail=detail, cause=f"away:{absence.id}"),)
    return Decision(Rule.ENGINEER_AWAY, Ending.APPLIED, f"{absent.name} is away", effects)


def told_of_return(
    absence: Absence, absent: Engineer, happened: Sequence[tuple[Incident, int]], facts: Facts, policy: Policy
) -> Decision:
    """The letter to who is back; `happened` are his open incidents, and how many updates each got meanwhile."""
    reader = facts.staff.get(absent.id)
    other = policy.engineers.get(absence.substitute)
    moved = [(incident, number) for incident, number in happened if number]
    detail = {
        "due": absence.since.isoformat(),
        "who": other.name if other else "",
        "incidents": [[*line, number] for line, (_, number) in zip(_lines([i for i, _ in moved]), moved, strict=False)],
        "quiet": len(happened) - len(moved),
    }
    effects: tuple[Effect, ...] = ()
    if reader is not None:
        effects = (Tell(reader, NoticePurpose.WHILE_AWAY, None, detail=detail, cause=f"back:{absence.id}"),)
    return Decision(Rule.ENGINEER_BACK, Ending.APPLIED, f"{absent.name} is back", effects)


def _entry(before: Incident, after: Incident, text: str) -> Log:
    return Log(
        before.number,
        LegKind.INTERNAL,
        Event.CHANGED,
        Direction.NONE,
        actor=CLOCK,
        text=text,
        change={name: pair for name, pair in changes(before, after).items() if name != "updated"},
    )


def _lines(incidents: Sequence[Incident]) -> list[list[Any]]:
    """Number, title and status of each."""
    return [[one.number, one.title, LABELS[one.status].internal] for one in incidents[:LISTED]]
