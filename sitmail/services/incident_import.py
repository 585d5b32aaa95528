"""Incidents of another desk become incidents of this one: rows alone.

Nothing is decided and nobody is told.  No line of a text is a command, no letter, notice or promise is made, and what
looks like a token or an id of ours in the texts and files is made void (behaviour 2).  The files were read by the
command line (`cli/incident_import`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table

from sitmail.domain import trust
from sitmail.domain.endings import Ending, Rule
from sitmail.domain.imported import LARGEST, ImportedIncident, ImportedUpdate
from sitmail.domain.incident import Incident, Status
from sitmail.domain.people import Kind, Person
from sitmail.domain.policy import Policy
from sitmail.domain.record import record
from sitmail.domain.trust import Keys, is_ours_by_form
from sitmail.domain.update import Direction, Event, LegKind
from sitmail.store import directory_lookup, imported
from sitmail.store import schema as t
from sitmail.store.ids import Ids
from sitmail.store.prepared import add
from sitmail.store.rows import row_of
from sitmail.store.text import storable

ACTOR = "import"
DOOR = "import"
WITH_WORDS = ("text", "quoted", "signature", "doubtful", "page")
ORDER = (
    *(t.incident, t.imported, t.leg, t.participation, t.inbox, t.update, t.update_text, t.attachment),
    t.known_id,
)
CONTACTS = (Kind.CONTACT, Kind.STRANGER)


class NotImported(Exception):
    """Why nothing of a part was written, by the key of an incident; another desk's mail may have come between."""

    def __init__(self, taken: Mapping[str, str]) -> None:
        super().__init__("; ".join(taken.values()))
        self.taken = taken


