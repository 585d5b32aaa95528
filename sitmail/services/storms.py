"""Notices storms, and asks their leads; what a storm is stands in `domain/storms`.

A new incident costs a few counters in memory: how often the words of its title stood in titles of late.  Only where one
stood there often enough the store is asked which incidents these are, and not again before there can be a storm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from sitmail.domain import storms
from sitmail.domain.effects import Tell
from sitmail.domain.incident import Incident, Status
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.openings import Openings
from sitmail.domain.policy import Policy
from sitmail.domain.storm import CHANNEL, Opened, State, Storm
from sitmail.domain.storm_effects import AskLead, DecideStorm
from sitmail.domain.trust import CONFIRM_WITHIN
from sitmail.services.desk import Desk, staff
from sitmail.services.presence import presence
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import directory_lookup, ids, incidents
from sitmail.store import schema as t
from sitmail.store import storms as store
from sitmail.store.prepared import add

FRESH = timedelta(seconds=5)  # so old may what is known of storms be: another daemon may have changed it
SHARE = 4  # of so many daemons on one database each counts for itself


def current(connection: Connection, desk: Desk, now: datetime) -> Sequence[Storm]:
    """The storms of the last day, as this daemon knows them."""
    memory = desk.memory
    if memory.storms is None or memory.storms_read is None or not timedelta() <= now - memory.storms_read < FRESH:
        memory.storms = store.since(connection, now - storms.REMEMBERED)
        memory.storms_read = now
    return memory.storms


def watch(connection: Connection, desk: Desk, opened: Mapping[int, Incident], now: datetime) -> list[Tell]:
    """After new incidents were written: the letters to leads."""
    policy = desk.policy
    if not policy.storm_count or not opened:
        return []
    found: list[Tell] = []
    for incident in opened.values():
        if incident.monitor_key or incident.channel == CHANNEL or not incident.contact:
            continue
        new = storms.opened(incident, policy)
        storm = storms.of_storm(new, current(connection, desk, now))
        if storm is not None:
            found += _grown(connection, desk, storm, now) if storm.state is not State.REFUSED else []
        elif _openings(connection, desk, now).noted(new, now):
            found += _look(connection, desk, incident, new, now)
    return found


def _openings(connection: Connection, desk: Desk, now: datetime) -> Openings:
    """What is counted; after a start, what the store has of late."""
    policy, span = desk.policy, timedelta(seconds=desk.policy.storm_within)
    several = SHARE if connection.dialect.name != "sqlite" else 1
    enough = max(1, policy.storm_count // several)
    known = desk.memory.openings
    if known is None or (known.enough, known.span) != (enough, span):
        known = desk.memory.openings = Openings(enough, span, now)
        above = store.newest(connection)
        for row in store.opened_between(connection, above - store.NEAR, above, now - span):
            known.noted(_opened(row, policy), now)
    return known


def _opened(row: store.Row, policy: Policy) -> Opened:
    return storms.described(row.number, row.contact or 0, row.title, row.unit, row.product, row.mailbox, policy)


def _look(connection: Connection, desk: Desk, incident: Incident, new: Opened, now: datetime) -> list[Tell]:
    """Whether so many people wrote the like within that time: as this daemon saw it, and then as the store has it."""
    policy, openings = desk.policy, _openings(connection, desk, now)
    lacking = openings.enough - storms.people(one for _, one in openings.recent if storms.like(new, one))
    if lacking > 0:
        openings.wait(new, lacking)
        return []
    since = now - timedelta(seconds=policy.storm_within)
    rows = store.opened_between(connection, incident.number - store.NEAR, incident.number + store.NEAR, since)
    alike = [one for one in (_opened(row, policy) for row in rows) if storms.like(new, one)]
    lacking = policy.storm_count - storms.people(alike)
    if lacking > 0:
        openings.wait(new, max(1, lacking * openings.enough // policy.storm_count))
        return []
    among = incidents.incidents(connection, [one.number for one in alike])
    here = staff(connection, desk)
    lead = storms.lead(incident.team, among.values(), policy, presence(connection, desk, now))
    if lead is None or lead.id not in here:
        openings.wait(new, policy.storm_count)
        return []
    key = ids.of(connection).take(connection, "storm", 1).start
    row = {
        "id": key,
        "state": str(State.PROPOSED),
        "title": incident.title,
        "words": sorted(new.words),
        "unit": new.unit,
        "product": new.product,
        "first": alike[0].number,
        "lead": here[lead.id].id,
        "told": len(alike),
        "last": now,
    }
    store.insert(connection, row)
    desk.memory.storms = None
    return [
        _asked(
            connection,
            desk,
            store.storms(connection, [key])[key],
            [one.number for one in among.values() if one.open],
            now,
        )
    ]


def _grown(connection: Connection, desk: Desk, storm: Storm, now: datetime) -> list[Tell]:
    """Tells the lead when there are twice as many as he was told of."""
    memory = desk.memory
    more = memory.storm_grew.get(storm.id, 0) + 1
    memory.storm_grew[storm.id] = more
    if storm.told + more * (SHARE if connection.dialect.name != "sqlite" else 1) < 2 * storm.told:
        return []
    joined = storm.state is State.JOINED
    numbers = [] if joined else members(connection, desk.policy, storm)
    there = store.children(connection, storm.parent) if joined else len(numbers)
    if there < 2 * storm.told:
        memory.storm_grew[storm.id] = there - storm.told
        return []
    memory.storm_grew.pop(storm.id)
    store.change(connection, storm.id, {"told": there, "last": now})
    memory.storms = None
    grown = replace(storm, told=there)
    if not joined:
        return [_asked(connection, desk, grown, numbers, now)]
    lead = directory_lookup.persons(connection, [storm.lead])[storm.lead]
    detail = {"count": there, "grown": True}
    return [Tell(lead, NoticePurpose.STORM_JOINED, storm.parent, detail=detail, cause=f"storm:{storm.id}:{there}")]


def members(connection: Connection, policy: Policy, storm: Storm) -> list[int]:
    """The open incidents that belong to a storm which was proposed."""
    since = storm.last - storms.REMEMBERED
    rows = store.opened_between(connection, storm.first, storm.first + store.NEAR, since)
    alike = [row for row in rows if storms.like(storm, _opened(row, policy))]
    return [row.number for row in alike if row.status != Status.CLOSED]


def _asked(
    connection: Connection, desk: Desk, storm: Storm, numbers: Sequence[int], now: datetime, cause: str = ""
) -> Tell:
    """The letter to the lead, with a question of its own."""
    key = ids.of(connection).take(connection, "confirmation", 1).start
    expires = now + CONFIRM_WITHIN
    row: dict[str, Any] = {"id": key, "person": storm.lead, "mails": [], "changes": [], "proposal": True}
    add(connection, t.confirmation, [row | {"issued": now, "expires": expires, "storm": storm.id}])
    found = incidents.incidents(connection, numbers[: storms.LISTED])
    listed = [found[number] for number in sorted(found)]
    people = directory_lookup.persons(connection, {storm.lead, *(one.contact for one in listed)})
    names = {number: one.name if one.known and one.name else one.address for number, one in people.items()}
    detail = {
        "count": len(numbers),
        "title": storm.title,
        "rows": storms.shown(listed, names, desk.policy),
    }
    cause = cause or f"storm:{storm.id}:{storm.told}"
    return Tell(people[storm.lead], NoticePurpose.STORM, detail=detail, cause=cause, number=key, expires=expires)


def ask_again(connection: Connection, desk: Desk, storm: Storm, cause: str, now: datetime) -> Tell:
    """His yes came too late: the same question once more, with what belongs to it by now."""
    numbers = members(connection, desk.policy, storm)
    return _asked(connection, desk, storm, numbers, now, cause)


# --- effects


def decide(unit: UnitOfWork, entry: PendingDecision, effect: DecideStorm) -> None:
    values: dict[str, Any] = {"state": str(effect.state), "last": unit.now}
    if effect.state is State.JOINED:
        values["parent"] = entry.opened
    unit.storms[effect.storm] = values
    unit.desk.memory.storms = None


def ask_lead(unit: UnitOfWork, entry: PendingDecision, effect: AskLead) -> None:
    storm = store.storms(unit.connection, [effect.storm])[effect.storm]
    unit.tells.append(ask_again(unit.connection, unit.desk, storm, entry.cause, unit.now))
