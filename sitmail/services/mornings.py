"""The morning papers whose time has come, each once for its day; and which incidents the lines of one are about.

Whether somebody had the paper of a day is said by the key of its notice, so that neither a restart nor a clock that
was set back sends a second one.  Who had nothing to read has such a row, too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from sitmail.domain import mornings
from sitmail.domain.effects import Tell
from sitmail.domain.escalation import HIDDEN
from sitmail.domain.every_incident import DIGEST, wishing, worth_telling
from sitmail.domain.morning_facts import WAITING, Happened, Heard, OnDesk, PendingIncident
from sitmail.domain.morning_paper import Paper, Reader, paper, people_of
from sitmail.domain.mornings import Morning
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.outgoing import Outgoing
from sitmail.domain.paper_replies import Lines
from sitmail.domain.people import Person
from sitmail.domain.sla import TimedTarget
from sitmail.domain.update import Direction, LegKind
from sitmail.services import notifications
from sitmail.services.desk import Desk, Mornings, away, sites, staff
from sitmail.services.hints import Arrival, answered_paper
from sitmail.services.presence import presence
from sitmail.store import directory_lookup, sla_terms
from sitmail.store import mornings as store

NO_LINE = HIDDEN - {TimedTarget.LATE}  # what is to be looked at, and what nobody owns, is told when it comes
FIRST = 5_000  # entries of all logs that the first paper of somebody looks back on
LONGEST = timedelta(days=1)  # before his last evening; what is older is no news in it


def due(connection: Connection, desk: Desk, now: datetime) -> list[Outgoing]:
    """The letters of this moment; nearly always there are none, and nothing is asked."""
    gone = away(connection, desk)
    known = desk.memory.mornings
    if known is not None and known.holds(desk.policy, gone, now):
        return []
    here = presence(connection, desk, now)
    desk.memory.mornings = Mornings(desk.policy, gone, now, mornings.next_due(desk.policy, here, now))
    people = staff(connection, desk)
    found = [one for one in mornings.due(desk.policy, here, now) if one.engineer in people]
    keys = {notifications.notice_key(_tell(people[one.engineer], one)): one for one in found}
    had = store.papers(connection, keys)
    fresh = [one for key, one in keys.items() if key not in had]
    if not fresh:
        return []
    last = store.last_entry(connection)
    seen = _seen(connection, desk, fresh, people, last)
    readers = [_reader(desk, one, seen.get(one.engineer), now) for one in fresh]
    known_now = _on_desk(connection, desk, readers)
    papers = [paper(reader, known_now, desk.policy, here) for reader in readers]
    tells = [_tell(people[one.engineer], one, made, last) for one, made in zip(fresh, papers, strict=True)]
    notifications.say_nothing(connection, [one for one in tells if not one.detail["lines"]], now)
    return notifications.tell(connection, desk, [one for one in tells if one.detail["lines"]], now)


def next_due(desk: Desk) -> datetime | None:
    """When the next is due, as `due` found it."""
    return desk.memory.mornings.next if desk.memory.mornings else None


def _seen(
    connection: Connection, desk: Desk, fresh: Sequence[Morning], people: Mapping[str, Person], last: int
) -> dict[str, int]:
    """Of those who read about every incident, the last entry of all logs that their last paper knew."""
    wanted = [one for one in fresh if one.engineer in wishing(desk.policy, DIGEST)]
    before = {one.engineer: mornings.day_before(desk.policy, one.day) for one in wanted}
    keys = {
        who: notifications.notice_key(Tell(people[who], NoticePurpose.MORNING, cause=cause_of(day)))
        for who, day in before.items()
    }
    had = store.papers(connection, keys.values())
    return {who: int(had.get(key, {}).get("seen", max(0, last - FIRST))) for who, key in keys.items()}


def _reader(desk: Desk, one: Morning, seen: int | None, now: datetime) -> Reader:
    policy = desk.policy
    engineer = policy.engineers[one.engineer]
    since, tomorrow = mornings.last_evening(policy, one), mornings.end_of_day(engineer, policy, one.day)
    return Reader(engineer, since, tomorrow, now, seen)


def _tell(person: Person, one: Morning, made: Paper | None = None, seen: int = 0) -> Tell:
    return Tell(
        person,
        NoticePurpose.MORNING,
        None,
        detail={**made.detail(), "paper": one.day.toordinal(), "seen": seen} if made else {},
        cause=cause_of(one.day),
        expires=one.until,
    )


def cause_of(day: date) -> str:
    return f"morning:{day.isoformat()}"


# --- what they are made of


def _on_desk(connection: Connection, desk: Desk, readers: Sequence[Reader]) -> OnDesk:
    policy = desk.policy
    owners = {one.engineer.id for one in readers}
    owners |= {one.id for reader in readers for one in people_of(reader.engineer, policy)}
    pending = store.pending(connection, owners)
    wanted = {n: one for n, one in pending.items() if any(reader.may_list(one) for reader in readers)}
    entries = _entries(connection, readers)
    wanted |= store.named(connection, {one.incident for one in entries} - wanted.keys())
    since = min(reader.since for reader in readers)
    moved = [n for n, one in wanted.items() if one.updated > since]
    words = store.last_words(connection, moved, since)
    texts = store.texts(connection, [one.update for one in words.values()])
    people = {one.contact for one in wanted.values()} | {one.author or 0 for one in words.values()}
    people |= {one.author or 0 for one in entries}
    names = _names(connection, people - {0})
    homes = {one.site for one in wanted.values()} - {""}
    return OnDesk(
        wanted,
        _targets(connection, wanted),
        {n: Heard(names.get(one.author or 0, ""), one.at, texts.get(one.update, "")) for n, one in words.items()},
        store.waiting_since(connection, [n for n, one in wanted.items() if one.status in WAITING]),
        store.broken(connection, moved, since),
        _by_incident(entries, names),
        names,
        {key: one.name or key for key, one in sites(connection, desk, homes).items()},
    )


def _entries(connection: Connection, readers: Sequence[Reader]) -> list[store.LoggedEntry]:
    """What happened to every incident, where somebody reads that."""
    seen = [one.seen for one in readers if one.seen is not None]
    if not seen:
        return []
    first_time = min(one.since for one in readers)
    found = store.entries_after(connection, min(seen))
    return [one for one in found if worth_telling(one.event, one.change) and one.received > first_time - LONGEST]


def _by_incident(entries: Sequence[store.LoggedEntry], names: Mapping[int, str]) -> dict[int, list[Happened]]:
    found: dict[int, list[Happened]] = {}
    for one in entries:
        who = names.get(one.author or 0, "")
        answered = one.direction == Direction.OUT and one.leg == LegKind.PUBLIC
        told = Happened(one.id, one.incident, one.event, who, one.change, answered)
        found.setdefault(one.incident, []).append(told)
    return found


def _targets(connection: Connection, wanted: Mapping[int, PendingIncident]) -> dict[int, Any]:
    timed = sorted(number for number, one in wanted.items() if one.next_deadline is not None or one.late)
    found: dict[int, Any] = {}
    for start in range(0, len(timed), store.AT_ONCE):
        standing = sla_terms.standing(connection, timed[start : start + store.AT_ONCE])
        found |= {n: [each for each in several if each.target not in NO_LINE] for n, several in standing.items()}
    return found


def _names(connection: Connection, people: Collection[int]) -> dict[int, str]:
    every = sorted(people)
    found: dict[int, str] = {}
    for start in range(0, len(every), store.AT_ONCE):
        persons = directory_lookup.persons(connection, every[start : start + store.AT_ONCE])
        found |= {key: one.name or one.address for key, one in persons.items()}
    return found


# --- replies


def with_lines(connection: Connection, desk: Desk, arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Mails that answer a paper know what its lines are about."""
    return [_with_lines(connection, one, day) if (day := answered_paper(desk, one)) else one for one in arrivals]


def _with_lines(connection: Connection, arrival: Arrival, number: int) -> Arrival:
    writer = arrival.mail.identity
    people = [one for one in directory_lookup.people(connection, {writer}).get(writer, ()) if one.staff]
    cause = cause_of(date.fromordinal(number)) if 1 <= number <= date.max.toordinal() else ""
    keys = [notifications.notice_key(Tell(one, NoticePurpose.MORNING, cause=cause)) for one in people if cause]
    lines = next((one.get("lines", ()) for one in store.papers(connection, keys).values()), ())
    return replace(arrival, lines=Lines(tuple(lines)))
