"""Who watches sites, contacts and contracts: for decisions, for the incidents they hear of, and as `/watch` says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from sitmail.domain.facts import Case, Facts, Party
from sitmail.domain.numbered_commands import Mentions
from sitmail.domain.update import LegKind
from sitmail.domain.watch import SetWatch, Watch, Watches, WatchFacts, WatchKind
from sitmail.domain.watching import watchers
from sitmail.services.desk import Desk
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import watches as store

FRESH = timedelta(seconds=10)  # so old may what is known be: another daemon may have changed it
VERB = "watch"
KINDS = {kind.value: kind for kind in WatchKind}


def current(connection: Connection, desk: Desk, now: datetime) -> Watches:
    """Who watches what, as this daemon knows it."""
    memory = desk.memory
    if memory.watches is None or memory.watches_read is None or not timedelta() <= now - memory.watches_read < FRESH:
        memory.watches, memory.watches_read = store.all_watches(connection), now
    return memory.watches


def with_watchers(connection: Connection, desk: Desk, found: dict[int, Case]) -> dict[int, Case]:
    """Adds those who watch the site, contact or contract of these incidents, and are not part of them."""
    watches = desk.memory.watches
    if watches is None:
        watches = desk.memory.watches = store.all_watches(connection)
    if not watches:
        return found
    return {number: _with(desk, case, watches) for number, case in found.items()}


def _with(desk: Desk, case: Case, watches: Watches) -> Case:
    there = {party.person.id for party in case.parties}
    more = [
        Party(person, "watcher", LegKind.INTERNAL, watches=kind.value)
        for person, kind in watchers(case.incident, watches, desk.policy)
        if person.id not in there
    ]
    return replace(case, parties=(*case.parties, *more)) if more else case


def with_watchable(connection: Connection, facts: Facts, named: Mentions) -> Facts:
    """What the lines of an engineer's mail may mean; for mails that hold `/watch` alone."""
    if facts.engineer is None or VERB not in named.verbs:
        return facts
    mine = tuple(store.of_person(connection, facts.engineer.id))
    numbers = tuple(store.watched_incidents(connection, facts.engineer.key))
    return replace(facts, about_watch=WatchFacts(_named(connection, named.watched), mine, numbers))


def _named(connection: Connection, arguments: Iterable[str]) -> Mapping[tuple[str, str], Watch]:
    found = {}
    for argument in arguments:
        word, _, name = argument.strip().partition(" ")
        kind, words = KINDS.get(word.lower()), name.split()
        name = " ".join(words[:-1] if words and words[-1].lower() == "off" else words).strip("<>\"' ")
        if kind is not None and name and (one := store.named(connection, kind, name)) is not None:
            found[kind.value, name.lower()] = one
    return found


def set_watch(unit: UnitOfWork, _entry: PendingDecision, effect: SetWatch) -> None:
    store.set_watch(unit.connection, effect.person.id, effect.watch, effect.off, unit.now)
    unit.desk.memory.watches = None


APPLIED: dict[type, Callable[[UnitOfWork, PendingDecision, Any], None]] = {SetWatch: set_watch}
