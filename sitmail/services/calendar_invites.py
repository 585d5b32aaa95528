"""Events for the calendars of engineers who want them: which letter carries one, and who needs a letter of its own.

Any letter about an incident to one engineer alone carries the change that his calendar has not been told.  Where a
transaction changes the next promise and writes him no letter, he gets a small one for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from sitmail.domain import trust
from sitmail.domain.calendar_event import CalendarEvent, changed
from sitmail.domain.departing import Promised
from sitmail.domain.effects import Tell
from sitmail.domain.incident import Incident
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.people import Person
from sitmail.sending.invites import Invite, written
from sitmail.services.desk import Desk, staff
from sitmail.services.letter_plan import PlannedLetter
from sitmail.services.transaction_cache import TransactionCache
from sitmail.services.views import TargetView
from sitmail.store import calendar_events, incidents, sla_terms


class Invited(NamedTuple):
    """The letters that are left, and by their places the event that some carry."""

    letters: list[PlannedLetter]
    events: dict[int, CalendarEvent]


def wanting(desk: Desk) -> frozenset[str]:
    return frozenset(key for key, one in desk.policy.engineers.items() if one.invites)


def of_letters(
    connection: Connection,
    desk: Desk,
    letters: Sequence[PlannedLetter],
    found: Mapping[int, Incident],
    targets: Mapping[int, Sequence[TargetView]],
    now: datetime,
) -> Invited:
    """Which letters carry an event, which is noted as told.  One that is about the calendar alone, and has nothing to
    tell it any more, is left out."""
    who = wanting(desk)
    some = {one.incident for one in letters if one.incident and one.person.staff and one.person.key in who}
    told = calendar_events.told(connection, some)
    kept, events, noted = list[PlannedLetter](), dict[int, CalendarEvent](), dict[calendar_events.Key, CalendarEvent]()
    for letter in letters:
        number, person = letter.incident or 0, letter.person
        event = None
        if number in some and person.staff and person.key in who:
            before = told.get((number, person.id)) or _untold(desk, number, person, found[number].mailbox)
            promises = {one.name: Promised(one.state, one.due) for one in targets.get(number, ())}
            event = changed(before, promises, now, owned=_owns(found[number], person))
        if event is not None:
            told[number, person.id] = noted[number, person.id] = events[len(kept)] = event
            kept.append(_with(letter, event))
        elif any(one.tell.purpose is not NoticePurpose.CALENDAR for one in letter.notices):
            kept.append(letter)
    calendar_events.note(connection, noted)
    return Invited(kept, events)


def _with(letter: PlannedLetter, event: CalendarEvent) -> PlannedLetter:
    """A notice about the calendar says what the event says."""
    detail = detail_of(event)
    return letter._replace(
        notices=tuple(
            one._replace(tell=replace(one.tell, detail=detail)) if one.tell.purpose is NoticePurpose.CALENDAR else one
            for one in letter.notices
        )
    )


def detail_of(event: CalendarEvent) -> dict[str, str]:
    return {"target": event.target, "due": event.due.isoformat()} if event.due else {"target": ""}


def text(desk: Desk, letter: PlannedLetter, event: CalendarEvent, incident: Incident, now: datetime) -> str:
    """The event as the letter carries it, in its reader's language."""
    box, person = desk.policy.mailbox(incident.mailbox), letter.person
    said = desk.letters.language(person.language or desk.policy.language).gettext
    title = trust.without_tokens(desk.keys, " ".join(incident.title.split()), ())
    about = f"{desk.policy.reference(incident.number)} {title}"
    return written(
        Invite(
            uid=event.uid,
            sequence=event.sequence,
            summary=f"{said(event.target.replace('_', ' '))}: {about}" if event.target else about,
            due=event.due,
            organizer=box.address,
            organizer_name=box.name or desk.policy.name,
            attendee=person.address,
            attendee_name=person.name,
            made=now,
        )
    )


def untold_events(
    connection: Connection, desk: Desk, numbers: Collection[int], now: datetime, known: TransactionCache | None = None
) -> list[Tell]:
    """For these incidents, in which something happened: whose calendar is wrong although no letter told it.

    To be asked once the letters of the transaction are written.
    """
    who = wanting(desk)
    if not who or not numbers:
        return []
    people = {key: one for key, one in staff(connection, desk).items() if key in who}
    told = calendar_events.told(connection, numbers)
    seen = dict(known.incidents) if known else {}
    seen |= incidents.incidents(connection, set(numbers) - seen.keys())
    standing = sla_terms.standing(connection, numbers)
    tells = []
    for number in numbers:
        promises = {one.target: Promised(one.state, one.due) for one in standing.get(number, ())}
        for person in people.values():
            before = told.get((number, person.id))
            owned = _owns(seen[number], person)
            if before is None and not owned:
                continue
            event = changed(before or _untold(desk, number, person, seen[number].mailbox), promises, now, owned=owned)
            if event is not None:
                cause = f"calendar:{event.sequence}"
                tells.append(Tell(person, NoticePurpose.CALENDAR, number, detail=detail_of(event), cause=cause))
    return tells


def _owns(incident: Incident, person: Person) -> bool:
    return incident.open and incident.owner == person.key


def _untold(desk: Desk, number: int, person: Person, mailbox: str) -> CalendarEvent:
    return CalendarEvent(trust.event_uid(desk.keys, number, person.id, desk.policy.mailbox(mailbox).address))
