"""Promises of service levels as rows of a transaction: made, and ended where others take their place."""

from __future__ import annotations

from typing import Any

from sitmail.domain import effects as e
from sitmail.services.unit_of_work import PendingDecision, UnitOfWork


def promise(unit: UnitOfWork, entry: PendingDecision, effect: e.Promise) -> None:
    """A term begins, unless a pinned one of its target stays (`UnitOfWork.flush`)."""
    unit.put(
        "term",
        {
            "id": unit.key("term"),
            "incident": effect.incident or entry.opened,
            "target": effect.target,
            "seconds": effect.seconds,
            "calendar": effect.calendar,
            "version": unit.desk.policy.calendar_versions.get(effect.calendar, 0),
            "warn_at": list(effect.warn_at),
            "cycle": effect.cycle,
            "started": effect.started,
            "after": effect.after,
            "pinned": effect.pinned,
            "state": "running",
        },
    )


def retract(unit: UnitOfWork, entry: PendingDecision, effect: e.Retract) -> None:
    """Terms end: those in force, and those that this transaction made before."""
    number = effect.incident or entry.opened
    unit.rows["term"] = [row for row in unit.rows["term"] if not _ends(row, number, effect.target)]
    key = number, effect.target
    unit.retracted[key] = effect.pinned_too or unit.retracted.get(key, False)


def _ends(row: dict[str, Any], number: int, target: str) -> bool:
    """Whether a term is one of those that end: all of an incident, or of one target."""
    return bool(row["incident"] == number) and target in ("", row["target"])
