"""What a transaction need not read again: rows that were gathered for its decisions, and rows that it wrote itself.

Letters and clocks look here first, and read the rest from the store; with an empty cache, as a tick has it, everything.
An incident that was opened in this transaction is complete here: nothing more of it is in the store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from sitmail.domain.effects import Enrol, PutRight, Refer, Withdraw
from sitmail.domain.facts import Case
from sitmail.domain.incident import Incident, Status
from sitmail.domain.people import Person
from sitmail.domain.record import changed
from sitmail.domain.update import LegKind
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store.incidents import Participant
from sitmail.store.updates_log import Entered, File


@dataclass(slots=True)
class TransactionCache:
    """By number of the incident where not said otherwise.  `untimed` are incidents without a promise in force."""

    opened: AbstractSet[int] = frozenset()
    incidents: dict[int, Incident] = field(default_factory=dict)  # as they are once all was written
    participants: dict[int, list[Participant]] = field(default_factory=dict)
    persons: dict[int, Person] = field(default_factory=dict)  # by id
    entries: dict[tuple[int, int], Entered] = field(default_factory=dict)  # the new ones, by incident and number
    files: dict[int, list[File]] = field(default_factory=dict)  # of the new entries
    ids: dict[tuple[int, int], list[str]] = field(default_factory=dict)  # of those opened, by incident and person
    sites: dict[str, str] = field(default_factory=dict)  # names by id
    untimed: set[int] = field(default_factory=set)


def cache_of(unit: UnitOfWork, decisions: Sequence[PendingDecision]) -> TransactionCache:
    """What was gathered for these decisions and written for them.  To be called after `UnitOfWork.flush`."""
    cache = TransactionCache(opened=unit.opened.keys())
    for decision in decisions:
        cache.persons |= decision.people
    for number, change in unit.summary.items():
        case = next((each.facts.cases[number] for each in decisions if number in each.facts.cases), None)
        if case is not None:
            _add_changed(cache, case, change)
    for number, incident in unit.opened.items():
        cache.incidents[number] = incident
        cache.participants[number] = []
        site = next((each.facts.sites[incident.site] for each in decisions if incident.site in each.facts.sites), None)
        if site is not None:
            cache.sites[site.id] = site.name or site.id
    _add_rows(cache, unit)
    for number in _with_leavers(decisions):
        cache.participants.pop(number, None)
    cache.untimed = unit.opened.keys() - {row["incident"] for row in unit.rows["term"]}
    return cache


def _with_leavers(decisions: Sequence[PendingDecision]) -> set[int]:
    """Incidents that somebody was taken off, or a partner brought in: who is there, and by which reference, only the
    store knows."""
    return {
        effect.incident
        for each in decisions
        for effect in each.decision.effects
        if isinstance(effect, Withdraw | PutRight | Refer) or (isinstance(effect, Enrol) and effect.reference)
    }


def _add_changed(cache: TransactionCache, case: Case, change: Mapping[str, Any]) -> None:
    """An incident that was there before, with its change and everybody who was part of it before."""
    number = case.incident.number
    values = {name: value for name, value in change.items() if name in Incident.__dataclass_fields__}
    if "status" in values:
        values["status"] = Status(values["status"])
    if "tags" in values:
        values["tags"] = tuple(values["tags"])
    cache.incidents[number] = changed(case.incident, values)
    cache.participants[number] = [
        Participant(number, one.person.id, one.role, one.leg, one.level, one.leg_id, one.reference)
        for one in case.parties
    ]
    cache.persons = {party.person.id: party.person for party in case.parties} | cache.persons  # as decided since
    if case.site is not None:
        cache.sites[case.site.id] = case.site.name or case.site.id


def _add_rows(cache: TransactionCache, unit: UnitOfWork) -> None:
    """The rows that were written, as the store would give them back."""
    kinds = {key: kind for (_, kind), key in unit.legs.items()}
    kinds |= dict.fromkeys(unit.partner_legs.values(), str(LegKind.VENDOR))
    for row in unit.rows["participation"]:
        if row["incident"] in cache.participants:
            leg = row["leg"]
            joined = Participant(row["incident"], row["person"], row["role"], kinds[leg], row["level"], leg, "")
            cache.participants[row["incident"]].append(joined)
    texts = {row["update"]: row for row in unit.rows["update_text"]}
    new: dict[int, Entered] = {}
    for row in unit.rows["update"]:
        both = {**row, **texts[row["id"]]}
        entry = new[row["id"]] = Entered(**{name: both[name] for name in Entered._fields})
        cache.entries[entry.incident, entry.number] = entry
    for row in unit.rows["attachment"]:
        of = new[row["update"]]
        file = File(of.incident, of.number, of.leg, row["name"], row["type"], row["size"], row["sha256"])
        cache.files.setdefault(of.incident, []).append(file)
    for row in sorted(unit.message_ids, key=lambda row: row["at"]):
        if row["incident"] in cache.opened and row["person"]:
            cache.ids.setdefault((row["incident"], row["person"]), []).append(row["message_id"])
