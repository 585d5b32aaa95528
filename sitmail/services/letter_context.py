"""What a letter shows to its reader: read for a whole batch at once, then set out for each.

Somebody outside sees updates of the public leg, whatever a notice names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from sqlalchemy import Connection

from sitmail.domain.departing import Now, Promised
from sitmail.domain.effects import Tell
from sitmail.domain.escalation import hidden_from
from sitmail.domain.incident import Incident, Status
from sitmail.domain.links import Link
from sitmail.domain.notice_purposes import SHOWING_HISTORY, NoticePurpose
from sitmail.domain.people import Person
from sitmail.domain.policy import Mailbox, Policy
from sitmail.domain.update import LegKind
from sitmail.domain.watching import watchers
from sitmail.services import links, views
from sitmail.services.customer_answers import answers
from sitmail.services.customer_sheet import asked_about, has_sheet, sheets
from sitmail.services.desk import Desk
from sitmail.services.help_verbs import verbs_for
from sitmail.services.incident_search import Searched, asked_as, searched
from sitmail.services.letter_files import beside_words, travelling
from sitmail.services.letter_history import histories
from sitmail.services.letter_pictures import without_missing
from sitmail.services.letter_plan import PlannedLetter
from sitmail.services.letter_reason import why_of
from sitmail.services.partner_reply import covers, reply_partners
from sitmail.services.partner_views import for_partner, on_leg_of, whose_leg
from sitmail.services.plain_reply import plain_reply
from sitmail.services.reader_marks import reader_marks
from sitmail.services.routing import command_address
from sitmail.services.sheet_views import SheetView
from sitmail.services.time_sheets import TimeSheetView, time_sheets
from sitmail.services.transaction_cache import TransactionCache
from sitmail.services.update_views import update_view
from sitmail.services.views import LetterContext, PlainReply
from sitmail.store import directory_lookup, incidents, updates_log
from sitmail.store.incidents import Participant
from sitmail.store.updates_log import Entered, File

_PUBLIC = str(LegKind.PUBLIC)  # a plain string is compared with those of the store in a tenth of the time


class Loaded(NamedTuple):
    """What letters of one batch are written from, by number of the incident where nothing else is said."""

    incidents: Mapping[int, Incident]
    participants: Mapping[int, list[Participant]]
    persons: Mapping[int, Person]  # by id
    entries: Mapping[tuple[int, int], Entered]  # by incident and number
    files: Mapping[int, list[File]]
    targets: Mapping[int, list[views.TargetView]]
    history: Mapping[int, list[Entered]]
    message_ids: Mapping[tuple[int, int], list[str]]  # of a conversation, by incident and person
    sites: Mapping[str, str]  # names by id
    sheets: Mapping[int, SheetView]  # about customers, by person
    asked_about: Mapping[str, Person]  # by the address that was asked about
    time_sheets: Mapping[int, tuple[TimeSheetView, ...]]
    answers: Mapping[str, views.AnswerView]  # to what customers asked, by the letter's key
    searched: Mapping[str, Searched]  # by `asked_as`
    asked: frozenset[int]  # incidents that await their customer, who was asked something
    links: Mapping[int, tuple[Link, ...]]
    marks: Mapping[tuple[int, int], str]  # of readers outside, by incident and person, for staff
    partners: Mapping[tuple[int, int], int]  # who reads a plain reply, by incident and the last update that is covered

    def now(self, number: int, policy: Policy) -> Now:
        """How an incident stands, for notices that leave."""
        people = self.participants.get(number, ())
        return Now(
            incident=self.incidents[number],
            promises={one.name: Promised(one.state, one.due) for one in self.targets.get(number, ())},
            parties=frozenset(one.person for one in people if one.leg == _PUBLIC),
            policy=policy,
            asked=number in self.asked,
        )


def read(
    connection: Connection, desk: Desk, letters: Sequence[PlannedLetter], known: TransactionCache, now: datetime
) -> Loaded:
    """Asks the store for what the transaction does not know."""
    about = {one.tell.incident for letter in letters for one in letter.notices if one.tell.incident is not None}
    shown = {number for letter in letters if (number := _asked_number(letter))}
    found_by_search = searched(connection, letters)
    listed = {number for one in found_by_search.values() for number in one.numbers}
    found = _incidents(connection, about | shown | listed, known)
    participants = dict(known.participants)
    for row in incidents.participants(connection, found.keys() - known.participants.keys()):
        participants.setdefault(row.incident, []).append(row)
    pairs = {(one.incident, n) for one in letters if one.incident is not None for n in one.updates}
    older = pairs - known.entries.keys()
    entries = {**known.entries, **updates_log.entered(connection, older)}
    briefs = {one.incident for one in letters if one.incident and _is_brief(one) and found[one.incident].updates > 1}
    history = histories(connection, briefs, shown, found)
    talks = {(one.incident, one.person.id) for one in letters if one.incident and one.incident not in known.opened}
    with_files = {n for n, _ in older} | briefs & {n for n, _ in pairs} | shown
    with_files |= {entry.incident for log in history.values() for entry in log} - briefs  # of merged ones
    whom = asked_about(connection, letters)
    explained = {number for one in letters if (number := _asked_number(one, "why"))}
    persons = _persons(connection, known, found, participants, [*entries.values(), *chain(*history.values())])
    contacts = {found[one.incident].contact for one in letters if one.incident and has_sheet(one)}
    shows = {n: one for n in contacts if (one := persons.get(n)) is not None and one.site}  # of others nothing is known
    shows |= {one.id: one for one in whom.values()}
    return Loaded(
        incidents=found,
        participants=participants,
        persons=persons,
        entries=entries,
        files={**known.files, **updates_log.files(connection, with_files)},
        targets=_targets(connection, found.keys() - known.untimed),
        history=history,
        message_ids={**known.ids, **incidents.ids_of(connection, talks)} if talks else known.ids,
        sites=_site_names(connection, known, found.values()),
        sheets=sheets(connection, desk, shows, now) if shows else {},
        asked_about=whom,
        time_sheets=time_sheets(connection, desk.policy, explained, now) if explained else {},
        searched=found_by_search,
        answers=answers(connection, desk, letters, now),
        asked=_asked(connection, letters, found),
        links=links.links_of(connection, found),
        marks=reader_marks(connection, desk, letters, found, participants, persons),
        partners=reply_partners(connection, letters, found, participants),
    )


def _sheet(letter: PlannedLetter, incident: Incident | None, loaded: Loaded) -> SheetView | None:
    """The one that is asked for, or that of the incident's contact; to staff alone."""
    if not letter.person.staff:
        return None
    if "address" in (detail := letter.notices[0].tell.detail) and letter.purpose is NoticePurpose.SHOW:
        person = loaded.asked_about.get(str(detail["address"]))
        return loaded.sheets.get(person.id) if person else None
    return loaded.sheets.get(incident.contact) if incident and has_sheet(letter) else None


