"""Keeps with a command mail what takes its effects back, and takes it back: one row a mail (behaviour 3.5).

`INVERSE` is the table: what undoes each kind of effect.  A verb joins `domain.undoing.UNDOABLE` once all of its effects
are in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from sitmail.domain import effects as e
from sitmail.domain.link_effects import AddLink, EndLink
from sitmail.domain.people import Person
from sitmail.domain.undoing import Deed, KeepDeed, RenewLink, Step, StepKind, Undone
from sitmail.domain.update import Event
from sitmail.services.hints import Hints
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import deeds, directory_lookup, links
from sitmail.store.rows import stored
from sitmail.store.text import storable

UNDO = "undo"


def keep(unit: UnitOfWork, entry: PendingDecision, effect: KeepDeed) -> None:
    """Writes the row; the effects before this one are written."""
    known = all(type(one) in TAKEN_BACK for one in entry.decision.effects)
    steps = list(_steps(entry)) if effect.undoable and known else None
    unit.put(
        "deed",
        {
            "id": unit.key("deed"),
            "person": effect.by.id,
            "inbox": entry.arrival.id if entry.arrival else None,
            "at": unit.now,
            "lines": storable(effect.lines),
            "steps": deeds.written(steps or None),
        },
    )


def _steps(entry: PendingDecision) -> Iterator[Step]:
    added = iter(entry.links)
    for effect in entry.decision.effects:
        link = next(added) if type(effect) is AddLink else 0
        inverse = INVERSE.get(type(effect))
        step = inverse(entry, effect, link) if inverse else None
        if step is not None:
            yield step


def _fields(_entry: PendingDecision, effect: e.Log, _link: int) -> Step | None:
    if not effect.incident or not effect.change:
        return None
    change = {name: [stored(value) for value in pair] for name, pair in effect.change.items()}
    return Step(StepKind.FIELDS, effect.incident, change=change)


def _log(entry: PendingDecision, effect: e.Log, link: int) -> Step | None:
    if effect.event == Event.TIME and effect.duration:
        return Step(StepKind.TAKE_TIME, effect.incident, minutes=effect.duration)
    return _fields(entry, effect, link)


def _enrol_again(entry: PendingDecision, effect: e.Withdraw, _link: int) -> Step | None:
    case = entry.facts.cases.get(effect.incident)
    party = case.party(effect.person) if case else None
    if party is None:
        return None
    return Step(StepKind.ENROL_AGAIN, effect.incident, person=effect.person.id, role=party.role, leg=str(party.leg))


def _withdraw(entry: PendingDecision, effect: e.Enrol, _link: int) -> Step | None:
    if not effect.incident:  # of the incident that the mail opens besides
        return None
    person = effect.person.id or entry.met[effect.person.key].id
    return Step(StepKind.WITHDRAW, effect.incident, person=person)


def _end_link(entry: PendingDecision, effect: AddLink, link: int) -> Step:
    return Step(StepKind.END_LINK, effect.incident or entry.opened, link=link)


def _renew_link(entry: PendingDecision, effect: EndLink, _link: int) -> Step | None:
    every = (one for case in entry.facts.cases.values() for one in case.links)
    link = next((one for one in every if one.id == effect.link), None)
    if link is None:
        return None
    return Step(StepKind.RENEW_LINK, link.incident, link=link.id, other=link.other, link_kind=str(link.kind))


def _join_again(entry: PendingDecision, _effect: e.Open, _link: int) -> Step:
    return Step(StepKind.JOIN_AGAIN, entry.opened)


INVERSE: dict[type, Callable[[PendingDecision, Any, int], Step | None]] = {
    e.Log: _log,
    e.Withdraw: _enrol_again,
    e.Enrol: _withdraw,
    e.Open: _join_again,
    AddLink: _end_link,
    EndLink: _renew_link,
}
# And effects that follow from those, or that nothing has to take back: promises are made anew.
BESIDE = frozenset({e.Tell, e.Meet, e.Know, e.Promise, e.Retract, e.Draw, e.LookAgain, e.Depart, KeepDeed})
TAKEN_BACK = BESIDE | INVERSE.keys()


def undone(unit: UnitOfWork, _entry: PendingDecision, effect: Undone) -> None:
    deeds.undone(unit.connection, effect.deed, unit.now)


def renew_link(unit: UnitOfWork, _entry: PendingDecision, effect: RenewLink) -> None:
    links.renew(unit.connection, effect.link)


def last_deeds(
    connection: Connection, hints: Sequence[Hints], people: Mapping[str, tuple[Person, ...]]
) -> dict[int, Deed]:
    """The last command mail of each engineer whose mail holds `/undo`."""
    asking = [one for one in hints if UNDO in one.arrival.named.verbs]
    writers = {p.id for one in asking for p in people.get(one.arrival.mail.identity, ()) if p.staff}
    found = {person: deeds.last(connection, person) for person in writers}
    last = {person: one for person, one in found.items() if one is not None}
    again = {step.person for one in last.values() for step in one.steps or () if step.kind is StepKind.ENROL_AGAIN}
    known = directory_lookup.persons(connection, again) if again else {}
    return {person: replace(one, people=known) for person, one in last.items()} if known else last
