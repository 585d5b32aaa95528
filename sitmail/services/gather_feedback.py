"""What the writer of a mail was asked about the closed incident it answers."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from sitmail.domain.facts import Facts
from sitmail.store import feedback


def with_feedback(connection: Connection, found: list[Facts]) -> list[Facts]:
    """Adds it to the facts about each mail of a batch; nearly all are about what is open."""
    numbers = {facts.number for facts in found if _may_answer(facts)}
    asked = feedback.open_questions(connection, numbers) if numbers else {}
    return (
        [replace(facts, feedback=asked.get(facts.number)) if _may_answer(facts) else facts for facts in found]
        if asked
        else found
    )


def _may_answer(facts: Facts) -> bool:
    return facts.contact is not None and facts.case is not None and not facts.case.incident.open