def _found(desk: Desk, letter: PlannedLetter, loaded: Loaded) -> views.FoundView | None:
    """What a search found; to staff alone."""
    if not loaded.searched or not letter.person.staff or letter.purpose is not NoticePurpose.SHOW:
        return None
    found = loaded.searched.get(asked_as(letter.notices[0].tell.detail))
    if found is None:
        return None
    rows = [loaded.incidents[number] for number in found.numbers]
    return views.FoundView(tuple(_incident(desk, one, letter.person, loaded, []) for one in rows), *found[1:])


def _incidents(connection: Connection, wanted: Collection[int], known: TransactionCache) -> dict[int, Incident]:
    found = {number: known.incidents[number] for number in wanted if number in known.incidents}
    return found | incidents.incidents(connection, set(wanted) - found.keys())


def _is_brief(letter: PlannedLetter) -> bool:
    return not letter.digest and any(one.tell.purpose in SHOWING_HISTORY for one in letter.notices)


def _asked(connection: Connection, letters: Sequence[PlannedLetter], found: Mapping[int, Incident]) -> frozenset[int]:
    """Incidents awaiting their customer in which our words are the last: of those that letters outside are about."""
    outside = [one for one in letters if one.incident is not None and not one.person.staff]
    waiting = {n for one in outside if (n := one.incident) and found[n].status is Status.AWAITING_CUSTOMER}
    answered = {n for one in outside if (n := one.incident) and one.purpose is NoticePurpose.ANSWER}
    return frozenset(waiting & answered | updates_log.answered_last(connection, waiting - answered))


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
    """How the promises of these incidents stand, and what the desk expects of itself."""
    found: dict[int, list[views.TargetView]] = {}
    for row in updates_log.promises(connection, numbers):
        found.setdefault(row.incident, []).append(
            views.TargetView(name=row.target, due=row.due, state=row.state, met=row.met)
        )
    return found


