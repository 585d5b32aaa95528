"""Writes what became of a question about how the desk did; `apply` calls these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sitmail.domain import feedback_effects as e
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork
from sitmail.store import feedback


def asked(unit: UnitOfWork, _entry: PendingDecision, effect: e.AskedFeedback) -> None:
    if effect.person is None:
        feedback.settled(unit.connection, effect.incident)
        return
    feedback.asked(unit.connection, effect.incident, effect.person.id, effect.owner, effect.scale, unit.now)


def again(unit: UnitOfWork, _entry: PendingDecision, effect: e.FeedbackAgain) -> None:
    feedback.again(unit.connection, effect.incident)


def scored(unit: UnitOfWork, _entry: PendingDecision, effect: e.Scored) -> None:
    feedback.scored(unit.connection, effect.incident, effect.score, unit.now)


def explained(unit: UnitOfWork, _entry: PendingDecision, effect: e.ScaleExplained) -> None:
    feedback.explained(unit.connection, effect.incident)


WRITE: Mapping[type, Callable[[UnitOfWork, PendingDecision, Any], None]] = {
    e.AskedFeedback: asked,
    e.FeedbackAgain: again,
    e.Scored: scored,
    e.ScaleExplained: explained,
}


def wait_for(unit: UnitOfWork) -> None:
    """Incidents that this transaction closed wait for their time.  To be called before `UnitOfWork.flush`."""
    policy, due = unit.desk.policy, dict[int, datetime]()
    if policy.feedback.after is None:
        return
    for number, entry in unit.closed.items():
        calendar = policy.calendar_named(entry.facts.cases[number].incident.calendar)
        due[number] = calendar.add(unit.now, calendar.working(policy.feedback.after))
    if due:
        feedback.wait(unit.connection, due)
