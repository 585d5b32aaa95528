"""What decisions about storms need to know: the one that is asked about, those that go on, and their children."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from sitmail.domain.facts import Case, Facts
from sitmail.domain.links import of_kind
from sitmail.domain.storm import CHANNEL, State, Storm, StormAsked, StormFacts
from sitmail.services import storms
from sitmail.services.cases import cases
from sitmail.services.desk import Desk
from sitmail.store import incidents
from sitmail.store import storms as store


def with_storms(connection: Connection, desk: Desk, found: Sequence[Facts], now: datetime) -> list[Facts]:
    """Adds it to the facts about each mail of a batch; for nearly all there is nothing."""
    joinable = _joinable(connection, desk, now)
    return [_with(connection, desk, facts, joinable) for facts in found]


def _with(connection: Connection, desk: Desk, facts: Facts, joinable: tuple[Storm, ...]) -> Facts:
    asked = facts.confirmation
    if asked is not None and asked.storm:
        storm = store.storms(connection, [asked.storm])[asked.storm]
        numbers = storms.members(connection, desk.policy, storm) if storm.state is State.PROPOSED else []
        more = cases(connection, desk, numbers, {})
        return replace(facts, storms=StormFacts(asked=StormAsked(storm, tuple(numbers))), cases={**facts.cases, **more})
    if facts.engineer is not None:
        children = _children(facts.cases)
        return replace(facts, cases={**facts.cases, **cases(connection, desk, children, {})}) if children else facts
    fresh = joinable and not facts.number and not facts.monitor_key
    return replace(facts, storms=StormFacts(joinable)) if fresh else facts


def _children(there: Mapping[int, Case]) -> set[int]:
    """Children of parents of storms that are not at hand."""
    parents = [case for case in there.values() if case.incident.channel == CHANNEL]
    return {n for case in parents for n in of_kind(case.links, case.incident.number, "child")} - there.keys()


def _joinable(connection: Connection, desk: Desk, now: datetime) -> tuple[Storm, ...]:
    """The storms that a lead said yes to, whose parents are open."""
    if not desk.policy.storm_count:
        return ()
    joined = [one for one in storms.current(connection, desk, now) if one.state is State.JOINED]
    if not joined:
        return ()
    parents = incidents.incidents(connection, {one.parent for one in joined})
    return tuple(one for one in joined if one.parent in parents and parents[one.parent].open)


def children_of_storm(facts: Facts, number: int) -> list[int]:
    """The children of an incident that is the parent of a storm, as far as they are at hand."""
    case = facts.cases.get(number)
    if case is None or case.incident.channel != CHANNEL:
        return []
    return [child for child in of_kind(case.links, number, "child") if child in facts.cases]