def context_of(
    desk: Desk, letter: PlannedLetter, loaded: Loaded, box: Mailbox, reply: str, note: str, now: datetime
) -> LetterContext:
    """`reply` and `note` are the addresses for an answer, and for a note to staff."""
    policy, person = desk.policy, letter.person
    incident = loaded.incidents.get(letter.incident or 0)
    people = loaded.participants.get(letter.incident or 0, [])
    hearing = [loaded.persons[p.person] for p in people if p.leg == _PUBLIC]
    shown = _updates(desk, letter, loaded)
    files = [file for update in shown for file in update.files] if _carries_files(letter) else ()
    travel, kept = travelling(files, letter, policy.relay_max) if files else ((), ())
    engineer = policy.engineers.get(person.key) if person.staff else None
    asked = loaded.incidents.get(_asked_number(letter))
    return LetterContext(
        desk=views.DeskView(name=box.name or policy.name, address=box.address, command=command_address(box)),
        reader=views.ReaderView(name=views.one_line(person.name), address=person.address, staff=person.staff),
        zone=(engineer.timezone if engineer else person.timezone) or policy.timezone,
        now=now,
        plain_reply=_plain_reply(desk, letter, incident, loaded, hearing),
        reply=reply,
        note_address=note,
        incident=None if incident is None else _incident(desk, incident, person, loaded, hearing, _spoken(letter)),
        updates=_with_pictures(shown, travel),
        history=_history(desk, letter, loaded) if loaded.history else (),
        files=_asked_file(letter, loaded) or beside_words(letter, policy.relay_max) or travel,
        kept_files=kept,
        shown=None if asked is None else _incident(desk, asked, person, loaded, []),
        listed=views.file_views(loaded.files.get(asked.number, ())) if asked else (),
        sheet=_sheet(letter, incident, loaded),
        time_sheets=loaded.time_sheets.get(asked.number, ()) if asked else (),
        found=_found(desk, letter, loaded),
        answer=loaded.answers.get(letter.key),
        verbs=verbs_for(letter),
        others=_others(letter, loaded, hearing),
        why=why_of(desk, letter, incident, people),
        lines=tuple(_line(desk, one.tell, loaded) for one in letter.notices) if letter.digest else (),
    )


def _others(letter: PlannedLetter, loaded: Loaded, hearing: Sequence[Person]) -> tuple[str, ...]:
    """Who else outside gets what a person wrote, besides its author."""
    if letter.person.staff or letter.person.partner or not _spoken(letter):
        return ()
    entries = (loaded.entries.get((letter.incident or 0, number)) for number in letter.updates)
    left = {letter.person.id, *(entry.author for entry in entries if entry)}
    return tuple(views.called(one) for one in {p.id: p for p in hearing}.values() if one.id not in left)


def _line(desk: Desk, tell: Tell, loaded: Loaded) -> views.DigestLine:
    incident = loaded.incidents.get(tell.incident or 0)
    shown = _incident(desk, incident, tell.person, loaded, []) if incident else None
    return views.digest_line(tell.purpose, tell.detail, shown)


def _carries_files(letter: PlannedLetter) -> bool:
    return any(one.traits.carries_files for one in letter.notices)


def _spoken(letter: PlannedLetter) -> bool:
    """A person writes to its reader; nobody sent it by a forged mail alone."""
    return letter.traits.words and not letter.traits.automatic


