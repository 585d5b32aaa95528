"""What a letter shows to its reader: read for a whole batch at once, then set out for each.

Who reads decides what is read: somebody outside sees updates of the public leg, whatever a notice names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import Connection

from sitmail.domain import trust
from sitmail.domain.incident import Incident
from sitmail.domain.notice_purposes import PURPOSES, NoticePurpose, NoticeTraits
from sitmail.domain.people import Person
from sitmail.domain.policy import Mailbox
from sitmail.domain.update import LegKind
from sitmail.domain.verbs import CUSTOMER, STAFF
from sitmail.services import views
from sitmail.services.desk import Desk
from sitmail.services.plain_reply import kind_of, plain_reply
from sitmail.services.routing import command_address
from sitmail.services.transaction_cache import TransactionCache
from sitmail.services.views import LetterContext, PlainReply
from sitmail.store import directory_lookup, incidents, updates_log
from sitmail.store.incidents import Participant
from sitmail.store.updates_log import Entered, File

HISTORY = 10  # updates that a full brief shows
STAFF_VERBS = tuple(verb for verb in STAFF.values() if not verb.later)
CUSTOMER_VERBS = tuple(verb for verb in CUSTOMER.values() if not verb.later)
_PUBLIC = str(LegKind.PUBLIC)  # a plain string is compared with those of the store in a tenth of the time
# Letters that show more than the occasion.
BRIEF = frozenset({NoticePurpose.ASSIGNED, NoticePurpose.SHOW, NoticePurpose.SLA_WARNING, NoticePurpose.SLA_LATE})


class Due(NamedTuple):
    """One letter to write: notices of one reader about one incident, folded.  The first names the letter."""

    id: int  # of the outbox row it becomes
    key: str  # of its first notice: makes the Message-ID
    person: Person
    incident: int | None
    purposes: tuple[NoticePurpose, ...]
    updates: tuple[int, ...]
    details: tuple[Mapping[str, Any], ...]
    purpose: NoticeTraits  # of the first
    leg: LegKind  # where a plain reply goes
    number: int = 0  # held or confirmation, for the reply address
    expires: datetime | None = None

    @property
    def about(self) -> tuple[str, int]:
        """Kind and number of the reply address and of the Message-ID."""
        kind = kind_of(self.purpose, self.leg, self.incident if self.person.staff else 0)
        return kind, self.number if self.purpose.kind in (trust.HELD, trust.CONFIRM) else self.incident or 0


def leg_of(purposes: Iterable[NoticePurpose], details: Iterable[Mapping[str, Any]]) -> LegKind:
    """Inside as soon as one of the notices is meant for inside only."""
    for name, detail in zip(purposes, details, strict=True):
        if (detail.get("leg") or PURPOSES[name].leg) == LegKind.INTERNAL:
            return LegKind.INTERNAL
    return LegKind.PUBLIC


class Loaded(NamedTuple):
    """What is known and what was read for the whole batch."""

    incidents: Mapping[int, Incident]
    participants: Mapping[int, list[Participant]]
    persons: Mapping[int, Person]
    entries: Mapping[tuple[int, int], Entered]
    files: Mapping[int, list[File]]
    terms: Mapping[int, list[views.TargetView]]
    history: Mapping[int, list[Entered]]
    ids: Mapping[tuple[int, int], list[str]]  # Message-IDs of a conversation, by incident and person
    sites: Mapping[str, str]  # names


def read(connection: Connection, due: Sequence[Due], known: TransactionCache) -> Loaded:
    """Asks the store for what the transaction does not know."""
    about = {one.incident for one in due if one.incident is not None}
    shown = {
        int(d["number"]) for one in due for d in one.details if NoticePurpose.SHOW in one.purposes and d.get("number")
    }
    wanted = about | shown
    found = {number: known.incidents[number] for number in wanted & known.incidents.keys()}
    found |= incidents.incidents(connection, wanted - found.keys())
    participants = dict(known.participants)
    for row in incidents.participants(connection, found.keys() - known.participants.keys()):
        participants.setdefault(row.incident, []).append(row)
    pairs = {(one.incident, n) for one in due if one.incident is not None for n in one.updates}
    older = pairs - known.entries.keys()
    entries = {**known.entries, **updates_log.entered(connection, older)}
    briefs = {
        one.incident for one in due if one.incident and BRIEF & set(one.purposes) and found[one.incident].updates > 1
    }
    history = {n: updates for n in briefs for updates in updates_log.log(connection, [n], last=HISTORY).values()}
    history |= updates_log.log(connection, shown) if shown else {}
    talks = {(one.incident, one.person.id) for one in due if one.incident and one.incident not in known.opened}
    return Loaded(
        incidents=found,
        participants=participants,
        persons=_persons(connection, known, found, participants, [*entries.values(), *chain(*history.values())]),
        entries=entries,
        files={
            **known.files,
            **updates_log.files(connection, {n for n, _ in older} | briefs & {n for n, _ in pairs} | shown),
        },
        terms=_targets(connection, found.keys() - known.untimed),
        history=history,
        ids={**known.ids, **incidents.ids_of(connection, talks)} if talks else known.ids,
        sites=_site_names(connection, known, found.values()),
    )


def _persons(
    connection: Connection,
    known: TransactionCache,
    found: Mapping[int, Incident],
    participants: Mapping[int, list[Participant]],
    entries: Iterable[Entered],
) -> Mapping[int, Person]:
    """Everybody whom a letter may name: those on the legs, contacts, authors."""
    people = {row.person for number in found for row in participants.get(number, ())}
    people |= {one.author for one in entries if one.author} | {one.contact for one in found.values() if one.contact}
    missing = people - known.persons.keys()
    return {**known.persons, **directory_lookup.persons(connection, missing)} if missing else known.persons


def _site_names(connection: Connection, known: TransactionCache, found: Iterable[Incident]) -> Mapping[str, str]:
    missing = {one.site for one in found} - known.sites.keys() - {""}
    read = directory_lookup.sites(connection, missing) if missing else {}
    return known.sites | {key: site.name or key for key, site in read.items()}


def _targets(connection: Connection, numbers: Collection[int]) -> dict[int, list[views.TargetView]]:
    """How the promises of these incidents stand."""
    rows = updates_log.promises(connection, numbers)
    found: dict[int, list[views.TargetView]] = {}
    for row in rows:
        found.setdefault(row.incident, []).append(views.TargetView(row.target, row.due, row.state, row.met))
    return found


def context_of(
    desk: Desk,
    due: Due,
    loaded: Loaded,
    box: Mailbox,
    reply: str,
    note: str,
    now: datetime,
) -> LetterContext:
    """`reply` and `note` are the addresses for an answer, and for a note to staff."""
    policy, person = desk.policy, due.person
    staff = person.staff
    incident = loaded.incidents.get(due.incident or 0)
    people = loaded.participants.get(due.incident or 0, [])
    hearing = [loaded.persons[p.person] for p in people if p.leg == _PUBLIC]
    shown = _updates(desk, due, loaded)
    files = [file for update in shown for file in update.files] if due.purpose.carries_files else ()
    travel, kept = _travelling(files, due, policy.relay_max) if files else ((), ())
    engineer = policy.engineers.get(person.key) if staff else None
    asked = loaded.incidents.get(_asked_number(due)) if NoticePurpose.SHOW in due.purposes else None
    return LetterContext(  # in the order of its fields
        views.DeskView(policy.name, box.address, command_address(box)),
        views.ReaderView(views.one_line(person.name), person.address, staff),
        (engineer.timezone if engineer else person.timezone) or policy.timezone,
        now,
        _plain_reply(desk, due, incident, loaded, hearing),
        reply,
        note,
        None if incident is None else _incident(desk, incident, person, loaded, hearing),
        shown,
        _history(desk, due, loaded) if loaded.history else (),
        _asked_file(due, loaded) or travel,
        kept,
        None if asked is None else _incident(desk, asked, person, loaded, []),
        _listed(loaded, asked.number) if asked else (),
        STAFF_VERBS if staff else CUSTOMER_VERBS,
    )


def _incident(
    desk: Desk, incident: Incident, reader: Person, loaded: Loaded, hearing: Sequence[Person]
) -> views.IncidentView:
    targets = loaded.terms.get(incident.number, [])
    contact = loaded.persons.get(incident.contact)
    others = [p for p in hearing if contact is None or p.id != contact.id]
    site = loaded.sites.get(incident.site, incident.site)
    return views.incident_view(incident, desk.policy, reader, contact, others, targets, site)


def _updates(desk: Desk, due: Due, loaded: Loaded) -> tuple[views.UpdateView, ...]:
    """The updates of the occasion; readers outside see those of the public leg, whatever a notice names."""
    shown, staff = [], due.person.staff
    for number in due.updates:
        entry = loaded.entries.get((due.incident or 0, number))
        if entry is not None and (staff or entry.leg == _PUBLIC):
            shown.append(_view(desk, entry, loaded, staff))
    return tuple(shown)


def _view(desk: Desk, entry: Entered, loaded: Loaded, staff: bool) -> views.UpdateView:
    files: Sequence[File] = loaded.files.get(entry.incident, ())
    if files:
        files = [f for f in files if f.update == entry.number]
    return views.update_view(entry, loaded.persons.get(entry.author or 0), desk.policy, files, staff=staff)


def _history(desk: Desk, due: Due, loaded: Loaded) -> tuple[views.UpdateView, ...]:
    if not due.person.staff:
        return ()
    asked = _asked_number(due)
    entries = loaded.history.get(asked or due.incident or 0, [])
    fresh = set() if asked else set(due.updates)
    return tuple(_view(desk, entry, loaded, True) for entry in entries if entry.number not in fresh)


def _travelling(
    files: Sequence[views.FileView], due: Due, limit: int
) -> tuple[tuple[views.FileView, ...], tuple[views.FileView, ...]]:
    """Files that go with a letter, as long as they fit; the bigger ones are named."""
    withheld = {sha256 for detail in due.details for sha256 in detail.get("withheld", ())}
    travel: list[views.FileView] = []
    kept: list[views.FileView] = []
    room = limit
    for file in (file for file in files if file.sha256 not in withheld):
        (travel if file.size <= room else kept).append(file)
        room -= file.size if file.size <= room else 0
    return tuple(travel), tuple(kept)


def _asked_file(due: Due, loaded: Loaded) -> tuple[views.FileView, ...]:
    for detail in due.details:
        if detail.get("what") == "files":
            return tuple(f for f in _listed(loaded, int(detail["number"])) if f.place == detail.get("file"))
    return ()


def _listed(loaded: Loaded, number: int) -> tuple[views.FileView, ...]:
    return views.file_views(loaded.files.get(number, ()))


def _asked_number(due: Due) -> int:
    """The incident that a reading command wants to see."""
    return (
        next((int(d["number"]) for d in due.details if d.get("number")), 0) if NoticePurpose.SHOW in due.purposes else 0
    )


def _plain_reply(
    desk: Desk, due: Due, incident: Incident | None, loaded: Loaded, hearing: Sequence[Person]
) -> PlainReply | None:
    """Who reads a plain answer to a letter to staff."""
    if not due.person.staff:
        return None
    people = loaded.participants.get(due.incident or 0, ())
    watching = [loaded.persons[one.person] for one in people if one.role == "watcher"]
    return plain_reply(due.person, due.about[0], incident, hearing, watching, desk.policy.engineers)
