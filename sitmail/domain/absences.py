"""WHEN SOMEBODY GOES AWAY OR COMES BACK: his incidents have a temporary owner meanwhile.  Pure.

The owner stays the owner.  Each stand-in gets one letter with all that is his for now; what nobody stands in for is the
manager's to give.  Who comes back has again what was not touched; what a stand-in wrote to or changed stays with him as
temporary owner.  Who comes back, and each stand-in, gets one letter that lists both.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import Any

from sitmail.domain.absence import OPEN_END, Absence
from sitmail.domain.decision_builder import admins, changes
from sitmail.domain.effects import Decision, Log, Tell
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.engineers import Engineer
from sitmail.domain.facts import Facts
from sitmail.domain.incident import LABELS, Incident
from sitmail.domain.people import Person
from sitmail.domain.policy import Policy
from sitmail.domain.record import record
from sitmail.domain.sla_outlook import Stands
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.domain.who_is_told import Happening, Role, purpose_of

CLOCK = "the clock"
LISTED = 50  # incidents in one letter
Standing = Mapping[int, Sequence[Stands]]


@record
class Return:
    """What a return brings: `returned` and `stays` are incidents that others had; `happened` counts new entries."""

    returned: tuple[Incident, ...] = ()
    stays: tuple[Incident, ...] = ()
    by_hand: tuple[Incident, ...] = ()  # that somebody has for a while, because a colleague said so
    mine: tuple[Incident, ...] = ()  # all that he owns and is open
    happened: Mapping[int, int] = field(default_factory=dict)


def handed_over(incident: Incident, absent: Engineer, substitute: str, now: datetime) -> Decision:
    """One open incident of who went away."""
    return _changed(incident, substitute, Rule.ENGINEER_AWAY, f"{absent.name} is away", now)


def given_back(incident: Incident, absent: Engineer, now: datetime) -> Decision:
    """One that somebody else had meanwhile."""
    return _changed(incident, "", Rule.ENGINEER_BACK, f"{absent.name} is back", now)


def told_stand_in(
    absence: Absence,
    absent: Engineer,
    other: str,
    theirs: Sequence[Incident],
    standing: Standing,
    facts: Facts,
    cause: str,
) -> Decision:
    """The letter to somebody who stands in, with all that became his at this moment."""
    detail = _detail(absence, absent, theirs, standing, facts) | {"yours": True}
    people = [(Role.TEMPORARY_OWNER, facts.staff.get(other))]
    return _told(Happening.AWAY, f"{absent.name} is away", people, detail, cause)


def told_unplaced(
    absence: Absence,
    absent: Engineer,
    theirs: Sequence[Incident],
    standing: Standing,
    facts: Facts,
    policy: Policy,
    cause: str,
) -> Decision:
    """The letter to the manager, else to the admins, about what nobody stands in for."""
    manager = facts.staff.get(absent.manager)
    readers: Sequence[Person | None] = [manager] if manager else admins(facts.staff, policy)
    detail = _detail(absence, absent, theirs, standing, facts) | {"yours": False}
    people = [(Role.MANAGER, one) for one in readers]  # the admins in his place
    return _told(Happening.UNPLACED, f"{absent.name} is away", people, detail, cause)


def told_of_return(absence: Absence, absent: Engineer, found: Return, facts: Facts, policy: Policy) -> Decision:
    """The letter to who is back."""
    moved = [one for one in found.mine if found.happened.get(one.number)]
    detail = {
        "due": absence.since.isoformat(),
        "incidents": [[*_line(one), found.happened[one.number]] for one in moved[:LISTED]],
        "returned": [_line(one) for one in found.returned[:LISTED]],
        "stays": [[*_line(one), _name(one.temporary_owner, policy)] for one in found.stays[:LISTED]],
        "by_hand": [[*_line(one), _name(one.temporary_owner, policy)] for one in found.by_hand[:LISTED]],
        "quiet": len(found.mine) - len(moved),
        "who": ", ".join(sorted({_name(one.temporary_owner, policy) for one in (*found.returned, *found.stays)})),
        "all": not found.stays and not found.by_hand,
    }
    effects: tuple[Tell, ...] = ()
    reader, purpose = facts.staff.get(absent.id), purpose_of(Happening.BACK, Role.OWNER)
    if reader is not None and purpose is not None:
        effects = (Tell(reader, purpose, None, detail=detail, cause=f"back:{absence.id}"),)
    return Decision(Rule.ENGINEER_BACK, Ending.APPLIED, f"{absent.name} is back", effects)


def told_stand_ins_of_return(absence: Absence, absent: Engineer, found: Return, facts: Facts) -> Decision:
    """The letters to those who stood in: what is the owner's again, and what stays."""
    tells = []
    for other in sorted({one.temporary_owner for one in (*found.returned, *found.stays)}):
        reader, purpose = facts.staff.get(other), purpose_of(Happening.BACK, Role.FORMER_OWNER)
        if reader is None or purpose is None:
            continue
        detail = {
            "who": absent.name,
            "returned": [_line(one) for one in found.returned if one.temporary_owner == other][:LISTED],
            "stays": [_line(one) for one in found.stays if one.temporary_owner == other][:LISTED],
        }
        tells.append(Tell(reader, purpose, None, detail=detail, cause=f"back:{absence.id}"))
    return Decision(Rule.ENGINEER_BACK, Ending.APPLIED, f"{absent.name} is back", tuple(tells))


def lines(incidents: Sequence[Incident], standing: Standing) -> list[list[Any]]:
    """Number, title and status of each, with the target that is due next and when, "" for none."""
    return [[*_line(one), *_next(standing.get(one.number, ()))] for one in incidents[:LISTED]]


def _line(incident: Incident) -> list[Any]:
    return [incident.number, incident.title, LABELS[incident.status].internal]


def _next(standing: Collection[Stands]) -> tuple[str, str]:
    open_ = [one for one in standing if one.met_at is None and one.due is not None]
    first = min(open_, key=lambda one: (one.due, one.target), default=None)
    return (first.target, first.due.isoformat()) if first is not None and first.due is not None else ("", "")


def _detail(
    absence: Absence, absent: Engineer, theirs: Sequence[Incident], standing: Standing, facts: Facts
) -> dict[str, Any]:
    until = facts.presence.away.get(absent.id, absence.until)
    return {
        "who": absent.name,
        "due": "" if until >= OPEN_END else until.isoformat(),
        "incidents": lines(theirs, standing),
        "more": max(0, len(theirs) - LISTED),
    }


def _told(
    what: Happening, says: str, people: Sequence[tuple[Role, Person | None]], detail: Mapping[str, Any], cause: str
) -> Decision:
    told = [(reader, purpose_of(what, role)) for role, reader in people if reader]
    tells = tuple(Tell(reader, letter, None, detail=detail, cause=cause) for reader, letter in told if letter)
    return Decision(Rule.ENGINEER_AWAY, Ending.APPLIED, says, tells)


def _name(engineer: str, policy: Policy) -> str:
    known = policy.engineers.get(engineer)
    return known.name if known else engineer


def _changed(before: Incident, temporary: str, rule: Rule, text: str, now: datetime) -> Decision:
    after = replace(before, temporary_owner=temporary, updated=now)
    entry = Log(
        before.number,
        LegKind.INTERNAL,
        Event.CHANGED,
        Direction.NONE,
        actor=CLOCK,
        text=text,
        change={name: pair for name, pair in changes(before, after).items() if name != "updated"},
    )
    return Decision(rule, Ending.APPLIED, text, (entry,), before.number)