def _incident(
    desk: Desk,
    incident: Incident,
    reader: Person,
    loaded: Loaded,
    hearing: Sequence[Person],
    spoken: bool = False,
) -> views.IncidentView:
    hidden = hidden_from(staff=reader.staff)
    targets = [one for one in loaded.targets.get(incident.number, ()) if one.name not in hidden]
    contact = loaded.persons.get(incident.contact)
    others = [p for p in hearing if contact is None or p.id != contact.id]
    site = loaded.sites.get(incident.site, incident.site)
    asked = incident.number in loaded.asked
    if reader.partner:
        return for_partner(incident, desk.policy, reader, loaded.participants)
    seen = views.incident_view(incident, desk.policy, reader, contact, others, targets, site, asked, spoken)
    linked = links.shown(loaded.links.get(incident.number, ()), incident.number, desk.policy) if reader.staff else ()
    return seen._replace(codes=seen.codes + linked) if linked else seen


def _updates(desk: Desk, letter: PlannedLetter, loaded: Loaded) -> tuple[views.UpdateView, ...]:
    """The updates of the occasion; readers outside see those of their leg, whatever a notice names."""
    shown, person = [], letter.person
    staff = person.staff
    for number in letter.updates:
        entry = loaded.entries.get((letter.incident or 0, number))
        if entry is not None and (staff or on_leg_of(person, entry, loaded.participants)):
            shown.append(_view(desk, entry, loaded, staff))
    return tuple(shown)


def _with_pictures(
    shown: tuple[views.UpdateView, ...], travel: Sequence[views.FileView]
) -> tuple[views.UpdateView, ...]:
    """The updates with those pictures on their pages that go with the letter."""
    if not any("cid:" in one.html for one in shown):
        return shown
    there = {file.sha256 for file in travel}
    return tuple(one._replace(html=without_missing(one.html, there)) for one in shown)


def _view(desk: Desk, entry: Entered, loaded: Loaded, staff: bool) -> views.UpdateView:
    files: Sequence[File] = loaded.files.get(entry.incident, ())
    if files:
        files = [f for f in files if f.update == entry.number]
    partner = whose_leg([entry], loaded.participants, loaded.persons) if staff else None
    author = loaded.persons.get(entry.author or 0)
    return update_view(entry, author, desk.policy, files, staff=staff, partner=partner)


def _history(desk: Desk, letter: PlannedLetter, loaded: Loaded) -> tuple[views.UpdateView, ...]:
    if not letter.person.staff:
        return ()
    asked = _asked_number(letter)
    entries = loaded.history.get(asked or letter.incident or 0, [])
    fresh = set() if asked else {(letter.incident, number) for number in letter.updates}
    return tuple(_view(desk, entry, loaded, True) for entry in entries if (entry.incident, entry.number) not in fresh)


def _asked_file(letter: PlannedLetter, loaded: Loaded) -> tuple[views.FileView, ...]:
    """The file that a reading command wants to have."""
    detail = letter.notices[0].tell.detail
    if letter.purpose is not NoticePurpose.SHOW or detail.get("what") != "files":
        return found.files if (found := loaded.answers.get(letter.key)) else ()
    files = views.file_views(loaded.files.get(int(detail["number"]), ()))
    return tuple(file for file in files if file.place == detail.get("file"))


def _asked_number(letter: PlannedLetter, what: str = "") -> int:
    """The incident that a reading command wants to see, or `what` of it."""
    detail = letter.notices[0].tell.detail if letter.purpose is NoticePurpose.SHOW else {}
    return int(detail.get("number") or 0) if what in ("", detail.get("what")) else 0


def _plain_reply(
    desk: Desk, letter: PlannedLetter, incident: Incident | None, loaded: Loaded, hearing: Sequence[Person]
) -> PlainReply | None:
    """Who reads a plain answer to a letter to staff."""
    if not letter.person.staff:
        return None
    people = loaded.participants.get(letter.incident or 0, ())
    watching = [loaded.persons[one.person] for one in people if one.role == "watcher"]
    watching += [one for one, _ in watchers(incident, desk.memory.watches or {}, desk.policy)] if incident else []
    partner = loaded.persons.get(loaded.partners.get((letter.incident or 0, covers(letter, loaded.incidents) or 0), 0))
    return plain_reply(letter.person, letter.about[0], incident, hearing, watching, desk.policy, partner, loaded.marks)
