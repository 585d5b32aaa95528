"""The history of an incident as letters to staff show it: with that of the incidents which were merged into it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from sitmail.domain.incident import Incident
from sitmail.services.links import with_merged
from sitmail.store import updates_log
from sitmail.store.updates_log import Entered

BRIEF = 10  # updates that a full brief shows


def histories(
    connection: Connection, briefs: Collection[int], shown: Collection[int], incidents: Mapping[int, Incident]
) -> dict[int, list[Entered]]:
    """By incident: what somebody has to know of it, and the whole log of those that were asked for (`shown`)."""
    found = {number: _brief(connection, number, incidents[number]) for number in briefs}
    if shown:
        logs = updates_log.log(connection, shown)
        found |= {number: _with_merged(connection, logs.get(number, []), incidents.get(number)) for number in shown}
    return found


def _brief(connection: Connection, number: int, incident: Incident) -> list[Entered]:
    mine = updates_log.brief(connection, number, BRIEF)
    every = [mine]
    if incident.linked:
        every += [updates_log.brief(connection, one, BRIEF) for one in with_merged(connection, number)[1:]]
    if len(every) == 1:
        return mine
    problem, *others = mine[:1] + _in_order([entry for log in (mine[1:], *every[1:]) for entry in log])
    return [problem, *others[-BRIEF:]]


def _with_merged(connection: Connection, mine: list[Entered], incident: Incident | None) -> list[Entered]:
    if incident is None or not incident.linked:
        return mine
    merged = with_merged(connection, incident.number)[1:]
    logs = updates_log.log(connection, merged) if merged else {}
    return _in_order([*mine, *(entry for log in logs.values() for entry in log)]) if logs else mine


def _in_order(entries: Collection[Entered]) -> list[Entered]:
    return sorted(entries, key=lambda entry: (entry.received, entry.id))