def compare(connection: Connection, incidents: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For {key, digest, number} of each: what is known of it, {state (new same changed taken), incident, title}."""
    known = imported.known(connection, [str(one["key"]) for one in incidents])
    numbers = {int(one["number"]) for one in incidents if one["number"] and one["key"] not in known}
    taken = imported.taken(connection, numbers)
    return [_compared(one, known, taken) for one in incidents]


def _compared(one: Mapping[str, Any], known: Mapping[str, tuple[str, int]], taken: Mapping[int, str]) -> dict[str, Any]:
    if one["key"] in known:
        digest, number = known[one["key"]]
        return {"state": "same" if digest == one["digest"] else "changed", "incident": number, "title": ""}
    number = int(one["number"])
    if number in taken:
        return {"state": "taken", "incident": number, "title": taken[number]}
    return {"state": "new", "incident": number, "title": ""}


def count_on(connection: Connection, above: int, first: int, *, dry: bool) -> int:
    """Lets new incidents count from `first`, or above this number; returns where they do.  Raises ValueError."""
    least = max(imported.next_number(connection), above + 1)
    if first and not least <= first <= LARGEST:
        raise ValueError(f"new incidents cannot count from {first}: expected {least} to {LARGEST}")
    if not dry:
        imported.count_from(connection, first or least)
    return first or least


@record
class ImportDesk:
    policy: Policy
    keys: Keys
    now: datetime


def bring(connection: Connection, ids: Ids, desk: ImportDesk, incidents: Sequence[ImportedIncident]) -> int:
    """Writes those that are not there yet, and says how many.  Raises NotImported if one of their numbers is taken."""
    known = imported.known(connection, [one.key for one in incidents])
    fresh = [one for one in incidents if one.key not in known]
    taken = imported.taken(connection, {one.number for one in fresh if one.number})
    if taken:
        raise NotImported({one.key: f"number {one.number} is taken" for one in fresh if one.number in taken})
    rows = _Rows(connection, ids, desk)
    rows.meet(fresh)
    for one in fresh:
        rows.put_incident(one)
    rows.write()
    return len(fresh)


class _Rows:
    """Collects the rows of one transaction."""

    def __init__(self, connection: Connection, ids: Ids, desk: ImportDesk) -> None:
        self.connection, self.ids, self.desk = connection, ids, desk
        self.rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in ORDER}
        self.staff: Mapping[str, Person] = {}
        self.people: dict[str, Person] = {}

    def meet(self, incidents: Sequence[ImportedIncident]) -> None:
        """Finds everybody they name; who is in no directory becomes a stranger, who is not known."""
        names = {one.contact: one.contact_name for one in incidents}
        for update in (each for one in incidents for each in one.updates if each.address):
            names[update.address] = names.get(update.address) or update.name
        found = directory_lookup.people(self.connection, names)
        strangers: dict[str, str] = {}
        for where, name in names.items():
            first = [one for one in found.get(where, ()) if one.kind in CONTACTS]
            first += [one for one in found.get(where, ()) if one.kind is not Kind.ROBOT]
            if first:
                self.people[where] = first[0]
            else:
                strangers[where] = self.clean(name)
        self.people |= directory_lookup.add_strangers(self.connection, self.ids, strangers)
        self.staff = directory_lookup.staff(self.connection)

    def clean(self, text: str) -> str:
        """Without tokens and ids of ours, and as a database takes it."""
        return storable(trust.without_tokens(self.desk.keys, text, ()))

    def key(self, table: Table) -> int:
        return self.ids.take(self.connection, table.name, 1).start

    def put(self, table: Table, **row: Any) -> None:
        self.rows[table.name].append(row)

    def write(self) -> None:
        for table in ORDER:
            add(self.connection, table, self.rows[table.name], once=table is t.known_id)

    def put_incident(self, one: ImportedIncident) -> None:
        number = one.number or self.ids.take(self.connection, "incident", 1).start
        contact = self.people[one.contact]
        updates = _whole_log(one)
        incident = self._incident(one, number, contact, updates)
        self.rows["incident"].append({**row_of(incident), "status": str(incident.status)})
        self.put(t.imported, key=one.key, incident=number, digest=one.digest, place=one.place, at=self.desk.now)
        legs = {}
        for kind in (LegKind.PUBLIC, LegKind.INTERNAL):
            legs[kind] = self.key(t.leg)
            self.put(t.leg, id=legs[kind], incident=number, kind=str(kind), party=None, foreign_reference="")
        self.put(
            t.participation,
            **{"id": self.key(t.participation), "incident": number, "leg": legs[LegKind.PUBLIC]},
            **{"person": contact.id, "role": "contact", "level": contact.level, "since": one.opened},
        )
        for place, update in enumerate(updates, 1):
            last = place == len(updates)
            self._put_update(incident, place, update, str(incident.status) if last else str(Status.ACTIVE))

    def _incident(
        self, one: ImportedIncident, number: int, contact: Person, updates: Sequence[ImportedUpdate]
    ) -> Incident:
        policy = self.desk.policy
        owner = policy.engineers.get(one.owner)
        usual = policy.desk.team or policy.team
        team = owner.teams[0] if owner and owner.teams and usual not in owner.teams else usual
        return Incident(
            number=number,
            mailbox=policy.desk.address,
            title=self.clean(one.title),
            status=Status(one.status),
            priority=one.priority or policy.priority,
            opened=one.opened,
            updated=max(one.opened, *(each.at for each in updates)),
            owner=one.owner,
            team=team,
            contact=contact.id,
            site=one.site or contact.site,
            product=one.product,
            closing_status=one.closing_status,
            reason=one.reason,
            tags=one.tags,
            channel=ACTOR,
            customer_reference=self.clean(one.customer_reference),
            closed=one.closed,
            cycle_opened=self.desk.now,  # nothing was promised before
            updates=len(updates),
        )

    def _put_update(self, incident: Incident, place: int, one: ImportedUpdate, status: str) -> None:
        key = self.key(t.update)
        author = self.staff.get(one.engineer) or (self.people[one.address] if one.address else None)
        self.put(
            t.update,
            **{"id": key, "incident": incident.number, "number": place, "leg": one.leg, "leg_id": None},
            **{"event": one.event, "direction": one.direction, "author": author.id if author else None},
            **{"actor": "" if author else self.clean(one.name) or ACTOR, "proof": "none", "received": one.at},
            **{"change": _change(incident) if one.event == Event.CLOSED else {}, "status": status},
            **{"owner": incident.owner, "message_id": self.clean(one.message_id), "subject": self.clean(one.subject)},
            **{"rule": str(Rule.IMPORTED), "reason": storable(one.place)},
            inbox=self._put_mail(incident, place, one),
        )
        self.put(t.update_text, update=key, **{part: self.clean(getattr(one, part)) for part in WITH_WORDS})
        for at, file in enumerate(one.files, 1):
            self.put(t.attachment, update=key, place=at, **row_of(file))
        named = [(one.message_id, author.id if author else 0, "foreign", place)] if one.message_id else []
        for message_id, person, origin, covers in (*named, *((each, 0, "named", None) for each in one.ids())):
            if not is_ours_by_form(message_id):
                self.put(
                    t.known_id,
                    **{"message_id": storable(message_id), "incident": incident.number, "person": person},
                    **{"origin": origin, "leg": one.leg, "at": one.at, "covers": covers},
                )

    def _put_mail(self, incident: Incident, place: int, one: ImportedUpdate) -> int | None:
        """The mail as it was in the file.

        Its fingerprint is none that a mail at a door can have: the same mail may still come, and is heard then.
        """
        if one.raw is None:
            return None
        key = self.key(t.inbox)
        self.put(
            t.inbox,
            **{"id": key, "received": one.at, "sender": one.address, "recipients": [], "recipient": DOOR},
            **{"content": f"imported {incident.number}#{place}", "raw": one.raw.sha256, "size": one.raw.size},
            **{"door": DOOR, "author": one.address, "subject": self.clean(one.subject)},
            **{"message_id": self.clean(one.message_id), "ending": str(Ending.APPLIED), "rule": str(Rule.IMPORTED)},
            **{"reason": storable(one.place), "incident": incident.number, "ended": self.desk.now},
            policy=self.desk.policy.digest,
        )
        return key


def _change(incident: Incident) -> dict[str, list[Any]]:
    closed = incident.closed.isoformat() if incident.closed else None
    return {
        "status": [str(Status.ACTIVE), str(incident.status)],
        "closing_status": ["", incident.closing_status],
        "closed": [None, closed],
    }


def _whole_log(one: ImportedIncident) -> list[ImportedUpdate]:
    """The updates between the entries that every log has: customers read the first, so it is public."""
    updates = list(one.updates)
    public = ImportedUpdate(one.opened, str(LegKind.PUBLIC), str(Direction.NONE), str(Event.CLOSED), place=one.place)
    if not updates or updates[0].leg != LegKind.PUBLIC:
        came = replace(public, direction=str(Direction.IN), event=str(Event.OPENED), address=one.contact)
        updates.insert(0, came)
    if one.closed is not None:
        updates.append(replace(public, at=max(one.closed, updates[-1].at), name=ACTOR))
    return updates
