"""The wait for a customer, as entries of the log begin and end it; how long it is stands in `domain/waits`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sitmail.domain import effects as e
from sitmail.domain.incident import Incident, Status
from sitmail.domain.record import changed
from sitmail.domain.waits import wait_of
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork


def with_wait(unit: UnitOfWork, entry: PendingDecision, number: int, log: e.Log) -> Mapping[str, tuple[Any, Any]]:
    """The change that an entry brings, with what it means for the wait."""
    opened = unit.opened.get(number)
    change = wait_of(log, opened or _now(unit, entry, number), unit.desk.policy, unit.now)
    if opened is not None and "follow_up_at" in change:
        at = change["follow_up_at"][1]
        wait = {"follow_up_at": at and datetime.fromisoformat(at), "follow_up_wait": change["follow_up_wait"][1]}
        unit.opened[number] = changed(opened, wait)
    return change


def look_again(unit: UnitOfWork, _entry: PendingDecision, effect: e.LookAgain) -> None:
    unit.summary.setdefault(effect.incident, {})["follow_up_at"] = effect.at


def _now(unit: UnitOfWork, entry: PendingDecision, number: int) -> Incident:
    """An incident that was there before, as this transaction has made it so far."""
    incident, row = entry.facts.cases[number].incident, unit.summary.get(number)
    if not row:
        return incident
    return changed(incident, {**row, "status": Status(row.get("status", incident.status))})
