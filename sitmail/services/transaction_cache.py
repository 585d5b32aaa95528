"""What a transaction knows without asking the store again: what was gathered for its decisions, and what it wrote.

Letters and clocks look here first and ask the store for the rest; an empty one, as a tick has it, leaves all to the
store.  Of an incident that was opened in this transaction the store has nothing that is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, dataclass, field, fields
from operator import itemgetter
from typing import Any

from sitmail.domain.effects import Withdraw
from sitmail.domain.facts import Case
from sitmail.domain.incident import Incident, Status
from sitmail.domain.people import Person
from sitmail.domain.record import changed
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store.incidents import Participant
from sitmail.store.updates_log import Entered, File

_FIELDS = frozenset(Incident.__dataclass_fields__)
_DEFAULTS = {one.name: one.default for one in fields(Incident) if one.default is not MISSING}
_INCIDENT, _STATUS = itemgetter(*Incident.__dataclass_fields__), [*Incident.__dataclass_fields__].index("status")
_ENTERED = itemgetter(*Entered._fields)


@dataclass(slots=True)
class TransactionCache:
    """By number of the incident where not said otherwise.  `untimed` have no promise in force."""

    opened: AbstractSet[int] = frozenset()
    incidents: dict[int, Incident] = field(default_factory=dict)  # as they are after what was written
    participants: dict[int, list[Participant]] = field(default_factory=dict)
    persons: dict[int, Person] = field(default_factory=dict)  # by id
    entries: dict[tuple[int, int], Entered] = field(default_factory=dict)  # the new ones, by incident and number
    files: dict[int, list[File]] = field(default_factory=dict)  # of the new entries
    ids: dict[tuple[int, int], list[str]] = field(default_factory=dict)  # of those opened, by incident and person
    sites: dict[str, str] = field(default_factory=dict)  # names by id
    untimed: set[int] = field(default_factory=set)


def known(unit: UnitOfWork, entries: Sequence[PendingDecision]) -> TransactionCache:
    """Of a ledger that was written: call it after `flush`."""
    found = TransactionCache(opened=unit.fresh.keys())
    left: set[int] = set()
    for entry in entries:
        _remember(found, unit, entry)
        left.update([effect.incident for effect in entry.decision.effects if type(effect) is Withdraw])
    for number, change in unit.summary.items():
        case = next((entry.facts.cases[number] for entry in entries if number in entry.facts.cases), None)
        if case is not None:
            _changed(found, case, change)
    for number, row in unit.fresh.items():
        found.incidents[number] = _opened(row)
        found.participants[number] = []
    _written(found, unit)
    for number in left:
        found.participants.pop(number, None)
    found.untimed = unit.fresh.keys() - {row["incident"] for row in unit.rows["term"]}
    return found


def _remember(found: TransactionCache, unit: UnitOfWork, entry: PendingDecision) -> None:
    """The persons its rows name, and the site of the incident it opens."""
    found.persons |= entry.people
    row = unit.fresh.get(entry.opened)
    site = entry.facts.sites.get(row["site"]) if row else None
    if site is not None:
        found.sites[site.id] = site.name or site.id


def _changed(found: TransactionCache, case: Case, change: Mapping[str, Any]) -> None:
    """An incident that was there before, with its change and those who were part of it before."""
    number = case.incident.number
    values = {name: value for name, value in change.items() if name in _FIELDS}
    if "status" in values:
        values["status"] = Status(values["status"])
    found.incidents[number] = changed(case.incident, values)
    found.participants[number] = [
        Participant(number, party.person.id, party.role, party.leg, party.level) for party in case.parties
    ]
    found.persons |= {party.person.id: party.person for party in case.parties}
    if case.site is not None:
        found.sites[case.site.id] = case.site.name or case.site.id


def _opened(row: Mapping[str, Any]) -> Incident:
    values = list(_INCIDENT({**_DEFAULTS, **row}))
    values[_STATUS] = Status(values[_STATUS])
    return Incident(*values)


def _written(found: TransactionCache, unit: UnitOfWork) -> None:
    """The rows of the ledger, as the store would give them back."""
    rows = unit.rows
    kinds = {key: kind for (_, kind), key in unit.legs.items()}
    for row in rows["participation"]:
        if row["incident"] in found.participants:
            joined = Participant(row["incident"], row["person"], row["role"], kinds[row["leg"]], row["level"])
            found.participants[row["incident"]].append(joined)
    texts = {row["update"]: row for row in rows["update_text"]}
    new: dict[int, Entered] = {}
    for row in rows["update"]:
        entry = Entered(*_ENTERED({**row, **texts[row["id"]]}))
        new[entry.id] = found.entries[entry.incident, entry.number] = entry
    for row in rows["attachment"]:
        of = new[row["update"]]
        file = File(of.incident, of.number, of.leg, row["name"], row["type"], row["size"], row["sha256"])
        found.files.setdefault(of.incident, []).append(file)
    for row in sorted(unit.known, key=lambda row: row["at"]):
        if row["incident"] in found.opened and row["person"]:
            found.ids.setdefault((row["incident"], row["person"]), []).append(row["message_id"])
