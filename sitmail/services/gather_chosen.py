"""What searches before commands of an engineer find; of a mail that was asked about, what its question listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, text

from sitmail.domain.chosen import NOTHING_FOUND, Chosen, Leaver, as_listed, search_of
from sitmail.domain.incident import Status
from sitmail.domain.incident_search import Search
from sitmail.domain.number_lists import MOST, TOO_MANY
from sitmail.domain.people import Person
from sitmail.domain.sentence import of
from sitmail.services.desk import Desk
from sitmail.services.hints import Hints
from sitmail.services.incident_search import matching
from sitmail.store import incidents
from sitmail.store.schema import LENT, held, incident, participation, person

NUMBERED = frozenset({"cmd", "d", "h"})  # kinds of addresses where a search may stand before a command


def chosen(
    connection: Connection, desk: Desk, hints: Hints, people: Mapping[str, Sequence[Person]], now: datetime
) -> dict[str, Chosen]:
    """By left side; nothing for mails that have none, which is nearly all."""
    searches = hints.arrival.named.searches
    if not searches or hints.route.kind not in NUMBERED:
        return {}
    writers = people.get(hints.arrival.mail.identity, ())
    keys = [one.key for one in writers if one.staff and one.key in desk.policy.engineers]
    if not keys:
        return {}
    release = hints.arrival.release
    kept = _listed(connection, release.held) if release is not None and release.proved else {}
    return {left: _found(connection, desk, left, kept, keys[0], now) for left in searches}


def _listed(connection: Connection, number: int) -> Mapping[str, list[list[Any]]]:
    question = connection.execute(select(held.c.question).where(held.c.id == number)).scalar()
    found: Mapping[str, list[list[Any]]] = (question or {}).get("chosen", {})
    return found


def _found(
    connection: Connection, desk: Desk, left: str, kept: Mapping[str, list[list[Any]]], me: str, now: datetime
) -> Chosen:
    policy = desk.policy
    zone = policy.engineers[me].timezone or policy.timezone
    try:
        search = search_of(left, policy, now, zone, me)
    except ValueError as mistake:
        return Chosen(wrong=of(mistake))
    if left in kept:
        rows = kept[left]
        return _with_leaver(connection, as_listed(rows, incidents.incidents(connection, [n for n, _ in rows])), search)
    numbers = matching(connection, search, MOST)
    if len(numbers) > MOST:
        return Chosen(wrong=TOO_MANY)
    if not numbers:
        return Chosen(wrong=NOTHING_FOUND)
    return _with_leaver(connection, Chosen(tuple(sorted(numbers))), search)


def _with_leaver(connection: Connection, found: Chosen, search: Search) -> Chosen:
    """What the engineer has besides whose incidents these are."""
    owner = search.filters.get("owner", "")
    if not owner:
        return found
    lent = select(incident.c.number).where(incident.c.temporary_owner == owner, text(LENT))
    watched = (
        select(incident.c.number)
        .join(participation, participation.c.incident == incident.c.number)
        .join(person, person.c.id == participation.c.person)
        .where(person.c.kind == "engineer", person.c.key == owner)
        .where(participation.c.role == "watcher", participation.c.until.is_(None))
        .where(incident.c.status != Status.CLOSED.value)
    )
    read = [sorted(connection.execute(query.limit(MOST)).scalars()) for query in (lent, watched)]
    others = [tuple(number for number in numbers if number not in found.numbers) for numbers in read]
    return replace(found, leaver=Leaver(owner, *others))
