"""Incidents with everybody who takes part, as rules see them: for mails, for ticks, for what came of letters."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from sqlalchemy import Connection

from sitmail.domain.facts import Case, Party
from sitmail.domain.incident import Incident
from sitmail.domain.links import of_kind
from sitmail.domain.people import Person
from sitmail.domain.update import LegKind
from sitmail.services.desk import Desk, sites
from sitmail.services.links import links_of
from sitmail.services.watching import with_watchers
from sitmail.store import directory_lookup, incidents
from sitmail.store.incidents import Participant

NOBODY: Mapping[int, Person] = MappingProxyType({})
_LEGS = {kind.value: kind for kind in LegKind}


def cases(
    connection: Connection, desk: Desk, numbers: Collection[int], met: Mapping[int, Person] = NOBODY
) -> dict[int, Case]:
    """These incidents with their parties and sites; `met` are persons who were read already."""
    found = _with_survivors(connection, numbers)
    if not found:
        return {}
    rows = incidents.participants(connection, found)
    missing = {row.person for row in rows} - met.keys()
    persons = {**met, **directory_lookup.persons(connection, missing)} if missing else met
    found_sites = sites(connection, desk, {one.site for one in found.values() if one.site})
    parties: dict[int, list[Party]] = {}
    for row in rows:
        parties.setdefault(row.incident, []).append(_party(row, persons[row.person]))
    links = links_of(connection, found)
    every = {
        n: Case(one, tuple(parties.get(n, ())), found_sites.get(one.site), links.get(n, ())) for n, one in found.items()
    }
    return with_watchers(connection, desk, every)


def linked_to(
    connection: Connection, desk: Desk, found: Mapping[int, Case], met: Mapping[int, Person] = NOBODY
) -> dict[int, Case]:
    """The incidents at the other ends of the links of these, as far as they are not among them."""
    ends = {link.other_end(number) for number, case in found.items() for link in case.links}
    return cases(connection, desk, ends - found.keys() - {0}, met)


def merged_with(
    connection: Connection, desk: Desk, found: Mapping[int, Case], met: Mapping[int, Person] = NOBODY
) -> dict[int, Case]:
    """The incidents that were merged into these, or into those, as far as they are not among them."""
    more: dict[int, Case] = {}
    wave = dict(found)
    while wave:
        ends = {one for number, case in wave.items() if case.links for one in of_kind(case.links, number, "merged")}
        wave = cases(connection, desk, ends - found.keys() - more.keys(), met)
        more |= wave
    return more


def _with_survivors(connection: Connection, numbers: Collection[int]) -> dict[int, Incident]:
    """These incidents, and those they were merged into, to the end of the chain."""
    found = incidents.incidents(connection, numbers)
    wanted = {one.merged_into for one in found.values() if one.merged_into} - found.keys()
    while wanted:
        more = incidents.incidents(connection, wanted)
        found |= more
        wanted = {one.merged_into for one in more.values() if one.merged_into} - found.keys()
    return found


def _party(row: Participant, person: Person) -> Party:
    return Party(person, row.role, _LEGS[row.leg], row.level, row.reference, row.leg_id)
