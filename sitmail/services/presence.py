"""Who is here, for decisions; and the effects of /away, /back and a manager's answer.

What the clock does about absences: `handing_over`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from sitmail.domain import absences as decided
from sitmail.domain import effects as e
from sitmail.domain.absence import Absence, AbsenceState
from sitmail.domain.absence_effects import Away, Back, DecideAbsence
from sitmail.domain.notice_purposes import NoticePurpose
from sitmail.domain.presence import Presence, presence_at
from sitmail.domain.trust import PROVES_FOR
from sitmail.services.desk import Desk, away
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import absences as store
from sitmail.store import incidents, sla_terms
from sitmail.store.prepared import add
from sitmail.store.schema import confirmation

LETTERS = {AbsenceState.ASKED: NoticePurpose.LEAVE_ASKED, AbsenceState.PROPOSED: NoticePurpose.ABSENCE_PROPOSED}


def presence(connection: Connection, desk: Desk, now: datetime) -> Presence:
    return presence_at(now, away(connection, desk), desk.policy)


def begin(unit: UnitOfWork, _entry: PendingDecision, effect: Away) -> None:
    replaced = [one for one in away(unit.connection, unit.desk) if one.id in effect.replaces]
    running = [one for one in replaced if one.covers(unit.now)]
    for one in replaced:
        if one not in running:
            _take_back(unit, one)
        elif one is running[0] or effect.until < one.until:
            store.change(unit.connection, one.id, {"until": effect.until})
    if not running:
        asked_now = unit.now if effect.state is AbsenceState.ASKED and effect.since <= unit.now else None
        new = Absence(0, effect.engineer, effect.since, effect.until, effect.kind, effect.state, handed=asked_now)
        _ask(unit, effect, store.begin(unit.connection, unit.ids, new))
    unit.desk.memory.away = None


def end(unit: UnitOfWork, _entry: PendingDecision, effect: Back) -> None:
    for one in away(unit.connection, unit.desk):
        if one.id not in effect.absences:
            continue
        if one.covers(unit.now):
            store.change(unit.connection, one.id, {"until": unit.now})  # the clock gives everything back
        else:
            _take_back(unit, one)
    unit.desk.memory.away = None


def decide(unit: UnitOfWork, _entry: PendingDecision, effect: DecideAbsence) -> None:
    store.decide(unit.connection, effect.absence, effect.state)
    unit.desk.memory.away = None


def _take_back(unit: UnitOfWork, one: Absence) -> None:
    store.change(unit.connection, one.id, {"until": max(one.since, unit.now), "ended": unit.now})


def _ask(unit: UnitOfWork, effect: Away, number: int) -> None:
    """One letter to each who may grant it, and a question that his yes answers."""
    if not effect.asks:
        return
    numbers = store.open_of(unit.connection, effect.engineer)
    found = incidents.incidents(unit.connection, numbers)
    standing = sla_terms.standing(unit.connection, numbers) if numbers else {}
    lines = decided.lines([found[one] for one in numbers], standing)
    detail = {**effect.detail, "incidents": lines, "count": len(numbers)}
    for reader in effect.asks:
        key = unit.key("confirmation")
        row = {"id": key, "person": reader.id, "mails": [], "changes": [], "proposal": True, "absence": number}
        add(
            unit.connection,
            confirmation,
            [row | {"issued": unit.now, "expires": max(effect.until, unit.now + PROVES_FOR)}],
        )
        purpose, cause = LETTERS[effect.state], f"leave:{number}"
        unit.tells.append(e.Tell(reader, purpose, detail=detail, cause=cause, number=key))


WRITE: Mapping[type, Callable[[UnitOfWork, PendingDecision, Any], None]] = {
    Away: begin,
    Back: end,
    DecideAbsence: decide,
}
